"""What the whole-body programme is asked for base and soles, compiled: accelerations from where they are and where they shall be.

Rotations are (3, 3), velocities and accelerations (6,) linear and angular, all in the world frame.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from sim.rotations import cross, wrapped

Array = NDArray[np.float64]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def tilt_off(rotation: Array, normal: Array) -> Array:
    """Rotation vector (2,) x y that brings a body's z axis onto the unit vector ``normal`` (3,)."""
    x, y, z = rotation[0, 2], rotation[1, 2], rotation[2, 2]
    out = np.empty(2)
    out[0], out[1] = y * normal[2] - z * normal[1], z * normal[0] - x * normal[2]
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def base_turn(
    rotation: Array, rate: Array, heading: float, lean: float, aside: float, lean_rate: float, lean_pull: float
) -> Array:
    """Angular acceleration (3,) that turns the base to ``heading`` rad and lets it lean ahead by ``lean``, to the left by ``aside`` rad.

    Args:
        rate: (3,) angular velocity. lean_rate, lean_pull: of the lean's reference, rad/s and rad/s².
    """
    c, s = np.cos(heading), np.sin(heading)
    normal = np.empty(3)
    ahead, left = np.sin(lean), np.sin(aside)
    normal[0], normal[1] = ahead * c - left * s, ahead * s + left * c
    normal[2] = np.sqrt(1.0 - ahead * ahead - left * left)
    up = tilt_off(rotation, normal)
    yaw = wrapped(heading - np.arctan2(rotation[1, 0], rotation[0, 0]))
    out = np.empty(3)
    out[0] = lean_pull * -s + 100.0 * up[0] + 20.0 * (lean_rate * -s - rate[0])
    out[1] = lean_pull * c + 100.0 * up[1] + 20.0 * (lean_rate * c - rate[1])
    out[2] = 100.0 * yaw - 20.0 * rate[2]
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def standing_sole(velocity: Array, rotation: Array, normal: Array) -> Array:
    """Acceleration (6,) that keeps a sole still and, where it rocks on its edge, brings it flat onto the ground again."""
    out: Array = -20.0 * velocity
    tilt = tilt_off(rotation, normal)
    out[3] += 100.0 * tilt[0]
    out[4] += 100.0 * tilt[1]
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def swinging_sole(
    position: Array,
    velocity: Array,
    rotation: Array,
    yaw: float,
    normal: Array,
    relief: Array,
    goal: Array,
    goal_velocity: Array,
    goal_acceleration: Array,
    goal_yaw: float,
    goal_yaw_rate: float,
) -> Array:
    """Acceleration (6,) of a sole along its swing: ``goal`` (3,) m with its derivatives, heading rad and its rate.

    ``relief``: (2,) turn x y away from the ankle's limit, added to what brings the sole onto ``normal``.
    """
    out = np.empty(6)
    for i in range(3):
        out[i] = goal_acceleration[i] + 400.0 * (goal[i] - position[i]) + 40.0 * (goal_velocity[i] - velocity[i])
    up = tilt_off(rotation, normal)
    out[3] = 400.0 * (up[0] + relief[0]) - 40.0 * velocity[3]
    out[4] = 400.0 * (up[1] + relief[1]) - 40.0 * velocity[4]
    out[5] = 400.0 * wrapped(goal_yaw - yaw) + 40.0 * (goal_yaw_rate - velocity[5])
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def rolling_sole(velocity: Array, rotation: Array, half_length: float, normal: Array) -> Array:
    """Acceleration (6,), linear of its front edge, of a sole that turns about this edge: it stays, and turns only slowly."""
    turn = velocity[3:]
    across = np.empty(2)
    size = np.sqrt(rotation[0, 0] ** 2 + rotation[1, 0] ** 2)
    across[0], across[1] = -rotation[1, 0] / size, rotation[0, 0] / size
    up = tilt_off(rotation, normal)
    pitch = up[0] * across[0] + up[1] * across[1]
    spin = cross(turn, rotation[:, 0] * half_length)
    out = np.empty(6)
    for i in range(3):
        out[i] = -20.0 * (velocity[i] + spin[i])
        out[3 + i] = -20.0 * turn[i]
    # Brought flat across, as its edge lies; how far the heel lifts is left to the leg.
    out[3] += 100.0 * (up[0] - pitch * across[0])
    out[4] += 100.0 * (up[1] - pitch * across[1])
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def drive_references(
    q_des: Array,
    qd_des: Array,
    torque: Array,
    q: Array,
    qd: Array,
    acceleration: Array,
    driven: NDArray[np.intp],
    own: Array,
    arms: Array,
    dt: float,
) -> None:
    """Fill in what the drives are told, all (n,): ``torque`` by the programme (``own``) and the ``arms``, and of the
    ``driven`` joints where the programme's ``acceleration`` will have brought them."""
    for i in range(torque.shape[0]):
        torque[i] = own[i] + arms[i]
    for k in range(driven.shape[0]):
        j = driven[k]
        qd_des[j] = qd[j] + acceleration[j] * dt
        q_des[j] = q[j] + qd[j] * dt + 0.5 * acceleration[j] * dt * dt


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def waist_pull(value: Array, rate: Array, acceleration: Array, q: Array, qd: Array, waist: NDArray[np.intp]) -> Array:
    """Accelerations (k,) of the ``waist``'s joints along the trunk's reference (2 + k,), whose first two are not theirs."""
    out = np.empty(waist.shape[0])
    for k in range(waist.shape[0]):
        j = waist[k]
        out[k] = acceleration[2 + k] + 100.0 * (value[2 + k] - q[j]) + 20.0 * (rate[2 + k] - qd[j])
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def press_together(
    torque: Array,
    force: float,
    position: Array,
    jacobian: Array,
    left: NDArray[np.intp],
    right: NDArray[np.intp],
    dofs: NDArray[np.intp],
) -> None:
    """Add to ``torque`` (n,) what presses two palms against each other with ``force`` N along the line between them.

    Args:
        position: (2, 3), jacobian: (2, 6, nv) of the palms. left, right: joints of the arms. dofs: (n,) of all joints.
    """
    line = position[1] - position[0]
    line /= max(np.sqrt(line[0] * line[0] + line[1] * line[1] + line[2] * line[2]), 1e-6)
    for arm in range(2):
        index = left if arm == 0 else right
        push = force if arm == 0 else -force
        for k in range(index.shape[0]):
            j = index[k]
            for r in range(3):
                torque[j] += push * line[r] * jacobian[arm, r, dofs[j]]
