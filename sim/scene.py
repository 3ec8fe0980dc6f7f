"""From values to physics: a cell and a robot become one MuJoCo model. Nothing here steps time.

The robot's elements keep their own names; the cell's are ``cell/<station>/<part>`` and workpieces ``object/<id>``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.cell import Part, WorkCell, Workpiece
from sim.errors import SimError
from sim.robot import RobotModel
from sim.transforms import Pose, Pose2
from sim.variation import NOMINAL, Variation, draw_variation

__all__ = ["NOMINAL", "Scene", "Variation", "build_scene", "draw_variation", "lowest_point", "object_start"]

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Colours for MuJoCo's own viewers and renderers; the workbench's viewport has its own table by material name.
COLOURS: Mapping[str, tuple[float, float, float, float]] = {
    "tote": (0.310, 0.498, 0.659, 1.0),
    "bench": (0.541, 0.478, 0.388, 1.0),
    "steel": (0.463, 0.506, 0.553, 1.0),
    "roller": (0.62, 0.66, 0.70, 1.0),
    "carton": (0.66, 0.56, 0.43, 1.0),
    "machine": (0.80, 0.82, 0.84, 1.0),
    "panel": (0.55, 0.60, 0.64, 1.0),
    "glass": (0.20, 0.26, 0.32, 1.0),
    "dark": (0.22, 0.26, 0.30, 1.0),
    "safety": (0.85, 0.68, 0.20, 1.0),
    "mesh": (0.50, 0.54, 0.58, 0.35),
    "aluminium": (0.70, 0.73, 0.76, 1.0),
    "concrete": (0.52, 0.55, 0.58, 1.0),
    "epoxy": (0.60, 0.63, 0.66, 1.0),
}
DEFAULT_COLOUR = (0.5, 0.53, 0.57, 1.0)

# A zone with friction of its own is a plate standing this far out of the floor, so that it alone carries a sole on it;
# less than the soles' own compression, so nothing trips over its edge.
PATCH_PROUD = 0.0005
# A tote is 3 mm polypropylene with ribs: mass per wall area in kg/m^2, and the thickness its walls have in contact, m.
TOTE_WALL_DENSITY = 2.6
TOTE_WALL = 0.008


@dataclass(frozen=True)
class Scene:
    """A compiled scene and the indices that connect it with the program's names.

    Args:
        model: The physics; treat as read-only where a scene is shared.
        joint_qposadr, joint_dofadr, actuator_ids: (n,) in ``robot.joint_names`` order.
        base_qposadr, base_dofadr: Where the free joint of the base starts in qpos (7 numbers) and qvel (6 numbers).
        is_robot_geom: (ngeom,) true for the robot's geoms.
        geom_owner: Owner of each geom: ``robot:<body>``, ``station:<id>``, ``object:<id>``, ``zone:<id>`` or ``floor``.
        geom_material: Material name of each geom of the cell; empty for the robot's.
    """

    model: mujoco.MjModel
    robot: RobotModel
    cell: WorkCell | None
    variation: Variation
    joint_qposadr: IntArray
    joint_dofadr: IntArray
    actuator_ids: IntArray
    base_qposadr: int
    base_dofadr: int
    is_robot_geom: NDArray[np.bool_]
    geom_owner: tuple[str, ...]
    geom_material: tuple[str, ...]

    def object_body(self, object_id: str) -> int:
        """Body id of a workpiece; SimError naming the valid ones if there is none such."""
        if self.cell is None:
            raise SimError("cell.no_such_object", object=object_id, valid="")
        self.cell.object(object_id)
        return int(self.model.body(f"object/{object_id}").id)

    def station_geoms(self, station_id: str) -> IntArray:
        """Geom ids of a station's parts."""
        return self._geoms_of(f"station:{station_id}")

    def object_geoms(self, object_id: str) -> IntArray:
        """Geom ids of a workpiece."""
        return self._geoms_of(f"object:{object_id}")

    def _geoms_of(self, owner: str) -> IntArray:
        return np.array([i for i, name in enumerate(self.geom_owner) if name == owner], dtype=np.int64)

    @cached_property
    def floor_geoms(self) -> IntArray:
        """Geom ids of the floor and of the zones that are plates of their own."""
        own = [i for i, name in enumerate(self.geom_owner) if name == "floor" or name.startswith("zone:")]
        return np.array(own, dtype=np.int64)

    @cached_property
    def is_servo(self) -> NDArray[np.bool_]:
        """(n,) true where a joint's actuator is a position servo, false where its control is a torque or force."""
        return np.array([self.model.actuator_biasprm[i, 1] != 0.0 for i in self.actuator_ids], dtype=np.bool_)

    @cached_property
    def servo_gains(self) -> Array:
        """(n, 2) proportional and derivative gain of each joint's servo; zeros where the actuator is a motor."""
        bias = self.model.actuator_biasprm[self.actuator_ids]
        return np.column_stack((-bias[:, 1], -bias[:, 2])) * self.is_servo[:, None]

    def initial_data(self) -> mujoco.MjData:
        """Data with the robot at its start in the home posture, soles on the floor, workpieces on their slots.

        The middle between the sole sites is at ``cell.robot_start``; the lowest contact point is exactly at z = 0.
        """
        data = mujoco.MjData(self.model)
        posture = [self.robot.profile.home.get(name, 0.0) for name in self.robot.joint_names]
        data.qpos[self.joint_qposadr] = posture
        for actuator, angle, servo in zip(self.actuator_ids, posture, self.is_servo, strict=True):
            data.ctrl[actuator] = angle if servo else 0.0
        start = self.cell.robot_start if self.cell is not None else Pose2(0.0, 0.0, 0.0)
        self._place_base(data, start @ self.variation.robot_start_offset)
        for object_id in self.cell.objects if self.cell is not None else ():
            joint = self.model.joint(f"object/{object_id}")
            pose = object_start(self.cell, object_id, self.variation) if self.cell is not None else Pose((0, 0, 0))
            address = int(joint.qposadr[0])
            data.qpos[address : address + 3] = pose.position
            data.qpos[address + 3 : address + 7] = pose.quaternion
        mujoco.mj_forward(self.model, data)
        return data

    def _place_base(self, data: mujoco.MjData, start: Pose2) -> None:
        at = self.base_qposadr
        data.qpos[at : at + 7] = (0.0, 0.0, 0.0, np.cos(start.yaw / 2), 0.0, 0.0, np.sin(start.yaw / 2))
        mujoco.mj_kinematics(self.model, data)
        legs = self.robot.profile.legs.values()
        soles = np.mean([data.site(leg.sole_site).xpos for leg in legs], axis=0)
        data.qpos[at : at + 2] = (start.x - soles[0], start.y - soles[1])
        data.qpos[at + 2] = -min(lowest_point(self.model, data, i) for i in self._contact_geoms())

    def _contact_geoms(self) -> IntArray:
        model = self.model
        touching = (model.geom_contype != 0) | (model.geom_conaffinity != 0)
        return np.flatnonzero(self.is_robot_geom & touching)


