"""From the odometry frame to the cell: what delayed, noisy position fixes say about where the smooth odometry lies.

The filter of the body never sees a fix, so a correction cannot shake it. The fixes estimate one slow transform, cell from
odometry (a turn about z and a translation), and what the controllers use approaches it at a bounded speed: the goals move
under the robot, its feet do not jump. Latency costs nothing: a fix is compared with the odometry of the moment it was
measured, and the transform is the same then and now but for the drift in between.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from sim.estimation.period import carried
from sim.rotations import wrapped
from sim.transforms import wrap_angle

Array = NDArray[np.float64]

#: Fastest change of the transform that is handed on, m/s and rad/s: below what the balance notices; and its time constant, s.
LIMITS: Array = np.array([0.02, 0.02, 1.0])
#: Innovations of fixes are chi-squared with 4 degrees: 99.9 %.
GATE = 18.5
#: So many fixes in a row beyond the gate are no outliers: the odometry is what is wrong, and its uncertainty is set anew.
OUTLIERS = 10


@dataclass(frozen=True, slots=True)
class Drift:
    """How the odometry strays: variance per metre walked and per second, of position (m²) and of yaw (rad²)."""

    position_per_metre: float = 0.004**2
    height_per_metre: float = 0.005**2
    yaw_per_metre: float = 0.004**2
    position_per_second: float = 0.0005**2
    yaw_per_second: float = 0.0003**2


class CellFromOdometry:
    """The transform as the fixes have it (``estimated``) and as it is handed on (``slow``): (7,) yaw, pivot in the odometry
    frame, pivot in the cell; and the covariance (4, 4) of x, y, z at the pivot and of yaw.

    Args:
        position, yaw: Standard deviations of a fix, m and rad. drift: of the odometry.
    """

    def __init__(self, position: float, yaw: float, drift: Drift | None = None) -> None:
        self.drift = drift or Drift()
        # A noiseless fix still comes from a moment between two ticks.
        self._noise = np.diag([max(position, 1e-4) ** 2] * 3 + [max(yaw, 1e-4) ** 2])
        self.estimated = np.zeros(7)
        self.slow = np.zeros(7)
        self.covariance: Array = self._noise.copy()
        self.started = False
        self.nis = 0.0
        self._last_time = 0.0
        self._outliers = 0

    def fix(self, position: Array, yaw: float, odometry: Array, odometry_yaw: float, time: float) -> None:
        """Take in a fix of the base measured at ``time``, when the odometry had it at ``odometry`` (3,), ``odometry_yaw``.

        The first one is taken as it is.
        """
        e = self.estimated
        if not self.started:
            e[0] = wrap_angle(yaw - odometry_yaw)
            e[1:4], e[4:7] = odometry, position
            self.slow[:] = e
            self.started = True
            self._last_time = time
            return
        d = self.drift
        rates = (
            (d.position_per_metre, d.height_per_metre, d.yaw_per_metre),
            (d.position_per_second, d.position_per_second, d.yaw_per_second),
        )
        passed = max(time - self._last_time, 0.0)
        self._last_time = time
        patience = OUTLIERS - 1 - self._outliers
        self.nis, taken = take_fix(
            e, self.covariance, position, yaw, odometry, odometry_yaw, passed, rates, self._noise, patience
        )
        self._outliers = 0 if taken else self._outliers + 1

    @property
    def yaw(self) -> float:
        """Turn about z of the transform handed on, rad."""
        return float(self.slow[0])

    @property
    def doubted(self) -> bool:
        """Whether the last fixes contradict the odometry."""
        return self._outliers > 2

    def apply(self, point: Array) -> Array:
        """A point (3,) of the odometry frame in the cell, by the transform handed on."""
        return np.asarray(carried(self.slow, point))


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def take_fix(
    e: Array,
    covariance: Array,
    position: Array,
    yaw: float,
    odometry: Array,
    odometry_yaw: float,
    passed: float,
    rates: tuple[tuple[float, float, float], tuple[float, float, float]],
    noise: Array,
    patience: int,
) -> tuple[float, bool]:
    """Let a fix correct the transform ``e`` (7,) and its ``covariance`` (4, 4), in place.

    Args:
        position, yaw: the fix. odometry, odometry_yaw: where the odometry had the base then. passed: s since the last one.
        rates: variances per metre walked and per second, of level, height and yaw. noise: (4, 4) of a fix.
        patience: so many more outliers are let pass; without any the odometry is what is wrong.

    Returns:
        Normalised innovation squared, and whether the fix was taken.
    """
    ax, ay = odometry[0] - e[1], odometry[1] - e[2]
    walked = np.hypot(ax, ay)
    # With the pivot at the robot of that moment a fix measures the transform's numbers themselves.
    e[4:7] = carried(e, odometry)
    e[1:4] = odometry
    c, s = np.cos(e[0]), np.sin(e[0])
    move = np.eye(4)
    move[0, 3], move[1, 3] = -s * ax - c * ay, c * ax - s * ay
    cov = move @ covariance @ move.T
    for i in range(4):
        k = max(i - 1, 0)
        cov[i, i] += rates[0][k] * walked + rates[1][k] * passed
    z = np.empty(4)
    z[:3] = position - e[4:7]
    z[3] = wrapped(yaw - odometry_yaw - e[0])
    inverse = np.linalg.inv(cov + noise)
    nis = (z * (inverse @ z)).sum()
    if nis > GATE:
        if patience > 0:
            covariance[:] = cov
            return nis, False
        for i in range(4):
            cov[i, i] += z[i] ** 2
        inverse = np.linalg.inv(cov + noise)
    gain = cov @ inverse
    change = gain @ z
    e[4:7] += change[:3]
    e[0] = wrapped(e[0] + change[3])
    covariance[:] = cov - gain @ cov
    return nis, True
