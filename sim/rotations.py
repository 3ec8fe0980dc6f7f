"""Rotations, compiled: for the inner loops, which work on single vectors (3,), quaternions (4,) wxyz and matrices (3, 3)."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def from_quaternion(q: Array) -> Array:
    """Rotation (3, 3) of a unit quaternion (4,)."""
    w, x, y, z = q[0], q[1], q[2], q[3]
    out = np.empty((3, 3))
    out[0, 0], out[0, 1], out[0, 2] = 1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)
    out[1, 0], out[1, 1], out[1, 2] = 2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)
    out[2, 0], out[2, 1], out[2, 2] = 2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def to_quaternion(r: Array) -> Array:
    """Unit quaternion (4,) with w >= 0 of a rotation (3, 3) (Shepperd's method)."""
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
    q /= np.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
    return -q if q[0] < 0.0 else q


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def from_vector(w: Array) -> Array:
    """Rotation (3, 3) of a rotation vector (3,) (Rodrigues)."""
    angle = np.sqrt(w[0] * w[0] + w[1] * w[1] + w[2] * w[2])
    a, b = (1.0, 0.5) if angle < 1e-6 else (np.sin(angle) / angle, (1.0 - np.cos(angle)) / angle**2)
    x, y, z = w[0], w[1], w[2]
    out = np.empty((3, 3))
    out[0, 0], out[0, 1], out[0, 2] = 1.0 - b * (y * y + z * z), b * x * y - a * z, b * x * z + a * y
    out[1, 0], out[1, 1], out[1, 2] = b * x * y + a * z, 1.0 - b * (x * x + z * z), b * y * z - a * x
    out[2, 0], out[2, 1], out[2, 2] = b * x * z - a * y, b * y * z + a * x, 1.0 - b * (x * x + y * y)
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def product(a: Array, b: Array) -> Array:
    """a b of two matrices (3, 3); a call to the linear algebra library costs more than that."""
    out = np.empty((3, 3))
    for i in range(3):
        for k in range(3):
            out[i, k] = a[i, 0] * b[0, k] + a[i, 1] * b[1, k] + a[i, 2] * b[2, k]
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def turned(r: Array, v: Array) -> Array:
    """r v of a matrix (3, 3) and a vector (3,)."""
    out = np.empty(3)
    for i in range(3):
        out[i] = r[i, 0] * v[0] + r[i, 1] * v[1] + r[i, 2] * v[2]
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def turned_back(r: Array, v: Array) -> Array:
    """r' v of a matrix (3, 3) and a vector (3,)."""
    out = np.empty(3)
    for i in range(3):
        out[i] = r[0, i] * v[0] + r[1, i] * v[1] + r[2, i] * v[2]
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def cross(a: Array, b: Array) -> Array:
    """Cross product of two vectors (3,)."""
    out = np.empty(3)
    out[0] = a[1] * b[2] - a[2] * b[1]
    out[1] = a[2] * b[0] - a[0] * b[2]
    out[2] = a[0] * b[1] - a[1] * b[0]
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def wrapped(angle: float) -> float:
    """The same angle in [-pi, pi]."""
    out: float = angle - 2.0 * np.pi * np.round(angle / (2.0 * np.pi))
    return out