def object_start(cell: WorkCell, object_id: str, variation: Variation) -> Pose:
    """Where a workpiece's centre really is at the start, world: the cell's pose displaced by the variation."""
    piece = cell.object(object_id)
    surface = cell.station(piece.station).slot_in_world(piece.slot)
    moved = piece.offset @ variation.object_offset_of(object_id)
    return surface @ Pose.from_xyz_yaw(moved.x, moved.y, piece.size[2] / 2, moved.yaw)


def lowest_point(model: mujoco.MjModel, data: mujoco.MjData, geom: int) -> float:
    """Height of a geom's lowest point, m, from the positions in ``data``."""
    down = data.geom_xmat[geom].reshape(3, 3)[2]
    size = model.geom_size[geom]
    height = float(data.geom_xpos[geom, 2])
    kind = mujoco.mjtGeom(int(model.geom_type[geom]))
    if kind == mujoco.mjtGeom.mjGEOM_BOX:
        return height - float(np.abs(down) @ size)
    if kind == mujoco.mjtGeom.mjGEOM_SPHERE:
        return height - float(size[0])
    if kind == mujoco.mjtGeom.mjGEOM_CAPSULE:
        return height - float(size[0] + abs(down[2]) * size[1])
    if kind == mujoco.mjtGeom.mjGEOM_CYLINDER:
        return height - float(np.hypot(down[0], down[1]) * size[0] + abs(down[2]) * size[1])
    if kind == mujoco.mjtGeom.mjGEOM_ELLIPSOID:
        return height - float(np.linalg.norm(down * size))
    if kind == mujoco.mjtGeom.mjGEOM_MESH:
        mesh = int(model.geom_dataid[geom])
        first, count = int(model.mesh_vertadr[mesh]), int(model.mesh_vertnum[mesh])
        return height + float(np.min(model.mesh_vert[first : first + count] @ down))
    return height


