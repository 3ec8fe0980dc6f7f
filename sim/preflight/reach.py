"""Reach: can both hands get to the sides of a workpiece from where the robot stands?

Geometry alone: from the shoulders of the home posture to the points where the palms go. The simulation then shows whether the
whole body gets there too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.preflight.evidence import Evidence, Outcome, graded
from sim.preflight.facts import robot_facts
from sim.preflight.finding import CheckResult
from sim.robot import RobotModel
from sim.transforms import Pose, Pose2

#: Share of the stretched arm that a task should use: a stretched arm is singular and weak.
WANTED = 0.95


@dataclass(frozen=True, slots=True)
class Reach:
    """Distance from the shoulder to the palm's point that is hardest to reach, and the length of that arm, m."""

    measured: float
    limit: float

    @property
    def ok(self) -> bool:
        """Within reach."""
        return self.measured <= self.limit


def reachable(robot: RobotModel, base: Pose2, object_pose: Pose, size: tuple[float, float, float]) -> Reach:
    """How far the palms must reach for a workpiece.

    Args:
        base: where the middle of the feet stands, world.
        object_pose: pose of the workpiece's centre, world.
        size: its full size, m.
    """
    facts = robot_facts(robot)
    position = object_pose.position
    local = base.inverse() @ Pose2(position[0], position[1], object_pose.yaw)
    # The palms press on the pair of sides that lies across the robot.
    turned = abs(np.cos(local.yaw)) < abs(np.sin(local.yaw))
    half = (size[0] if turned else size[1]) / 2
    yaw = local.yaw + (np.pi / 2 if turned else 0.0)
    across = np.array([-np.sin(yaw), np.cos(yaw), 0.0])
    across *= np.sign(across[1]) or 1.0
    centre = np.array([local.x, local.y, position[2]])
    worst = Reach(0.0, 1.0)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        if side not in facts.shoulders:
            continue
        point = centre + sign * half * across
        distance = float(np.linalg.norm(facts.shoulders[side] - point))
        if distance / facts.arm_length[side] > worst.measured / worst.limit:
            worst = Reach(distance, facts.arm_length[side])
    return worst


def hand_reach(robot: RobotModel, base: Pose2, point: Pose, hand: str = "") -> Reach:
    """How far one hand must reach for a point.

    Args:
        base: where the middle of the feet stands, world. point: world. hand: left or right; "" for the one on the point's side.
    """
    facts = robot_facts(robot)
    x, y, z = point.position
    local = base.inverse() @ Pose2(x, y, 0.0)
    side = hand or ("left" if local.y >= 0.0 else "right")
    if side not in facts.shoulders:
        return Reach(0.0, 0.0)
    distance = float(np.linalg.norm(facts.shoulders[side] - np.array([local.x, local.y, z])))
    return Reach(distance, facts.arm_length[side])


def check(evidence: Evidence) -> Outcome:
    """The reach of each grasp and place from its planned stand; its findings come with compiling the plan."""
    base = evidence.motion.start
    checks = []
    for command in evidence.motion.commands:
        if command.goal is not None:
            base = command.goal
        if command.skill in ("grasp", "place") and command.object_pose is not None and command.object_id in evidence.cell.objects:
            size = evidence.cell.objects[command.object_id].size
            reach = reachable(evidence.robot, base, command.object_pose, size)
            verdict = graded(reach.measured, reach.limit, WANTED * reach.limit, "<=")
            checks.append(
                CheckResult("reach", command.step_id, verdict, reach.measured, reach.limit, "m", "<=", command.object_id)
            )
    return Outcome((), tuple(checks))
