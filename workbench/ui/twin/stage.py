"""The 3D scene: what is drawn for a snapshot, without a window. The same stage stands in a widget or in an off-screen plotter."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyvista as pv
from numpy.typing import NDArray
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkFiltersHybrid import vtkPolyDataSilhouette
from vtkmodules.vtkRenderingCore import vtkActor, vtkCellPicker, vtkLight, vtkPolyDataMapper, vtkRenderer

from sim.geometry import Kinematics, SceneGeometry
from sim.shapes import Mesh, merge
from sim.snapshot import Snapshot
from workbench.ui.tokens import Tokens
from workbench.ui.twin.ground import Ground, flattened
from workbench.ui.twin.marks import Marks
from workbench.ui.twin.paint import (
    actor,
    body_colour,
    box_edges,
    coloured,
    edge_lines,
    material_colour,
    mix,
    pose_matrix,
    rgb,
    set_data,
    set_matrix,
    surface,
)
from workbench.ui.twin.props import BodyParts

Array = NDArray[np.float64]


@dataclass(slots=True)
class Layers:
    """What of the scene is switched on."""

    ghost: bool = True
    footprints: bool = True
    com: bool = True
    polygon: bool = True
    forces: bool = True
    zones: bool = True
    grid: bool = True
    shadow: bool = True


@dataclass(frozen=True, slots=True)
class Picked:
    """What lies under a point of the picture: one of station, object and joint; ``point`` in the world."""

    station: str = ""
    object: str = ""
    body: int = 0
    joint: str = ""
    point: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(slots=True)
class _Movable:
    """An actor with its matrix and, for an object, its edge lines."""

    actor: vtkActor
    matrix: vtkMatrix4x4
    lines: vtkActor | None = None
    mesh: Mesh = field(default_factory=lambda: merge([]))


class Stage:
    """Everything in the picture.

    Args:
        renderer: an empty VTK renderer.
        kinematics: owned by this stage from now on.
        geometry: shapes of the same scene.
        tokens: colours.
        bodies: surfaces of the robot, from :func:`workbench.ui.twin.props.body_parts`.
        quality: "low" for software rendering, else "high".
    """

    def __init__(
        self,
        renderer: vtkRenderer,
        kinematics: Kinematics,
        geometry: SceneGeometry,
        tokens: Tokens,
        bodies: BodyParts,
        quality: str = "low",
    ) -> None:
        self.renderer = renderer
        self.kinematics = kinematics
        self.geometry = geometry
        self.layers = Layers()
        self.snapshot: Snapshot | None = None
        self.ghost_snapshot: Snapshot | None = None
        self.quality = quality
        self._body_parts = bodies
        self._tokens = tokens
        self._ghost_pose: tuple[bytes, bytes] | None = None
        _add_lights(renderer)
        self.ground = Ground(renderer, kinematics.scene.cell, geometry.stations)
        self._shadow = actor(colour=tokens.shadow)
        renderer.AddActor(self._shadow)
        self._bodies: dict[int, _Movable] = {}
        self._load_bodies()
        self._objects = {name: self._load_object(parts) for name, parts in geometry.objects.items()}
        self._ghost, self._ghost_data, self._ghost_rest = self._load_ghost()
        self._silhouette = vtkPolyDataSilhouette()
        self._silhouette.SetInputData(self._ghost_data)
        self._silhouette.SetCamera(renderer.GetActiveCamera())
        self._silhouette.SetEnableFeatureAngle(0)
        mapper = vtkPolyDataMapper()
        mapper.SetInputConnection(self._silhouette.GetOutputPort())
        mapper.ScalarVisibilityOff()
        self._ghost_lines = actor(width=1.5, colour=tokens.tw)
        self._ghost_lines.SetMapper(mapper)
        self._ghost_lines.SetVisibility(False)
        self._box = actor(width=2.5, colour=tokens.ac)
        self._box.SetVisibility(False)
        self._box_matrix, self._box_top = vtkMatrix4x4(), np.zeros(4)
        self._box.SetUserMatrix(self._box_matrix)
        self._boxed: tuple[str, str, str] | None = None
        renderer.AddActor(self._ghost_lines)
        renderer.AddActor(self._box)
        self.marks = Marks(renderer, kinematics)
        self.recolour(tokens)

    # --- colours -----------------------------------------------------------------------------------------------------
    def recolour(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._tokens = tokens
        top, bottom = tokens.sky
        self.renderer.GradientBackgroundOn()
        self.renderer.SetBackground(*rgb(bottom))
        self.renderer.SetBackground2(*rgb(top))
        self.ground.recolour(tokens)
        for body, item in self._bodies.items():
            parts = [(data, body_colour(shape, tokens)) for data, shape in zip(*self._body_parts[body], strict=True)]
            set_data(item.actor, coloured(parts))
        for name, pieces in self.geometry.objects.items():
            item = self._objects[name]
            set_data(item.actor, coloured([(surface(m, 25.0), material_colour(c, tokens)) for m, c in pieces]))
            if item.lines is not None:
                item.lines.GetProperty().SetColor(*rgb(mix(material_colour(pieces[0][1], tokens), "#0B0E12", 0.6)))
        ambient = 0.18 if tokens.name == "dark" else 0.34  # a light room throws more light back
        for solid in (self.ground.body, *(i.actor for i in self._bodies.values()), *(i.actor for i in self._objects.values())):
            solid.GetProperty().SetAmbient(ambient)
        self._shadow.GetProperty().SetColor(*rgb(tokens.shadow))
        for part in (self._ghost, self._ghost_lines):
            part.GetProperty().SetColor(*rgb(tokens.tw))
        self._ghost.GetProperty().SetOpacity(0.26 if tokens.name == "dark" else 0.24)
        self._box.GetProperty().SetColor(*rgb(tokens.ac))
        self.marks.recolour(tokens)

    # --- state -------------------------------------------------------------------------------------------------------
    def show(self, snapshot: Snapshot) -> None:
        """Put robot, objects and marks where the snapshot says. Nothing is rendered."""
        self.snapshot = snapshot
        self.kinematics.update(snapshot)
        transforms = self.kinematics.body_transforms()
        for body, item in self._bodies.items():
            set_matrix(item.matrix, transforms[body])
        for name, pose in snapshot.objects.items():
            moved = self._objects.get(name)
            if moved is not None and np.all(np.isfinite(pose)):
                set_matrix(moved.matrix, pose_matrix(pose))
        self.marks.show(snapshot, self.layers)
        self._shadow.SetVisibility(False)
        self._ghost_lines.SetVisibility(False)

    def show_ghost(self, snapshot: Snapshot | None) -> None:
        """Put the ghost where the snapshot says, or take it away. Call before ``show`` (both use the same kinematics)."""
        self.ghost_snapshot = snapshot
        visible = snapshot is not None and self.layers.ghost
        self._ghost.SetVisibility(visible)
        self._ghost_lines.SetVisibility(False)
        self.marks.show_plan(snapshot if visible else None)
        if snapshot is None or not visible:
            return
        pose = (snapshot.base_pose.tobytes(), snapshot.joint_position.tobytes())
        if pose == self._ghost_pose:
            return
        self._ghost_pose = pose
        self.kinematics.update(snapshot)
        transforms = self.kinematics.body_transforms()
        points, normals = self._ghost_data.points, self._ghost_data.point_data["Normals"]
        for body, first, last, rest, rest_normals in self._ghost_rest:
            rotation = transforms[body][:3, :3].T
            points[first:last] = rest @ rotation + transforms[body][:3, 3]
            normals[first:last] = rest_normals @ rotation
        self._ghost_data.GetPoints().Modified()
        self._ghost_data.GetPointData().GetNormals().Modified()
        self._ghost_data.Modified()

    def settle(self) -> None:
        """Nothing moves for now: add what is too dear while it does (shadow on the floor, outline of the ghost)."""
        if self.snapshot is None:
            return
        if self.layers.shadow:
            self._cast_shadow()
        self._shadow.SetVisibility(self.layers.shadow)
        self._ghost_lines.SetVisibility(bool(self._ghost.GetVisibility()))

    def stir(self) -> None:
        """Something moves again: leave out what is dear."""
        if self.quality == "low":
            self._shadow.SetVisibility(False)
        self._ghost_lines.SetVisibility(False)

    def apply_layers(self) -> None:
        """The switches changed."""
        self.ground.show_grid(self.layers.grid)
        self.ground.show_zones(self.layers.zones)
        self.ground.show_shadow(self.layers.shadow)
        ghost, shown = self.ghost_snapshot, self.snapshot
        self.show_ghost(ghost)
        if shown is not None:
            self.show(shown)

    # --- picking and selection ---------------------------------------------------------------------------------------
    def pick(self, x: float, y: float) -> Picked | None:
        """What lies at a point of the picture (pixels from the lower left corner)."""
        picker = vtkCellPicker()
        picker.SetTolerance(0.002)
        if not picker.Pick(x, y, 0.0, self.renderer):
            return None
        found, point = picker.GetActor(), picker.GetPickPosition()
        if found is self.ground.body:
            return Picked(station=self.ground.station_of_cell(picker.GetCellId()), point=point)
        for name, item in self._objects.items():
            if found is item.actor:
                return Picked(object=name, point=point)
        for body, item in self._bodies.items():
            if found is item.actor:
                return Picked(body=body, joint=self.kinematics.joint_of_body(body), point=point)
        return None

    def outline(self, station: str = "", object_id: str = "", joint: str = "") -> Array | None:
        """Draw the blue box about something; the world point (3,) its label belongs to, None where nothing is."""
        mesh, matrix = self._selected(station, object_id, joint)
        self._box.SetVisibility(mesh is not None)
        if mesh is None:
            return None
        if (station, object_id, joint) == self._boxed and not station:  # the same box elsewhere
            set_matrix(self._box_matrix, matrix)
            return np.asarray((matrix @ self._box_top)[:3])
        self._boxed = (station, object_id, joint)
        local = mesh
        if station and self.kinematics.scene.cell is not None:
            pose = self.kinematics.scene.cell.stations[station].pose
            matrix = pose_matrix(np.array([pose.x, pose.y, 0, np.cos(pose.yaw / 2), 0, 0, np.sin(pose.yaw / 2)]))
            local = mesh.moved(np.asarray(np.linalg.inv(matrix), dtype=np.float64))
        low, high = local.vertices.min(axis=0) - 0.008, local.vertices.max(axis=0) + 0.008
        set_data(self._box, box_edges(low, high))
        set_matrix(self._box_matrix, matrix)
        self._box_top = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, high[2], 1.0])
        return np.asarray((matrix @ self._box_top)[:3])

    def body_transform(self, body: int) -> Array:
        """(4, 4) world_from_body as shown."""
        return np.asarray(self.kinematics.body_transforms()[body])

    def robot_centre(self) -> Array:
        """(3,) the base of the robot as shown, world."""
        return self.snapshot.base_pose[:3] if self.snapshot is not None else np.array([0.0, 0.0, 0.7])

    @property
    def triangles(self) -> tuple[int, int]:
        """Triangles of the robot and of the still cell."""
        robot = sum(item.actor.GetMapper().GetInput().GetNumberOfCells() for item in self._bodies.values())
        return robot, self.ground.body.GetMapper().GetInput().GetNumberOfCells() if self.geometry.stations else 0

    # --- making ------------------------------------------------------------------------------------------------------
    def _load_bodies(self) -> None:
        for body in self._body_parts:
            item = _Movable(actor(lit=True), vtkMatrix4x4())
            item.actor.SetUserMatrix(item.matrix)
            pieces = self._body_parts[body][0]  # reduced: the shadow is made of them
            item.mesh = merge([Mesh(np.asarray(d.points, dtype=float), d.faces.reshape(-1, 4)[:, 1:]) for d in pieces])
            prop = item.actor.GetProperty()
            prop.SetSpecular(0.30)
            prop.SetSpecularPower(34)
            self.renderer.AddActor(item.actor)
            self._bodies[body] = item

    def _load_object(self, parts: tuple[tuple[Mesh, str], ...]) -> _Movable:
        mesh = merge([m for m, _ in parts])
        item = _Movable(actor(lit=True), vtkMatrix4x4(), actor(edge_lines(mesh), colour="#000000"), mesh)
        assert item.lines is not None
        item.lines.SetUserMatrix(item.matrix)
        item.actor.SetUserMatrix(item.matrix)
        self.renderer.AddActor(item.actor)
        self.renderer.AddActor(item.lines)
        return item

    def _load_ghost(self) -> tuple[vtkActor, pv.PolyData, list[tuple[int, int, int, Array, Array]]]:
        parts, rest, first = [], [], 0
        for body, (pieces, _) in self._body_parts.items():
            data = coloured([(p, "#000000") for p in pieces])
            parts.append((data, "#000000"))
            points = np.array(data.points, dtype=float)
            rest.append((body, first, first + len(points), points, np.array(data.point_data["Normals"], dtype=float)))
            first += len(points)
        merged = coloured(parts) if parts else pv.PolyData()
        ghost = actor(merged, lit=True, colour=self._tokens.tw, opacity=0.25)
        # A ghost that coincides with the robot must not flicker through it: it lies a little deeper.
        mapper = ghost.GetMapper()
        mapper.SetResolveCoincidentTopologyToPolygonOffset()
        mapper.SetRelativeCoincidentTopologyPolygonOffsetParameters(1.0, 60.0)
        prop = ghost.GetProperty()
        prop.BackfaceCullingOn()
        prop.SetAmbient(0.55)
        prop.SetDiffuse(0.5)
        prop.SetSpecular(0.0)
        ghost.PickableOff()
        ghost.SetVisibility(False)
        self.renderer.AddActor(ghost)
        return ghost, merged, rest

    def _cast_shadow(self) -> None:
        transforms = self.kinematics.body_transforms()
        meshes = [item.mesh.moved(transforms[body]) for body, item in self._bodies.items()]
        for name, item in self._objects.items():
            if self.snapshot is not None and name in self.snapshot.objects:
                meshes.append(item.mesh.moved(pose_matrix(self.snapshot.objects[name])))
        whole = merge(meshes)
        faces = np.column_stack([np.full(len(whole.faces), 3), whole.faces]).ravel()
        set_data(self._shadow, pv.PolyData(flattened(whole.vertices).astype(np.float32), faces))

    def _selected(self, station: str, object_id: str, joint: str) -> tuple[Mesh | None, Array]:
        if object_id in self._objects and self.snapshot is not None and object_id in self.snapshot.objects:
            return self._objects[object_id].mesh, pose_matrix(self.snapshot.objects[object_id])
        cell = self.kinematics.scene.cell
        if station and cell is not None and station in cell.stations:
            return merge([s.mesh for s in self.geometry.stations if s.station == station]), np.eye(4)
        names = self.kinematics.robot.joint_names
        if joint in names:
            body = self.kinematics.joint_bodies[names.index(joint)]
            body = self.kinematics.visible_descendant(body, self._bodies)
            if body in self._bodies:
                return self._bodies[body].mesh, self.body_transform(body)
        return None, np.eye(4)


def _add_lights(renderer: vtkRenderer) -> None:
    renderer.RemoveAllLights()
    renderer.AutomaticLightCreationOff()
    for kind, position, intensity in (
        ("scene", (-0.45, 0.55, 1.35), 0.72),
        ("scene", (0.8, -0.7, 0.35), 0.30),
        ("head", (0.0, 0.0, 1.0), 0.30),
    ):
        light = vtkLight()
        if kind == "head":
            light.SetLightTypeToHeadlight()
        else:
            light.SetLightTypeToSceneLight()
            light.SetPosition(*position)
            light.SetFocalPoint(0, 0, 0)
        light.SetPositional(False)
        light.SetIntensity(intensity)
        renderer.AddLight(light)
