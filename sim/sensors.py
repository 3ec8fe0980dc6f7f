"""What a robot senses: everything a controller may see, with declared noise. The simulated world stays behind this value."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.robot import SIDES
from sim.scene import Scene
from sim.transforms import matrix_from_quaternion

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SensorNoise:
    """Standard deviations of white noise, and what the camera's object measurement is worth.

    The base pose and velocity stand for a state estimator: truth plus noise, which the recording declares.

    Args:
        joint_position, joint_velocity: rad, rad/s.
        gyro, accel: rad/s, m/s².
        foot_force: N.
        base_position, base_rotation: m, rad. base_velocity, base_rate: m/s, rad/s.
        sight_position, sight_rotation: m, rad: of an object's pose as the head camera measures it.
        sight_period, sight_latency: s. sight_range: m.
    """

    joint_position: float = 2e-4
    joint_velocity: float = 0.01
    gyro: float = 0.005
    accel: float = 0.05
    foot_force: float = 1.0
    base_position: float = 5e-4
    base_rotation: float = 5e-4
    base_velocity: float = 0.005
    base_rate: float = 0.005
    sight_position: float = 0.003
    sight_rotation: float = 0.006
    sight_period: float = 0.1
    sight_latency: float = 0.06
    sight_range: float = 1.6

    def declared(self) -> dict[str, str]:
        """The assumptions of a recording: what was measured how well."""
        out = {f"noise.{name}": f"{value:g}" for name, value in asdict(self).items()}
        out["state"] = "simulator truth plus declared noise"
        out["perception"] = "object poses from the head camera: truth plus declared noise and latency, in view and range only"
        return out


DEFAULT = SensorNoise()
NOISELESS = SensorNoise(
    joint_position=0.0,
    joint_velocity=0.0,
    gyro=0.0,
    accel=0.0,
    foot_force=0.0,
    base_position=0.0,
    base_rotation=0.0,
    base_velocity=0.0,
    base_rate=0.0,
    sight_position=0.0,
    sight_rotation=0.0,
)


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """The head camera's measurement of an object: when the picture was taken (s), pose (7,) of its centre, world."""

    object_id: str
    time: float
    pose: Array


@dataclass(frozen=True, slots=True, eq=False)
class Sensed:
    """What the robot senses at ``time``: all that its controller sees.

    Args:
        q, qd: (n,) encoder positions and velocities, order of ``RobotModel.joint_names``.
        gyro, accel: (3,) IMU frame.
        foot_load: (2,) vertical load on left and right sole, N.
        base_pose: (7,) x y z qw qx qy qz, world. base_velocity: (6,) linear, angular, world.
        sightings: object id -> newest sighting.
        source: "truth" or "estimate": where base pose and velocity come from.
    """

    time: float
    q: Array
    qd: Array
    gyro: Array
    accel: Array
    foot_load: Array
    base_pose: Array
    base_velocity: Array
    sightings: dict[str, Sighting] = field(default_factory=dict)
    source: str = "truth"


