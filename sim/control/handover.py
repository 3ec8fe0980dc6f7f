"""Giving a part from one hand to the other, before the chest: both hold it before the first lets go."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.control.arms import PalmGoal
from sim.control.one_hand import Seen, looking
from sim.control.palms import Script, in_stance, unit
from sim.control.pick import BEFORE, GRIP, LIFT_SPEED, Fingered
from sim.control.skills import DONE, InHand, Work

Array = NDArray[np.float64]

#: Where the hands meet: ahead of the feet, over the base, m.
MEET_AHEAD, MEET_UP = 0.40, 0.30
#: Fingers of both hands point so far inwards, rad; those of the taking hand slope down by the first of these that it reaches.
INWARDS, SLOPES = math.pi / 4, (0.0, 0.2)
#: The taking hand grips so far below the giving one, m.
BELOW = 0.062


class Giver(Fingered):
    """The hand that gives: moved by the step of the hand that takes."""

    def script(self, work: Work) -> Script:
        yield
        return DONE


class Handover(Fingered):
    """Give the part in one hand to the other."""

    def script(self, work: Work) -> Script:
        piece = self.piece(work)
        if piece is None:
            return "no_such_object"
        arm = next((a for a, h in work.in_hand.items() if h.object_id == piece.id), None)
        if arm is None:
            return "nothing_held"
        if len(work.loop.body.hands) < 2:
            return "no_hands"
        taker = 1 - arm
        if self.command.hand and self.command.hand != work.loop.body.arm_sides[taker]:
            return "hands_full"
        here = np.zeros(3)
        giver = Giver(self.command)
        refused = self.prepare(work, here, taker) or giver.prepare(work, here, arm)
        if refused:
            return refused
        if not self.hands.grippers[taker].there:
            return "no_gripper"
        held = work.in_hand[arm]
        # The giver turns the part so that the faces that are free look to the other side.
        sign = 1.0 if work.loop.body.arm_sides[arm] == "left" else -1.0
        # Not lower than the part is now: there it is clear of what stands ahead.
        height = max(float(work.loop.body.base_pose[2]) + MEET_UP, float(giver.grip_at[2]))
        point = in_stance(self.stance, MEET_AHEAD, 0.0, height)
        heading = self.stance.yaw - sign * INWARDS
        given = giver.level_goal(point, heading, 0.0)
        rise = float(given.position[2] - giver.mover.goal.position[2])
        giver.mover.trim = np.eye(3)
        if rise > 0.01:
            yield from looking(work, point, giver.move(giver.lifted(rise), LIFT_SPEED))
        yield from looking(work, point, giver.move(given, min(self.speed, 0.2)))
        yield from looking(work, point, giver.others_rest(giver.mover.settle()))
        self.partner, giver.partner = giver, self
        gripper = self.hands.grippers[taker]
        gripper.open()
        height = float(point[2]) - BELOW
        yield from looking(work, point, self.rise(height, self.ahead, -self.outward))
        seen = Seen(work, piece.id, point, self.track)
        yield from seen.run()
        if seen.position is not None:
            held.at, held.turn = giver.relate(work, seen.position, seen.turn)
        turn = self.hands.body.hand_rotation[arm] @ held.turn
        centre = self.hands.body.hand_position[arm] + self.hands.body.hand_rotation[arm] @ held.at
        goals = (self._beside(centre, giver.grip_at, turn, sign, slope) for slope in SLOPES)
        goal = next((g for g in goals if not self.unreachable(g)), None)
        if goal is None:
            return "out_of_reach"
        back = unit(np.array([goal.fingers[0], goal.fingers[1], 0.0]))
        before = PalmGoal(goal.position - BEFORE * back, goal.normal, goal.fingers)
        yield from looking(work, point, self.move(before, self.speed))
        yield from looking(work, point, self.others_rest(self.mover.settle(0.004, 1.5)))
        yield from looking(work, point, self.move(goal, 0.12))
        yield from looking(work, point, self.others_rest(self.mover.settle(0.003, 1.5)))
        # While both hold it, one of them must yield: neither is trimmed.
        self.mover.trim = giver.mover.trim = np.zeros((3, 3))
        force = self.command.force or GRIP
        missed = yield from self.grip(work, piece, force, centre)
        if missed:
            return missed
        at, relative = self.relate(work, centre, turn)
        work.in_hand[taker] = InHand(piece.id, 0.0, force, self.hands.width(taker), at, relative)
        mass = held.mass
        for k in range(1, 6):
            work.in_hand[taker].mass, held.mass = mass * k / 5, mass * (5 - k) / 5
            work.weigh()
            yield from looking(work, centre, self.others_rest(self.mover.wait(0.06)))
        self.mover.trim = np.eye(3)
        yield from looking(work, centre, giver.let_go(work, centre))
        self.hands.grippers[arm].rest()
        if work.let_slip(taker):
            return "object_slipped"
        yield from looking(work, centre, giver.go_home(work, self.speed))
        yield from self.see_held(work, work.in_hand[taker])
        self.mover.trim = np.zeros((3, 3))
        return DONE if not work.let_slip(taker) else "object_slipped"

    def _beside(self, centre: Array, above: Array, turn: Array, sign: float, slope: float) -> PalmGoal:
        """The taking palm's goal: below the other grip, on the faces that it leaves free."""
        wanted = self.stance.yaw + sign * INWARDS
        yaw = math.atan2(float(turn[1, 0]), float(turn[0, 0]))
        heading = yaw + round((wanted - yaw) / (math.pi / 2)) * math.pi / 2
        axis = turn[:, 2] if turn[2, 2] >= 0.0 else -turn[:, 2]
        along = float((above - centre) @ axis) - BELOW
        return self.level_goal(centre + along * axis, heading, slope)
