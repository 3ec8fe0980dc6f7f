"""The controller's own picture of the robot: kinematics and dynamics of the nominal model at the sensed state.

Nothing here touches the simulated world. Joint arrays are in the order of ``RobotModel.joint_names``; generalised
velocities are MuJoCo's: base linear velocity in the world frame, base angular velocity in the base frame, then joints.
"""

from __future__ import annotations

from collections.abc import Sequence

import mujoco
import numba
import numpy as np
from numpy.typing import NDArray

from sim.errors import SimError
from sim.robot import SIDES, RobotModel
from sim.rotations import from_quaternion, turned_back
from sim.scene import build_scene
from sim.transforms import matrix_from_quaternion

Array = NDArray[np.float64]
Index = NDArray[np.intp]


def cross(a: Array, b: Array) -> Array:
    """Cross product of two (3,) vectors; numpy's own costs ten times as much on vectors this short."""
    return np.array([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def object_id(model: mujoco.MjModel, kind: mujoco.mjtObj, name: str, robot: RobotModel) -> int:
    """Index of a named thing in the model; SimError ``robot.profile_invalid`` if the profile names what is not there."""
    found = int(mujoco.mj_name2id(model, kind, name))
    if found < 0:
        raise SimError("robot.profile_invalid", path=str(robot.model_path), field=name, reason=f"no {kind.name} of that name")
    return found


def chain(model: mujoco.MjModel, body: int) -> list[int]:
    """Dofs that move a body, from the root on."""
    dof = int(model.body_dofadr[body]) + int(model.body_dofnum[body]) - 1
    while model.body_dofnum[body] == 0 and body > 0:
        body = int(model.body_parentid[body])
        dof = int(model.body_dofadr[body]) + int(model.body_dofnum[body]) - 1
    out = []
    while dof >= 0:
        out.append(dof)
        dof = int(model.dof_parentid[dof])
    return out[::-1]


def chains_of(model: mujoco.MjModel, bodies: Sequence[int]) -> tuple[Index, Index]:
    """Dofs (k, c) that move each of ``bodies`` (k,), and how many they are (k,)."""
    found = [chain(model, body) for body in bodies]
    lengths: Index = np.array([len(c) for c in found], dtype=np.intp)
    chains: Index = np.zeros((len(found), int(lengths.max())), dtype=np.intp)
    for i, dofs in enumerate(found):
        chains[i, : len(dofs)] = dofs
    return chains, lengths


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def points(
    sites: Index,
    bodies: Index,
    chains: Index,
    lengths: Index,
    qvel: Array,
    cdof: Array,
    cdof_dot: Array,
    cvel: Array,
    com: Array,
    xpos: Array,
    xmat: Array,
    M: Array,
    base: int,
    mass: float,
    sole_jacobian: Array,
    sole_drift: Array,
    hand_jacobian: Array,
) -> tuple[Array, Array, Array, Array, Array, Array, Array]:
    """Motion of soles and hands from MuJoCo's spatial vectors (turn, then line, about the centre of mass ``com``).

    Instead of two calls for each point, and of momentum from the mass matrix instead of a walk over the bodies.

    Args:
        sites, bodies: (k,) two soles, then hands. chains, lengths: (k, c), (k,) dofs that move each.
        cdof, cdof_dot: (nv, 6). cvel: (nbody, 6). xpos, xmat: of all sites. base: first dof of the base.
        sole_jacobian: (2, 6, nv), sole_drift: (2, 6) Jdot v, hand_jacobian: (h, 6, nv); linear, then angular; out.

    Returns:
        Velocity of the centre of mass (3,); of the soles positions (2, 3), rotations (2, 3, 3), yaws (2,) and velocities
        (2, 6); of the hands positions (h, 3) and rotations (h, 3, 3).
    """
    count = sites.shape[0]
    com_velocity = np.zeros(3)
    for r in range(3):
        for k in range(M.shape[1]):
            com_velocity[r] += M[base + r, k] * qvel[k]
        com_velocity[r] /= mass
    sole_position = np.empty((2, 3))
    sole_rotation = np.empty((2, 3, 3))
    sole_yaw = np.empty(2)
    sole_velocity = np.empty((2, 6))
    hand_position = np.empty((count - 2, 3))
    hand_rotation = np.empty((count - 2, 3, 3))
    turning = np.empty(6)
    for i in range(count):
        at = sites[i]
        x, y, z = xpos[at, 0] - com[0], xpos[at, 1] - com[1], xpos[at, 2] - com[2]
        jac = sole_jacobian[i] if i < 2 else hand_jacobian[i - 2]
        turning[:] = 0.0
        for n in range(lengths[i]):
            k = chains[i, n]
            a, b, c = cdof[k, 0], cdof[k, 1], cdof[k, 2]
            jac[0, k] = cdof[k, 3] + b * z - c * y
            jac[1, k] = cdof[k, 4] + c * x - a * z
            jac[2, k] = cdof[k, 5] + a * y - b * x
            jac[3, k], jac[4, k], jac[5, k] = a, b, c
            for r in range(6):
                turning[r] += cdof_dot[k, r] * qvel[k]
        if i >= 2:
            for r in range(3):
                hand_position[i - 2, r] = xpos[at, r]
                for c3 in range(3):
                    hand_rotation[i - 2, r, c3] = xmat[at, 3 * r + c3]
            continue
        for r in range(3):
            sole_position[i, r] = xpos[at, r]
            for c3 in range(3):
                sole_rotation[i, r, c3] = xmat[at, 3 * r + c3]
        sole_yaw[i] = np.arctan2(xmat[at, 3], xmat[at, 0])
        body = bodies[i]
        wx, wy, wz = cvel[body, 0], cvel[body, 1], cvel[body, 2]
        vx = cvel[body, 3] + wy * z - wz * y
        vy = cvel[body, 4] + wz * x - wx * z
        vz = cvel[body, 5] + wx * y - wy * x
        sole_velocity[i, 0], sole_velocity[i, 1], sole_velocity[i, 2] = vx, vy, vz
        sole_velocity[i, 3], sole_velocity[i, 4], sole_velocity[i, 5] = wx, wy, wz
        # The acceleration of the point when no joint accelerates: moved from the centre of mass, plus turn cross velocity.
        tx, ty, tz = turning[0], turning[1], turning[2]
        sole_drift[i, 0] = turning[3] + ty * z - tz * y + wy * vz - wz * vy
        sole_drift[i, 1] = turning[4] + tz * x - tx * z + wz * vx - wx * vz
        sole_drift[i, 2] = turning[5] + tx * y - ty * x + wx * vy - wy * vx
        sole_drift[i, 3], sole_drift[i, 4], sole_drift[i, 5] = tx, ty, tz
    return com_velocity, sole_position, sole_rotation, sole_yaw, sole_velocity, hand_position, hand_rotation


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def set_state(
    qpos: Array,
    qvel: Array,
    base_q: int,
    base_v: int,
    positions: Index,
    dofs: Index,
    pose: Array,
    velocity: Array,
    q: Array,
    qd: Array,
) -> Array:
    """Write a base's ``pose`` (7,) and world ``velocity`` (6,), joints and their velocities (n,) into a model's ``qpos`` and
    ``qvel``; returns the base's rotation (3, 3)."""
    for i in range(7):
        qpos[base_q + i] = pose[i]
    quaternion = pose[3:] / np.sqrt(pose[3] ** 2 + pose[4] ** 2 + pose[5] ** 2 + pose[6] ** 2)
    turn: Array = from_quaternion(quaternion)
    qvel[base_v : base_v + 3] = velocity[:3]
    qvel[base_v + 3 : base_v + 6] = turned_back(turn, velocity[3:])
    for i in range(positions.shape[0]):
        qpos[positions[i]] = q[i]
        qvel[dofs[i]] = qd[i]
    return turn


class Body:
    """Kinematics and dynamics of the nominal robot at one state.

    Args:
        robot: Profile and model path. The model is compiled afresh, so a payload never leaks into another controller.
    """

    def __init__(self, robot: RobotModel) -> None:
        self.robot = robot
        scene = build_scene(None, robot)
        m = scene.model
        self.model = m
        self.data = mujoco.MjData(m)
        profile = robot.profile
        ids = [object_id(m, mujoco.mjtObj.mjOBJ_JOINT, name, robot) for name in robot.joint_names]
        self.qadr: Index = scene.joint_qposadr.astype(np.intp)
        self.dofs: Index = scene.joint_dofadr.astype(np.intp)
        self.lower: Array = np.array([m.jnt_range[i, 0] if m.jnt_limited[i] else -np.inf for i in ids])
        self.upper: Array = np.array([m.jnt_range[i, 1] if m.jnt_limited[i] else np.inf for i in ids])
        self.base_body = object_id(m, mujoco.mjtObj.mjOBJ_BODY, profile.base_body, robot)
        self.base_q = scene.base_qposadr
        self.base_v = scene.base_dofadr

        def positions(names: tuple[str, ...]) -> Index:
            return np.array([robot.index(n) for n in names], dtype=np.intp)

        self.legs = tuple(positions(profile.legs[s].joints) for s in SIDES)
        self.waist = positions(profile.waist_joints)
        self.arm_sides = tuple(s for s in SIDES if s in profile.arms)
        self.arms = tuple(positions(profile.arms[s].joints) for s in self.arm_sides)
        self.head = positions(profile.head_joints)
        site = mujoco.mjtObj.mjOBJ_SITE
        self.soles = tuple(object_id(m, site, profile.legs[s].sole_site, robot) for s in SIDES)
        self.sole_half = np.array([profile.legs[s].sole_half_size for s in SIDES])
        self.hands = tuple(object_id(m, site, profile.arms[s].hand_site, robot) for s in self.arm_sides)
        self.camera = object_id(m, mujoco.mjtObj.mjOBJ_CAMERA, profile.head_camera, robot) if profile.head_camera else -1
        driven = np.concatenate([*self.legs, self.waist])
        #: dofs whose accelerations the whole-body controller chooses: base, legs, waist
        self.free_dofs: Index = np.concatenate([np.arange(self.base_v, self.base_v + 6), self.dofs[driven]])
        self.driven = driven
        rest = np.setdiff1d(np.arange(len(robot.joint_names)), driven)
        self.prescribed = rest
        self.home: Array = np.array([profile.home.get(n, 0.0) for n in robot.joint_names])
        self.joint_damping: Array = m.dof_damping[self.dofs].copy()
        self._mass0: Array = m.body_mass.copy()
        self._ipos0: Array = m.body_ipos.copy()
        self._scratch = mujoco.MjData(m)
        self.payload = 0.0
        self.mass = float(m.body_subtreemass[self.base_body])
        self.M: Array = np.zeros((m.nv, m.nv))
        self.sole_jacobian: Array = np.zeros((2, 6, m.nv))
        self.sole_drift: Array = np.zeros((2, 6))
        self.hand_jacobian: Array = np.zeros((len(self.hands), 6, m.nv))
        d = self.data
        # Views into the data, which stays where it is: asking MuJoCo for each anew costs more than using it.
        self._qpos, self._qvel, self._com = d.qpos, d.qvel, d.subtree_com[self.base_body]
        self._cdof, self._cdof_dot, self._cvel = d.cdof, d.cdof_dot, d.cvel
        self._site_xpos, self._site_xmat = d.site_xpos, d.site_xmat
        self.bias: Array = d.qfrc_bias
        #: sites whose motion is computed: soles, then hands; the body of each and the dofs that move it
        self._sites: Index = np.array([*self.soles, *self.hands], dtype=np.intp)
        self._site_bodies: Index = m.site_bodyid[self._sites].astype(np.intp)
        self._chains, self._chain_lengths = chains_of(m, self._site_bodies.tolist())
        self.update(np.array([0.0, 0, 0, 1, 0, 0, 0]), np.zeros(6), self.home, np.zeros(len(ids)))

    def set_payload(self, mass: float) -> None:
        """Carry ``mass`` kg, half of it in the middle of each palm, from the next update on."""
        count = max(len(self.hands), 1)
        self.set_hand_loads([mass / count] * len(self.hands), [np.zeros(3)] * len(self.hands))

    def set_hand_loads(self, masses: Sequence[float], at: Sequence[Array]) -> None:
        """Carry ``masses`` kg, one for each hand, at points (3,) of the palms' frames, m, from the next update on."""
        m = self.model
        self.payload = float(sum(masses))
        for site, share, point in zip(self.hands, masses, at, strict=True):
            b = int(m.site_bodyid[site])
            total = self._mass0[b] + share
            where = m.site_pos[site] + matrix_from_quaternion(m.site_quat[site]) @ point
            m.body_mass[b] = total
            m.body_ipos[b] = (self._mass0[b] * self._ipos0[b] + share * where) / total
        mujoco.mj_setConst(m, self._scratch)
        self.mass = float(m.body_subtreemass[self.base_body])

    def update(self, base_pose: Array, base_velocity: Array, q: Array, qd: Array) -> None:
        """Move the picture to a state.

        Args:
            base_pose: (7,) x y z qw qx qy qz, world.
            base_velocity: (6,) linear and angular, world.
            q, qd: (n,) joint positions and velocities.
        """
        m, d = self.model, self.data
        qpos, qvel = self._qpos, self._qvel
        self.base_rotation: Array = set_state(
            qpos, qvel, self.base_q, self.base_v, self.qadr, self.dofs, base_pose, base_velocity, q, qd
        )
        mujoco.mj_kinematics(m, d)
        mujoco.mj_comPos(m, d)
        mujoco.mj_crb(m, d)
        mujoco.mj_fullM(m, d, self.M)
        mujoco.mj_comVel(m, d)
        mujoco.mj_rne(m, d, 0, self.bias)
        self.q = q
        self.qd = qd
        self.base_pose = base_pose
        self.base_velocity = base_velocity
        self.com: Array = self._com.copy()
        (
            self.com_velocity,
            self.sole_position,
            self.sole_rotation,
            self.sole_yaw,
            self.sole_velocity,
            self.hand_position,
            self.hand_rotation,
        ) = points(
            self._sites,
            self._site_bodies,
            self._chains,
            self._chain_lengths,
            qvel,
            self._cdof,
            self._cdof_dot,
            self._cvel,
            self.com,
            self._site_xpos,
            self._site_xmat,
            self.M,
            self.base_v,
            self.mass,
            self.sole_jacobian,
            self.sole_drift,
            self.hand_jacobian,
        )

    def shoulders(self) -> Array:
        """(k, 3) where the arms' first joints are, world."""
        return np.array([self.data.xanchor[self.model.dof_jntid[self.dofs[index[0]]]] for index in self.arms])

    def camera_pose(self) -> tuple[Array, Array]:
        """Position (3,) and rotation (3, 3) of the head camera, world; MuJoCo cameras look along -z."""
        mujoco.mj_camlight(self.model, self.data)
        return self.data.cam_xpos[self.camera].copy(), self.data.cam_xmat[self.camera].reshape(3, 3).copy()


def standing_height(body: Body, q: Array) -> float:
    """Height m of the base origin over the lower sole when standing upright with joints ``q`` (n,)."""
    body.update(np.array([0.0, 0, 0, 1, 0, 0, 0]), np.zeros(6), q, np.zeros(len(q)))
    return -float(body.sole_position[:, 2].min())
