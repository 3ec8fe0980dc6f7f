"""Going to a place: the way is found, walked, waited on for people in it, found again, and reported where there is none."""

from __future__ import annotations

import math

import numpy as np

from sim.control.footsteps import Footsteps, Waypoint
from sim.control.people import ahead_of
from sim.control.skills import DONE, RISE_S, Work
from sim.control.stairs import Leg, legs_to
from sim.control.way import NoWay, Room, find_way, walked
from sim.motion import SkillCommand
from sim.recording import RecordedEvent
from sim.snapshot import WAY_EVENT, way_told
from sim.transforms import Pose2, wrap_angle

#: Free arms swing with this much room, m; they are held in for at least this long, and room is looked for this often, s.
ARM_ROOM = 0.06
ARMS_IN_S, LOOK_AHEAD_S = 1.0, 0.1
#: People are minded on the way that is walked in this time, s, and this much farther, m: the feet stop within a second.
MIND_S, MIND = 1.6, 0.5
#: Somebody in the way is looked for this often; the way counts as free when it has been for this long, s.
MIND_EVERY, FREE_S = 0.06, 0.5
#: Who waits wants this much more room than who walks on, m.
MORE_ROOM = 0.12
#: After this time of waiting one looks for a way round, again so often, and gives up after the last, s.
PATIENCE_S, AGAIN_S, GIVE_UP_S = 10.0, 2.0, 40.0
#: Who comes to stand beside the goal goes there once more, at most so often.
MOST_RETRIES = 2


