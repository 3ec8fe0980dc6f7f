"""How long a command will take: its footsteps are planned and counted, its hand ways measured; no physics.

A walk of some metres takes about a millisecond.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from sim.control.footsteps import Footsteps, Waypoint
from sim.control.grasp import APPROACH_SPEED, HAND_SPEED, LIFT, SEEN_WITHIN_S
from sim.control.loop import BodyLoop
from sim.control.outline import FloorPlan, Obstacle, Outline
from sim.control.palms import PEAK_OF_MEAN
from sim.control.pattern import shift_and_settle
from sim.control.reaching import BESIDE
from sim.control.rest import narrow_posture, rest_posture
from sim.control.route import plan_route
from sim.control.skills import LOOK_SETTLE_S
from sim.control.way import NoWay, Room, find_way, walked
from sim.motion import SkillCommand
from sim.robot import GaitProfile, RobotModel
from sim.transforms import Pose2

#: Standing still before a walk counts as ended, s.
QUIET_S = 0.2
#: How far a load before the chest reaches ahead of the feet, and its arms to either side, m.
LOADED_FRONT, LOADED_HALF = 0.55, 0.36
#: Ways of the hands that do not depend on the command, m: up before the chest, out to the workpiece; and back again.
OUT_WAY, BACK_WAY, BRING_IN_WAY = 0.25, 0.28, 0.16
#: Looking, squeezing and taking over the weight; letting it down, letting go and looking again, s.
GRASP_FIXED_S, PLACE_FIXED_S = 3.3, 2.6
#: A load's centre is carried so far over the usual height of the centre of mass, m.
CARRIED_OVER = 0.33
LOOK_TURN_S = 0.65
#: Skills of one hand: seeing, feeling, gripping and such, s; ways of the hand that its speed shortens, m.
HAND_TIMES = {
    "press": (5.0, 1.1),
    "pick": (8.0, 0.95),
    "put": (9.0, 0.8),
    "handover": (15.0, 1.2),
    "insert": (11.0, 0.8),
    "open_door": (12.0, 1.2),
}


def estimate(
    command: SkillCommand, robot: RobotModel, start: Pose2, *, obstacles: Sequence[Obstacle] = (), loaded: bool | None = None
) -> float:
    """Seconds that a command takes when it begins with the feet at ``start`` (world).

    Args:
        obstacles: The floor plan, from :func:`sim.control.route.obstacles_of`; without it no way round is counted.
        loaded: Whether the hands hold a load; by default they do in a carry.
    """
    if command.skill in ("walk", "carry") and command.goal is not None:
        return walking_time(
            robot, start, command.goal, command.speed, obstacles, command.skill == "carry" if loaded is None else loaded
        )
    if command.skill in ("grasp", "place"):
        return _hands(command, robot)
    if command.skill in HAND_TIMES:
        fixed, way = HAND_TIMES[command.skill]
        return fixed + way * PEAK_OF_MEAN / (command.speed or HAND_SPEED)
    if command.skill == "look":
        return LOOK_TURN_S + LOOK_SETTLE_S + command.duration
    return command.duration


def _hands(command: SkillCommand, robot: RobotModel) -> float:
    """Seconds of a grasp or a place: the ways of the hands, and how far the body rises or sinks with the load."""
    speed = (command.speed or HAND_SPEED) / PEAK_OF_MEAN
    carried = robot.profile.gait.com_height + CARRIED_OVER
    height = command.object_pose.position[2] if command.object_pose is not None else carried
    slow = 0.25 / PEAK_OF_MEAN
    if command.skill == "grasp":
        lift = command.height or LIFT
        rise = max(carried - height - lift, 0.0) / slow
        close = BESIDE / APPROACH_SPEED * PEAK_OF_MEAN
        fixed = min(GRASP_FIXED_S, SEEN_WITHIN_S) + BRING_IN_WAY / slow
        return fixed + 2 * OUT_WAY / speed + close + lift / min(speed, 0.2 / PEAK_OF_MEAN) + rise
    out = math.hypot(BRING_IN_WAY + 0.1, carried - height) / min(speed, slow)
    return PLACE_FIXED_S + out + 0.05 / APPROACH_SPEED * PEAK_OF_MEAN + 2 * BACK_WAY / speed


_outlines: dict[str, tuple[Outline, Outline]] = {}


def outlines_of(robot: RobotModel) -> tuple[Outline, Outline]:
    """The robot's outlines with arms held in and hanging; made once per robot."""
    if robot.content_hash not in _outlines:
        loop = BodyLoop(robot)
        _outlines[robot.content_hash] = narrow_posture(loop, rest_posture(loop))[1]
    return _outlines[robot.content_hash]


def way_to(robot: RobotModel, start: Pose2, goal: Pose2, speed: float, floor: FloorPlan, loaded: bool) -> tuple[Waypoint, ...]:
    """The way that a walk would take, as far as it can be told before.

    Raises:
        NoWay: where there is none.
    """
    tight, wide = outlines_of(robot)
    if loaded:
        tight = wide = replace(wide, whole=(wide.whole[0], LOADED_FRONT, LOADED_HALF))
    found = _found(start, goal, Room(floor, tight, wide), robot.profile.gait, speed, loaded)
    if isinstance(found, NoWay):
        raise found
    return found


@lru_cache(maxsize=256)
def _found(start: Pose2, goal: Pose2, room: Room, gait: GaitProfile, speed: float, loaded: bool) -> tuple[Waypoint, ...] | NoWay:
    try:
        return find_way(start, goal, room, gait, speed, loaded)
    except NoWay as blocked:
        return blocked


def walking_time(
    robot: RobotModel, start: Pose2, goal: Pose2, speed: float, obstacles: Sequence[Obstacle] = (), loaded: bool = False
) -> float:
    """Seconds from standing at ``start`` to standing at ``goal`` (middle of the feet, world), by counting footsteps."""
    gait = robot.profile.gait
    try:
        way = way_to(robot, start, goal, speed, FloorPlan(tuple(obstacles)), loaded)
    except NoWay:
        # What cannot be walked takes as long as the way that is blocked would.
        way = plan_route(start, goal, obstacles, loaded)
    poses = walked(start, way, gait, speed)
    count = len(poses) - 1
    if count == 0:
        return QUIET_S
    if count < 0:
        return math.inf
    single, double = Footsteps(gait, way, speed).pace
    shift, settle = shift_and_settle(gait)
    return shift + count * (single + double) - double + settle + QUIET_S
