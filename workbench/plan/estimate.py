"""How long a command will take and whether its workpiece can be reached, from the robot's profile alone: no physics, microseconds.

Estimates draw the timeline before the first simulation; the simulation replaces them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.motion import SkillCommand
from sim.robot import RobotModel
from sim.transforms import Pose, Pose2, wrap_angle

# Shifting the weight onto the first foot and back between both feet, s.
_WEIGHT_SHIFT = 1.1
# Closing the hands on a workpiece or opening them, with the controller's settling, s.
_SQUEEZE = 1.2
# How far the hands travel from the ready posture to a workpiece on a surface, m.
_HAND_TRAVEL = 0.45
_LOOK = 0.8
_SIGNAL = 0.1


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a point is within reach, with the distance from the shoulders and the limit in m."""

    ok: bool
    measured: float
    limit: float


def estimate(command: SkillCommand, robot: RobotModel, start: Pose2) -> float:
    """Estimated length in s of a command that begins with the feet at ``start`` (world)."""
    gait = robot.profile.gait
    if command.skill in ("walk", "carry") and command.goal is not None:
        goal, distance = command.goal, start.distance(command.goal)
        stride_s = gait.single_support_s + gait.double_support_s
        ahead = start.inverse() @ goal
        backwards = abs(ahead.y) < 0.1 and -0.6 < ahead.x < 0
        heading = math.atan2(goal.y - start.y, goal.x - start.x) if distance > 0.3 and not backwards else start.yaw
        turn = abs(wrap_angle(heading - start.yaw)) + abs(wrap_angle(goal.yaw - heading))
        speed = min(max(command.speed, 0.05), gait.max_speed, gait.step_backward / stride_s if backwards else math.inf)
        return _WEIGHT_SHIFT + distance / speed + turn / gait.step_yaw * stride_s
    if command.skill in ("grasp", "place"):
        return _SQUEEZE + (2 * _HAND_TRAVEL + command.height) / max(command.speed, 0.03)
    return {"look": _LOOK, "wait": command.duration, "signal": _SIGNAL}[command.skill]


def reachable(robot: RobotModel, base: Pose2, object_pose: Pose, size: tuple[float, float, float]) -> Reach:
    """Whether both hands reach the sides of a workpiece.

    The shoulders of a humanoid stand at about 0.8 of its height in the working posture less the crouch, the arm with the
    hand measures about 0.36 of it; a forward lean of the waist adds a twentieth.

    Args:
        base: where the middle of the feet stands, world.
        object_pose: pose of the workpiece's centre, world.
        size: full size of the workpiece, m.
    """
    height = robot.profile.height or robot.profile.gait.com_height * 2.1
    local = base.inverse() @ Pose2(object_pose.position[0], object_pose.position[1])
    shoulder_height = 0.74 * height
    far_side = abs(local.y) + size[1] / 2 - 0.09 * height
    distance = math.hypot(local.x, max(far_side, 0.0), object_pose.position[2] - shoulder_height)
    limit = 0.42 * height
    return Reach(distance <= limit, round(distance, 3), round(limit, 3))
