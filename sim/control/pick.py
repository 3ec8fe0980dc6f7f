"""Taking a part between the fingers of one hand, and putting it down again, by contact friction alone."""

from __future__ import annotations

import math
from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from sim.cell import Workpiece
from sim.control.arms import PalmGoal
from sim.control.one_hand import OneHand, Seen, looking
from sim.control.palms import UP, Script, Tick, unit
from sim.control.skills import DONE, InHand, Work
from sim.recording import RecordedEvent
from sim.transforms import wrap_angle

Array = NDArray[np.float64]

#: The open hand waits this far before the part, m.
BEFORE = 0.11
#: The pads take the part so far under its top, or in its middle where it is low, m.
UNDER_TOP = 0.032
#: Fingers slope down by these, rad, the first that reaches; and turn from straight ahead at most so far.
SLOPES = (0.0, 0.3, 0.6, -0.2)
MOST_TURN = 1.0
#: Fingers of a hand turn inwards by this from straight ahead where they may, rad: the forearm comes from the side.
INWARDS = 0.35
#: Room that the open fingers need beside the part, m.
FINGER_ROOM = 0.008
APPROACH, LIFT_SPEED, LOWER_SPEED = 0.12, 0.12, 0.04
LIFT = 0.08
#: Force of each finger where the step says nothing, N; what counts as touching.
GRIP, TOUCHING = 40.0, 4.0
#: Fingers that touch have closed when they rest so long; they are given up on after this, s.
QUIET_S, CLOSING_S = 0.12, 2.5
#: A weight felt that differs by more than this share from the declared one is told, and the least difference, kg.
WEIGHT_SHARE, WEIGHT_LEAST = 0.2, 0.25
#: Let down until the hand feels this, N, at most so far below where the place should be, m.
SET_DOWN, TOO_DEEP = 5.0, 0.012


