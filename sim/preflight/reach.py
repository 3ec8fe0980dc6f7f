"""Reach: can both hands get to the sides of a workpiece from where the robot stands?

Kinematics of the whole body, as the robot itself plans it: it may squat, lean and turn its waist while its weight stays over the
feet. The simulation then shows whether the way there is free and the balance kept.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from sim.control.arms import Arms, PalmGoal
from sim.control.body import Body, standing_height
from sim.control.hands import tool_of
from sim.control.loop import CONTROL_PERIOD
from sim.control.palms import between
from sim.control.posture import Feet, PosturePlanner
from sim.preflight.evidence import Evidence, Outcome, graded
from sim.preflight.facts import robot_facts
from sim.preflight.finding import CheckResult
from sim.robot import SIDES, RobotModel
from sim.transforms import Pose, Pose2

Array = NDArray[np.float64]

#: Share of the stretched arm that a task should use: a stretched arm is singular and weak.
WANTED = 0.97
#: Fingers may slope between straight ahead and down: what reaches with any of these reaches.
SLOPES = (0.25, 0.8)
#: Answers that are kept, and how finely a question counts as the same, m and rad: a plan asks again with every edit.
MOST_KNOWN, FINE = 512, 1e-3


@dataclass(frozen=True, slots=True)
class Reach:
    """Distance from the shoulder to the palm's point that is hardest to reach, and the length of that arm, m.

    The shoulders are where the whole body brings them. A point out of reach is further than the arm by what the palm misses.
    """

    measured: float
    limit: float

    @property
    def ok(self) -> bool:
        """Within reach."""
        return self.measured <= self.limit


@dataclass(slots=True)
class _Robot:
    """A robot's kinematics, standing at the origin."""

    planner: PosturePlanner
    feet: Feet
    height: float
    shoulders: list[int]


_robots: dict[str, _Robot] = {}
_known: OrderedDict[tuple[object, ...], Reach] = OrderedDict()
_lock = Lock()


def reachable(robot: RobotModel, base: Pose2, object_pose: Pose, size: tuple[float, float, float], mass: float = 0.0) -> Reach:
    """How far the palms must reach for a workpiece.

    Args:
        base: where the middle of the feet stands, world.
        object_pose: pose of the workpiece's centre, world.
        size: its full size, m. mass: kg, for the balance while it is held.
    """
    if len(robot.profile.arms) < 2:
        return Reach(0.0, 1.0)
    # More than it may carry is a finding of its own.
    mass = min(mass, robot.profile.payload or mass)
    position = object_pose.position
    local = base.inverse() @ Pose2(position[0], position[1], object_pose.yaw)
    # The palms press on the pair of sides that lies across the robot.
    turned = abs(np.cos(local.yaw)) < abs(np.sin(local.yaw))
    half = (size[0] if turned else size[1]) / 2
    yaw = local.yaw + (np.pi / 2 if turned else 0.0)
    across = np.array([-np.sin(yaw), np.cos(yaw), 0.0])
    across *= np.sign(across[1]) or 1.0
    asked = np.array([local.x, local.y, position[2], *across[:2], half, mass])
    key = (robot.content_hash, *np.round(asked / FINE).astype(int).tolist())
    with _lock:
        if key not in _known:
            if len(_known) >= MOST_KNOWN:
                _known.popitem(last=False)
            _known[key] = _reach(robot, np.array([local.x, local.y, position[2]]), across, half, mass)
        return _known[key]


def _reach(robot: RobotModel, centre: Array, across: Array, half: float, mass: float) -> Reach:
    worst = [_posture(robot, between(centre, across, half, slope), mass) for slope in SLOPES[:1]]
    for slope in SLOPES[1:]:
        if worst[-1].ok:
            break
        worst.append(_posture(robot, between(centre, across, half, slope), mass))
    return min(worst, key=lambda r: r.measured / r.limit)


def _posture(robot: RobotModel, goals: dict[int, PalmGoal], mass: float) -> Reach:
    """Reach of the arm that has it harder, in the best posture of the whole body."""
    own = _kinematics(robot)
    facts = robot_facts(robot)
    planner, body = own.planner, own.planner.body
    posture = planner.solve(own.feet, goals, height=own.height, load=mass)
    miss = 0.0 if posture.reaches else max(float(posture.off.max()), float(np.abs(posture.balance).max()))
    worst = Reach(0.0, 1.0)
    for arm, goal in goals.items():
        length = facts.arm_length[body.arm_sides[arm]]
        shoulder = planner.anchor(posture, own.shoulders[arm])
        distance = min(float(np.linalg.norm(goal.position - shoulder)), length) if miss == 0.0 else length + miss
        if distance / length > worst.measured / worst.limit:
            worst = Reach(distance, length)
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
    return Reach(distance, facts.arm_length[side] + _fingers_ahead(robot)[side])


_ahead: dict[str, dict[str, float]] = {}


def _fingers_ahead(robot: RobotModel) -> dict[str, float]:
    """How far the grip of each hand lies ahead of its palm, m; made once per robot."""
    if robot.content_hash not in _ahead:
        body = Body(robot)
        _ahead[robot.content_hash] = {side: float(tool_of(body, arm).grip[0]) for arm, side in enumerate(body.arm_sides)}
    return _ahead[robot.content_hash]


def _kinematics(robot: RobotModel) -> _Robot:
    if robot.content_hash not in _robots:
        body = Body(robot)
        arms = Arms(body, CONTROL_PERIOD)
        spacing = robot.profile.gait.foot_spacing / 2
        feet = Feet(np.array([[0.0, spacing if side == "left" else -spacing, 0.0] for side in SIDES]), np.zeros(2))
        shoulders = [int(body.model.dof_jntid[body.dofs[index[0]]]) for index in body.arms]
        _robots[robot.content_hash] = _Robot(PosturePlanner(body, arms.elbows), feet, standing_height(body, body.home), shoulders)
    return _robots[robot.content_hash]


def check(evidence: Evidence) -> Outcome:
    """The reach of each grasp and place from its planned stand; its findings come with compiling the plan."""
    base = evidence.motion.start
    checks = []
    for command in evidence.motion.commands:
        if command.goal is not None:
            base = command.goal
        if command.skill in ("grasp", "place") and command.object_pose is not None and command.object_id in evidence.cell.objects:
            piece = evidence.cell.objects[command.object_id]
            reach = reachable(evidence.robot, base, command.object_pose, piece.size, piece.mass)
            verdict = graded(reach.measured, reach.limit, WANTED * reach.limit, "<=")
            checks.append(
                CheckResult("reach", command.step_id, verdict, reach.measured, reach.limit, "m", "<=", command.object_id)
            )
    return Outcome((), tuple(checks))
