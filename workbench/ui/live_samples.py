"""The one reader of the live source in the window: what panels share of its samples and events.

A source hands each sample out once, so only this reads it; panels look here. It lives as a child of the bridge.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from sim.recording import RecordedEvent
from sim.timeseries import Channel, TimeSeries
from workbench.telemetry.source import TelemetrySource
from workbench.ui.context import Bridge, UiContext

Array = NDArray[np.float64]

WINDOW_S = 20.0
_KEPT_EVENTS = 500


class Tail:
    """The newest samples of a channel: grows to twice the window, then drops the older half in one copy."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._t: Array = np.empty(1024)
        self._values: Array = np.empty((1024, len(channel.columns)))
        self._first = 0
        self._end = 0

    def append(self, series: TimeSeries) -> None:
        """Newer samples. Older ones than what is held mean that time began anew: the held ones go."""
        n = len(series.t)
        if not n:
            return
        if self._end > self._first and series.t[0] < self._t[self._end - 1]:
            self._first = self._end = 0
        if self._end + n > len(self._t):
            self._make_room(n)
        self._t[self._end : self._end + n] = series.t
        self._values[self._end : self._end + n] = series.values
        self._end += n
        oldest = self._t[self._end - 1] - WINDOW_S
        self._first += int(np.searchsorted(self._t[self._first : self._end], oldest))

    @property
    def t(self) -> Array:
        """(N,) times of the last 20 s."""
        return self._t[self._first : self._end]

    @property
    def values(self) -> Array:
        """(N, columns)."""
        return self._values[self._first : self._end]

    def _make_room(self, n: int) -> None:
        held = self._end - self._first
        size = len(self._t)
        while size < 2 * (held + n):
            size *= 2
        t, values = np.empty(size), np.empty((size, self._values.shape[1]))
        t[:held], values[:held] = self.t, self.values
        self._t, self._values, self._first, self._end = t, values, 0, held


def step_event(time: float, code: str, step_id: str, skill: str) -> RecordedEvent:
    """A step of the plan began or ended."""
    return RecordedEvent(time, code, {"step": step_id, "skill": skill} if skill else {"step": step_id})


class LiveSamples(QObject):
    """Reads the session's source on every tick of the bridge.

    Args:
        bridge: its parent and its clock.
    """

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        self.source: TelemetrySource | None = None
        self.tails: dict[str, Tail] = {}
        self.events: list[RecordedEvent] = []
        self.version = 0
        self._step = ""
        bridge.tick.connect(self.read)

    def read(self) -> None:
        """Take what is new. Another source begins with nothing; when the source goes, what was seen stays."""
        source = self._bridge.session.source
        if source is None:
            return
        if source is not self.source:
            self.source, self.tails, self.events, self._step = source, {}, [], ""
            self.version += 1
        new = source.drain()
        for name, series in new.items():
            tail = self.tails.get(name)
            if tail is None or tail.channel != series.channel:
                tail = self.tails[name] = Tail(series.channel)
            tail.append(series)
        events = [*source.events(), *self._steps_changed(source)]
        if events:
            self.events = [*self.events, *events][-_KEPT_EVENTS:]
        if new or events:
            self.version += 1

    def _steps_changed(self, source: TelemetrySource) -> list[RecordedEvent]:
        """The step that ended and the one that began since the last look, as the newest state says; sources do not tell."""
        snapshot = source.snapshot()
        if snapshot is None or snapshot.step_id == self._step:
            return []
        before, self._step = self._step, snapshot.step_id
        known = [("event.step_ended", before), ("event.step_started", snapshot.step_id)]
        return [step_event(snapshot.time, code, step, self._skill(step)) for code, step in known if step]

    def _skill(self, step_id: str) -> str:
        return next((s.skill for s in self._bridge.session.plan.steps if s.id == step_id), "")

    @property
    def newest(self) -> float | None:
        """Time stamp of the newest sample, None before the first."""
        return max((float(t.t[-1]) for t in self.tails.values() if len(t.t)), default=None)


def live_samples(context: UiContext) -> LiveSamples:
    """The reader of this window, made when first asked for."""
    found = context.bridge.findChild(LiveSamples)
    return found if isinstance(found, LiveSamples) else LiveSamples(context.bridge)
