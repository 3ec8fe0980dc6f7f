"""The base estimator: readings in, ``Sensed`` out. What the controllers run on unless a run asks for the truth.

The state of the IMU is filtered in an odometry frame (:mod:`sim.estimation.invariant`), base and feet follow by the encoders
and the nominal model's kinematics, and the cell's frame by the localisation (:mod:`sim.estimation.localisation`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.errors import SimError
from sim.estimation.foot_load import FootLoads
from sim.estimation.invariant import GRAVITY, SIZE
from sim.estimation.localisation import LIMITS, CellFromOdometry
from sim.estimation.period import HISTORY_ROW, advance, base_state, in_cell, kinematics
from sim.people import PersonSighting, PersonView
from sim.robot import SIDES, RobotModel
from sim.scene import build_scene
from sim.sensors import EstimateQuality, Fix, ObjectView, Reading, Sensed, SensorNoise, Sighting, imu_site
from sim.transforms import matrix_from_quaternion, quaternion_from_matrix

Array = NDArray[np.float64]

#: Control periods from one judgement of the quality to the next.
JUDGED_EVERY = 5
#: Consistency of the feet beyond which nothing adds up any more.
DISTRUST_AT = 12.0
#: Largest standard deviations of a state that balance can rely on: tilt rad, velocity m/s; and longest time without a foot, s.
TILT_LIMIT, VELOCITY_LIMIT, AIRBORNE_LIMIT = 0.05, 0.15, 0.4
#: Soles that agree within this are standing on a level floor at the start, rad.
LEVEL_WITHIN = 0.01
#: An accelerometer that reads gravity within this shows where down is, m/s²; else only so well is it known, rad.
AT_REST, START_TILT = 0.5, 0.2
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

    stance: float = 0.0002
    unsure: float = 0.02
    rolling: float = 0.1
    slipping: float = 0.5
    kinematics: float = 1e-4
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
        #: Of feet that have no force sensor.
        self._felt: FootLoads | None = None
        if not all(profile.legs[s].force_sensor for s in SIDES):
            # The accelerometer tells gravity together with the base's acceleration.
            m.opt.gravity[:] = 0.0
            self._felt = FootLoads(robot, scene, self._data, self._imu, dt)
        # Views into the data, which stays where it is: asking MuJoCo for each anew costs more than using it.
        d = self._data
        self._qpos, self._site_xpos, self._site_xmat = d.qpos, d.site_xpos, d.site_xmat
        self._head_xpos, self._head_xmat = d.xpos[self._camera_body], d.xmat[self._camera_body]
        # the filter
        self.rotation = np.eye(3)
        self.vectors = np.zeros((4, 3))
        self.bias = np.zeros((2, 3))
        self.covariance = np.zeros((SIZE, SIZE))
        self.feet = np.zeros((2, 13))
        self.localisation = CellFromOdometry(
            math.hypot(noise.localisation_position, noise.localisation_drift),
            math.hypot(noise.localisation_yaw, noise.localisation_drift_yaw),
        )
        self.quality = EstimateQuality()
        self._started = False
        self._airborne = 0.0
        self._sole_turn = np.zeros((2, 3, 3))
        n, f = noise, self.assumed
        self._densities = np.array(
            [
                (n.gyro**2 + f.gyro**2) * dt,
                (n.accel**2 + f.accel**2) * dt,
                f.gyro_walk**2,
                f.accel_walk**2,
                f.stance,
                f.unsure,
                f.rolling,
                f.slipping,
                self._encoder_variance(),
            ]
        )
        self._velocity = np.zeros(6)
        self._history = np.zeros((round(HISTORY_S / dt), HISTORY_ROW))
        self._ticks = 0
        self._seen: dict[str, Sighting] = {}
        self._people: dict[str, PersonSighting] = {}
        self._newest_fix = 0.0

    # --- each period ---------------------------------------------------------------------------------------------------

    def update(self, reading: Reading) -> Sensed:
        """Take in a reading; call once each control period."""
        d, r = self._data, reading
        self._qpos[self._qadr] = r.q
        mujoco.mj_kinematics(self._model, d)
        load = r.foot_load
        if self._felt is not None:
            load = self._felt.update(r.qd, r.torque, r.gyro - self.bias[0], r.accel - self.bias[1], self.rotation[2])
        if self._started:
            advance(
                self.rotation,
                self.vectors,
                self.bias,
                self.covariance,
                self.feet,
                self._sole_turn,
                r.gyro,
                r.accel,
                load / self._weight,
                self._site_xpos,
                self._site_xmat,
                self._imu,
                self._soles,
                self._densities,
                self.dt,
            )
        else:
            self._start(r)
        row = self._history[self._ticks % len(self._history)]
        base_state(
            self.rotation,
            self.vectors,
            self.bias,
            r.gyro,
            self._site_xpos,
            self._site_xmat,
            self._imu,
            self._head_xpos,
            self._head_xmat,
            r.time,
            row,
            self._velocity,
        )
        if self._imu_moves:
            self._take_out_joints(r.qd, row)
        self._ticks += 1
        for fix in r.fixes:
            self._take_fix(fix)
        loc = self.localisation
        state = in_cell(row, self._velocity, loc.estimated, loc.slow, self.dt, LIMITS)
        for view in r.views:
            self._take_view(view)
        for person in r.people:
            self._take_person(person)
        if self._ticks % JUDGED_EVERY == 1:
            self._judge(r.time)
        return Sensed(
            time=r.time,
            q=r.q,
            qd=r.qd,
            gyro=r.gyro,
            accel=r.accel,
            foot_load=load,
            base_pose=state[:7],
            base_velocity=state[7:],
            sightings=self._seen,
            source="estimate",
            quality=self.quality,
            people=self._people,
            torque=r.torque,
            inputs=r.inputs,
        )

    @property
    def contact(self) -> tuple[bool, bool]:
        """(left, right) feet taken to stand on the floor."""
        return bool(self.feet[0, 0] > 0.5), bool(self.feet[1, 0] > 0.5)

    def _start(self, reading: Reading) -> None:
        """From standing still: what is down from the accelerometer and from the soles where they agree."""
        n, d = self.noise, self._data
        h, soles = np.zeros((2, 3)), self._sole_turn
        imu_turn = kinematics(d.site_xpos, d.site_xmat, self._imu, self._soles, h, soles)
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
        self.rotation = np.stack([forward, cross(up, forward), up])
        self.vectors = np.zeros((4, 3))
        self.vectors[2:] = h @ self.rotation.T
        a = self.assumed
        spread = np.zeros(SIZE)
        spread[0:2] = tilt
        spread[3:6] = 0.01
        spread[9:15] = math.sqrt(self._densities[8])
        spread[15:18] = max(n.gyro_bias, a.gyro_walk)
        spread[18:21] = max(n.accel_bias, a.accel_walk)
        self.covariance = np.diag(spread**2)
        self.feet[:, :2] = 1.0
        self.feet[:, 9:12] = self.vectors[2:]
        self._started = True

    # --- the cell ------------------------------------------------------------------------------------------------------

    def _take_fix(self, fix: Fix) -> None:
        row = self._at(fix.time)
        if row is None:
            return
        self.localisation.fix(fix.position, fix.yaw, row[1:4], math.atan2(row[7], row[4]), fix.time)
        self._newest_fix = max(self._newest_fix, fix.time)

    def _take_view(self, view: ObjectView) -> None:
        """Where an object is: the robot's pose of the moment of the picture, through the neck, to what the camera saw."""
        row = self._at(view.time)
        if row is None or self._camera < 0:
            return
        turn, head_turn = row[4:13].reshape(3, 3), row[16:25].reshape(3, 3)
        camera = head_turn @ self._camera_turn
        at = row[13:16] + head_turn @ self._model.cam_pos[self._camera]
        point = self.localisation.apply(row[1:4] + turn @ (at + camera @ view.position))
        c, s = math.cos(self.localisation.yaw), math.sin(self.localisation.yaw)
        z = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        pose = np.concatenate([point, quaternion_from_matrix(z @ turn @ camera @ view.rotation)])
        # A new mapping, for the old one is in readings that were handed out.
        self._seen = {**self._seen, view.object_id: Sighting(view.object_id, view.time, pose)}

    def _take_person(self, view: PersonView) -> None:
        """Where a person stands in the cell: by the robot's pose of the moment of the measurement."""
        row = self._at(view.time)
        if row is not None:
            place = self.localisation.apply(row[1:4] + row[4:13].reshape(3, 3) @ view.position)
            self._people = {**self._people, view.person_id: PersonSighting(view.person_id, view.time, place[:2])}

    def _at(self, time: float) -> Array | None:
        """The history's row of a past moment (the nearest period); None before the start or beyond memory."""
        last = self._ticks - 1
        size = len(self._history)
        back = round((self._history[last % size, 0] - time) / self.dt)
        return self._history[(last - back) % size] if 0 <= back < min(self._ticks, size) else None

    # --- trust ---------------------------------------------------------------------------------------------------------

    def _judge(self, time: float) -> None:
        p, loc, feet = self.covariance, self.localisation, self.feet
        tilt = math.sqrt(max(p.item(0, 0), p.item(1, 1), 0.0))
        velocity = math.sqrt(max(p.item(3, 3), p.item(4, 4), 0.0))
        standing = self.contact
        mean = [feet.item(i, 3) for i in range(2) if standing[i]]
        self._airborne = 0.0 if mean else self._airborne + JUDGED_EVERY * self.dt
        consistency = min(mean, default=0.0)
        slipping = (feet.item(0, 12) > 0.5, feet.item(1, 12) > 0.5)
        trusted = (
            consistency < DISTRUST_AT and tilt < TILT_LIMIT and velocity < VELOCITY_LIMIT and self._airborne < AIRBORNE_LIMIT
        )
        c = loc.covariance
        self.quality = EstimateQuality(
            trusted=trusted,
            consistency=max(mean, default=0.0),
            slipping=slipping,
            tilt=tilt,
            velocity=velocity,
            position=math.hypot(math.sqrt(max(c.item(0, 0), c.item(1, 1), 0.0)), self.noise.localisation_drift),
            yaw=math.hypot(math.sqrt(max(c.item(3, 3), 0.0)), self.noise.localisation_drift_yaw),
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

    def _take_out_joints(self, qd: Array, row: Array) -> None:
        """The part of the IMU's motion that joints between base and IMU make, taken from the base's velocity."""
        m, d = self._model, self._data
        mujoco.mj_comPos(m, d)
        rot = np.zeros((3, m.nv))
        mujoco.mj_jacSite(m, d, self._jac, rot, self._imu)
        turn = row[4:13].reshape(3, 3)
        self._velocity[3:] -= turn @ (rot[:, self._dofs] @ qd)
        arm = turn @ d.site_xpos[self._imu]
        self._velocity[:3] = self.vectors[0] - turn @ (self._jac[:, self._dofs] @ qd) - cross(self._velocity[3:], arm)


def cross(a: Array, b: Array) -> Array:
    """Cross product of two (3,) vectors; numpy's own costs ten times as much on vectors this short."""
    return np.array([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])
