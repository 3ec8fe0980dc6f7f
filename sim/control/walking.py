"""The gait: stand, shift the weight, swing, double support, swing ..., settle, stand.

A state machine that says each tick which soles carry, where the centre of pressure and the capture point should be, and
where the swinging foot goes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.control.footsteps import FootstepPlan, Halt, Progress, middle, side_sign, within_reach
from sim.control.pattern import HEIGHT, Point, Segment, shift_and_settle
from sim.control.preview import DOWN_DOUBLE_S, DOWN_SINGLE_S, Preview
from sim.control.stabiliser import Stabiliser, adapt_step
from sim.control.support import signed_distance, support_polygon
from sim.control.swing import CAREFUL_DOWN, CAREFUL_UP, DOWN, PLAIN, UP, Swing
from sim.robot import GaitProfile
from sim.terrain import FLAT, Terrain
from sim.transforms import Pose2, wrap_angle

Array = NDArray[np.float64]
Phase = Literal["stand", "shift", "single", "double", "settle"]

#: How much longer or shorter than the profile says a single support may become.
LONGEST_SHARE = 1.32
SHORTEST_SHARE = 0.65
#: The last of a swing goes where it was going: a foot that is turned aside so late needs more force than balance can spare.
FROZEN_S = 0.09
#: Landing point and time follow the wanted ones with this time constant, s: the swinging leg pushes the body back.
LANDING_LAG_S = 0.03
DEAD_ZONE = 0.01
#: How far from the stance foot a step that catches the body may land: ahead, back, and wider than usual, m at H140's size.
REACH, REACH_BACK, WIDEST = 0.38, 0.30, 0.34
#: Share of the sole by which feedback is counted on to move the centre of pressure until the foot lands.
COUNTED_ON = 0.5
#: A foot has touched down when it carries this share of the weight.
TOUCH_LOAD = 0.08
TOUCH_SHARE = 0.6
#: And, on stairs, is no farther than this above where it shall stand, m: a leg that bends deep may feel a load that is none.
NEAR_GROUND = 0.03
#: Double support may take this much of its usual time; what a change of the whole of it must gain, m.
DOUBLE_SHARES = (1.0, 0.4, 0.7, 1.3, 1.6)
DOUBLE_PRICE = 0.01
#: Down a step it may take these shares of its usual time.
DOWN_SHARES = (0.8, 1.0, 1.25, 1.5, 1.8, 2.2, 2.6)
#: A standing robot whose capture point leaves this share of the soles by this much, m, catches itself with steps.
COUNTED_ON_STANDING = 0.65
RECOVERY_DISTANCE = 0.005
RECOVERY_STEPS = 4
#: A foot that moves less than this while it takes over the weight stays where the plan has it, m.
SETTLED = 0.01
#: A landing this much higher or lower than the stance changes the level: the foot rises first and sinks last, m.
LEVEL = 0.025
#: Room over an edge for the toes of a foot that goes up with its ankle at the limit, m.
UP_CLEARANCE = 0.02
#: Ground farther than this from where it was expected, m, makes the next steps deeper, by at most the last of these, and higher
#: by so many times as much; each step onto ground as expected leaves this share of the caution.
EXPECTED_WITHIN, HIGHER, CAUTION_LEFT, MOST_UNEVEN = 0.006, 1.5, 0.85, 0.03


@dataclass(slots=True)
class FeetMeasured:
    """What the gait reads: sole positions (2, 3), yaws (2,), vertical loads (2,) N, capture point (2,)."""

    position: Array
    yaw: Array
    load: Array
    xi: Array


class Walking:
    """State of the gait. ``dt`` is the control period, s; ``weight`` the robot's, N."""

    def __init__(self, gait: GaitProfile, stabiliser: Stabiliser, sole_half: Array, dt: float, weight: float) -> None:
        self.gait = gait
        self.size = gait.com_height / HEIGHT
        self.shift_s, self.settle_s = shift_and_settle(gait)
        self._touch_force = TOUCH_LOAD * weight
        self.stabiliser = stabiliser
        self.sole_half = sole_half
        self.dt = dt
        self.phase: Phase = "stand"
        self.elapsed = 0.0
        self.duration = 0.0
        self.swing_side = -1
        self.swing: Swing | None = None
        self.landing = np.zeros(4)
        self.nominal = np.zeros(4)
        self.feet = [Pose2(0, 0, 0), Pose2(0, 0, 0)]
        self.floor = np.zeros(2)
        self.targets = np.zeros((2, 4))
        self.touchdowns: list[int] = []
        self.steps_taken = 0
        self._segments: list[Segment] = []
        self._offset = np.zeros(2)
        self._plan: FootstepPlan | None = None
        #: The plan's map of the ground.
        self.terrain: Terrain = FLAT
        #: Unit normals (2, 3) of the ground under the soles, or where a swinging one will land: what soles align with.
        self.normals = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
        #: How far the ground may be from where the plan's map has it, by what the feet felt, m.
        self.uneven = 0.0
        self._progress = Progress()
        self._next: tuple[Pose2, Progress] | None = None
        self._stopping = False
        self._recovery = 0
        self._strained = False
        #: The step being taken was planned as the last: the capture point is on its way to rest.
        self._last = False
        self._started = False
        #: On the way down stairs: the next change of level is a step down, or the last one was.
        self.descending = False

    # --- what is asked -------------------------------------------------------------------------------------------------

    def walk(self, plan: FootstepPlan) -> None:
        """Begin to walk a plan; from standing, or on from the step being taken."""
        self._plan = plan
        self._progress = Progress(length=0.0 if self.phase == "stand" else self._progress.length)
        self._stopping = False

    def stop(self) -> None:
        """Come to stand within a few steps, feet side by side; on stairs at the next double support."""
        if self._plan is None or self.phase in ("stand", "settle") or self.careful:
            self._stopping = True
            return
        self._plan = Halt(self.gait, self._plan.pace)

    @property
    def standing(self) -> bool:
        """Both feet on the floor, no step planned."""
        return self.phase == "stand" and self._plan is None

    @property
    def catching(self) -> bool:
        """A push has taken the standing body beyond what its soles are usually counted on for; steps follow if need be."""
        return self._recovery > 0 or (self._strained and self.phase in ("stand", "settle"))

    @property
    def pace(self) -> tuple[float, float]:
        """Seconds of single and double support, now."""
        if self._plan is not None and self._recovery == 0:
            return self._plan.pace
        return self.gait.single_support_s, self.gait.double_support_s

    @property
    def upper(self) -> int:
        """The foot that stands above while the other goes down a step with care, or has just come down it; else -1."""
        if self.careful and self.phase in ("single", "double"):
            above = 1 - self.swing_side if self.phase == "single" else self.swing_side
            if float(self.floor[above]) - self._below(above) > LEVEL:
                return above
        return -1

    @property
    def lower_floor(self) -> float:
        """Height of the ground that the foot other than the :attr:`upper` one goes to or stands on, m."""
        return self._below(self.upper)

    def _below(self, above: int) -> float:
        return float(self.nominal[2] if self.phase == "single" else self.floor[1 - above])

    @property
    def stride(self) -> float:
        """Distance of the feet along their heading, m: at the landing while one swings, else as they stand."""
        if self.phase == "single":
            stance = self.feet[1 - self.swing_side]
            return abs(stance.ahead(self.landing.item(0), self.landing.item(1)))
        return abs(self.feet[0].ahead(self.feet[1].x, self.feet[1].y))

    def _down(self, foothold: Pose2, stance: Pose2) -> bool:
        """A careful step from ``stance`` to a lower level."""
        t = self.terrain
        return self.careful and t.height(foothold.x, foothold.y) < t.height(stance.x, stance.y) - LEVEL

    def ground(self, foothold: Pose2, stance: int) -> float:
        """Height of the ground at a foothold, m: the plan's map gives the difference to where the stance foot really stands."""
        here = self.feet[stance]
        return float(self.floor[stance]) + self.terrain.height(foothold.x, foothold.y) - self.terrain.height(here.x, here.y)

    @property
    def contact(self) -> tuple[bool, bool]:
        """(left, right) soles that shall carry load."""
        if self.phase == "single":
            return (self.swing_side != 0, self.swing_side != 1)
        return (True, True)

    def middle(self) -> Pose2:
        """Pose between the feet, world."""
        return middle(self.feet[0], self.feet[1])

    # --- each tick -----------------------------------------------------------------------------------------------------

    def update(self, measured: FeetMeasured) -> tuple[Point, Point]:
        """Advance by one tick; returns the reference of centre of pressure and of capture point (m, world)."""
        self.touchdowns.clear()
        if not self._started:
            self._read_feet(measured, 1.0)
            self._started = True
        self.elapsed += self.dt
        if self.phase == "stand":
            self._stand(measured)
        elif self.phase == "shift" and self.elapsed >= self.duration:
            self._begin_single(measured)
        elif self.phase == "single":
            self._single(measured)
        elif self.phase == "double" and self.elapsed >= self.duration:
            self._begin_single(measured)
        elif self.phase == "settle":
            self._catch(measured)
            if self.phase == "settle" and self.elapsed >= self.duration:
                self._enter_stand()
        return self._reference()

    def _reference(self) -> tuple[Point, Point]:
        if self.phase == "stand":
            m = self.middle()
            return (m.x, m.y), (m.x, m.y)
        t = self.elapsed
        for segment in self._segments:
            if t < segment.duration or segment is self._segments[-1]:
                return segment.pressure(t), segment.capture(t, self.stabiliser.omega)
            t -= segment.duration
        raise AssertionError("a phase has segments")

    def _stand(self, measured: FeetMeasured) -> None:
        self._read_feet(measured, 0.02)
        if self._plan is None:
            self._catch(measured)
            return
        feet = (self.feet[0], self.feet[1])
        swing = self._plan.first_swing(feet)
        self._next = self._plan.step(feet, swing, self._progress)
        if self._next is None or self._stopping:
            self._plan = None
            return
        self.swing_side = swing
        self.phase, self.elapsed, self.duration = "shift", 0.0, self.shift_s
        self._replan()

    def _catch(self, measured: FeetMeasured) -> None:
        """Step where one stands if the capture point has left the soles: the adaptation of the steps does the rest."""
        polygon = support_polygon(measured.position, measured.yaw, self.sole_half, (True, True), COUNTED_ON_STANDING)
        inside = signed_distance(polygon, float(measured.xi[0]), float(measured.xi[1]))
        self._strained = inside < 0.0
        if inside > -RECOVERY_DISTANCE * self.size:
            return
        self._recovery = RECOVERY_STEPS
        self.swing_side = int(np.argmin(measured.load))
        self._read_feet(measured, 1.0)
        self._begin_single(measured)

    def _read_feet(self, measured: FeetMeasured, share: float) -> None:
        for i in range(2):
            self._read_foot(i, measured, share)

    def _read_foot(self, i: int, measured: FeetMeasured, share: float = 1.0) -> None:
        old = self.feet[i]
        x, y, z = (float(v) for v in measured.position[i])
        turn = wrap_angle(float(measured.yaw[i]) - old.yaw)
        self.feet[i] = Pose2(old.x + share * (x - old.x), old.y + share * (y - old.y), wrap_angle(old.yaw + share * turn))
        self.floor[i] += share * (z - self.floor[i])
        self.targets[i] = (self.feet[i].x, self.feet[i].y, self.floor[i], self.feet[i].yaw)

    def _enter_stand(self) -> None:
        self.phase, self.elapsed, self.swing_side = "stand", 0.0, -1
        if self._stopping:
            self._plan = None
        self._stopping = False

    def _begin_single(self, measured: FeetMeasured) -> None:
        side = self.swing_side
        x, y, z = (float(v) for v in measured.position[1 - side])
        if self.phase == "double" and self.feet[1 - side].distance(Pose2(x, y)) < SETTLED * self.size:
            # A foot read anew could turn the plan that double support followed into one of more or of fewer steps.
            self.floor[1 - side] = z
        else:
            self._read_foot(1 - side, measured)
        found = self._plan_step(side)
        if found is None:
            # The goal moved under the gait (a stop): both feet are down, so settle here.
            self._begin_settle()
            return
        foothold, self._progress = found
        start = np.array([*measured.position[side], measured.yaw[side]])
        self.nominal = np.array([foothold.x, foothold.y, self.ground(foothold, 1 - side), foothold.yaw])
        self.phase, self.elapsed = "single", 0.0
        self.duration = DOWN_SINGLE_S if self._down(foothold, self.feet[1 - side]) else self.pace[0]
        self.normals[side] = self.terrain.normal(foothold.x, foothold.y)
        self.swing = self._swing(start, foothold, 1 - side)
        self.landing = self.nominal.copy()
        self.targets[side] = self.landing
        self._replan()

    def _swing(self, start: Array, foothold: Pose2, stance: int) -> Swing:
        """The way of the swinging foot over whatever the map shows between its start and its landing."""
        told = self.terrain.uneven(foothold.x, foothold.y, float(self.sole_half.max()))
        uneven = 0.0 if self.careful else max(self.uneven, told)
        clearance = self.gait.clearance + HIGHER * uneven
        if self.terrain.flat:
            return Swing(start, clearance, depth=uneven)
        here = self.feet[stance]
        top = self.terrain.highest((float(start[0]), float(start[1])), (foothold.x, foothold.y), float(self.sole_half.max()))
        over = (
            top - self.terrain.height(here.x, here.y) + float(self.floor[stance]) - max(float(start[2]), float(self.nominal[2]))
        )
        rise = float(self.nominal[2]) - float(start[2])
        up, down = (CAREFUL_UP, CAREFUL_DOWN) if self.careful else (UP, DOWN)
        shape = up if rise > LEVEL else down if rise < -LEVEL else PLAIN
        clearance += UP_CLEARANCE * self.size if shape is CAREFUL_UP else 0.0
        return Swing(start, clearance + max(over, 0.0), shape, uneven)

    def _plan_step(self, side: int) -> tuple[Pose2, Progress] | None:
        feet = (self.feet[0], self.feet[1])
        beside = feet[1 - side] @ Pose2(0.0, side_sign(side) * self.gait.foot_spacing, 0.0)
        if self._recovery > 0:
            return beside, self._progress
        if self._stopping:
            if feet[side].distance(beside) < 0.03 * self.size:
                return None
            return beside, self._progress
        if self._plan is None:
            return None
        return self._plan.step(feet, side, self._progress)

    def _single(self, measured: FeetMeasured) -> None:
        side = self.swing_side
        remaining = self.duration - self.elapsed
        if remaining > FROZEN_S and not self.careful:
            self._adapt(measured, remaining)
            remaining = self.duration - self.elapsed
        assert self.swing is not None
        self.swing.advance(self.landing, self.elapsed, remaining, self.dt)
        self.targets[side] = self.landing
        touched = measured.load[side] > self._touch_force and self.elapsed > TOUCH_SHARE * self.duration
        if self.careful and measured.position[side, 2] > self.nominal[2] + NEAR_GROUND:
            touched = False
        if touched or self.elapsed > self.duration + 0.25:
            self._touchdown(measured)

    def _touchdown(self, measured: FeetMeasured) -> None:
        side = self.swing_side
        self._feel(float(measured.position[side, 2]) - float(self.nominal[2]))
        self._read_foot(side, measured)
        self.touchdowns.append(side)
        self.steps_taken += 1
        self._recovery = max(self._recovery - 1, 0)
        self.swing = None
        self.swing_side = 1 - side
        # Who was coming to rest does: a foot that stands off too far after all is corrected from standing.
        if self._last or self._plan_step(1 - side) is None:
            self._begin_settle()
            return
        self.phase, self.elapsed = "double", 0.0
        if self.careful and self.upper < 0:
            self.duration = self.pace[1]
            self._replan()
        elif self.careful:
            self._choose_double(measured, DOWN_DOUBLE_S, DOWN_SHARES, 0.0)
        else:
            self._choose_double(measured, self.pace[1], DOUBLE_SHARES, self.stabiliser.omega)

    def _feel(self, off: float) -> None:
        """Learn from a landing ``off`` m higher than expected how uneven the ground is."""
        felt = abs(off) if abs(off) > EXPECTED_WITHIN * self.size else 0.0
        self.uneven = min(max(CAUTION_LEFT * self.uneven, felt), MOST_UNEVEN * self.size)

    def _choose_double(self, measured: FeetMeasured, usual: float, shares: tuple[float, ...], growth: float) -> None:
        """Take over the weight in the time whose plan begins nearest to where the capture point is.

        ``growth``: 1/s by which what it is off is thought to grow until then.
        """
        best = math.inf
        for share in shares:
            self.duration = share * usual
            self._replan()
            x, y = self._segments[0].capture(0.0, self.stabiliser.omega)
            off = math.hypot(float(measured.xi[0]) - x, float(measured.xi[1]) - y) * math.exp(growth * self.duration)
            off += DOUBLE_PRICE * abs(share - 1.0)
            if off < best:
                best, duration, segments = off, self.duration, self._segments
        self.duration, self._segments = duration, segments

    def _begin_settle(self) -> None:
        self.phase, self.elapsed, self.duration = "settle", 0.0, self.settle_s
        self._replan()

    @property
    def careful(self) -> bool:
        """Slow steps onto footholds that must be hit: on treads there is no other place to step to."""
        return self._plan is not None and self._recovery == 0 and self._plan.pace[0] > LONGEST_SHARE * self.gait.single_support_s

    def _adapt(self, measured: FeetMeasured, remaining: float) -> None:
        """Move landing point and time so that the next step catches the body."""
        single = self.pace[0]
        segment = self._segments[0]
        stance = 1 - self.swing_side
        x, y, left = adapt_step(
            measured.xi,
            segment.capture(self.elapsed, self.stabiliser.omega),
            np.array(segment.pressure(self.elapsed)),
            COUNTED_ON * self.sole_half[stance],
            float(measured.yaw[stance]),
            measured.position[self.swing_side, :2],
            self.nominal[:2],
            self._offset,
            self.elapsed,
            single - self.elapsed,
            SHORTEST_SHARE * single,
            LONGEST_SHARE * single,
            self.stabiliser.omega,
            self.stabiliser.gain,
        )
        nx, ny = self.nominal.item(0), self.nominal.item(1)
        distance = math.hypot(x - nx, y - ny)
        (wx, wy), duration = (nx, ny), single
        free = DEAD_ZONE * self.size
        if distance > free:
            kept = (distance - free) / distance
            nearest = 2 * float(self.sole_half[stance, 1]) + 0.025 * self.size
            widest = self.gait.foot_spacing + WIDEST * self.size
            wx, wy = within_reach(
                (nx + kept * (x - nx), ny + kept * (y - ny)),
                self.feet[stance],
                self.swing_side,
                (-REACH_BACK * self.size, REACH * self.size),
                (nearest, widest),
            )
            duration = self.elapsed + left
        share = self.dt / (LANDING_LAG_S + self.dt)
        self.landing[0] += share * (wx - self.landing.item(0))
        self.landing[1] += share * (wy - self.landing.item(1))
        self.duration += share * (duration - self.duration)

    # --- the plan ------------------------------------------------------------------------------------------------------

    def _replan(self) -> None:
        """Plan the capture point from the present phase on."""
        single, double = self.pace
        plan = Preview(
            single, double, self.settle_s, self.stabiliser.omega, float(self.sole_half[:, 0].max()), self._follow, self._down
        )
        feet, side = (self.feet[0], self.feet[1]), self.swing_side
        if self.phase == "settle":
            self.descending = False
            first = self._segments[0] if self._segments else None
            self._segments = plan.coming_to_rest(first.pressure(first.duration) if first else None, feet)
        elif self.phase == "single":
            foothold = Pose2(float(self.nominal[0]), float(self.nominal[1]), float(self.nominal[3]))
            self._segments = plan.steps(feet, side, (foothold, self._progress))
            self._offset = np.array(self._segments[0].xi_end) - self.nominal[:2]
            landed = (foothold, feet[1]) if side == 0 else (feet[0], foothold)
            self._last = not self._stopping and self._follow(landed, 1 - side, self._progress) is None
        else:
            found = self._plan_step(side)
            if found is not None:
                down, up = self._down(found[0], feet[1 - side]), self._down(feet[1 - side], found[0])
                self.descending = down or (self.descending and self.careful and not up)
            shifting = self.phase == "shift"
            times = {"shift": self.shift_s} if shifting else {"double": self.duration}
            self._segments = plan.steps(feet, side, found, from_above=self.upper >= 0, **times)

    def _follow(self, feet: tuple[Pose2, Pose2], swing: int, progress: Progress) -> tuple[Pose2, Progress] | None:
        """The step that a preview expects after others."""
        if self._recovery > 1:
            return feet[1 - swing] @ Pose2(0.0, side_sign(swing) * self.gait.foot_spacing, 0.0), progress
        return None if self._plan is None or self._stopping else self._plan.step(feet, swing, progress)
