"""Where the arms, neck and fingers go: smooth joint references, inverse kinematics of the palms, swing in walking.

The references feed the joint drives (stiffness of the profile) and, as prescribed accelerations, the whole-body controller.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.control.body import Body, chain
from sim.control.palm_kinematics import aim, follow, hold, palm_rate, place, track

Array = NDArray[np.float64]

#: References of the arms keep this far from the ends of the joints' ranges, rad: the drives follow with some error.
RANGE_RESERVE = 0.06
#: The head needs no new aim every tick.
GAZE_TICKS = 8


@dataclass(slots=True)
class PalmGoal:
    """Where a palm shall be: middle (3,) m, outward normal (3,) and finger direction (3,), unit, world."""

    position: Array
    normal: Array
    fingers: Array


class Arms:
    """Joint references of everything the whole-body controller does not choose. ``dt``: control period, s."""

    def __init__(self, body: Body, dt: float) -> None:
        self.body = body
        self.dt = dt
        self.q = body.home.copy()
        self.qd = np.zeros_like(self.q)
        self.qdd = np.zeros_like(self.q)
        self.torque = np.zeros_like(self.q)
        profile = body.robot.profile
        self._limit = 0.5 * np.array([profile.velocity_limits.get(n, 4.0) for n in body.robot.joint_names])
        self._data = mujoco.MjData(body.model)
        self._qpos = self._data.qpos
        nv = body.model.nv
        self._jac = np.zeros((6, nv))
        self._comfort = self.q.copy()
        self._both = np.concatenate(body.arms) if body.arms else np.zeros(0, dtype=np.intp)
        self._gaze = self.q[body.head].copy()
        self._gaze_wait = 0
        moving = chain(body.model, int(body.model.cam_bodyid[body.camera])) if body.camera >= 0 else []
        #: dofs of the head's joints, -1 of one that does not move the camera
        self._head_dofs = np.array([d if d in moving else -1 for d in body.dofs[body.head].tolist()], dtype=np.intp)
        self._gaze_off = np.pi
        self._swing = self._swing_direction()
        #: joint id of the elbow of each arm
        self.elbows = self._find_elbows()
        self._columns = [body.dofs[index] for index in body.arms]
        #: how many joints of each arm move its elbow
        self._bends = [
            1 + [int(j) for j in body.model.dof_jntid[columns]].index(elbow)
            for columns, elbow in zip(self._columns, self.elbows, strict=True)
        ]
        self._sides = [1.0 if side == "left" else -1.0 for side in body.arm_sides]

    # --- references ----------------------------------------------------------------------------------------------------

    def track(self, index: NDArray[np.intp], target: Array, rate: float = 8.0, speed: float = 2.0) -> None:
        """Move joints ``index`` towards ``target`` (k,), critically damped with ``rate`` 1/s, at most ``speed`` rad/s."""
        b = self.body
        track(self.q, self.qd, self.qdd, index, target, b.lower, b.upper, self._limit, rate, speed, self.dt)

    def hold(self, index: NDArray[np.intp]) -> None:
        """Come to rest where the reference is."""
        hold(self.q, self.qd, self.qdd, index, self.dt)

    def anchor(self, index: NDArray[np.intp], q: Array) -> None:
        """Set the reference of joints at rest to ``q`` (k,): what is measured becomes what is wanted."""
        self.q[index] = q
        self.qd[index] = 0.0
        self.qdd[index] = 0.0

    def along(self, index: NDArray[np.intp], q: Array, qd: Array, qdd: Array) -> None:
        """Take a moment (k,) of a planned way of joints ``index`` as their references, inside their ranges."""
        b = self.body
        self.q[index] = np.clip(q, b.lower[index] + 0.5 * RANGE_RESERVE, b.upper[index] - 0.5 * RANGE_RESERVE)
        self.qd[index] = qd
        self.qdd[index] = qdd

    def prefer(self, q: Array | None) -> None:
        """The posture (n,) that the arms seek beneath the palms' goals; the home posture if None."""
        self._comfort = self.body.home.copy() if q is None else q.copy()

    @property
    def speed_limit(self) -> Array:
        """(n,) speeds that references keep, rad/s (m/s for slides)."""
        return self._limit

    @property
    def comfort(self) -> Array:
        """(n,) posture that redundant joints seek."""
        return self._comfort

    @property
    def picture(self) -> mujoco.MjData:
        """Kinematics at the reference joints as :meth:`refresh_picture` left it."""
        return self._data

    def refresh_picture(self) -> None:
        """Kinematics at the reference joints, base where it is measured."""
        self._place()

    def elbow_of(self, arm: int) -> tuple[int, Array, Array, Array]:
        """How many joints move an arm's elbow, where in the picture elbow and shoulder are (3,), and the arm's side (3,), world."""
        d, body = self._data, self.body
        shoulder = d.xanchor[body.model.dof_jntid[self._columns[arm][0]]]
        outward = self._sides[arm] * d.xmat[body.base_body].reshape(3, 3)[:, 1]
        return self._bends[arm], d.xanchor[self.elbows[arm]], shoulder, outward

    # --- palms ---------------------------------------------------------------------------------------------------------

    def palm_pose(self, arm: int) -> tuple[Array, Array]:
        """Position (3,) and rotation (3, 3) of a palm at the reference joints, base where it is measured."""
        self._place()
        site = self.body.hands[arm]
        return self._data.site_xpos[site].copy(), self._data.site_xmat[site].reshape(3, 3).copy()

    def _place(self) -> None:
        body, d = self.body, self._data
        place(self._qpos, body.base_q, body.base_pose, body.qadr, body.q, body.prescribed, self.q)
        mujoco.mj_kinematics(body.model, d)
        mujoco.mj_comPos(body.model, d)

    def reach(self, goals: dict[int, PalmGoal], rate: float = 20.0) -> Array:
        """One tick towards palm goals by arm number; returns the distance (k,) m of each palm's reference from its goal."""
        self._place()
        b = self.body
        distances = np.zeros(len(goals))
        for k, (arm, goal) in enumerate(goals.items()):
            distances[k], dq = self._rate(arm, goal, rate)
            index = b.arms[arm]
            follow(self.q, self.qd, self.qdd, index, dq, self._limit, b.lower, b.upper, RANGE_RESERVE, self.dt)
        return distances

    def _rate(self, arm: int, goal: PalmGoal, rate: float) -> tuple[float, Array]:
        """Distance m of a palm from its goal, and the arm's joint rates (k,) towards it."""
        body, d = self.body, self._data
        site, index, trunk = body.hands[arm], body.arms[arm], body.base_body
        found: tuple[float, Array] = palm_rate(
            self.q,
            index,
            self._columns[arm],
            self._bends[arm],
            self._sides[arm],
            self._comfort,
            d.cdof,
            d.subtree_com[trunk],
            d.site_xpos[site],
            d.site_xmat[site],
            d.xanchor[self.elbows[arm]],
            d.xpos[trunk],
            d.xmat[trunk],
            goal.position,
            goal.normal,
            goal.fingers,
            rate,
        )
        return found

    def _find_elbows(self) -> list[int]:
        """The joint of each arm that bends it: the one anchored nearest to half its length."""
        out = []
        m, d = self.body.model, self.body.data
        for arm, index in enumerate(self.body.arms):
            joints = m.dof_jntid[self.body.dofs[index]]
            points = [d.xanchor[j] for j in joints] + [d.site_xpos[self.body.hands[arm]]]
            along = np.concatenate([[0.0], np.cumsum([np.linalg.norm(b - a) for a, b in pairwise(points)])])
            out.append(int(joints[int(np.argmin(np.abs(along[:-1] - 0.45 * along[-1])))]))
        return out

    def solve_reach(self, goals: dict[int, PalmGoal], rounds: int = 150) -> tuple[Array, Array]:
        """Inverse kinematics to rest from the present reference, without moving it.

        Returns:
            joints (n,) that reach as near as possible, and the distances (k,) m that remain.
        """
        keep = self.q.copy()
        distances = np.zeros(len(goals))
        for _ in range(rounds):
            self._place()
            for k, (arm, goal) in enumerate(goals.items()):
                index = self.body.arms[arm]
                distances[k], dq = self._rate(arm, goal, 1.0)
                self.q[index] = self._within(index, self.q[index] + 0.5 * dq)
        found, self.q = self.q, keep
        return found, distances

    def _within(self, index: NDArray[np.intp], q: Array) -> Array:
        return np.minimum(np.maximum(q, self.body.lower[index] + RANGE_RESERVE), self.body.upper[index] - RANGE_RESERVE)

    # --- swing and head ------------------------------------------------------------------------------------------------

    def _swing_direction(self) -> list[tuple[int, float]]:
        """Of the joint of each arm that swings it fore and aft: its place among the arms' joints, and how it answers a left foot
        that goes ahead: the sign that moves a left hand back and a right one forward."""
        out = []
        body = self.body
        for arm, site in enumerate(body.hands):
            mujoco.mj_kinematics(body.model, body.data)
            mujoco.mj_comPos(body.model, body.data)
            mujoco.mj_jacSite(body.model, body.data, self._jac[:3], self._jac[3:], site)
            forward = self._jac[0, body.dofs[body.arms[arm]]]
            best = int(np.argmax(np.abs(forward[:3])))
            place = int(np.flatnonzero(self._both == body.arms[arm][best])[0])
            out.append((place, float(np.sign(forward[best])) * (1.0 if body.arm_sides[arm] == "left" else -1.0)))
        return out

    def relax(self, stride: float, rest: Array, amount: float = 0.9) -> None:
        """Arms free: ``rest`` (n,) posture plus a swing with the opposite foot; ``stride``: left foot ahead of right, m."""
        target = rest[self._both]
        for k, forward in self._swing:
            target[k] -= forward * amount * stride
        self.track(self._both, target, rate=6.0, speed=1.6)

    def look_at(self, point: Array) -> float:
        """Turn the head so that the camera points at ``point`` (3,); returns the angle still off, rad."""
        body = self.body
        if not len(body.head) or body.camera < 0:
            return 0.0
        self._gaze_wait -= 1
        if self._gaze_wait > 0:
            self.track(body.head, self._gaze, rate=6.0, speed=1.5)
            return self._gaze_off
        self._gaze_wait = GAZE_TICKS
        self._place()
        m, d = body.model, self._data
        mujoco.mj_camlight(m, d)
        step, self._gaze_off = aim(d.cam_xpos[body.camera], d.cam_xmat[body.camera], point, d.cdof, self._head_dofs)
        self._gaze = self.q[body.head] + step
        self.track(body.head, self._gaze, rate=6.0, speed=1.5)
        return self._gaze_off
