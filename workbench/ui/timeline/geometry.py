"""Where things lie on the timeline, in pixels and seconds. Pure arithmetic: no Qt, no session."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workbench.plan.skills import TRACKS

RULER = 26
HEAD = 168
HEAD_COMPACT = 96
ROW_TALL = 46
ROW = 35
ROW_EMPTY = 24
ROW_SLIM = 39
STRIP = 60
OVERVIEW = 18
TOOLBAR = 36
INSET = 5
HANDLE_HIT = 10
MIN_DRAWN = 6
MIN_HIT = 12
PLAYHEAD_HIT = 9
SNAP_PIXELS = 6
GRID_S = 0.1
MIN_SCALE = 0.1
"""Pixels per second at which an hour of process still fits."""
MAX_SCALE = 600.0
DEPENDENCIES_FROM = 12.0
"""Pixels per second under which only the selection's dependencies are drawn."""

TALL_TRACKS = frozenset({"legs", "both_hands"})
SLIM_TRACKS = ("legs", "both_hands")
MARGIN_ROW = "margin"

_MAJORS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)
_LABEL_GAP = 56.0


@dataclass(frozen=True, slots=True)
class TimeScale:
    """Zoom and scroll: ``pixels`` per second, ``origin`` the time (s) at the left edge of the lanes, ``left`` its x."""

    pixels: float
    origin: float
    left: float

    def x(self, time: float) -> float:
        """Where a moment lies, px."""
        return self.left + (time - self.origin) * self.pixels

    def time(self, x: float) -> float:
        """The moment at a place, s."""
        return self.origin + (x - self.left) / self.pixels

    def zoomed(self, factor: float, x: float) -> TimeScale:
        """Zoom by a factor so that the moment under ``x`` stays where it is (unless that would show time before 0)."""
        pixels = min(max(self.pixels * factor, MIN_SCALE), MAX_SCALE)
        anchor = self.time(x)
        return TimeScale(pixels, anchor - (x - self.left) / pixels, self.left)

    def panned(self, dx: float) -> TimeScale:
        """Scroll by pixels; positive shows later times."""
        return TimeScale(self.pixels, self.origin + dx / self.pixels, self.left)


def fitted(start: float, end: float, left: float, width: float, margin: float = 12.0) -> TimeScale:
    """The scale at which [start, end] s fills ``width`` px of lane with a little air."""
    usable = max(width - 2 * margin, 40.0)
    span = max(end - start, 1.0)
    pixels = min(max(usable / span, MIN_SCALE), MAX_SCALE)
    return TimeScale(pixels, start - margin / pixels, left)


def clamped(scale: TimeScale, width: float, end: float) -> TimeScale:
    """Keep time 0 near the left edge at the earliest and some of the process in view at the latest."""
    air = 12.0 / scale.pixels
    last = max(end - 0.25 * width / scale.pixels, 0.0)
    return TimeScale(scale.pixels, min(max(scale.origin, -air), max(last, -air)), scale.left)


@dataclass(frozen=True, slots=True)
class Row:
    """A track or strip: its id, top (px below the ruler) and height."""

    id: str
    top: float
    height: float

    @property
    def bottom(self) -> float:
        """Lower edge, px."""
        return self.top + self.height


def rows(*, slim: bool, used: Iterable[str], room: float, strip: bool = True) -> tuple[Row, ...]:
    """The rows from top to bottom. Where ``room`` px are short, first empty tracks get lower, then all rows do."""
    used = frozenset(used)
    found: tuple[Row, ...] = ()
    for heights in _DENSITIES:
        found = _stacked(slim, used, strip, heights, min(max(int(room / 2), ROW_SLIM), ROW_TALL))
        if not found or found[-1].bottom <= room:
            break
    return found


@dataclass(frozen=True, slots=True)
class _Heights:
    tall: int
    other: int
    empty: int
    strip: int


_DENSITIES = (_Heights(ROW_TALL, ROW, ROW, STRIP), _Heights(ROW_TALL, ROW, ROW_EMPTY, STRIP), _Heights(40, 28, 20, 44))


def _stacked(slim: bool, used: frozenset[str], strip: bool, heights: _Heights, slim_height: int) -> tuple[Row, ...]:
    found: list[Row] = []
    top = 0.0
    for track in SLIM_TRACKS if slim else tuple(TRACKS):
        height = (
            slim_height if slim else heights.tall if track in TALL_TRACKS else heights.other if track in used else heights.empty
        )
        found.append(Row(track, top, height))
        top += height
        if track == "legs" and strip and not slim:
            found.append(Row(MARGIN_ROW, top, heights.strip))
            top += heights.strip
    return tuple(found)


def major_interval(pixels: float) -> float:
    """Seconds between ruler labels so that they stand at least 56 px apart."""
    return next((m for m in _MAJORS if m * pixels >= _LABEL_GAP), _MAJORS[-1])


def ticks(start: float, end: float, interval: float) -> Iterator[float]:
    """Multiples of ``interval`` (s) in [start, end], none before 0."""
    first = max(math.ceil(start / interval - 1e-9), 0)
    for i in range(first, math.floor(end / interval + 1e-9) + 1):
        yield i * interval


def ruler_label(time: float, interval: float) -> str:
    """Text of a ruler label: seconds, with one decimal only where the interval needs it; minutes above 10 min."""
    if interval >= 60.0 and time >= 60.0:
        return f"{int(time // 60)}:{int(round(time % 60)):02d}"
    return f"{time:.1f} s" if interval < 1.0 else f"{time:.0f} s"


@dataclass(frozen=True, slots=True)
class Snap:
    """Where a dragged edge ends up: the time (s) and the neighbour's edge it sticks to (None: the 0.1 s grid)."""

    time: float
    edge: float | None


def snapped(time: float, edges: Iterable[float], pixels: float, enabled: bool = True) -> Snap:
    """Snap a moment to the nearest neighbour's edge within 6 px, else to 0.1 s; exact where snapping is off."""
    if not enabled:
        return Snap(max(time, 0.0), None)
    near = min(edges, key=lambda e: abs(e - time), default=None)
    if near is not None and abs(near - time) * pixels <= SNAP_PIXELS:
        return Snap(near, near)
    return Snap(max(round(time / GRID_S) * GRID_S, 0.0), None)


def clock(seconds: float) -> str:
    """ "00:16.50"."""
    hundredths = int(round(max(seconds, 0.0) * 100))
    return f"{hundredths // 6000:02d}:{hundredths % 6000 / 100:05.2f}"
