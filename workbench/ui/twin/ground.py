"""Floor, grid, zones and stations: everything that never moves, merged to a handful of actors."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pyvista as pv
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkActor, vtkRenderer

from sim.cell import WorkCell, Zone
from sim.geometry import StationShape
from sim.shapes import Mesh, merge
from workbench.ui.tokens import Tokens
from workbench.ui.twin.paint import (
    TAPE,
    actor,
    material_colour,
    mix,
    paint,
    plain,
    rgb,
    segments,
    set_data,
    sharp_edges,
    with_normals,
)

Array = NDArray[np.float64]

TAPE_WIDTH = 0.045
#: Heights of the flat layers, m: each a little above the one before, so that none flickers through another.
FLOOR_Z, FILL_Z, MINOR_Z, MAJOR_Z, SHADOW_Z, TAPE_Z = -0.006, -0.005, -0.004, -0.0035, -0.002, -0.001
_OWNER = "owner"  # of each point: which of the stations' shapes
_FADE = (7.0, 20.0)  # m from the middle: the floor is whole up to here, gone there
_MINOR_REACH, _MAJOR_REACH = 5.0, 12.0
#: Where the light falls along, for the flat shadows.
LIGHT = np.array([0.35, -0.42, -1.0])


class Ground:
    """The still part of the scene.

    Args:
        renderer: where the actors live.
        cell: the surroundings; None for a bare floor.
        stations: its station shapes in world coordinates.
    """

    def __init__(self, renderer: vtkRenderer, cell: WorkCell | None, stations: tuple[StationShape, ...]) -> None:
        self._stations = stations
        self._zones = cell.zones if cell is not None else ()
        # All stations at once: a hundred small meshes cost VTK's filters a second of the start, one large mesh nothing.
        self._whole = merge([s.mesh for s in stations])
        pieces = plain(self._whole)
        pieces.point_data[_OWNER] = np.repeat(np.arange(len(stations)), [len(s.mesh.vertices) for s in stations])
        self._surface = with_normals(pieces, 25.0) if stations else pieces
        self._edges = sharp_edges(pieces) if stations else pieces
        inner, outer = _discs()
        self._floor, self._rim = actor(inner), actor(outer)
        self._floor_data, self._rim_data = inner, outer
        self._minor, self._major = actor(_grid(0.25, _MINOR_REACH)), actor(_grid(1.0, _MAJOR_REACH))
        self._fill, self._tape = actor(), actor()
        self.body, self._lines, self._shadow = actor(lit=True), actor(width=1.0), actor()
        self._owner_of_cell = [s.station for s in stations for _ in s.mesh.faces]
        self._actors = (
            self._rim,
            self._floor,
            self._fill,
            self._minor,
            self._major,
            self._tape,
            self._shadow,
            self.body,
            self._lines,
        )
        for item in self._actors:
            renderer.AddActor(item)

    def recolour(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        floor = 255 * np.array(rgb(tokens.floor))
        paint(self._floor_data, np.tile(floor, (self._floor_data.n_points, 1)))
        half = self._rim_data.n_points // 2
        alpha = np.concatenate([np.full(half, 255.0), np.zeros(half)])
        paint(self._rim_data, np.column_stack([np.tile(floor, (2 * half, 1)), alpha]))
        self._paint_grid(
            self._minor, mix(tokens.floor, tokens.grid_minor, 0.55 if tokens.name == "dark" else 0.8), tokens, _MINOR_REACH
        )
        self._paint_grid(self._major, tokens.grid_major, tokens, _MAJOR_REACH)
        self._recolour_zones(tokens)
        if not self._stations:
            return
        colours = 255 * np.array([rgb(material_colour(s.material, tokens)) for s in self._stations])
        dark = 255 * np.array([rgb(mix(material_colour(s.material, tokens), "#0B0E12", 0.55)) for s in self._stations])
        for target, data, palette in ((self.body, self._surface, colours), (self._lines, self._edges, dark)):
            painted = data.copy()
            paint(painted, np.round(palette[np.asarray(data.point_data[_OWNER])]))
            set_data(target, painted)
        flat = plain(Mesh(flattened(self._whole.vertices), self._whole.faces))
        paint(flat, np.tile(255 * np.array(rgb(mix(tokens.floor, tokens.shadow, 0.6))), (flat.n_points, 1)))
        set_data(self._shadow, flat)

    def station_of_cell(self, cell_id: int) -> str:
        """Station that a picked triangle belongs to, "" if none."""
        return self._owner_of_cell[cell_id] if 0 <= cell_id < len(self._owner_of_cell) else ""

    def show_grid(self, shown: bool) -> None:
        """Grid lines on or off."""
        self._minor.SetVisibility(shown)
        self._major.SetVisibility(shown)

    def show_zones(self, shown: bool) -> None:
        """Zones on or off."""
        self._tape.SetVisibility(shown)
        self._fill.SetVisibility(shown)

    def show_shadow(self, shown: bool) -> None:
        """Shadows of the stations on or off."""
        self._shadow.SetVisibility(shown)

    def _paint_grid(self, target: vtkActor, colour: str, tokens: Tokens, reach: float) -> None:
        data = pv.wrap(target.GetMapper().GetInput())
        distance = np.linalg.norm(np.asarray(data.points)[:, :2], axis=1) / reach
        share = np.clip(1.15 - distance, 0.0, 1.0)[:, None]
        paint(data, 255 * (np.array(rgb(colour)) * share + np.array(rgb(tokens.floor)) * (1 - share)))

    def _recolour_zones(self, tokens: Tokens) -> None:
        index = 0 if tokens.name == "dark" else 1
        tape, fill = [], []
        for zone in self._zones:
            colour = TAPE[zone.kind][index]
            tape.append(_painted(_tape(zone), colour))
            if zone.kind in ("shared", "wet", "pedestrian"):
                share = 0.13 if zone.kind == "shared" else 0.07
                fill.append(_painted(_rectangle(zone, 0.0, FILL_Z), mix(tokens.floor, colour, share)))
        for target, parts in ((self._tape, tape), (self._fill, fill)):
            if parts:
                set_data(target, pv.merge(parts, merge_points=False))


def flattened(points: Array) -> Array:
    """Points (n, 3) thrown on the floor along the light."""
    out = points - np.outer(points[:, 2] / LIGHT[2], LIGHT)
    out[:, 2] = SHADOW_Z
    return np.asarray(out)


def zone_label_point(zone: Zone) -> Array:
    """(3,) where the name of a zone stands: the middle of its lower edge."""
    return np.array([zone.centre.x - zone.size[0] / 2 + 0.1, zone.centre.y - zone.size[1] / 2 + 0.1, 0.0])


def _discs() -> tuple[pv.PolyData, pv.PolyData]:
    angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    ring = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(64)])
    lift = np.array([0.0, 0.0, FLOOR_Z])
    inner = pv.PolyData((ring * _FADE[0] + lift).astype(np.float32), np.array([64, *range(64)]))
    points = np.vstack([ring * _FADE[0], ring * _FADE[1]]) + lift
    quads = [[4, i, 64 + i, 64 + (i + 1) % 64, (i + 1) % 64] for i in range(64)]
    return inner, pv.PolyData(points.astype(np.float32), np.array(quads).ravel())


def _grid(pitch: float, reach: float) -> pv.PolyData:
    """Lines in short pieces, so that the colour can fade along them."""
    z = MINOR_Z if pitch < 1 else MAJOR_Z
    steps = np.arange(-reach, reach + 1e-6, pitch)
    if pitch < 1:
        steps = steps[np.abs(steps / 1.0 - np.round(steps / 1.0)) > 1e-6]
    cuts = np.arange(-reach, reach + 1e-6, 1.0)
    pairs = []
    for s in steps:
        for a, b in pairwise(cuts):
            pairs += [[[s, a, z], [s, b, z]], [[a, s, z], [b, s, z]]]
    return segments(np.array(pairs))


def _corners(zone: Zone, grow: float, z: float) -> Array:
    hx, hy = zone.size[0] / 2 + grow, zone.size[1] / 2 + grow
    c, s = np.cos(zone.centre.yaw), np.sin(zone.centre.yaw)
    flat = np.array([[hx, hy], [-hx, hy], [-hx, -hy], [hx, -hy]]) @ np.array([[c, s], [-s, c]])
    return np.column_stack([flat + np.array([zone.centre.x, zone.centre.y]), np.full(4, z)])


def _rectangle(zone: Zone, grow: float, z: float) -> pv.PolyData:
    return pv.PolyData(_corners(zone, grow, z).astype(np.float32), np.array([4, 0, 1, 2, 3]))


#: Length of a dash and of the pause after it, m, by kind of zone; whole lines where absent.
_DASHES: Mapping[str, tuple[float, float]] = {"wet": (0.12, 0.10), "pedestrian": (0.40, 0.20)}


def _tape(zone: Zone) -> pv.PolyData:
    """The outline as painted: a band inside the edge; dashed for the aisle and for wet floor."""
    outer, inner = _corners(zone, 0.0, TAPE_Z), _corners(zone, -TAPE_WIDTH, TAPE_Z)
    dash = _DASHES.get(zone.kind)
    points: list[Array] = []
    for i in range(4):
        j = (i + 1) % 4
        length = float(np.linalg.norm(outer[j] - outer[i]))
        spans = [(0.0, 1.0)]
        if dash is not None:
            starts = np.arange(0.0, length, sum(dash))
            spans = [(float(s / length), min(1.0, float((s + dash[0]) / length))) for s in starts]
        for a, b in spans:
            points += [outer[i] + a * (outer[j] - outer[i]), outer[i] + b * (outer[j] - outer[i])]
            points += [inner[i] + b * (inner[j] - inner[i]), inner[i] + a * (inner[j] - inner[i])]
    quads = [[4, k, k + 1, k + 2, k + 3] for k in range(0, len(points), 4)]
    return pv.PolyData(np.array(points, dtype=np.float32), np.array(quads).ravel())


def _painted(data: pv.PolyData, colour: str) -> pv.PolyData:
    paint(data, np.tile(255 * np.array(rgb(colour)), (data.n_points, 1)))
    return data
