"""Taking and putting down a box-like workpiece between two palms, by contact friction alone."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.cell import Workpiece
from sim.control.arms import PalmGoal
from sim.control.loop import BodyLoop
from sim.control.palms import UP, Palms, Script, Tick, between, in_stance, left_of
from sim.control.reaching import BESIDE, Box, Take
from sim.control.rest import front_extent
from sim.control.skills import DONE, Held, Work
from sim.control.thinking import Thought
from sim.motion import SkillCommand
from sim.recording import RecordedEvent
from sim.transforms import wrap_angle

Array = NDArray[np.float64]
T = TypeVar("T")

HAND_SPEED = 0.3
APPROACH_SPEED = 0.10
SQUEEZE = 55.0
LIFT = 0.10
#: The body takes a load over, and gives it back, within this and this for every kg, s: its balance shifts meanwhile.
TAKE_S, TAKE_S_KG = 0.3, 0.25
SIGHTINGS = 5
SEEN_WITHIN_S = 4.0
REACH_ERROR = 0.02
#: A load is let down from so far above its place, m.
ABOVE = 0.05
#: It is carried so far above it, m: walking sways, and a load sinks a little between the palms.
OVER_THE_EDGE = 0.09
#: A load that sinks between the palms by this has slipped, m; it is put back and taken again, so often, so much harder.
SLIP = 0.02
ATTEMPTS, HARDER = 2, 1.6
#: No harder than this, N. A load that is not what the plan says is squeezed with this reserve over what friction needs.
MOST_SQUEEZE, RESERVE = 90.0, 1.5
#: A load's mass differs from the plan's by more than this share.
DIFFERS = 0.20
GRAVITY = 9.81
#: A load stands when the feet carry this share of its weight less, and the palms are this much higher than they want to be, m.
STANDS_SHARE, STANDS_LAG = 0.4, 0.004
#: The feet's load is averaged over so long, s.
WEIGHT_S = 0.06
#: How far below the shoulders a carried load's centre is, m.
BELOW_SHOULDERS = 0.04
CHEST_GAP = 0.05
#: Standing with a load before it, the base is so far behind the middle of the feet, m.
BASE_BEHIND = 0.05


def yaw_of(pose: Array) -> float:
    """Heading of a pose (7,), rad."""
    w, x, y, z = pose[3:]
    return math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))


class HandSkill(ABC):
    """A skill written as a script that yields once a tick."""

    def __init__(self, command: SkillCommand) -> None:
        self.command = command
        self.speed = command.speed or HAND_SPEED
        self._script: Script | None = None
        self._limit = 0.0

    def begin(self, work: Work) -> None:
        """Start the script; it is bounded by three times the estimate and a margin."""
        self._limit = work.time + 30.0 + 3.0 * self.command.estimate
        self._script = self.script(work)

    def tick(self, work: Work) -> str | None:
        """Run one tick of the script."""
        assert self._script is not None
        if work.time > self._limit:
            return "timeout"
        try:
            next(self._script)
        except StopIteration as end:
            return str(end.value)
        return None

    @abstractmethod
    def script(self, work: Work) -> Script:
        """What the skill does."""

    def piece(self, work: Work) -> Workpiece | None:
        """The workpiece as the plan knows it."""
        return work.cell.objects.get(self.command.object_id) if work.cell is not None else None


class Measure:
    """Looks at ``around`` (3,) until ``count`` fresh sightings of an object have come; ``still``: arms hang meanwhile.

    ``pose`` is their mean, (position (3,), yaw), or None if the object was not seen in time. ``weight``: what the feet carried, N.
    """

    def __init__(
        self, work: Work, object_id: str, around: Array, palms: Palms, count: int = SIGHTINGS, still: bool = False
    ) -> None:
        self.pose: tuple[Array, float] | None = None
        self.weight = 0.0
        self._work, self._object, self._around = work, object_id, around
        self._palms, self._count, self._still = palms, count, still

    def run(self) -> Tick:
        """Ticks until done."""
        work = self._work
        begun, last = work.time, work.time
        ticks = 0
        positions: list[Array] = []
        yaws: list[float] = []
        while len(positions) < self._count and work.time - begun < SEEN_WITHIN_S:
            work.look = self._around
            ticks += 1
            self.weight += (float(np.sum(work.sensed.foot_load)) - self.weight) / ticks
            found = work.sighting(self._object, last + 1e-6)
            if found is not None:
                last = found.time
                positions.append(found.pose[:3])
                yaws.append(yaw_of(found.pose))
            if not self._still:
                self._palms.track()
            yield
        if len(positions) >= max(self._count - 2, 1):
            mean = math.atan2(float(np.mean(np.sin(yaws))), float(np.mean(np.cos(yaws))))
            self.pose = (np.mean(positions, axis=0), mean)


def looking(work: Work, at: Array, ticks: Tick) -> Tick:
    """Run ticks with the eyes on a point (3,)."""
    for _ in ticks:
        work.look = at
        yield


def thinking(work: Work, at: Array, thought: Thought[T], track: Callable[[], object] | None = None) -> Thought[T]:
    """Ticks until a thought has ended, with the eyes on a point (3,); the recording says how long it took.

    ``track``: what the hands do meanwhile; they hang if None.
    """
    begun = work.time
    while True:
        try:
            next(thought)
        except StopIteration as end:
            found: T = end.value
            work.events.append(RecordedEvent(work.time, "event.planned", {"seconds": round(work.time - begun, 3)}))
            return found
        work.look = at
        if track is not None:
            track()
        yield


def grip_axis(piece: Workpiece, yaw: float, heading: float) -> tuple[Array, float, float]:
    """The box axis that lies across the robot: unit vector (3,) to the robot's left, width across, depth along, m."""
    left = heading + math.pi / 2
    turns = [wrap_angle(yaw + k * math.pi / 2 - left) for k in range(4)]
    k = int(np.argmin(np.abs(turns)))
    angle = yaw + k * math.pi / 2
    width, depth = (piece.size[0], piece.size[1]) if k % 2 == 0 else (piece.size[1], piece.size[0])
    return np.array([math.cos(angle), math.sin(angle), 0.0]), width, depth


