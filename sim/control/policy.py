"""The body's controller: runs a motion's skills over the balance loop. It sees readings, never the simulated world."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.actuators import JointCommand
from sim.cell import WorkCell
from sim.control.door import OpenDoor
from sim.control.goto import Walk
from sim.control.grasp import Grasp, Place
from sim.control.handover import Handover
from sim.control.hands import Hands
from sim.control.insert import Insert
from sim.control.loop import BodyLoop
from sim.control.outline import floor_plan_of
from sim.control.pick import Pick, Put
from sim.control.press import Press
from sim.control.protection import FallWatch, ProtectiveStop, Trust, rise, tucked
from sim.control.reaching import Reaching
from sim.control.rest import narrow_posture, rest_posture
from sim.control.skills import DONE, Announce, Look, Skill, Wait, Work
from sim.errors import SimError
from sim.motion import Motion, SkillCommand
from sim.recording import RecordedEvent, StepSpan
from sim.robot import RobotModel
from sim.sensors import Sensed
from sim.terrain import terrain_of

Array = NDArray[np.float64]

SKILL_OF: dict[str, Callable[[SkillCommand], Skill]] = {
    "walk": Walk,
    "carry": Walk,
    "look": Look,
    "wait": Wait,
    "signal": Announce,
    "grasp": Grasp,
    "place": Place,
    "press": Press,
    "pick": Pick,
    "put": Put,
    "insert": Insert,
    "handover": Handover,
    "open_door": OpenDoor,
}
#: Skills in which hands feel what they touch.
FEELING = ("press", "pick", "put", "insert", "handover", "open_door")
#: Skills that plan how the whole body reaches.
REACHING = ("grasp", "place")
#: The run goes on this long after its last step, so that what was placed has come to rest.
SETTLE_S = 0.6
#: Room about the robot that a crouch takes, m.
CROUCH_ROOM = 0.08
#: The robot stands this long before its first step.
START_S = 0.3


class Controller:
    """Executes motions on one robot.

    Args:
        robot: The nominal robot; the plant may differ.
        cell: The plan's knowledge of the surroundings; None on a bare floor.
    """

    def __init__(self, robot: RobotModel, cell: WorkCell | None) -> None:
        self.loop = BodyLoop(robot)
        self.cell = cell
        self._rest = rest_posture(self.loop)
        self._floor = floor_plan_of(cell)
        self._tight, outlines = narrow_posture(self.loop, self._rest)
        self._outlines = outlines
        self.loop.walking.terrain = terrain_of(cell)
        body = self.loop.body
        self.hands = Hands(body, self.loop.arms)
        self._head_home = body.home[body.head]
        self._reaching = Reaching(self.loop, cell, self._rest)
        self._work: Work | None = None
        self._motion: Motion | None = None
        self._running: dict[str, Skill] = {}
        self._commands: dict[str, SkillCommand] = {}
        self._after: dict[str, frozenset[str]] = {}
        self._bound: dict[str, Array] = {}
        self._ended: dict[str, float] = {}
        self._spans: dict[str, StepSpan] = {}
        self._begun = 0.0
        self._idle_since: float | None = None
        self.failed = ""
        self.stopped = False
        self._stop: ProtectiveStop | None = None
        self._trust = Trust()
        self.fall = FallWatch(self.loop)

    # --- what is asked -------------------------------------------------------------------------------------------------

    def load(self, motion: Motion, now: float) -> None:
        """Begin a motion.

        Raises:
            SimError: ``motion.unknown_skill``, ``motion.unknown_step`` (an ``after`` that names nothing) or
                ``motion.busy`` while another one runs.
        """
        if self._running:
            raise SimError("motion.busy", step=next(iter(self._running)))
        ids = {c.step_id for c in motion.commands}
        for c in motion.commands:
            if c.skill not in SKILL_OF:
                raise SimError("motion.unknown_skill", step=c.step_id, skill=c.skill, valid=", ".join(SKILL_OF))
            missing = [a for a in c.after if a not in ids]
            if missing:
                raise SimError("motion.unknown_step", step=c.step_id, after=missing[0], valid=", ".join(sorted(ids)))
        if any(c.skill in REACHING for c in motion.commands):
            self._reaching.prepare()
        self._motion = motion
        self._commands = {c.step_id: c for c in motion.commands}
        self._after = {c.step_id: frozenset(c.after) for c in motion.commands}
        self._bound = {
            c.object_id: np.array(c.object_pose.position)
            for c in motion.commands
            if c.skill == "place" and c.object_pose is not None
        }
        self._ended, self._spans = {}, {}
        self._begun = now + START_S
        self._idle_since = None
        self.failed = ""
        self.stopped = False
        self._stop = None
        if self._work is not None:
            self._work.stopping = False
            self._work.bound = self._bound

    def request_stop(self, reason: str = "requested") -> None:
        """Stop in balance: end walking within a few steps, freeze the arms, keep the load; then crouch where there is room.

        ``reason``: ``requested`` or ``untrusted``, as in the event's code.
        """
        if self.stopped:
            return
        self.stopped = True
        work = self._work
        now = 0.0
        if work is not None:
            work.stopping, now = True, work.time
            work.events.append(RecordedEvent(now, f"event.protective_stop_{reason}"))
        self.loop.walking.stop()
        self.loop.trunk.halt()
        self._stop = ProtectiveStop(self.loop, reason, now, self._may_crouch)

    def _may_crouch(self) -> bool:
        """Nothing is below the hands and the load, and the feet stand level."""
        work, walking = self._work, self.loop.walking
        if work is None or self.loop.hands_busy or self.loop.trunk.low or not walking.terrain.flat:
            return False
        return work.room().fits(self.loop.middle, margin=CROUCH_ROOM)

    def abort(self, reason: str, now: float) -> None:
        """The run is over: what was being executed ends with ``reason``."""
        self.failed = self.failed or reason
        for step in list(self._running):
            self._end(step, reason, now)

    @property
    def steps(self) -> tuple[StepSpan, ...]:
        """What happened to the steps so far, in order of their start."""
        return tuple(sorted(self._spans.values(), key=lambda s: s.start))

    @property
    def current_step(self) -> str:
        """The step being executed ("" if none); of several the one that moves the legs or hands."""
        for step in self._running:
            if self._commands[step].skill not in ("look", "wait", "signal"):
                return step
        return next(iter(self._running), "")

    @property
    def active(self) -> tuple[SkillCommand, ...]:
        """Commands being executed."""
        return tuple(self._commands[i] for i in self._running)

    @property
    def held_object(self) -> str:
        """The workpiece in the hands, "" if none."""
        if self._work is None:
            return ""
        if self._work.held is not None:
            return self._work.held.object_id
        return next((held.object_id for held in self._work.in_hand.values()), "")

    @property
    def completed(self) -> bool:
        """Every step of the motion ended well."""
        if self._motion is None or self.failed or self.stopped:
            return False
        return all(c.step_id in self._ended for c in self._motion.commands)

    @property
    def done(self) -> bool:
        """The motion has ended, well or not, and the robot has come to rest."""
        return self._idle_since is not None

    def take_events(self) -> list[RecordedEvent]:
        """Events since the last call."""
        if self._work is None:
            return []
        out, self._work.events = self._work.events, []
        return out

    # --- each tick -----------------------------------------------------------------------------------------------------

    def tick(self, sensed: Sensed) -> JointCommand:
        """One control period."""
        loop = self.loop
        loop.sense(sensed)
        if self._work is None:
            self._work = Work(
                loop,
                self.cell,
                self._floor.obstacles,
                sensed,
                terrain=loop.walking.terrain,
                floor=self._floor,
                outlines=self._outlines,
                rest=self._rest,
                bound=self._bound,
                hands=self.hands,
                planner=self._reaching,
            )
        work = self._work
        work.sensed, work.time = sensed, sensed.time
        work.gaze = work.look = None
        work.crowd.update(sensed.people, sensed.time)
        work.events += self.fall.update(work.time)
        if self.fall.since is not None:
            return tucked(loop)
        if self._running and not self.stopped and self._trust.broken(sensed):
            self.request_stop("untrusted")
        loop.hands_busy = False
        if any(self._commands[step].skill in FEELING for step in self._running):
            self.hands.sense(sensed.torque)
        self._start_steps(work)
        self._tick_steps(work)
        self._rest_of_body(work)
        if self._stop is not None:
            work.events += self._stop.tick(work.time)
        try:
            command = loop.act(sensed)
        except SimError as error:
            if error.code != "control.no_solution":
                raise
            # A body so far out of balance that no torque helps.
            work.events += self.fall.give_up("no_solution", work.time)
            return tucked(loop)
        for side in loop.walking.touchdowns:
            work.events.append(RecordedEvent(work.time, "event.touchdown", {"side": ("left", "right")[side]}))
        self._note_end(work)
        return command

    def _start_steps(self, work: Work) -> None:
        if self._motion is None or self.failed or self.stopped or work.time < self._begun:
            return
        if len(self._spans) == len(self._commands):
            return
        if not rise(self.loop):
            self._begun = work.time + START_S
            return
        for c in self._motion.commands:
            if c.step_id in self._spans or not self._ended.keys() >= self._after[c.step_id]:
                continue
            ready = max((self._ended[a] for a in c.after), default=self._begun) + c.delay
            if work.time + 1e-9 < ready:
                continue
            skill = SKILL_OF[c.skill](c)
            self._spans[c.step_id] = StepSpan(c.step_id, c.skill, work.time, None, False)
            self._running[c.step_id] = skill
            skill.begin(work)

    def _tick_steps(self, work: Work) -> None:
        if self.stopped:
            for step in list(self._running):
                self._end(step, "untrusted" if self._stop and self._stop.reason == "untrusted" else "stopped", work.time)
            return
        for step, skill in list(self._running.items()):
            if step not in self._running:
                continue
            outcome = skill.tick(work)
            if outcome is None:
                continue
            self._end(step, outcome, work.time)
            if outcome != DONE:
                self.failed = outcome
                self.loop.walking.stop()
                for other in list(self._running):
                    self._end(other, "ended_with_failure", work.time)

    def _end(self, step: str, outcome: str, now: float) -> None:
        begun = self._spans[step]
        self._spans[step] = StepSpan(step, begun.skill, begun.start, now, outcome == DONE, outcome)
        del self._running[step]
        if outcome == DONE:
            self._ended[step] = now

    def _rest_of_body(self, work: Work) -> None:
        """Arms and head where no skill moves them."""
        loop = self.loop
        arms, body = loop.arms, loop.body
        frozen = self.stopped or bool(self.failed)
        if not loop.hands_busy:
            if work.held is not None or work.in_hand or frozen:
                for index in body.arms:
                    arms.hold(index)
            else:
                stride = 0.0
                if not loop.walking.standing:
                    (lx, ly, _), (rx, ry, _) = body.sole_position.tolist()
                    heading = loop.middle.yaw
                    stride = (lx - rx) * math.cos(heading) + (ly - ry) * math.sin(heading)
                arms.relax(*((0.0, self._tight) if work.narrow else (stride, self._rest)))
        self.hands.tick()
        if len(body.head):
            target = work.look if work.look is not None else work.gaze
            if frozen:
                arms.hold(body.head)
            elif target is not None:
                arms.look_at(target)
            else:
                arms.track(body.head, self._head_home, rate=4.0, speed=1.0)

    def _note_end(self, work: Work) -> None:
        if self._idle_since is not None or self._motion is None or self._running:
            return
        over = self.failed or self.stopped or len(self._ended) == len(self._commands)
        if not over or not self.loop.walking.standing or (self._stop is not None and not self._stop.done):
            return
        last = max((s.end for s in self._spans.values() if s.end is not None), default=work.time)
        if work.time - last >= SETTLE_S:
            self._idle_since = work.time
