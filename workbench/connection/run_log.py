"""The recording of one run on a robot, made while it happens: times count from the start of the motion."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from sim.recording import RecordedEvent, Recording, RecordingHeader
from sim.timeseries import TimeSeries
from workbench.connection.connection import RobotInfo, RobotStatus
from workbench.connection.messages import Said
from workbench.telemetry import content
from workbench.telemetry.problems import problem
from workbench.telemetry.recorder import RecordingWriter


class RunLog:
    """Collects a run.

    Args:
        info: the robot. status: its first status of the run. folder: where the file goes; None: none.
    """

    def __init__(self, info: RobotInfo, status: RobotStatus, folder: Path | None) -> None:
        self._start = status.started_at if status.started_at is not None else status.time
        self._parts: dict[str, list[TimeSeries]] = {}
        self._events: list[RecordedEvent] = []
        self._outcome = ""
        began = time.time()
        self.header = RecordingHeader(
            source="robot",
            robot_id=info.robot_id,
            joint_names=info.joint_names,
            robot_hash=info.robot_hash,
            cell_id=info.cell_id,
            cell_hash=info.cell_hash,
            motion_hash=status.motion_hash,
            state_source=info.state_source,
            wall_start=began,
            assumptions={**info.assumptions, "robot": info.name, "serial": info.serial, "firmware": info.firmware},
        )
        self._writer: RecordingWriter | None = None
        if folder is not None:
            stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(began))
            self._writer = RecordingWriter(folder / f"robot-{stamp}-{int(began * 1000) % 1000:03d}.mcap", self.header)

    def add(self, said: Said) -> None:
        """What the robot said; samples from before the start are left out."""
        fresh: dict[str, TimeSeries] = {}
        for name, series in said.series.items():
            keep = series.t >= self._start - 1e-9
            if keep.any():
                fresh[name] = TimeSeries(series.channel, np.maximum(series.t[keep] - self._start, 0.0), series.values[keep])
                self._parts.setdefault(name, []).append(fresh[name])
        events = [replace(e, time=e.time - self._start) for e in said.events if e.time >= self._start - 1e-9]
        self._events += events
        if self._writer is not None:
            self._writer.append(fresh)
            self._writer.event(*events)
        self._outcome = said.outcome or self._outcome

    def recording(self, lost: bool) -> Recording:
        """What was recorded; ``lost``: the robot vanished while it ran, which the recording says."""
        series = {
            name: TimeSeries(p[0].channel, np.concatenate([s.t for s in p]), np.vstack([s.values for s in p]))
            for name, p in self._parts.items()
        }
        told = content.recording_from(self.header, series, (), self._outcome)
        known = replace(content.shifted(told, -self._start), events=tuple(self._events))
        problems: tuple[str, ...] = ()
        if lost:
            problems = (problem("run.connection_lost", at_s=round(known.duration, 3)),)
        header = replace(self.header, problems=(*self.header.problems, *problems))
        return replace(known, header=header, completed=known.completed and not lost)

    def finish(self, lost: bool) -> tuple[Recording, Path | None]:
        """The recording and its file; WorkbenchError ``recording.*`` where the file could not be finished."""
        recording = self.recording(lost)
        if self._writer is None:
            return recording, None
        self._writer.finish(recording)
        return recording, self._writer.path
