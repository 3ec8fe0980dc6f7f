"""Walking over stairs and platforms: where the feet stand on each level, one level at a time and slowly.

A flight is crossed along its middle line over ``stops``, where the feet come to stand side by side: before every change of
height both feet stand on the same level, so that only one foot at a time changes it. On level parts the feet alternate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from sim.control.footsteps import LEFT, RIGHT, Progress, side_sign
from sim.robot import GaitProfile
from sim.terrain import Facet, Terrain
from sim.transforms import Pose2, wrap_angle

#: Seconds on one foot and on both: slow enough that the body rises and sinks without the limits of its joints.
SINGLE_S, DOUBLE_S = 0.8, 0.3
#: Room between a toe and the riser before it, and between a heel and the edge behind it, m.
TOE_ROOM, HEEL_ROOM, EDGE_ROOM = 0.03, 0.035, 0.01
#: A step of the ground higher than this is a change of level, m.
LEVEL = 0.025
#: Distance of the stops on level parts, m.
PACE = 0.18
#: A tread with less play than this has one stop, in its middle, m.
SHORT = 0.12
#: Where on a tread that leads up the stop is, as a share of the play.
SHIN_SHARE = 0.25
#: Stops farther apart than this have something between them: the feet stand side by side before it, m.
LONG = 0.22
#: Feet this little apart on one level count as side by side, m.
NEAR = 0.10
POSITION_TOLERANCE, YAW_TOLERANCE = 0.015, 0.04


@dataclass(frozen=True, slots=True)
class Flight:
    """The way over one ground feature: its line (x along it, world) and its level stretches (from, to, height) m along it.

    Where nobody can stand, as on a sill, there is no stretch.
    """

    line: Pose2
    half_width: float
    stretches: tuple[tuple[float, float, float], ...]

    @property
    def start(self) -> float:
        """Where it begins, m along the line: the end of the floor before it."""
        return self.stretches[0][1]

    @property
    def end(self) -> float:
        """Where it ends, m along the line."""
        return self.stretches[-1][0]


@dataclass(frozen=True, slots=True)
class StairSteps:
    """Plans one step at a time over a flight; asked as :class:`sim.control.footsteps.Footsteps` is.

    Args:
        gait: The robot's. line: Along the flight, world.
        stops: (distance along the line, height) of the places where the feet's middle stands, in order, m.
    """

    gait: GaitProfile
    line: Pose2
    stops: tuple[tuple[float, float], ...]

    def step(self, feet: tuple[Pose2, Pose2], swing: int, progress: Progress) -> tuple[Pose2, Progress] | None:
        """The next foothold of the ``swing`` foot, or None where both feet stand at the last stop."""
        at = [self._stop_of(foot) for foot in feet]
        stance, last = at[1 - swing], len(self.stops) - 1
        if at[swing] == stance == last:
            if progress.corrections > 0 or all(not self._off(feet[i], last, i) for i in (LEFT, RIGHT)):
                return None
            progress = replace(progress, corrections=progress.corrections + 1)
        target = stance
        if stance < last:
            (here, low), (there, high) = self.stops[stance], self.stops[stance + 1]
            beside = at[swing] == stance or (high - low < -LEVEL and self._near(at[swing], stance))
            if (abs(high - low) < LEVEL and there - here < LONG) or beside:
                target = stance + 1
        return self._foothold(target, swing), progress

    def first_swing(self, feet: tuple[Pose2, Pose2]) -> int:
        """The foot that starts: the one farther behind."""
        along = [(self.line.inverse() @ foot).x for foot in feet]
        return LEFT if along[LEFT] <= along[RIGHT] else RIGHT

    @property
    def pace(self) -> tuple[float, float]:
        """Seconds of single and double support."""
        return SINGLE_S, DOUBLE_S

    def _stop_of(self, foot: Pose2) -> int:
        along = (self.line.inverse() @ foot).x
        return min(range(len(self.stops)), key=lambda i: abs(self.stops[i][0] - along))

    def _near(self, a: int, b: int) -> bool:
        """Two stops on one level so near to each other that a foot need not go from one to the other before it goes on."""
        (x, low), (y, high) = self.stops[a], self.stops[b]
        return abs(high - low) < LEVEL and abs(y - x) < NEAR

    def _foothold(self, stop: int, side: int) -> Pose2:
        return self.line @ Pose2(self.stops[stop][0], side_sign(side) * self.gait.foot_spacing / 2)

    def _off(self, foot: Pose2, stop: int, side: int) -> bool:
        wanted = self._foothold(stop, side)
        return foot.distance(wanted) > POSITION_TOLERANCE or abs(wrap_angle(foot.yaw - wanted.yaw)) > YAW_TOLERANCE


@dataclass(frozen=True, slots=True)
class Leg:
    """A piece of a walk: from and to (middle of the feet, world), over stairs or, without them, as on any floor."""

    start: Pose2
    goal: Pose2
    stairs: StairSteps | None = None


def legs_to(start: Pose2, goal: Pose2, terrain: Terrain, gait: GaitProfile, sole: float) -> list[Leg]:
    """The pieces of the way to a goal: up to each flight that the straight way meets, over it, and on.

    Args:
        sole: Half length of a sole, m.
    """
    legs: list[Leg] = []
    flights, here = flights_of(terrain), start
    while flights:
        flight = crossing(flights, here, goal)
        if flight is None:
            break
        a, b = flight.line.inverse() @ here, flight.line.inverse() @ goal
        stops = stops_of(flight, a.x, b.x, sole)
        aside = min(max(b.y if abs(a.x - stops[0][0]) < 0.3 else a.y, -0.5 * flight.half_width), 0.5 * flight.half_width)
        line = flight.line @ Pose2(0.0, aside)
        entry, leave = line @ Pose2(stops[0][0], 0.0), line @ Pose2(stops[-1][0], 0.0)
        legs += [Leg(here, entry), Leg(entry, leave, StairSteps(gait, line, stops))]
        flights = tuple(f for f in flights if f.line.distance(flight.line) > 1e-6)
        here = leave
    if not legs or goal.distance(here) > 0.01 or abs(wrap_angle(goal.yaw - here.yaw)) > 0.02:
        legs.append(Leg(here, goal))
    return legs


def flights_of(terrain: Terrain) -> tuple[Flight, ...]:
    """The flights that a plan's map knows: level facets, one behind the other, that change the height or cannot be stood on."""
    rows: dict[str, list[Facet]] = {}
    for facet in terrain.facets:
        if facet.feature.startswith("ground/"):
            rows.setdefault(facet.feature, []).append(facet)
    out = []
    for facets in rows.values():
        line = facets[0].centre @ Pose2(-facets[0].half[0], 0.0)
        places = [line.inverse() @ facet.centre for facet in facets]
        one_row = all(abs(p.y) < 1e-6 and abs(p.yaw) < 1e-6 for p in places)
        sill = any(not f.standable for f in facets)
        if not one_row or any(f.slope != 0.0 for f in facets) or (max(f.height for f in facets) < LEVEL and not sill):
            continue
        ends = [(p.x - f.half[0], p.x + f.half[0], f.height) for p, f in zip(places, facets, strict=True)]
        stands = [end for end, f in zip(ends, facets, strict=True) if f.standable]
        stretches = ((-math.inf, ends[0][0], 0.0), *stands, (ends[-1][1], math.inf, 0.0))
        out.append(Flight(line, facets[0].half[1], stretches))
    return tuple(out)


