"""The way of the feet's middle among obstacles: short ways as the footsteps would take them, else a search; each walked in thought.

A way is accepted when the footsteps that follow it keep the outline off everything: what is checked is what will be walked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.control.footsteps import Footsteps, Progress, Waypoint, middle
from sim.control.lattice import FORWARD, GRID, HEADINGS, STEPS, TURN, heading_of, search
from sim.control.outline import MARGIN, FloorPlan, Outline, fits, gap
from sim.control.route import plan_route
from sim.robot import GaitProfile
from sim.transforms import Pose2, wrap_angle

Array = NDArray[np.float64]

MOST_STEPS = 400
#: Up to here one rather steps sideways or backwards than turns twice, if that is quicker, m.
STRAFE = 1.2
#: A place of work may be entered and left straight over this distance where the outline does not fit, m.
DOCKING = 1.2
#: And this far beside its line, m, and turned, rad.
DOCKING_OFF, DOCKING_TURN = 0.06, 0.2
#: The search looks this far beyond start and goal, m; then farther.
BEYOND = (2.0, 6.0)
#: Points of a way that are checked are no farther apart, m and rad.
CHECK, CHECK_TURN = 0.05, 0.15


class NoWay(Exception):
    """There is no way; ``place`` is where the search came nearest to the goal, or the place that is itself blocked."""

    def __init__(self, place: Pose2) -> None:
        super().__init__(f"no way; as far as x {place.x:.2f} m, y {place.y:.2f} m")
        self.place = place


@dataclass(frozen=True, slots=True)
class Room:
    """The floor plan and the robot's outlines with arms held in and hanging, ready for many questions."""

    floor: FloorPlan
    tight: Outline
    wide: Outline

    @staticmethod
    def of(floor: FloorPlan, tight: Outline, wide: Outline | None = None) -> Room:
        """``wide`` None: the arms cannot be held in any more, as with a load."""
        return Room(floor, tight, wide or tight)

    def fits(self, pose: Pose2, *, wide: bool = False, margin: float = MARGIN) -> bool:
        """Whether the robot may stand at a pose."""
        outline = self.wide if wide else self.tight
        return bool(fits(self.floor.array, outline.points, outline.radius, margin, pose.x, pose.y, pose.yaw))


@dataclass(frozen=True, slots=True)
class _Checker:
    """As :class:`Room`, with the arrays made once."""

    obstacles: Array
    areas: Array
    tight: Array
    wide: Array
    radius: float

    @staticmethod
    def of(room: Room) -> _Checker:
        areas = FloorPlan(room.floor.areas).array
        tight, wide = room.tight.points, room.wide.points
        return _Checker(room.floor.array, areas, tight, wide, room.tight.radius)

    def fits(self, p: Pose2) -> bool:
        return bool(fits(self.obstacles, self.tight, self.radius, MARGIN, p.x, p.y, p.yaw))

    def among_people(self, p: Pose2) -> bool:
        return bool(gap(self.areas, p.x, p.y, 0.0) <= 0.0)


def find_way(start: Pose2, goal: Pose2, room: Room, gait: GaitProfile, speed: float, loaded: bool) -> tuple[Waypoint, ...]:
    """Waypoints from ``start`` to ``goal`` (middle of the feet, world).

    Raises:
        NoWay: where there is none.
    """
    check = _Checker.of(room)
    found = []
    rel = start.inverse() @ goal
    sweep = room.tight.radius + MARGIN
    candidates = [plan_route(start, goal, room.floor.obstacles, loaded, radius) for radius in (0.0, sweep)]
    if math.hypot(rel.x, rel.y) < STRAFE and abs(rel.yaw) < 0.6:
        candidates.append((Waypoint(goal, True),))
    for way in candidates:
        poses = walked(start, way, gait, speed)
        if poses and _free(check, poses, start, goal):
            found.append((len(poses), way))
    if found:
        return min(found, key=lambda f: f[0])[1]
    return _searched(start, goal, check, gait, speed)


