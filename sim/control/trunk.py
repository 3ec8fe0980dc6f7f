"""Where the trunk goes while the feet stand: height, lean and waist as smooth timed references."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: A stopped trunk comes to rest within this time, s.
BRAKE_S = 0.4


class TrunkReference:
    """Height m of the centre of mass over its usual one, lean of the base ahead rad, and the waist's joints rad.

    Quintic polynomials from wherever it is, moving or not, to rest at the goal. ``value``, ``rate`` and ``acceleration`` are
    (2 + k,): height, lean, k waist joints.

    Args:
        waist: (k,) where the waist's joints usually are, rad.
    """

    def __init__(self, waist: Array) -> None:
        self.usual: Array = np.concatenate([[0.0, 0.0], waist])
        self.value = self.usual.copy()
        self.rate = np.zeros_like(self.value)
        self.acceleration = np.zeros_like(self.value)
        self._coefficients = np.zeros((6, len(self.value)))
        self._elapsed, self._duration = 0.0, 0.0

    def go(self, height: float, lean: float, waist: Array, seconds: float) -> None:
        """Begin to move to a posture, there at rest after ``seconds``."""
        self._head_for(np.concatenate([[height, lean], waist]), seconds)

    def neutral(self, seconds: float) -> None:
        """Begin to rise to the usual posture."""
        self._head_for(self.usual, seconds)

    def halt(self) -> None:
        """Come to rest soon, near where it is."""
        if self.moving:
            self._head_for(self.value + 0.5 * BRAKE_S * self.rate, BRAKE_S)

    @property
    def moving(self) -> bool:
        """Under way."""
        return self._elapsed < self._duration

    @property
    def bent(self) -> bool:
        """Not in the usual posture, or on the way from it."""
        return bool(np.abs(self.value - self.usual).max() > 0.01 or np.abs(self.rate).max() > 0.02)

    @property
    def low(self) -> bool:
        """Lower than usual already."""
        return bool(self.value[0] < -0.02)

    def tick(self, dt: float) -> None:
        """Advance by ``dt`` s."""
        if not self.moving:
            return
        self._elapsed = min(self._elapsed + dt, self._duration)
        t = self._elapsed
        powers = t ** np.arange(6)
        n = np.arange(6)
        self.value = powers @ self._coefficients
        self.rate = (n[1:] * powers[:5]) @ self._coefficients[1:]
        self.acceleration = (n[2:] * (n[2:] - 1) * powers[:4]) @ self._coefficients[2:]
        if not self.moving:
            self.rate = np.zeros_like(self.value)
            self.acceleration = np.zeros_like(self.value)

    def _head_for(self, goal: Array, seconds: float) -> None:
        T = max(seconds, BRAKE_S)
        p, v, a = self.value, self.rate, self.acceleration
        d = goal - p - v * T - 0.5 * a * T**2
        dv = -v - a * T
        self._coefficients = np.array(
            [
                p,
                v,
                0.5 * a,
                (10 * d - 4 * dv * T - 0.5 * a * T**2) / T**3,
                (-15 * d + 7 * dv * T + a * T**2) / T**4,
                (6 * d - 3 * dv * T - 0.5 * a * T**2) / T**5,
            ]
        )
        self._elapsed, self._duration = 0.0, T
