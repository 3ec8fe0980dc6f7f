"""What encoders, drives and feet measure, compiled: read once every control period."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def joint_readings(
    qpos: Array,
    qvel: Array,
    force: Array,
    positions: IntArray,
    dofs: IntArray,
    bias: Array,
    gain: Array,
    noise: tuple[float, float, float],
    draws: Array,
    drive_draws: Array,
) -> tuple[Array, Array, Array]:
    """Positions, velocities and drive torques (n,) as encoders and drives say them.

    Args:
        qpos, qvel, force: of the whole scene. positions, dofs: (n,) where each joint's are.
        bias: (n,) rad, of the encoders. gain: (n,) of the drives' torque measurement.
        noise: standard deviations of position, velocity, torque.
        draws: (2 n + ...) standard normal, for positions, then velocities. drive_draws: (n,) for the torques.
    """
    n = positions.shape[0]
    q, qd, torque = np.empty(n), np.empty(n), np.empty(n)
    for i in range(n):
        q[i] = qpos[positions[i]] + bias[i] + noise[0] * draws[i]
        qd[i] = qvel[dofs[i]] + noise[1] * draws[n + i]
        torque[i] = gain[i] * force[dofs[i]] + noise[2] * drive_draws[i]
    return q, qd, torque


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def foot_loads(sensors: Array, site_xmat: Array, feet: IntArray, noise: float, draws: Array) -> Array:
    """Vertical loads (2,) on the soles, N.

    Args:
        sensors: data of all sensors. site_xmat: (k, 9). feet: (2, 3) address, dimension and site of each foot's force or touch
            sensor, address -1 where there is none: nan.
        noise: standard deviation, N. draws: (2,) standard normal.
    """
    out = np.empty(2)
    for side in range(2):
        at, dimension, site = feet[side, 0], feet[side, 1], feet[side, 2]
        if at < 0:
            load = np.nan
        elif dimension == 1:
            load = sensors[at]
        else:
            # A force sensor measures what the parent exerts on the foot, in the site's frame: downwards when it stands.
            load = 0.0
            for k in range(3):
                load -= site_xmat[site, 6 + k] * sensors[at + k]
        out[side] = load + noise * draws[side]
    return out