def build_scene(cell: WorkCell | None, robot: RobotModel, *, variation: Variation = NOMINAL, timestep: float = 0.002) -> Scene:
    """Compile a robot into a cell (or onto a bare floor).

    Args:
        cell: The surroundings; None for a bare floor.
        robot: The robot; its base must have a free joint.
        variation: How this plant differs from the nominal one.
        timestep: Physics step, s.

    Raises:
        SimError: ``scene.model_invalid`` (with MuJoCo's reason), ``scene.element_missing`` (what the profile names and
            the model lacks) or ``scene.no_free_joint``.
    """
    try:
        spec = mujoco.MjSpec.from_file(str(robot.model_path))
    except ValueError as error:
        raise SimError("scene.model_invalid", path=str(robot.model_path), reason=_first_line(error)) from error
    robot_bodies = {body.name for body in spec.bodies if body.name != "world"}
    _set_options(spec, timestep)
    _add_sites(spec, robot)
    materials = _add_floor(spec, cell, variation)
    if cell is not None:
        materials |= _add_stations(spec, cell)
        materials |= _add_objects(spec, cell, variation)
        for number, light in enumerate(cell.lights):
            spec.worldbody.add_light(
                name=f"cell/light_{number}", pos=light.position, dir=light.direction, diffuse=[light.intensity] * 3
            )
    try:
        model = spec.compile()
    except ValueError as error:
        raise SimError("scene.model_invalid", path=str(robot.model_path), reason=_first_line(error)) from error
    _apply_variation(model, robot_bodies, variation)
    return _indexed(model, robot, cell, variation, robot_bodies, materials)


def _set_options(spec: mujoco.MjSpec, timestep: float) -> None:
    option = spec.option
    option.timestep = timestep
    option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    option.solver = mujoco.mjtSolver.mjSOL_NEWTON
    option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    # Grasps by friction creep without it: a held box slips millimetres a minute instead of centimetres.
    option.impratio = 10.0


def _add_sites(spec: mujoco.MjSpec, robot: RobotModel) -> None:
    for name, site in robot.profile.sites.items():
        body = spec.body(site.body)
        if body is None:
            raise SimError("scene.element_missing", robot=robot.id, kind="body", name=site.body)
        body.add_site(name=name, pos=site.pos, quat=site.quat)


def _add_floor(spec: mujoco.MjSpec, cell: WorkCell | None, variation: Variation) -> dict[str, str]:
    """Floor and zone plates. Priority makes the floor's friction win over the soles'."""
    width, depth = cell.floor_size if cell is not None else (10.0, 10.0)
    friction = (cell.floor_friction if cell is not None else 0.8) * variation.floor_friction_scale
    material = cell.floor_material if cell is not None else "concrete"
    spec.worldbody.add_geom(
        name="floor",
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        size=[width / 2, depth / 2, 0.1],
        friction=[friction, 0.005, 0.0001],
        condim=3,
        priority=1,
        rgba=_colour(material),
    )
    materials = {"floor": material}
    for zone in cell.zones if cell is not None else ():
        if zone.friction is None or cell is None or zone.friction == cell.floor_friction:
            continue
        name = f"zone/{zone.id}"
        pose = Pose.from_xyz_yaw(zone.centre.x, zone.centre.y, PATCH_PROUD - 0.05, zone.centre.yaw)
        spec.worldbody.add_geom(
            name=name,
            type=mujoco.mjtGeom.mjGEOM_BOX,
            pos=pose.position,
            quat=pose.quaternion,
            size=[zone.size[0] / 2, zone.size[1] / 2, 0.05],
            friction=[zone.friction * variation.floor_friction_scale, 0.005, 0.0001],
            condim=3,
            priority=2,
            rgba=_colour(zone.material),
        )
        materials[name] = zone.material
    return materials


