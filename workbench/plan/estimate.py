"""How long a command will take, from the robot's profile alone: no physics, microseconds.

Estimates draw the timeline before the first simulation; the simulation replaces them.
"""

from __future__ import annotations

import math

from sim.motion import SkillCommand
from sim.robot import RobotModel
from sim.transforms import Pose2, wrap_angle

# Shifting the weight onto the first foot, back between both feet after the last step, and coming to rest, s.
_WEIGHT_SHIFT = 2.2
# Speed is gained and lost by 0.1 m/s a step: time that costs for each m/s, s.
_RAMP = 1.5
# Grasp and place: looking, pressing, letting go and settling (s), and how far the hands travel in all (m).
_GRASP = (4.5, 1.22)
_PLACE = (5.0, 1.48)
_LIFT_SPEED = 0.2
_LOOK = 0.9
_SIGNAL = 0.1


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
        return _WEIGHT_SHIFT + _RAMP * speed + distance / speed + turn / gait.step_yaw * stride_s
    if command.skill in ("grasp", "place"):
        settle, travel = _GRASP if command.skill == "grasp" else _PLACE
        speed = max(command.speed, 0.03)
        return settle + travel / speed + command.height / min(speed, _LIFT_SPEED)
    return {"look": _LOOK, "wait": command.duration, "signal": _SIGNAL}[command.skill]
