"""From values to physics: a cell and a robot become one MuJoCo model. Nothing here steps time.

The robot's elements keep their own names; the cell's are ``cell/<station>/<part>``, ``ground/<feature>/<n>``, ``zone/<id>`` and
``walker/<id>``, devices ``device/<id>``; workpieces are ``object/<id>``, what lies loose in one ``loose/<id>``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.cell import WorkCell
from sim.device_bodies import add_devices, moves
from sim.errors import SimError
from sim.robot import RobotModel
from sim.surroundings import COLOURS, add_floor, add_objects, add_stations, add_walkers, ground_height, loose_start, object_start
from sim.transforms import Pose2
from sim.variation import NOMINAL, Variation, draw_variation

__all__ = ["NOMINAL", "Scene", "Variation", "build_scene", "draw_variation", "ground_height", "lowest_point", "object_start"]

Array = NDArray[np.float64]

#: As models have it: geoms of this group touch and are not drawn.
TOUCHING_GROUP = 3
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Scene:
    """A compiled scene and the indices that connect it with the program's names.

    Args:
        model: The physics; treat as read-only where a scene is shared.
        joint_qposadr, joint_dofadr, actuator_ids: (n,) in ``robot.joint_names`` order.
        base_qposadr, base_dofadr: Where the free joint of the base starts in qpos (7 numbers) and qvel (6 numbers).
        is_robot_geom: (ngeom,) true for the robot's geoms.
        geom_owner: Owner of each geom: ``robot:<body>``, ``station:<id>``, ``object:<id>``, ``walker:<id>``, ``device:<id>``,
            ``zone:<id>``, ``ground:<id>`` or ``floor``.
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
        """Body id of a workpiece, walker or device; SimError naming the valid ones if there is none such."""
        if self.cell is None:
            raise SimError("cell.no_such_object", object=object_id, valid="")
        if any(walker.id == object_id for walker in self.cell.walkers):
            return int(self.model.body(f"walker/{object_id}").id)
        if object_id in self.cell.devices:
            return int(self.model.body(f"device/{object_id}").id)
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
    def moving(self) -> tuple[str, ...]:
        """Ids of what moves besides the robot, in a fixed order: workpieces, walkers, buttons and doors."""
        if self.cell is None:
            return ()
        devices = (d.id for d in self.cell.devices.values() if moves(d))
        return (*self.cell.objects, *(w.id for w in self.cell.walkers), *devices)

    @cached_property
    def seen(self) -> tuple[str, ...]:
        """Ids of what a camera can find: what moves, and fixtures, which carry a mark."""
        if self.cell is None:
            return ()
        return (*self.moving, *(d.id for d in self.cell.devices.values() if not moves(d)))

    @cached_property
    def floor_geoms(self) -> IntArray:
        """Geom ids of all that one walks on: the floor, zones that are plates of their own, ground features."""
        own = [i for i, name in enumerate(self.geom_owner) if name == "floor" or name.startswith(("zone:", "ground:"))]
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

        The middle between the sole sites is at ``cell.robot_start``; the lowest contact point is exactly at the ground's height
        (z = 0, but on a zone with friction of its own, which is a thin sheet, or on a ground feature).
        """
        data = mujoco.MjData(self.model)
        posture = [self.robot.profile.home.get(name, 0.0) for name in self.robot.joint_names]
        data.qpos[self.joint_qposadr] = posture
        for actuator, angle, servo in zip(self.actuator_ids, posture, self.is_servo, strict=True):
            data.ctrl[actuator] = angle if servo else 0.0
        cell = self.cell
        start = cell.robot_start if cell is not None else Pose2(0.0, 0.0, 0.0)
        self._place_base(data, start @ self.variation.robot_start_offset)
        if cell is not None:
            for object_id in cell.objects:
                pose = object_start(cell, object_id, self.variation)
                address = int(self.model.joint(f"object/{object_id}").qposadr[0])
                data.qpos[address : address + 3] = pose.position
                data.qpos[address + 3 : address + 7] = pose.quaternion
                if cell.objects[object_id].loose_mass > 0.0:
                    loose = loose_start(cell.objects[object_id], pose)
                    address = int(self.model.joint(f"loose/{object_id}").qposadr[0])
                    data.qpos[address : address + 7] = (*loose.position, *loose.quaternion)
        mujoco.mj_forward(self.model, data)
        return data

    def _place_base(self, data: mujoco.MjData, start: Pose2) -> None:
        at = self.base_qposadr
        data.qpos[at : at + 7] = (0.0, 0.0, 0.0, np.cos(start.yaw / 2), 0.0, 0.0, np.sin(start.yaw / 2))
        mujoco.mj_kinematics(self.model, data)
        legs = self.robot.profile.legs.values()
        soles = np.mean([data.site(leg.sole_site).xpos for leg in legs], axis=0)
        data.qpos[at : at + 2] = (start.x - soles[0], start.y - soles[1])
        ground = ground_height(self.cell, start.x, start.y, self.variation)
        data.qpos[at + 2] = ground - min(lowest_point(self.model, data, i) for i in self._contact_geoms())

    def _contact_geoms(self) -> IntArray:
        model = self.model
        touching = (model.geom_contype != 0) | (model.geom_conaffinity != 0)
        return np.flatnonzero(self.is_robot_geom & touching)


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
    except (ValueError, mujoco.FatalError) as error:
        raise SimError("scene.model_invalid", path=str(robot.model_path), reason=_first_line(error)) from error
    robot_bodies = {body.name for body in spec.bodies if body.name != "world"}
    _set_options(spec, timestep)
    _add_profile_parts(spec, robot)
    materials = add_floor(spec, cell, variation)
    if cell is not None:
        materials |= add_stations(spec, cell)
        materials |= add_objects(spec, cell, variation)
        materials |= add_walkers(spec, cell)
        materials |= add_devices(spec, cell, COLOURS)
        for number, light in enumerate(cell.lights):
            spec.worldbody.add_light(
                name=f"cell/light_{number}", pos=light.position, dir=light.direction, diffuse=[light.intensity] * 3
            )
    try:
        model = spec.compile()
    except (ValueError, mujoco.FatalError) as error:
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


def _add_profile_parts(spec: mujoco.MjSpec, robot: RobotModel) -> None:
    """Sites, cameras and touching meshes that the profile declares and the model file lacks."""
    profile = robot.profile

    def body(name: str) -> mujoco.MjsBody:
        found = spec.body(name)
        if found is None:
            raise SimError("scene.element_missing", robot=robot.id, kind="body", name=name)
        return found

    for name, site in profile.sites.items():
        body(site.body).add_site(name=name, pos=site.pos, quat=site.quat)
    for name, camera in profile.cameras.items():
        body(camera.body).add_camera(name=name, pos=camera.pos, quat=camera.quat, fovy=camera.fovy)
    for name, touch in profile.touching.items():
        drawn = next((g for g in body(touch.body).geoms if g.meshname == touch.mesh), None)
        if drawn is None:
            raise SimError("scene.element_missing", robot=robot.id, kind="mesh", name=touch.mesh)
        # Where it is drawn; its mass is the body's already.
        body(touch.body).add_geom(
            name=name,
            type=mujoco.mjtGeom.mjGEOM_MESH,
            meshname=touch.mesh,
            pos=drawn.pos,
            quat=drawn.quat,
            mass=0.0,
            group=TOUCHING_GROUP,
            contype=1,
            conaffinity=1,
            condim=4,
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
    if body.startswith("loose/"):
        return "object:" + body.removeprefix("loose/")
    if body.startswith("walker/"):
        return "walker:" + body.removeprefix("walker/")
    if body.startswith("device/"):
        return "device:" + body.removeprefix("device/")
    name = str(model.geom(geom).name)
    if name.startswith("ground/"):
        return "ground:" + name.split("/")[1]
    return "zone:" + name.removeprefix("zone/") if name.startswith("zone/") else "floor"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
