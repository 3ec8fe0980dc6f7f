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
#: Mean speed of a foot for the rest of its swing, m/s: quicker, the leg's own acceleration throws the body over.
SWING_SPEED = 1.7
#: How far beyond the soles the trunk's turning may bring the point that the centre of mass is pushed from, m.
HIP_REACH = 0.05


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
        hip: float = 0.0,
    ) -> tuple[Array, Array, float]:
        """Horizontal acceleration (2,), commanded centre of pressure (2,), and how much the trunk is to help, 0..1.

        Args:
            com: (3,) m. xi: (2,) m. polygon: (k, 2) where the centre of pressure may be.
            lift: vertical acceleration that is commanded, m/s². floor: height of the soles, m.
            hip: share 0..1 of the hip strategy that the trunk's present lean allows.
        """
        out: Array = _feedback(
            com,
            xi,
            xi_ref,
            p_ref,
            polygon,
            lift,
            floor,
            dt,
            integrate,
            self.omega,
            self.gain,
            self.integral_gain,
            self._integral,
            hip * HIP_REACH,
        )
        return out[:2], out[2:4], float(out[4])


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
    hip: float,
) -> Array:
    """:meth:`Stabiliser.acceleration` compiled: acceleration, centre of pressure, trunk's share (5,); ``integral`` changes."""
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
    out = np.empty(5)
    out[2], out[3] = x, y
    beyond = np.hypot(pressure[0] - x, pressure[1] - y)
    share = min(hip / beyond, 1.0) if beyond > 1e-9 else 0.0
    out[4] = min(beyond / HIP_REACH, 1.0) if hip > 0.0 else 0.0
    for i in range(2):
        pushed_from = out[2 + i] + share * (pressure[i] - out[2 + i])
        out[i] = (com[i] - pushed_from) * (9.81 + lift) / height
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def error_after(error: float, shift: float, t: float, omega: float, gain: float) -> float:
    """Error of the capture point, m, after ``t`` s of feedback that can shift the centre of pressure by at most ``shift`` m."""
    size = abs(error)
    sign = 1.0 if error > 0.0 else -1.0
    if size * gain > shift:
        if size >= shift:
            return sign * (shift + (size - shift) * math.exp(omega * t))
        # The saturated feedback wins: linear feedback from where it is no longer saturated.
        calm = math.log((shift - shift / gain) / (shift - size)) / omega
        if t <= calm:
            return sign * (shift - (shift - size) * math.exp(omega * t))
        t -= calm
        size = shift / gain
    return sign * size * math.exp(-(gain - 1.0) * omega * t)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def adapt_step(
    xi: Array,
    reference: tuple[float, float],
    pressure: Array,
    shift: Array,
    heading: float,
    foot: Array,
    nominal: Array,
    offset: Array,
    elapsed: float,
    remaining: float,
    shortest: float,
    longest: float,
    omega: float,
    gain: float,
) -> tuple[float, float, float]:
    """Landing point and remaining time that keep the capture point where the plan wants it relative to the new foot.

    A weighted compromise over 25 remaining times: landing near the nominal (weight 1), capture point offset kept (20),
    duration near the nominal (0.3). Points (2,) m, world; times s; ``shortest``/``longest`` bound the whole step.

    Args:
        reference: where the capture point should be now. pressure: the planned centre of pressure.
        shift: (2,) how far the feedback can move the centre of pressure, along and across the stance foot's ``heading``, m.
        foot: (2,) where the swinging foot is now; it is given time to get there.

    Returns:
        x, y of the landing, remaining time.
    """
    best = 1e30
    bx, by, bt = nominal[0], nominal[1], remaining
    low = max(shortest - elapsed, 0.02)
    high = max(longest - elapsed, low)
    c, s = np.cos(heading), np.sin(heading)
    ex, ey = xi[0] - reference[0], xi[1] - reference[1]
    along, across = c * ex + s * ey, -s * ex + c * ey
    for i in range(25):
        t = low + (high - low) * i / 24.0
        grow = np.exp(omega * t)
        a = error_after(along, shift[0], t, omega, gain)
        b = error_after(across, shift[1], t, omega, gain)
        x = pressure[0] + (reference[0] - pressure[0]) * grow + c * a - s * b
        y = pressure[1] + (reference[1] - pressure[1]) * grow + s * a + c * b
        ux = (nominal[0] + 20.0 * (x - offset[0])) / 21.0
        uy = (nominal[1] + 20.0 * (y - offset[1])) / 21.0
        cost = (ux - nominal[0]) ** 2 + (uy - nominal[1]) ** 2
        cost += 20.0 * ((x - ux - offset[0]) ** 2 + (y - uy - offset[1]) ** 2)
        cost += 0.3 * (t - remaining) ** 2
        hurry = np.hypot(ux - foot[0], uy - foot[1]) / SWING_SPEED - t
        if hurry > 0.0:
            cost += 20.0 * hurry**2
        if cost < best:
            best, bx, by, bt = cost, ux, uy, t
    return bx, by, bt
