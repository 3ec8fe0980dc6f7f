"""How far a planned posture stays from what it must not touch: the robot's shapes against the plan's cell. Geometry alone."""

from __future__ import annotations

from collections.abc import Mapping

import mujoco
import numba
import numpy as np
from numpy.typing import NDArray

from sim.cell import WorkCell
from sim.control.posture import Posture
from sim.control.thinking import Thought
from sim.robot import SIDES, RobotModel
from sim.scene import build_scene

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Nearer than this counts, m.
SIGHT = 0.03
#: Parts of the robot may come so near to each other, m.
OWN = 0.0
#: What the robot's shapes may collide with and everything else answers to: a bit that no model uses.
ROBOT_BIT = 1 << 20
#: So many postures are measured in one control period: a millisecond.
SLICE = 24


class Clearance:
    """The robot's and the cell's shapes, for asking and not for simulating."""

    def __init__(self, robot: RobotModel, cell: WorkCell | None) -> None:
        self._scene = scene = build_scene(cell, robot)
        self._model = m = scene.model
        self._data = scene.initial_data()
        profile = robot.profile
        hands = {int(m.site_bodyid[m.site(a.hand_site).id]) for a in profile.arms.values()}
        soles = {int(m.site_bodyid[m.site(profile.legs[s].sole_site).id]) for s in SIDES}
        self._robot = scene.is_robot_geom
        self._hand = np.array([self._below(int(b), hands) for b in m.geom_bodyid])
        self._sole = np.array([int(b) in soles for b in m.geom_bodyid])
        self._floor = np.zeros(m.ngeom, dtype=np.bool_)
        self._floor[scene.floor_geoms] = True
        owners = sorted({o for o in scene.geom_owner if o.startswith("object:")})
        self._number = {owner: i for i, owner in enumerate(owners)}
        self._piece = np.array([self._number.get(owner, -1) for owner in scene.geom_owner])
        m.geom_margin[:] = SIGHT / 2
        # What stands in the cell is not asked for its distance from what else stands there.
        still = ~self._robot
        touched = (m.geom_contype[still] != 0) | (m.geom_conaffinity[still] != 0)
        m.geom_contype[still] = 0
        m.geom_conaffinity[still] = np.where(touched, ROBOT_BIT, 0)
        m.geom_contype[self._robot & (m.geom_contype + m.geom_conaffinity > 0)] |= ROBOT_BIT
        self._qpos = self._data.qpos

    def _below(self, body: int, roots: set[int]) -> bool:
        while body > 0:
            if body in roots:
                return True
            body = int(self._model.body_parentid[body])
        return False

    def put(self, objects: Mapping[str, tuple[Array, float]]) -> None:
        """Place workpieces where they were seen: position (3,) m and heading rad, world."""
        for name, (position, yaw) in objects.items():
            address = int(self._model.joint(f"object/{name}").qposadr[0])
            self._data.qpos[address : address + 3] = position
            self._data.qpos[address + 3 : address + 7] = (np.cos(yaw / 2), 0.0, 0.0, np.sin(yaw / 2))

    def of(self, posture: Posture, gripped: str = "") -> float:
        """Smallest distance m, negative where they overlap, at most ``SIGHT``, of the robot from all but the floor under its soles.

        ``gripped``: a workpiece that the hands may touch.
        """
        return self._measure(posture.q, posture.base, gripped)

    def between(self, first: Posture, second: Posture, gripped: str = "", samples: int = 24) -> Thought[float]:
        """Think of the smallest on the way from one posture to another, joints and base going evenly."""
        best = SIGHT
        for k, s in enumerate(np.linspace(0.0, 1.0, samples + 1)[1:]):
            if k % SLICE == 0:
                yield
            base = (1 - s) * first.base + s * second.base
            best = min(best, self._measure((1 - s) * first.q + s * second.q, base, gripped))
        return best

    def _measure(self, q: Array, base: Array, gripped: str) -> float:
        scene, m, d = self._scene, self._model, self._data
        self._qpos[scene.base_qposadr : scene.base_qposadr + 7] = base
        self._qpos[scene.joint_qposadr] = q
        mujoco.mj_kinematics(m, d)
        mujoco.mj_collision(m, d)
        if not d.ncon:
            return SIGHT
        contact, number = d.contact, self._number.get(f"object:{gripped}", -1)
        distance: float = nearest(
            contact.geom, contact.dist, self._robot, self._hand, self._sole, self._floor, self._piece, number
        )
        return distance


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def nearest(
    pairs: NDArray[np.int32],
    distances: Array,
    robot: Bools,
    hand: Bools,
    sole: Bools,
    floor: Bools,
    piece: NDArray[np.int64],
    gripped: int,
) -> float:
    """Smallest of the distances (k,) m of pairs (k, 2) of geoms that concern the robot, at most ``SIGHT``.

    Args:
        robot, hand, sole, floor: of each geom. piece: number of the workpiece it belongs to, or -1.
        gripped: number of the one that hands may touch, or -1.
    """
    best = SIGHT
    for k in range(pairs.shape[0]):
        a, b = pairs[k, 0], pairs[k, 1]
        if robot[a] and robot[b]:
            best = min(best, distances[k] - OWN if distances[k] < OWN else SIGHT)
            continue
        if not (robot[a] or robot[b]):
            continue
        if robot[b]:
            a, b = b, a
        if (sole[a] and floor[b]) or (hand[a] and gripped >= 0 and piece[b] == gripped):
            continue
        best = min(best, distances[k])
    return best
