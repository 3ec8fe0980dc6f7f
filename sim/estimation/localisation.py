"""From the odometry frame to the cell: what delayed, noisy position fixes say about where the smooth odometry lies.

The filter of the body never sees a fix, so a correction cannot shake it. The fixes estimate one slow transform, cell from
odometry (a turn about z and a translation), and what the controllers use approaches it at a bounded speed: the goals move
under the robot, its feet do not jump. Latency costs nothing: a fix is compared with the odometry of the moment it was
measured, and the transform is the same then and now but for the drift in between.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.estimation.period import carried
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
        arm = odometry - e[1:4]
        walked, passed = math.hypot(arm[0], arm[1]), max(time - self._last_time, 0.0)
        self._last_time = time
        # With the pivot at the robot of that moment a fix measures the transform's numbers themselves.
        e[4:7] = carried(e, odometry)
        e[1:4] = odometry
        c, s = math.cos(e[0]), math.sin(e[0])
        move = np.eye(4)
        move[0, 3], move[1, 3] = -s * arm[0] - c * arm[1], c * arm[0] - s * arm[1]
        d = self.drift
        level = d.position_per_metre * walked + d.position_per_second * passed
        high = d.height_per_metre * walked + d.position_per_second * passed
        grow = np.diag([level, level, high, d.yaw_per_metre * walked + d.yaw_per_second * passed])
        cov = move @ self.covariance @ move.T + grow
        z = np.append(position - e[4:7], wrap_angle(yaw - odometry_yaw - float(e[0])))
        inverse = np.linalg.inv(cov + self._noise)
        self.nis = float(z @ inverse @ z)
        self.covariance = cov
        if self.nis > GATE:
            self._outliers += 1
            if self._outliers < OUTLIERS:
                return
            self.covariance = cov = cov + np.diag(z**2)
            inverse = np.linalg.inv(cov + self._noise)
        self._outliers = 0
        gain = cov @ inverse
        change = gain @ z
        e[4:7] += change[:3]
        e[0] = wrap_angle(float(e[0]) + float(change[3]))
        self.covariance = cov - gain @ cov

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
