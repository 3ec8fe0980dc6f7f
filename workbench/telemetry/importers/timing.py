"""What is wrong with the time stamps of a log: said, not mended."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.telemetry.problems import problem

Array = NDArray[np.float64]


def stamp_problems(channel: str, t: Array) -> list[str]:
    """Gaps, duplicates and steps backward in the stamps (N,) s of a channel."""
    if len(t) < 3:
        return []
    steps = np.diff(t)
    usual = float(np.median(steps))
    out = []
    gaps = steps > max(1.8 * usual, usual + 0.002)
    if gaps.any():
        worst = int(np.argmax(steps))
        out.append(
            problem("log.gaps", channel=channel, count=int(gaps.sum()), longest_s=float(steps[worst]), at_s=float(t[worst]))
        )
    same = int(np.count_nonzero(steps == 0.0))
    if same:
        out.append(problem("log.duplicates", channel=channel, count=same))
    back = int(np.count_nonzero(steps < 0.0))
    if back:
        out.append(problem("log.out_of_order", channel=channel, count=back))
    return out


def to_seconds(t: Array) -> tuple[Array, list[str]]:
    """Stamps (N,) in s from zero, whatever unit they are in, with a problem that names a unit other than s.

    A robot samples between 0.1 ms and 1 s apart; the unit is the one that makes it so.
    """
    if len(t) < 2:
        return t - (t[0] if len(t) else 0.0), []
    usual = float(np.median(np.abs(np.diff(t))))
    for unit, factor in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9)):
        if usual * factor <= 1.0:
            return (t - t[0]) * factor, [] if unit == "s" else [problem("log.time_unit", unit=unit)]
    raise ValueError(f"time stamps lie {usual:g} apart; no unit makes sense of that")
