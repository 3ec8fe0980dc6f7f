"""What an IMU on the robot's base measures between two states, compiled."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

GRAVITY = 9.81


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def imu_motion(quaternion: Array, velocity: Array, arm: Array, mounted: Array) -> tuple[Array, Array]:
    """Rotation (3, 3) and velocity (3,), world, of an IMU on the base at ``arm`` (3,), turned by ``mounted`` (3, 3) in it.

    Args:
        quaternion, velocity: (4,) and (6,) of the base; linear velocity world, angular base frame.
    """
    w, x, y, z = quaternion
    turn = np.empty((3, 3))
    turn[0, 0], turn[0, 1], turn[0, 2] = 1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)
    turn[1, 0], turn[1, 1], turn[1, 2] = 2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)
    turn[2, 0], turn[2, 1], turn[2, 2] = 2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)
    a, b, c = velocity[3], velocity[4], velocity[5]
    sx, sy, sz = b * arm[2] - c * arm[1], c * arm[0] - a * arm[2], a * arm[1] - b * arm[0]
    out, moving = np.zeros((3, 3)), np.empty(3)
    for i in range(3):
        moving[i] = velocity[i] + turn[i, 0] * sx + turn[i, 1] * sy + turn[i, 2] * sz
        for k in range(3):
            for j in range(3):
                out[i, k] += turn[i, j] * mounted[j, k]
    return out, moving


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def imu_means(turn0: Array, velocity0: Array, turn1: Array, velocity1: Array, passed: float) -> tuple[Array, Array]:
    """Mean rate and specific force (3,), IMU frame, between two states of an IMU ``passed`` s apart."""
    change, middle = np.zeros((3, 3)), np.empty((3, 3))
    for i in range(3):
        size = 0.0
        for k in range(3):
            middle[k, i] = turn0[k, i] + turn1[k, i]
            size += middle[k, i] * middle[k, i]
            for j in range(3):
                change[i, k] += turn0[j, i] * turn1[j, k]
        middle[:, i] /= np.sqrt(size)
    rate, force = np.empty(3), np.zeros(3)
    rate[0], rate[1], rate[2] = change[2, 1] - change[1, 2], change[0, 2] - change[2, 0], change[1, 0] - change[0, 1]
    sine = min(0.5 * np.sqrt(rate[0] * rate[0] + rate[1] * rate[1] + rate[2] * rate[2]), 1.0)
    rate *= (0.5 if sine < 1e-9 else 0.5 * np.arcsin(sine) / sine) / passed
    for i in range(3):
        for k in range(3):
            force[i] += middle[k, i] * ((velocity1[k] - velocity0[k]) / passed + (GRAVITY if k == 2 else 0.0))
    return rate, force


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def imu_reading(mean: Array, bias: Array, noise: float, draws: Array) -> Array:
    """A mean (3,) with the IMU's constant ``bias`` (3,) and white noise; ``draws`` (3,) standard normal."""
    out: Array = mean + bias + noise * draws
    return out
