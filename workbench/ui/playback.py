"""Moves the playhead through the recording by the wall clock, on the one tick of the bridge."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject

from workbench.ui.context import UiContext

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)


def playable_end(context: UiContext) -> float:
    """Where playing ends, s: the recording shown in this mode, else the plan."""
    session = context.session
    ends = [0.0]
    if session.mode == "compare" and session.comparison is not None and len(session.comparison.time):
        return float(session.comparison.time[-1])
    if session.simulated is not None:
        ends.append(session.simulated.recording.duration)
    else:
        ends.append(session.plan.end)
    return max(ends)


class Playback(QObject):
    """Plays while ``session.playing``. Whoever sets that flag starts or pauses; this stops it at the end.

    Args:
        context: of the window.
        clock: monotonic seconds; tests hand in their own.
    """

    def __init__(self, context: UiContext, clock: Callable[[], float] = time.monotonic, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._clock = clock
        self._last: float | None = None
        self._end: float = 0.0
        self.speed = 1.0
        context.bridge.tick.connect(self._on_tick)

    def toggle(self) -> None:
        """Play or pause; from the end it starts over."""
        session = self._context.session
        session.playing = not session.playing
        session.notify("playhead")

    def stop(self) -> None:
        """Pause."""
        if self._context.session.playing:
            self._context.session.playing = False
            self._context.session.notify("playhead")

    def jump(self, time: float) -> None:
        """Move the playhead, within what can be played."""
        self._context.session.set_playhead(min(max(0.0, time), playable_end(self._context)))

    def faster(self, up: bool) -> None:
        """The next speed up or down."""
        ordered = SPEEDS if up else SPEEDS[::-1]
        self.speed = next((s for s in ordered if (s > self.speed if up else s < self.speed)), self.speed)
        self._context.session.notify("playhead")

    def _on_tick(self) -> None:
        session = self._context.session
        if not session.playing:
            self._last = None
            return
        now = self._clock()
        if self._last is None:
            self._last = now
            self._end = playable_end(self._context)
            if session.playhead >= self._end - 1e-6:
                session.set_playhead(0.0)
            return
        # A long pause of the event loop must not make the playhead leap.
        advance = min(now - self._last, 0.25) * self.speed
        self._last = now
        reached = session.playhead + advance
        if reached >= self._end:
            session.playing = False
            reached = self._end
        session.set_playhead(reached)
        session.notify("playhead")