def walked(start: Pose2, way: Sequence[Waypoint], gait: GaitProfile, speed: float) -> list[Pose2]:
    """Middles of the feet after every step along a way; empty if it never ends."""
    plan = Footsteps(gait, way, speed)
    half = gait.foot_spacing / 2
    feet = [start @ Pose2(0.0, half, 0.0), start @ Pose2(0.0, -half, 0.0)]
    swing, progress = plan.first_swing((feet[0], feet[1])), Progress()
    out = [start]
    while len(out) < MOST_STEPS:
        found = plan.step((feet[0], feet[1]), swing, progress)
        if found is None:
            return out
        feet[swing], progress = found
        swing = 1 - swing
        out.append(middle(feet[0], feet[1]))
    return []


def _free(check: _Checker, poses: Sequence[Pose2], start: Pose2, goal: Pose2) -> bool:
    ends = [end for end in (start, goal) if not check.fits(end)]
    quiet = check.among_people(start) or check.among_people(goal)
    for pose in _between(poses):
        if check.among_people(pose) and not quiet:
            return False
        if not check.fits(pose) and not any(_docking(end, pose) for end in ends):
            return False
    return True


def _between(poses: Sequence[Pose2]) -> Iterator[Pose2]:
    """The poses and those between them."""
    yield poses[0]
    for a, b in pairwise(poses):
        turn = wrap_angle(b.yaw - a.yaw)
        count = max(math.ceil(a.distance(b) / CHECK), math.ceil(abs(turn) / CHECK_TURN), 1)
        for k in range(1, count + 1):
            s = k / count
            yield Pose2(a.x + s * (b.x - a.x), a.y + s * (b.y - a.y), wrap_angle(a.yaw + s * turn))


def _docking(end: Pose2, pose: Pose2) -> bool:
    """On the straight way into or out of a place of work."""
    rel = end.inverse() @ pose
    return -DOCKING < rel.x < DOCKING_OFF and abs(rel.y) < DOCKING_OFF and abs(rel.yaw) < DOCKING_TURN


def _backed(check: _Checker, pose: Pose2) -> Pose2 | None:
    """The nearest pose straight behind where the outline fits; itself if it does; None if there is none."""
    for k in range(round(DOCKING / GRID)):
        moved = pose @ Pose2(-GRID * k, 0.0, 0.0)
        if check.fits(moved):
            return moved
    return None


# --- search -------------------------------------------------------------------------------------------------------------


def _searched(start: Pose2, goal: Pose2, check: _Checker, gait: GaitProfile, speed: float) -> tuple[Waypoint, ...]:
    away, before = _backed(check, start), _backed(check, goal)
    if away is None or before is None:
        raise NoWay(start if away is None else goal)
    lead = [Waypoint(away, True)] if away.distance(start) > 0.02 else []
    tail = [Waypoint(before, True)] if before.distance(goal) > 0.02 else []
    nearest = away
    for beyond in BEYOND:
        poses, moves, nearest = _lattice(away, before, check, gait, speed, beyond)
        if poses:
            break
    else:
        raise NoWay(nearest)
    for stop in (False, True):
        way = (*lead, *_smoothed(check, [away, *poses[1:-1], before], moves, stop), *tail, Waypoint(goal, True))
        trace = walked(start, way, gait, speed)
        if trace and _free(check, trace, start, goal):
            return way
    return way


def _lattice(
    start: Pose2, goal: Pose2, check: _Checker, gait: GaitProfile, speed: float, beyond: float
) -> tuple[list[Pose2], list[int], Pose2]:
    """Poses and moves of the search's way; without one, none and the pose that came nearest."""
    low = np.floor((np.array([min(start.x, goal.x), min(start.y, goal.y)]) - beyond) / GRID) * GRID
    high = np.array([max(start.x, goal.x), max(start.y, goal.y)]) + beyond
    shape = (int((high[0] - low[0]) / GRID) + 1, int((high[1] - low[1]) / GRID) + 1)
    period = gait.single_support_s + gait.double_support_s
    walk = min(speed or gait.max_speed, gait.max_speed)
    speeds = np.array(
        [walk, min(0.6 * gait.step_sideways / period, walk), min(gait.step_backward / period, walk), gait.step_yaw / period]
    )
    ends = (_node(start, low, check), _node(goal, low, check))
    states, moves = search(
        check.obstacles, check.areas, check.tight, check.wide, MARGIN, low, shape, *ends, STEPS, HEADINGS, speeds, GRID
    )
    if not len(states):
        i, j, h = (int(v) for v in moves)
        return [], [], Pose2(float(low[0]) + GRID * i, float(low[1]) + GRID * j, float(HEADINGS[h]))
    poses = [Pose2(float(low[0]) + GRID * int(i), float(low[1]) + GRID * int(j), float(HEADINGS[h])) for i, j, h in states]
    return poses, [int(m) for m in moves], goal


