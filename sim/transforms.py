"""Rigid transforms. Quaternions are wxyz, angles rad, lengths m. ``a_from_b`` maps coordinates in b to coordinates in a."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def wrap_angle(angle: float) -> float:
    """The same angle in (-pi, pi]."""
    wrapped = math.remainder(angle, 2.0 * math.pi)
    return math.pi if wrapped == -math.pi else wrapped


@dataclass(frozen=True, slots=True)
class Pose2:
    """A pose on the floor: x, y in m, yaw in rad, in the frame the name of the variable says."""

    x: float
    y: float
    yaw: float = 0.0

    def __matmul__(self, other: Pose2) -> Pose2:
        """Compose: ``a_from_c = a_from_b @ b_from_c``."""
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        return Pose2(self.x + c * other.x - s * other.y, self.y + s * other.x + c * other.y, wrap_angle(self.yaw + other.yaw))

    def inverse(self) -> Pose2:
        """``b_from_a`` of ``a_from_b``."""
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        return Pose2(-c * self.x - s * self.y, s * self.x - c * self.y, wrap_angle(-self.yaw))

    def ahead(self, x: float, y: float) -> float:
        """How far ahead of it a point is, m."""
        return math.cos(self.yaw) * (x - self.x) + math.sin(self.yaw) * (y - self.y)

    def distance(self, other: Pose2) -> float:
        """Distance in the plane, m."""
        return math.hypot(other.x - self.x, other.y - self.y)


@dataclass(frozen=True, slots=True)
class Pose:
    """A pose in space: position (x, y, z) m and unit quaternion (w, x, y, z)."""

    position: tuple[float, float, float]
    quaternion: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)

    @classmethod
    def from_matrix(cls, matrix: Array) -> Pose:
        """From a homogeneous (4, 4) matrix."""
        p = matrix[:3, 3]
        q = quaternion_from_matrix(matrix[:3, :3])
        return cls((float(p[0]), float(p[1]), float(p[2])), (float(q[0]), float(q[1]), float(q[2]), float(q[3])))

    @classmethod
    def from_xyz_yaw(cls, x: float, y: float, z: float, yaw: float = 0.0) -> Pose:
        """A pose upright, turned by ``yaw`` about z."""
        return cls((x, y, z), (math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2)))

    def matrix(self) -> Array:
        """Homogeneous (4, 4) matrix."""
        m = np.eye(4)
        m[:3, :3] = matrix_from_quaternion(np.asarray(self.quaternion))
        m[:3, 3] = self.position
        return m

    def __matmul__(self, other: Pose) -> Pose:
        """Compose: ``a_from_c = a_from_b @ b_from_c``."""
        return Pose.from_matrix(self.matrix() @ other.matrix())

    def inverse(self) -> Pose:
        """``b_from_a`` of ``a_from_b``."""
        m = self.matrix()
        out = np.eye(4)
        out[:3, :3] = m[:3, :3].T
        out[:3, 3] = -m[:3, :3].T @ m[:3, 3]
        return Pose.from_matrix(out)

    @property
    def yaw(self) -> float:
        """Heading about world z, rad."""
        w, x, y, z = self.quaternion
        return math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))


def matrix_from_quaternion(q: Array) -> Array:
    """Rotation (3, 3) of a unit quaternion (4,) wxyz."""
    w, x, y, z = (float(v) for v in q)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def quaternion_from_matrix(r: Array) -> Array:
    """Unit quaternion (4,) wxyz with w >= 0 of a rotation (3, 3) (Shepperd's method)."""
    t = np.array([r[0, 0] + r[1, 1] + r[2, 2], r[0, 0], r[1, 1], r[2, 2]])
    i = int(np.argmax(t))
    q = np.empty(4)
    if i == 0:
        q[:] = (1 + t[0], r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1])
    elif i == 1:
        q[:] = (r[2, 1] - r[1, 2], 1 + 2 * r[0, 0] - t[0], r[0, 1] + r[1, 0], r[0, 2] + r[2, 0])
    elif i == 2:
        q[:] = (r[0, 2] - r[2, 0], r[0, 1] + r[1, 0], 1 + 2 * r[1, 1] - t[0], r[1, 2] + r[2, 1])
    else:
        q[:] = (r[1, 0] - r[0, 1], r[0, 2] + r[2, 0], r[1, 2] + r[2, 1], 1 + 2 * r[2, 2] - t[0])
    q /= np.linalg.norm(q)
    return -q if q[0] < 0 else q


def rotation_from_vector(w: Array) -> Array:
    """Rotation (3, 3) of a rotation vector (3,) (Rodrigues)."""
    angle = math.sqrt(float(w @ w))
    a, b = (1.0, 0.5) if angle < 1e-6 else (math.sin(angle) / angle, (1.0 - math.cos(angle)) / angle**2)
    x, y, z = (float(v) for v in w)
    return np.array(
        [
            [1.0 - b * (y * y + z * z), b * x * y - a * z, b * x * z + a * y],
            [b * x * y + a * z, 1.0 - b * (x * x + z * z), b * y * z - a * x],
            [b * x * z - a * y, b * y * z + a * x, 1.0 - b * (x * x + y * y)],
        ]
    )


def vector_from_rotation(r: Array) -> Array:
    """Rotation vector (3,) of a rotation (3, 3) of less than a quarter turn."""
    axis = 0.5 * np.array([r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]])
    sine = min(math.sqrt(float(axis @ axis)), 1.0)
    return axis if sine < 1e-9 else axis * (math.asin(sine) / sine)
