"""A person detector on the robot's trunk: what it is declared to see of the walkers of a scene."""

from __future__ import annotations

import math
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.scene import Scene
from sim.transforms import matrix_from_quaternion

Array = NDArray[np.float64]

#: A person is looked for at this height over the floor, from this high over the base's origin, m.
AIM, DETECTOR_UP = 1.0, 0.25
DECLARED = (
    "where people stand, relative to the trunk, from a person detector: truth plus declared noise and latency, in field, range "
    "and line of sight only"
)


@dataclass(frozen=True, slots=True, eq=False)
class PersonView:
    """A person as the detector sees it: who (it keeps them apart), when (s), position (3,) m on the floor, base frame."""

    person_id: str
    time: float
    position: Array


@dataclass(frozen=True, slots=True, eq=False)
class PersonSighting:
    """Where a person stood: when (s), x and y on the floor (2,) m, world."""

    person_id: str
    time: float
    position: Array


class PersonDetector:
    """Sees a scene's walkers as a lidar or camera on the trunk would.

    Args:
        position: Standard deviation, m. period, latency: s. reach: m. field: rad to either side of straight ahead.
    """

    def __init__(
        self, scene: Scene, seed: int, position: float, period: float, latency: float, reach: float, field: float
    ) -> None:
        self.scene = scene
        self._position, self._period, self._latency = position, period, latency
        self._reach, self._field = reach, field
        self._chance = np.random.default_rng([seed, 0xB0D])
        walkers = scene.cell.walkers if scene.cell is not None else ()
        self._walkers = [(w.id, int(scene.model.body(f"walker/{w.id}").id)) for w in walkers]
        self._next = 0.0
        self._pending: list[tuple[float, PersonView, PersonSighting]] = []
        #: The newest sightings as they truly were plus noise, for runs on truth.
        self.seen: dict[str, PersonSighting] = {}

    def read(self, data: mujoco.MjData) -> tuple[PersonView, ...]:
        """Sightings that arrive now."""
        if not self._walkers:
            return ()
        now = float(data.time)
        if now + 1e-9 >= self._next:
            self._next = now + self._period
            for name, body in self._walkers:
                draws = self._chance.standard_normal(2)
                if self._visible(data, body):
                    self._note(data, name, data.xpos[body, :2] + self._position * draws, now)
        arrived = []
        while self._pending and self._pending[0][0] <= now + 1e-9:
            _, view, sighting = self._pending.pop(0)
            self.seen[sighting.person_id] = sighting
            arrived.append(view)
        return tuple(arrived)

    def _note(self, data: mujoco.MjData, name: str, place: Array, now: float) -> None:
        at = self.scene.base_qposadr
        turn = matrix_from_quaternion(data.qpos[at + 3 : at + 7])
        offset = turn.T @ (np.array([place[0], place[1], 0.0]) - data.qpos[at : at + 3])
        self._pending.append((now + self._latency, PersonView(name, now, offset), PersonSighting(name, now, place)))

    def _visible(self, data: mujoco.MjData, body: int) -> bool:
        at = self.scene.base_qposadr
        turn = matrix_from_quaternion(data.qpos[at + 3 : at + 7])
        eye = data.qpos[at : at + 3] + DETECTOR_UP * turn[:, 2]
        toward = np.array([data.xpos[body, 0], data.xpos[body, 1], AIM]) - eye
        distance = float(np.linalg.norm(toward))
        if distance > self._reach:
            return False
        ahead = turn.T @ toward
        if abs(math.atan2(float(ahead[1]), float(ahead[0]))) > self._field:
            return False
        # The robot's own arms are masked out of its sight: what the ray meets first besides them decides.
        model, geom, start = self.scene.model, np.zeros(1, dtype=np.int32), eye
        for _ in range(6):
            met = mujoco.mj_ray(model, data, start, toward, None, 1, -1, geom, None)
            hit = int(geom[0])
            if met < 0.0 or hit < 0 or int(model.geom_bodyid[hit]) == body:
                return True
            if not self.scene.is_robot_geom[hit]:
                return False
            start = start + (met + 1e-3 / distance) * toward
        return True