class Grasp(HandSkill):
    """Find the workpiece, take it between the palms, lift it, weigh it, bring it to the chest."""

    _weight = 0.0

    def script(self, work: Work) -> Script:
        piece = self.piece(work)
        if piece is None or self.command.object_pose is None:
            return "no_such_object"
        if work.held is not None:
            return "hands_full"
        loop = work.loop
        if len(loop.body.hands) < 2:
            return "no_hands"
        stance = loop.middle
        palms = Palms(loop)
        found = Measure(work, piece.id, np.array(self.command.object_pose.position), palms, still=True)
        yield from found.run()
        if found.pose is None:
            return "object_not_seen"
        centre, yaw = found.pose
        left, width, depth = grip_axis(piece, yaw, stance.yaw)
        lift = self.command.height or LIFT
        reaching = work.reaching()
        # Neither what it stands on nor where it will be put may be in the way of what is carried.
        least = float(centre[2]) + lift
        if piece.id in work.bound:
            least = max(least, float(work.bound[piece.id][2]) + OVER_THE_EDGE)
        box = Box(piece.id, centre, yaw, left, width, piece.size[2], piece.mass)
        plan = yield from thinking(work, centre, reaching.take(box, lift, chest(loop, depth, least)))
        if not (plan.at.reaches and plan.beside.reaches):
            return "out_of_reach"
        for posture in (*plan.way, plan.beside):
            yield from looking(work, centre, palms.pass_by(posture))
        beside = between(plan.grip, left, width / 2 + BESIDE, plan.slope)
        yield from looking(work, centre, palms.move(beside, APPROACH_SPEED))
        force = self.command.force or SQUEEZE
        for attempt in range(ATTEMPTS):
            reason = yield from self._lift(work, palms, plan, box, depth, force)
            if reason != "object_slipped":
                break
            yield from self._put_back(work, palms, plan, box, (self._weight - found.weight) / GRAVITY)
            if attempt + 1 == ATTEMPTS:
                break
            force = min(max(HARDER * force, least_force(piece, piece.mass)), MOST_SQUEEZE)
            work.events.append(RecordedEvent(work.time, "event.regrasp", {"object": piece.id, "force": force}))
            once_more = Measure(work, piece.id, box.centre, palms)
            yield from once_more.run()
            if once_more.pose is None:
                return "object_not_seen"
            left, width, depth = grip_axis(piece, once_more.pose[1], loop.middle.yaw)
            box = Box(piece.id, *once_more.pose, left, width, piece.size[2], piece.mass)
            plan = yield from thinking(work, box.centre, reaching.take(box, lift, chest(loop, depth, least)), palms.track)
        if reason:
            return reason
        yield from self._weigh(work, palms, piece, found.weight)
        yield from self._bring_in(work, palms, plan, depth, least)
        return DONE

    def _lift(self, work: Work, palms: Palms, plan: Take, box: Box, depth: float, force: float) -> Script:
        """Close the palms on the workpiece, take its weight over and lift it; whether it came along is seen."""
        loop, lift = work.loop, self.command.height or LIFT
        inward = between(plan.grip, box.left, box.width / 2 - 0.002, plan.slope)
        yield from looking(work, box.centre, palms.move(inward, APPROACH_SPEED, posture=plan.at))
        yield from looking(work, box.centre, palms.squeeze(0.0, force, 0.5))
        yield from looking(work, box.centre, palms.wait(0.2))
        gap = float(np.linalg.norm(loop.body.hand_position[0] - loop.body.hand_position[1]))
        if abs(gap - box.width) > 0.03:
            loop.squeeze = 0.0
            return "object_missed"
        anchor(loop, palms)
        yield from looking(work, box.centre, palms.carry(0.0, box.mass, TAKE_S + box.mass * TAKE_S_KG))
        hold = relation(palms, box.centre, box.yaw)
        work.held = Held(box.id, box.mass, force, hold, gap, depth / 2)
        up = palms.move(palms.shifted(lift * UP), min(self.speed, 0.2), posture=plan.lifted)
        yield from looking(work, box.centre + lift * UP, up)
        again = Measure(work, box.id, box.centre + lift * UP, palms, 3)
        yield from again.run()
        self._weight = again.weight
        slid = again.pose is not None and hold[2] - relation(palms, *again.pose)[2] > SLIP
        return "object_slipped" if slid else DONE

    @staticmethod
    def _put_back(work: Work, palms: Palms, plan: Take, box: Box, mass: float) -> Tick:
        """Back down with the ``mass`` kg that the palms still hold, and let go; with nothing, let go first."""
        loop = work.loop
        held, work.held = work.held, None
        force = held.force if held is not None else loop.squeeze
        mass = min(max(mass, 0.0), box.mass)
        yield from looking(work, box.centre, palms.carry(loop.body.payload, mass, TAKE_S))
        half = box.width / 2 + BESIDE / 2
        if mass > 0.5 * box.mass:
            down = between(plan.grip, box.left, box.width / 2 - 0.002, plan.slope)
            yield from looking(work, box.centre, palms.move(down, 0.15, posture=plan.at))
        let_go = palms.squeeze(force, 0.0, 0.35)
        yield from looking(work, box.centre, let_go)
        yield from looking(work, box.centre, palms.carry(loop.body.payload, 0.0, TAKE_S))
        middle = np.mean([g.position for g in palms.goals.values()], axis=0)
        yield from looking(work, box.centre, palms.move(between(middle, box.left, half, plan.slope), APPROACH_SPEED))
        down = between(plan.grip, box.left, half, plan.slope)
        yield from looking(work, box.centre, palms.move(down, 0.15, posture=plan.at))

    def _weigh(self, work: Work, palms: Palms, piece: Workpiece, before: float) -> Tick:
        """The load's mass from what the feet carry more than before; the controller goes on with it if the plan's is wrong."""
        held = work.held
        assert held is not None
        mass = max((self._weight - before) / GRAVITY, 0.0)
        said: dict[str, str | float] = {"object": piece.id, "mass": mass, "declared": piece.mass}
        differs = abs(mass - piece.mass) > DIFFERS * piece.mass
        work.events.append(RecordedEvent(work.time, "event.load_differs" if differs else "event.load_measured", said))
        if not differs:
            return
        held.mass = mass
        yield from palms.carry(piece.mass, mass, TAKE_S + abs(mass - piece.mass) * TAKE_S_KG)
        needed = min(least_force(piece, mass), MOST_SQUEEZE)
        if needed > held.force:
            yield from palms.squeeze(held.force, needed, 0.4)
            held.force = needed

    @staticmethod
    def _bring_in(work: Work, palms: Palms, plan: Take, depth: float, least: float) -> Tick:
        """To the chest: up to where it is carried as the body rises, then near the body."""
        loop = work.loop
        middle, _ = palms.measured_frame()
        goal = chest(loop, depth, least, plan.further)
        rise = max(float(goal[2] - middle[2]), 0.0)
        standing = replace(plan.carried, q=plan.lifted.q) if rise < 0.02 else plan.carried
        yield from looking(work, middle + rise * UP, palms.move(palms.shifted(rise * UP), 0.25, posture=standing))
        middle, _ = palms.measured_frame()
        along = np.array([math.cos(loop.middle.yaw), math.sin(loop.middle.yaw), 0.0])
        across = left_of(loop.middle)
        # The trunk may stand a little elsewhere than planned: the load is brought to where the body is.
        off = chest(loop, depth, least, plan.further) - middle
        offset = min(float(off @ along), 0.0) * along + float(off @ across) * across
        yield from looking(work, middle, palms.move(palms.shifted(offset), 0.25, posture=plan.carried))


