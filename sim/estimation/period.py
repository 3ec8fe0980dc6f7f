"""One control period of the estimator, compiled: contact, filter, base state, history. All arrays change in place."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from sim.estimation.invariant import anchor, exp_rotation, foot_update, place_foot, predict, product

Array = NDArray[np.float64]

#: A foot counts as standing above the first share of the weight, and as lifted below the second.
LOADED_SHARE, LIFTED_SHARE = 0.10, 0.05
#: Above this share of the weight a foot's stand is beyond doubt, and so long after touchdown, s.
SURE_SHARE, SURE_AFTER = 0.35, 0.05
#: Innovations of a foot beyond this (chi-squared, 3 degrees, 99.99 %) are no noise: it slips or was not down.
GATE = 21.1
#: Time over which consistency is averaged, s, what it may be per degree of freedom before a contact point is set free, and
#: the most that one period may add to the average.
CONSISTENCY_TIME, LOOSE_AT, CONSISTENCY_MOST = 0.05, 3.0, 48.0
#: A sole that carries this share of the weight and moves over the floor faster than this, m/s, slips; the speed is averaged
#: over this, s, for the encoders' noise.
SLIP_SHARE, SLIP_SPEED, SLIP_TIME = 0.15, 0.12, 0.02
#: Turns of a sole over the floor are averaged over this, s, for encoder noise looks like turning too; slower ones than this,
#: rad/s, are not told from it.
ROCKING_TIME, ROCKING = 0.02, 0.1
#: Columns of a history row: time, position, rotation of the base (odometry frame); position, rotation of the head in the base.
HISTORY_ROW = 25


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def kinematics(site_xpos: Array, site_xmat: Array, imu: int, soles: NDArray[np.int64], h: Array, soles_turn: Array) -> Array:
    """Contact points ``h`` (2, 3) from the IMU in its frame and soles' rotations (2, 3, 3) in the base, out; the IMU's returned.

    Args:
        site_xpos, site_xmat: (n, 3), (n, 9) of all sites with the base at the origin.
    """
    turn: Array = site_xmat[imu].copy().reshape(3, 3)
    for foot in range(2):
        soles_turn[foot] = site_xmat[soles[foot]].copy().reshape(3, 3)
        for k in range(3):
            h[foot, k] = 0.0
            for j in range(3):
                h[foot, k] += turn[j, k] * (site_xpos[soles[foot], j] - site_xpos[imu, j])
    return turn


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def advance(
    r: Array,
    x: Array,
    bias: Array,
    cov: Array,
    feet: Array,
    sole_turn: Array,
    gyro: Array,
    accel: Array,
    load: Array,
    site_xpos: Array,
    site_xmat: Array,
    imu: int,
    soles: NDArray[np.int64],
    noise: Array,
    dt: float,
) -> None:
    """Propagate, then take the feet that stand as measurements and let the others go along.

    A foot whose innovation is beyond the gate slips: its contact point is set anew.

    Args:
        feet: (2, 13) of each foot: 1 in contact, s since touchdown, normalised innovation squared, its mean per degree, how
            the sole turns over the floor (3; base frame, rad/s), its velocity over the floor (2; m/s) and its place (3; m) by the
            kinematics, and 1 while it slips.
        sole_turn: (2, 3, 3) rotations of the soles in the base, of the last period in and of this one out.
        load: (2,) N over the weight.
        noise: (9,) spectral densities of gyro, accel, gyro bias, accel bias; stance, unsure, rolling, slipping (m/sqrt(s), of
            a contact point); variance of the kinematics, m².
    """
    h = np.empty((2, 3))
    now = np.empty((2, 3, 3))
    turn = kinematics(site_xpos, site_xmat, imu, soles, h, now)
    density = np.empty(6)
    density[0], density[1], density[4], density[5] = noise[0], noise[1], noise[2], noise[3]
    for i in range(2):
        if feet[i, 0] > 0.5:
            feet[i, 0] = 1.0 if load[i] > LIFTED_SHARE else 0.0
        else:
            feet[i, 0] = 1.0 if load[i] > LOADED_SHARE else 0.0
        feet[i, 1] = feet[i, 1] + dt if feet[i, 0] > 0.5 else 0.0
        sure = max(min(load[i] / SURE_SHARE, 1.0) * min(feet[i, 1] / SURE_AFTER, 1.0), 0.0)
        # How fast the sole turns over the floor: it rocks about an edge, and its middle moves.
        change = product(now[i], sole_turn[i].T)
        over = np.empty(3)
        over[0], over[1], over[2] = change[2, 1] - change[1, 2], change[0, 2] - change[2, 0], change[1, 0] - change[0, 1]
        size = 0.0
        for k in range(3):
            w = 0.5 * over[k] / dt
            for j in range(3):
                w += turn[k, j] * (gyro[j] - bias[0, j])
            feet[i, 4 + k] += dt / ROCKING_TIME * (w - feet[i, 4 + k])
            size += feet[i, 4 + k] ** 2
        walk = noise[4] + noise[5] * (1.0 - sure) + noise[6] * max(np.sqrt(size) - ROCKING, 0.0)
        if feet[i, 3] > LOOSE_AT:
            walk += noise[7]
        density[2 + i] = walk * walk
    sole_turn[:] = now
    predict(r, x, bias, cov, gyro, accel, dt, density)
    for i in range(2):
        feet[i, 2] = foot_update(r, x, bias, cov, i, h[i], noise[8], GATE) if feet[i, 0] > 0.5 else 0.0
    for i in range(2):
        if feet[i, 0] < 0.5 or feet[i, 2] > GATE:
            place_foot(r, x, cov, i, h[i], noise[8])
        for k in range(3):
            place = x[1, k] + r[k, 0] * h[i, 0] + r[k, 1] * h[i, 1] + r[k, 2] * h[i, 2]
            if k < 2:
                feet[i, 7 + k] += dt / SLIP_TIME * ((place - feet[i, 9 + k]) / dt - feet[i, 7 + k])
            feet[i, 9 + k] = place
        loaded = feet[i, 0] > 0.5 and load[i] > SLIP_SHARE and feet[i, 1] > SLIP_TIME
        feet[i, 12] = 1.0 if loaded and np.hypot(feet[i, 7], feet[i, 8]) > SLIP_SPEED else 0.0
        feet[i, 3] += dt / CONSISTENCY_TIME * (min(feet[i, 2] / 3.0, CONSISTENCY_MOST) - feet[i, 3])
    if feet[0, 0] > 0.5 or feet[1, 0] > 0.5:
        anchor(x, cov, feet[0, 0] > 0.5, feet[1, 0] > 0.5)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def base_state(
    r: Array, x: Array, bias: Array, gyro: Array, site_xpos: Array, site_xmat: Array, imu: int, head: Array, head_turn: Array,
    time: float, row: Array, velocity: Array,
) -> None:  # fmt: skip
    """The base from the IMU's state, odometry frame: a row of the history, and velocity (6,) linear and angular, out.

    The joints between base and IMU, if there are any, are taken to stand still.
    """
    turn = np.empty((3, 3))
    for i in range(3):
        for k in range(3):
            turn[i, k] = (
                r[i, 0] * site_xmat[imu, 3 * k] + r[i, 1] * site_xmat[imu, 3 * k + 1] + r[i, 2] * site_xmat[imu, 3 * k + 2]
            )
    arm = np.empty(3)
    w = np.empty(3)
    for i in range(3):
        arm[i], w[i] = 0.0, 0.0
        for k in range(3):
            arm[i] -= turn[i, k] * site_xpos[imu, k]
            w[i] += r[i, k] * (gyro[k] - bias[0, k])
    row[0] = time
    row[1:4] = x[1] + arm
    row[4:13] = turn.ravel()
    row[13:16] = head
    row[16:25] = head_turn
    velocity[0] = x[0, 0] + w[1] * arm[2] - w[2] * arm[1]
    velocity[1] = x[0, 1] + w[2] * arm[0] - w[0] * arm[2]
    velocity[2] = x[0, 2] + w[0] * arm[1] - w[1] * arm[0]
    velocity[3:] = w


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def in_cell(row: Array, velocity: Array, estimated: Array, slow: Array, dt: float, limits: Array) -> Array:
    """Let the slow transform approach the estimated one, and carry pose and velocity over: (13,) pose and velocity, cell.

    Args:
        row: of the history. velocity: (6,). estimated, slow: (7,) yaw, pivot in the odometry frame, pivot in the cell.
        limits: (3,) fastest change m/s, rad/s, and time constant s.
    """
    point = row[1:4]
    share = dt / limits[2]
    here, there = carried(slow, point), carried(estimated, point)
    gap = there - here
    size = np.sqrt(gap[0] * gap[0] + gap[1] * gap[1] + gap[2] * gap[2])
    if size * share > limits[0] * dt:
        share = limits[0] * dt / size
    here = here + share * gap
    turn = estimated[0] - slow[0]
    turn -= 2.0 * np.pi * np.round(turn / (2.0 * np.pi))
    slow[0] += min(max(turn * dt / limits[2], -limits[1] * dt), limits[1] * dt)
    slow[1:4] = point
    slow[4:7] = here
    z = np.zeros(3)
    z[2] = slow[0]
    about = exp_rotation(z)
    out = np.empty(13)
    out[:3] = here
    out[3:7] = quaternion(product(about, row[4:13].copy().reshape(3, 3)))
    for i in range(3):
        out[7 + i] = about[i, 0] * velocity[0] + about[i, 1] * velocity[1] + about[i, 2] * velocity[2]
        out[10 + i] = about[i, 0] * velocity[3] + about[i, 1] * velocity[4] + about[i, 2] * velocity[5]
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def carried(transform: Array, point: Array) -> Array:
    """A point (3,) of the odometry frame in the cell; ``transform`` (7,) yaw, pivot, pivot in the cell."""
    c, s = np.cos(transform[0]), np.sin(transform[0])
    out = np.empty(3)
    x, y = point[0] - transform[1], point[1] - transform[2]
    out[0] = transform[4] + c * x - s * y
    out[1] = transform[5] + s * x + c * y
    out[2] = transform[6] + point[2] - transform[3]
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def quaternion(r: Array) -> Array:
    """Unit quaternion (4,) wxyz with w >= 0 of a rotation (3, 3) (Shepperd's method)."""
    q = np.empty(4)
    trace = r[0, 0] + r[1, 1] + r[2, 2]
    if trace >= r[0, 0] and trace >= r[1, 1] and trace >= r[2, 2]:
        q[0], q[1], q[2], q[3] = 1.0 + trace, r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]
    elif r[0, 0] >= r[1, 1] and r[0, 0] >= r[2, 2]:
        q[0], q[1], q[2], q[3] = r[2, 1] - r[1, 2], 1.0 + 2.0 * r[0, 0] - trace, r[0, 1] + r[1, 0], r[0, 2] + r[2, 0]
    elif r[1, 1] >= r[2, 2]:
        q[0], q[1], q[2], q[3] = r[0, 2] - r[2, 0], r[0, 1] + r[1, 0], 1.0 + 2.0 * r[1, 1] - trace, r[1, 2] + r[2, 1]
    else:
        q[0], q[1], q[2], q[3] = r[1, 0] - r[0, 1], r[0, 2] + r[2, 0], r[1, 2] + r[2, 1], 1.0 + 2.0 * r[2, 2] - trace
    q /= np.sqrt((q * q).sum())
    return -q if q[0] < 0.0 else q
