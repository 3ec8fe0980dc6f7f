"""What each foot carries, by the torques of its leg: for robots without force sensors in their feet.

The leg's joints carry its own weight and inertia and, through the leg's Jacobian, the wrench on its sole. Seen from the base,
gravity and the base's own acceleration are one thing: the specific force that the accelerometer measures. So the inverse
dynamics of the leg needs only what encoders, drives and IMU tell, and what is left of the torques is the sole's.
"""

from __future__ import annotations

import mujoco
import numba
import numpy as np
from numpy.typing import NDArray

from sim.robot import SIDES, RobotModel
from sim.scene import Scene

Array = NDArray[np.float64]

#: Accelerations of joints are differences of their velocities; what comes of them is smoothed over this, s.
SMOOTHED_S = 0.008
#: Keeps the solution finite where a leg is straight: relative to the square of a lever of 1 m.
DAMPED = 1e-4


class FootLoads:
    """Loads of both feet from one reading after another.

    Args:
        robot: The nominal robot. scene: Its model alone, without gravity. data: Of that model, base upright in the origin.
        imu: site id. dt: period of the readings, s.
    """

    def __init__(self, robot: RobotModel, scene: Scene, data: mujoco.MjData, imu: int, dt: float) -> None:
        self._model = m = scene.model
        self._data = data
        self._dofs = scene.joint_dofadr.astype(np.intp)
        self._base_v = scene.base_dofadr
        self._imu, self.dt = imu, dt
        self._imu_moves = int(m.site_bodyid[imu]) != int(m.body(robot.profile.base_body).id)
        legs = [robot.profile.legs[s] for s in SIDES]
        self._soles = [int(m.site(leg.sole_site).id) for leg in legs]
        self._legs = [np.array([robot.index(name) for name in leg.joints]) for leg in legs]
        self._inert, self._damping = m.dof_armature[self._dofs], m.dof_damping[self._dofs]
        self._jacobian = np.zeros((6, m.nv))
        self._force = np.zeros(m.nv)
        self._before: tuple[Array, Array] | None = None
        self._loads = np.zeros(2)

    def update(self, qd: Array, torque: Array, gyro: Array, accel: Array, up: Array) -> Array:
        """Vertical loads (2,) N, once the data holds the joints' positions and what follows of them.

        Args:
            qd, torque: (n,) of the joints. gyro, accel: (3,) IMU frame. up: (3,) the vertical in the IMU's frame.
        """
        m, d, va = self._model, self._data, self._base_v
        mujoco.mj_comPos(m, d)
        turn = d.site_xmat[self._imu].reshape(3, 3)
        spin = turn @ gyro
        if self._imu_moves:
            mujoco.mj_jacSite(m, d, None, self._jacobian[3:], self._imu)
            spin -= self._jacobian[3:, self._dofs] @ qd
        before, self._before = self._before or (qd, spin), (qd, spin)
        qdd, swung = (qd - before[0]) / self.dt, (spin - before[1]) / self.dt
        d.qvel[va : va + 3] = 0.0
        d.qvel[va + 3 : va + 6] = spin
        d.qvel[self._dofs] = qd
        # The joints between base and IMU move slowly: their part of its acceleration is left out.
        d.qacc[va : va + 3] = _at_base(turn @ accel, swung, spin, d.site_xpos[self._imu])
        d.qacc[va + 3 : va + 6] = swung
        d.qacc[self._dofs] = qdd
        mujoco.mj_comVel(m, d)
        mujoco.mj_rne(m, d, 1, self._force)
        left = self._force[self._dofs] + self._inert * qdd + self._damping * qd - torque
        share = self.dt / (SMOOTHED_S + self.dt)
        for side, joints in enumerate(self._legs):
            mujoco.mj_jacSite(m, d, self._jacobian[:3], self._jacobian[3:], self._soles[side])
            load = _vertical(self._jacobian[:, self._dofs[joints]], left[joints], turn @ up)
            self._loads[side] += share * (load - self._loads[side])
        return self._loads.copy()


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _at_base(accel: Array, swung: Array, spin: Array, lever: Array) -> Array:
    """Specific force (3,) in the origin of a body that turns with ``spin`` and ``swung``, of what is measured at ``lever``."""
    return accel - np.cross(swung, lever) - np.cross(spin, np.cross(spin, lever))


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _vertical(jacobian: Array, torque: Array, up: Array) -> float:
    """Force N along ``up`` (3,) of the wrench on a sole whose joints, by their Jacobian (6, k), carry ``torque`` (k,)."""
    j = np.ascontiguousarray(jacobian)
    wrench = np.linalg.solve(j @ j.T + DAMPED * np.eye(6), j @ torque)
    return float(wrench[0] * up[0] + wrench[1] * up[1] + wrench[2] * up[2])
