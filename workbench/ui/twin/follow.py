"""What the twin shows now: which state is drawn solid, which as the ghost, and what both mean. No Qt, no drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.recording import Recording, StepSpan
from sim.snapshot import Snapshot, frame_at
from workbench.session import Session
from workbench.telemetry.source import TelemetrySource

Array = NDArray[np.float64]
Origin = Literal["start", "twin", "simulation", "robot", "log", "real"]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One picture: the solid state, the ghost and their captions (i18n key and parameters)."""

    origin: Origin
    snapshot: Snapshot
    caption: tuple[str, Mapping[str, object]]
    ghost: Snapshot | None = None
    ghost_caption: tuple[str, Mapping[str, object]] | None = None
    history: Recording | None = None
    latency: float | None = None


@dataclass(slots=True)
class StateFollower:
    """Chooses what to show. It remembers when the source entered its step, to find the same moment of the planned motion.

    Args:
        start: the state before anything happened; fills what a recording does not hold.
        joint_names: order of the joints of the shown robot.
    """

    start: Snapshot
    joint_names: tuple[str, ...]
    _step: tuple[str, float] = ("", 0.0)
    _watching: bool = False
    _playhead: float = 0.0

    def shown(self, session: Session) -> Shown:
        """What to draw now."""
        live = self._live(session)
        if live is not None:
            return live
        first, second = session.compare_pair
        if session.mode == "compare" and first is not None:
            return self._pair(session, first.recording, second.recording if second is not None else None)
        if session.simulated is None:
            return Shown("start", self.start, ("twin.caption.start", {}))
        recording = session.simulated.recording
        time = min(session.playhead, recording.duration)
        snapshot = self.frame(recording, time)
        ghost, caption = self._step_start(session, recording)
        return Shown("twin", snapshot, ("twin.caption.twin", {"time": time}), ghost, caption, recording)

    def frame(self, recording: Recording, time: float, commanded: bool = False) -> Snapshot:
        """A recorded state in the shown robot's joint order; what the recording lacks comes from the start state.

        Args:
            recording: what was recorded.
            time: s.
            commanded: show the commanded joint positions instead of the measured ones.
        """
        frame = frame_at(recording, time)
        series = recording["joint.command" if commanded else "joint.position"]
        names = series.channel.columns
        position = series.at(time)
        if names != self.joint_names:
            values, position = position, np.array(self.start.joint_position)
            place = {name: i for i, name in enumerate(names)}
            for i, name in enumerate(self.joint_names):
                if name in place:
                    position[i] = values[place[name]]
        base = frame.base_pose if "base.pose" in recording.series else self.start.base_pose
        return replace(frame, joint_position=position, base_pose=base, objects={**self.start.objects, **frame.objects})

    def _live(self, session: Session) -> Shown | None:
        source = session.source
        if source is None:
            self._watching = False
            return None
        state = source.state()
        moved = session.playhead != self._playhead
        self._playhead = session.playhead
        if state.running:
            self._watching = True
        elif moved and session.mode == "author":
            self._watching = False
        if session.mode == "compare" or (session.mode == "author" and not (self._watching and source.kind == "simulation")):
            return None
        snapshot = source.snapshot()
        if snapshot is None:
            return Shown("start", self.start, ("twin.caption.no_state", {"name": source.name}))
        snapshot = replace(snapshot, objects={**self.start.objects, **snapshot.objects})
        ghost, ghost_caption = self._planned(session, snapshot)
        latency = state.latency if state.latency is not None else state.age
        caption = f"twin.caption.{source.kind}"
        return Shown(source.kind, snapshot, (caption, {"time": snapshot.time}), ghost, ghost_caption, None, latency)

    def _planned(self, session: Session, snapshot: Snapshot) -> tuple[Snapshot | None, tuple[str, Mapping[str, object]] | None]:
        """The planned motion at the same moment of the same step."""
        if snapshot.step_id != self._step[0] or snapshot.time < self._step[1]:
            self._step = (snapshot.step_id, snapshot.time)
        if session.simulated is None:
            return None, None
        recording = session.simulated.recording
        span = _span(recording, snapshot.step_id)
        time = snapshot.time
        if span is not None:
            end = span.end if span.end is not None else recording.duration
            time = min(span.start + snapshot.time - self._step[1], end)
        time = min(time, recording.duration)
        return self.frame(recording, time), ("twin.ghost.planned", {"time": time})

    def _pair(self, session: Session, real: Recording, twin: Recording | None) -> Shown:
        time = min(session.playhead, real.duration)
        offset = session.comparison.clock_offset_s if session.comparison is not None else 0.0
        ghost: Snapshot | None = None
        caption: tuple[str, Mapping[str, object]] | None = None
        if twin is real and "joint.command" in real.series:
            ghost, caption = self.frame(real, time, commanded=True), ("twin.ghost.command", {"time": time})
        elif twin is not None and twin is not real:
            ghost = self.frame(twin, min(max(time - offset, 0.0), twin.duration))
            caption = ("twin.ghost.twin", {"time": time})
        origin: Origin = "twin" if real.header.source == "simulation" else "real"
        return Shown(origin, self.frame(real, time), (f"twin.caption.{origin}", {"time": time}), ghost, caption, real)

    def _step_start(
        self, session: Session, recording: Recording
    ) -> tuple[Snapshot | None, tuple[str, Mapping[str, object]] | None]:
        """The state at the start of the selected step."""
        if not session.selection.steps:
            return None, None
        span = _span(recording, session.selection.steps[0])
        if span is None:
            return None, None
        return self.frame(recording, span.start), ("twin.ghost.step_start", {"time": span.start})


def can_push(source: TelemetrySource | None) -> bool:
    """The source lets itself be pushed (a live simulation)."""
    return source is not None and "push" in source.capabilities


def _span(recording: Recording, step: str) -> StepSpan | None:
    return next((s for s in recording.steps if s.id == step), None) if step else None