class Fingered(OneHand):
    """A skill of one hand with fingers."""

    def aim(self, centre: Array, yaw: float, piece: Workpiece, low: float = 0.0) -> PalmGoal | None:
        """A reachable way to take a box or cylinder: the palm's goal, or None. ``low``: how far under the usual place, m."""
        up = max(piece.size[2] / 2 - UNDER_TOP - low, 0.0) if low == 0.0 else piece.size[2] / 2 - UNDER_TOP - low
        point = centre + up * UP
        sign = 1.0 if self.hands.body.arm_sides[self.arm] == "left" else -1.0
        wanted = self.stance.yaw - sign * INWARDS
        if piece.kind == "cylinder":
            headings = [wanted]
        else:
            # Fingers close on the sides that lie across them, which must fit between.
            headings = [yaw + k * math.pi / 2 for k in range(4)]
            headings = [h for k, h in enumerate(headings) if self.fits(piece.size[1 - k % 2])]
        headings = [h for h in headings if abs(wrap_angle(h - wanted)) < MOST_TURN]
        for heading in sorted(headings, key=lambda h: abs(wrap_angle(h - wanted))):
            for slope in SLOPES:
                goal = self.level_goal(point, heading, slope)
                if not self.unreachable(goal):
                    return goal
        return None

    def level_goal(self, point: Array, heading: float, slope: float) -> PalmGoal:
        """The grip at a point, fingers along a heading and sloping down, closing axis level, palm down."""
        c, s = math.cos(heading), math.sin(heading)
        fingers = np.array([math.cos(slope) * c, math.cos(slope) * s, -math.sin(slope)])
        across = np.array([-s, c, 0.0])
        one, other = (self.hands.grip_goal(self.arm, point, fingers, sign * across) for sign in (1.0, -1.0))
        return one if one.normal[2] < other.normal[2] else other

    def unable(self, work: Work, expected: Array, width: float) -> str:
        """Why this hand cannot take something of a width, m, expected at a point (3,); "" if it can."""
        refused = self.prepare(work, expected)
        if refused:
            return refused
        if not self.hands.grippers[self.arm].there:
            return "no_gripper"
        if work.held is not None or self.arm in work.in_hand:
            return "hands_full"
        return "" if self.fits(width) else "too_wide"

    def fits(self, width: float) -> bool:
        """Whether something is narrow enough for the fingers."""
        return width + 2 * FINGER_ROOM <= self.hands.tools[self.arm].gap

    def close_on(self, work: Work, look: Array) -> Generator[None, None, bool]:
        """Close the fingers until they rest and all press; whether they came to."""
        gripper = self.hands.grippers[self.arm]
        gripper.close()
        quiet = 0.0
        for _ in range(int(CLOSING_S / work.loop.dt)):
            work.look = look
            self.track()
            pressed = float(gripper.pressing(work.sensed.torque).min()) > TOUCHING
            quiet = quiet + work.loop.dt if gripper.resting and pressed else 0.0
            if quiet > QUIET_S:
                break
            yield
        return quiet > 0.0

    def grip(self, work: Work, piece: Workpiece, force: float, look: Array) -> Script:
        """Close the fingers until all touch, then press; a reason if they close on nothing."""
        gripper = self.hands.grippers[self.arm]
        touching = yield from self.close_on(work, look)
        width = self.hands.width(self.arm)
        if not touching or width < 0.5 * min(piece.size[0], piece.size[1]):
            return "object_missed"
        gripper.hold(force)
        yield from looking(work, look, self.others_rest(self.mover.wait(0.25)))
        return DONE

    def weigh(self, work: Work, piece: Workpiece, centre: Array) -> Tick:
        """Lift a little, feel the weight, tell the body's model of it."""
        touch = self.hands.touch[self.arm]
        touch.tare()
        self.mover.trim = np.eye(3)
        up = self.lifted(0.02)
        yield from looking(work, centre, self.move(up, LIFT_SPEED))
        yield from looking(work, centre, self.others_rest(self.mover.wait(0.35)))
        felt = max(-float(touch.force[2]) / 9.81, 0.0)
        off = abs(felt - piece.mass)
        params: dict[str, str | float] = {"object": piece.id, "felt": round(felt, 2), "declared": piece.mass}
        work.events.append(RecordedEvent(work.time, "event.weight", params))
        # The feeling is worth a quarter of a kilogram: only what is clearly another weight than declared is believed.
        mass = felt if off > max(WEIGHT_SHARE * piece.mass, WEIGHT_LEAST) else piece.mass
        held = work.in_hand[self.arm]
        for k in range(1, 6):
            held.mass = mass * k / 5
            work.weigh()
            yield from looking(work, centre, self.others_rest(self.mover.wait(0.05)))

    def lifted(self, height: float) -> PalmGoal:
        """The hand's goal, higher."""
        g = self.mover.goal
        return PalmGoal(g.position + height * UP, g.normal.copy(), g.fingers.copy())

    def relate(self, work: Work, centre: Array, turn: Array) -> tuple[Array, Array]:
        """A piece's middle (3,) and rotation (3, 3) in the palm's frame."""
        body = work.loop.body
        palm = body.hand_rotation[self.arm]
        return palm.T @ (centre - body.hand_position[self.arm]), palm.T @ turn

    def see_held(self, work: Work, held: InHand, count: int = 6) -> Tick:
        """Look at what the hand holds, and learn how it lies in the hand."""
        about = self.grip_at
        seen = Seen(work, held.object_id, about, self.track, count)
        yield from seen.run()
        if seen.position is not None:
            held.at, held.turn = self.relate(work, seen.position, seen.turn)
            work.weigh()

    def heading_of_held(
        self, held: InHand, centre: Array, yaw: float, size: tuple[float, float, float], rise: float
    ) -> float | None:
        """The heading that looks like ``yaw`` and takes least turning of those in which the hand reaches ``centre`` (3,).

        Args:
            rise: It must reach so far above too, m.
        """
        turn = self.hands.body.hand_rotation[self.arm] @ held.turn
        now = math.atan2(float(turn[1, 0]), float(turn[0, 0]))
        count = 4 if abs(size[0] - size[1]) < 1e-6 else 2
        alike = [now + wrap_angle(yaw + 2 * math.pi * k / count - now) for k in range(count)]
        for heading in sorted(alike, key=lambda h: abs(h - now)):
            ends = (self.goal_of_held(held, centre + up * UP, heading) for up in (0.0, rise))
            if not any(self.unreachable(goal) for goal in ends):
                return heading
        return None

    def goal_of_held(self, held: InHand, centre: Array, yaw: float) -> PalmGoal:
        """The palm's goal that brings the held piece upright to ``centre`` (3,) and a heading."""
        c, s = math.cos(yaw), math.sin(yaw)
        palm = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]) @ held.turn.T
        u, _, vt = np.linalg.svd(palm)
        palm = u @ vt
        return PalmGoal(centre - palm @ held.at, palm[:, 2].copy(), palm[:, 0].copy())

    def let_go(self, work: Work, look: Array, room: float = BEFORE) -> Tick:
        """Open the fingers and draw the hand back along them."""
        held = work.in_hand.pop(self.arm, None)
        gripper = self.hands.grippers[self.arm]
        gripper.open()
        yield from looking(work, look, self.others_rest(self.mover.wait(0.5)))
        work.weigh()
        if held is None:
            return
        self.mover.trim = np.zeros((3, 3))
        g = self.mover.goal
        back = unit(np.array([g.fingers[0], g.fingers[1], 0.0]))
        away = PalmGoal(g.position - room * back, g.normal.copy(), g.fingers.copy())
        yield from looking(work, look, self.move(away, APPROACH))


