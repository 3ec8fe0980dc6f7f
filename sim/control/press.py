"""Pressing a button with the closed fingertips until force, travel or the cell's own input says that it is pressed."""

from __future__ import annotations

import numpy as np

from sim.control.one_hand import OneHand, Seen, looking
from sim.control.palms import UP, Script, unit
from sim.control.skills import DONE, Work
from sim.devices import Button
from sim.recording import RecordedEvent

#: The hand waits this far before the button, and searches this far behind where it should be, m.
BEFORE, BEHIND = 0.05, 0.03
#: How fast it goes on before and while it touches, m/s.
APPROACH, PUSHING = 0.04, 0.02
#: What counts as a touch, and the hardest push where the step says nothing, N.
TOUCHED, HARDEST = 3.0, 20.0
#: Where the cell tells nothing: a cap pushed this much harder than its spring is at the switching point has passed it, N, if it has
#: moved by this share of the way there: one that is stuck has not.
BEYOND, TRAVELLED = 3.0, 0.5
#: A pushed button is kept for so long, s.
KEEP_S = 0.15


class Press(OneHand):
    """Press a button."""

    def script(self, work: Work) -> Script:
        button = work.cell.buttons.get(self.command.device) if work.cell is not None else None
        if button is None or self.command.device_pose is None:
            return "no_such_device"
        expected = np.array(self.command.device_pose.position)
        refused = self.prepare(work, expected)
        if refused:
            return refused
        if self.arm in work.in_hand or work.held is not None:
            return "hands_full"
        self.hands.grippers[self.arm].close()
        fingers = self.ahead
        yield from looking(work, expected, self.move(self.ready(float(expected[2]), fingers, -self.outward), self.speed))
        seen = Seen(work, button.id, expected, self.track)
        yield from seen.run()
        if seen.position is None:
            return "device_not_seen"
        middle, out = seen.position, unit(seen.turn[:, 0])
        normal = unit(-self.outward + (self.outward @ out) * out)
        before = self.hands.tip_goal(self.arm, middle + BEFORE * out, -out, normal)
        if self.unreachable(self.hands.tip_goal(self.arm, middle, -out, normal)):
            return "out_of_reach"
        yield from looking(work, middle, self.move(before, self.speed))
        yield from looking(work, middle, self.others_rest(self.mover.settle()))
        # Sideways the fingertip is kept on the cap; along the push the arm yields.
        self.mover.trim = np.eye(3) - np.outer(out, out)
        outcome = yield from self._push(work, button, middle, out)
        yield from looking(work, middle, self.move(before, 0.15))
        self.hands.grippers[self.arm].rest()
        yield from looking(work, middle - 0.2 * UP, self.go_home(work, self.speed))
        return outcome

    def _push(self, work: Work, button: Button, middle: np.ndarray, out: np.ndarray) -> Script:
        """Push on until it is pressed; returns why it could not be."""
        hardest = self.command.force or HARDEST
        touch = self.hands.touch[self.arm]
        dt = work.loop.dt
        # What friction of the joints does to the estimate is the same while the hand goes on the same way: so it is tared moving.
        for k in range(int(0.4 / dt)):
            self.shift(-APPROACH * dt * out)
            work.look = middle
            if k == int(0.35 / dt):
                touch.tare()
            yield
        at_touch: float | None = None
        deepest = 0.0
        kept = 0.0
        while True:
            work.look = middle
            push = float(self.felt @ out)
            depth = float((middle - self.tip_at) @ out)
            if at_touch is None and push > TOUCHED:
                at_touch = depth
                work.events.append(RecordedEvent(work.time, "event.touch", {"device": button.id, "force": round(push, 1)}))
            told = bool(button.signal) and work.sensed.inputs.get(button.signal, False)
            travel = 0.0 if at_touch is None else depth - at_touch
            deepest = max(deepest, travel)
            felt = at_touch is not None and deepest >= TRAVELLED * button.switch_at and push > button.force + BEYOND
            pressed = told or (not button.signal and felt)
            if pressed:
                kept += dt
                if kept >= KEEP_S:
                    params: dict[str, str | float] = {"device": button.id, "force": round(push, 1), "travel": round(deepest, 4)}
                    work.events.append(RecordedEvent(work.time, "event.pressed", params))
                    return DONE
            elif push > hardest:
                return "not_pressed"
            elif at_touch is None and depth > BEHIND:
                return "device_missed"
            else:
                self.shift(-(APPROACH if at_touch is None else PUSHING) * dt * out)
                yield
                continue
            self.track()
            yield
