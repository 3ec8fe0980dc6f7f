"""Running a motion: one control period at a time (:class:`Execution`), or from start to end (:func:`rollout`).

Channel ``balance.margin``: signed distance in metres of the capture point (centre of mass plus its velocity over
``omega = sqrt(g / height of the centre of mass over the soles)``) to the edge of the support polygon, the hull of the
soles that carry more than 15 N: positive inside. In single support it is often negative while the robot falls into its
next step on purpose; standing, a negative margin means it must step.
"""

from __future__ import annotations

import math
import time as clock
from collections.abc import Callable

import numba
import numpy as np
from numpy.typing import NDArray

from sim.cell import WorkCell
from sim.contacts import ContactWatch
from sim.control.loop import CONTROL_PERIOD
from sim.control.policy import Controller
from sim.control.support import capture_margin
from sim.engine import Simulator
from sim.errors import Cancelled, SimError
from sim.estimation.estimator import Estimator
from sim.motion import Motion
from sim.recorder import ERROR_CHANNELS, ESTIMATE_CHANNELS, Recorder, standard_channels
from sim.recording import Placement, RecordedEvent, Recording, RecordingHeader, StateSource
from sim.robot import SIDES, RobotModel
from sim.scene import Scene, Variation, build_scene, draw_variation
from sim.sensors import DEFAULT, EstimateQuality, Reading, Sensed, SensorNoise, Sensors
from sim.snapshot import Snapshot, way_at
from sim.timeseries import TimeSeries
from sim.transforms import wrap_angle

Array = NDArray[np.float64]

LOADED_N = 15.0
FALL_HEIGHT_SHARE = 0.6
FALL_TILT = 1.0
UPRIGHT_COSINE = math.cos(FALL_TILT)
#: A run ends at last after three times its estimate and this, s.
GRACE_S = 90.0
#: A fall is over at the latest this long after it became certain, s.
GIVEN_UP_S = 2.0
#: Skills in which the load may touch what it is taken from or put on.
SETTING = ("grasp", "place", "pick", "put", "insert", "handover")
#: Skills after which a workpiece shall be where the step says.
PLACING = ("place", "put", "insert")
#: What recordings say of feet without force sensors.
UNSENSED_FEET = "the model has no force sensor in its feet: what they carry is found from joint torques and the IMU"
#: A fall is recorded this long, s.
AFTERMATH_S = 0.8