class Pick(Fingered):
    """Take a part between the fingers of one hand and lift it."""

    def script(self, work: Work) -> Script:
        piece = self.piece(work)
        if piece is None or self.command.object_pose is None:
            return "no_such_object"
        expected = np.array(self.command.object_pose.position)
        refused = self.unable(work, expected, min(piece.size[0], piece.size[1]))
        if refused:
            return refused
        height = float(expected[2]) + piece.size[2] / 2 + 0.03
        self.hands.grippers[self.arm].open()
        yield from looking(work, expected, self.rise(height, self.ahead, -self.outward))
        seen = Seen(work, piece.id, expected, self.track)
        yield from seen.run()
        if seen.position is None:
            return "object_not_seen"
        centre, yaw = seen.position, math.atan2(float(seen.turn[1, 0]), float(seen.turn[0, 0]))
        goal = self.aim(centre, yaw, piece)
        if goal is None:
            return "out_of_reach"
        back = unit(np.array([goal.fingers[0], goal.fingers[1], 0.0]))
        before = PalmGoal(goal.position - BEFORE * back, goal.normal, goal.fingers)
        yield from looking(work, centre, self.move(before, self.speed))
        yield from looking(work, centre, self.others_rest(self.mover.settle(0.004, 1.5)))
        yield from looking(work, centre, self.move(goal, APPROACH))
        yield from looking(work, centre, self.others_rest(self.mover.settle(0.003, 1.5)))
        force = self.command.force or GRIP
        missed = yield from self.grip(work, piece, force, centre)
        if missed:
            self.hands.grippers[self.arm].open()
            yield from looking(work, centre, self.move(before, APPROACH))
            return missed
        at, turn = self.relate(work, centre, seen.turn)
        work.in_hand[self.arm] = InHand(piece.id, 0.0, force, self.hands.width(self.arm), at, turn)
        yield from self.weigh(work, piece, centre)
        lift = self.command.height or LIFT
        yield from looking(work, centre, self.move(self.lifted(lift - 0.02), LIFT_SPEED))
        again = Seen(work, piece.id, centre + lift * UP, self.track, 5)
        yield from again.run()
        if work.let_slip(self.arm) or (again.position is not None and again.position[2] - centre[2] < 0.5 * lift):
            return "object_slipped"
        if again.position is not None:
            held = work.in_hand[self.arm]
            held.at, held.turn = self.relate(work, again.position, again.turn)
            work.weigh()
        yield from self.bring_in(work)
        self.mover.trim = np.zeros((3, 3))
        return DONE

    def bring_in(self, work: Work) -> Tick:
        """The part near the body and over the edge of what stands ahead."""
        g = self.mover.goal
        height = max(float(g.position[2]), float(work.loop.body.base_pose[2]) + 0.18)
        ready = self.ready(height, g.fingers.copy(), g.normal.copy())
        yield from looking(work, self.grip_at, self.move(ready, 0.2))


class Put(Fingered):
    """Put the part in one hand down at a place, let go, take the hand back."""

    def script(self, work: Work) -> Script:
        piece = self.piece(work)
        place = self.command.object_pose
        if piece is None or place is None:
            return "no_such_object"
        arm = next((a for a, h in work.in_hand.items() if h.object_id == piece.id), None)
        if arm is None:
            return "nothing_held"
        held = work.in_hand[arm]
        refused = self.prepare(work, np.array(place.position), arm)
        if refused:
            return refused
        self.mover.trim = np.eye(3)
        target = np.array(place.position)
        yield from self.see_held(work, held)
        yaw = self.heading_of_held(held, target, place.yaw, piece.size, 0.05)
        if yaw is None:
            return "out_of_reach"
        above = self.goal_of_held(held, target + 0.05 * UP, yaw)
        rise = above.position[2] - self.mover.goal.position[2]
        if rise > 0.005:
            yield from looking(work, target, self.move(self.lifted(rise), LIFT_SPEED))
        yield from looking(work, target, self.move(above, min(self.speed, 0.2)))
        yield from looking(work, target, self.others_rest(self.mover.settle()))
        yield from self.see_held(work, held)
        goal = self.goal_of_held(held, target + 0.02 * UP, yaw)
        yield from looking(work, target, self.move(goal, 0.10))
        yield from looking(work, target, self.others_rest(self.mover.settle(seconds=1.0)))
        yield from self.lower(work, target, 0.02 + TOO_DEEP)
        if work.let_slip(self.arm):
            return "object_lost"
        yield from self.let_go(work, target)
        last = Seen(work, piece.id, target, self.track, 4)
        yield from last.run()
        self.hands.grippers[self.arm].rest()
        yield from looking(work, target, self.go_home(work, self.speed))
        if last.position is not None and float(np.linalg.norm(last.position - target)) > 0.03:
            return "misplaced"
        return DONE

    def lower(self, work: Work, look: Array, most: float) -> Tick:
        """Let the part down until it is felt to stand, at most ``most`` m."""
        dt = work.loop.dt
        touch = self.hands.touch[self.arm]
        self.mover.trim = np.diag([1.0, 1.0, 0.0])
        step = LOWER_SPEED * dt
        gone = 0.0
        while gone < most:
            gone += step
            self.shift(-step * UP)
            work.look = look
            if gone < 0.006:
                touch.tare()
            elif float(touch.force[2]) > SET_DOWN:
                return
            yield
