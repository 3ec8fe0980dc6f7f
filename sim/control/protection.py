"""Protective behaviour: a stop that ends low and stable, with its reason; and what a fall that cannot be averted looks like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numba
import numpy as np
from numpy.typing import NDArray

from sim.actuators import JointCommand
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
#: Why a fall is certain, if it is.
REASONS = ("", "tilt", "sinking", "out_of_reach")
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
        body, walking = self.loop.body, self.loop.walking
        code, self._height = certain_fall(
            body.base_rotation,
            body.base_pose,
            body.base_velocity,
            body.com,
            body.com_velocity,
            body.sole_position,
            body.sole_yaw,
            body.sole_half,
            walking.contact,
            self._height,
            self.loop.crouch,
            walking.phase != "stand",
            min(SOONEST_S, max(walking.duration - walking.elapsed, 0.0)) if walking.phase == "single" else SOONEST_S,
        )
        return REASONS[code]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def certain_fall(
    rotation: Array,
    pose: Array,
    velocity: Array,
    com: Array,
    com_velocity: Array,
    sole: Array,
    yaw: Array,
    half: Array,
    contact: tuple[bool, bool],
    usual: float,
    crouch: float,
    stepping: bool,
    soonest: float,
) -> tuple[int, float]:
    """Which of :data:`REASONS` a moment gives, and the usual height of the base over the soles, m (this one if it was 0).

    Args:
        rotation, pose, velocity: (3, 3), (7,), (6,) of the base. com, com_velocity: (3,).
        sole, yaw, half: (2, 3), (2,), (2, 2) of the soles. contact: which of them shall carry.
        crouch: how much lower than usual the body is held, m. stepping: it does not just stand.
        soonest: when the next foot can stand, s: the one that swings may land any moment.
    """
    up = rotation[:, 2]
    tilt = np.arccos(max(-1.0, min(1.0, up[2])))
    # The rate at which the vertical leaves the body's axis.
    away = -(velocity[3] * up[1] - velocity[4] * up[0]) / max(np.sin(tilt), 1e-3)
    floor = min(sole[0, 2], sole[1, 2])
    height = pose[2] - floor
    usual = height if usual == 0.0 else usual
    if tilt > LAST_TILT or (tilt > TILT and away > TILT_RATE):
        return 1, usual
    if stepping and height < LOW_SHARE * usual - crouch and velocity[2] < -SINKING:
        return 2, usual
    return (3 if beyond_steps(com, com_velocity, floor, sole, yaw, half, contact, soonest) else 0), usual


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def beyond_steps(
    com: Array,
    com_velocity: Array,
    floor: float,
    sole: Array,
    yaw: Array,
    half: Array,
    contact: tuple[bool, bool],
    soonest: float,
) -> bool:
    """Whether the capture point will be farther away than the next foot and those after it can be put, wherever it presses.

    Arguments as of :func:`certain_fall`; ``floor``: height of the lower sole, m.
    """
    height = max(com[2] - floor, 0.2)
    omega = np.sqrt(9.81 / height)
    grow = np.exp(omega * soonest)
    excess = np.inf
    for i in range(2):
        if not contact[i]:
            continue
        c, s = np.cos(yaw[i]), np.sin(yaw[i])
        dx, dy = com[0] + com_velocity[0] / omega - sole[i, 0], com[1] + com_velocity[1] / omega - sole[i, 1]
        x, y = c * dx + s * dy, -s * dx + c * dy
        pressed_x, pressed_y = min(max(x, -half[i, 0]), half[i, 0]), min(max(y, -half[i, 1]), half[i, 1])
        ahead = pressed_x + (x - pressed_x) * grow
        # Towards where the other foot steps: to the right of the left one.
        aside = (-1.0 if i == 0 else 1.0) * (pressed_y + (y - pressed_y) * grow)
        # Over the standing sole there is nothing to catch.
        if abs(ahead) <= half[i, 0] and abs(aside) <= half[i, 1]:
            return False
        off_x = max(-BACK_REACH * height - ahead, ahead - AHEAD_REACH * height, 0.0)
        off_y = max(NEAR_REACH * height - aside, aside - FAR_REACH * height, 0.0)
        excess = min(excess, np.hypot(off_x, off_y))
    beyond: bool = excess > FURTHER * height + half.max()
    return beyond


def tucked(loop: BodyLoop) -> JointCommand:
    """What the joints do in a fall: bend further the way the home posture bends, arms before the body, soft and well damped."""
    body = loop.body
    room = np.minimum(0.1, 0.1 * (body.upper - body.lower))
    q = np.clip(FLEXED * body.home, body.lower + room, body.upper - room)
    stiffness, damping = loop.gains
    return JointCommand(q, np.zeros_like(q), SOFT * stiffness, DAMPED * damping, np.zeros_like(q))
