"""Postures of the whole body that bring the palms somewhere: squat, lean and waist turn, with the load's weight over the feet.

Kinematics alone, on the nominal model: damped least squares over base, legs, waist and arms at once. The feet stay; palms and
centre of mass are wanted firmly, an upright, unturned trunk and comfortable arms softly, so that a low reach is shared between
knees, hips and waist as the weights say. Joints that come to their limits stay there and the others make up for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.control.arms import RANGE_RESERVE, PalmGoal
from sim.control.body import Body, chains_of
from sim.control.posture_step import Frame, Wishes, improve
from sim.control.thinking import Thought, at_once
from sim.robot import SIDES
from sim.transforms import Pose2, wrap_angle

Array = NDArray[np.float64]

#: Joints of legs and waist keep this far from the ends of their ranges, rad.
LEG_RESERVE = 0.08
#: Knees stay bent by at least this, rad.
STRAIGHTEST = 0.30
#: A palm this far from where it should be does not reach, m.
REACHED = 0.008
ROUNDS = 120
#: So many rounds are thought through in one control period: a millisecond.
SLICE = 16


@dataclass(frozen=True, slots=True)
class Preference:
    """Weights (of rows in m and rad) that choose among the postures that reach."""

    sole: float = 20.0
    palm: float = 20.0
    normal: float = 3.0
    fingers: float = 0.6
    com: float = 20.0
    pelvis_turn: float = 2.0
    lean: float = 0.33
    waist: float = 0.25
    height: float = 1.1
    arms: float = 0.06
    elbow: float = 1.0


@dataclass(frozen=True, slots=True)
class Posture:
    """A posture over standing feet.

    Args:
        q: (n,) joints. base: (7,) pose of the base, world.
        height: of the centre of mass with the load over the soles, m. lean: of the base about its own left, rad.
        off: (k,) distance m of each palm from its goal. balance: (2,) m from the wanted centre of mass.
        room: of the arms' joint nearest to the end of its usable range, rad.
    """

    q: Array
    base: Array
    height: float
    lean: float
    off: Array
    balance: Array = field(default_factory=lambda: np.zeros(2))
    room: float = 0.0

    @property
    def reaches(self) -> bool:
        """Both palms get there with the weight over the feet."""
        return bool(self.off.max(initial=0.0) < REACHED and np.abs(self.balance).max() < REACHED)


@dataclass(frozen=True, slots=True)
class Feet:
    """Standing feet: sole positions (2, 3) m and headings (2,) rad, world."""

    position: Array
    yaw: Array

    @property
    def middle(self) -> Pose2:
        """Between them."""
        p = self.position.mean(axis=0)
        return Pose2(float(p[0]), float(p[1]), self.heading)

    @property
    def heading(self) -> float:
        """Between their headings, rad."""
        return float(self.yaw[0]) + wrap_angle(float(self.yaw[1] - self.yaw[0])) / 2


class PosturePlanner:
    """Finds postures of one robot. It reads ``body``'s model and never changes it.

    Args:
        body: The nominal robot, with the load that it holds. elbows: joint id of each arm's elbow.
    """

    def __init__(self, body: Body, elbows: list[int], wish: Preference | None = None) -> None:
        self.body = body
        self.usual = wish or Preference()
        #: For hands that only wait: where they are matters, how they are turned little.
        self.loose = replace(self.usual, normal=0.4, fingers=0.1, elbow=0.15, arms=0.12)
        m = body.model
        self._data = mujoco.MjData(m)
        self._lower, self._upper = body.lower.copy(), body.upper.copy()
        for index, reserve in ((body.driven, LEG_RESERVE), (np.concatenate([*body.arms, []]).astype(np.intp), RANGE_RESERVE)):
            self._lower[index] += reserve
            self._upper[index] -= reserve
        # A straight knee can neither rise further nor catch a push.
        for side in range(2):
            knee = body.robot.index(body.robot.profile.legs[SIDES[side]].knee)
            bent = STRAIGHTEST if body.home[knee] > 0.0 else -STRAIGHTEST
            limit = self._lower if bent > 0.0 else self._upper
            limit[knee] = max(limit[knee], bent) if bent > 0.0 else min(limit[knee], bent)
        self._arms = np.concatenate([*body.arms, []]).astype(np.intp)
        self._frame = self._fixed(elbows)
        d = self._data
        #: what :func:`improve` reads, views into the data
        self._seen = (d.cdof, d.subtree_com, d.xpos, d.xmat, d.xanchor, d.site_xpos, d.site_xmat)

    def _fixed(self, elbows: list[int]) -> Frame:
        """What no round changes."""
        body, m = self.body, self.body.model
        moving = np.concatenate([body.driven, *body.arms]).astype(np.intp)
        column_of = np.full(m.nv, -1, dtype=np.intp)
        column_of[body.base_v : body.base_v + 6] = np.arange(6)
        column_of[body.dofs[moving]] = 6 + np.arange(len(moving))
        sites = [*body.soles, *body.hands]
        moved = [*(int(m.site_bodyid[s]) for s in sites), *(int(m.jnt_bodyid[e]) for e in elbows), body.base_body]
        chains, lengths = chains_of(m, moved)
        return Frame(
            column_of=column_of,
            dof_body=m.dof_bodyid.astype(np.intp),
            sites=np.array(sites, dtype=np.intp),
            elbows=np.array(elbows, dtype=np.intp),
            chains=chains,
            lengths=lengths,
            sides=np.array([1.0 if side == "left" else -1.0 for side in body.arm_sides]),
            qadr=body.qadr[moving],
            low=self._lower[moving],
            high=self._upper[moving],
            waist=column_of[body.dofs[body.waist]],
            arms=column_of[body.dofs[self._arms]],
            base=body.base_body,
        )

    def solve(
        self,
        feet: Feet,
        goals: dict[int, PalmGoal],
        *,
        height: float,
        load: float = 0.0,
        upright: bool = False,
        loosely: bool = False,
    ) -> Posture:
        """As :meth:`solving`, at once."""
        return at_once(self.solving(feet, goals, height=height, load=load, upright=upright, loosely=loosely))

    def solving(
        self,
        feet: Feet,
        goals: dict[int, PalmGoal],
        *,
        height: float,
        comfort: Array | None = None,
        load: float = 0.0,
        start: Posture | None = None,
        upright: bool = False,
        loosely: bool = False,
        rounds: int = ROUNDS,
    ) -> Thought[Posture]:
        """Think of the posture that reaches ``goals`` best.

        Args:
            feet: Where the soles stand. goals: By arm number; empty finds the plain stance.
            height: Wanted height of the base over the soles, m, softly.
            comfort: (n,) joints that the arms would like; home if None.
            load: Mass kg between the palms that the model does not hold yet.
            start: Where to begin; the home posture over the feet if None.
            upright: Keep the trunk upright and unturned, and its height, firmly.
            loosely: The hands need not be turned quite so. rounds: At most so many.
        """
        body, m, d, frame = self.body, self.body.model, self._data, self._frame
        qpos = self._begin(feet, start)
        wish = self._wishes(feet, goals, height, body.home if comfort is None else comfort, load, upright, loosely)
        mass, adr = m.body_subtreemass, frame.qadr
        off, balance, lean, now = np.zeros(len(goals)), np.zeros(2), 0.0, height
        dq = np.zeros(m.nv)
        columns = np.flatnonzero(frame.column_of >= 0)
        places = frame.column_of[columns]
        for count in range(rounds):
            if count and count % SLICE == 0:
                yield
            d.qpos[:] = qpos
            mujoco.mj_kinematics(m, d)
            mujoco.mj_comPos(m, d)
            step, off, balance, lean, now = improve(frame, wish, mass, d.qpos, *self._seen)
            if count > 20 and float(np.abs(step).max()) < 5e-4:
                break
            dq[columns] = step[places]
            mujoco.mj_integratePos(m, qpos, dq, 1.0)
            qpos[adr] = np.clip(qpos[adr], frame.low, frame.high)
        base = qpos[body.base_q : body.base_q + 7].copy()
        q = qpos[body.qadr].copy()
        arms = self._arms
        room = float(np.minimum(q[arms] - self._lower[arms], self._upper[arms] - q[arms]).min(initial=1.0))
        return Posture(q, base, now, lean, off, balance, room)

    def palm(self, posture: Posture, arm: int) -> tuple[Array, Array]:
        """Position (3,) and rotation (3, 3) of a palm in a posture, world."""
        body, d = self.body, self._data
        d.qpos[body.base_q : body.base_q + 7] = posture.base
        d.qpos[body.qadr] = posture.q
        mujoco.mj_kinematics(body.model, d)
        site = body.hands[arm]
        return d.site_xpos[site].copy(), d.site_xmat[site].reshape(3, 3).copy()

    def anchor(self, posture: Posture, joint: int) -> Array:
        """Where a joint (model id) is in a posture, (3,) world."""
        body, d = self.body, self._data
        d.qpos[body.base_q : body.base_q + 7] = posture.base
        d.qpos[body.qadr] = posture.q
        mujoco.mj_kinematics(body.model, d)
        return np.array(d.xanchor[joint])

    def _begin(self, feet: Feet, start: Posture | None) -> Array:
        """Configuration (nq,) to start from."""
        body, m, d = self.body, self.body.model, self._data
        qpos: Array = m.qpos0.copy()
        if start is not None:
            qpos[body.base_q : body.base_q + 7] = start.base
            qpos[body.qadr] = start.q
            return qpos
        half = feet.heading / 2
        qpos[body.base_q : body.base_q + 7] = (0.0, 0.0, 0.0, np.cos(half), 0.0, 0.0, np.sin(half))
        qpos[body.qadr] = body.home
        d.qpos[:] = qpos
        mujoco.mj_kinematics(m, d)
        soles = np.array([d.site_xpos[s] for s in body.soles])
        qpos[body.base_q : body.base_q + 3] = feet.position.mean(axis=0) - soles.mean(axis=0)
        return qpos

    def _wishes(
        self, feet: Feet, goals: dict[int, PalmGoal], height: float, liked: Array, load: float, upright: bool, loosely: bool
    ) -> Wishes:
        """As the compiled round reads them."""
        body, w = self.body, self.loose if loosely else self.usual
        moving = np.concatenate([body.driven, *body.arms]).astype(np.intp)
        return Wishes(
            feet=feet.position,
            yaw=feet.yaw,
            heading=feet.heading,
            hands=np.array(list(goals), dtype=np.intp),
            goals=np.array([(g.position, g.normal, g.fingers) for g in goals.values()]).reshape(-1, 3, 3),
            height=height,
            home=body.home[moving],
            liked=liked[moving],
            load=load / (body.mass + load),
            upright=upright,
            soles=w.sole,
            palm=(w.palm, w.normal, w.fingers, w.elbow),
            balance=w.com,
            base=(w.height, w.pelvis_turn, w.lean),
            waist=w.waist,
            arms=w.arms,
        )
