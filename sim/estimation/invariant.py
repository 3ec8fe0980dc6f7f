"""Contact-aided right-invariant extended Kalman filter of the IMU's state, compiled.

After R. Hartley, M. Ghaffari, R. M. Eustice, J. W. Grizzle, "Contact-aided invariant extended Kalman filtering for robot
state estimation", Int. J. Robotics Research 39(4), 2020 (equations of the right-invariant error, sections 4 to 6), and
A. Barrau, S. Bonnabel, "The invariant extended Kalman filter as a stable observer", IEEE TAC 62(4), 2017. The known
implementations are C++ libraries around Eigen without Python packages; the filter itself is short.

The state is an element of SE_4(3), rotation R of the IMU and the world vectors velocity v, position p and one contact
point of each foot d_left, d_right, with the biases of gyro and accelerometer beside it. The error is
``Exp(xi) = X_estimated X_true^-1``, ordered phi, v, p, d_left, d_right (world), b_gyro, b_accel: 21 numbers. The world here is
the *odometry frame*: gravity along -z, origin and heading free.

Compiled callers in other files (``period``) keep their compiled copies of these functions until they are saved themselves.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SIZE = 21
PHI, VELOCITY, POSITION, FEET, GYRO_BIAS, ACCEL_BIAS = 0, 3, 6, 9, 15, 18
GRAVITY = 9.81


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def exp_rotation(w: Array) -> Array:
    """Rotation (3, 3) of a rotation vector (3,)."""
    angle = np.sqrt(w[0] * w[0] + w[1] * w[1] + w[2] * w[2])
    if angle < 1e-6:
        a, b = 1.0 - angle * angle / 6.0, 0.5
    else:
        a, b = np.sin(angle) / angle, (1.0 - np.cos(angle)) / (angle * angle)
    out: Array = _polynomial(w, a, b)
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def left_jacobian(w: Array) -> Array:
    """Left Jacobian (3, 3) of SO(3) at a rotation vector (3,)."""
    angle = np.sqrt(w[0] * w[0] + w[1] * w[1] + w[2] * w[2])
    if angle < 1e-4:
        a, b = 0.5, 1.0 / 6.0
    else:
        a, b = (1.0 - np.cos(angle)) / (angle * angle), (angle - np.sin(angle)) / angle**3
    out: Array = _polynomial(w, a, b)
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _polynomial(w: Array, a: float, b: float) -> Array:
    """I + a [w] + b [w]^2."""
    x, y, z = w[0], w[1], w[2]
    out = np.empty((3, 3))
    out[0, 0] = 1.0 - b * (y * y + z * z)
    out[1, 1] = 1.0 - b * (x * x + z * z)
    out[2, 2] = 1.0 - b * (x * x + y * y)
    out[0, 1], out[1, 0] = b * x * y - a * z, b * x * y + a * z
    out[0, 2], out[2, 0] = b * x * z + a * y, b * x * z - a * y
    out[1, 2], out[2, 1] = b * y * z - a * x, b * y * z + a * x
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _skew_times(u: Array, m: Array) -> Array:
    """[u] m for a vector (3,) and a matrix (3, 3)."""
    out = np.empty((3, 3))
    for k in range(3):
        out[0, k] = u[1] * m[2, k] - u[2] * m[1, k]
        out[1, k] = u[2] * m[0, k] - u[0] * m[2, k]
        out[2, k] = u[0] * m[1, k] - u[1] * m[0, k]
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def product(a: Array, b: Array) -> Array:
    """a b of two (3, 3) matrices; a call to the linear algebra library costs more than that."""
    out = np.empty((3, 3))
    for i in range(3):
        for k in range(3):
            out[i, k] = a[i, 0] * b[0, k] + a[i, 1] * b[1, k] + a[i, 2] * b[2, k]
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _inverse(m: Array) -> Array:
    """Inverse of a symmetric positive (3, 3) matrix, by cofactors."""
    out = np.empty((3, 3))
    out[0, 0] = m[1, 1] * m[2, 2] - m[1, 2] * m[2, 1]
    out[0, 1] = m[0, 2] * m[2, 1] - m[0, 1] * m[2, 2]
    out[0, 2] = m[0, 1] * m[1, 2] - m[0, 2] * m[1, 1]
    out[1, 1] = m[0, 0] * m[2, 2] - m[0, 2] * m[2, 0]
    out[1, 2] = m[0, 2] * m[1, 0] - m[0, 0] * m[1, 2]
    out[2, 2] = m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0]
    out[1, 0], out[2, 0], out[2, 1] = out[0, 1], out[0, 2], out[1, 2]
    scale = 1.0 / (m[0, 0] * out[0, 0] + m[0, 1] * out[1, 0] + m[0, 2] * out[2, 0])
    for i in range(3):
        for k in range(3):
            out[i, k] *= scale
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _sparse_product(f: Array, m: Array) -> Array:
    """f m (n, n) for an ``f`` that is mostly zero."""
    n = f.shape[0]
    out = np.zeros((n, n))
    for i in range(n):
        for k in range(n):
            c = f[i, k]
            if c != 0.0:
                for j in range(n):
                    out[i, j] += c * m[k, j]
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _times(m: Array, u: Array) -> Array:
    """m u for a matrix (3, 3) and a vector (3,)."""
    out = np.empty(3)
    for i in range(3):
        out[i] = m[i, 0] * u[0] + m[i, 1] * u[1] + m[i, 2] * u[2]
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def predict(r: Array, x: Array, bias: Array, cov: Array, gyro: Array, accel: Array, dt: float, density: Array) -> None:
    """Propagate over ``dt`` s by IMU rates that are means over that time; all of the state changes in place.

    Args:
        r: (3, 3) rotation. x: (4, 3) v, p, d_left, d_right. bias: (2, 3) gyro, accel. cov: (21, 21).
        gyro, accel: (3,) IMU frame. density: (6,) spectral densities of the noise of gyro, accel, left and right contact
            point, gyro bias, accel bias (unit squared times s).
    """
    f = np.zeros((SIZE, SIZE))
    for i in range(SIZE):
        f[i, i] = 1.0
    g = GRAVITY
    # [g] with g = (0, 0, -9.81)
    f[3, 1], f[4, 0] = g * dt, -g * dt
    f[6, 1], f[7, 0] = 0.5 * g * dt * dt, -0.5 * g * dt * dt
    for i in range(3):
        f[6 + i, 3 + i] = dt
    half = 0.5 * dt * dt
    gr = np.zeros((3, 3))
    for k in range(3):
        gr[0, k], gr[1, k] = g * r[1, k], -g * r[0, k]
    vr = _skew_times(x[0], r)
    for i in range(3):
        for k in range(3):
            f[i, 15 + k] = -r[i, k] * dt
            f[3 + i, 15 + k] = -vr[i, k] * dt - gr[i, k] * half
            f[3 + i, 18 + k] = -r[i, k] * dt
            f[6 + i, 18 + k] = -r[i, k] * half
    for b in range(1, 4):
        xr = _skew_times(x[b], r)
        for i in range(3):
            for k in range(3):
                f[3 + 3 * b + i, 15 + k] = -xr[i, k] * dt
    for i in range(3):
        for k in range(3):
            f[6 + i, 15 + k] -= vr[i, k] * half
    cov[:, :] = _sparse_product(f, np.ascontiguousarray(_sparse_product(f, cov).T))
    # noise: gyro moves every vector of the right-invariant error, through the adjoint of the state
    lift = np.zeros((15, 3))
    for i in range(3):
        lift[i, i] = 1.0
    for b in range(4):
        u = x[b]
        lift[3 + 3 * b, 1], lift[3 + 3 * b, 2] = -u[2], u[1]
        lift[4 + 3 * b, 0], lift[4 + 3 * b, 2] = u[2], -u[0]
        lift[5 + 3 * b, 0], lift[5 + 3 * b, 1] = -u[1], u[0]
    for i in range(15):
        for j in range(15):
            s = lift[i, 0] * lift[j, 0] + lift[i, 1] * lift[j, 1] + lift[i, 2] * lift[j, 2]
            cov[i, j] += density[0] * dt * s
    for i in range(3):
        cov[3 + i, 3 + i] += density[1] * dt
        cov[9 + i, 9 + i] += density[2] * dt
        cov[12 + i, 12 + i] += density[3] * dt
        cov[15 + i, 15 + i] += density[4] * dt
        cov[18 + i, 18 + i] += density[5] * dt
    # the state itself
    w = gyro - bias[0]
    a = accel - bias[1]
    middle = product(r, exp_rotation(0.5 * dt * w))
    acceleration = _times(middle, a)
    acceleration[2] -= g
    for i in range(3):
        x[1, i] += dt * x[0, i] + half * acceleration[i]
        x[0, i] += dt * acceleration[i]
    r[:, :] = product(r, exp_rotation(dt * w))


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def place_foot(r: Array, x: Array, cov: Array, foot: int, h: Array, variance: float) -> None:
    """Forget a contact point and set it where the kinematics have it now: ``h`` (3,) from the IMU, IMU frame."""
    x[2 + foot] = x[1] + _times(r, h)
    at = 9 + 3 * foot
    for i in range(3):
        for j in range(SIZE):
            cov[at + i, j] = cov[6 + i, j]
    for i in range(3):
        for j in range(SIZE):
            cov[j, at + i] = cov[j, 6 + i]
    for i in range(3):
        cov[at + i, at + i] += variance


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def foot_update(r: Array, x: Array, bias: Array, cov: Array, foot: int, h: Array, variance: float, gate: float) -> float:
    """Correct by a foot that stands still: ``h`` (3,) its contact point from the IMU, IMU frame, by the kinematics.

    Returns:
        The normalised innovation squared (chi-squared, 3 degrees); above ``gate`` nothing was changed.
    """
    at = 9 + 3 * foot
    z = _times(r, h) + x[1] - x[2 + foot]
    # H = [0 0 -I .. I ..], so H P and its innovation covariance are differences of rows.
    hp = np.empty((3, SIZE))
    for i in range(3):
        for j in range(SIZE):
            hp[i, j] = cov[at + i, j] - cov[6 + i, j]
    s = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            s[i, j] = hp[i, at + j] - hp[i, 6 + j]
        s[i, i] += variance
    inverse = _inverse(s)
    nis = 0.0
    for i in range(3):
        for j in range(3):
            nis += z[i] * inverse[i, j] * z[j]
    if nis > gate:
        return nis
    gain = np.zeros((SIZE, 3))
    for i in range(SIZE):
        for j in range(3):
            for k in range(3):
                gain[i, j] += hp[k, i] * inverse[k, j]
    delta = np.empty(SIZE)
    for i in range(SIZE):
        delta[i] = gain[i, 0] * z[0] + gain[i, 1] * z[1] + gain[i, 2] * z[2]
    for i in range(SIZE):
        for j in range(i, SIZE):
            c = cov[i, j] - gain[i, 0] * hp[0, j] - gain[i, 1] * hp[1, j] - gain[i, 2] * hp[2, j]
            cov[i, j] = c
            cov[j, i] = c
    correct(r, x, bias, delta)
    return nis


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def correct(r: Array, x: Array, bias: Array, delta: Array) -> None:
    """X <- Exp(delta) X, biases added; in place."""
    turn = exp_rotation(delta[:3])
    jac = left_jacobian(delta[:3])
    for b in range(4):
        x[b] = _times(turn, x[b]) + _times(jac, delta[3 + 3 * b : 6 + 3 * b])
    r[:, :] = product(turn, r)
    # One step of Newton keeps it a rotation: R (3 I - R'R) / 2.
    r[:, :] = 1.5 * r - 0.5 * product(r, product(r.T, r))
    bias[0] += delta[15:18]
    bias[1] += delta[18:21]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def anchor(x: Array, cov: Array, left: bool, right: bool) -> None:
    """Fix the frame to the feet that stand, as far as nothing measures it: position by their mean, heading by their line.

    Position and heading of an odometry frame are free. Left free they gather uncertainty, and then what is learned now (of a
    gyro's bias, say) turns the whole past about a far origin: right on average, and a jerk for whoever balances. This is an
    exact change of that frame and loses nothing that can be observed. On one foot the heading is that of the body.
    """
    heading = np.eye(SIZE)
    heading[2, 2] = 0.0
    dx, dy = x[2, 0] - x[3, 0], x[2, 1] - x[3, 1]
    apart = dx * dx + dy * dy
    if left and right and apart > 0.05**2:
        heading[2, 9], heading[2, 10] = dy / apart, -dx / apart
        heading[2, 12], heading[2, 13] = -dy / apart, dx / apart
    # The place of a contact point is off by its invariant error and by the turn about the origin: delta + phi x d.
    place = np.eye(SIZE)
    share = 0.5 if left and right else 1.0
    for foot in range(2):
        if not (left, right)[foot]:
            continue
        at, d = 9 + 3 * foot, x[2 + foot]
        for vector in (6, 9, 12):
            for i in range(3):
                place[vector + i, at + i] -= share
            place[vector, 1] -= share * d[2]
            place[vector, 2] += share * d[1]
            place[vector + 1, 0] += share * d[2]
            place[vector + 1, 2] -= share * d[0]
            place[vector + 2, 0] -= share * d[1]
            place[vector + 2, 1] += share * d[0]
    both = _sparse_product(place, heading)
    cov[:, :] = _sparse_product(both, np.ascontiguousarray(_sparse_product(both, cov).T))
