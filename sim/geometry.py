"""What a viewport needs: the shapes of a robot and a cell as triangles, and where the robot's bodies are for a snapshot.

Only kinematics happens here (mj_kinematics and the centre of mass); no time passes and no force acts.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.cell import WorkCell, Workpiece
from sim.device_bodies import Piece, device_pose, moves, pieces
from sim.devices import Device
from sim.robot import SIDES
from sim.scene import Scene
from sim.shapes import Mesh, box_mesh, capsule_mesh, cylinder_mesh, ellipsoid_mesh, tote_mesh
from sim.snapshot import Snapshot
from sim.terrain import Facet, terrain_of
from sim.transforms import Pose, matrix_from_quaternion

Array = NDArray[np.float64]

#: Above this height a sole is off the floor where no foot force is measured, m.
_SOLE_TOUCH = 0.012
#: Below this load a foot bears nothing, N.
_FOOT_LOAD = 5.0
_FIRST_COLLISION_GROUP = 3  # MuJoCo's habit: groups 0 to 2 are seen, 3 and above are for contact


@dataclass(frozen=True, slots=True, eq=False)
class BodyShape:
    """A visible piece of a robot body: mesh in the body frame, material name ("" if none) and colour r g b a in 0..1."""

    body: int
    body_name: str
    mesh: Mesh
    material: str
    rgba: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class StationShape:
    """A piece of a station: mesh in the world frame, station id ("": of the ground) and material name of the cell file."""

    station: str
    mesh: Mesh
    material: str


@dataclass(frozen=True, slots=True, eq=False)
class SceneGeometry:
    """Everything visible: robot pieces (body frame), station pieces (world), objects (id -> mesh and material, own frame)."""

    robot: tuple[BodyShape, ...]
    stations: tuple[StationShape, ...]
    objects: Mapping[str, tuple[tuple[Mesh, str], ...]]


def scene_geometry(scene: Scene) -> SceneGeometry:
    """The triangles of a scene's robot, stations and workpieces."""
    cell = scene.cell
    if cell is None:
        return SceneGeometry(body_shapes(scene), (), {})
    objects = {o.id: object_meshes(o) for o in cell.objects.values()}
    for walker in cell.walkers:
        objects[walker.id] = ((cylinder_mesh(walker.radius, walker.height / 2), walker.material),)
    objects |= {d.id: device_meshes(d) for d in cell.devices.values() if moves(d)}
    return SceneGeometry(body_shapes(scene), station_shapes(cell) + ground_shapes(scene), objects)


def ground_shapes(scene: Scene) -> tuple[StationShape, ...]:
    """Ramps, stairs, tiles and thresholds as they really are in the scene: prisms from the floor up, of no station."""
    terrain = terrain_of(scene.cell, plan=False, variation=scene.variation)
    return tuple(StationShape("", _prism(f), f.material) for f in terrain.facets if f.feature.startswith("ground/"))


def _prism(facet: Facet) -> Mesh:
    """The solid below a facet, world."""
    a, b = facet.half
    low = box_mesh((a, b, 0.5), (0.0, 0.0, 0.5))
    vertices = low.vertices.copy()
    upper = vertices[:, 2] > 0.5
    vertices[upper, 2] = np.maximum(facet.height + facet.slope * vertices[upper, 0], 1e-4)
    vertices[~upper, 2] = 0.0
    return Mesh(vertices, low.faces).moved(Pose.from_xyz_yaw(facet.centre.x, facet.centre.y, 0.0, facet.centre.yaw).matrix())


def station_shapes(cell: WorkCell) -> tuple[StationShape, ...]:
    """The parts of all stations in the world frame. Boxes of material ``tote`` are drawn as open bins of the same size."""
    shapes: list[StationShape] = []
    for station in cell.stations.values():
        world_from_station = Pose.from_xyz_yaw(station.pose.x, station.pose.y, 0.0, station.pose.yaw).matrix()
        for part in station.parts:
            if part.shape == "cylinder":
                mesh = cylinder_mesh(part.size[0], part.size[1])
            elif part.material == "tote":
                mesh = tote_mesh((2 * part.size[0], 2 * part.size[1], 2 * part.size[2]))
            else:
                mesh = box_mesh((part.size[0], part.size[1], part.size[2]))
            shapes.append(StationShape(station.id, mesh.moved(world_from_station @ part.pose.matrix()), part.material))
    for device in cell.devices.values():
        if not moves(device):
            at = device_pose(cell, device).matrix()
            shapes += [StationShape(device.station, mesh.moved(at), material) for mesh, material in device_meshes(device)]
    return tuple(shapes)