class Walk:
    """Walk (or carry) to a goal pose of the middle of the feet."""

    def __init__(self, command: SkillCommand) -> None:
        self.command = command
        self._limit = 0.0
        self._quiet = 0.0
        self._legs: list[Leg] = []
        self._goal = Pose2(0.0, 0.0, 0.0)
        self._failure: str | None = None
        self._room: Room | None = None
        self._poses: list[Pose2] = []
        self._look_at = 0.0
        self._mind_at = 0.0
        self._waiting: float | None = None
        self._free_since: float | None = None
        self._round_at = 0.0
        self._retries = 0

    def begin(self, work: Work) -> None:
        """Plan the legs of the way and set off."""
        goal = self.command.goal
        assert goal is not None
        loop = work.loop
        if work.held is None and loop.trunk.bent:
            loop.trunk.neutral(RISE_S)
        self._legs = legs_to(loop.middle, goal, work.terrain, loop.gait, float(loop.body.sole_half[:, 0].max()))
        length = sum(leg.start.distance(leg.goal) for leg in self._legs)
        self._limit = work.time + 30.0 + 8.0 * length + 30.0 * (len(self._legs) // 2)
        self._next_leg(work)

    def tick(self, work: Work) -> str | None:
        """See :class:`sim.control.skills.Skill`."""
        loop = work.loop
        self._failure = self._failure or self._lost(work)
        if self._failure:
            work.narrow = False
            loop.walking.stop()
            return self._failure
        self._hold_arms_in(work)
        self._mind_people(work)
        m = loop.middle
        work.gaze = np.array([m.x + 1.8 * math.cos(m.yaw), m.y + 1.8 * math.sin(m.yaw), 0.4])
        if self._waiting is not None:
            self._wait(work)
            return None
        if not loop.walking.standing:
            self._quiet = 0.0
            return None
        self._quiet += loop.dt
        if self._quiet < 0.2 or not loop.balanced:
            return None
        if self._legs and not work.stopping:
            self._next_leg(work)
            return None
        return self._arrived(work)

    def _lost(self, work: Work) -> str:
        if self.command.skill == "carry" and work.held is None and not work.in_hand:
            return "nothing_held"
        if work.lost():
            return "object_lost"
        return "timeout" if work.time > self._limit else ""

    def _arrived(self, work: Work) -> str | None:
        goal = self.command.goal
        assert goal is not None
        m = work.loop.middle
        if m.distance(goal) <= 0.03 and abs(wrap_angle(m.yaw - goal.yaw)) <= 0.06:
            work.narrow = False
            return DONE
        if work.stopping or self._retries >= MOST_RETRIES or not self._poses:
            work.narrow = False
            return "stopped" if work.stopping else "goal_missed"
        self._retries += 1
        self._set_off(work)
        return None

    # --- the way -------------------------------------------------------------------------------------------------------

    def _next_leg(self, work: Work) -> None:
        leg = self._legs.pop(0)
        if leg.stairs is not None:
            self._quiet = 0.0
            self._poses = []
            work.loop.walking.walk(leg.stairs)
            return
        self._goal = leg.goal
        self._set_off(work)

    def _set_off(self, work: Work) -> None:
        """Find the way to the leg's goal and walk it, round people who stand if there is one; without any the walk has failed."""
        try:
            try:
                self._follow(work, self._way(work, around=True))
            except NoWay:
                self._follow(work, self._way(work))
        except NoWay as blocked:
            self._failure = "no_way"
            place = {"x": round(blocked.place.x, 2), "y": round(blocked.place.y, 2)}
            work.events.append(RecordedEvent(work.time, "event.no_way", {"step": self.command.step_id, **place}))

    def _way(self, work: Work, around: bool = False) -> tuple[Waypoint, ...]:
        self._room = room = work.room()
        if around:
            standing = work.crowd.standing(work.loop.middle, room.tight.whole[2])
            room = Room(room.floor.with_people(standing), room.tight, room.wide)
        return find_way(work.loop.middle, self._goal, room, work.loop.gait, self.command.speed, work.held is not None)

    def _follow(self, work: Work, way: tuple[Waypoint, ...]) -> None:
        loop = work.loop
        half = loop.body.sole_half
        sole = (float(half[:, 0].max()), float(half[:, 1].max()))
        self._quiet = 0.0
        self._poses = walked(loop.middle, way, loop.gait, self.command.speed)
        work.events.append(RecordedEvent(work.time, WAY_EVENT, way_told(self.command.step_id, self._poses)))
        loop.walking.walk(Footsteps(loop.gait, way, self.command.speed, work.terrain, sole))

    def _hold_arms_in(self, work: Work) -> None:
        """Hold the free arms in where they have no room, here and on the next metre; let them hang again behind it."""
        if work.held is not None or work.in_hand or self._room is None or work.time < self._look_at:
            return
        m, room = work.loop.middle, self._room
        ahead = [m @ Pose2(d, 0.0, 0.0) for d in (-0.2, 0.0, 0.2, 0.4, 0.6, 0.8)]
        # Where they would not fit held in either, as at a bench, there is nothing to be gained by it.
        work.narrow = any(not room.fits(p, wide=True, margin=ARM_ROOM) and room.fits(p) for p in ahead)
        self._look_at = work.time + (ARMS_IN_S if work.narrow else LOOK_AHEAD_S)

    # --- people --------------------------------------------------------------------------------------------------------

    def _in_way(self, work: Work, poses: list[Pose2], more: float = 0.0) -> str:
        assert self._room is not None
        speed = self.command.speed or work.loop.gait.max_speed
        ahead = ahead_of(poses, work.loop.middle, MIND_S * speed + MIND)
        return work.crowd.in_way(ahead, self._room.wide.whole[2], work.time, more)

    def _mind_people(self, work: Work) -> None:
        """Stop in balance for somebody who is or will be in the way."""
        if work.time < self._mind_at or not self._poses or self._waiting is not None:
            return
        self._mind_at = work.time + MIND_EVERY
        if work.loop.middle.distance(self._goal) < 0.05:
            return
        who = self._in_way(work, self._poses)
        if not who:
            return
        x, y = work.crowd.place_of(who, work.time)
        params: dict[str, str | float] = {"person": who, "x": round(x, 2), "y": round(y, 2)}
        work.events.append(RecordedEvent(work.time, "event.person_in_way", params))
        work.loop.walking.stop()
        self._waiting, self._free_since = work.time, None
        self._round_at = work.time + PATIENCE_S

    def _wait(self, work: Work) -> None:
        """Stand until the way is free, then walk on; look for another one after a while; give up in the end."""
        assert self._waiting is not None
        loop = work.loop
        self._limit += loop.dt
        if work.time >= self._mind_at:
            self._mind_at = work.time + MIND_EVERY
            blocked = bool(self._in_way(work, self._poses, MORE_ROOM))
            self._free_since = None if blocked else self._free_since or work.time
        if not loop.walking.standing or not loop.balanced or work.stopping:
            return
        waited = round(work.time - self._waiting, 1)
        if self._free_since is not None and work.time - self._free_since >= FREE_S:
            self._waiting = None
            work.events.append(RecordedEvent(work.time, "event.way_free", {"waited": waited}))
            self._set_off(work)
        elif waited > GIVE_UP_S:
            self._failure = "way_blocked"
            work.events.append(RecordedEvent(work.time, "event.way_blocked", {"step": self.command.step_id, "waited": waited}))
        elif work.time > self._round_at:
            self._round_at = work.time + AGAIN_S
            self._go_round(work, waited)

    def _go_round(self, work: Work, waited: float) -> None:
        try:
            way = self._way(work, around=True)
        except NoWay:
            return
        poses = walked(work.loop.middle, way, work.loop.gait, self.command.speed)
        if not poses or self._in_way(work, poses):
            return
        self._waiting = None
        work.events.append(RecordedEvent(work.time, "event.way_round", {"waited": waited}))
        self._follow(work, way)
