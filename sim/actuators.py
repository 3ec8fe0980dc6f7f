"""From joint commands to actuator controls, for position servos and torque motors alike.

The drive of every joint realises ``torque = kp (q_des - q) + kd (qd_des - qd) + tau_ff`` at the physics rate. A position
servo with gains kp_s, kv_s gives exactly that torque for ``ctrl = q + (torque + kv_s qd) / kp_s`` while its own damping
acts within the step and its force limits hold; a motor gets the torque divided by its gear.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from sim.scene import Scene

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class JointCommand:
    """What a controller asks of every joint; arrays (n,) in the order of ``RobotModel.joint_names``.

    Args:
        q_des, qd_des: rad (m for slides) and per s.
        kp, kd: N·m/rad, N·m·s/rad.
        tau_ff: N·m (N for slides).
    """

    q_des: Array
    qd_des: Array
    kp: Array
    kd: Array
    tau_ff: Array

    def torque(self, q: Array, qd: Array) -> Array:
        """The torque (n,) that the drives make at joint positions ``q`` and velocities ``qd``."""
        return self.kp * (self.q_des - q) + self.kd * (self.qd_des - qd) + self.tau_ff


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _write(
    q_des: Array,
    qd_des: Array,
    kp: Array,
    kd: Array,
    tau_ff: Array,
    qpos: Array,
    qvel: Array,
    positions: NDArray[np.int64],
    dofs: NDArray[np.int64],
    limit: Array,
    servo: NDArray[np.bool_],
    servo_kp: Array,
    servo_kv: Array,
    gear: Array,
    ids: NDArray[np.int64],
    ctrl: Array,
) -> Array:
    """The drives' torques, limited, and the controls that make them; twice in each control period, hence compiled."""
    out = np.empty(positions.shape[0])
    for i in range(positions.shape[0]):
        q, qd = qpos[positions[i]], qvel[dofs[i]]
        torque = kp[i] * (q_des[i] - q) + kd[i] * (qd_des[i] - qd) + tau_ff[i]
        torque = min(max(torque, -limit[i]), limit[i])
        out[i] = torque
        if servo[i]:
            ctrl[ids[i]] = q + (torque + servo_kv[i] * qd) / servo_kp[i]
        else:
            ctrl[ids[i]] = torque / gear[i]
    return out


class Drives:
    """The drives of a scene's robot."""

    def __init__(self, scene: Scene) -> None:
        model = scene.model
        profile = scene.robot.profile
        ids = scene.actuator_ids
        self._ids = ids
        self._positions, self._dofs = scene.joint_qposadr, scene.joint_dofadr
        self._servo = scene.is_servo
        self._kp = np.where(scene.is_servo, scene.servo_gains[:, 0], 1.0)
        self._kv = np.where(scene.is_servo, scene.servo_gains[:, 1], 0.0)
        self._gear = np.array(model.actuator_gear[ids, 0])
        limits = np.full(len(ids), np.inf)
        for i, name in enumerate(scene.robot.joint_names):
            limits[i] = profile.torque_limits.get(name, np.inf)
        self._limit = limits

    def write(self, command: JointCommand, qpos: Array, qvel: Array, ctrl: Array) -> Array:
        """Fill ``ctrl`` (nu,) in place for the scene's ``qpos`` and ``qvel``; the torque (n,) asked for, inside the limits."""
        c = command
        asked: Array = _write(
            c.q_des,
            c.qd_des,
            c.kp,
            c.kd,
            c.tau_ff,
            qpos,
            qvel,
            self._positions,
            self._dofs,
            self._limit,
            self._servo,
            self._kp,
            self._kv,
            self._gear,
            self._ids,
            ctrl,
        )
        return asked