def object_meshes(workpiece: Workpiece) -> tuple[tuple[Mesh, str], ...]:
    """A workpiece about its centre: meshes with their material. A tote shows the goods that lie in it."""
    x, y, z = workpiece.size
    if workpiece.kind == "tote":
        goods = box_mesh((0.36 * x, 0.30 * y, 0.18 * z), (0.0, 0.04 * y, -0.26 * z))
        return ((tote_mesh(workpiece.size), workpiece.material), (goods, "carton"))
    if workpiece.kind == "cylinder":
        return ((cylinder_mesh(x / 2, z / 2), workpiece.material),)
    return ((box_mesh((x / 2, y / 2, z / 2)), workpiece.material),)


def device_meshes(device: Device) -> tuple[tuple[Mesh, str], ...]:
    """A device about its body's frame: meshes with their material."""
    return tuple((_piece_mesh(p).moved(p.pose.matrix()), p.material) for p in pieces(device))


def _piece_mesh(piece: Piece) -> Mesh:
    if piece.shape == "cylinder":
        return cylinder_mesh(piece.size[0], piece.size[1])
    return box_mesh((piece.size[0], piece.size[1], piece.size[2]))


def start_snapshot(scene: Scene) -> Snapshot:
    """The robot in its home stance at the cell's start, every workpiece where the cell file puts it."""
    data = scene.initial_data()
    base = np.array(data.qpos[scene.base_qposadr : scene.base_qposadr + 7])
    objects: dict[str, Array] = {}
    for name in scene.moving:
        body = scene.object_body(name)
        objects[name] = np.concatenate([data.xpos[body], data.xquat[body]])
    return Snapshot(0.0, base, np.array(data.qpos[scene.joint_qposadr]), objects)