class Execution:
    """A motion being run in a simulated scene.

    Args:
        scene: The plant; may differ from the nominal robot by its variation.
        motion: Loaded at once if given; otherwise the robot stands until :meth:`load`.
        seed: Of the sensor noise.
        noise: Of the sensors.
        controller_robot: The nominal robot that the controller computes with; the scene's if None.
        delay: Real time from command to drives, s; the controller counts on the profile's.
        rate: Rows recorded per second.
        state: What the controller runs on. A robot without gyro and accelerometer can only run on truth; ``state_source`` and
            the recording's header say what it was.
        own_view: Record base, centre of mass, capture point and margin as the robot believes them, as a machine's telemetry
            does, instead of as they physically are.
    """

    def __init__(
        self,
        scene: Scene,
        motion: Motion | None = None,
        *,
        seed: int = 0,
        noise: SensorNoise = DEFAULT,
        controller_robot: RobotModel | None = None,
        delay: float = 0.0,
        rate: float = 125.0,
        state: StateSource = "estimate",
        own_view: bool = False,
    ) -> None:
        self.scene = scene
        self.seed = seed
        self.noise = noise
        self.robot = controller_robot or scene.robot
        self._delay = delay
        self._own_view = own_view
        self._trusted = True
        self._wall = 0.0
        self._wall_start = clock.time()
        self.simulator = Simulator(scene, delay=delay)
        self.sensors = Sensors(scene, noise, seed)
        self.estimator = Estimator(self.robot, noise, CONTROL_PERIOD) if state == "estimate" and self.sensors.has_imu else None
        self.controller = Controller(self.robot, scene.cell)
        self.watch = ContactWatch(scene)
        self._objects = scene.moving
        channels = (*standard_channels(scene.robot.joint_names, self._objects), *ESTIMATE_CHANNELS)
        self.recorder = Recorder(channels if own_view else (*channels, *ERROR_CHANNELS))
        self._every = max(round(1.0 / (rate * CONTROL_PERIOD)), 1)
        self._physics_steps = max(round(CONTROL_PERIOD / self.simulator.timestep), 1)
        self._ticks = 0
        self._events: list[RecordedEvent] = []
        self._soles = np.array([scene.robot.profile.legs[s].sole_half_size for s in SIDES])
        self._nominal_height = float(self.simulator.base_pose[2])
        self._margin = math.nan
        self._over = False
        self._ended_at = 0.0
        self._foot_forces = np.zeros((2, 3))
        self._started = 0.0
        self.motion: Motion | None = None
        #: A motion never takes longer than this, s.
        self.time_limit = math.inf
        self.fell_at: float | None = None
        if motion is not None:
            self.load(motion)

    # --- what is asked -------------------------------------------------------------------------------------------------

    def load(self, motion: Motion) -> None:
        """Begin a motion; the robot stands (SimError ``motion.busy`` if one is running)."""
        self.controller.load(motion, self.time)
        self.motion = motion
        self._started = self.time
        self.time_limit = GRACE_S + 3.0 * sum(c.estimate + c.duration + c.delay for c in motion.commands)

    def request_stop(self) -> None:
        """Stop in balance: walking ends at the next double support, arms freeze, a load is kept, the robot stands."""
        self._events.append(RecordedEvent(self.time, "event.stop_requested"))
        self.controller.request_stop()

    def push(self, force: Array, duration: float) -> None:
        """A user's declared disturbance: ``force`` (3,) N, world, on the base for ``duration`` s; recorded as an event."""
        f = np.asarray(force, dtype=np.float64)
        self._events.append(
            RecordedEvent(self.time, "event.push", {"x": float(f[0]), "y": float(f[1]), "z": float(f[2]), "duration": duration})
        )
        self.simulator.push(f, duration)

    # --- state ---------------------------------------------------------------------------------------------------------

    @property
    def time(self) -> float:
        """s since the start."""
        return self.simulator.time

    @property
    def state_source(self) -> StateSource:
        """What the controller runs on."""
        return "truth" if self.estimator is None else "estimate"

    @property
    def fallen(self) -> bool:
        """The robot lies, or nearly."""
        return self.fell_at is not None

    @property
    def done(self) -> bool:
        """Nothing more will happen: the motion has ended and the robot rests, it fell, or time ran out."""
        if self._over:
            return self.time >= self._ended_at + AFTERMATH_S
        return self.motion is not None and self.controller.done

    # --- time ----------------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """One control period."""
        begun = clock.perf_counter()
        simulator, controller = self.simulator, self.controller
        pairs, forces = simulator.contacts()
        feet, cop = simulator.foot_forces(pairs, forces)
        self._foot_forces = feet
        reading = self.sensors.read(simulator.data, feet[:, 2])
        sensed = self._sense(reading)
        if not self._over:
            self._tick(sensed)
        # Touching counts from the first force on.
        if self.watch.doubtful(pairs, bool(controller.held_object)).size:
            self._watch_contacts(pairs, forces)
        if self._ticks % self._every == 0:
            self._record(sensed, cop)
        self._ticks += 1
        simulator.advance(self._physics_steps)
        if self.fell_at is None and self._lies():
            self.fell_at = self.time
            self._events.append(RecordedEvent(self.time, "event.fall", {"step": controller.current_step}))
            controller.abort("fell", self.time)
            self._over = True
            self._ended_at = self.time
        elif not self._over and self.time > self._started + self.time_limit:
            controller.abort("timeout", self.time)
            self._over = True
            self._ended_at = self.time - AFTERMATH_S
        self._wall += clock.perf_counter() - begun

    def _watch_contacts(self, pairs: NDArray[np.int64], forces: Array) -> None:
        """Note the contacts that the steps at work do not plan."""
        controller = self.controller
        active = controller.active
        handled = {name for c in active for name in (c.object_id, c.device) if name} | {controller.held_object}
        setting = any(c.skill in SETTING for c in active)
        self.watch.update(self.time, pairs, forces, controller.held_object, handled, setting, controller.current_step)

    def _sense(self, reading: Reading) -> Sensed:
        if self.estimator is None:
            return self.sensors.truth(self.simulator.data, reading)
        sensed = self.estimator.update(reading)
        if sensed.quality.trusted != self._trusted:
            self._trusted = sensed.quality.trusted
            self._events.append(RecordedEvent(self.time, f"event.estimate_{'trusted' if self._trusted else 'untrusted'}"))
        return sensed

    def _tick(self, sensed: Sensed) -> None:
        controller = self.controller
        try:
            self._last = controller.tick(sensed)
        except SimError as error:
            if error.code != "control.no_solution":
                raise
            # A body so far out of balance that no torque helps: the drives keep their last command, the run is over.
            controller.abort("no_solution", self.time)
            self._over = True
            self._ended_at = self.time
        else:
            self.simulator.apply(self._last)
        self._events += controller.take_events()

    def _lies(self) -> bool:
        z, up = self.simulator.upright
        # Who has given himself up to a fall has fallen, even if he should come to lean or sit.
        since = self.controller.fall.since
        given_up = since is not None and self.time - since > GIVEN_UP_S
        return z < FALL_HEIGHT_SHARE * self._nominal_height or up < UPRIGHT_COSINE or given_up

    def _record(self, sensed: Sensed, cop: Array) -> None:
        sim = self.simulator
        pose, moving = sim.base_pose, sim.base_velocity
        com, velocity = sim.com, sim.com_velocity()
        soles, rotation = sim.soles()
        if self._own_view:
            body = self.controller.loop.body
            pose, moving = sensed.base_pose, sensed.base_velocity
            com, velocity = body.com, body.com_velocity
            soles, rotation = body.sole_position, body.sole_rotation
        left, right = self._foot_forces.item(0, 2) > LOADED_N, self._foot_forces.item(1, 2) > LOADED_N
        xi, self._margin = capture_margin(com, velocity, soles, rotation, self._soles, left, right)
        command = self._last
        walking = self.controller.loop.walking
        self.recorder.add(
            self.time,
            [
                sensed.q,
                sensed.qd,
                sim.joint_torque,
                command.q_des,
                sim.asked,
                pose,
                moving,
                sensed.gyro,
                sensed.accel,
                sensed.foot_load,
                self._foot_forces.ravel(),
                walking.targets.ravel(),
                com,
                xi,
                cop,
                np.array([self._margin]),
                sim.object_poses(self._objects),
                sensed.base_pose,
                sensed.base_velocity,
                _quality_row(sensed.quality),
                *(() if self._own_view else (_errors(sensed.base_pose, pose),)),
            ],
        )

    # --- what came of it -----------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """The state now, for a viewport."""
        sim = self.simulator
        return Snapshot(
            time=self.time,
            base_pose=sim.base_pose,
            joint_position=np.array(sim.data.qpos[self.scene.joint_qposadr]),
            objects={o: sim.object_pose(o) for o in self._objects},
            step_id=self.controller.current_step,
            com=sim.com,
            foot_force=self._foot_forces.copy(),
            foot_target=self.controller.loop.walking.targets.copy(),
            margin=None if math.isnan(self._margin) else self._margin,
            fallen=self.fallen,
            running=not self.done,
            way=way_at(self._events, self.controller.current_step, self.time),
        )

    def drain(self) -> dict[str, TimeSeries]:
        """Rows recorded since the last drain; empty if there are none."""
        return self.recorder.drain()

    @property
    def events(self) -> tuple[RecordedEvent, ...]:
        """All events so far, in order."""
        return tuple(self._events)

    def placements(self) -> tuple[Placement, ...]:
        """Where each workpiece that a place step names is, against where that step wanted it."""
        out = []
        wanted = {c.object_id: c for c in (self.motion.commands if self.motion else ()) if c.skill in PLACING}
        for name, command in wanted.items():
            goal = command.object_pose
            if goal is None or name not in self._objects:
                continue
            pose = self.simulator.object_pose(name)
            w, x, y, z = pose[3:]
            yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
            error = float(np.linalg.norm(pose[:3] - np.array(goal.position)))
            # One hand may turn a part to where it looks the same.
            alike = 1 if command.skill == "place" else self._looks_alike(name)
            out.append(Placement(name, error, abs(wrap_angle(alike * (yaw - goal.yaw))) / alike))
        return tuple(out)

    def _looks_alike(self, object_id: str) -> int:
        """In how many headings a box looks the same."""
        cell = self.scene.cell
        size = cell.object(object_id).size if cell is not None else (1.0, 2.0, 1.0)
        return 4 if abs(size[0] - size[1]) < 1e-6 else 2

    def recording(self, *, with_series: bool = True) -> Recording:
        """Everything recorded so far; without series it costs nothing, for whoever takes them by ``drain``."""
        motion, scene = self.motion, self.scene
        header = RecordingHeader(
            source="simulation",
            robot_id=self.robot.id,
            joint_names=scene.robot.joint_names,
            robot_hash=self.robot.content_hash,
            cell_id=scene.cell.id if scene.cell is not None else "",
            cell_hash=scene.cell.content_hash if scene.cell is not None else "",
            motion_hash=motion.content_hash if motion is not None else "",
            seed=self.seed,
            state_source=self.state_source,
            wall_start=self._wall_start,
            assumptions=self._assumptions(),
        )
        return Recording(
            header=header,
            series=self.recorder.series() if with_series else {},
            steps=self.controller.steps,
            events=tuple(self._events),
            placements=self.placements(),
            contacts=self.watch.notes,
            completed=self.controller.completed,
            fell_at=self.fell_at,
            wall_time=self._wall,
        )

    def _assumptions(self) -> dict[str, str]:
        profile = self.robot.profile
        measured = self.controller.loop.delay_meter.delay
        return {
            **self.noise.declared(self.state_source),
            "delay": f"{self._delay:g}",
            "delay.controller": f"{profile.control_delay:g}",
            **({"delay.measured": f"{measured:.4f}"} if measured is not None else {}),
            **({"map": "stations, zones and ground stand where the cell's file says"} if self.scene.cell is not None else {}),
            **({} if all(profile.legs[s].force_sensor for s in SIDES) else {"foot_load": UNSENSED_FEET}),
            "friction.controller": f"{profile.floor_friction:g}",
            "control_period": f"{CONTROL_PERIOD:g}",
            "physics_step": f"{self.simulator.timestep:g}",
        }


