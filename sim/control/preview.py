"""The capture point some steps ahead: which feet will carry when, and where on their soles the pressure will be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sim.control.footsteps import Progress, middle
from sim.control.pattern import Point, Segment, plan_capture, plan_shift
from sim.transforms import Pose2

#: Steps that are planned ahead.
STEPS = 3
#: Seconds of a step down and, usually, of the double support after it, in which the upper foot presses this share of its half length
#: ahead of its middle: its heel is lifting.
DOWN_SINGLE_S, DOWN_DOUBLE_S, DOWN_TOES = 1.1, 0.4, 0.85

Step = tuple[Pose2, Progress] | None
Feet = tuple[Pose2, Pose2]


@dataclass(frozen=True, slots=True)
class Preview:
    """Plans the capture point over the next steps.

    Args:
        single, double, settle: Seconds on one foot, on both between two steps, and of coming to rest.
        omega: Of the pendulum, 1/s.
        sole: Half length of a sole, m.
        follow: The step after, given the feet, the one that swings, and the progress; None at the end.
        down: Whether a foothold is a step down from where a foot stands.
    """

    single: float
    double: float
    settle: float
    omega: float
    sole: float
    follow: Callable[[Feet, int, Progress], Step]
    down: Callable[[Pose2, Pose2], bool]

    def coming_to_rest(self, last: Point | None, feet: Feet) -> list[Segment]:
        """From the pressure as it was ``last`` to rest between the feet."""
        end = point(middle(*feet))
        return plan_capture(self._settling(end if last is None else last, end), end, self.omega)

    def steps(
        self, feet: Feet, swing: int, first: Step, *, shift: float = 0.0, double: float = 0.0, from_above: bool = False
    ) -> list[Segment]:
        """From now on, the ``swing`` foot's next foothold being ``first``.

        Args:
            shift, double: Seconds of the first weight shift or of the double support that this begins with; else a single support.
            from_above: The swing foot stands a step higher than the other.
        """
        end = point(middle(*feet))
        standing, new = end, point(feet[1 - swing])
        stretches: list[tuple[float, Point, Point]] = []
        if shift > 0.0:
            stretches.append((shift, standing, new))
        elif double > 0.0:
            stretches.append((double, self._leaving(feet[swing], from_above), new))
        found, now = first, list(feet)
        for count in range(STEPS):
            if found is None:
                break
            foothold, progress = found
            down = self.down(foothold, now[1 - swing])
            on = point(now[1 - swing])
            stretches.append((DOWN_SINGLE_S if down else self.single, on, on))
            now[swing] = foothold
            swing = 1 - swing
            if count + 1 < STEPS:
                found = self.follow((now[0], now[1]), swing, progress)
            old, new = self._leaving(now[swing], down), point(now[1 - swing])
            if found is None:
                end = point(middle(now[0], now[1]))
                stretches += self._settling(old, end)
            else:
                stretches.append((DOWN_DOUBLE_S if down else self.double, old, new))
                end = new
        if shift > 0.0:
            return plan_shift(stretches, end, standing, self.omega)
        return plan_capture(stretches, end, self.omega)

    def _leaving(self, foot: Pose2, from_above: bool) -> Point:
        return point(foot @ Pose2(DOWN_TOES * self.sole, 0.0)) if from_above else point(foot)

    def _settling(self, old: Point, end: Point) -> list[tuple[float, Point, Point]]:
        return [(0.6 * self.settle, old, end), (0.4 * self.settle, end, end)]


def point(foot: Pose2) -> Point:
    """Where a foot, or the middle of two, is, m."""
    return (foot.x, foot.y)
