"""Where the feet go: greedy from the measured stance foot towards a goal, within the limits of a step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

from sim.robot import GaitProfile
from sim.terrain import FLAT, Terrain
from sim.transforms import Pose2, wrap_angle

LEFT, RIGHT = 0, 1
POSITION_TOLERANCE = 0.005
YAW_TOLERANCE = 0.015
#: Closer than this the feet go to the goal sideways and backwards as well, instead of turning to it first.
NEAR = 0.35
MAX_CORRECTIONS = 2
#: Footholds are looked for in steps of this, and keep this far from edges, m.
SHIFT, ROOM = 0.01, 0.015
#: Who follows a line looks at the point this far along it, m.
CARROT = 0.30
#: Halting, each step is shorter than the last by this share of the longest; one shorter than this is none, m.
HALT_SHARE, HALT_SHORTEST = 0.5, 0.03
#: A walk slower than the fastest by this share of it has single supports longer by this share.
SPARE, SLOWER = 0.25, 0.18


def side_sign(side: int) -> float:
    """+1 for the left foot, -1 for the right: the direction of y from the middle of the feet."""
    return 1.0 if side == LEFT else -1.0


def middle(left: Pose2, right: Pose2) -> Pose2:
    """The pose between the feet."""
    turn = wrap_angle(right.yaw - left.yaw)
    return Pose2((left.x + right.x) / 2, (left.y + right.y) / 2, wrap_angle(left.yaw + turn / 2))


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A pose to pass or reach. ``strafe``: hold its heading and go there forwards, sideways or backwards.

    ``path``: the corners of a line (m, world) that is followed forwards to it.
    """

    pose: Pose2
    strafe: bool = False
    path: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the walk along the route has come; a value, so that a preview does not disturb the walk."""

    index: int = 0
    length: float = 0.0
    corrections: int = 0


class FootstepPlan(Protocol):
    """What the gait asks: the next foothold of a foot, which foot begins, and how quickly to step."""

    def step(self, feet: tuple[Pose2, Pose2], swing: int, progress: Progress) -> tuple[Pose2, Progress] | None: ...
    def first_swing(self, feet: tuple[Pose2, Pose2]) -> int: ...
    @property
    def pace(self) -> tuple[float, float]: ...


@dataclass(frozen=True, slots=True)
class Footsteps:
    """Plans one step at a time.

    Args:
        gait: Limits of a step.
        route: Waypoints; the last is the goal.
        speed: Wanted walking speed m/s; 0 takes the profile's.
        terrain: The plan's map: a sole is put down where all of it lies on one plane.
        sole: Half lengths of a sole, m.
    """

    gait: GaitProfile
    route: Sequence[Waypoint]
    speed: float = 0.0
    terrain: Terrain = FLAT
    sole: tuple[float, float] = (0.1, 0.05)

    def step(self, feet: tuple[Pose2, Pose2], swing: int, progress: Progress) -> tuple[Pose2, Progress] | None:
        """The next foothold of the ``swing`` foot (0 left, 1 right), or None where both feet stand at the goal.

        Args:
            feet: Measured poses of left and right sole, world.
        """
        half = self.gait.foot_spacing / 2
        goal = self.route[-1].pose
        stance = feet[1 - swing]
        here = stance @ Pose2(0.0, side_sign(swing) * half, 0.0)
        at_last = progress.index >= len(self.route) - 1
        if at_last:
            errors = [goal @ Pose2(0.0, side_sign(i) * half, 0.0) for i in (LEFT, RIGHT)]
            off = [self._far(f, e) for f, e in zip(feet, errors, strict=True)]
            if not off[LEFT] and not off[RIGHT]:
                return None
            if not self._far(stance, errors[1 - swing], 4.0) and not self._far(feet[swing], errors[swing], 4.0):
                if progress.corrections >= MAX_CORRECTIONS:
                    return None
                progress = replace(progress, corrections=progress.corrections + 1)
        while progress.index < len(self.route) - 1 and self._passed(here, self.route[progress.index]):
            progress = replace(progress, index=progress.index + 1)
        way = self.route[progress.index]
        if way.path:
            left, carrot = along(way.path, here.x, here.y, CARROT)
            dx, dy, dyaw = self._ahead(here.inverse() @ carrot, left, progress)
        else:
            dx, dy, dyaw = self._advance(here.inverse() @ way.pose, way.strafe, progress, swing)
        foothold = here @ Pose2(dx, dy, dyaw) @ Pose2(0.0, side_sign(swing) * half, 0.0)
        foothold = self._held(foothold, stance)
        return foothold, replace(progress, length=math.hypot(dx, dy))

    @property
    def pace(self) -> tuple[float, float]:
        """Seconds of single and double support: who walks slower than he could takes his time on each foot."""
        g = self.gait
        spare = 1.0 - (self.speed or g.max_speed) / g.max_speed
        return g.single_support_s * (1.0 + SLOWER * _clip(spare / SPARE, 0.0, 1.0)), g.double_support_s

    def first_swing(self, feet: tuple[Pose2, Pose2]) -> int:
        """The foot that starts: the one on the side that the way leads to."""
        rel = middle(*feet).inverse() @ self.route[0].pose
        if abs(rel.x) < 0.02 and abs(rel.y) < 0.02:
            return LEFT if rel.yaw > 0 else RIGHT
        if self.route[0].strafe or math.hypot(rel.x, rel.y) < NEAR:
            return LEFT if rel.y + 0.1 * rel.yaw > 0 else RIGHT
        return LEFT if rel.y > 0 else RIGHT

    def _held(self, foothold: Pose2, stance: Pose2) -> Pose2:
        """The foothold, moved along its heading to the nearest place that carries the whole sole; as it is if there is none."""
        if self.terrain.flat or self.terrain.holds(foothold, self._roomy):
            return foothold
        reach = 1.5 * self.gait.step_forward
        for k in range(1, round(reach / SHIFT)):
            for shift in (k * SHIFT, -k * SHIFT):
                moved = foothold @ Pose2(shift, 0.0)
                if abs((stance.inverse() @ moved).x) <= reach and self.terrain.holds(moved, self._roomy):
                    return moved
        return foothold

    @property
    def _roomy(self) -> tuple[float, float]:
        return self.sole[0] + ROOM, self.sole[1] + ROOM

    def _far(self, a: Pose2, b: Pose2, factor: float = 1.0) -> bool:
        return a.distance(b) > POSITION_TOLERANCE * factor or abs(wrap_angle(a.yaw - b.yaw)) > YAW_TOLERANCE * factor

    def _passed(self, here: Pose2, way: Waypoint) -> bool:
        if way.path:
            return along(way.path, here.x, here.y, 0.0)[0] < 0.05
        near = here.distance(way.pose) < 0.06
        return near and (not way.strafe or abs(wrap_angle(here.yaw - way.pose.yaw)) < 0.08)

    def _advance(self, rel: Pose2, strafe: bool, progress: Progress, swing: int) -> tuple[float, float, float]:
        """Displacement (x, y, yaw) of the body's middle in this step, in its own frame."""
        g = self.gait
        distance = math.hypot(rel.x, rel.y)
        reach = self._reach(distance, progress)
        if strafe or distance < NEAR:
            dyaw = _clip(rel.yaw, -g.step_yaw, g.step_yaw)
            # Displacement is along the present heading: turn no faster than the way is walked off.
            dx = _clip(rel.x, -min(g.step_backward, reach), reach)
            dy = self._sideways(rel.y, swing)
            return dx, dy, dyaw
        return self._ahead(rel, distance, progress)

    def _ahead(self, rel: Pose2, distance: float, progress: Progress) -> tuple[float, float, float]:
        """Forwards towards a point, ``distance`` m being left to where the feet will stop; where it is too far aside, turn first."""
        bearing = math.atan2(rel.y, rel.x)
        dyaw = _clip(bearing, -self.gait.step_yaw, self.gait.step_yaw)
        if abs(bearing) > 0.45:
            return 0.0, 0.0, dyaw
        return min(self._reach(distance, progress), max(rel.x, 0.0)) * (1.0 - abs(bearing)), 0.0, dyaw

    def _reach(self, distance: float, progress: Progress) -> float:
        """Longest step, m, on the way to a stop ``distance`` m ahead: faster and slower by no more than the ramp a step."""
        g = self.gait
        period = sum(self.pace)
        wanted = min((self.speed or g.max_speed) * period, g.step_forward)
        ramp = 0.1 * period
        # Slow down so that each following step may be shorter by no more than twice the ramp.
        down = 2.0 * ramp
        braking = math.sqrt(2 * down * distance + (down / 2) ** 2) - down / 2
        return min(wanted, progress.length + ramp * 1.5, max(braking, 0.03))

    def _sideways(self, y: float, swing: int) -> float:
        """Outwards the whole limit; inwards only so far that the feet stay apart."""
        outward = self.gait.step_sideways
        inward = min(outward, 0.25 * self.gait.foot_spacing)
        return _clip(y, -inward, outward) if swing == LEFT else _clip(y, -outward, inward)


