"""One run of one condition: what is staged, what disturbs it, and what came of it."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.cell import WorkCell
from sim.motion import Motion
from sim.recording import Recording, StateSource
from sim.robot import RobotModel
from sim.rollout import Execution
from sim.scene import Variation, build_scene
from sim.sensors import DEFAULT, SensorNoise
from sim.transforms import Pose2, wrap_angle

Array = NDArray[np.float64]

#: A push acts this long, s.
PUSH_S = 0.1
#: A stopped robot is watched this long before it counts as stable, s.
STABLE_S = 3.0


@dataclass(frozen=True)
class Push:
    """``impulse`` N·s (ahead, left) in the robot's own heading, ``time`` s after the start, spread over 0.1 s."""

    time: float
    impulse: tuple[float, float]


@dataclass(frozen=True)
class Stop:
    """A protective stop, ``time`` s after the start."""

    time: float


@dataclass(frozen=True)
class Stage:
    """Everything that one run is made of. ``delay``: of the drives, s; the controller counts on the profile's.

    ``lap``: (from, to) metres from the start between which the average speed is taken.
    """

    cell: WorkCell | None
    robot: RobotModel
    motion: Motion
    variation: Variation
    disturbances: tuple[Push | Stop, ...] = ()
    noise: SensorNoise = DEFAULT
    delay: float = 0.01
    lap: tuple[float, float] | None = None
    state: StateSource = "estimate"


@dataclass(frozen=True)
class Outcome:
    """What came of one run; m, rad, s, m/s. Errors are true ones, by the simulator; nan where there is no goal.

    ``speed``: average over the lap; ``cpu_factor``: simulated over processor time; ``reason``: the first step that failed.
    """

    condition: str
    seed: int
    fell: bool
    completed: bool
    position_error: float
    yaw_error: float
    touched: tuple[str, ...]
    speed: float
    duration: float
    cpu_factor: float
    state: str
    disturbed_at: float
    reason: str

    def data(self) -> dict[str, Any]:
        """JSON data; nan is None."""
        out = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in out.items()}

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Outcome:
        """The inverse of :meth:`data`."""
        numbers = ("position_error", "yaw_error", "speed", "disturbed_at")
        fields = {k: math.nan if k in numbers and v is None else v for k, v in data.items()}
        return Outcome(**{**fields, "touched": tuple(fields["touched"])})


def delayed(robot: RobotModel, delay: float) -> RobotModel:
    """The robot with a declared control delay, s."""
    return replace(robot, profile=replace(robot.profile, control_delay=delay))


def run_trial(condition: str, seed: int, stage: Stage) -> Outcome:
    """Run a stage from start to end."""
    begun = time.process_time()
    scene = build_scene(stage.cell, stage.robot, variation=stage.variation)
    run = Execution(scene, stage.motion, seed=seed, noise=stage.noise, delay=stage.delay, state=stage.state)
    waiting = sorted(stage.disturbances, key=lambda d: d.time)
    disturbed_at = math.nan
    while not run.done:
        while waiting and run.time >= waiting[0].time:
            disturbed_at = run.time
            _disturb(run, waiting.pop(0))
        run.step()
    if any(isinstance(d, Stop) for d in stage.disturbances):
        end = run.time + STABLE_S
        while run.time < end and not run.fallen:
            run.step()
    recording = run.recording()
    return _outcome(condition, seed, stage, run, recording, disturbed_at, time.process_time() - begun)


def _disturb(run: Execution, what: Push | Stop) -> None:
    if isinstance(what, Stop):
        run.request_stop()
        return
    ahead, left = (i / PUSH_S for i in what.impulse)
    yaw = _yaw(run.simulator.base_pose[3:])
    c, s = math.cos(yaw), math.sin(yaw)
    run.push(np.array([c * ahead - s * left, s * ahead + c * left, 0.0]), PUSH_S)


def _outcome(
    condition: str, seed: int, stage: Stage, run: Execution, recording: Recording, disturbed_at: float, spent: float
) -> Outcome:
    position, yaw = _errors(stage, run, recording)
    failed = next((f"{s.id}: {s.reason or 'not ended'}" for s in recording.steps if not s.success), "")
    if recording.fell_at is not None:
        failed = f"fell in {failed.partition(':')[0] or 'no step'}"
    return Outcome(
        condition=condition,
        seed=seed,
        fell=recording.fell_at is not None or "no_solution" in failed,
        completed=recording.completed,
        position_error=position,
        yaw_error=yaw,
        touched=tuple(f"{c.first}|{c.second} at {c.start:.1f} s {c.peak_force:.0f} N" for c in recording.contacts[:3]),
        speed=_average_speed(recording, stage.lap),
        duration=recording.duration,
        cpu_factor=recording.duration / max(spent, 1e-9),
        state=recording.header.state_source,
        disturbed_at=disturbed_at,
        reason=failed,
    )


def _errors(stage: Stage, run: Execution, recording: Recording) -> tuple[float, float]:
    """Of the placed workpiece, of an opened door what its angle lacks, else of the middle of the feet against the last goal."""
    if recording.placements:
        placed = recording.placements[0]
        return placed.position_error, placed.yaw_error
    opening = [c for c in stage.motion.commands if c.skill == "open_door"]
    if opening:
        angle = float(run.simulator.data.joint(f"device/{opening[-1].device}").qpos[0])
        return 0.0, max(opening[-1].value - angle, 0.0)
    goals = [c.goal for c in stage.motion.commands if c.goal is not None]
    if not goals:
        return math.nan, math.nan
    data, sites = run.simulator.data, run.simulator.sole_sites
    x, y = data.site_xpos[sites, :2].mean(axis=0)
    rotation = data.site_xmat[sites].reshape(-1, 3, 3)
    yaws = np.arctan2(rotation[:, 1, 0], rotation[:, 0, 0])
    yaw = float(yaws[0]) + wrap_angle(float(yaws[1] - yaws[0])) / 2
    return Pose2(float(x), float(y)).distance(goals[-1]), abs(wrap_angle(yaw - goals[-1].yaw))


def _average_speed(recording: Recording, lap: tuple[float, float] | None) -> float:
    if lap is None:
        return math.nan
    base = recording["base.pose"]
    away = np.hypot(*(base.values[:, :2] - base.values[0, :2]).T)
    if not len(away) or away.max() < lap[1]:
        return math.nan
    first, last = (float(base.t[int(np.argmax(away >= mark))]) for mark in lap)
    return (lap[1] - lap[0]) / max(last - first, 1e-9)


def _yaw(q: Array) -> float:
    w, x, y, z = (float(v) for v in q)
    return math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
