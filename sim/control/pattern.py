"""The capture point's reference: backward recursion over piecewise-linear centre-of-pressure segments.

``xi = c + c'/omega`` obeys ``xi' = omega (xi - p)``. With p moving linearly from p0 to p1 in T and ``pd = (p1 - p0)/T``:
``xi_start = p0 + pd/omega + (xi_end - p1 - pd/omega) exp(-omega T)``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sim.robot import GaitProfile

Point = tuple[float, float]

#: Lengths and times of the gait are those of a body whose centre of mass is this high, m; lengths grow with it, times with its root.
HEIGHT = 0.65
SHIFT_S = 0.7
SETTLE_S = 0.5

#: A capture point's reference is not carried on further than this after the end of its segment, s.
LONGEST_OVER = 0.15
#: Share of the first weight shift in which the body pushes off the other way.
PUSH_OFF = 0.35


def shift_and_settle(gait: GaitProfile) -> tuple[float, float]:
    """Seconds that the first weight shift takes, and coming to rest after the last step."""
    slow = math.sqrt(gait.com_height / HEIGHT)
    return SHIFT_S * slow, SETTLE_S * slow


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the plan: duration s, centre of pressure from ``p0`` to ``p1``, capture point at its end (m, world)."""

    duration: float
    p0: Point
    p1: Point
    xi_end: Point

    def pressure(self, t: float) -> Point:
        """Reference centre of pressure at ``t`` s after the start of the segment; held after its end."""
        s = min(max(t / self.duration, 0.0), 1.0) if self.duration > 0 else 1.0
        return (self.p0[0] + s * (self.p1[0] - self.p0[0]), self.p0[1] + s * (self.p1[1] - self.p0[1]))

    def capture(self, t: float, omega: float) -> Point:
        """Reference capture point at ``t`` s after the start of the segment; it goes on diverging after its end."""
        left = max(self.duration - t, -LONGEST_OVER)
        decay = math.exp(-omega * left)
        p = self.pressure(t)
        out = []
        for i in range(2):
            rate = (self.p1[i] - self.p0[i]) / self.duration if self.duration > 0 and left > 0.0 else 0.0
            out.append(p[i] + rate / omega + (self.xi_end[i] - self.p1[i] - rate / omega) * decay)
        return (out[0], out[1])


def plan_capture(stretches: Sequence[tuple[float, Point, Point]], xi_end: Point, omega: float) -> list[Segment]:
    """Segments whose capture point ends at ``xi_end``.

    Args:
        stretches: (duration s, p0, p1) in order.
        xi_end: Capture point after the last stretch, m, world.
        omega: sqrt(g / height), 1/s.
    """
    segments: list[Segment] = []
    xi = xi_end
    for duration, p0, p1 in reversed(stretches):
        segment = Segment(duration, p0, p1, xi)
        segments.append(segment)
        xi = segment.capture(0.0, omega)
    segments.reverse()
    return segments


def plan_shift(stretches: Sequence[tuple[float, Point, Point]], end: Point, start: Point, omega: float) -> list[Segment]:
    """Segments whose capture point begins at ``start`` too: the first stretch, a weight shift, pushes off the other way first.

    Arguments as of :func:`plan_capture`; ``start``, ``end``: capture point before and after it all, m, world.
    """
    whole, _, stance = stretches[0]
    first = PUSH_OFF * whole
    rest = plan_capture([((1 - PUSH_OFF) * whole, start, stance), *stretches[1:]], end, omega)
    wanted = rest[0].capture(0.0, omega)
    grow = math.exp(omega * first)
    push = ((wanted[0] - start[0] * grow) / (1 - grow), (wanted[1] - start[1] * grow) / (1 - grow))
    return [Segment(first, push, push, wanted), *rest]
