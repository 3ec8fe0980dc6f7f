"""Balance feedback on the capture point, and where to step when it strays."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numba
import numpy as np
from numpy.typing import NDArray

from sim.control.pattern import Point
from sim.control.support import nearest_inside

Array = NDArray[np.float64]

#: Largest shift of the centre of pressure by the integral, m.
MOST_INTEGRAL = 0.04


@dataclass(slots=True)
class Stabiliser:
    """Turns the capture point's error into an acceleration of the centre of mass.

    Args:
        height: Height of the centre of mass over the soles that the pendulum's frequency is taken from, m.
        gain: Proportional gain of the centre of pressure.
        integral_gain: 1/s; acts only while the hands work, against the pull of a load that is not as heavy as thought.
    """

    height: float
    gain: float = 3.0
    integral_gain: float = 2.0
    omega: float = 0.0
    _integral: Array = field(default_factory=lambda: np.zeros(2))

    def __post_init__(self) -> None:
        self.omega = math.sqrt(9.81 / self.height)

    def capture_point(self, com: Array, velocity: Array) -> Array:
        """Capture point (2,) m, world, of a centre of mass (3,) moving with ``velocity`` (3,)."""
        return com[:2] + velocity[:2] / self.omega

    def acceleration(
        self,
        com: Array,
        xi: Array,
        xi_ref: Point,
        p_ref: Point,
        polygon: Array,
        lift: float,
        floor: float,
        dt: float,
        integrate: bool,
    ) -> tuple[Array, Array]:
        """Horizontal acceleration (2,) and commanded centre of pressure (2,).

        Args:
            com: (3,) m. xi: (2,) m. polygon: (k, 2) where the centre of pressure may be.
            lift: vertical acceleration that is commanded, m/s². floor: height of the soles, m.
        """
        out: Array = _feedback(
            com, xi, xi_ref, p_ref, polygon, lift, floor, dt, integrate, self.omega, self.gain, self.integral_gain, self._integral
        )
        return out[:2], out[2:]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _feedback(
    com: Array,
    xi: Array,
    xi_ref: Point,
    p_ref: Point,
    polygon: Array,
    lift: float,
    floor: float,
    dt: float,
    integrate: bool,
    omega: float,
    gain: float,
    integral_gain: float,
    integral: Array,
) -> Array:
    """:meth:`Stabiliser.acceleration` compiled: acceleration, then centre of pressure (4,); ``integral`` changes in place."""
    height = com[2] - floor
    scale = omega**2 * height / (9.81 + lift)
    pressure = np.empty(2)
    for i in range(2):
        error = xi[i] - xi_ref[i]
        if integrate:
            integral[i] = min(max(integral[i] + integral_gain * dt * error, -MOST_INTEGRAL), MOST_INTEGRAL)
        else:
            integral[i] *= 1.0 - min(2.0 * dt, 1.0)
        p = p_ref[i] + gain * error + integral[i]
        pressure[i] = com[i] - (com[i] - p) * scale
    x, y = nearest_inside(polygon, pressure[0], pressure[1])
    out = np.empty(4)
    out[2], out[3] = x, y
    for i in range(2):
        out[i] = (com[i] - out[2 + i]) * (9.81 + lift) / height
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def adapt_step(
    xi: Array,
    pressure: Array,
    nominal: Array,
    offset: Array,
    elapsed: float,
    remaining: float,
    shortest: float,
    longest: float,
    omega: float,
) -> tuple[float, float, float]:
    """Landing point and remaining time that keep the capture point where the plan wants it relative to the new foot.

    A weighted compromise over 25 remaining times: landing near the nominal (weight 1), capture point offset kept (20),
    duration near the nominal (0.3). Points (2,) m, world; times s; ``shortest``/``longest`` bound the whole step.

    Returns:
        x, y of the landing, remaining time.
    """
    best = 1e30
    bx, by, bt = nominal[0], nominal[1], remaining
    low = max(shortest - elapsed, 0.02)
    high = max(longest - elapsed, low)
    for i in range(25):
        t = low + (high - low) * i / 24.0
        grow = np.exp(omega * t)
        x = pressure[0] + (xi[0] - pressure[0]) * grow
        y = pressure[1] + (xi[1] - pressure[1]) * grow
        ux = (nominal[0] + 20.0 * (x - offset[0])) / 21.0
        uy = (nominal[1] + 20.0 * (y - offset[1])) / 21.0
        cost = (ux - nominal[0]) ** 2 + (uy - nominal[1]) ** 2
        cost += 20.0 * ((x - ux - offset[0]) ** 2 + (y - uy - offset[1]) ** 2)
        cost += 0.3 * (t - remaining) ** 2
        if cost < best:
            best, bx, by, bt = cost, ux, uy, t
    return bx, by, bt
