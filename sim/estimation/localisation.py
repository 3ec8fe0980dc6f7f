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

from sim.transforms import wrap_angle

Array = NDArray[np.float64]

#: Fastest change of the transform that is handed on, m/s and rad/s: below what the balance notices.
SLEW_POSITION = 0.03
SLEW_YAW = 0.03
SLEW_TIME = 0.4
#: Innovations of fixes are chi-squared with 4 degrees: 99.9 %.
GATE = 18.5
#: So many fixes in a row beyond the gate are no outliers: the odometry is what is wrong, and its uncertainty is set anew.
OUTLIERS = 10


@dataclass(frozen=True, slots=True)
class Drift:
    """How the odometry strays: variance per metre walked and per second, of position (m²) and of yaw (rad²)."""

    position_per_metre: float = 0.012**2
    height_per_metre: float = 0.006**2
    yaw_per_metre: float = 0.012**2
    position_per_second: float = 0.0005**2
    yaw_per_second: float = 0.0007**2


class CellFromOdometry:
    """The transform and its covariance (4, 4) of x, y, z at the robot and of yaw.

    Args:
        position, yaw: Standard deviations of a fix, m and rad. drift: of the odometry.
    """

    def __init__(self, position: float, yaw: float, drift: Drift | None = None) -> None:
        self.drift = drift or Drift()
        # A noiseless fix still comes from a moment between two ticks.
        self._noise = np.diag([max(position, 1e-4) ** 2] * 3 + [max(yaw, 1e-4) ** 2])
        self.yaw = 0.0
        self.pivot = np.zeros(3)
        self.at_pivot = np.zeros(3)
        self.covariance = self._noise.copy()
        self.started = False
        self.nis = 0.0
        self._last_time = 0.0
        self._slow_yaw = 0.0
        self._slow_pivot = np.zeros(3)
        self._slow_at_pivot = np.zeros(3)
        self._outliers = 0

    def start(self, position: Array, yaw: float, odometry: Array, odometry_yaw: float, count: int, time: float) -> None:
        """Begin with the mean of ``count`` fixes taken while the robot stood at ``odometry`` (3,)."""
        self.yaw = wrap_angle(yaw - odometry_yaw)
        self.pivot, self.at_pivot = odometry.copy(), position.copy()
        self.covariance = self._noise / max(count, 1)
        self._slow_yaw, self._slow_pivot, self._slow_at_pivot = self.yaw, self.pivot.copy(), self.at_pivot.copy()
        self.started = True
        self._last_time = time

    def fix(self, position: Array, yaw: float, odometry: Array, odometry_yaw: float, time: float) -> None:
        """Take in a fix of the base measured at ``time``, when the odometry had it at ``odometry`` (3,), ``odometry_yaw``."""
        if not self.started:
            self.start(position, yaw, odometry, odometry_yaw, 1, time)
            return
        arm = odometry - self.pivot
        walked, passed = math.hypot(arm[0], arm[1]), max(time - self._last_time, 0.0)
        self._last_time = time
        self.at_pivot = self.at_pivot + turned(self.yaw, arm)
        self.pivot = odometry.copy()
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        move = np.eye(4)
        move[0, 3], move[1, 3] = -s * arm[0] - c * arm[1], c * arm[0] - s * arm[1]
        d = self.drift
        level = d.position_per_metre * walked + d.position_per_second * passed
        high = d.height_per_metre * walked + d.position_per_second * passed
        grow = np.diag([level, level, high, d.yaw_per_metre * walked + d.yaw_per_second * passed])
        cov = move @ self.covariance @ move.T + grow
        z = np.append(position - self.at_pivot, wrap_angle(yaw - odometry_yaw - self.yaw))
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
        self.at_pivot = self.at_pivot + change[:3]
        self.yaw = wrap_angle(self.yaw + float(change[3]))
        self.covariance = cov - gain @ cov

    def follow(self, odometry: Array, dt: float) -> None:
        """Let the transform handed on approach the estimate for ``dt`` s, as seen at the robot (``odometry`` (3,))."""
        gap = self._estimated(odometry) - self.apply(odometry)
        size = float(np.sqrt(gap @ gap))
        share = min(dt / SLEW_TIME, SLEW_POSITION * dt / size) if size > 1e-9 else 1.0
        turn = wrap_angle(self.yaw - self._slow_yaw)
        most = SLEW_YAW * dt
        here = self.apply(odometry) + share * gap
        self._slow_yaw = wrap_angle(self._slow_yaw + min(max(turn * dt / SLEW_TIME, -most), most))
        self._slow_pivot, self._slow_at_pivot = odometry.copy(), here

    @property
    def heading(self) -> float:
        """Turn about z of the transform handed on, rad."""
        return self._slow_yaw

    def apply(self, point: Array) -> Array:
        """A point (3,) of the odometry frame in the cell, by the transform handed on."""
        return self._slow_at_pivot + turned(self._slow_yaw, point - self._slow_pivot)

    def _estimated(self, point: Array) -> Array:
        return self.at_pivot + turned(self.yaw, point - self.pivot)


def turned(yaw: float, v: Array) -> Array:
    """A vector (3,) turned about z."""
    c, s = math.cos(yaw), math.sin(yaw)
    return np.array([c * v[0] - s * v[1], s * v[0] + c * v[1], v[2]])
