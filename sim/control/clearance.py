"""How far a planned posture stays from what it must not touch: the robot's shapes against the plan's cell. Geometry alone."""

from __future__ import annotations

from collections.abc import Mapping

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.cell import WorkCell
from sim.control.posture import Posture
from sim.robot import SIDES, RobotModel
from sim.scene import build_scene

Array = NDArray[np.float64]

#: Nearer than this counts, m.
SIGHT = 0.03
#: Parts of the robot may come so near to each other, m.
OWN = 0.0


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
        m.geom_margin[:] = SIGHT / 2

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

    def between(self, first: Posture, second: Posture, gripped: str = "", samples: int = 24) -> float:
        """The smallest on the way from one posture to another, joints and base going evenly."""
        best = SIGHT
        for s in np.linspace(0.0, 1.0, samples + 1)[1:]:
            base = (1 - s) * first.base + s * second.base
            base[3:] /= np.linalg.norm(base[3:])
            best = min(best, self._measure((1 - s) * first.q + s * second.q, base, gripped))
        return best

    def _measure(self, q: Array, base: Array, gripped: str) -> float:
        scene, m, d = self._scene, self._model, self._data
        d.qpos[scene.base_qposadr : scene.base_qposadr + 7] = base
        d.qpos[scene.joint_qposadr] = q
        mujoco.mj_kinematics(m, d)
        mujoco.mj_comPos(m, d)
        mujoco.mj_collision(m, d)
        owner = f"object:{gripped}"
        best = SIGHT
        for k in range(d.ncon):
            a, b = (int(g) for g in d.contact.geom[k])
            distance = float(d.contact.dist[k])
            if self._robot[a] and self._robot[b]:
                best = min(best, distance - OWN if distance < OWN else SIGHT)
                continue
            if not (self._robot[a] or self._robot[b]):
                continue
            mine, other = (a, b) if self._robot[a] else (b, a)
            if self._sole[mine] and self._floor[other]:
                continue
            if self._hand[mine] and gripped and scene.geom_owner[other] == owner:
                continue
            best = min(best, distance)
        return best
