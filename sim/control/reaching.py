"""Plans how the whole body takes a box between its palms: which posture, how the hands are turned, and by which way they come."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.cell import WorkCell
from sim.control.arms import PalmGoal
from sim.control.clearance import SIGHT, Clearance
from sim.control.loop import BodyLoop
from sim.control.palms import UP, between, in_stance, left_of
from sim.control.posture import Feet, Posture, PosturePlanner
from sim.control.thinking import Thought, at_once

Array = NDArray[np.float64]

#: Open palms keep this far from the sides of what they will take, m.
BESIDE = 0.06
#: Wanted distance of everything but the palms from cell and workpiece, m.
CLEAR = 0.012
#: The same at the box itself, where the forearms lie along it, m.
CLOSE = 0.004
#: Fingers slope down by these, flattest first for things at the shoulder's height, steepest first far below it.
SLOPES = (-0.3, 0.0, 0.25, 0.6, 1.0)
#: A slope of the arm is followed by the fingers only so far.
FOLLOWED = 0.5
#: Wanted room of the arms' joints to the ends of their ranges, rad.
ROOM = 0.10
#: How much higher than the middle of the box the palms may take it, as a share of its height.
HIGHER = (0.0, 0.15)
#: The palms take it so far on the robot's side of its middle, m: forearms do not reach along it.
NEARER = 0.025
#: Waiting hands: ahead of the feet's middle m, aside m, over the box m, slope of the fingers.
WAITING = (
    (0.08, 0.28, 0.04, 0.0),
    (0.08, 0.28, 0.04, -2.0),
    (0.04, 0.30, -0.02, -1.0),
    (0.00, 0.28, 0.0, -2.0),
    (0.00, 0.34, 0.06, -1.0),
    (-0.06, 0.32, 0.0, 0.0),
    (-0.06, 0.36, -0.06, -2.0),
)
#: Hands with folded arms: ahead, aside, below the shoulders, m.
FOLDED = (0.04, 0.30, 0.10)
#: A stop on the way counts as much as so many radians.
STOP = 0.5
#: A carried load is so much further ahead than next to the trunk where arms fold too little for that, m.
FURTHER = (0.0, 0.05, 0.10, 0.15)
#: So lame may arms be that carry: rad short of their room, tenths of m short of the place.
LAME = 0.02
#: Before they come beside the box, the hands may be as high and as far apart as there, but nearer by this, m.
BEFORE = 0.10


@dataclass(frozen=True, slots=True)
class Box:
    """A workpiece as seen: centre (3,) m and heading rad; across the robot: unit vector (3,) to its left, width, height m; kg."""

    id: str
    centre: Array
    yaw: float
    left: Array
    width: float
    height: float
    mass: float


@dataclass(frozen=True, slots=True)
class Take:
    """A planned grasp: postures with palms beside, at and, lifting, over the box; on the way there the hands may wait first.

    ``grip``: middle of the palms (3,) m. slope: of the fingers. carried: how it is held to walk. clearance: at the box, m.
    ``further``: how much further ahead than wanted it is carried, m.
    """

    grip: Array
    slope: float
    beside: Posture
    at: Posture
    lifted: Posture
    carried: Posture
    way: tuple[Posture, ...] = ()
    clearance: float = 0.0
    further: float = 0.0

    @property
    def fine(self) -> bool:
        """It reaches, nothing is near that should not be, and the arms have room."""
        postures = (self.at, self.beside, self.lifted)
        return all(p.reaches and p.room >= ROOM for p in postures) and self.clearance >= CLOSE


@dataclass(slots=True)
class Reaching:
    """Plans for one robot in one cell, as the plan knows it: thoughts, a slice of them for a tick. ``rest``: (n,) posture of free arms."""

    loop: BodyLoop
    cell: WorkCell | None
    rest: Array
    _planner: PosturePlanner | None = None
    _clearance: Clearance | None = None

    @property
    def planner(self) -> PosturePlanner:
        """Kinematics of the robot with what it holds."""
        if self._planner is None:
            self._planner = PosturePlanner(self.loop.body, self.loop.arms.elbows)
        return self._planner

    @property
    def clearance(self) -> Clearance:
        """The robot's shapes against the cell's."""
        if self._clearance is None:
            self._clearance = Clearance(self.loop.robot, self.cell)
        return self._clearance

    def prepare(self) -> None:
        """Make now what the first thought would have to wait for."""
        self.clearance.of(self.now())
        at_once(self.planner.solving(self.feet, {}, height=self.loop.base_height, rounds=1))

    @property
    def feet(self) -> Feet:
        """As they stand."""
        walking = self.loop.walking
        position = np.array([[f.x, f.y, z] for f, z in zip(walking.feet, walking.floor, strict=True)])
        return Feet(position, np.array([f.yaw for f in walking.feet]))

    def posture(self, goals: dict[int, PalmGoal], load: float = 0.0, start: Posture | None = None) -> Thought[Posture]:
        """The posture that brings the palms to ``goals``, arms as they like."""
        return self.planner.solving(self.feet, goals, height=self.loop.base_height, load=load, start=start)

    def standing(self, goals: dict[int, PalmGoal], load: float = 0.0, loosely: bool = False) -> Thought[Posture]:
        """Upright, the base as high as one walks, arms as near to ``goals`` as they get."""
        loop = self.loop
        found = yield from self.planner.solving(
            self.feet, goals, height=loop.base_height, load=load, upright=True, loosely=loosely, rounds=60
        )
        q = found.q.copy()
        q[loop.body.waist] = loop.body.home[loop.body.waist]
        return replace(found, q=q, lean=0.0)

    def resting(self) -> Thought[Posture]:
        """Upright, arms hanging."""
        loop = self.loop
        q = self.rest.copy()
        found = yield from self.planner.solving(self.feet, {}, height=loop.base_height, comfort=q, upright=True, rounds=60)
        legs = loop.body.driven
        q[legs] = found.q[legs]
        return Posture(q, found.base, loop.gait.com_height, 0.0, np.zeros(0))

    def now(self) -> Posture:
        """As the body stands, arms where their references are."""
        body, loop = self.loop.body, self.loop
        q = body.q.copy()
        q[body.prescribed] = loop.arms.q[body.prescribed]
        return Posture(q, body.base_pose.copy(), loop.com_height, 0.0, np.zeros(0))

    def take(self, box: Box, lift: float, chest: Array) -> Thought[Take]:
        """Plan to take a box, lift it by ``lift`` m and carry it with the palms around ``chest`` (3,) m, world, or further ahead."""
        self.clearance.put({box.id: (box.centre, box.yaw)})
        best: tuple[float, Take] | None = None
        slopes = self._slopes(box.centre)
        further, carries = yield from self._carries(box, chest, slopes)
        for slope in slopes:
            carried = carries.get(slope) or (yield from self._carried(box, chest, slope, further))
            lame = _lameness(carried)
            if best is not None and lame > best[0]:
                continue
            for share in HIGHER:
                least = math.inf if best is None else best[0]
                found = yield from self._take(box, lift, carried, slope, share, least)
                if found is None:
                    continue
                found = replace(found, further=further)
                postures = (found.at, found.beside, found.lifted)
                poor = 100.0 * max(float(p.off.max()) for p in postures if not p.reaches or p is found.at)
                poor += lame + 50.0 * max(CLOSE - found.clearance, 0.0) + sum(max(ROOM - p.room, 0.0) for p in postures)
                if best is None or poor < best[0]:
                    best = (poor, found)
                if found.fine and lame < LAME:
                    return (yield from self._with_way(found, box))
        assert best is not None
        return (yield from self._with_way(best[1], box))

    def _carries(self, box: Box, chest: Array, slopes: list[float]) -> Thought[tuple[float, dict[float, Posture]]]:
        """How far ahead of the ``chest`` (3,) arms carry a box in comfort, as near as can be, m; and postures found there by slope."""
        best: tuple[float, float, dict[float, Posture]] | None = None
        for further in FURTHER:
            found: dict[float, Posture] = {}
            for slope in slopes:
                found[slope] = yield from self._carried(box, chest, slope, further)
                if _lameness(found[slope]) < LAME:
                    return further, found
            least = min(_lameness(p) for p in found.values())
            if best is None or least < best[0]:
                best = (least, further, found)
        assert best is not None
        return best[1], best[2]

    def _carried(self, box: Box, chest: Array, slope: float, further: float) -> Thought[Posture]:
        across = left_of(self.loop.middle)
        place = chest + further * np.cross(across, UP)
        return (yield from self.standing(between(place, across, box.width / 2, slope), load=box.mass))

    def _slopes(self, centre: Array) -> list[float]:
        """Slopes of the fingers, likely ones first: as the line from the shoulders to the box goes."""
        shoulders = self._shoulders()
        drop = float(shoulders[2] - centre[2])
        away = max(float(np.hypot(*(centre - shoulders)[:2])), 0.1)
        wanted = FOLLOWED * math.atan2(drop, away)
        return sorted(SLOPES, key=lambda s: abs(math.atan(s) - wanted))

    def _shoulders(self) -> Array:
        """Middle (3,) of the shoulders as the body stands, world."""
        return np.asarray(self.loop.body.shoulders().mean(axis=0))

    def _take(self, box: Box, lift: float, carried: Posture, slope: float, share: float, best: float) -> Thought[Take | None]:
        """A grasp with these fingers, at this share of the box's height; None if it is poorer than ``best`` already at the box."""
        ahead = np.cross(box.left, UP)
        grip = box.centre + share * box.height * UP - NEARER * ahead
        half = box.width / 2
        at = yield from self.posture(between(grip, box.left, half, slope))
        clear = self.clearance.of(at, box.id)
        poor = 100.0 * float(at.off.max()) + _lameness(carried) + 50.0 * max(CLOSE - clear, 0.0) + max(ROOM - at.room, 0.0)
        if poor >= best and not (at.reaches and at.room >= ROOM and clear >= CLOSE):
            return None
        beside = yield from self.posture(between(grip, box.left, half + BESIDE, slope), start=at)
        lifted = yield from self.posture(between(grip + lift * UP, box.left, half, slope), load=box.mass, start=at)
        clear = min(clear, self.clearance.of(beside, box.id))
        return Take(grip, slope, beside, at, lifted, carried, (), clear)

    def _with_way(self, found: Take, box: Box) -> Thought[Take]:
        """With the way of the hands from where they are."""
        way = yield from self.way(self.now(), found.beside, float(box.centre[2]), box.left)
        return replace(found, way=way)

    def away(self, open_: Posture, height: float, left: Array) -> Thought[tuple[Posture, ...]]:
        """Postures to pass from open hands beside a box to hanging arms, which is the last of them."""
        rest = yield from self.resting()
        way = yield from self.way(rest, open_, height, left)
        return (*reversed(way), rest)

    def waiting(self, height: float, place: tuple[float, float, float, float]) -> Thought[Posture | None]:
        """Upright with the hands at a waiting place for a box at ``height`` m; None if they do not get near it."""
        ahead, aside, over, slope = place
        stance = self.loop.middle
        goals = between(in_stance(stance, ahead, 0.0, height + over), left_of(stance), aside, slope)
        found = yield from self.standing(goals, loosely=True)
        return found if found.off.max() < 0.1 else None

    def way(self, start: Posture, end: Posture, height: float, left: Array) -> Thought[tuple[Posture, ...]]:
        """Postures to pass from free hands at ``start`` to hands beside a box at ``height`` m so that nothing is touched.

        Empty if the straight way is clear; the best that was found if none is.
        """
        clear = yield from self.clearance.between(start, end)
        if clear >= CLEAR:
            return ()
        before = yield from self._before(end, left)
        final = yield from self.clearance.between(before, end)
        best: tuple[float, tuple[Posture, ...]] = (clear, ())
        folded = yield from self.waiting(float(self._shoulders()[2]) - FOLDED[2], (FOLDED[0], FOLDED[1], 0.0, -1.0))
        found: list[tuple[float, tuple[Posture, ...]]] = []
        for place in (None, *WAITING):
            waiting = None if place is None else (yield from self.waiting(height, place))
            if place is not None and waiting is None:
                continue
            stops: tuple[Posture, ...] = () if waiting is None else (waiting,)
            reached = SIGHT if waiting is None else (yield from self.clearance.between(start, waiting))
            if waiting is not None and reached < CLEAR and folded is not None:
                to_folded = yield from self.clearance.between(start, folded)
                unfolded = min(to_folded, (yield from self.clearance.between(folded, waiting)))
                if unfolded > reached:
                    stops, reached = (folded, waiting), unfolded
            if reached <= min(best[0], CLEAR):
                continue
            first = stops[-1] if stops else start
            straight = yield from self.clearance.between(first, end)
            nearer = yield from self.clearance.between(first, before)
            for way, rest in ((stops, straight), ((*stops, before), min(nearer, final))):
                clear = min(reached, rest)
                best = max(best, (clear, way), key=lambda b: b[0])
                if clear >= CLEAR:
                    found.append((self._length((start, *way, end)), way))
        return min(found, key=lambda f: f[0])[1] if found else best[1]

    def _length(self, way: tuple[Posture, ...]) -> float:
        """How far the arms turn on a way, rad, and a little for every stop."""
        arms = np.concatenate(self.loop.body.arms)
        return sum(float(np.abs(b.q[arms] - a.q[arms]).max()) + STOP for a, b in pairwise(way))

    def _before(self, end: Posture, left: Array) -> Thought[Posture]:
        """A posture with the hands nearer than at ``end``, as high and as far apart."""
        body = self.loop.body
        ahead = np.cross(left, UP)
        goals = {}
        for arm in range(len(body.hands)):
            position, rotation = self.planner.palm(end, arm)
            goals[arm] = PalmGoal(position - BEFORE * ahead, rotation[:, 2], rotation[:, 0])
        return (yield from self.posture(goals, start=end))


def _lameness(carried: Posture) -> float:
    """How uncomfortable it is to carry so: see :data:`LAME`."""
    return 10.0 * float(carried.off.max()) + max(ROOM - carried.room, 0.0)
