"""The swinging foot: minimum jerk towards a landing point that may still move, up and down in height."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.transforms import wrap_angle

Array = NDArray[np.float64]

APEX = 0.45
EARLY = 0.03
LATE_SPEED = 0.15


def _blend(s: float) -> tuple[float, float, float]:
    """Quintic 0 -> 1 with its first and second derivative."""
    s = min(max(s, 0.0), 1.0)
    return s**3 * (10 - 15 * s + 6 * s * s), 30 * s * s * (1 - s) ** 2, 60 * s * (1 - s) * (1 - 2 * s)


class Swing:
    """Reference of one swing.

    Args:
        start: (4,) x y z yaw where the sole lifts off, world.
        clearance: Height of the apex over the higher of start and landing, m.
    """

    def __init__(self, start: Array, clearance: float) -> None:
        self.clearance = clearance
        self._z0 = float(start[2])
        self._yaw0 = float(start[3])
        self._state = np.zeros((3, 3))  # position, velocity, acceleration of x, y, yaw relative to the start's yaw
        self._state[0] = (start[0], start[1], 0.0)
        self.height = self._z0
        self.height_rate = 0.0
        self.height_acceleration = 0.0
        self.late = 0.0

    def advance(self, landing: Array, elapsed: float, remaining: float, dt: float) -> None:
        """Move the reference on by ``dt`` s towards ``landing`` (4,) x y z yaw, ``remaining`` s before touchdown."""
        left = remaining - EARLY
        if left > dt:
            target = np.array([landing[0], landing[1], wrap_angle(float(landing[3]) - self._yaw0)])
            p, v, a = self._state
            jerk = 60 * (target - p) / left**3 - 36 * v / left**2 - 9 * a / left
            self._state[0] = p + v * dt + a * dt**2 / 2 + jerk * dt**3 / 6
            self._state[1] = v + a * dt + jerk * dt**2 / 2
            self._state[2] = a + jerk * dt
        else:
            self._state[1:] *= 0.6
        duration = max(elapsed + remaining, 1e-3)
        s = elapsed / duration
        top = max(self._z0, float(landing[2])) + self.clearance
        if remaining <= 0.0:
            self.late += LATE_SPEED * dt
            self.height = float(landing[2]) - self.late
            self.height_rate = -LATE_SPEED
            self.height_acceleration = 0.0
        elif s < APEX:
            b, db, ddb = _blend(s / APEX)
            rise, span = top - self._z0, APEX * duration
            self.height = self._z0 + rise * b
            self.height_rate = rise * db / span
            self.height_acceleration = rise * ddb / span**2
        else:
            b, db, ddb = _blend((s - APEX) / (1 - APEX))
            drop, span = float(landing[2]) - top, (1 - APEX) * duration
            self.height = top + drop * b
            self.height_rate = drop * db / span
            self.height_acceleration = drop * ddb / span**2

    @property
    def position(self) -> Array:
        """(3,) m, world."""
        return np.array([self._state[0, 0], self._state[0, 1], self.height])

    @property
    def velocity(self) -> Array:
        """(3,) m/s, world."""
        return np.array([self._state[1, 0], self._state[1, 1], self.height_rate])

    @property
    def acceleration(self) -> Array:
        """(3,) m/s², world."""
        return np.array([self._state[2, 0], self._state[2, 1], 0.0 * self.height_acceleration])

    @property
    def yaw(self) -> float:
        """Heading, rad, world."""
        return wrap_angle(self._yaw0 + float(self._state[0, 2]))

    @property
    def yaw_rate(self) -> float:
        """rad/s."""
        return float(self._state[1, 2])
