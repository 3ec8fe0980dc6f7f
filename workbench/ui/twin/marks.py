"""What the eye cannot see in the scene: footprints, centre of mass, support polygon, contact forces, drawn on the floor."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyvista as pv
from numpy.typing import NDArray
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkRenderingCore import vtkRenderer

from sim.geometry import Kinematics, nearest_edge, polygon_area
from sim.recording import Recording
from sim.snapshot import Snapshot
from workbench.ui.tokens import Tokens
from workbench.ui.twin.paint import MovingPoints, actor, fan, paint, polyline, rgb, segments, set_data

if TYPE_CHECKING:
    from workbench.ui.twin.stage import Layers

Array = NDArray[np.float64]

_FOOT_Z, _POLYGON_Z = 0.002, 0.004
#: Arrow length per force, m/N.
FORCE_SCALE = 0.001
#: Below this distance to the edge the line to it is drawn, m. The wanted reserve comes from the findings, not from here.
SHORT = 0.015
_FOOT_POINTS = 28
_CORNERS, _ARROW_LINES = 10, 5  # most corners of a hull of two soles (8), lines of an arrow
#: A foot with more load than this stands, N; footholds nearer to each other than this are one, m.
_TOUCH_LOAD, _SAME_FOOTHOLD = 20.0, 0.03
#: So many footprints before and after now are drawn: the whole way would hide the floor.
_PRINTS_DONE, _PRINTS_PLANNED = 8, 6


class Marks:
    """The overlays of one stage."""

    def __init__(self, renderer: vtkRenderer, kinematics: Kinematics) -> None:
        self._kinematics = kinematics
        self._prints = actor()
        self._print_lines = actor(width=1.6)
        self._plan_lines = actor(width=1.6)
        self._area, self._edge = actor(opacity=0.34, colour="#000000"), actor(width=2.5, colour="#000000")
        self._com, self._com_drop = actor(_disc(0.013), colour="#000000"), actor(width=1.4, colour="#000000")
        self._area_points = MovingPoints(self._area, fan(np.zeros((_CORNERS, 3))))
        self._edge_points = MovingPoints(self._edge, polyline(np.zeros((_CORNERS, 3)), closed=True))
        self._drop_points = MovingPoints(self._com_drop, segments(np.zeros((1, 2, 3))))
        self._com_matrix = vtkMatrix4x4()
        self._com.SetUserMatrix(self._com_matrix)
        self._short = actor(width=2.0, colour="#000000")
        self._short_points = MovingPoints(self._short, segments(np.zeros((1, 2, 3))))
        self._forces = actor(width=2.2, colour="#000000")
        self._force_points = MovingPoints(self._forces, segments(np.zeros((2 * _ARROW_LINES, 2, 3))))
        self.push = actor(width=3.0, colour="#000000")
        self.area = 0.0
        self.margin: float | None = None
        self._resting = True
        self.edge_point: Array | None = None
        self.ground_com: Array | None = None
        self._history: list[tuple[float, int, Array]] = []
        self._drawn: tuple[int, bytes] | None = None
        self._now: tuple[float, Array | None] = (0.0, None)
        self._plan: Snapshot | None = None
        self._way = b""
        self._tokens: Tokens | None = None
        for item in (
            *(self._prints, self._print_lines, self._plan_lines, self._area, self._edge),
            *(self._com, self._com_drop, self._short, self._forces, self.push),
        ):
            item.SetVisibility(False)
            renderer.AddActor(item)

    def recolour(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        pairs = ((self._area, tokens.ok), (self._edge, tokens.ok), (self._com, tokens.tx), (self._com_drop, tokens.tx))
        more = ((self._short, tokens.fa), (self._plan_lines, tokens.ac), (self._forces, tokens.tx), (self.push, tokens.ac))
        for item, colour in (*pairs, *more):
            item.GetProperty().SetColor(*rgb(colour))
        self._drawn = None
        self._draw_history(*self._now)

    def set_history(self, recording: Recording | None) -> None:
        """The footholds of a whole recording, so that those of the past are filled and those to come are outlined."""
        self._history = footholds(recording) if recording is not None else []
        self._drawn = None

    def show_plan(self, ghost: Snapshot | None) -> None:
        """The planned footholds of the ghost."""
        self._plan = ghost

    def show(self, snapshot: Snapshot, layers: Layers) -> None:
        """Draw for a snapshot that the kinematics have taken."""
        k = self._kinematics
        polygon = k.support_polygon()
        self.area = polygon_area(polygon)
        com = snapshot.com if snapshot.com is not None else k.centre_of_mass()
        self.ground_com = np.array([com[0], com[1], 0.0])
        self.margin, self.edge_point = snapshot.margin, None
        # In a step the capture point leaves the standing foot on purpose: only both feet on the floor can be short of margin.
        force = snapshot.foot_force
        self._resting = force is None or bool(np.all(force[:, 2] > _TOUCH_LOAD))
        if len(polygon) >= 3:
            distance, foot = nearest_edge(polygon, com[:2])
            self.edge_point = np.array([foot[0], foot[1], _POLYGON_Z])
            if self.margin is None:
                self.margin = distance
        self._area.SetVisibility(layers.polygon and len(polygon) >= 3)
        self._edge.SetVisibility(layers.polygon and len(polygon) >= 3)
        if len(polygon) >= 3:
            corners = np.column_stack([polygon, np.full(len(polygon), _POLYGON_Z)])
            self._area_points.move(corners)
            self._edge_points.move(corners)
        self._com.SetVisibility(layers.com)
        self._com_drop.SetVisibility(layers.com)
        self._com_matrix.SetElement(0, 3, com[0])
        self._com_matrix.SetElement(1, 3, com[1])
        self._com_matrix.SetElement(2, 3, _POLYGON_Z + 0.003)
        self._drop_points.move(np.array([[com[0], com[1], 0.01], com]))
        short = layers.com and self.is_short and self.edge_point is not None
        self._short.SetVisibility(short)
        if short and self.edge_point is not None:
            self._short_points.move(np.array([[com[0], com[1], 0.006], [*self.edge_point[:2], 0.006]]))
        self._show_forces(snapshot, layers.forces)
        shown = layers.footprints and (bool(self._history) or snapshot.foot_target is not None)
        self._prints.SetVisibility(shown)
        self._print_lines.SetVisibility(shown)
        self._show_way(snapshot.way if layers.footprints else None)
        if shown:
            self._draw_history(snapshot.time, snapshot.foot_target if not self._history else None)

    @property
    def is_short(self) -> bool:
        """Both feet stand, and the margin is small enough to draw the line to the edge."""
        return self._resting and self.margin is not None and self.margin < SHORT

    def show_push(self, start: Array | None, end: Array | None) -> None:
        """The arrow of a push from the mouse, or none."""
        self.push.SetVisibility(start is not None)
        if start is not None and end is not None:
            set_data(self.push, segments(arrow(start, end)))

    def _show_forces(self, snapshot: Snapshot, wanted: bool) -> None:
        self._forces.SetVisibility(False)
        if not wanted or snapshot.foot_force is None:
            return
        lines = []
        for polygon, force in zip(self._kinematics.sole_polygons(), snapshot.foot_force, strict=True):
            if np.all(np.isfinite(force)) and np.linalg.norm(force) > 5.0:
                front = (polygon[0] + polygon[3]) / 2
                lines.append(arrow(front, front + force * FORCE_SCALE))
        if lines:
            self._force_points.move(np.concatenate(lines).reshape(-1, 3))
            self._forces.SetVisibility(True)

    def _show_way(self, way: Array | None) -> None:
        self._plan_lines.SetVisibility(way is not None)
        if way is None or way.tobytes() == self._way:
            return
        self._way = way.tobytes()
        set_data(self._plan_lines, polyline(np.column_stack([way, np.full(len(way), _FOOT_Z)])))

    def _draw_history(self, time: float, now: Array | None = None) -> None:
        self._now = (time, now)
        if self._tokens is None:
            return
        feet = self._history or ([(-np.inf, i, now[i]) for i in (0, 1)] if now is not None else [])
        if self._history and np.isfinite(time):
            done = sum(1 for at, _, _ in feet if at <= time)
            feet = feet[max(done - _PRINTS_DONE, 0) : done + _PRINTS_PLANNED]
        feet = [f for f in feet if np.all(np.isfinite(f[2]))]
        state = (sum(1 for at, _, _ in feet if at <= time), b"".join(f[2].tobytes() for f in feet))
        if state == self._drawn:  # the same prints are done: nothing to rebuild
            return
        self._drawn = state
        colours = [255 * np.array(rgb(c)) for c in (self._tokens.s2, self._tokens.s4)]
        half = [leg.sole_half_size for leg in self._kinematics.robot.profile.legs.values()]
        rings = [footprint(foot, half[side]) for _, side, foot in feet]
        lines, fills = _rings(rings, [f <= time for f, _, _ in feet])
        if rings:
            paint(lines, np.repeat([colours[side] for _, side, _ in feet], _FOOT_POINTS, axis=0))
            paint(fills, np.repeat([[*colours[side], 0.22 * 255] for _, side, _ in feet], _FOOT_POINTS, axis=0))
        set_data(self._print_lines, lines)
        set_data(self._prints, fills)


def _rings(rings: list[Array], done: list[bool]) -> tuple[pv.PolyData, pv.PolyData]:
    """All outlines as one mesh of lines, and the done ones filled as another (both with all points)."""
    if not rings:
        return pv.PolyData(), pv.PolyData()
    points = np.vstack(rings).astype(np.float32)
    lines, fills = pv.PolyData(), pv.PolyData()
    lines.points, fills.points = points, points.copy()
    order = [np.arange(k * _FOOT_POINTS, (k + 1) * _FOOT_POINTS) for k in range(len(rings))]
    lines.lines = np.concatenate([[_FOOT_POINTS + 1, *o, o[0]] for o in order])
    filled = [[_FOOT_POINTS, *o] for o, is_done in zip(order, done, strict=True) if is_done]
    if filled:
        fills.faces = np.concatenate(filled)
    return lines, fills


def footholds(recording: Recording) -> list[tuple[float, int, Array]]:
    """The footholds of a recording in order: when the foot came down, side (0 left, 1 right), target x y z yaw.

    The plan shifts a target while the foot is in the air; what counts is where it was when the foot took load. Where the loads show
    no foot in the air every target that was held counts.
    """
    series, load = recording.series.get("foot.target"), recording.series.get("foot.force")
    if series is None or not len(series.t):
        return []
    out: list[tuple[float, int, Array]] = []
    for side in (0, 1):
        times = [float(series.t[0])]
        loaded = load.values[:, side] > _TOUCH_LOAD if load is not None else np.zeros(0, dtype=bool)
        if load is not None and not loaded.all():
            times += [float(t) for t in load.t[1:][loaded[1:] & ~loaded[:-1]]]
        else:
            values = series.values[:, 4 * side : 4 * side + 2]
            moved = np.linalg.norm(np.diff(values, axis=0), axis=1) > _SAME_FOOTHOLD
            times += [float(t) for t in series.t[1:][moved]]
        last: Array | None = None
        for time in times:
            foot = series.at(time)[4 * side : 4 * side + 4]
            if np.all(np.isfinite(foot)) and (last is None or float(np.linalg.norm(foot[:2] - last[:2])) > _SAME_FOOTHOLD):
                out.append((time, side, foot))
                last = foot
    return sorted(out, key=lambda item: item[0])


def footprint(foot: Array, half: tuple[float, float]) -> Array:
    """Superellipse (k, 3) of a foothold x y z yaw."""
    angle = np.linspace(0, 2 * np.pi, _FOOT_POINTS, endpoint=False)
    c, s = np.cos(angle), np.sin(angle)
    shape = np.column_stack([half[0] * np.sign(c) * np.abs(c) ** 0.5, half[1] * np.sign(s) * np.abs(s) ** 0.5])
    cy, sy = np.cos(foot[3]), np.sin(foot[3])
    world = shape @ np.array([[cy, sy], [-sy, cy]]) + foot[:2]
    return np.column_stack([world, np.full(_FOOT_POINTS, _FOOT_Z)])


def arrow(start: Array, end: Array) -> Array:
    """A line with a small head of lines: their ends (k, 2, 3)."""
    along = np.asarray(end, dtype=float) - start
    length = float(np.linalg.norm(along))
    if length < 1e-6:
        return np.array([[start, end]])
    along /= length
    x, y, z = (float(v) for v in along)
    side = np.array([y, -x, 0.0]) if abs(z) < 0.9 else np.array([-z, 0.0, x])  # along × up, or along × left (np.cross is slow)
    side /= math.sqrt(float(side @ side))
    head = min(0.04, 0.35 * length)
    a, b, c = (float(v) for v in side)
    up = np.array([b * z - c * y, c * x - a * z, a * y - b * x])
    barbs = [[end, end - along * head + v * head * 0.45] for v in (side, -side, up, -up)]
    return np.array([[start, end], *barbs])


def _disc(radius: float) -> pv.PolyData:
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return fan(np.column_stack([radius * np.cos(angle), radius * np.sin(angle), np.zeros(24)]))
