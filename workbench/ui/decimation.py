"""Fewer points for the same picture: at most two points a pixel, the extremes kept, gaps kept as gaps. No Qt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_FACTOR = 8
#: A pause longer than this many usual intervals is a gap.
_GAP_INTERVALS = 6.0


def gaps(t: Array) -> tuple[NDArray[np.int64], float]:
    """Where samples come after a pause (indices), and the usual interval, s. The same for all columns of a channel."""
    if len(t) < 3:
        return np.empty(0, dtype=np.int64), 0.0
    step = np.diff(t)
    usual = float(np.median(step))
    return np.flatnonzero(step > max(_GAP_INTERVALS * usual, 1e-9)) + 1, usual


def with_gaps(t: Array, y: Array, found: tuple[NDArray[np.int64], float] | None = None) -> tuple[Array, Array]:
    """The same samples with a NaN put into each pause, so that no line is drawn across missing data."""
    holes, usual = found if found is not None else gaps(t)
    if not len(holes):
        return t, y
    return np.insert(t, holes, t[holes - 1] + usual), np.insert(y, holes, np.nan)


def thin(t: Array, y: Array, points: int) -> tuple[Array, Array]:
    """At most about ``points`` samples: lowest and highest of equal runs, in time order of the run."""
    n = len(t)
    run = -(-n * 2 // max(points, 2))
    if run <= 2 or n < 4:
        return t, y
    whole = n // run * run
    blocks = y[:whole].reshape(-1, run)
    # Reductions that look past NaN are several times slower; most data has none.
    missing = bool(np.isnan(np.sum(y)))
    lowest, highest = (np.fmin, np.fmax) if missing else (np.minimum, np.maximum)
    low, high = lowest.reduce(blocks, axis=1), highest.reduce(blocks, axis=1)
    times = t[:whole].reshape(-1, run)
    out_t = np.empty(2 * len(low))
    out_y = np.empty(2 * len(low))
    out_t[0::2], out_t[1::2] = times[:, 0], times[:, run // 2]
    rising = blocks[:, 0] <= blocks[:, -1]
    out_y[0::2], out_y[1::2] = np.where(rising, low, high), np.where(rising, high, low)
    if whole < n:
        rest = y[whole:]
        ends = sorted((np.fmin.reduce(rest), np.fmax.reduce(rest)), reverse=bool(rest[0] > rest[-1]))
        out_t, out_y = np.append(out_t, (t[whole], t[-1])), np.append(out_y, ends)
    return out_t, out_y


class Pyramid:
    """A long column ready to be drawn at any zoom.

    Args:
        t: (N,) s, rising.
        y: (N,) values; NaN is a gap.
    """

    def __init__(self, t: Array, y: Array) -> None:
        t, y = with_gaps(np.asarray(t, dtype=float), np.asarray(y, dtype=float))
        self._levels: list[tuple[Array, Array, Array]] = [(t, y, y)]
        while len(self._levels[-1][0]) > 4096:
            lt, low, high = self._levels[-1]
            n = len(lt) // _FACTOR * _FACTOR
            self._levels.append(
                (
                    lt[:n:_FACTOR],
                    np.fmin.reduce(low[:n].reshape(-1, _FACTOR), axis=1),
                    np.fmax.reduce(high[:n].reshape(-1, _FACTOR), axis=1),
                )
            )

    def visible(self, start: float, end: float, pixels: int) -> tuple[Array, Array]:
        """What to draw from ``start`` to ``end`` on so many pixels: at most about two points each."""
        for level in self._levels:
            t = level[0]
            first = max(int(np.searchsorted(t, start)) - 1, 0)
            last = min(int(np.searchsorted(t, end, side="right")) + 1, len(t))
            if last - first <= _FACTOR * max(pixels, 64) or t is self._levels[-1][0]:
                break
        t, low, high = level
        if low is high:
            return thin(t[first:last], low[first:last], 2 * pixels)
        n = last - first
        both_t, both = np.repeat(t[first:last], 2), np.empty(2 * n)
        both[0::2], both[1::2] = low[first:last], high[first:last]
        return thin(both_t, both, 2 * pixels)

    def at(self, time: float) -> float:
        """The newest sample at or before ``time``; NaN before the first."""
        t, y, _ = self._levels[0]
        i = int(np.searchsorted(t, time, side="right")) - 1
        return float(y[i]) if i >= 0 else float("nan")