def anchor(loop: BodyLoop, palms: Palms) -> None:
    """Where the squeezed hands are is where they shall be: from here only the squeeze presses, not the stiffness."""
    for index in loop.body.arms:
        loop.arms.anchor(index, loop.body.q[index])
    palms.refresh()


def chest(loop: BodyLoop, depth: float, least: float = 0.0, further: float = 0.0) -> Array:
    """Where the middle of a load of ``depth`` m is carried, (3,) world: near the trunk of the standing body, clear of the thighs.

    ``least``: it is not lowered below this height, m: what stands ahead is still under it. ``further``: so much further ahead, m.
    """
    stance = loop.middle
    ahead = further + front_extent(loop.body) + CHEST_GAP + depth / 2 - BASE_BEHIND
    floor = float(loop.body.sole_position[:, 2].mean())
    return in_stance(stance, ahead, 0.0, max(floor + loop.shoulder_height - BELOW_SHOULDERS, least))


def least_force(piece: Workpiece, mass: float) -> float:
    """Squeeze per hand that holds ``mass`` kg by friction with some reserve, N."""
    return RESERVE * mass * GRAVITY / (2.0 * max(piece.friction, 0.1))


def relation(palms: Palms, centre: Array, yaw: float) -> Array:
    """Object in the palms' frame: (4,) ahead, left, up (m) and yaw relative to straight ahead."""
    middle, left = palms.measured_frame()
    forward = np.cross(left, UP)
    d = centre - middle
    return np.array([d @ forward, d @ left, d[2], wrap_angle(yaw - math.atan2(forward[1], forward[0]))])


