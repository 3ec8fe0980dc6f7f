"""Low-poly smooth surfaces: lofts through superellipses, turned parts, rounded boxes, curved plates.

Every function returns a closed surface with its faces turned outwards. Lengths m.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Faces = NDArray[np.int64]


@dataclass(frozen=True)
class Surface:
    """Vertices (n, 3) and triangles (m, 3)."""

    vertices: Array
    faces: Faces

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Surface:
        """Shifted."""
        return Surface(self.vertices + np.array([x, y, z]), self.faces)

    def turned(self, axis: str) -> Surface:
        """A part built along z laid along ``axis`` (x or y), or leaned by the caller's own matrix."""
        order = {"x": ((2, 0, 1)), "y": ((1, 2, 0)), "z": ((0, 1, 2))}[axis]
        return Surface(self.vertices[:, order], self.faces)

    def pitched(self, angle: float) -> Surface:
        """Turned about y by ``angle`` rad (positive: the top goes ahead)."""
        c, s = np.cos(angle), np.sin(angle)
        return Surface(self.vertices @ np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]]).T, self.faces)

    def rolled(self, angle: float) -> Surface:
        """Turned about x by ``angle`` rad."""
        c, s = np.cos(angle), np.sin(angle)
        return Surface(self.vertices @ np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]]).T, self.faces)

    def mirrored(self) -> Surface:
        """The other side's part: y negated, faces turned back outwards."""
        return Surface(self.vertices * np.array([1.0, -1.0, 1.0]), self.faces[:, ::-1])


def joined(parts: Sequence[Surface]) -> Surface:
    """Several surfaces as one."""
    vertices, faces, offset = [], [], 0
    for part in parts:
        vertices.append(part.vertices)
        faces.append(part.faces + offset)
        offset += len(part.vertices)
    return Surface(np.concatenate(vertices), np.concatenate(faces))


def superellipse(half_x: float, half_y: float, power: float, around: int) -> Array:
    """Points (around, 2) counter-clockwise; power 2 is an ellipse, larger is squarer. Spaced evenly enough on corners."""
    t = 2.0 * np.pi * np.arange(around) / around
    c, s = np.cos(t), np.sin(t)
    radius = (np.abs(c) ** power + np.abs(s) ** power) ** (-1.0 / power)
    return np.column_stack((half_x * radius * c, half_y * radius * s))


def loft(sections: Sequence[Sequence[float]], around: int = 20, power: float = 2.4) -> Surface:
    """A skin along z through sections (z, half_x, half_y[, centre_x[, centre_y[, power]]]), closed at both ends.

    Sections go from low to high z.
    """
    rings = []
    for section in sections:
        z, half_x, half_y, *rest = section
        centre_x = rest[0] if rest else 0.0
        centre_y = rest[1] if len(rest) > 1 else 0.0
        flat = superellipse(half_x, half_y, rest[2] if len(rest) > 2 else power, around)
        rings.append(np.column_stack((flat + np.array([centre_x, centre_y]), np.full(around, z))))
    return _skin(rings)


def _skin(rings: list[Array]) -> Surface:
    around = len(rings[0])
    low, high = rings[0].mean(axis=0), rings[-1].mean(axis=0)
    vertices = np.concatenate([*rings, low[None], high[None]])
    bottom, top = len(vertices) - 2, len(vertices) - 1
    faces = []
    for ring in range(len(rings) - 1):
        for i in range(around):
            a, b = ring * around + i, ring * around + (i + 1) % around
            faces += [(a, b, b + around), (a, b + around, a + around)]
    last = (len(rings) - 1) * around
    for i in range(around):
        j = (i + 1) % around
        faces += [(bottom, j, i), (top, last + i, last + j)]
    return Surface(vertices, np.array(faces))


def lathe(profile: Sequence[tuple[float, float]], around: int = 16) -> Surface:
    """A turned part about z from (z, radius) points, low to high, closed at both ends."""
    return loft([(z, r, r) for z, r in profile], around, 2.0)


def drum(radius: float, low: float, high: float, around: int = 16, bevel: float = 0.005) -> Surface:
    """A drive housing: a cylinder along z with bevelled rims."""
    return lathe([(low, radius - bevel), (low + bevel, radius), (high - bevel, radius), (high, radius - bevel)], around)


def puck(radius: float, hidden: float, seen: float, around: int = 14, bevel: float = 0.004) -> Surface:
    """A drum of which only one end is ever seen: bevelled at z = ``seen`` alone."""
    inner = seen - bevel if seen > hidden else seen + bevel
    steps = [(hidden, radius), (inner, radius), (seen, radius - bevel)]
    return lathe(steps if seen > hidden else steps[::-1], around)


def ball(radius_x: float, radius_y: float, radius_z: float, around: int = 16, rings: int = 7, power: float = 2.0) -> Surface:
    """An ellipsoid, or with a larger power a rounded box, about the origin."""
    t = np.pi * (np.arange(1, rings + 1) / (rings + 1) - 0.5)
    c, s = np.cos(t), np.sin(t)
    radius = (np.abs(c) ** power + np.abs(s) ** power) ** (-1.0 / power)
    sections = [(radius_z * r * si, radius_x * r * ci, radius_y * r * ci) for r, si, ci in zip(radius, s, c, strict=True)]
    if power > 2.0:
        # Squarer solids have flat ends; close them near the pole instead of with a cone.
        sections = [(-radius_z, 0.5 * sections[0][1], 0.5 * sections[0][2]), *sections]
        sections.append((radius_z, 0.5 * sections[-1][1], 0.5 * sections[-1][2]))
    else:
        return _with_poles(sections, radius_z, around)
    return loft(sections, around, power)


