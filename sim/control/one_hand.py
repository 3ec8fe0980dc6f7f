"""What skills of a single hand share: which hand, moving it with the other at rest, seeing what it goes to, feeling what it touches."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.control.arms import PalmGoal
from sim.control.grasp import SEEN_WITHIN_S, HandSkill, looking
from sim.control.hand_mover import HandMover
from sim.control.hands import Hands
from sim.control.loop import BodyLoop
from sim.control.palms import UP, Script, Tick, in_stance, left_of, unit
from sim.control.rest import rest_goals
from sim.control.skills import Work
from sim.transforms import Pose2, matrix_from_quaternion

Array = NDArray[np.float64]

#: Where a hand waits before it reaches out: ahead of the feet, and beside their middle, m.
READY_AHEAD, READY_OUT = 0.24, 0.29
#: It rises to that height nearer to the trunk, with what stands before the robot ahead of its fingers, m.
RISE_AHEAD = 0.08
REACH_ERROR, TURN_ERROR = 0.01, 0.15
#: Sightings that make a measurement, and the fewest that will do.
SIGHTINGS, FEWEST = 8, 4


class OneHand(HandSkill):
    """A skill of one hand; the other stays as it is."""

    arm = 0
    mover: HandMover
    loop: BodyLoop
    hands: Hands
    stance: Pose2
    #: Another hand that a step moves at the same time.
    partner: OneHand | None = None

    def prepare(self, work: Work, target: Array, arm: int | None = None) -> str:
        """Choose the hand (``arm`` where it is known) and take stock; a reason if it cannot be done."""
        assert work.hands is not None
        self.hands = work.hands
        self.stance = work.loop.middle
        sides = work.loop.body.arm_sides
        if not sides:
            return "no_hands"
        side = self.command.hand if arm is None else sides[arm]
        if side not in sides:
            local = self.stance.inverse() @ Pose2(float(target[0]), float(target[1]), 0.0)
            side = "left" if local.y >= 0.0 else "right"
            side = side if side in sides else sides[0]
        self.arm = sides.index(side)
        self.loop = work.loop
        self.mover = HandMover(work.loop, self.arm)
        return ""

    @property
    def outward(self) -> Array:
        """(3,) unit vector from the robot's middle to the side of the hand, world."""
        sign = 1.0 if self.hands.body.arm_sides[self.arm] == "left" else -1.0
        return sign * left_of(self.stance)

    @property
    def ahead(self) -> Array:
        """(3,) unit vector straight ahead, world."""
        return np.array([np.cos(self.stance.yaw), np.sin(self.stance.yaw), 0.0])

    def ready(self, height: float, fingers: Array, normal: Array) -> PalmGoal:
        """A place beside the trunk at a height over the world's floor, from which the hand reaches out."""
        return PalmGoal(in_stance(self.stance, READY_AHEAD, 0.0, height) + READY_OUT * self.outward, normal, fingers)

    def move(self, goal: PalmGoal, speed: float, shortest: float = 0.3) -> Tick:
        """Move the hand."""
        return self.others_rest(self.mover.move(goal, speed, shortest))

    def others_rest(self, ticks: Tick) -> Tick:
        """Run ticks with the other arms at rest where they are."""
        for _ in ticks:
            self.rest_others()
            yield

    def rest_others(self) -> None:
        """The other arms come to rest where they are."""
        for arm, index in enumerate(self.loop.body.arms):
            if self.partner is not None and arm == self.partner.arm:
                self.partner.mover.track()
            elif arm != self.arm:
                self.loop.arms.hold(index)

    def track(self) -> None:
        """One tick towards the hand's goal."""
        self.mover.track()
        self.rest_others()

    def rise(self, height: float, fingers: Array, normal: Array) -> Tick:
        """Lift the hand beside the trunk to a height, then bring it to its ready place."""
        first = self.ready(height, fingers, normal)
        first.position = first.position - (READY_AHEAD - RISE_AHEAD) * self.ahead
        yield from self.move(first, self.speed)
        yield from self.move(self.ready(height, fingers, normal), self.speed)

    def go_home(self, work: Work, speed: float) -> Tick:
        """Bring the hand back beside the hip, by way of its ready place."""
        goal = self.mover.goal
        self.mover.trim = np.zeros((3, 3))
        ready = self.ready(float(goal.position[2]), goal.fingers.copy(), goal.normal.copy())
        yield from self.move(ready, speed)
        back = self.ready(float(goal.position[2]), goal.fingers.copy(), goal.normal.copy())
        back.position = back.position - (READY_AHEAD - RISE_AHEAD) * self.ahead
        yield from self.move(back, speed)
        yield from self.move(rest_goals(work.loop, self.stance)[self.arm], speed)

    def unreachable(self, goal: PalmGoal) -> bool:
        """Whether the hand cannot get there."""
        off, turned = self.mover.solve(goal)
        return off > REACH_ERROR or turned > TURN_ERROR

    @property
    def felt(self) -> Array:
        """(3,) force on the hand since it was tared, N, world."""
        return self.hands.touch[self.arm].force

    @property
    def grip_at(self) -> Array:
        """(3,) middle between the finger pads, world, measured."""
        return self.hands.point(self.arm, self.hands.tools[self.arm].grip)

    @property
    def tip_at(self) -> Array:
        """(3,) middle of the fingertips, world, measured."""
        return self.hands.point(self.arm, self.hands.tools[self.arm].tip)

    def shift(self, offset: Array) -> None:
        """Displace the hand's goal by ``offset`` (3,) m and track it for this tick."""
        self.mover.goal.position += offset
        self.track()


class Seen:
    """Looks at ``around`` (3,) until fresh sightings of something have come; then ``position`` (3,) and ``turn`` (3, 3) hold their mean."""

    def __init__(self, work: Work, name: str, around: Array, track: Callable[[], None], count: int = SIGHTINGS) -> None:
        self.position: Array | None = None
        self.turn: Array = np.eye(3)
        self._work, self._name, self._around, self._track, self._count = work, name, around, track, count

    def run(self) -> Tick:
        """Ticks until done."""
        work = self._work
        begun = last = work.time
        positions: list[Array] = []
        turns: list[Array] = []
        while len(positions) < self._count and work.time - begun < SEEN_WITHIN_S:
            work.look = self._around
            found = work.sighting(self._name, last + 1e-6)
            if found is not None:
                last = found.time
                positions.append(found.pose[:3])
                turns.append(matrix_from_quaternion(found.pose[3:]))
            self._track()
            yield
        if len(positions) >= min(self._count, FEWEST):
            self.position = np.mean(positions, axis=0)
            u, _, vt = np.linalg.svd(np.mean(turns, axis=0))
            self.turn = u @ vt


__all__ = ["UP", "OneHand", "Script", "Seen", "looking", "unit"]
