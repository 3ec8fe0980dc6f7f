"""A recording as a telemetry source: it runs on a clock, and can be sought, paused and sped up."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Literal

from workbench.api import (
    Capability,
    Channel,
    RecordedEvent,
    Recording,
    Snapshot,
    SourceState,
    TimeSeries,
    WorkbenchError,
    frame_at,
)

CAPABILITIES: frozenset[Capability] = frozenset({"run", "pause", "seek", "speed", "reset"})


class LogSource:
    """A recording, playing.

    Values of commands: ``seek`` s, ``speed`` 0.1 to 10.

    Args:
        recording: what is played; it holds ``joint.position``.
        name: shown to the user.
        clock: s, monotonic.
    """

    kind: Literal["simulation", "robot", "log"] = "log"
    capabilities = CAPABILITIES

    def __init__(self, recording: Recording, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self.recording = recording
        self._clock = clock
        self._speed = 1.0
        self._running = False
        self._at = 0.0
        self._since = clock()
        self._drained = 0.0
        self._told = 0.0
        self._first = True
        self._reset_event: RecordedEvent | None = None

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels of the recording."""
        return tuple(s.channel for s in self.recording.series.values())

    def state(self) -> SourceState:
        """How it is doing now."""
        at = self._time()
        if self._running and at >= self.recording.duration:
            self._hold(at)
        return SourceState(True, self._running, at, self._speed, note="source.note.replay")

    def snapshot(self) -> Snapshot | None:
        """The recorded state at the played time."""
        if "joint.position" not in self.recording.series:
            return None
        return frame_at(self.recording, self._time())

    def drain(self) -> Mapping[str, TimeSeries]:
        """Samples played since the last call."""
        start, end = self._drained, self._time()
        out = {}
        for name, s in self.recording.series.items():
            low = s.t.searchsorted(start, side="left" if self._first else "right")
            high = s.t.searchsorted(end, side="right")
            if high > low:
                out[name] = TimeSeries(s.channel, s.t[low:high], s.values[low:high])
        self._first = False
        self._drained = end
        return out

    def events(self) -> tuple[RecordedEvent, ...]:
        """Events played since the last call."""
        start, end = self._told, self._time()
        self._told = end
        found = tuple(e for e in self.recording.events if start < e.time <= end or (start == 0.0 == e.time))
        if self._reset_event is not None:
            found, self._reset_event = (self._reset_event, *found), None
        return found

    def command(self, name: Capability, value: object = None) -> None:
        """Ask for something; WorkbenchError ``source.cannot`` or ``source.bad_value``."""
        at = self._time()
        try:
            match name:
                case "run":
                    self._move(0.0 if at >= self.recording.duration else at, running=True)
                case "pause":
                    self._hold(at)
                case "seek":
                    self._move(float(str(value)), running=self._running)
                case "reset":
                    self._move(0.0, running=False)
                case "speed":
                    self._hold_speed(at, float(str(value)))
                case _:
                    raise WorkbenchError("source.cannot", name=self.name, asked=name, valid=", ".join(sorted(CAPABILITIES)))
        except ValueError as error:
            raise WorkbenchError("source.bad_value", asked=name, value=str(value)) from error

    def close(self) -> None:
        """Nothing is held."""
        self._running = False

    def _time(self) -> float:
        if not self._running:
            return self._at
        return min(self._at + (self._clock() - self._since) * self._speed, self.recording.duration)

    def _hold(self, at: float) -> None:
        self._at, self._running = at, False

    def _hold_speed(self, at: float, speed: float) -> None:
        self._at, self._since, self._speed = at, self._clock(), min(max(speed, 0.1), 10.0)

    def _move(self, to: float, running: bool) -> None:
        to = min(max(to, 0.0), self.recording.duration)
        if to != self._time():
            # What is drained next begins there: time jumped, and who keeps samples is told so.
            self._drained = self._told = to
            self._first = True
            self._reset_event = RecordedEvent(to, "event.reset")
        self._at, self._since, self._running = to, self._clock(), running