def _add_stations(spec: mujoco.MjSpec, cell: WorkCell) -> dict[str, str]:
    materials: dict[str, str] = {}
    for station in cell.stations.values():
        pose = Pose.from_xyz_yaw(station.pose.x, station.pose.y, 0.0, station.pose.yaw)
        body = spec.worldbody.add_body(name=f"cell/{station.id}", pos=pose.position, quat=pose.quaternion)
        for number, part in enumerate(station.parts):
            name = f"cell/{station.id}/{part.name or number}"
            _add_part(body, name, part)
            materials[name] = part.material
    return materials


def _add_part(body: mujoco.MjsBody, name: str, part: Part) -> None:
    box = part.shape == "box"
    size = part.size if box else (part.size[0], part.size[1], 0.0)
    body.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_BOX if box else mujoco.mjtGeom.mjGEOM_CYLINDER,
        pos=part.pose.position,
        quat=part.pose.quaternion,
        size=size,
        friction=[0.6, 0.005, 0.0001],
        contype=int(part.collides),
        conaffinity=int(part.collides),
        rgba=_colour(part.material),
    )


def _add_objects(spec: mujoco.MjSpec, cell: WorkCell, variation: Variation) -> dict[str, str]:
    materials: dict[str, str] = {}
    for piece in cell.objects.values():
        pose = object_start(cell, piece.id, variation)
        body = spec.worldbody.add_body(name=f"object/{piece.id}", pos=pose.position, quat=pose.quaternion)
        body.add_freejoint(name=f"object/{piece.id}")
        mass = piece.mass * variation.object_mass_of(piece.id)
        if piece.kind == "tote":
            _add_tote(body, piece, mass)
        else:
            _add_solid(body, piece, mass)
        materials |= {geom.name: piece.material for geom in body.geoms}
    return materials


def _add_box(body: mujoco.MjsBody, piece: Workpiece, name: str, centre: Array, half: Array, mass: float) -> None:
    # Priority: a workpiece's friction is a property of its surface with rubber or steel, and is what the cell file says.
    body.add_geom(
        name=f"object/{piece.id}/{name}",
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=centre,
        size=half,
        mass=mass,
        friction=[piece.friction, 0.01, 0.0001],
        condim=4,
        priority=1,
        rgba=_colour(piece.material),
    )


def _add_solid(body: mujoco.MjsBody, piece: Workpiece, mass: float) -> None:
    if piece.kind != "cylinder":
        _add_box(body, piece, "solid", np.zeros(3), np.array(piece.size) / 2, mass)
        return
    body.add_geom(
        name=f"object/{piece.id}/solid",
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        size=[piece.size[0] / 2, piece.size[2] / 2, 0.0],
        mass=mass,
        friction=[piece.friction, 0.01, 0.0001],
        condim=4,
        priority=1,
        rgba=_colour(piece.material),
    )


def _add_tote(body: mujoco.MjsBody, piece: Workpiece, mass: float) -> None:
    """An open box: floor and four walls in contact; the rest of its mass is goods lying on its floor."""
    x, y, z = piece.size
    t = TOTE_WALL
    panels = {
        "base": ((0.0, 0.0, -z / 2 + t / 2), (x, y, t)),
        "wall_front": ((x / 2 - t / 2, 0.0, t / 2), (t, y, z - t)),
        "wall_back": ((-x / 2 + t / 2, 0.0, t / 2), (t, y, z - t)),
        "wall_left": ((0.0, y / 2 - t / 2, t / 2), (x - 2 * t, t, z - t)),
        "wall_right": ((0.0, -y / 2 + t / 2, t / 2), (x - 2 * t, t, z - t)),
    }
    volumes = {name: float(np.prod(full)) for name, (_, full) in panels.items()}
    shell = min(TOTE_WALL_DENSITY * sum(volumes.values()) / t, 0.6 * mass)
    for name, (centre, full) in panels.items():
        share = shell * volumes[name] / sum(volumes.values())
        _add_box(body, piece, name, np.array(centre), np.array(full) / 2, share)
    goods = np.array([0.80 * (x - 2 * t), 0.80 * (y - 2 * t), 0.40 * z])
    body.add_geom(
        name=f"object/{piece.id}/goods",
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=[0.0, 0.0, -z / 2 + t + goods[2] / 2],
        size=goods / 2,
        mass=mass - shell,
        contype=0,
        conaffinity=0,
        rgba=_colour("carton"),
    )


