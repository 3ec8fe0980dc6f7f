"""The controller's own picture of the robot: kinematics and dynamics of the nominal model at the sensed state.

Nothing here touches the simulated world. Joint arrays are in the order of ``RobotModel.joint_names``; generalised
velocities are MuJoCo's: base linear velocity in the world frame, base angular velocity in the base frame, then joints.
"""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.errors import SimError
from sim.robot import SIDES, RobotModel
from sim.scene import build_scene

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
        self._jdot: Array = np.zeros((6, m.nv))
        self.hand_jacobian: Array = np.zeros((len(self.hands), 6, m.nv))
        self.update(np.array([0.0, 0, 0, 1, 0, 0, 0]), np.zeros(6), self.home, np.zeros(len(ids)))

    def set_payload(self, mass: float) -> None:
        """Carry ``mass`` kg, half of it in the middle of each palm, from the next update on."""
        m = self.model
        self.payload = mass
        share = mass / max(len(self.hands), 1)
        for site in self.hands:
            b = int(m.site_bodyid[site])
            total = self._mass0[b] + share
            m.body_mass[b] = total
            m.body_ipos[b] = (self._mass0[b] * self._ipos0[b] + share * m.site_pos[site]) / total
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
        d.qpos[self.base_q : self.base_q + 7] = base_pose
        d.qpos[self.qadr] = q
        mujoco.mj_kinematics(m, d)
        self.base_rotation: Array = d.xmat[self.base_body].reshape(3, 3).copy()
        d.qvel[self.base_v : self.base_v + 3] = base_velocity[:3]
        d.qvel[self.base_v + 3 : self.base_v + 6] = self.base_rotation.T @ base_velocity[3:]
        d.qvel[self.dofs] = qd
        mujoco.mj_comPos(m, d)
        mujoco.mj_crb(m, d)
        mujoco.mj_fullM(m, d, self.M)
        mujoco.mj_comVel(m, d)
        mujoco.mj_rne(m, d, 0, d.qfrc_bias)
        mujoco.mj_subtreeVel(m, d)
        self.q = q
        self.qd = qd
        self.base_pose = base_pose
        self.base_velocity = base_velocity
        self.bias: Array = d.qfrc_bias
        self.com: Array = d.subtree_com[self.base_body].copy()
        self.com_velocity: Array = d.subtree_linvel[self.base_body].copy()
        v = d.qvel
        for i, s in enumerate(self.soles):
            jac = self.sole_jacobian[i]
            mujoco.mj_jacSite(m, d, jac[:3], jac[3:], s)
            mujoco.mj_jacDot(m, d, self._jdot[:3], self._jdot[3:], d.site_xpos[s], m.site_bodyid[s])
            self.sole_drift[i] = self._jdot @ v
        self.sole_position: Array = np.array([d.site_xpos[s] for s in self.soles])
        self.sole_rotation: Array = np.array([d.site_xmat[s].reshape(3, 3) for s in self.soles])
        self.sole_velocity: Array = self.sole_jacobian @ v
        for i, s in enumerate(self.hands):
            mujoco.mj_jacSite(m, d, self.hand_jacobian[i, :3], self.hand_jacobian[i, 3:], s)
        self.hand_position: Array = np.array([d.site_xpos[s] for s in self.hands]).reshape(-1, 3)
        self.hand_rotation: Array = np.array([d.site_xmat[s] for s in self.hands]).reshape(-1, 3, 3)

    @property
    def sole_yaw(self) -> Array:
        """Heading (2,) of the soles, rad, world."""
        return np.arctan2(self.sole_rotation[:, 1, 0], self.sole_rotation[:, 0, 0])

    def camera_pose(self) -> tuple[Array, Array]:
        """Position (3,) and rotation (3, 3) of the head camera, world; MuJoCo cameras look along -z."""
        mujoco.mj_camlight(self.model, self.data)
        return self.data.cam_xpos[self.camera].copy(), self.data.cam_xmat[self.camera].reshape(3, 3).copy()


def standing_height(body: Body, q: Array) -> float:
    """Height m of the base origin over the lower sole when standing upright with joints ``q`` (n,)."""
    body.update(np.array([0.0, 0, 0, 1, 0, 0, 0]), np.zeros(6), q, np.zeros(len(q)))
    return -float(body.sole_position[:, 2].min())
