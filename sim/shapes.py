"""Triangle meshes of simple shapes, each about its own centre, z up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Faces = NDArray[np.int64]

_ROUND = 20  # corners of a circle: smooth enough at arm's length, cheap enough for software rendering


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Vertices (V, 3) in m and triangles (F, 3), counter-clockwise seen from outside."""

    vertices: Array
    faces: Faces

    def moved(self, a_from_b: Array) -> Mesh:
        """The same mesh in another frame; ``a_from_b`` (4, 4)."""
        return Mesh(self.vertices @ a_from_b[:3, :3].T + a_from_b[:3, 3], self.faces)


def merge(meshes: list[Mesh]) -> Mesh:
    """One mesh of several."""
    if not meshes:
        return Mesh(np.empty((0, 3)), np.empty((0, 3), dtype=np.int64))
    offsets = np.cumsum([0, *(len(m.vertices) for m in meshes[:-1])])
    return Mesh(np.vstack([m.vertices for m in meshes]), np.vstack([m.faces + o for m, o in zip(meshes, offsets, strict=True)]))


def box_mesh(half: tuple[float, float, float], centre: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Mesh:
    """A box by its half lengths."""
    signs = np.array([[x, y, z] for z in (-1, 1) for y in (-1, 1) for x in (-1, 1)], dtype=float)
    quads = ((0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5))
    faces = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return Mesh(signs * np.asarray(half, dtype=float) + np.asarray(centre, dtype=float), np.array(faces, dtype=np.int64))


def revolve(radii: Array, heights: Array) -> Mesh:
    """A body of revolution about z: rings (k,) of radius and height from bottom to top; radius 0 closes to a point."""
    angle = np.linspace(0.0, 2 * np.pi, _ROUND, endpoint=False)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    rings = [np.column_stack([circle * r, np.full(_ROUND, z)]) for r, z in zip(radii, heights, strict=True)]
    faces: list[tuple[int, int, int]] = []
    for ring in range(len(rings) - 1):
        for i in range(_ROUND):
            j = (i + 1) % _ROUND
            # At a pole all triangles share one vertex, so that nothing takes their sides for edges.
            low, high = radii[ring] > 0, radii[ring + 1] > 0
            a, b = ring * _ROUND + i * low, ring * _ROUND + j * low
            c, d = (ring + 1) * _ROUND + j * high, (ring + 1) * _ROUND + i * high
            if radii[ring] > 0:
                faces.append((a, b, c))
            if radii[ring + 1] > 0:
                faces.append((a, c, d))
    return Mesh(np.vstack(rings), np.array(faces, dtype=np.int64))


def cylinder_mesh(radius: float, half_height: float) -> Mesh:
    """An upright closed cylinder."""
    h = half_height
    return revolve(np.array([0.0, radius, radius, 0.0]), np.array([-h, -h, h, h]))


def ellipsoid_mesh(radii: tuple[float, float, float]) -> Mesh:
    """An ellipsoid by its half axes."""
    polar = np.linspace(-np.pi / 2, np.pi / 2, _ROUND // 2 + 1)
    ring = np.cos(polar)
    ring[0] = ring[-1] = 0.0
    unit = revolve(ring, np.sin(polar))
    return Mesh(unit.vertices * np.asarray(radii, dtype=float), unit.faces)


def capsule_mesh(radius: float, half_height: float) -> Mesh:
    """An upright capsule; ``half_height`` is that of its cylindrical part."""
    low = np.linspace(-np.pi / 2, 0.0, _ROUND // 4 + 1)
    r = np.concatenate([np.cos(low), np.cos(low)[::-1]]) * radius
    r[0] = r[-1] = 0.0
    z = np.concatenate([np.sin(low) * radius - half_height, -np.sin(low)[::-1] * radius + half_height])
    return revolve(r, z)


def tote_mesh(size: tuple[float, float, float]) -> Mesh:
    """An open bin of the outer ``size``: tapering walls, a rim, a floor and two ribs on the long sides."""
    x, y, z = size[0] / 2, size[1] / 2, size[2] / 2
    wall, rim = min(0.012, 0.1 * min(x, y)), min(0.022, 0.2 * z)
    taper = 0.90

    def ring(fx: float, fy: float, height: float) -> Array:
        return np.array([[-fx, -fy, height], [fx, -fy, height], [fx, fy, height], [-fx, fy, height]])

    inner = min(wall / min(x, y), 0.3)
    bottom, under_rim = (x * taper, y * taper), (x * 0.965, y * 0.965)
    rings = [
        ring(*bottom, -z),
        ring(*under_rim, z - rim),
        ring(x, y, z - rim),
        ring(x, y, z),
        ring(x * (1 - inner), y * (1 - inner), z),
        ring(bottom[0] * (1 - inner), bottom[1] * (1 - inner), -z + wall),
    ]
    faces: list[tuple[int, int, int]] = [(0, 2, 1), (0, 3, 2)]
    for k in range(len(rings) - 1):
        for i in range(4):
            j = (i + 1) % 4
            a, b, c, d = 4 * k + i, 4 * k + j, 4 * k + 4 + j, 4 * k + 4 + i
            faces += [(a, b, c), (a, c, d)]
    last = 4 * (len(rings) - 1)
    faces += [(last, last + 1, last + 2), (last, last + 2, last + 3)]
    return Mesh(np.vstack(rings), np.array(faces, dtype=np.int64))