def _apply_variation(model: mujoco.MjModel, robot_bodies: set[str], variation: Variation) -> None:
    for body in range(1, model.nbody):
        name = model.body(body).name
        if name not in robot_bodies or model.body_mass[body] == 0.0:
            continue
        factor = variation.mass_of(name)
        model.body_mass[body] *= factor
        model.body_inertia[body] *= factor
        model.body_ipos[body] += variation.com_of(name)
        first, count = int(model.body_dofadr[body]), int(model.body_dofnum[body])
        for dof in range(first, first + count):
            joint = model.joint(int(model.dof_jntid[dof])).name
            model.dof_frictionloss[dof] *= variation.joint_friction_of(joint)
            model.dof_damping[dof] *= variation.damping_of(joint)
    # On scratch data: it overwrites the positions it is given.
    mujoco.mj_setConst(model, mujoco.MjData(model))


def _indexed(
    model: mujoco.MjModel,
    robot: RobotModel,
    cell: WorkCell | None,
    variation: Variation,
    robot_bodies: set[str],
    materials: Mapping[str, str],
) -> Scene:
    def need(kind: mujoco.mjtObj, word: str, name: str) -> int:
        found = mujoco.mj_name2id(model, kind, name)
        if found < 0:
            raise SimError("scene.element_missing", robot=robot.id, kind=word, name=name)
        return int(found)

    profile = robot.profile
    base = need(mujoco.mjtObj.mjOBJ_BODY, "body", profile.base_body)
    root = int(model.body_jntadr[base])
    if root < 0 or int(model.jnt_type[root]) != int(mujoco.mjtJoint.mjJNT_FREE):
        raise SimError("scene.no_free_joint", robot=robot.id, body=profile.base_body)
    for leg in profile.legs.values():
        need(mujoco.mjtObj.mjOBJ_SITE, "site", leg.sole_site)
    for arm in profile.arms.values():
        need(mujoco.mjtObj.mjOBJ_SITE, "site", arm.hand_site)
    joints = [need(mujoco.mjtObj.mjOBJ_JOINT, "joint", name) for name in robot.joint_names]
    by_joint = {
        int(model.actuator_trnid[i, 0]): i
        for i in range(model.nu)
        if int(model.actuator_trntype[i]) == int(mujoco.mjtTrn.mjTRN_JOINT)
    }
    for name, joint in zip(robot.joint_names, joints, strict=True):
        if joint not in by_joint:
            raise SimError("scene.element_missing", robot=robot.id, kind="actuator", name=name)
    owners = tuple(_owner(model, geom, robot_bodies) for geom in range(model.ngeom))
    return Scene(
        model=model,
        robot=robot,
        cell=cell,
        variation=variation,
        joint_qposadr=np.array(model.jnt_qposadr[joints], dtype=np.int64),
        joint_dofadr=np.array(model.jnt_dofadr[joints], dtype=np.int64),
        actuator_ids=np.array([by_joint[joint] for joint in joints], dtype=np.int64),
        base_qposadr=int(model.jnt_qposadr[root]),
        base_dofadr=int(model.jnt_dofadr[root]),
        is_robot_geom=np.array([owner.startswith("robot:") for owner in owners], dtype=np.bool_),
        geom_owner=owners,
        geom_material=tuple(materials.get(model.geom(i).name, "") for i in range(model.ngeom)),
    )


def _owner(model: mujoco.MjModel, geom: int, robot_bodies: set[str]) -> str:
    body = str(model.body(int(model.geom_bodyid[geom])).name)
    if body in robot_bodies:
        return f"robot:{body}"
    if body.startswith("cell/"):
        return "station:" + body.removeprefix("cell/")
    if body.startswith("object/"):
        return "object:" + body.removeprefix("object/")
    name = str(model.geom(geom).name)
    return "zone:" + name.removeprefix("zone/") if name.startswith("zone/") else "floor"


def _colour(material: str) -> tuple[float, float, float, float]:
    return COLOURS.get(material, DEFAULT_COLOUR)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
