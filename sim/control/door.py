"""Opening a door by its bar handle: gripped with the fingers, drawn along the arc that the hinge leaves, yielding across it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.control.arms import PalmGoal
from sim.control.one_hand import Seen, looking
from sim.control.palms import UP, Script, in_stance, unit
from sim.control.pick import BEFORE, GRIP, Fingered
from sim.control.rest import rest_goals
from sim.control.skills import DONE, Work
from sim.devices import Door
from sim.recording import RecordedEvent
from sim.transforms import wrap_angle

Array = NDArray[np.float64]

#: How fast the handle is drawn, m/s, and what it may take, N, for how long, s.
DRAW, HARDEST, STUCK_S = 0.12, 60.0, 0.4
#: The hand yields across the arc for a newton by so much, m/s; the goal runs ahead of the handle by at most so much, m.
YIELDING, AHEAD = 0.0012, 0.06
#: The hand turns with the leaf by this share of its angle: the bar turns between the fingers.
TURN_SHARE = 0.3
#: The opened hand is drawn off the bar by this, then aside of where it would meet leaf and bar: so far from the middle, ahead, m.
OFF, ASIDE, BESIDE = 0.09, 0.40, 0.02
#: The fingers hold the bar with this, N each: it must be able to turn.
HOLD = 25.0
#: Fingers closed to less than this share of the bar have lost it. An opening short by this is not done, rad.
LOST_SHARE, SHORT = 0.6, math.radians(8.0)


class OpenDoor(Fingered):
    """Open a door by an angle."""

    def script(self, work: Work) -> Script:
        door = work.cell.doors.get(self.command.device) if work.cell is not None else None
        if door is None or self.command.device_pose is None:
            return "no_such_device"
        expected = np.array(self.command.device_pose.position)
        refused = self.unable(work, expected, 2 * door.handle_radius)
        if refused:
            return refused
        self.hands.grippers[self.arm].open()
        yield from looking(work, expected, self.rise(float(expected[2]), self.ahead, -self.outward))
        seen = Seen(work, door.id, expected, self.track)
        yield from seen.run()
        if seen.position is None:
            return "device_not_seen"
        handle, out = seen.position, unit(seen.turn[:, 0] * np.array([1.0, 1.0, 0.0]))
        heading = math.atan2(-out[1], -out[0])
        goal = self.level_goal(handle, heading, 0.0)
        before = PalmGoal(goal.position + BEFORE * out, goal.normal, goal.fingers)
        if self.unreachable(goal):
            return "out_of_reach"
        yield from looking(work, handle, self.move(before, self.speed))
        yield from looking(work, handle, self.others_rest(self.mover.settle(0.004, 1.5)))
        yield from looking(work, handle, self.move(goal, 0.10))
        yield from looking(work, handle, self.others_rest(self.mover.settle(0.004, 1.5)))
        missed = yield from self._take(work, door, handle)
        if missed:
            return missed
        outcome = yield from self._draw(work, door, handle, out, heading)
        yield from self._leave(work, handle)
        return outcome

    def _take(self, work: Work, door: Door, handle: Array) -> Script:
        """Close the fingers on the bar."""
        touching = yield from self.close_on(work, handle)
        if not touching or self._lost(door):
            return "device_missed"
        self.hands.grippers[self.arm].hold(min(HOLD, GRIP))
        work.events.append(RecordedEvent(work.time, "event.handle", {"device": door.id}))
        yield from looking(work, handle, self.others_rest(self.mover.wait(0.2)))
        return DONE

    def _lost(self, door: Door) -> bool:
        return self.hands.width(self.arm) < LOST_SHARE * 2 * door.handle_radius

    def _draw(self, work: Work, door: Door, handle: Array, out: Array, heading: float) -> Script:
        """Along the arc to the wanted angle; a reason if it does not go."""
        dt, mover = work.loop.dt, self.mover
        touch = self.hands.touch[self.arm]
        touch.tare()
        along = door.sign * np.array([-out[1], out[0], 0.0])
        reach = door.thickness / 2 + door.handle_gap
        hinge = handle - reach * out - door.handle_at * along
        first = self._angle(handle - hinge, out, along)
        wanted = self.command.value
        mover.trim = np.zeros((3, 3))
        peak = strained = opened = 0.0
        arm_length = math.hypot(reach, door.handle_at)
        patience = work.time + 8.0 + 3.0 * wanted * arm_length / DRAW
        while opened < wanted:
            if work.time > patience:
                return "door_stuck"
            radial = self.grip_at - hinge
            radial[2] = 0.0
            radial = unit(radial)
            opened = self._angle(radial, out, along) - first
            work.look = hinge + arm_length * radial
            work.look[2] = handle[2]
            if self._lost(door):
                return "handle_lost"
            force = touch.force
            size = float(np.hypot(force[0], force[1]))
            peak = max(peak, size)
            strained = strained + dt if size > HARDEST else 0.0
            if strained > STUCK_S:
                return "door_stuck"
            # The goal goes on from where the handle is: along the arc, and across it as the hinge presses.
            turn = -door.sign * (opened + first)
            c, s = math.cos(turn), math.sin(turn)
            tangent = c * out[:2] + s * np.array([-out[1], out[0]])
            tangent = unit(np.array([tangent[0], tangent[1], 0.0]))
            lead = float((mover.goal.position - work.loop.body.hand_position[self.arm]) @ tangent)
            step = DRAW * dt * tangent if lead < AHEAD else np.zeros(3)
            step = step + YIELDING * dt * float(force @ radial) * radial
            now = mover.goal.position + step
            level = self.level_goal(handle, heading - door.sign * TURN_SHARE * max(opened, 0.0), 0.0)
            # The grip stays where it is while the hand turns about the bar.
            point = now + self._offset(mover.goal)
            mover.goal.position = point - self._offset(level)
            mover.goal.fingers, mover.goal.normal = level.fingers, level.normal
            self.track()
            yield
        params: dict[str, str | float] = {"device": door.id, "angle": round(math.degrees(opened), 1), "force": round(peak, 1)}
        work.events.append(RecordedEvent(work.time, "event.opened", params))
        yield from self.others_rest(mover.wait(0.3))
        seen = Seen(work, door.id, self.grip_at, self.track, 4)
        yield from seen.run()
        if seen.position is not None:
            now_out = math.atan2(float(seen.turn[1, 0]), float(seen.turn[0, 0]))
            turned = -door.sign * wrap_angle(now_out - math.atan2(float(out[1]), float(out[0])))
            if turned < wanted - SHORT:
                return "handle_lost"
        return DONE

    def _out(self, goal: PalmGoal) -> float:
        """How far a palm's goal is to the side of the hand, m."""
        return float((goal.position - in_stance(self.stance, 0.0, 0.0, 0.0)) @ self.outward)

    def _offset(self, goal: PalmGoal) -> Array:
        """From the palm to the grip, world, when the palm is as in ``goal``."""
        turn = np.column_stack([goal.fingers, np.cross(goal.normal, goal.fingers), goal.normal])
        return np.asarray(turn @ self.hands.tools[self.arm].grip)

    @staticmethod
    def _angle(radial: Array, out: Array, along: Array) -> float:
        """Angle of a direction (3,) from the hinge, from the shut leaf towards the outside, rad."""
        return math.atan2(float(radial @ out), float(radial @ along))

    def _leave(self, work: Work, handle: Array) -> Script:
        """Let the bar go and take the hand back along the fingers."""
        gripper = self.hands.grippers[self.arm]
        self.mover.trim = np.zeros((3, 3))
        gripper.open()
        look = self.grip_at
        yield from looking(work, look, self.others_rest(self.mover.wait(0.5)))
        g = self.mover.goal
        self.mover.offset = np.zeros(3)
        back = PalmGoal(g.position - OFF * unit(g.fingers * np.array([1.0, 1.0, 0.0])), g.normal.copy(), g.fingers.copy())
        yield from looking(work, look, self.move(back, 0.12))
        gripper.rest()
        # The robot may have taken a step to keep its balance.
        self.stance = work.loop.middle
        middle = in_stance(self.stance, BESIDE, 0.0, float(back.position[2]) - 0.1)
        aside = PalmGoal(middle + max(ASIDE, self._out(back)) * self.outward, g.normal.copy(), g.fingers.copy())
        yield from looking(work, handle - 0.2 * UP, self.move(aside, self.speed))
        yield from looking(work, handle - 0.2 * UP, self.move(rest_goals(work.loop, self.stance)[self.arm], self.speed))
        return DONE
