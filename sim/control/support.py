"""Support polygons: the hull of the loaded soles, the distance of a point to its edge, the nearest point inside."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def hull(points: Array) -> Array:
    """Convex hull (k, 2) of points (n, 2), counter-clockwise (Andrew's monotone chain)."""
    n = points.shape[0]
    order = np.argsort(points[:, 0] + 1e-9 * points[:, 1])
    out = np.empty((2 * n + 1, 2))
    k = 0
    for pass_ in range(2):
        start = k
        for j in range(n):
            i = order[j] if pass_ == 0 else order[n - 1 - j]
            px, py = points[i, 0], points[i, 1]
            while k - start >= 2:
                ax, ay = out[k - 1, 0] - out[k - 2, 0], out[k - 1, 1] - out[k - 2, 1]
                bx, by = px - out[k - 2, 0], py - out[k - 2, 1]
                if ax * by - ay * bx > 0.0:
                    break
                k -= 1
            out[k, 0] = px
            out[k, 1] = py
            k += 1
        k -= 1
    return out[:k].copy()


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def signed_distance(polygon: Array, x: float, y: float) -> float:
    """Distance m of a point to the edge of a counter-clockwise polygon (k, 2): positive inside, negative outside."""
    k = polygon.shape[0]
    inside = True
    best = 1e30
    for i in range(k):
        ax, ay = polygon[i, 0], polygon[i, 1]
        j = i + 1 if i + 1 < k else 0
        ex, ey = polygon[j, 0] - ax, polygon[j, 1] - ay
        length = ex * ex + ey * ey
        if length < 1e-16:
            continue
        if ex * (y - ay) - ey * (x - ax) < 0.0:
            inside = False
        t = min(max(((x - ax) * ex + (y - ay) * ey) / length, 0.0), 1.0)
        dx, dy = x - ax - t * ex, y - ay - t * ey
        best = min(best, dx * dx + dy * dy)
    distance: float = np.sqrt(best)
    return distance if inside else -distance


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def nearest_inside(polygon: Array, x: float, y: float) -> tuple[float, float]:
    """The point itself if inside the counter-clockwise polygon (k, 2), else the nearest point of its edge."""
    k = polygon.shape[0]
    inside = True
    best = 1e30
    bx, by = x, y
    for i in range(k):
        ax, ay = polygon[i, 0], polygon[i, 1]
        j = i + 1 if i + 1 < k else 0
        ex, ey = polygon[j, 0] - ax, polygon[j, 1] - ay
        length = ex * ex + ey * ey
        if length < 1e-16:
            continue
        if ex * (y - ay) - ey * (x - ax) < 0.0:
            inside = False
        t = min(max(((x - ax) * ex + (y - ay) * ey) / length, 0.0), 1.0)
        dx, dy = x - ax - t * ex, y - ay - t * ey
        d = dx * dx + dy * dy
        if d < best:
            best = d
            bx, by = ax + t * ex, ay + t * ey
    return (x, y) if inside else (bx, by)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def sole_corners(position: Array, yaw: float, half: Array, share: float = 1.0) -> Array:
    """Corners (4, 2) on the floor of a sole at ``position`` (2 or 3,) with half sizes (2,) scaled by ``share``."""
    c, s = np.cos(yaw), np.sin(yaw)
    a, b = half[0] * share, half[1] * share
    out = np.empty((4, 2))
    for i in range(4):
        x = a if i in (0, 3) else -a
        y = b if i < 2 else -b
        out[i, 0] = position[0] + c * x - s * y
        out[i, 1] = position[1] + s * x + c * y
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def support_polygon(positions: Array, yaws: Array, half: Array, loaded: tuple[bool, bool], share: float = 1.0) -> Array:
    """Support polygon (k, 2) of the loaded soles: positions (2, 2+), yaws (2,), half sizes (2, 2)."""
    corners = np.empty((8, 2))
    count = 0
    for i in range(2):
        if loaded[i]:
            corners[count : count + 4] = sole_corners(positions[i], yaws[i], half[i], share)
            count += 4
    return hull(corners[:count]) if count > 0 else np.zeros((0, 2))


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def capture_margin(
    com: Array, velocity: Array, soles: Array, rotations: Array, half: Array, left: bool, right: bool
) -> tuple[Array, float]:
    """Capture point (2,) and its signed distance m to the edge of the support polygon; nan while airborne.

    Args:
        com, velocity: (3,) of the centre of mass. soles, rotations: (2, 3), (2, 3, 3). half: (2, 2) half sizes.
        left, right: whether the sole carries load.
    """
    height = max(com[2] - min(soles[0, 2], soles[1, 2]), 0.1)
    slow = np.sqrt(height / 9.81)
    xi = np.empty(2)
    xi[0], xi[1] = com[0] + velocity[0] * slow, com[1] + velocity[1] * slow
    yaws = np.empty(2)
    for i in range(2):
        yaws[i] = np.arctan2(rotations[i, 1, 0], rotations[i, 0, 0])
    polygon = support_polygon(soles, yaws, half, (left, right))
    return xi, signed_distance(polygon, xi[0], xi[1]) if polygon.shape[0] >= 3 else np.nan
