"""Colours of the viewport's materials in both themes, and small constructors of VTK actors. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyvista as pv
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from sim.geometry import BodyShape
from sim.shapes import Mesh
from workbench.ui.tokens import MATERIALS, Tokens

Array = NDArray[np.float64]
Rgb = tuple[float, float, float]

#: What ``tokens.MATERIALS`` does not name: dark theme, light theme.
_MORE: Mapping[str, tuple[str, str]] = {
    "roller": ("#8A949F", "#A9B2BB"),
    "machine": ("#7F8A96", "#C9D0D7"),
    "panel": ("#5C6772", "#9AA5B0"),
    "glass": ("#2A333D", "#3A4652"),
    "dark": ("#39424D", "#55606C"),
    "safety": ("#C7982A", "#D9A520"),
    "mesh": ("#5B656F", "#8C97A3"),
    "aluminium": ("#A9B2BC", "#C2C9D0"),
    "concrete": ("#4A525B", "#B9C1C9"),
}
#: Paint on the floor by kind of zone: dark theme, light theme.
TAPE: Mapping[str, tuple[str, str]] = {
    "shared": ("#C99A2E", "#D9A520"),
    "own": ("#A4ACB5", "#8C97A3"),
    "pedestrian": ("#A4ACB5", "#8C97A3"),
    "wet": ("#76818D", "#76818D"),
    "floor": ("#A4ACB5", "#8C97A3"),
}
#: Words in a robot's material names -> token.
_PARTS = (
    ("visor", "visor"),
    ("glass", "visor"),
    ("dark", "dark_part"),
    ("rubber", "dark_part"),
    ("pad", "dark_part"),
    ("sole", "dark_part"),
)
_PARTS_MORE = (
    ("joint", "joint"),
    ("metal", "joint"),
    ("motor", "joint"),
    ("shell", "shell"),
    ("cover", "shell"),
    ("white", "shell"),
)


def rgb(value: str) -> Rgb:
    """#RRGGBB as 0..1."""
    return int(value[1:3], 16) / 255, int(value[3:5], 16) / 255, int(value[5:7], 16) / 255


def mix(a: str, b: str, share: float) -> str:
    """``a`` with a share (0..1) of ``b``."""
    ca, cb = rgb(a), rgb(b)
    return "#" + "".join(f"{round(255 * (x + (y - x) * share)):02X}" for x, y in zip(ca, cb, strict=True))


def material_colour(material: str, tokens: Tokens) -> str:
    """Colour of a cell material."""
    if material in _MORE:
        return _MORE[material][0 if tokens.name == "dark" else 1]
    return MATERIALS.get(material, MATERIALS["steel"])


def body_colour(shape: BodyShape, tokens: Tokens) -> str:
    """Colour of a robot piece: by the words of its material where they say what it is, else as the model has it."""
    name = shape.material.lower()
    for word, token in (*_PARTS, *_PARTS_MORE):
        if word in name:
            return str(getattr(tokens, token))
    r, g, b, _ = shape.rgba
    return f"#{round(255 * r):02X}{round(255 * g):02X}{round(255 * b):02X}"


def plain(mesh: Mesh) -> pv.PolyData:
    """The mesh as VTK has it."""
    faces = np.column_stack([np.full(len(mesh.faces), 3), mesh.faces]).ravel()
    return pv.PolyData(np.asarray(mesh.vertices, dtype=np.float32), faces)


def surface(mesh: Mesh, feature_angle: float = 38.0, target: int | None = None) -> pv.PolyData:
    """Mesh with point normals, split at sharp edges; reduced to about ``target`` triangles where it has more."""
    data = plain(mesh)
    if target is not None and len(mesh.faces) > 1.2 * target:
        data = data.clean().decimate(1.0 - target / len(mesh.faces))
    return with_normals(data, feature_angle)


def with_normals(data: pv.PolyData, feature_angle: float) -> pv.PolyData:
    """The same with point normals, split at edges sharper than ``feature_angle`` degrees; point data stay with their points."""
    return data.compute_normals(
        cell_normals=False, point_normals=True, split_vertices=True, feature_angle=feature_angle, consistent_normals=False
    )


def coloured(parts: list[tuple[pv.PolyData, str]]) -> pv.PolyData:
    """One mesh of several, each with a colour: points, normals, triangles and a ``colour`` array (uint8)."""
    points, normals, faces, colours, offset = [], [], [], [], 0
    for data, colour in parts:
        points.append(data.points)
        normals.append(data.point_data["Normals"])
        faces.append(data.faces.reshape(-1, 4) + np.array([0, offset, offset, offset]))
        colours.append(np.tile(np.round(255 * np.array(rgb(colour))), (data.n_points, 1)))
        offset += data.n_points
    merged = pv.PolyData(np.vstack(points).astype(np.float32), np.vstack(faces).ravel())
    merged.point_data.active_normals = np.vstack(normals).astype(np.float32)
    paint(merged, np.vstack(colours))
    return merged