class Place(HandSkill):
    """Put the held workpiece down at a pose, let go, take the hands back."""

    def script(self, work: Work) -> Script:
        piece = self.piece(work)
        goal = self.command.object_pose
        held = work.held
        if piece is None or goal is None:
            return "no_such_object"
        if held is None or held.object_id != piece.id:
            return "nothing_held"
        loop = work.loop
        palms = Palms(loop)
        middle, _ = palms.measured_frame()
        found = Measure(work, piece.id, middle, palms)
        yield from found.run()
        if found.pose is not None:
            held.palms_from_object = relation(palms, *found.pose)
        target = np.array(goal.position)
        reaching = work.reaching()
        above_it = self._goals(palms, held, target + ABOVE * UP, goal.yaw)
        at_it = self._goals(palms, held, target, goal.yaw)
        turn = math.acos(max(-1.0, min(1.0, float(above_it[0].normal @ palms.goals[0].normal))))
        above = yield from thinking(work, target, reaching.posture(above_it), palms.track)
        down = yield from thinking(work, target, reaching.posture(at_it), palms.track)
        if turn > 0.6 or not down.reaches or max(above.off.max(), down.off.max()) > REACH_ERROR:
            return "out_of_reach"
        rise = max(float(above_it[0].position[2] - palms.goals[0].position[2]), 0.0)
        if rise > 0.005:
            up = palms.shifted(rise * UP)
            risen = yield from thinking(work, target, reaching.posture(up), palms.track)
            yield from looking(work, target, palms.move(up, 0.2, posture=risen))
        yield from looking(work, target, palms.move(above_it, min(self.speed, 0.25), posture=above))
        # What the drives' friction and the grip leave as error is seen and taken out before letting down.
        again = Measure(work, piece.id, target, palms, 4)
        yield from again.run()
        if again.pose is not None:
            held.palms_from_object = relation(palms, *again.pose)
        at_it = self._goals(palms, held, target - 0.003 * UP, goal.yaw)
        yield from self._let_down(work, palms, palms.move(at_it, 0.10, posture=down), target, again.weight)
        anchor(loop, palms)
        yield from looking(work, target, palms.carry(held.mass, 0.0, TAKE_S + held.mass * TAKE_S_KG))
        yield from looking(work, target, palms.squeeze(held.force, 0.0, 0.35))
        work.held = None
        yield from self._let_go(work, palms, target)
        last = Measure(work, piece.id, target, palms, 3)
        yield from last.run()
        if last.pose is not None and float(np.linalg.norm(last.pose[0] - target)) > 0.03:
            return "misplaced"
        return DONE

    @staticmethod
    def _let_down(work: Work, palms: Palms, way: Tick, target: Array, before: float) -> Tick:
        """Down until it stands: then the feet carry less, and the hands no longer follow. Pressing on would tip the robot back."""
        held, loop = work.held, work.loop
        assert held is not None
        first, weight = palms.lag(), before
        for _ in way:
            work.look = target
            weight += min(loop.dt / WEIGHT_S, 1.0) * (float(np.sum(work.sensed.foot_load)) - weight)
            stands = before - weight > STANDS_SHARE * held.mass * GRAVITY
            if stands and palms.lag() - first > STANDS_LAG:
                loop.trunk.halt()
                return
            yield

    @staticmethod
    def _goals(palms: Palms, held: Held, target: Array, yaw: float) -> dict[int, PalmGoal]:
        """Where the palms' references go so that the object comes to ``target`` with ``yaw``."""
        ahead, aside, up, turn = held.palms_from_object
        heading = yaw - turn
        forward = np.array([math.cos(heading), math.sin(heading), 0.0])
        left = np.array([-forward[1], forward[0], 0.0])
        middle = target - ahead * forward - aside * left - up * UP
        measured, measured_left = palms.measured_frame()
        wanted = heading - math.atan2(measured_left[1], measured_left[0]) + math.pi / 2
        c, s = math.cos(wanted), math.sin(wanted)
        spin = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        out = {}
        for arm, g in palms.goals.items():
            out[arm] = PalmGoal(middle + spin @ (g.position - measured), spin @ g.normal, spin @ g.fingers)
        return out

    def _let_go(self, work: Work, palms: Palms, target: Array) -> Tick:
        opened = {a: PalmGoal(g.position - (BESIDE + 0.01) * g.normal, g.normal, g.fingers) for a, g in palms.goals.items()}
        yield from looking(work, target, palms.move(opened, 0.15))
        reaching = work.reaching()
        reaching.clearance.put(
            {self.command.object_id: (target, self.command.object_pose.yaw if self.command.object_pose else 0.0)}
        )
        _, left = palms.measured_frame()
        away = reaching.away(reaching.now(), float(target[2]), left)
        for posture in (yield from thinking(work, target, away, palms.track)):
            yield from looking(work, target, palms.pass_by(posture))
        work.loop.arms.prefer(None)
