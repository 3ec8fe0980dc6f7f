"""Points of a robot's geoms, and the largest rectangle that a sole stands on."""

from __future__ import annotations

from itertools import product

import mujoco
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Samples along the sole where its rectangle may begin or end.
SAMPLES = 33


def geom_points(model: mujoco.MjModel, data: mujoco.MjData, geom: int) -> Array:
    """Outermost points (k, 3) of a geom, world, m: corners, ends, vertices; empty for planes and height fields."""
    size = model.geom_size[geom]
    kind = mujoco.mjtGeom(int(model.geom_type[geom]))
    ball = np.vstack([np.eye(3), -np.eye(3)])
    if kind == mujoco.mjtGeom.mjGEOM_BOX:
        local = np.array(list(product((-1.0, 1.0), repeat=3))) * size
    elif kind == mujoco.mjtGeom.mjGEOM_SPHERE:
        # In world directions: what matters of a ball is its lowest point.
        return np.asarray(data.geom_xpos[geom] + size[0] * ball)
    elif kind == mujoco.mjtGeom.mjGEOM_CAPSULE:
        axis = data.geom_xmat[geom].reshape(3, 3)[:, 2] * size[1]
        return np.vstack([data.geom_xpos[geom] + sign * axis + size[0] * ball for sign in (-1.0, 1.0)])
    elif kind == mujoco.mjtGeom.mjGEOM_CYLINDER:
        turns = np.linspace(0.0, 2 * np.pi, 16, endpoint=False)
        rim = size[0] * np.column_stack((np.cos(turns), np.sin(turns)))
        local = np.vstack([np.column_stack((rim, np.full(len(rim), sign * size[1]))) for sign in (-1.0, 1.0)])
    elif kind == mujoco.mjtGeom.mjGEOM_ELLIPSOID:
        local = ball * size
    elif kind == mujoco.mjtGeom.mjGEOM_MESH:
        mesh = int(model.geom_dataid[geom])
        first, count = int(model.mesh_vertadr[mesh]), int(model.mesh_vertnum[mesh])
        local = model.mesh_vert[first : first + count].astype(np.float64)
    else:
        return np.zeros((0, 3))
    return np.asarray(data.geom_xpos[geom] + local @ data.geom_xmat[geom].reshape(3, 3).T)


def inner_rectangle(points: Array) -> tuple[Array, Array]:
    """Largest rectangle along the axes inside the hull of points (k, 2).

    Returns:
        middle (2,) and half sizes (2,); half sizes of zero where the points have no area.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    middle = (low + high) / 2
    if np.any(high - low < 1e-4):
        return middle, np.zeros(2)
    xs = np.linspace(low[0], high[0], SAMPLES)
    lower, upper = _outline(points, xs)
    best, half = 0.0, np.zeros(2)
    for i in range(SAMPLES):
        for k in range(i + 1, SAMPLES):
            bottom, top = max(lower[i], lower[k]), min(upper[i], upper[k])
            area = (xs[k] - xs[i]) * (top - bottom)
            if top > bottom and area > best:
                best = float(area)
                middle = np.array([(xs[i] + xs[k]) / 2, (bottom + top) / 2])
                half = np.array([(xs[k] - xs[i]) / 2, (top - bottom) / 2])
    return middle, half


def _outline(points: Array, xs: Array) -> tuple[Array, Array]:
    """Lower and upper y of the points' convex hull at each of ``xs``."""
    order = points[np.lexsort((points[:, 1], points[:, 0]))]

    def chain(sign: float) -> Array:
        out: list[Array] = []
        for p in order * (1.0, sign):
            while len(out) >= 2 and _turn(out[-2], out[-1], p) <= 0.0:
                out.pop()
            out.append(p)
        line = np.array(out)
        first = np.concatenate([[True], np.diff(line[:, 0]) > 1e-9])
        return np.asarray(sign * np.interp(xs, line[first, 0], line[first, 1]))

    lower, upper = chain(1.0), chain(-1.0)
    # A vertical edge at either end is one x with two heights; the interpolation there takes the hull's own.
    for at, x in ((0, xs[0]), (-1, xs[-1])):
        column = points[np.abs(points[:, 0] - x) < 1e-9, 1]
        lower[at], upper[at] = column.min(), column.max()
    return lower, upper


def _turn(a: Array, b: Array, c: Array) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