def paint(data: pv.PolyData, colours: NDArray[Any]) -> None:
    """Give each point its own colour: (points, 3 or 4) of 0..255."""
    array = numpy_to_vtk(np.ascontiguousarray(colours, dtype=np.uint8), deep=True)
    array.SetName("colour")
    data.GetPointData().SetScalars(array)


def edge_lines(mesh: Mesh, angle: float = 30.0) -> pv.PolyData:
    """Sharp edges of a mesh as lines, those where its pieces touch as well."""
    return sharp_edges(plain(mesh).clean(), angle)


def sharp_edges(data: pv.PolyData, angle: float = 30.0) -> pv.PolyData:
    """Edges between triangles that share points and meet at more than ``angle`` degrees; point data stay with their points."""
    edges = data.extract_feature_edges(
        feature_angle=angle, boundary_edges=True, non_manifold_edges=False, feature_edges=True, manifold_edges=False
    )
    edges.cell_data.clear()
    return edges


def segments(pairs: Array) -> pv.PolyData:
    """Separate line segments: (n, 2, 3) ends."""
    n = len(pairs)
    data = pv.PolyData()
    data.points = np.asarray(pairs, dtype=np.float32).reshape(-1, 3)
    data.lines = np.column_stack([np.full(n, 2), np.arange(0, 2 * n, 2), np.arange(1, 2 * n, 2)]).ravel()
    return data


def polyline(points: Array, closed: bool = False) -> pv.PolyData:
    """One line through points (n, 3)."""
    order = [*range(len(points)), *([0] if closed else [])]
    data = pv.PolyData()
    data.points = np.asarray(points, dtype=np.float32)
    data.lines = np.array([len(order), *order])
    return data


def fan(points: Array) -> pv.PolyData:
    """A convex flat polygon (n, 3) as one face."""
    return pv.PolyData(np.asarray(points, dtype=np.float32), np.array([len(points), *range(len(points))]))


class MovingPoints:
    """A small shape whose points move every frame while its lines or faces stay: cheaper than a new mesh.

    Args:
        target: the actor that shows it.
        data: the shape at its largest; its number of points is the most there can be.
    """

    def __init__(self, target: vtkActor, data: pv.PolyData) -> None:
        self._array = np.array(data.points, dtype=np.float32)
        self._vtk = numpy_to_vtk(self._array, deep=False)
        data.GetPoints().SetData(self._vtk)
        self._data = data
        set_data(target, data)

    def move(self, points: Array) -> None:
        """New places (k, 3) for the first k points; the others fall on the last one, so that nothing of them is seen."""
        n = min(len(points), len(self._array))
        self._array[:n] = points[:n]
        self._array[n:] = points[n - 1]
        self._vtk.Modified()
        self._data.GetPoints().Modified()
        self._data.Modified()


def actor(
    data: pv.PolyData | None = None, *, lit: bool = False, colour: str = "", width: float = 1.0, opacity: float = 1.0
) -> vtkActor:
    """An actor; without ``colour`` the points' own colours are used. Not pickable unless lit."""
    mapper = vtkPolyDataMapper()
    if data is not None:
        mapper.SetInputData(data)
    made = vtkActor()
    made.SetMapper(mapper)
    prop = made.GetProperty()
    if colour:
        mapper.ScalarVisibilityOff()
        prop.SetColor(*rgb(colour))
    else:
        mapper.SetColorModeToDirectScalars()
    if lit:
        prop.SetAmbient(0.16)
        prop.SetDiffuse(0.92)
        prop.SetSpecular(0.16)
        prop.SetSpecularPower(28)
    else:
        prop.LightingOff()
        made.PickableOff()
    prop.SetLineWidth(width)
    prop.SetOpacity(opacity)
    return made


def set_data(target: vtkActor, data: pv.PolyData) -> None:
    """Show another mesh."""
    target.GetMapper().SetInputData(data)


def set_matrix(matrix: vtkMatrix4x4, transform: Array) -> None:
    """Copy (4, 4) into VTK's matrix."""
    matrix.DeepCopy(transform.ravel())


def pose_matrix(pose: Array) -> Array:
    """(4, 4) of a pose (7,) x y z qw qx qy qz."""
    w, x, y, z = pose[3:7]
    out = np.eye(4)
    out[:3, :3] = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    out[:3, 3] = pose[:3]
    return out


def box_edges(low: Array, high: Array) -> pv.PolyData:
    """The twelve edges of an axis-aligned box."""
    c = np.array([[x, y, z] for z in (low[2], high[2]) for y in (low[1], high[1]) for x in (low[0], high[0])])
    pairs = [(0, 1), (2, 3), (4, 5), (6, 7), (0, 2), (1, 3), (4, 6), (5, 7), (0, 4), (1, 5), (2, 6), (3, 7)]
    return segments(np.array([[c[a], c[b]] for a, b in pairs]))
