"""The reference robot without its socket: what it holds, what it refuses, when it stops. Its clock is the simulated one.

Its body controller is the same as the workbench's; what differs is the plant (``hidden``). So a difference between its recording and the
simulation is a difference of plants.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from plugins.reference_robot.hidden import BiasedSensors, draw_hidden, weaken_motors
from plugins.reference_robot.protocol import refusal
from sim.cell import WorkCell
from sim.robot import RobotModel
from sim.rollout import Execution
from sim.scene import build_scene
from workbench.api import (
    RecordedEvent,
    RobotInfo,
    RobotState,
    RobotStatus,
    SimError,
    TimeSeries,
    VerifiedMotion,
    outcome_to_json,
    shifted,
    verified_from_data,
)

#: Telemetry rows per second of robot time.
RATE = 125.0
#: A tick longer than this is thinking (a way through the cell is searched in one) or the first use of something compiled, s.
OWN_TIME_S = 0.05
ASSUMPTIONS = {
    "state": "base, centre of mass and balance as the robot estimates them from IMU, joint encoders, foot forces and localisation",
    "surroundings": "workpiece and contact data are the truth of its simulator, as motion capture would give them",
    "clock": "simulated; it runs as fast as the machine lets it",
}


class ReferenceRobot:
    """A robot that executes verified motions in a cell.

    Args:
        robot: the nominal model, as everybody knows it. cell: where it stands.
        hidden_seed: which robot it truly is.
        watchdog_s: without a heartbeat for so long it stops in balance while a motion runs.
        clock: s, monotonic, of the machine.
    """

    def __init__(
        self,
        robot: RobotModel,
        cell: WorkCell,
        hidden_seed: int,
        watchdog_s: float = 0.3,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.robot = robot
        self.cell = cell
        self.watchdog_s = watchdog_s
        self._clock = clock
        self._seed = hidden_seed
        self._hidden = draw_hidden(hidden_seed, len(robot.joint_names))
        self._scene = build_scene(cell, robot, variation=self._hidden.variation)
        self._epoch = 0.0
        self._runs = 0
        self._run = self._fresh()
        weaken_motors(self._scene, self._hidden)
        self._verified: VerifiedMotion | None = None
        self._started_at: float | None = None
        self._used = False
        self._stop: tuple[str, str] | None = None
        self._beat = clock()
        self._told_events = 0
        self._own_events: list[RecordedEvent] = []
        self._told_outcome = ("", False)
        self.speed = 1.0

    def _fresh(self) -> Execution:
        seed = self._seed * 1000 + self._runs
        run = Execution(
            self._scene,
            seed=seed,
            noise=self._hidden.noise,
            controller_robot=self.robot,
            delay=self._hidden.delay,
            rate=RATE,
            own_view=True,
        )
        run.sensors = BiasedSensors(self._scene, self._hidden, seed)
        return run

    # -- who it is ---------------------------------------------------------------------------------------------------

    def info(self) -> RobotInfo:
        """What it says of itself: the nominal model, never the hidden parameters."""
        serial = f"REF-{self._seed % 10000:04d}"
        return RobotInfo(
            name=f"{self.robot.profile.name.get('en', self.robot.id)} {serial}",
            robot_id=self.robot.id,
            robot_hash=self.robot.content_hash,
            cell_id=self.cell.id,
            cell_hash=self.cell.content_hash,
            serial=serial,
            firmware="reference 1",
            joint_names=self.robot.joint_names,
            channels=tuple(self._run.recorder.channels),
            state_source=self._run.state_source,
            assumptions=ASSUMPTIONS,
        )

    @property
    def time(self) -> float:
        """Its clock, s; never runs backward."""
        return self._epoch + self._run.time

    @property
    def state(self) -> RobotState:
        """What it does."""
        run = self._run
        if run.fallen:
            return "fallen"
        if self._started_at is not None and not run.done:
            return "stopping" if self._stop is not None else "running"
        if self._stop is not None:
            return "holding"
        if self._used:
            return "done"
        return "idle" if self._verified is None else "ready"

    def status(self) -> RobotStatus:
        """How it does."""
        who, why = self._stop or ("", "")
        return RobotStatus(
            state=self.state,
            time=self.time,
            started_at=self._started_at,
            step_id=self._run.controller.current_step,
            motion_hash=self._verified.motion.content_hash if self._verified is not None else "",
            at_start=not self._used,
            stop_latched=self._stop is not None,
            stop_who=who,
            stop_reason=why,
            speed=self.speed,
        )

    # -- what is asked of it -----------------------------------------------------------------------------------------

    def upload(self, bundle: Mapping[str, Any]) -> None:
        """Take a verified motion; WorkbenchError ``robot.refused.*`` leaves the previous one as it was."""
        if self.state in ("running", "stopping"):
            raise refusal("busy")
        try:
            verified = verified_from_data(bundle)
        except SimError as error:
            raise refusal(error.code.replace("verified.", "motion_"), **error.params) from error
        motion = verified.motion
        if motion.robot_hash != self.robot.content_hash:
            raise refusal("wrong_model", motion=motion.robot_id, robot=self.robot.id)
        if motion.cell_hash != self.cell.content_hash:
            raise refusal("wrong_cell", motion=motion.cell_id, cell=self.cell.id)
        self._verified = verified

    def start(self) -> None:
        """Begin the motion; WorkbenchError ``robot.refused.*``."""
        if self._verified is None:
            raise refusal("no_motion")
        if self._stop is not None:
            raise refusal("stop_latched", who=self._stop[0], reason=self._stop[1])
        if self.state in ("running", "stopping"):
            raise refusal("busy")
        if self._used:
            raise refusal("not_at_start")
        try:
            self._run.load(self._verified.motion)
        except SimError as error:
            raise refusal("motion_invalid", reason=str(error)) from error
        self._used = True
        self._beat = self._clock()
        self._started_at = self.time
        self._told_outcome = ("", False)

    def request_stop(self, who: str, reason: str) -> None:
        """Stop in balance; latched until cleared. Asked again it stays with the first who and why."""
        if self._stop is not None:
            return
        self._stop = (who or "?", reason or "?")
        self._own_events.append(RecordedEvent(self.time, "event.stop_latched", {"who": self._stop[0], "reason": self._stop[1]}))
        if self.state == "stopping":
            self._run.request_stop()

    def clear_stop(self, who: str, why: str) -> None:
        """Take the latch away; WorkbenchError where who or why is missing or the robot still moves."""
        if not who.strip() or not why.strip():
            raise refusal("no_name")
        if self.state == "stopping":
            raise refusal("busy")
        if self._stop is not None:
            self._stop = None
            self._own_events.append(RecordedEvent(self.time, "event.stop_cleared", {"who": who, "reason": why}))

    def restore(self) -> None:
        """Stand at the start again, workpieces too, as if people had carried them; WorkbenchError while a motion runs."""
        if self.state in ("running", "stopping"):
            raise refusal("busy")
        self._own_events += self._new_events()
        self._epoch = self.time
        self._runs += 1
        self._run = self._fresh()
        self._told_events = 0
        self._used = False
        self._started_at = None
        self._own_events.append(RecordedEvent(self.time, "event.cell_restored"))

    def beat(self) -> None:
        """Who commands it lives."""
        self._beat = self._clock()

    # -- time --------------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """One control period."""
        begun = self._clock()
        self._run.step()
        # Nobody's heartbeat is read while the robot thinks: that time is not its commander's silence.
        self._beat += max(self._clock() - begun - OWN_TIME_S, 0.0)
        if self.state == "running" and self._clock() - self._beat > self.watchdog_s:
            self.request_stop("watchdog", "no heartbeat")

    def take_samples(self) -> dict[str, TimeSeries]:
        """Samples since the last call, on its clock."""
        return {name: TimeSeries(s.channel, s.t + self._epoch, s.values) for name, s in self._run.drain().items()}

    def take_events(self) -> list[RecordedEvent]:
        """Events since the last call, on its clock."""
        events, self._own_events = self._own_events + self._new_events(), []
        return sorted(events, key=lambda e: e.time)

    def take_outcome(self) -> tuple[str, bool] | None:
        """Steps and how it ends so far (JSON, its clock) where that changed, and whether this is final."""
        if self._started_at is None:
            return None
        run = self._run
        final = run.done
        now = shifted(run.recording(with_series=False), self._epoch)
        text = outcome_to_json(replace(now, wall_time=0.0))
        if not final:
            # Contacts and placements change all the time; who looks on wants the steps at once.
            text = outcome_to_json(replace(now, wall_time=0.0, contacts=(), placements=()))
        told, self._told_outcome = self._told_outcome, (text, final)
        return None if told == (text, final) else (text, final)

    def _new_events(self) -> list[RecordedEvent]:
        events = self._run.events
        fresh, self._told_events = events[self._told_events :], len(events)
        return [replace(e, time=e.time + self._epoch) for e in fresh]