@dataclass(frozen=True, slots=True)
class Halt:
    """Comes to stand as soon as steps may become shorter: ahead or back, as the feet have been going, until they are side by side.

    Args:
        gait: Limits of a step. pace: Seconds of single and double support, of the walk that ends.
    """

    gait: GaitProfile
    pace: tuple[float, float]

    def step(self, feet: tuple[Pose2, Pose2], swing: int, progress: Progress) -> tuple[Pose2, Progress] | None:
        """The next foothold of the ``swing`` foot, or None where the feet are side by side."""
        stance = feet[1 - swing]
        beside = stance @ Pose2(0.0, side_sign(swing) * self.gait.foot_spacing, 0.0)
        # In a steady walk the foot that is about to swing is behind the other by the length of a step.
        last = -(beside.inverse() @ feet[swing]).x
        length = max(abs(last) - HALT_SHARE * self.gait.step_forward, 0.0)
        if length < HALT_SHORTEST:
            if feet[swing].distance(beside) < HALT_SHORTEST:
                return None
            return beside, replace(progress, length=0.0)
        return beside @ Pose2(math.copysign(length, last), 0.0), replace(progress, length=length)

    def first_swing(self, feet: tuple[Pose2, Pose2]) -> int:
        """The foot that is behind."""
        return LEFT if (feet[1].inverse() @ feet[0]).x < 0.0 else RIGHT


