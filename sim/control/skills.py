"""Skills of the legs, the head and the clock. A skill is begun once and ticked until it says how it ended."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.cell import WorkCell
from sim.control.hands import Hands
from sim.control.loop import BodyLoop
from sim.control.outline import PERSON_LIKE, FloorPlan, Obstacle, Outline, outline_of
from sim.control.people import Crowd
from sim.control.reaching import Reaching
from sim.control.way import Room
from sim.motion import SkillCommand
from sim.recording import RecordedEvent
from sim.sensors import Sensed, Sighting
from sim.terrain import FLAT, Terrain

Array = NDArray[np.float64]

DONE = ""
LOOK_SETTLE_S = 0.4
LOOK_TIMEOUT_S = 5.0
LOOK_ANGLE = 0.04
#: Palms closer by this than they held the load have lost it, m.
LOST_GAP = 0.03
#: The same between fingers.
SLIPPED = 0.006
#: A trunk that is not where it should be to walk gets there within this time, s.
RISE_S = 0.8


@dataclass(slots=True)
class Held:
    """What the hands hold: the workpiece, its pose between the palms, the squeeze per hand (N), the palms' gap (m).

    ``ahead``: half its length between the hands, along the robot's heading, m.
    """

    object_id: str
    mass: float
    force: float
    palms_from_object: Array
    gap: float = 0.0
    ahead: float = 0.2


@dataclass(slots=True)
class InHand:
    """What one hand holds between its fingers: the workpiece, the force of each finger (N), the width that the fingers found (m).

    ``at``: (3,) middle of the workpiece and ``turn``: (3, 3) its rotation, both in the palm's frame.
    """

    object_id: str
    mass: float
    force: float
    width: float
    at: Array
    turn: Array


@dataclass(slots=True)
class Work:
    """What skills share: the body, the plan's knowledge of the cell, the newest reading, what is held."""

    loop: BodyLoop
    cell: WorkCell | None
    obstacles: tuple[Obstacle, ...]
    sensed: Sensed
    time: float = 0.0
    held: Held | None = None
    hands: Hands | None = None
    #: What single hands hold, by arm number.
    in_hand: dict[int, InHand] = field(default_factory=dict)
    gaze: Array | None = None
    look: Array | None = None
    events: list[RecordedEvent] = field(default_factory=list)
    stopping: bool = False
    terrain: Terrain = FLAT
    #: What stands on the floor as the plan knows it, and the robot's outlines with arms held in and hanging.
    floor: FloorPlan = field(default_factory=FloorPlan)
    outlines: tuple[Outline, Outline] = (PERSON_LIKE, PERSON_LIKE)
    #: Free arms are held in: there is no room for them to swing.
    narrow: bool = False
    crowd: Crowd = field(default_factory=Crowd)
    #: Where the motion will put workpieces down, (3,) world, by id.
    bound: dict[str, Array] = field(default_factory=dict)
    #: Posture (n,) of free arms.
    rest: Array | None = None
    planner: Reaching | None = None

    def room(self) -> Room:
        """The floor plan with the robot's outline as it is now: with a load, that of the posture in which it is held."""
        if self.in_hand:
            return Room.of(self.floor, outline_of(self.loop.body))
        if self.held is None:
            return Room.of(self.floor, *self.outlines)
        return Room.of(self.floor, outline_of(self.loop.body, (self.held.ahead, self.held.gap / 2)))

    def reaching(self) -> Reaching:
        """The planner of the whole body's reach here; made when it is first needed."""
        if self.planner is None:
            self.planner = Reaching(self.loop, self.cell, self.rest if self.rest is not None else self.loop.body.home)
        return self.planner

    def lost(self) -> bool:
        """Whether the hands have lost their load: the palms have come closer than it is wide. Then they let go."""
        lost = [arm for arm in list(self.in_hand) if self.let_slip(arm)]
        if lost:
            return True
        if self.held is None:
            return False
        p = self.loop.body.hand_position
        if float(np.linalg.norm(p[0] - p[1])) > self.held.gap - LOST_GAP:
            return False
        self.held = None
        self.loop.squeeze = 0.0
        self.loop.body.set_payload(0.0)
        self.loop.trunk.neutral(RISE_S)
        return True

    def weigh(self) -> None:
        """Tell the body's model what single hands hold."""
        masses, at = [0.0] * len(self.loop.body.hands), [np.zeros(3)] * len(self.loop.body.hands)
        for arm, held in self.in_hand.items():
            masses[arm], at[arm] = held.mass, held.at
        self.loop.body.set_hand_loads(masses, at)

    def let_slip(self, arm: int) -> bool:
        """Whether a hand's fingers have closed on nothing: what they held is gone."""
        held = self.in_hand.get(arm)
        if held is None or self.hands is None or self.hands.width(arm) > held.width - SLIPPED:
            return False
        del self.in_hand[arm]
        self.hands.grippers[arm].rest()
        self.weigh()
        return True

    def sighting(self, object_id: str, since: float) -> Sighting | None:
        """The newest sighting of an object taken after ``since``, None if there is none."""
        found = self.sensed.sightings.get(object_id)
        return found if found is not None and found.time >= since else None


class Skill(Protocol):
    """One step at work. ``tick`` returns None while running, DONE on success, else the reason of the failure."""

    def begin(self, work: Work) -> None: ...
    def tick(self, work: Work) -> str | None: ...


class Look:
    """Turn the head to a point and keep it there until it is seen sharply."""

    def __init__(self, command: SkillCommand) -> None:
        self.command = command
        self._begun = 0.0
        self._still = 0.0
        self._since: float | None = None

    def begin(self, work: Work) -> None:
        self._begun = work.time

    def tick(self, work: Work) -> str | None:
        assert self.command.target is not None
        point = np.array(self.command.target)
        work.look = point
        loop = work.loop
        position, rotation = loop.body.camera_pose()
        toward = (point - position) / max(float(np.linalg.norm(point - position)), 1e-6)
        angle = math.acos(max(-1.0, min(1.0, float(-rotation[:, 2] @ toward))))
        if angle > LOOK_ANGLE:
            self._since = None
            # A head that cannot turn that far has looked as well as it can: it rests at the end of its range.
            self._still = self._still + loop.dt if float(np.abs(loop.arms.qd[loop.body.head]).max(initial=0.0)) < 0.02 else 0.0
            if work.time - self._begun > LOOK_TIMEOUT_S or self._still > LOOK_SETTLE_S + self.command.duration:
                return "out_of_view" if angle > 0.5 else DONE
            return None
        if self._since is None:
            self._since = work.time
        return DONE if work.time - self._since >= LOOK_SETTLE_S + self.command.duration else None


class Wait:
    """Stand for the step's duration."""

    def __init__(self, command: SkillCommand) -> None:
        self.command = command
        self._until = 0.0

    def begin(self, work: Work) -> None:
        self._until = work.time + self.command.duration

    def tick(self, work: Work) -> str | None:
        return DONE if work.time >= self._until - 1e-9 else None


class Announce:
    """Say something to the surroundings: an event in the recording."""

    def __init__(self, command: SkillCommand) -> None:
        self.command = command

    def begin(self, work: Work) -> None:
        work.events.append(RecordedEvent(work.time, "event.signal", {"name": self.command.text, "value": self.command.value}))

    def tick(self, work: Work) -> str | None:
        return DONE
