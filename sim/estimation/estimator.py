"""The base estimator: readings in, ``Sensed`` out. What the controllers run on unless a run asks for the truth.

The state of the IMU is filtered in an odometry frame (:mod:`sim.estimation.invariant`), base and feet follow by the encoders
and the nominal model's kinematics, and the cell's frame by the localisation (:mod:`sim.estimation.localisation`).
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.errors import SimError
from sim.estimation.invariant import GRAVITY, SIZE, tick
from sim.estimation.localisation import CellFromOdometry
from sim.robot import SIDES, RobotModel
from sim.scene import build_scene
from sim.sensors import EstimateQuality, Fix, ObjectView, Reading, Sensed, SensorNoise, Sighting, imu_site
from sim.transforms import matrix_from_quaternion, quaternion_from_matrix

Array = NDArray[np.float64]

#: A foot counts as standing above the first share of the weight, and as lifted below the second.
LOADED_SHARE, LIFTED_SHARE = 0.10, 0.05
#: Above this share of the weight a foot's stand is beyond doubt, and so long after touchdown, s.
SURE_SHARE, SURE_AFTER = 0.35, 0.05
#: Innovations of a foot beyond this (chi-squared, 3 degrees, 99.99 %) are no noise: it slips or was not down.
GATE = 21.1
#: Time over which consistency is averaged, s, and what it may be per degree of freedom before a foot counts as slipping, and
#: before nothing adds up any more.
CONSISTENCY_TIME, SLIP_AT, DISTRUST_AT = 0.05, 3.0, 12.0
#: Largest standard deviations of a state that balance can rely on: tilt rad, velocity m/s; and longest time without a foot, s.
TILT_LIMIT, VELOCITY_LIMIT, AIRBORNE_LIMIT = 0.05, 0.15, 0.4
#: Soles that agree within this are standing on a level floor at the start, rad.
LEVEL_WITHIN = 0.01
#: An accelerometer that reads gravity within this shows where down is, m/s²; else only so well is it known, rad.
AT_REST, START_TILT = 0.5, 0.2
#: A sole turning slower than this is flat for all the encoders can tell, rad/s.
ROCKING = 0.3
HISTORY_S = 0.5


@dataclass(frozen=True, slots=True)
class FilterNoise:
    """What the filter counts on beyond the sensors' declared noise.

    Args:
        stance: Random walk of a standing foot's contact point, m/sqrt(s): compliance, the model's lengths.
        unsure: Added to it while a foot's stand is in doubt. rolling: m/sqrt(s) per rad/s of the sole's turn: a sole that rocks
            turns about its edge, not about its middle.
        slipping: Instead of stance while a foot slips.
        kinematics: Standard deviation of a contact point from the IMU beyond the encoders' noise, m.
        gyro_walk, accel_walk: Random walk of the biases, rad/s and m/s² per sqrt(s).
        accel: Added to the accelerometer's noise, m/s²: what vibrates.
    """

    stance: float = 0.0005
    unsure: float = 0.05
    rolling: float = 0.05
    slipping: float = 0.5
    kinematics: float = 2e-4
    gyro_walk: float = 1e-4
    accel_walk: float = 1e-3
    gyro: float = 0.002
    accel: float = 0.05


class Estimator:
    """Estimates one robot's base.

    Args:
        robot: The nominal robot; its plant may differ. noise: What its sensors are declared to be worth. dt: control period, s.

    Raises:
        SimError: ``estimate.no_imu`` for a robot without gyro or accelerometer.
    """

    def __init__(self, robot: RobotModel, noise: SensorNoise, dt: float, assumed: FilterNoise | None = None) -> None:
        self.robot = robot
        self.noise = noise
        self.dt = dt
        self.assumed = assumed or FilterNoise()
        scene = build_scene(None, robot)
        self._model = m = scene.model
        self._data = mujoco.MjData(m)
        self._qadr = scene.joint_qposadr.astype(np.intp)
        self._dofs = scene.joint_dofadr.astype(np.intp)
        self._data.qpos[scene.base_qposadr : scene.base_qposadr + 7] = (0, 0, 0, 1, 0, 0, 0)
        profile = robot.profile
        self._imu = imu_site(m, robot)
        if self._imu < 0:
            raise SimError("estimate.no_imu", robot=robot.id)
        base = int(m.body(profile.base_body).id)
        self._imu_moves = int(m.site_bodyid[self._imu]) != base
        self._soles = np.array([m.site(profile.legs[s].sole_site).id for s in SIDES])
        camera = mujoco.mj_name2id(m, mujoco.mjtObj.mjOBJ_CAMERA, profile.head_camera) if profile.head_camera else -1
        self._camera = int(camera)
        self._camera_body = int(m.cam_bodyid[camera]) if camera >= 0 else 0
        self._camera_turn = matrix_from_quaternion(m.cam_quat[camera]) if camera >= 0 else np.eye(3)
        self._weight = float(m.body_subtreemass[base]) * GRAVITY
        self._jac = np.zeros((3, m.nv))
        self._kinematic_variance = self._encoder_variance()
        # the filter
        self.rotation = np.eye(3)
        self.vectors = np.zeros((4, 3))
        self.bias = np.zeros((2, 3))
        self.covariance = np.zeros((SIZE, SIZE))
        self.nis = np.zeros(2)
        self.contact = np.zeros(2, dtype=np.bool_)
        self.localisation = CellFromOdometry(
            math.hypot(noise.localisation_position, noise.localisation_drift),
            math.hypot(noise.localisation_yaw, noise.localisation_drift_yaw),
        )
        self.quality = EstimateQuality()
        self._started = False
        self._stood = np.zeros(2)
        self._airborne = 0.0
        self._consistency = np.zeros(2)
        self._sole_turn = np.zeros((2, 3, 3))
        self._variance = np.zeros(2)
        self._density = np.zeros(6)
        self._history: deque[tuple[float, Array, Array, Array, Array]] = deque(maxlen=round(HISTORY_S / dt))
        self._seen: dict[str, Sighting] = {}
        self._newest_fix = 0.0

    # --- each period ---------------------------------------------------------------------------------------------------

    def update(self, reading: Reading) -> Sensed:
        """Take in a reading; call once each control period."""
        d = self._data
        d.qpos[self._qadr] = reading.q
        mujoco.mj_kinematics(self._model, d)
        imu_turn = d.site_xmat[self._imu].reshape(3, 3)
        imu_at = d.site_xpos[self._imu]
        h = (d.site_xpos[self._soles] - imu_at) @ imu_turn
        soles = d.site_xmat[self._soles].reshape(2, 3, 3)
        if not self._started:
            self._start(reading, h, soles, imu_turn)
        else:
            self._filter(reading, h, soles, imu_turn)
        self._sole_turn = soles.copy()
        # From the IMU to the base.
        turn = self.rotation @ imu_turn.T
        arm = -(turn @ imu_at)
        position = self.vectors[1] + arm
        rate = self.rotation @ (reading.gyro - self.bias[0])
        velocity = self.vectors[0] + _cross(rate, arm)
        if self._imu_moves:
            rate, velocity = self._without_joints(reading.qd, turn, rate, velocity)
        self._history.append(
            (reading.time, position, turn, d.xpos[self._camera_body].copy(), d.xmat[self._camera_body].reshape(3, 3).copy())
        )
        self._place(reading, position, turn)
        loc = self.localisation
        heading = loc.heading
        c, s = math.cos(heading), math.sin(heading)
        z = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        pose = np.concatenate([loc.apply(position), quaternion_from_matrix(z @ turn)])
        self._judge(reading.time)
        return Sensed(
            time=reading.time,
            q=reading.q,
            qd=reading.qd,
            gyro=reading.gyro,
            accel=reading.accel,
            foot_load=reading.foot_load,
            base_pose=pose,
            base_velocity=np.concatenate([z @ velocity, z @ rate]),
            sightings=dict(self._seen),
            source="estimate",
            quality=self.quality,
        )

    def _start(self, reading: Reading, h: Array, soles: Array, imu_turn: Array) -> None:
        """From standing still: what is down from the accelerometer and from the soles where they agree."""
        n = self.noise
        size = float(np.linalg.norm(reading.accel))
        normals = soles[:, :, 2] @ imu_turn
        up, tilt = imu_turn[2], START_TILT
        if abs(size - GRAVITY) < AT_REST:
            up, tilt = reading.accel / size, max(math.hypot(n.accel, n.accel_bias) / GRAVITY, 1e-4)
        if float(np.linalg.norm(normals[0] - normals[1])) < LEVEL_WITHIN:
            level = max(3.0 * n.joint_bias, 1e-3)
            share = tilt**2 / (tilt**2 + level**2)
            up = (1 - share) * up + share * normals.mean(axis=0)
            up = up / float(np.linalg.norm(up))
            tilt = tilt * level / math.hypot(tilt, level)
        ahead = imu_turn[0]
        forward = ahead - up * float(up @ ahead)
        forward /= float(np.linalg.norm(forward))
        self.rotation = np.stack([forward, _cross(up, forward), up])
        self.vectors = np.zeros((4, 3))
        self.vectors[2:] = h @ self.rotation.T
        a = self.assumed
        spread = np.zeros(SIZE)
        spread[0:2] = tilt
        spread[3:6] = 0.01
        spread[9:15] = math.sqrt(self._kinematic_variance)
        spread[15:18] = max(n.gyro_bias, a.gyro_walk)
        spread[18:21] = max(n.accel_bias, a.accel_walk)
        self.covariance = np.diag(spread**2)
        self.contact[:] = True
        self._stood[:] = 1.0
        self._started = True

    def _filter(self, reading: Reading, h: Array, soles: Array, imu_turn: Array) -> None:
        n, a, dt = self.noise, self.assumed, self.dt
        gyro = reading.gyro - self.bias[0]
        d = self._density
        d[0] = (n.gyro**2 + a.gyro**2) * dt
        d[1] = (n.accel**2 + a.accel**2) * dt
        d[4], d[5] = a.gyro_walk**2, a.accel_walk**2
        for i in range(2):
            share = float(reading.foot_load[i]) / self._weight
            if self.contact[i]:
                self.contact[i] = share > LIFTED_SHARE
            else:
                self.contact[i] = share > LOADED_SHARE
            self._stood[i] = self._stood[i] + dt if self.contact[i] else 0.0
            sure = min(share / SURE_SHARE, 1.0) * min(self._stood[i] / SURE_AFTER, 1.0)
            # How fast the sole turns over the floor: it rocks about an edge.
            change = (soles[i] @ self._sole_turn[i].T - self._sole_turn[i] @ soles[i].T) / (2 * dt)
            over = np.array([change[2, 1], change[0, 2], change[1, 0]]) + imu_turn @ gyro
            walk = a.stance + a.unsure * (1.0 - max(sure, 0.0)) + a.rolling * max(float(np.sqrt(over @ over)) - ROCKING, 0.0)
            if self._consistency[i] > SLIP_AT:
                walk += a.slipping
            d[2 + i] = walk**2
        self._variance[:] = self._kinematic_variance
        tick(
            self.rotation,
            self.vectors,
            self.bias,
            self.covariance,
            reading.gyro,
            reading.accel,
            dt,
            d,
            self.contact,
            h,
            self._variance,
            GATE,
            self.nis,
        )
        keep = dt / CONSISTENCY_TIME
        for i in range(2):
            now = min(float(self.nis[i]) / 3.0, 4.0 * DISTRUST_AT) if self.contact[i] else 0.0
            self._consistency[i] += keep * (now - self._consistency[i])

    # --- the cell ------------------------------------------------------------------------------------------------------

    def _place(self, reading: Reading, position: Array, turn: Array) -> None:
        for fix in reading.fixes:
            self._take_fix(fix)
        self.localisation.follow(position, self.dt)
        for view in reading.views:
            self._take_view(view)

    def _take_fix(self, fix: Fix) -> None:
        then = self._at(fix.time)
        if then is None:
            return
        _, position, turn, _, _ = then
        self.localisation.fix(fix.position, fix.yaw, position, math.atan2(turn[1, 0], turn[0, 0]), fix.time)
        self._newest_fix = max(self._newest_fix, fix.time)

    def _take_view(self, view: ObjectView) -> None:
        """Where an object is: the robot's pose of the moment of the picture, through the neck, to what the camera saw."""
        then = self._at(view.time)
        if then is None or self._camera < 0:
            return
        _, base, turn, head, head_turn = then
        camera = head_turn @ self._camera_turn
        at = head + head_turn @ self._model.cam_pos[self._camera]
        loc = self.localisation
        point = loc.apply(base + turn @ (at + camera @ view.position))
        c, s = math.cos(loc.heading), math.sin(loc.heading)
        z = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        pose = np.concatenate([point, quaternion_from_matrix(z @ turn @ camera @ view.rotation)])
        self._seen[view.object_id] = Sighting(view.object_id, view.time, pose)

    def _at(self, time: float) -> tuple[float, Array, Array, Array, Array] | None:
        """The odometry of a past moment (the nearest period); None before the start or beyond memory."""
        history = self._history
        back = round((history[-1][0] - time) / self.dt)
        return history[-1 - back] if 0 <= back < len(history) else None

    # --- trust ---------------------------------------------------------------------------------------------------------

    def _judge(self, time: float) -> None:
        p, loc = self.covariance, self.localisation
        tilt = math.sqrt(max(p[0, 0], p[1, 1], 0.0))
        velocity = math.sqrt(max(p[3, 3], p[4, 4], 0.0))
        standing = self.contact.any()
        self._airborne = 0.0 if standing else self._airborne + self.dt
        feet = self._consistency[self.contact]
        consistency = float(feet.min()) if len(feet) else 0.0
        slipping = tuple(bool(self.contact[i] and self._consistency[i] > SLIP_AT) for i in range(2))
        trusted = (
            consistency < DISTRUST_AT and tilt < TILT_LIMIT and velocity < VELOCITY_LIMIT and self._airborne < AIRBORNE_LIMIT
        )
        c = loc.covariance
        self.quality = EstimateQuality(
            trusted=trusted,
            consistency=float(feet.max()) if len(feet) else 0.0,
            slipping=(slipping[0], slipping[1]),
            tilt=tilt,
            velocity=velocity,
            position=math.hypot(math.sqrt(max(c[0, 0], c[1, 1], 0.0)), self.noise.localisation_drift),
            yaw=math.hypot(math.sqrt(max(c[3, 3], 0.0)), self.noise.localisation_drift_yaw),
            fix_age=time - self._newest_fix,
        )

    # --- kinematics ----------------------------------------------------------------------------------------------------

    def _encoder_variance(self) -> float:
        """Variance m² (of one axis, mean of the three) of a sole from the IMU by the encoders' white noise, in the home posture."""
        m, d = self._model, self._data
        values = self.robot.profile.home
        d.qpos[self._qadr] = [values.get(n, 0.0) for n in self.robot.joint_names]
        mujoco.mj_kinematics(m, d)
        mujoco.mj_comPos(m, d)
        mujoco.mj_jacSite(m, d, self._jac, None, int(self._soles[0]))
        spread = float((self._jac[:, self._dofs] ** 2).sum()) / 3.0
        return self.noise.joint_position**2 * spread + self.assumed.kinematics**2

    def _without_joints(self, qd: Array, turn: Array, rate: Array, velocity: Array) -> tuple[Array, Array]:
        """Base rate and velocity where joints move between base and IMU."""
        m, d = self._model, self._data
        mujoco.mj_comPos(m, d)
        rot = np.zeros((3, m.nv))
        mujoco.mj_jacSite(m, d, self._jac, rot, self._imu)
        back = turn @ (self._jac[:, self._dofs] @ qd)
        spin = turn @ (rot[:, self._dofs] @ qd)
        arm = turn @ d.site_xpos[self._imu]
        base_rate = rate - spin
        return base_rate, self.vectors[0] - back - _cross(base_rate, arm)


def _cross(a: Array, b: Array) -> Array:
    return np.array([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])