def _with_poles(sections: list[tuple[float, float, float]], radius_z: float, around: int) -> Surface:
    skin = loft(sections, around, 2.0)
    vertices = skin.vertices.copy()
    vertices[-2, 2], vertices[-1, 2] = -radius_z, radius_z
    return Surface(vertices, skin.faces)


def block(
    half_x: float, half_y: float, half_z: float, radius: float, around: int = 20, power: float = 5.0, rounded: bool = True
) -> Surface:
    """A housing: a squarish prism along z with rims rounded (or only chamfered) by ``radius``."""
    r = radius
    steps = [(0.0, 1.0), (0.3, 0.29), (1.0, 0.0)] if rounded else [(0.0, 1.0), (1.0, 0.0)]
    low = [(-half_z + up * r, half_x - inset * r, half_y - inset * r) for up, inset in steps]
    high = [(-z, x, y) for z, x, y in reversed(low)]
    return loft([*low, *high], around, power)


def band(
    sections: Sequence[Sequence[float]], low: float, high: float, thickness: float, columns: int = 12, power: float = 2.4
) -> Surface:
    """A curved plate: the part of a loft's skin between two angles about z (rad, 0 ahead), with a thickness outwards.

    Args:
        sections: As for ``loft``, low to high z. The first and last ring taper onto the surface below.
        low, high: Angles of the two sides.
        thickness: How far the plate stands out, m.
        columns: Pieces from side to side.
    """
    angles = np.linspace(low, high, columns + 1)
    outer, inner = [], []
    for number, section in enumerate(sections):
        z, half_x, half_y, *rest = section
        centre = np.array([rest[0] if rest else 0.0, 0.0])
        c, s = np.cos(angles), np.sin(angles)
        radius = (np.abs(c) ** power + np.abs(s) ** power) ** (-1.0 / power)
        unit = np.column_stack((radius * c, radius * s))
        edge = 0.25 if number in (0, len(sections) - 1) else 1.0
        fade = np.minimum(1.0, 0.25 + np.minimum(np.arange(columns + 1), np.arange(columns, -1, -1)))
        out = thickness * edge * fade
        face = unit * np.column_stack((half_x + out, half_y + out)) + centre
        back = unit * np.array([half_x - 0.006, half_y - 0.006]) + centre
        outer.append(np.column_stack((face, np.full(columns + 1, z))))
        inner.append(np.column_stack((back, np.full(columns + 1, z))))
    rows, across = len(sections), columns + 1
    vertices = np.concatenate([*outer, *inner])
    back_at = rows * across
    faces = []
    for r in range(rows - 1):
        for i in range(columns):
            a, b, c2, d = r * across + i, r * across + i + 1, (r + 1) * across + i + 1, (r + 1) * across + i
            faces += [(a, b, c2), (a, c2, d)]
            faces += [(back_at + a, back_at + c2, back_at + b), (back_at + a, back_at + d, back_at + c2)]
    rim = list(range(across)) + [r * across + columns for r in range(1, rows)]
    rim += [(rows - 1) * across + i for i in range(columns - 1, -1, -1)] + [r * across for r in range(rows - 2, 0, -1)]
    for a, b in zip(rim, rim[1:] + rim[:1], strict=True):
        faces += [(a, back_at + a, back_at + b), (a, back_at + b, b)]
    return Surface(vertices, np.array(faces))


def with_normals(surface: Surface, crease: float = 0.75) -> tuple[Array, Array, Faces, Faces]:
    """Vertices, unit normals, faces and the normals' faces. Edges sharper than ``crease`` rad stay sharp."""
    v, f = surface.vertices, surface.faces
    across = np.cross(v[f[:, 1]] - v[f[:, 0]], v[f[:, 2]] - v[f[:, 0]])
    area = np.linalg.norm(across, axis=1)
    keep = area > 1e-10
    f, across, area = f[keep], across[keep], area[keep]
    flat = across / area[:, None]
    touching: dict[int, list[int]] = {}
    for number, face in enumerate(f):
        for corner in face:
            touching.setdefault(int(corner), []).append(number)
    limit = np.cos(crease)
    known: dict[tuple[float, float, float], int] = {}
    normals: list[tuple[float, float, float]] = []
    normal_faces = np.empty_like(f)
    for number, face in enumerate(f):
        for column, corner in enumerate(face):
            near = [k for k in touching[int(corner)] if flat[k] @ flat[number] > limit]
            mean = across[near].sum(axis=0)
            mean /= np.linalg.norm(mean)
            key = (round(float(mean[0]), 3) + 0.0, round(float(mean[1]), 3) + 0.0, round(float(mean[2]), 3) + 0.0)
            if key not in known:
                known[key] = len(normals)
                normals.append(key)
            normal_faces[number, column] = known[key]
    return v, np.array(normals), f, normal_faces


def obj_text(surface: Surface, title: str) -> str:
    """The surface as a Wavefront OBJ; 0.01 mm steps."""
    vertices, normals, faces, normal_faces = with_normals(surface)
    lines = [f"# {title}: written by packaging/h140/generate.py"]
    lines += ["v " + " ".join(f"{c + 0.0:.5f}" for c in np.round(p, 5)) for p in vertices]
    lines += ["vn " + " ".join(f"{c:.3f}" for c in n) for n in normals]
    for face, normal in zip(faces + 1, normal_faces + 1, strict=True):
        lines.append("f " + " ".join(f"{a}//{b}" for a, b in zip(face, normal, strict=True)))
    return "\n".join(lines) + "\n"
