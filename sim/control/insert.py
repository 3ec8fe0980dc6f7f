"""Putting a part into a fixture that has little play: down until it touches, searched in a spiral, pushed until it is seated."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.control.one_hand import Seen, looking
from sim.control.palms import UP, Script
from sim.control.pick import LIFT_SPEED, Fingered
from sim.control.skills import DONE, InHand, Work
from sim.devices import Fixture
from sim.recording import RecordedEvent

Array = NDArray[np.float64]

#: The part waits so far over the rim, at first and a little higher on its way there, m; it is let down with this speed, m/s.
OVER, ABOVE, DOWN = 0.015, 0.03, 0.025
#: What tells that the part stands on something, and the push where the step says nothing, N.
TOUCHED, PUSH = 4.0, 15.0
#: Push while searching, N; the spiral's pitch and greatest radius, m; its speed along the way, m/s.
SEARCH_PUSH, PITCH, WIDEST, SEARCH_SPEED = 6.0, 0.0015, 0.008, 0.010
#: A part that has gone so far below where it first stood has found the opening, m; so near to the floor it may be seated, m.
FOUND, NEAR_FLOOR = 0.004, 0.006
#: How fast the hand goes down for a newton too little, m/s, and at most; how fast it yields sideways for a newton, m/s.
GOING, FASTEST, YIELDING = 0.0015, 0.02, 0.0008
#: How long it must not move under the push, s, and by how much, m.
STILL_S, STILL = 0.25, 0.0005
PATIENCE_S = 25.0


class Insert(Fingered):
    """Put the part in one hand into a fixture."""

    def script(self, work: Work) -> Script:
        piece = self.piece(work)
        fixture = work.cell.fixtures.get(self.command.device) if work.cell is not None else None
        if piece is None:
            return "no_such_object"
        if fixture is None or self.command.device_pose is None:
            return "no_such_device"
        arm = next((a for a, h in work.in_hand.items() if h.object_id == piece.id), None)
        if arm is None:
            return "nothing_held"
        held = work.in_hand[arm]
        expected = np.array(self.command.device_pose.position)
        refused = self.prepare(work, expected, arm)
        if refused:
            return refused
        self.mover.trim = np.eye(3)
        seen = Seen(work, fixture.id, expected, self.track)
        yield from seen.run()
        if seen.position is None:
            return "device_not_seen"
        rim, yaw = seen.position, math.atan2(float(seen.turn[1, 0]), float(seen.turn[0, 0]))
        yield from self.see_held(work, held)
        half = piece.size[2] / 2
        heading = self.heading_of_held(held, rim + (half - fixture.depth) * UP, yaw, piece.size, fixture.depth + ABOVE)
        if heading is None:
            return "out_of_reach"
        over = self.goal_of_held(held, rim + (half + ABOVE) * UP, heading)
        rise = float(over.position[2] - self.mover.goal.position[2])
        if rise > 0.005:
            yield from looking(work, rim, self.move(self.lifted(rise), LIFT_SPEED))
        yield from looking(work, rim, self.move(over, min(self.speed, 0.2)))
        yield from looking(work, rim, self.others_rest(self.mover.settle()))
        # From here both are seen from where the work is done, so what camera and localisation have in common cancels.
        again = Seen(work, fixture.id, rim, self.track, 10)
        yield from again.run()
        if again.position is not None:
            rim = again.position
        yield from self.see_held(work, held, 10)
        near = self.goal_of_held(held, rim + (half + OVER) * UP, heading)
        yield from looking(work, rim, self.move(near, 0.10))
        yield from looking(work, rim, self.others_rest(self.mover.settle(0.0015, 1.5)))
        outcome = yield from self._push_in(work, held, fixture, rim, half)
        if outcome:
            self.mover.trim = np.eye(3)
            yield from looking(work, rim, self.move(self.lifted(0.08), LIFT_SPEED))
            return outcome
        yield from self.let_go(work, rim)
        last = Seen(work, piece.id, rim, self.track, 5)
        yield from last.run()
        yield from looking(work, rim, self.move(self.lifted(0.05), LIFT_SPEED))
        self.hands.grippers[self.arm].rest()
        yield from looking(work, rim, self.go_home(work, self.speed))
        seated = last.position is None or abs(float(last.position[2] - half + fixture.depth - rim[2])) < 0.01
        return DONE if seated else "not_inserted"

    def _push_in(self, work: Work, held: InHand, fixture: Fixture, rim: Array, half: float) -> Script:
        """Down, search, push; a reason if it could not be seated."""
        dt = work.loop.dt
        touch = self.hands.touch[self.arm]
        mover, body = self.mover, work.loop.body
        push = self.command.force or PUSH
        level = np.diag([1.0, 1.0, 0.0])
        mover.trim = level
        begun = still_since = work.time
        centre = mover.goal.position.copy()
        stood: float | None = None
        found = False
        angle = 0.0
        deepest = -math.inf
        gone = 0.0
        while work.time - begun < PATIENCE_S:
            work.look = rim
            palm = body.hand_rotation[self.arm]
            low = float((body.hand_position[self.arm] + palm @ held.at)[2]) - half
            depth = float(rim[2]) - low
            force = touch.force
            if work.let_slip(self.arm):
                return "object_lost"
            if stood is None:
                gone += DOWN * dt
                if gone < 0.01:
                    touch.tare()
                elif float(force[2]) > TOUCHED:
                    stood = depth
                    found = depth > fixture.depth / 2
                    params: dict[str, str | float] = {"device": fixture.id, "force": round(float(force[2]), 1)}
                    work.events.append(RecordedEvent(work.time, "event.touch", params))
                self.shift(-DOWN * dt * UP)
                yield
                continue
            if not found and depth > stood + FOUND:
                found = True
                params = {"device": fixture.id, "radius": round(PITCH * angle / (2 * math.pi), 4)}
                work.events.append(RecordedEvent(work.time, "event.opening_found", params))
            if depth > deepest + STILL:
                deepest, still_since = depth, work.time
            wanted = push if found else SEARCH_PUSH
            down = max(-FASTEST, min(FASTEST, GOING * (wanted - float(force[2]))))
            if found:
                mover.trim = np.zeros((3, 3))
                mover.goal.position[:2] += YIELDING * force[:2] * dt
                seated = depth > fixture.depth - NEAR_FLOOR and float(force[2]) > 0.7 * push
                if seated and work.time - still_since > STILL_S:
                    params = {"device": fixture.id, "force": round(float(force[2]), 1), "depth": round(depth, 4)}
                    work.events.append(RecordedEvent(work.time, "event.seated", params))
                    return DONE
            else:
                radius = PITCH * angle / (2 * math.pi)
                if radius > WIDEST:
                    return "not_inserted"
                angle += SEARCH_SPEED * dt / max(radius, 0.5 * PITCH)
                mover.goal.position[:2] = centre[:2] + radius * np.array([math.cos(angle), math.sin(angle)])
            self.shift(-down * dt * UP)
            yield
        return "not_inserted"