class Kinematics:
    """Where a robot's bodies are for a state. Not thread-safe: each viewport owns one.

    Args:
        scene: the compiled scene; it is only read.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.robot = scene.robot
        self.model = scene.model
        self._data = mujoco.MjData(self.model)
        self._base_id = int(self.model.body(self.robot.profile.base_body).id)
        self._soles = [self.model.site(self.robot.profile.legs[side].sole_site).id for side in SIDES]
        self._joint_ids = np.array([self.model.joint(name).id for name in self.robot.joint_names])
        self._loaded: tuple[bool, bool] = (True, True)

    @property
    def body_names(self) -> tuple[str, ...]:
        """Names of all bodies by index; 0 is the world."""
        return tuple(self.model.body(i).name for i in range(self.model.nbody))

    @property
    def joint_bodies(self) -> tuple[int, ...]:
        """For each joint in the robot's order, the body it moves."""
        return tuple(int(self.model.jnt_bodyid[i]) for i in self._joint_ids)

    @property
    def mass(self) -> float:
        """Mass of the whole robot, kg."""
        return float(self.model.body_subtreemass[self._base_id])

    def joint_of_body(self, body: int) -> str:
        """The joint that moves a body (the last where it has several, its parent's where it has none), "" for the base."""
        owners: dict[int, str] = dict(zip(self.joint_bodies, self.robot.joint_names, strict=True))
        while body > 0:
            if body in owners:
                return owners[body]
            body = int(self.model.body_parentid[body])
        return ""

    def visible_descendant(self, body: int, visible: Container[int]) -> int:
        """The body itself, or the nearest one below it that is in ``visible`` (some joints move a body without a shape)."""
        queue = [body]
        for candidate in queue:
            if candidate in visible:
                return candidate
            queue += [i for i in range(self.model.nbody) if i and int(self.model.body_parentid[i]) == candidate]
        return body

    def update(self, snapshot: Snapshot) -> None:
        """Take the pose of ``snapshot``; joints the snapshot lacks (a shorter array) keep the value they have."""
        q = np.asarray(snapshot.joint_position, dtype=float)
        adr = self.scene.joint_qposadr
        n = min(len(q), len(adr))
        finite = np.isfinite(q[:n])
        self._data.qpos[adr[:n][finite]] = q[:n][finite]
        if np.all(np.isfinite(snapshot.base_pose)):
            at = self.scene.base_qposadr
            self._data.qpos[at : at + 7] = snapshot.base_pose
        mujoco.mj_kinematics(self.model, self._data)
        if snapshot.foot_force is not None:
            self._loaded = (bool(snapshot.foot_force[0][2] > _FOOT_LOAD), bool(snapshot.foot_force[1][2] > _FOOT_LOAD))
        else:
            heights = [float(p[:, 2].max()) for p in self.sole_polygons()]
            self._loaded = (heights[0] < _SOLE_TOUCH, heights[1] < _SOLE_TOUCH)

    def body_transforms(self) -> Array:
        """(bodies, 4, 4) world_from_body."""
        out = np.zeros((self.model.nbody, 4, 4))
        out[:, :3, :3] = self._data.xmat.reshape(-1, 3, 3)
        out[:, :3, 3] = self._data.xpos
        out[:, 3, 3] = 1.0
        return out

    def centre_of_mass(self) -> Array:
        """(3,) centre of mass of the robot without load, world, m."""
        mujoco.mj_comPos(self.model, self._data)
        return np.array(self._data.subtree_com[self._base_id])

    def sole_polygons(self) -> tuple[Array, Array]:
        """Corners (4, 3) of the left and right sole, world, counter-clockwise from above."""
        return self._sole(0), self._sole(1)

    def support_polygon(self) -> Array:
        """(k, 2) convex hull of the soles that bear load, world, counter-clockwise; empty while both are in the air."""
        points = [p[:, :2] for p, loaded in zip(self.sole_polygons(), self._loaded, strict=True) if loaded]
        return convex_hull(np.vstack(points)) if points else np.empty((0, 2))

    def joint_axes(self) -> tuple[Array, Array]:
        """Anchor (n, 3) and unit axis (n, 3) of each joint in the robot's order, world."""
        return np.array(self._data.xanchor[self._joint_ids]), np.array(self._data.xaxis[self._joint_ids])

    def site(self, name: str) -> Array:
        """(4, 4) world_from_site."""
        out = np.eye(4)
        i = self.model.site(name).id
        out[:3, :3] = self._data.site_xmat[i].reshape(3, 3)
        out[:3, 3] = self._data.site_xpos[i]
        return out

    def _sole(self, index: int) -> Array:
        side = SIDES[index]
        hx, hy = self.robot.profile.legs[side].sole_half_size
        corners = np.array([[hx, hy, 0.0], [-hx, hy, 0.0], [-hx, -hy, 0.0], [hx, -hy, 0.0]])
        i = self._soles[index]
        return np.asarray(corners @ self._data.site_xmat[i].reshape(3, 3).T + self._data.site_xpos[i])


def body_shapes(scene: Scene) -> tuple[BodyShape, ...]:
    """Visible geoms of the robot's bodies; where a robot has none at all, its collision shapes, so that it can be seen."""
    m = scene.model
    own = [i for i in range(m.ngeom) if scene.is_robot_geom[i]]
    visible = [i for i in own if m.geom_group[i] < _FIRST_COLLISION_GROUP] or own
    out: list[BodyShape] = []
    seen: set[tuple[int, int, bytes]] = set()
    for i in visible:
        mesh = _geom_mesh(m, i)
        if mesh is None:
            continue
        body = int(m.geom_bodyid[i])
        key = (body, int(m.geom_dataid[i]), m.geom_pos[i].tobytes() + m.geom_size[i].tobytes())
        if key in seen:  # some models list the same mesh once to be seen and once for contact
            continue
        seen.add(key)
        material = int(m.geom_matid[i])
        rgba = m.mat_rgba[material] if material >= 0 else m.geom_rgba[i]
        name = m.material(material).name if material >= 0 else ""
        colour = (float(rgba[0]), float(rgba[1]), float(rgba[2]), float(rgba[3]))
        out.append(BodyShape(body, m.body(body).name, mesh, name, colour))
    return tuple(out)


