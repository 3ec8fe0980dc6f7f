"""Protective behaviour: a stop that ends low and stable, with its reason; and what a fall that cannot be averted looks like."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.actuators import JointCommand
from sim.control.footsteps import side_sign
from sim.control.loop import BodyLoop
from sim.recording import RecordedEvent
from sim.sensors import Sensed

Array = NDArray[np.float64]

#: A crouch lowers the centre of mass by this share of its height, as fast as this, m/s.
CROUCH_SHARE, CROUCH_SPEED = 0.16, 0.12
#: One stands balanced for this long before one crouches, and crouches for this long before it counts as ended, s.
STEADY_S, REST_S = 0.3, 0.4
#: Who is not balanced by then stays as he is, s.
GIVE_UP_S = 6.0
#: An estimate that cannot be trusted for this long stops the robot, s.
UNTRUSTED_S = 0.3


@dataclass(slots=True)
class ProtectiveStop:
    """One stop: walking ends, arms freeze, a load is kept; then the robot crouches if there is room below its hands.

    Args:
        loop: The body. reason: Why: ``requested`` or ``untrusted``. time: s.
        may_crouch: Asked once, when the robot has come to stand: whether there is room for it.
    """

    loop: BodyLoop
    reason: str
    time: float
    may_crouch: Callable[[], bool]
    crouches: bool = False
    done: bool = False
    _steady: float = 0.0
    _rest: float = 0.0

    def tick(self, now: float) -> list[RecordedEvent]:
        """Go on with it; events as they happen."""
        if self.done:
            return []
        loop = self.loop
        before = self._steady
        self._steady = before + loop.dt if loop.balanced else 0.0
        if now - self.time > GIVE_UP_S:
            self.done = True
            return []
        if loop.crouch == 0.0 and self._steady < STEADY_S:
            return []
        if before < STEADY_S <= self._steady and loop.crouch == 0.0:
            self.crouches = self.may_crouch()
        deepest = CROUCH_SHARE * loop.gait.com_height if self.crouches else 0.0
        if loop.balanced:
            loop.crouch = min(loop.crouch + CROUCH_SPEED * loop.dt, deepest)
        if loop.crouch < deepest:
            return []
        self._rest = self._rest + loop.dt if loop.balanced else 0.0
        if self._rest < REST_S:
            return []
        self.done = True
        return [RecordedEvent(now, "event.crouched" if self.crouches else "event.stands")]


def rise(loop: BodyLoop) -> bool:
    """Come up from a crouch; whether one stands as tall as usual again."""
    loop.crouch = max(loop.crouch - CROUCH_SPEED * loop.dt, 0.0)
    return loop.crouch == 0.0


@dataclass(slots=True)
class Trust:
    """How long the estimate has not been trusted."""

    since: float | None = None

    def broken(self, sensed: Sensed) -> bool:
        """Whether it has not been for too long."""
        if sensed.quality.trusted:
            self.since = None
            return False
        if self.since is None:
            self.since = sensed.time
        return sensed.time - self.since >= UNTRUSTED_S


# --- falls --------------------------------------------------------------------------------------------------------------

#: The nearest time in which a swinging foot can be put down, s.
SOONEST_S = 0.12
#: Where it can be put, from the standing foot, as shares of the height of the centre of mass: back, ahead; near and far aside.
BACK_REACH, AHEAD_REACH, NEAR_REACH, FAR_REACH = 0.45, 0.55, 0.15, 0.55
#: Steps after that one catch this much more, likewise.
FURTHER = 0.20
#: Beyond the first tilt, while it grows faster than the rate, or beyond the second, a fall is certain; rad, rad/s.
TILT, TILT_RATE, LAST_TILT = 0.6, 0.5, 0.9
#: So is one from below this share of the usual height of the base, sinking faster than this, m/s.
LOW_SHARE, SINKING = 0.70, 0.8
#: It is certain when it has been for this long, s.
CERTAIN_S = 0.02
#: Falling, the joints are this soft and this damped, as shares of their usual gains; and flexed beyond home by this factor.
SOFT, DAMPED, FLEXED = 0.35, 2.0, 1.5


@dataclass(slots=True)
class FallWatch:
    """Knows when a fall cannot be averted any more: from what the robot senses, by what any step could still reach.

    Args:
        loop: The body.
    """

    loop: BodyLoop
    reason: str = ""
    since: float | None = None
    _lasts: float = 0.0
    _height: float = field(default=0.0)

    def update(self, now: float) -> list[RecordedEvent]:
        """Look at the newest state; an event at the moment of certainty."""
        if self.since is not None:
            return []
        why = self._why()
        self._lasts = self._lasts + self.loop.dt if why else 0.0
        return self.give_up(why, now) if why and self._lasts >= CERTAIN_S else []

    def give_up(self, why: str, now: float) -> list[RecordedEvent]:
        """The fall is certain."""
        if self.since is not None:
            return []
        self.reason, self.since = why, now
        return [RecordedEvent(now, "event.fall_certain", {"reason": why})]

    def _why(self) -> str:
        body = self.loop.body
        up = body.base_rotation[:, 2]
        tilt = math.acos(max(-1.0, min(1.0, float(up[2]))))
        # The rate at which the vertical leaves the body's axis.
        turn = body.base_velocity[3:]
        away = -float(turn[0] * up[1] - turn[1] * up[0]) / max(math.sin(tilt), 1e-3)
        if tilt > LAST_TILT or (tilt > TILT and away > TILT_RATE):
            return "tilt"
        floor = float(body.sole_position[:, 2].min())
        height = float(body.base_pose[2]) - floor
        self._height = self._height or height
        low = LOW_SHARE * self._height - self.loop.crouch
        if self.loop.walking.phase != "stand" and height < low and float(body.base_velocity[2]) < -SINKING:
            return "sinking"
        return "out_of_reach" if self._beyond_steps(floor) else ""

    def _beyond_steps(self, floor: float) -> bool:
        """Whether the capture point will be farther away than the next foot and those after it can be put, wherever it presses."""
        body, walking = self.loop.body, self.loop.walking
        height = max(float(body.com[2]) - floor, 0.2)
        omega = math.sqrt(9.81 / height)
        xi = body.com[:2] + body.com_velocity[:2] / omega
        excess = math.inf
        for i in range(2):
            if not walking.contact[i]:
                continue
            foot = body.sole_position[i, :2]
            c, s = math.cos(float(body.sole_yaw[i])), math.sin(float(body.sole_yaw[i]))
            d = np.array([c * (xi[0] - foot[0]) + s * (xi[1] - foot[1]), -s * (xi[0] - foot[0]) + c * (xi[1] - foot[1])])
            half = body.sole_half[i]
            pressed = np.clip(d, -half, half)
            later = pressed + (d - pressed) * math.exp(omega * SOONEST_S)
            ahead, aside = float(later[0]), side_sign(1 - i) * float(later[1])
            dx = max(-BACK_REACH * height - ahead, ahead - AHEAD_REACH * height, 0.0)
            dy = max(NEAR_REACH * height - aside, aside - FAR_REACH * height, 0.0)
            # Over the standing sole there is nothing to catch.
            off = 0.0 if abs(ahead) <= half[0] and abs(aside) <= half[1] else math.hypot(dx, dy)
            excess = min(excess, off)
        return excess > FURTHER * height + float(body.sole_half.max())


def tucked(loop: BodyLoop) -> JointCommand:
    """What the joints do in a fall: bend further the way the home posture bends, arms before the body, soft and well damped."""
    body = loop.body
    room = np.minimum(0.1, 0.1 * (body.upper - body.lower))
    q = np.clip(FLEXED * body.home, body.lower + room, body.upper - room)
    stiffness, damping = loop.gains
    return JointCommand(q, np.zeros_like(q), SOFT * stiffness, DAMPED * damping, np.zeros_like(q))