def rollout(
    cell: WorkCell | None,
    robot: RobotModel,
    motion: Motion,
    seed: int,
    *,
    variation: Variation | None = None,
    noise: SensorNoise = DEFAULT,
    delay: float | None = None,
    state: StateSource = "estimate",
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Recording:
    """Run a motion from start to end.

    Args:
        cell: The surroundings; None for a bare floor.
        robot: The nominal robot, whose model the controller has.
        motion: What it does.
        seed: Draws sensor noise and, without ``variation``, the plant.
        variation: The plant; drawn from the seed if None.
        noise: Of the sensors.
        delay: Of the drives, s; the profile's if None.
        state: What the controller runs on: the estimator's state, or the simulator's plus declared noise.
        progress: Called about ten times a simulated second with the share done, 0..1, by the steps' estimates.
        cancelled: Asked as often; true ends the run with :class:`sim.errors.Cancelled`.

    Returns:
        The recording; a failed run is a recording too, with ``success`` False and a reason in its last step.
    """
    plant = variation if variation is not None else draw_variation(seed)
    scene = build_scene(cell, robot, variation=plant)
    lag = robot.profile.control_delay if delay is None else delay
    run = Execution(scene, motion, seed=seed, noise=noise, delay=lag, state=state)
    expected = max(sum(c.estimate + c.delay for c in motion.commands), 1.0)
    ticks = 0
    while not run.done:
        run.step()
        ticks += 1
        if ticks % 25 == 0:
            if cancelled is not None and cancelled():
                raise Cancelled
            if progress is not None:
                progress(min(run.time / expected, 0.99))
    if progress is not None:
        progress(1.0)
    return run.recording()


def _quality_row(quality: EstimateQuality) -> Array:
    """The columns of ``estimate.quality``."""
    q = quality
    slipping = 1.0 * q.slipping[0] + 2.0 * q.slipping[1]
    return np.array([q.tilt, q.velocity, q.position, q.yaw, q.consistency, slipping, q.fix_age, 1.0 * q.trusted])


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _errors(estimated: Array, true: Array) -> Array:
    """Errors of a pose (7,): position (3,) m and rotation vector (3,) rad, world."""
    a, b, c, d = estimated[3], estimated[4], estimated[5], estimated[6]
    w, x, y, z = true[3], true[4], true[5], true[6]
    sign = 2.0 if a * w + b * x + c * y + d * z >= 0.0 else -2.0
    out = np.empty(6)
    out[:3] = estimated[:3] - true[:3]
    out[3] = sign * (b * w - a * x - c * z + d * y)
    out[4] = sign * (c * w - a * y - d * x + b * z)
    out[5] = sign * (d * w - a * z - b * y + c * x)
    return out
