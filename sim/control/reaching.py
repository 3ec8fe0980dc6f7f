"""Plans how the whole body takes a box between its palms: which posture, how the hands are turned, and by which way they come."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.cell import WorkCell
from sim.control.arms import PalmGoal
from sim.control.clearance import SIGHT, Clearance
from sim.control.loop import BodyLoop
from sim.control.palms import between, in_stance, left_of
from sim.control.posture import Feet, Posture, PosturePlanner

Array = NDArray[np.float64]

#: Open palms keep this far from the sides of what they will take, m.
BESIDE = 0.06
#: Wanted distance of everything but the palms from cell and workpiece, m.
CLEAR = 0.012
#: Fingers slope down by these, flattest first for things at the shoulder's height, steepest first far below it.
SLOPES = (-0.3, 0.0, 0.25, 0.6, 1.0)
#: A slope of the arm is followed by the fingers only so far.
FOLLOWED = 0.7
#: How much higher than the middle of the box the palms may take it, as a share of its height.
HIGHER = (0.0, 0.15)
#: Waiting hands: ahead of the feet's middle m, aside m, over the box m, slope of the fingers.
WAITING = (
    (0.06, 0.28, 0.04, 0.0),
    (0.02, 0.30, -0.04, -2.0),
    (-0.04, 0.30, 0.0, 0.3),
    (-0.06, 0.32, 0.04, -1.0),
    (-0.10, 0.32, 0.0, 0.0),
    (-0.10, 0.34, -0.10, -1.0),
)
#: Before they come beside the box, the hands may be as high and as far apart as there, but nearer by this, m.
BEFORE = 0.10


@dataclass(frozen=True, slots=True)
class Take:
    """A planned grasp: postures with palms beside, at and, lifting, over the box; on the way there the hands may wait first.

    ``grip``: middle of the palms (3,) m. slope: of the fingers. clearance: of the posture at the box, m.
    """

    grip: Array
    slope: float
    beside: Posture
    at: Posture
    lifted: Posture
    way: tuple[Posture, ...] = ()
    clearance: float = 0.0


@dataclass(slots=True)
class Reaching:
    """Plans for one robot in one cell, as the plan knows it."""

    loop: BodyLoop
    cell: WorkCell | None
    _planner: PosturePlanner | None = None
    _clearance: Clearance | None = None
    _rest: Posture | None = field(default=None)

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

    @property
    def feet(self) -> Feet:
        """As they stand."""
        walking = self.loop.walking
        position = np.array([[f.x, f.y, z] for f, z in zip(walking.feet, walking.floor, strict=True)])
        return Feet(position, np.array([f.yaw for f in walking.feet]))

    def posture(self, goals: dict[int, PalmGoal], load: float = 0.0, start: Posture | None = None) -> Posture:
        """The posture that brings the palms to ``goals``, arms as they like."""
        return self.planner.solve(self.feet, goals, height=self.loop.base_height, load=load, start=start)

    def standing(self, goals: dict[int, PalmGoal]) -> Posture:
        """The usual upright posture, arms as near to ``goals`` as they get."""
        found = self.planner.solve(self.feet, goals, height=self.loop.base_height, upright=True, rounds=60)
        q = found.q.copy()
        q[self.loop.body.waist] = self.loop.body.home[self.loop.body.waist]
        return Posture(q, found.base, self.loop.gait.com_height, 0.0, found.off, found.balance)

    def now(self) -> Posture:
        """As the body stands, arms where their references are."""
        body, loop = self.loop.body, self.loop
        q = body.q.copy()
        q[body.prescribed] = loop.arms.q[body.prescribed]
        return Posture(q, body.base_pose.copy(), loop.com_height, 0.0, np.zeros(0))

    def take(self, object_id: str, centre: Array, yaw: float, left: Array, width: float, height: float, lift: float, mass: float) -> Take:
        """Plan to take a box.

        Args:
            centre: (3,) m, yaw: rad: where it was seen. left: (3,) unit vector across it to the robot's left.
            width, height: of the box, m. lift: how far it will be lifted, m. mass: kg.
        """
        self.clearance.put({object_id: (centre, yaw)})
        best: tuple[float, Take] | None = None
        for slope in self._slopes(centre):
            for share in HIGHER:
                found = self._take(object_id, centre + np.array([0.0, 0.0, share * height]), left, width, lift, mass, slope)
                poor = 100.0 * float(max(found.at.off.max(), found.lifted.off.max(), found.beside.off.max()))
                poor += 50.0 * max(CLEAR - found.clearance, 0.0)
                if best is None or poor < best[0] - 1e-6:
                    best = (poor, found)
                if found.at.reaches and found.lifted.reaches and found.beside.reaches and found.clearance >= CLEAR:
                    return self._with_way(object_id, found, centre, left)
        assert best is not None
        return self._with_way(object_id, best[1], centre, left)

    def _slopes(self, centre: Array) -> list[float]:
        """Slopes of the fingers, likely ones first: as the line from the shoulders to the box goes."""
        body = self.loop.body
        shoulders = np.mean([body.data.xanchor[body.model.dof_jntid[body.dofs[index[0]]]] for index in body.arms], axis=0)
        drop = float(shoulders[2] - centre[2])
        away = max(float(np.hypot(*(centre - shoulders)[:2])), 0.1)
        wanted = FOLLOWED * math.atan2(drop, away)
        return sorted(SLOPES, key=lambda s: abs(math.atan(s) - wanted))

    def _take(self, object_id: str, grip: Array, left: Array, width: float, lift: float, mass: float, slope: float) -> Take:
        at = self.posture(between(grip, left, width / 2, slope))
        beside = self.posture(between(grip, left, width / 2 + BESIDE, slope), start=at)
        up = grip + np.array([0.0, 0.0, lift])
        lifted = self.posture(between(up, left, width / 2, slope), load=mass, start=at)
        clear = min(self.clearance.of(at, object_id), self.clearance.of(beside, object_id))
        return Take(grip, slope, beside, at, lifted, (), clear)

    def _with_way(self, object_id: str, found: Take, centre: Array, left: Array) -> Take:
        """With the way of the hands from where they are: straight if nothing is in it, else by a place to wait at."""
        way = self.way(self.now(), found.beside, centre, left)
        return Take(found.grip, found.slope, found.beside, found.at, found.lifted, way, found.clearance)

    def waiting(self, height: float, place: tuple[float, float, float, float]) -> Posture | None:
        """Upright with the hands at a waiting place for a box at ``height`` m; None if they do not get near it."""
        ahead, aside, over, slope = place
        stance = self.loop.middle
        goals = between(in_stance(stance, ahead, 0.0, height + over), left_of(stance), aside, slope)
        found = self.standing(goals)
        return found if found.off.max() < 0.1 else None

    def way(self, start: Posture, end: Posture, centre: Array, left: Array) -> tuple[Posture, ...]:
        """Postures to pass from ``start`` to ``end`` so that nothing is touched; empty if the straight way is clear."""
        clear = self.clearance.between(start, end)
        if clear >= CLEAR:
            return ()
        before = self._before(end, left)
        final = self.clearance.between(before, end)
        best: tuple[float, tuple[Posture, ...]] = (clear, ())
        for place in (None, *WAITING):
            waiting = None if place is None else self.waiting(float(centre[2]), place)
            if place is not None and waiting is None:
                continue
            first = start if waiting is None else waiting
            reached = SIGHT if waiting is None else self.clearance.between(start, waiting)
            if reached <= best[0]:
                continue
            stops = () if waiting is None else (waiting,)
            for way, rest in (
                (stops, self.clearance.between(first, end)),
                ((*stops, before), min(self.clearance.between(first, before), final)),
            ):
                clear = min(reached, rest)
                if clear > best[0]:
                    best = (clear, way)
                if clear >= CLEAR:
                    return way
        return best[1]

    def _before(self, end: Posture, left: Array) -> Posture:
        """A posture with the hands nearer than at ``end``, as high and as far apart."""
        body = self.loop.body
        ahead = np.cross(left, np.array([0.0, 0.0, 1.0]))
        goals = {}
        for arm in range(len(body.hands)):
            position, rotation = self.planner.palm(end, arm)
            goals[arm] = PalmGoal(position - BEFORE * ahead, rotation[:, 2], rotation[:, 0])
        return self.posture(goals, start=end)
