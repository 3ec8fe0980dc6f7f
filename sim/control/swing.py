"""The swinging foot: minimum jerk towards a landing point that may still move, up and down in height."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from sim.rotations import wrapped
from sim.transforms import wrap_angle

Array = NDArray[np.float64]

EARLY = 0.03
#: A foot that finds no ground where it should goes on down this fast, m/s: while it searches, the body falls.
LATE_SPEED = 0.4


@dataclass(frozen=True, slots=True)
class Shape:
    """Shares of the swing's time: the foot has risen by ``risen``, sinks from ``sinks`` on, goes along from ``goes`` to ``gone``.

    ``lands``: of its sinking to rest, the share that is done when it meets the ground: below 1 it comes still sinking, and so
    neither late nor early. ``late``: m/s at which it goes on down where there is no ground. ``pushes``: the share of the
    acceleration of its height that is asked for; in quick steps it would only push the body.
    """

    risen: float = 0.45
    sinks: float = 0.45
    goes: float = 0.0
    gone: float = 1.0
    lands: float = 1.0
    late: float = LATE_SPEED
    pushes: float = 0.0


PLAIN = Shape()
#: Onto a step: up before the toe meets the riser; off a step: along before the heel sinks past the edge.
UP = Shape(0.45, 0.65, 0.15, 0.85)
DOWN = Shape(0.20, 0.55, 0.05, 0.65)
#: The same with care, on stairs: slow enough for the height's own acceleration, and for a soft landing when it is due.
CAREFUL_UP = Shape(0.38, 0.68, 0.28, 0.88, late=0.15, pushes=1.0)
CAREFUL_DOWN = Shape(0.20, 0.45, 0.05, 0.55, lands=0.85, late=0.15, pushes=1.0)


def _blend(s: float) -> tuple[float, float, float]:
    """Quintic 0 -> 1 with its first and second derivative."""
    s = min(max(s, 0.0), 1.0)
    return s**3 * (10 - 15 * s + 6 * s * s), 30 * s * s * (1 - s) ** 2, 60 * s * (1 - s) * (1 - 2 * s)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def step_along(state: Array, landing: Array, yaw0: float, left: float, dt: float) -> None:
    """Move ``state`` (3, 3) (position, velocity, acceleration of x, y and yaw from ``yaw0``) on by ``dt`` s, with the least jerk to
    rest at ``landing`` (4,) x y z yaw after ``left`` s."""
    for i in range(3):
        target = landing[i] if i < 2 else wrapped(landing[3] - yaw0)
        p, v, a = state[0, i], state[1, i], state[2, i]
        jerk = 60 * (target - p) / left**3 - 36 * v / left**2 - 9 * a / left
        state[0, i] = p + v * dt + a * dt**2 / 2 + jerk * dt**3 / 6
        state[1, i] = v + a * dt + jerk * dt**2 / 2
        state[2, i] = a + jerk * dt


class Swing:
    """Reference of one swing.

    Args:
        start: (4,) x y z yaw where the sole lifts off, world.
        clearance: Height of the apex over the higher of start and landing, m.
        shape: How going up, along and down share the time.
        depth: How far below the landing the way ends, m: over ground that may lie lower, the foot comes in time all the same.
    """

    def __init__(self, start: Array, clearance: float, shape: Shape = PLAIN, depth: float = 0.0) -> None:
        self.clearance = clearance
        self.depth = depth
        self.shape = shape
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
        shape = self.shape
        duration = max(elapsed + remaining, 1e-3)
        left = remaining - EARLY - (1.0 - shape.gone) * duration
        if elapsed < shape.goes * duration:
            pass
        elif left > dt:
            step_along(self._state, landing, self._yaw0, left, dt)
        else:
            self._state[1:] *= 0.6
        s = elapsed / duration
        bottom = float(landing[2]) - self.depth
        top = max(self._z0, float(landing[2])) + self.clearance
        if remaining <= 0.0:
            self.late += shape.late * dt
            self.height = bottom - self.late
            self.height_rate = -shape.late
            self.height_acceleration = 0.0
        elif s < shape.sinks:
            b, db, ddb = _blend(s / shape.risen)
            rise, span = top - self._z0, shape.risen * duration
            self.height = self._z0 + rise * b
            self.height_rate = rise * db / span
            self.height_acceleration = rise * ddb / span**2
        else:
            whole = _blend(shape.lands)[0]
            b, db, ddb = (v / whole for v in _blend(shape.lands * (s - shape.sinks) / (1 - shape.sinks)))
            drop, span = bottom - top, (1 - shape.sinks) * duration / shape.lands
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
        return np.array([self._state[2, 0], self._state[2, 1], self.shape.pushes * self.height_acceleration])

    @property
    def yaw(self) -> float:
        """Heading, rad, world."""
        return wrap_angle(self._yaw0 + float(self._state[0, 2]))

    @property
    def yaw_rate(self) -> float:
        """rad/s."""
        return float(self._state[1, 2])