class Sensors:
    """Reads a scene's data as the robot would. All noise comes from one generator, so a seed fixes a run."""

    def __init__(self, scene: Scene, noise: SensorNoise, seed: int) -> None:
        self.scene = scene
        self.noise = noise
        model = scene.model
        profile = scene.robot.profile
        self._random = np.random.default_rng([seed, 0x5E])
        self._eye = np.random.default_rng([seed, 0xE7E])
        self._gyro = self._address(profile.imu.get("gyro", ""))
        self._accel = self._address(profile.imu.get("accel", ""))
        self._feet = [self._foot(profile.legs[s].force_sensor) for s in SIDES]
        camera = profile.head_camera
        self._camera = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_CAMERA, camera) if camera else -1
        self._objects = tuple(scene.cell.objects) if scene.cell is not None else ()
        self._bodies = {o: scene.object_body(o) for o in self._objects}
        self._next_sight = 0.0
        self._pending: list[tuple[float, Sighting]] = []
        self._seen: dict[str, Sighting] = {}

    def read(self, data: mujoco.MjData, foot_load: Array) -> Sensed:
        """One reading. ``foot_load`` (2,): true vertical load, used where the model has no foot sensor."""
        n, r, scene = self.noise, self._random, self.scene
        count = len(scene.joint_dofadr)
        q = data.qpos[scene.joint_qposadr] + n.joint_position * r.standard_normal(count)
        qd = data.qvel[scene.joint_dofadr] + n.joint_velocity * r.standard_normal(count)
        at, va = scene.base_qposadr, scene.base_dofadr
        pose = data.qpos[at : at + 7].copy()
        rotation = matrix_from_quaternion(pose[3:])
        velocity = np.concatenate([data.qvel[va : va + 3], rotation @ data.qvel[va + 3 : va + 6]])
        draws = r.standard_normal(12)
        pose[:3] += n.base_position * draws[:3]
        pose[3:] = _turned(pose[3:], n.base_rotation * draws[3:6])
        velocity[:3] += n.base_velocity * draws[6:9]
        velocity[3:] += n.base_rate * draws[9:]
        draws = r.standard_normal(8)
        load = np.array([self._load(data, i, foot_load) for i in range(2)]) + n.foot_force * draws[6:]
        self._look(data)
        return Sensed(
            time=float(data.time),
            q=q,
            qd=qd,
            gyro=self._vector(data, self._gyro) + n.gyro * draws[:3],
            accel=self._vector(data, self._accel) + n.accel * draws[3:6],
            foot_load=load,
            base_pose=pose,
            base_velocity=velocity,
            sightings=dict(self._seen),
        )

    def in_view(self, data: mujoco.MjData, point: Array) -> bool:
        """Whether a point (3,) lies inside the head camera's cone and range."""
        if self._camera < 0:
            return False
        toward = point - data.cam_xpos[self._camera]
        distance = float(np.linalg.norm(toward))
        if distance > self.noise.sight_range or distance < 0.05:
            return False
        forward = -data.cam_xmat[self._camera].reshape(3, 3)[:, 2]
        half = np.radians(float(self.scene.model.cam_fovy[self._camera])) / 2
        return float(forward @ toward) / distance > float(np.cos(half))

    def _look(self, data: mujoco.MjData) -> None:
        n = self.noise
        now = float(data.time)
        if now >= self._next_sight:
            self._next_sight = now + n.sight_period
            for name in self._objects:
                draws = self._eye.standard_normal(6)
                body = self._bodies[name]
                if not self.in_view(data, data.xpos[body]):
                    continue
                position = data.xpos[body] + n.sight_position * draws[:3]
                quaternion = _turned(data.xquat[body].copy(), n.sight_rotation * draws[3:])
                self._pending.append((now + n.sight_latency, Sighting(name, now, np.concatenate([position, quaternion]))))
        while self._pending and self._pending[0][0] <= now:
            _, sighting = self._pending.pop(0)
            self._seen[sighting.object_id] = sighting

    def _address(self, name: str) -> int:
        if not name:
            return -1
        sensor = mujoco.mj_name2id(self.scene.model, mujoco.mjtObj.mjOBJ_SENSOR, name)
        return int(self.scene.model.sensor_adr[sensor]) if sensor >= 0 else -1

    def _vector(self, data: mujoco.MjData, address: int) -> Array:
        return data.sensordata[address : address + 3].copy() if address >= 0 else np.zeros(3)

    def _foot(self, name: str) -> tuple[int, int, int]:
        """(address, dimension, site) of a foot's force or touch sensor; address -1 if there is none."""
        model = self.scene.model
        sensor = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_SENSOR, name) if name else -1
        if sensor < 0:
            return (-1, 0, -1)
        return (int(model.sensor_adr[sensor]), int(model.sensor_dim[sensor]), int(model.sensor_objid[sensor]))

    def _load(self, data: mujoco.MjData, side: int, foot_load: Array) -> float:
        address, dimension, site = self._feet[side]
        if address < 0:
            return float(foot_load[side])
        value = data.sensordata[address : address + dimension]
        if dimension == 1:
            return float(value[0])
        # A force sensor measures what the parent exerts on the foot, in the site's frame: downwards when it stands.
        return -float(data.site_xmat[site].reshape(3, 3)[2] @ value)


def _turned(quaternion: Array, small: Array) -> Array:
    """A unit quaternion turned by a small rotation vector (3,), world."""
    w, x, y, z = quaternion
    a, b, c = small / 2
    out: Array = np.array(
        [w - a * x - b * y - c * z, x + a * w + b * z - c * y, y + b * w + c * x - a * z, z + c * w + a * y - b * x]
    )
    out /= np.linalg.norm(out)
    return out