def crossing(flights: tuple[Flight, ...], start: Pose2, goal: Pose2) -> Flight | None:
    """The first flight that the straight way from ``start`` to ``goal`` meets, turned so that the way leads along it."""
    best, nearest = None, math.inf
    for flight in flights:
        a, b = flight.line.inverse() @ start, flight.line.inverse() @ goal
        forward = b.x > a.x
        low, high = (a, b) if forward else (b, a)
        if low.x >= flight.end - 0.02 or high.x <= flight.start + 0.02:
            continue
        enter = min(max(a.x, flight.start), flight.end)
        share = (enter - a.x) / (b.x - a.x) if b.x != a.x else 0.0
        if abs(a.y + share * (b.y - a.y)) > flight.half_width or abs(enter - a.x) >= nearest:
            continue
        nearest = abs(enter - a.x)
        best = flight if forward else _turned(flight)
    return best


def stops_of(flight: Flight, start: float, goal: float, sole: float) -> tuple[tuple[float, float], ...]:
    """Stops from ``start`` to ``goal`` (m along the flight's line), with soles of half length ``sole`` m.

    The first is before the first change of height that lies between them, the last behind the last one or at the goal.
    """
    out: list[tuple[float, float]] = []
    heights = [z for _, _, z in flight.stretches]
    for i, (low, high, z) in enumerate(flight.stretches):
        if high <= start or low >= goal:
            continue
        before = heights[i - 1] if i > 0 else z
        after = heights[i + 1] if i + 1 < len(heights) else z
        if i > 0 and flight.stretches[i - 1][1] < low - 1e-6:
            before = math.inf
        if i + 1 < len(heights) and flight.stretches[i + 1][0] > high + 1e-6:
            after = math.inf
        first = low + sole + (HEEL_ROOM if before > z else EDGE_ROOM)
        last = high - sole - (TOE_ROOM if after > z else EDGE_ROOM)
        if low <= start:
            first = start if math.isfinite(low) else last
            first = min(first, last)
        if high >= goal:
            last = max(min(last, goal), first) if math.isfinite(high) else first
        if last < first:
            first = last = (first + last) / 2
        count = math.ceil((last - first) / PACE - 0.25)
        if before > z > after and 0.0 < last - first < SHORT:
            # Down a flight the step is as short as the tread allows: its upper foot stands at the edge, its lower one far back.
            out += [(first, z), (last, z)]
            continue
        if before < z < after and 0.0 < last - first < SHORT:
            # Up a flight the shin leans towards the next edge.
            out.append((first + SHIN_SHARE * (last - first), z))
            continue
        if last - first < SHORT:
            out.append(((first + last) / 2 if math.isfinite(low) and math.isfinite(high) else first, z))
            continue
        out += [(first + (last - first) * k / count, z) for k in range(count + 1)]
    return tuple(out)


def _turned(flight: Flight) -> Flight:
    """The same flight walked the other way."""
    line = flight.line @ Pose2(0.0, 0.0, math.pi)
    return Flight(line, flight.half_width, tuple((-b, -a, z) for a, b, z in reversed(flight.stretches)))