def _geom_mesh(m: mujoco.MjModel, i: int) -> Mesh | None:
    size = m.geom_size[i]
    kind = int(m.geom_type[i])
    types = mujoco.mjtGeom
    if kind == types.mjGEOM_BOX:
        mesh = box_mesh((size[0], size[1], size[2]))
    elif kind == types.mjGEOM_SPHERE:
        mesh = ellipsoid_mesh((size[0], size[0], size[0]))
    elif kind == types.mjGEOM_ELLIPSOID:
        mesh = ellipsoid_mesh((size[0], size[1], size[2]))
    elif kind == types.mjGEOM_CAPSULE:
        mesh = capsule_mesh(size[0], size[1])
    elif kind == types.mjGEOM_CYLINDER:
        mesh = cylinder_mesh(size[0], size[1])
    elif kind == types.mjGEOM_MESH:
        mesh = _asset_mesh(m, int(m.geom_dataid[i]))
    else:
        return None
    body_from_geom = np.eye(4)
    body_from_geom[:3, :3] = matrix_from_quaternion(m.geom_quat[i])
    body_from_geom[:3, 3] = m.geom_pos[i]
    return mesh.moved(body_from_geom)


def _asset_mesh(m: mujoco.MjModel, i: int) -> Mesh:
    v, f = int(m.mesh_vertadr[i]), int(m.mesh_faceadr[i])
    vertices = np.array(m.mesh_vert[v : v + m.mesh_vertnum[i]], dtype=float)
    return Mesh(vertices, np.array(m.mesh_face[f : f + m.mesh_facenum[i]], dtype=np.int64))


def convex_hull(points: Array) -> Array:
    """Convex hull (k, 2) of points (n, 2), counter-clockwise (Andrew's monotone chain)."""
    ordered = sorted({(float(x), float(y)) for x, y in points})
    if len(ordered) <= 2:
        return np.array(ordered).reshape(-1, 2)

    def half(run: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        hull: list[tuple[float, float]] = []
        for p in run:
            while len(hull) >= 2:
                (ax, ay), (bx, by) = hull[-2], hull[-1]
                if (bx - ax) * (p[1] - ay) - (by - ay) * (p[0] - ax) > 0:
                    break
                hull.pop()
            hull.append(p)
        return hull[:-1]

    return np.array(half(ordered) + half(ordered[::-1]))


def polygon_area(polygon: Array) -> float:
    """Area of a polygon (k, 2), m²; 0 below three corners."""
    if len(polygon) < 3:
        return 0.0
    x, y = polygon[:, 0], polygon[:, 1]
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def nearest_edge(polygon: Array, point: Array) -> tuple[float, Array]:
    """Signed distance (inside > 0), m, of a point (2,) to a convex counter-clockwise polygon (k, 2), and the nearest point on its edge."""
    best, foot = np.inf, np.array(point, dtype=float)
    inside = True
    for a, b in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        edge = b - a
        length2 = float(edge @ edge)
        if length2 == 0.0:
            continue
        s = float(np.clip((point - a) @ edge / length2, 0.0, 1.0))
        near = a + s * edge
        distance = float(np.linalg.norm(point - near))
        if distance < best:
            best, foot = distance, near
        inside = inside and edge[0] * (point[1] - a[1]) - edge[1] * (point[0] - a[0]) >= 0
    return (best if inside else -best), foot


def joint_ranges(scene: Scene) -> dict[str, tuple[float, float]]:
    """Position limits of the robot's joints, rad or m; joints without limits are absent."""
    model = scene.model
    out: dict[str, tuple[float, float]] = {}
    for name in scene.robot.joint_names:
        joint = model.joint(name)
        if model.jnt_limited[joint.id]:
            out[name] = (float(joint.range[0]), float(joint.range[1]))
    return out