def along(path: Sequence[tuple[float, float]], x: float, y: float, ahead: float) -> tuple[float, Pose2]:
    """Of the point of a line nearest to (x, y): the length left to the line's end, m, and the point ``ahead`` m farther along it."""
    lengths = [math.dist(a, b) for a, b in pairwise(path)]
    best, at = math.inf, 0.0
    done = 0.0
    for (ax, ay), (bx, by), length in zip(path, path[1:], lengths, strict=False):
        t = _clip(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / max(length * length, 1e-12), 0.0, 1.0)
        away = math.hypot(ax + t * (bx - ax) - x, ay + t * (by - ay) - y)
        if away < best - 1e-9:
            best, at = away, done + t * length
        done += length
    total, wanted = done, at + ahead
    done = 0.0
    for (ax, ay), (bx, by), length in zip(path, path[1:], lengths, strict=False):
        if wanted <= done + length or (bx, by) == path[-1]:
            # Beyond the end the line goes on straight, so that its follower comes off it straight.
            t = (wanted - done) / max(length, 1e-9)
            return total - at, Pose2(ax + t * (bx - ax), ay + t * (by - ay))
        done += length
    return 0.0, Pose2(*path[-1])


def within_reach(
    point: tuple[float, float], stance: Pose2, swing: int, along: tuple[float, float], aside: tuple[float, float]
) -> tuple[float, float]:
    """The landing point of the ``swing`` foot, m, bounded ``along`` and ``aside`` (away from the stance foot) of the ``stance``."""
    rel = stance.inverse() @ Pose2(point[0], point[1], 0.0)
    sign = side_sign(swing)
    moved = stance @ Pose2(_clip(rel.x, *along), sign * _clip(sign * rel.y, *aside))
    return moved.x, moved.y


def _clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