def _node(pose: Pose2, low: Array, check: _Checker) -> tuple[int, int, int]:
    """The node of the search nearest to a pose at which the outline fits, else the nearest."""
    i, j, h = round((pose.x - low[0]) / GRID), round((pose.y - low[1]) / GRID), heading_of(pose.yaw)
    for dh in (0, 1, -1):
        for di, dj in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)):
            k = (h + dh) % len(HEADINGS)
            if check.fits(Pose2(float(low[0]) + GRID * (i + di), float(low[1]) + GRID * (j + dj), float(HEADINGS[k]))):
                return int(i + di), int(j + dj), k
    return int(i), int(j), h


def _smoothed(check: _Checker, poses: Sequence[Pose2], moves: Sequence[int], stop: bool) -> list[Waypoint]:
    """Waypoints of a search's way: its forward stretches straightened to polylines, sideways and backward ones as they are.

    ``stop``: stand still at the corners and turn there, instead of cutting them a little.
    """
    out: list[Waypoint] = []
    first = 0
    while first < len(poses) - 1:
        ahead = moves[first + 1] in (FORWARD, TURN)
        last = first + 1
        while last < len(poses) - 1 and (moves[last + 1] in (FORWARD, TURN) if ahead else moves[last + 1] == moves[first + 1]):
            last += 1
        if ahead:
            out += _straightened(check, poses[first : last + 1], stop)
        else:
            out.append(Waypoint(poses[last], True))
        first = last
    return out


def _straightened(check: _Checker, poses: Sequence[Pose2], stop: bool) -> list[Waypoint]:
    corners = [poses[0]]
    at, heading = 0, poses[0].yaw
    while at < len(poses) - 1:
        for to in range(len(poses) - 1, at, -1):
            if poses[at].distance(poses[to]) < 1e-6:
                continue
            bearing = math.atan2(poses[to].y - poses[at].y, poses[to].x - poses[at].x)
            if to == at + 1 or _passable(
                check, poses[at], poses[to], heading, bearing, poses[-1].yaw if to == len(poses) - 1 else None
            ):
                break
        else:
            break
        heading = math.atan2(poses[to].y - poses[at].y, poses[to].x - poses[at].x)
        corners.append(Pose2(poses[to].x, poses[to].y, heading))
        at = to
    end = poses[-1]
    if len(corners) == 1:
        return [Waypoint(end, True)]
    if not stop:
        path = tuple((c.x, c.y) for c in corners)
        return [
            Waypoint(Pose2(corners[0].x, corners[0].y, corners[1].yaw), True),
            Waypoint(corners[-1], False, path),
            Waypoint(end, True),
        ]
    out = []
    for a, b in pairwise(corners):
        out += [Waypoint(Pose2(a.x, a.y, b.yaw), True), Waypoint(b, False, ((a.x, a.y), (b.x, b.y)))]
    return [*out, Waypoint(end, True)]


def _passable(check: _Checker, a: Pose2, b: Pose2, before: float, bearing: float, after: float | None) -> bool:
    """Whether one may turn at ``a``, go straight to ``b`` and, if ``after`` is given, turn to it there."""
    ways = [[Pose2(a.x, a.y, before), Pose2(a.x, a.y, bearing), Pose2(b.x, b.y, bearing)]]
    if after is not None:
        ways[0].append(Pose2(b.x, b.y, after))
    return all(check.fits(p) and not check.among_people(p) for p in _between(ways[0]))
