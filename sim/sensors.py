"""What a robot senses: everything a controller may see, with declared noise. The simulated world stays behind this value."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.imu import imu_means, imu_motion, imu_reading
from sim.inputs import CellInputs
from sim.people import DECLARED, PersonDetector, PersonSighting, PersonView
from sim.readings import foot_loads, joint_readings
from sim.recording import StateSource
from sim.robot import SIDES, RobotModel
from sim.scene import Scene
from sim.transforms import matrix_from_quaternion

Array = NDArray[np.float64]

GRAVITY = 9.81


@dataclass(frozen=True, slots=True)
class SensorNoise:
    """What the sensors are worth: standard deviations of white noise and of constant offsets drawn once a run.

    The localisation stands for a camera or lidar system that finds the base in the cell; without it odometry drifts.
    ``base_*`` speaks only of runs on the simulator's truth.

    Args:
        joint_position, joint_velocity: rad, rad/s. joint_bias: rad, offset of each encoder.
        gyro, accel: rad/s, m/s², of means over a control period. gyro_bias, accel_bias: offsets of each axis.
        foot_force: N.
        localisation_position, localisation_yaw: m, rad: white part of a fix. localisation_drift, localisation_drift_yaw:
            its slowly wandering part (correlated over localisation_drift_time, s).
        localisation_period, localisation_latency: s.
        base_position, base_rotation: m, rad. base_velocity, base_rate: m/s, rad/s.
        joint_torque: N·m (N for slides) of each drive; joint_torque_gain: relative error of each, constant.
        input_latency: s, of what the cell tells by a wire.
        sight_position, sight_rotation: m, rad: of an object's pose as the head camera measures it.
        sight_period, sight_latency: s. sight_range: m.
        person_position: m, of where a person stands on the floor, as a detector on the trunk (lidar or camera) measures it.
        person_period, person_latency: s. person_range: m. person_field: rad to either side of straight ahead.
    """

    joint_position: float = 2e-4
    joint_velocity: float = 0.01
    joint_bias: float = 3e-4
    gyro: float = 0.005
    accel: float = 0.05
    gyro_bias: float = 0.005
    accel_bias: float = 0.03
    foot_force: float = 1.0
    localisation_position: float = 0.005
    localisation_yaw: float = 0.005
    localisation_drift: float = 0.003
    localisation_drift_yaw: float = 0.002
    localisation_drift_time: float = 10.0
    localisation_period: float = 0.05
    localisation_latency: float = 0.06
    base_position: float = 5e-4
    base_rotation: float = 5e-4
    base_velocity: float = 0.005
    base_rate: float = 0.005
    joint_torque: float = 0.05
    joint_torque_gain: float = 0.02
    input_latency: float = 0.02
    sight_position: float = 0.003
    sight_rotation: float = 0.006
    sight_period: float = 0.1
    sight_latency: float = 0.06
    sight_range: float = 1.6
    person_position: float = 0.05
    person_period: float = 0.1
    person_latency: float = 0.15
    person_range: float = 5.0
    person_field: float = 2.36

    def declared(self, source: StateSource = "estimate") -> dict[str, str]:
        """The assumptions of a recording: what was measured how well."""
        unused = "base_" if source == "estimate" else "localisation_"
        out = {"inputs": "what the cell's buttons tell by their contacts arrives after the declared latency"}
        out |= {f"noise.{name}": f"{value:g}" for name, value in asdict(self).items() if not name.startswith(unused)}
        if source == "truth":
            out["state"] = "simulator truth plus declared noise"
            out["perception"] = "object poses from the head camera: truth plus declared noise and latency, in view and range only"
            out["people"] = DECLARED
            return out
        out["state"] = "estimated from IMU, joint encoders, foot forces and the localisation"
        out["localisation"] = (
            "position and yaw of the base in the cell from a camera or lidar system: truth plus declared noise and latency; "
            "it ran while the robot stood still before the start"
        )
        out["start"] = "standing still on both soles; they are taken for level where they agree"
        out["perception"] = (
            "object poses from the head camera relative to it, declared noise and latency, in view and range only; "
            "placed in the cell by the estimate"
        )
        out["people"] = DECLARED
        return out


DEFAULT = SensorNoise()
NOISELESS = SensorNoise(
    joint_position=0.0,
    joint_velocity=0.0,
    joint_bias=0.0,
    gyro=0.0,
    accel=0.0,
    gyro_bias=0.0,
    accel_bias=0.0,
    foot_force=0.0,
    localisation_position=0.0,
    localisation_yaw=0.0,
    localisation_drift=0.0,
    localisation_drift_yaw=0.0,
    base_position=0.0,
    base_rotation=0.0,
    base_velocity=0.0,
    base_rate=0.0,
    joint_torque=0.0,
    joint_torque_gain=0.0,
    sight_position=0.0,
    sight_rotation=0.0,
    person_position=0.0,
)


@dataclass(frozen=True, slots=True, eq=False)
class Fix:
    """A measurement of the base in the cell: when it was taken (s), position (3,) m, yaw rad."""

    time: float
    position: Array
    yaw: float


@dataclass(frozen=True, slots=True, eq=False)
class ObjectView:
    """An object as the head camera sees it: when (s), position (3,) and rotation (3, 3) of its centre, camera frame."""

    object_id: str
    time: float
    position: Array
    rotation: Array


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the sensors say at ``time``: nothing here knows where the robot is but the localisation.

    Args:
        q, qd: (n,) encoder positions and velocities, order of ``RobotModel.joint_names``.
        gyro, accel: (3,) IMU frame, means since the last reading.
        foot_load: (2,) vertical load on left and right sole, N; nan where a foot has no sensor.
        fixes, views, people: What arrived since the last reading.
        torque: (n,) of the drives, N·m (N for slides).
        inputs: What the cell tells, by the name of the input.
    """

    time: float
    q: Array
    qd: Array
    gyro: Array
    accel: Array
    foot_load: Array
    fixes: tuple[Fix, ...] = ()
    views: tuple[ObjectView, ...] = ()
    people: tuple[PersonView, ...] = ()
    torque: Array = field(default_factory=lambda: np.zeros(0))
    inputs: dict[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """The head camera's measurement of an object: when the picture was taken (s), pose (7,) of its centre, world."""

    object_id: str
    time: float
    pose: Array


@dataclass(frozen=True, slots=True)
class EstimateQuality:
    """How far the estimate can be trusted.

    Args:
        trusted: False where what is measured contradicts itself, or too little is measured for too long.
        consistency: Mean normalised innovation squared of the feet over the last tenth of a second, per degree of freedom:
            near or below 1 while the feet stand as believed.
        slipping: (left, right) feet in contact that move over the floor.
        tilt, velocity, position, yaw: Standard deviations: rad, m/s, m and rad in the cell.
        fix_age: s since the newest fix was measured.
    """

    trusted: bool = True
    consistency: float = 0.0
    slipping: tuple[bool, bool] = (False, False)
    tilt: float = 0.0
    velocity: float = 0.0
    position: float = 0.0
    yaw: float = 0.0
    fix_age: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Sensed:
    """What the robot knows of itself at ``time``: all that its controller sees.

    Args:
        q, qd: (n,) encoder positions and velocities, order of ``RobotModel.joint_names``.
        gyro, accel: (3,) IMU frame.
        foot_load: (2,) vertical load on left and right sole, N, by sensors in the feet or by the torques of the legs.
        base_pose: (7,) x y z qw qx qy qz, world. base_velocity: (6,) linear, angular, world.
        sightings: object id -> newest sighting. people: person id -> newest sighting.
        source: "truth" or "estimate": where base pose and velocity come from.
        quality: Of the estimate; of truth the best there is.
        torque: (n,) that the drives measure, N·m (N for slides). inputs: what the cell tells, by the name of the input.
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
    source: StateSource = "truth"
    quality: EstimateQuality = field(default_factory=EstimateQuality)
    people: dict[str, PersonSighting] = field(default_factory=dict)
    torque: Array = field(default_factory=lambda: np.zeros(0))
    inputs: dict[str, bool] = field(default_factory=dict)


class Sensors:
    """Reads a scene's data as the robot would, once a control period. All noise comes from one seed, so a seed fixes a run."""

    def __init__(self, scene: Scene, noise: SensorNoise, seed: int) -> None:
        self.scene = scene
        self.noise = noise
        model = scene.model
        profile = scene.robot.profile
        self._random = np.random.default_rng([seed, 0x5E])
        self._eye = np.random.default_rng([seed, 0xE7E])
        self._beacon = np.random.default_rng([seed, 0x10C])
        self._base = np.random.default_rng([seed, 0x7A5E])
        offsets = np.random.default_rng([seed, 0xB1A5])
        self.gyro_bias: Array = noise.gyro_bias * offsets.standard_normal(3)
        self.accel_bias: Array = noise.accel_bias * offsets.standard_normal(3)
        self.joint_bias: Array = noise.joint_bias * offsets.standard_normal(len(scene.joint_dofadr))
        self._imu = imu_site(model, scene.robot)
        self._imu_turn = matrix_from_quaternion(model.site_quat[self._imu]) if self.has_imu else np.eye(3)
        self._imu_at = model.site_pos[self._imu].copy() if self.has_imu else np.zeros(3)
        self._imu_on_base = self.has_imu and int(model.site_bodyid[self._imu]) == int(model.body(profile.base_body).id)
        self._imu_before: tuple[float, Array, Array] | None = None
        self._feet = np.array([self._foot(profile.legs[s].force_sensor) for s in SIDES])
        self._foot_load = np.zeros(2)
        self._data: mujoco.MjData | None = None
        camera = profile.head_camera
        self._camera = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_CAMERA, camera) if camera else -1
        self._objects = scene.seen
        self._drives = np.random.default_rng([seed, 0xD21])
        self._torque_gain = 1.0 + noise.joint_torque_gain * self._drives.standard_normal(len(scene.joint_dofadr))
        self._inputs = CellInputs(scene, noise.input_latency)
        self._bodies = {o: scene.object_body(o) for o in self._objects}
        self._next_sight = 0.0
        self._pending: list[tuple[float, ObjectView, Sighting]] = []
        self._seen: dict[str, Sighting] = {}
        n = noise
        self._crowd = PersonDetector(
            scene, seed, n.person_position, n.person_period, n.person_latency, n.person_range, n.person_field
        )
        self._next_fix = 0.0
        self._fixes: list[tuple[float, Fix]] = []
        self._wander = np.array([noise.localisation_drift] * 3 + [noise.localisation_drift_yaw]) * self._beacon.standard_normal(4)

    @property
    def has_imu(self) -> bool:
        """Whether the model has a gyro and an accelerometer."""
        return self._imu >= 0

    def read(self, data: mujoco.MjData, foot_load: Array) -> Reading:
        """One reading. ``foot_load`` (2,): true vertical load, kept for :meth:`truth`; a foot without a sensor reads nan."""
        self._foot_load = foot_load
        n = self.noise
        if data is not self._data:
            self._attach(data)
        count = len(self.joint_bias)
        draws = self._random.standard_normal(2 * count + 8)
        q, qd, torque = joint_readings(
            self._qpos,
            self._qvel,
            self._drive_force,
            self.scene.joint_qposadr,
            self.scene.joint_dofadr,
            self.joint_bias,
            self._torque_gain,
            (n.joint_position, n.joint_velocity, n.joint_torque),
            draws,
            self._drives.standard_normal(count),
        )
        rest = draws[2 * count :]
        gyro, accel = self._inertial(data)
        return Reading(
            time=data.time,
            q=q,
            qd=qd,
            gyro=imu_reading(gyro, self.gyro_bias, n.gyro, rest[:3]),
            accel=imu_reading(accel, self.accel_bias, n.accel, rest[3:6]),
            foot_load=foot_loads(self._sensordata, self._site_xmat, self._feet, n.foot_force, rest[6:]),
            fixes=self._locate(data),
            views=self._look(data),
            people=self._crowd.read(data),
            torque=torque,
            inputs=self._inputs.read(data),
        )

    def _attach(self, data: mujoco.MjData) -> None:
        """Keep views into the data, which stays where it is: asking MuJoCo for each anew costs more than using it."""
        self._data = data
        self._qpos, self._qvel, self._drive_force = data.qpos, data.qvel, data.qfrc_actuator
        self._sensordata, self._site_xmat = data.sensordata, data.site_xmat

    def truth(self, data: mujoco.MjData, reading: Reading) -> Sensed:
        """A reading with the simulator's base state plus noise in place of an estimate, for whoever asks for that."""
        n, scene = self.noise, self.scene
        at, va = scene.base_qposadr, scene.base_dofadr
        pose = data.qpos[at : at + 7].copy()
        rotation = matrix_from_quaternion(pose[3:])
        velocity = np.concatenate([data.qvel[va : va + 3], rotation @ data.qvel[va + 3 : va + 6]])
        draws = self._base.standard_normal(12)
        pose[:3] += n.base_position * draws[:3]
        pose[3:] = _turned(pose[3:], n.base_rotation * draws[3:6])
        velocity[:3] += n.base_velocity * draws[6:9]
        velocity[3:] += n.base_rate * draws[9:]
        r = reading
        load = np.where(np.isnan(r.foot_load), self._foot_load, r.foot_load)
        parts = (r.time, r.q, r.qd, r.gyro, r.accel, load, pose, velocity)
        return Sensed(*parts, dict(self._seen), "truth", EstimateQuality(), dict(self._crowd.seen), r.torque, r.inputs)

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

    def _locate(self, data: mujoco.MjData) -> tuple[Fix, ...]:
        """Fixes that arrive now. The first reading brings one: the robot stood still while the system ran before."""
        n = self.noise
        now = data.time
        first = self._next_fix == 0.0
        if now + 1e-9 >= self._next_fix:
            self._next_fix = (now if first else self._next_fix) + n.localisation_period
            draws = self._beacon.standard_normal(8)
            keep = math.exp(-n.localisation_period / max(n.localisation_drift_time, 1e-6))
            spread = np.array([n.localisation_drift] * 3 + [n.localisation_drift_yaw])
            self._wander = keep * self._wander + math.sqrt(1.0 - keep * keep) * spread * draws[:4]
            pose = data.qpos[self.scene.base_qposadr : self.scene.base_qposadr + 7]
            r = matrix_from_quaternion(pose[3:])
            position = pose[:3] + self._wander[:3] + n.localisation_position * draws[4:7]
            yaw = math.atan2(r[1, 0], r[0, 0]) + float(self._wander[3]) + n.localisation_yaw * float(draws[7])
            self._fixes.append((now if first else now + n.localisation_latency, Fix(now, position, yaw)))
        arrived = []
        while self._fixes and self._fixes[0][0] <= now + 1e-9:
            arrived.append(self._fixes.pop(0)[1])
        return tuple(arrived)

    def _look(self, data: mujoco.MjData) -> tuple[ObjectView, ...]:
        """Pictures that arrive now."""
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
                camera = data.cam_xmat[self._camera].reshape(3, 3).T
                offset = camera @ (position - data.cam_xpos[self._camera])
                view = ObjectView(name, now, offset, camera @ matrix_from_quaternion(quaternion))
                self._pending.append((now + n.sight_latency, view, Sighting(name, now, np.concatenate([position, quaternion]))))
        arrived = []
        while self._pending and self._pending[0][0] <= now:
            _, view, sighting = self._pending.pop(0)
            self._seen[sighting.object_id] = sighting
            arrived.append(view)
        return tuple(arrived)

    def _imu_state(self, data: mujoco.MjData) -> tuple[Array, Array]:
        """Rotation (3, 3) and velocity (3,) of the IMU, world."""
        if self._imu_on_base:
            at, va = self.scene.base_qposadr, self.scene.base_dofadr
            quaternion, velocity = self._qpos[at + 3 : at + 7], self._qvel[va : va + 6]
            moved: tuple[Array, Array] = imu_motion(quaternion, velocity, self._imu_at, self._imu_turn)
            return moved
        model, site = self.scene.model, self._imu
        moving = np.zeros(6)
        mujoco.mj_objectVelocity(model, data, mujoco.mjtObj.mjOBJ_SITE, site, moving, 0)
        return data.site_xmat[site].reshape(3, 3).copy(), moving[3:]

    def _inertial(self, data: mujoco.MjData) -> tuple[Array, Array]:
        """Mean rate and specific force (3,) since the last reading: an IMU integrates between its messages.

        The model's own accelerometer gives the acceleration before the integrator's implicit damping, which is not what
        moved the body. The robot stood still before the first reading.
        """
        if self._imu < 0:
            return np.zeros(3), np.zeros(3)
        turn, velocity = self._imu_state(data)
        now = data.time
        before, self._imu_before = self._imu_before, (now, turn, velocity)
        if before is None or now <= before[0]:
            return np.zeros(3), turn.T @ np.array([0.0, 0.0, GRAVITY])
        means: tuple[Array, Array] = imu_means(before[1], before[2], turn, velocity, now - before[0])
        return means

    def _foot(self, name: str) -> tuple[int, int, int]:
        """(address, dimension, site) of a foot's force or touch sensor; address -1 if there is none."""
        model = self.scene.model
        sensor = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_SENSOR, name) if name else -1
        if sensor < 0:
            return (-1, 0, -1)
        return (int(model.sensor_adr[sensor]), int(model.sensor_dim[sensor]), int(model.sensor_objid[sensor]))


def imu_site(model: mujoco.MjModel, robot: RobotModel) -> int:
    """Site id of the robot's gyro; -1 for a robot without gyro or accelerometer."""
    sites = []
    for kind in ("gyro", "accel"):
        name = robot.profile.imu.get(kind, "")
        sensor = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_SENSOR, name) if name else -1
        if sensor < 0:
            return -1
        sites.append(int(model.sensor_objid[sensor]))
    return sites[0]


def _turned(quaternion: Array, small: Array) -> Array:
    """A unit quaternion turned by a small rotation vector (3,), world."""
    w, x, y, z = quaternion
    a, b, c = small / 2
    out: Array = np.array(
        [w - a * x - b * y - c * z, x + a * w + b * z - c * y, y + b * w + c * x - a * z, z + c * w + a * y - b * x]
    )
    out /= np.linalg.norm(out)
    return out
