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
from sim.control.body import Body, cross
from sim.robot import SIDES
from sim.transforms import Pose2, wrap_angle

Array = NDArray[np.float64]

#: Joints of legs and waist keep this far from the ends of their ranges, rad.
LEG_RESERVE = 0.08
#: Knees stay bent by at least this, rad.
STRAIGHTEST = 0.30
#: The pelvis leans at most so far ahead and back, rad: more is left to the waist.
MOST_LEAN, LEAST_LEAN = 0.50, -0.12
ELBOW_OUT = 0.11
#: A palm this far from where it should be does not reach, m.
REACHED = 0.008
ROUNDS = 120
#: Largest step of one round: m or rad.
STRIDE = 0.15


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
        self.wish = self.usual = wish or Preference()
        #: For hands that only wait: where they are matters, how they are turned little.
        self.loose = replace(self.usual, normal=0.4, fingers=0.1, elbow=0.15, arms=0.12)
        self._elbows = elbows
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
        self._moving = np.concatenate([body.driven, *body.arms]).astype(np.intp)
        self._columns = np.concatenate([np.arange(body.base_v, body.base_v + 6), body.dofs[self._moving]])
        self._arms = np.concatenate([*body.arms, []]).astype(np.intp)
        self._jac = np.zeros((6, m.nv))

    def solve(
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
    ) -> Posture:
        """The posture that reaches ``goals`` best.

        Args:
            feet: Where the soles stand. goals: By arm number; empty finds the plain stance.
            height: Wanted height of the base over the soles, m, softly.
            comfort: (n,) joints that the arms would like; home if None.
            load: Mass kg between the palms that the model does not hold yet.
            start: Where to begin; the home posture over the feet if None.
            upright: Keep the trunk upright and unturned, and its height, firmly.
            loosely: The hands need not be turned quite so. rounds: At most so many.
        """
        body, m, d = self.body, self.body.model, self._data
        self.wish = self.loose if loosely else self.usual
        qpos = self._begin(feet, start)
        liked = body.home if comfort is None else comfort
        low, high = self._lower[self._moving], self._upper[self._moving]
        adr = body.qadr[self._moving]
        off, balance, lean, now = np.zeros(len(goals)), np.zeros(2), 0.0, height
        for count in range(rounds):
            d.qpos[:] = qpos
            mujoco.mj_kinematics(m, d)
            mujoco.mj_comPos(m, d)
            rows, wanted, off, balance, lean, now = self._rows(feet, goals, height, liked, load, upright)
            step = self._step(rows, wanted, qpos[adr], low, high)
            if count > 20 and float(np.abs(step).max()) < 5e-4:
                break
            dq = np.zeros(m.nv)
            dq[self._columns] = step
            mujoco.mj_integratePos(m, qpos, dq, 1.0)
            qpos[adr] = np.clip(qpos[adr], low, high)
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

    def _rows(
        self,
        feet: Feet,
        goals: dict[int, PalmGoal],
        height: float,
        liked: Array,
        load: float,
        upright: bool,
    ) -> tuple[Array, Array, Array, Array, float, float]:
        """Weighted rows (r, c) and errors (r,) of one round; palm distances, balance error, lean and height now."""
        body, m, d, w = self.body, self.body.model, self._data, self.wish
        jac, columns = self._jac, self._columns
        rows: list[Array] = []
        wanted: list[Array] = []

        def add(weight: float, jacobian: Array, error: Array) -> None:
            rows.append(weight * jacobian[:, columns])
            wanted.append(weight * error)

        for i, site in enumerate(body.soles):
            mujoco.mj_jacSite(m, d, jac[:3], jac[3:], site)
            r = d.site_xmat[site].reshape(3, 3)
            turn = np.array([r[1, 2], -r[0, 2], wrap_angle(float(feet.yaw[i]) - float(np.arctan2(r[1, 0], r[0, 0])))])
            add(w.sole, jac, np.concatenate([feet.position[i] - d.site_xpos[site], turn]))
        trunk = d.xmat[body.base_body].reshape(3, 3)
        off = np.zeros(len(goals))
        palms = np.zeros(3)
        palms_jac = np.zeros((3, m.nv))
        for k, (arm, goal) in enumerate(goals.items()):
            site = body.hands[arm]
            mujoco.mj_jacSite(m, d, jac[:3], jac[3:], site)
            position, r = d.site_xpos[site], d.site_xmat[site].reshape(3, 3)
            away = goal.position - position
            off[k] = float(np.linalg.norm(away))
            add(w.palm, jac[:3], away)
            turn = cross(r[:, 2], goal.normal)
            if float(r[:, 2] @ goal.normal) < 0.0:
                turn = turn + r[:, 0]
            add(w.normal, jac[3:], turn - goal.normal * float(goal.normal @ turn))
            spin = float(goal.normal @ cross(r[:, 0], goal.fingers))
            add(w.fingers, goal.normal[None, :] @ jac[3:], np.array([spin]))
            palms += position / len(goals)
            palms_jac += jac[:3] / len(goals)
            elbow = d.xanchor[self._elbows[arm]]
            out = trunk[:, 1] * (1.0 if body.arm_sides[arm] == "left" else -1.0)
            lag = float(out @ (position - elbow)) + ELBOW_OUT
            elbow_jac = np.zeros((3, m.nv))
            mujoco.mj_jac(m, d, elbow_jac, None, elbow, int(m.jnt_bodyid[self._elbows[arm]]))
            add(w.elbow, out[None, :] @ (elbow_jac - jac[:3]), np.array([np.clip(lag, -0.1, 0.1)]))
        mujoco.mj_jacSubtreeCom(m, d, jac[:3], body.base_body)
        com, com_jac = d.subtree_com[body.base_body].copy(), jac[:3].copy()
        if load > 0.0 and goals:
            share = load / (body.mass + load)
            com = (1 - share) * com + share * palms
            com_jac = (1 - share) * com_jac + share * palms_jac
        balance = feet.position[:, :2].mean(axis=0) - com[:2]
        add(w.com, com_jac[:2], balance)
        now = float(com[2] - feet.position[:, 2].mean())
        # The base: turned about its heading not at all, leaning about its left softly and within bounds.
        heading = feet.heading
        ahead, left = np.array([np.cos(heading), np.sin(heading), 0.0]), np.array([-np.sin(heading), np.cos(heading), 0.0])
        mujoco.mj_jacBody(m, d, jac[:3], jac[3:], body.base_body)
        low = float(d.xpos[body.base_body, 2] - feet.position[:, 2].mean())
        add(10.0 if upright else w.height, jac[2:3], np.array([height - low]))
        z = trunk[:, 2]
        lean, roll = float(np.arctan2(z @ ahead, z[2])), float(np.arctan2(-(z @ left), z[2]))
        yaw = wrap_angle(heading - float(np.arctan2(trunk[1, 0], trunk[0, 0])))
        add(w.pelvis_turn, np.vstack([ahead, [0.0, 0.0, 1.0]]) @ jac[3:], np.array([-roll, yaw]))
        over = lean - min(max(lean, LEAST_LEAN), MOST_LEAN)
        stiff = 3.0 if upright else w.lean
        add(stiff, left[None, :] @ jac[3:], np.array([-lean]))
        if over != 0.0:
            add(10.0, left[None, :] @ jac[3:], np.array([-over]))
        for index, weight, goal_q in ((body.waist, 3.0 if upright else w.waist, body.home), (self._arms, w.arms, liked)):
            block = np.zeros((len(index), m.nv))
            block[np.arange(len(index)), body.dofs[index]] = 1.0
            add(weight, block, goal_q[index] - d.qpos[body.qadr[index]])
        return np.vstack(rows), np.concatenate(wanted), off, balance, lean, now

    def _step(self, rows: Array, wanted: Array, q: Array, low: Array, high: Array) -> Array:
        """Damped least squares step (c,); joints that it would carry over their limits go to them, the others again."""
        n = rows.shape[1]
        lhs = rows.T @ rows + 1e-4 * np.eye(n)
        rhs = rows.T @ wanted
        step = np.linalg.solve(lhs, rhs)
        fixed = np.zeros(n, dtype=np.bool_)
        for _ in range(3):
            new = q + step[6:]
            over = np.concatenate([np.zeros(6, dtype=np.bool_), (new < low) | (new > high)]) & ~fixed
            if not over.any():
                break
            fixed |= over
            step = np.zeros(n)
            step[6:][fixed[6:]] = (np.clip(new, low, high) - q)[fixed[6:]]
            free = ~fixed
            step[free] = np.linalg.solve(lhs[np.ix_(free, free)], rhs[free] - lhs[np.ix_(free, fixed)] @ step[fixed])
        peak = float(np.abs(step).max())
        return np.asarray(step * min(1.0, STRIDE / max(peak, 1e-9)))
