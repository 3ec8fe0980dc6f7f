"""What a robot can do in the twin, tried one after another: stand, squat, sway, step, walk, reach."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.control.arms import PalmGoal
from sim.control.loop import BodyLoop
from sim.control.rest import arm_length
from sim.errors import SimError
from sim.motion import Motion, SkillCommand
from sim.robot import RobotModel
from sim.rollout import Execution
from sim.scene import build_scene
from sim.transforms import Pose2, wrap_angle

Array = NDArray[np.float64]

CHECKS = ("stand", "squat", "sway", "step", "walk", "reach")
#: Lengths are those of a robot whose centre of mass is so high, m; they grow with it.
HEIGHT = 0.68
STILL = 0.03
SQUAT, SQUAT_REACHED = 0.12, 0.6
#: Impulse to the side, N·s per kg, and how far the body may go, m.
PUSH, PUSH_S, SWAY = 0.08, 0.1, 0.12
TURN, TURN_OFF = 0.5, 0.06
WALK, WALK_OFF = 2.0, 0.04
SPEED_SHARE = 0.9
#: A palm is where it shall be within this, m.
REACHED = 0.02


@dataclass(frozen=True, slots=True)
class Check:
    """One thing tried. ``measured`` and ``limit`` in ``unit``; ``least``: the limit is the least, not the most.

    ``reason``: "" or why it ended early: "fell", "gave_up", "no_arms", or an error's code. ``needed``: for a capability that the
    profile declares.
    """

    id: str
    passed: bool
    measured: float
    limit: float
    unit: str
    least: bool = False
    reason: str = ""
    needed: bool = True


def self_test(robot: RobotModel, checks: Sequence[str] = CHECKS, progress: Callable[[str], None] | None = None) -> list[Check]:
    """Try them on the nominal twin, on the estimate, with sensor noise and the profile's delay.

    Args:
        robot: As it was added.
        checks: Of :data:`CHECKS`.
        progress: Called with each check's name as it begins.
    """
    out = []
    for name in checks:
        if progress is not None:
            progress(name)
        try:
            found = _TRIED[name](robot)
        except SimError as error:
            found = Check(name, False, math.nan, math.nan, "", reason=error.code)
        out.append(replace(found, needed=_NEEDED.get(name, "") in ("", *robot.profile.capabilities)))
    return out


def _size(robot: RobotModel) -> float:
    return robot.profile.gait.com_height / HEIGHT


def _execution(robot: RobotModel, *commands: SkillCommand) -> Execution:
    motion = Motion(
        commands=commands,
        start=Pose2(0.0, 0.0, 0.0),
        robot_id=robot.id,
        robot_hash=robot.content_hash,
        cell_id="",
        cell_hash="",
        plan_hash="",
    )
    return Execution(build_scene(None, robot), motion, seed=1, delay=robot.profile.control_delay)


def _wait(seconds: float) -> SkillCommand:
    return SkillCommand("wait", "wait", duration=seconds, estimate=seconds)


def _ended(run: Execution) -> str:
    """Why a run did not end well, "" if it did."""
    if run.fell_at is not None:
        return "fell"
    bad = next((s for s in run.recording().steps if not s.success), None)
    return "" if bad is None else bad.reason or "gave_up"


def _stand(robot: RobotModel) -> Check:
    run = _execution(robot, _wait(3.0))
    start = run.simulator.base_pose[:2]
    away = 0.0
    while not run.done:
        run.step()
        away = max(away, float(np.linalg.norm(run.simulator.base_pose[:2] - start)))
    reason, limit = _ended(run), STILL * _size(robot)
    return Check("stand", not reason and away <= limit, away, limit, "m", reason=reason)


def _squat(robot: RobotModel) -> Check:
    """The centre of mass goes down and up again by a share of its height."""
    run = _execution(robot, _wait(4.5))
    loop, gait = run.controller.loop, robot.profile.gait
    asked = SQUAT * gait.com_height
    heights = []
    while not run.done:
        low = 1.0 < run.time < 3.0
        loop.gait = replace(gait, com_height=gait.com_height - asked) if low else gait
        run.step()
        heights.append(float(run.simulator.com[2]))
    reason = _ended(run)
    depth = heights[0] - min(heights) if heights else 0.0
    back = abs(heights[-1] - heights[0]) < 0.03 * _size(robot)
    limit = SQUAT_REACHED * asked
    return Check("squat", not reason and depth >= limit and back, depth, limit, "m", least=True, reason=reason)


def _sway(robot: RobotModel) -> Check:
    """A push to one side, then to the other."""
    run = _execution(robot, _wait(5.0))
    mass = float(run.scene.model.body_subtreemass[run.scene.model.body(robot.profile.base_body).id])
    pushes = [(1.0, 1.0), (3.0, -1.0)]
    start = float(run.simulator.com[1])
    away = 0.0
    while not run.done:
        if pushes and run.time >= pushes[0][0]:
            sign = pushes.pop(0)[1]
            run.push(np.array([0.0, sign * PUSH * mass / PUSH_S, 0.0]), PUSH_S)
        run.step()
        away = max(away, abs(float(run.simulator.com[1]) - start))
    reason, limit = _ended(run), SWAY * _size(robot)
    return Check("sway", not reason and away <= limit, away, limit, "m", reason=reason)


def _step(robot: RobotModel) -> Check:
    """Turn on the spot, step by step."""
    goal = Pose2(0.0, 0.0, TURN)
    run = _to(robot, goal, 0.0)
    reason, (_, off) = _ended(run), _missed(run, goal)
    return Check("step", not reason and off <= TURN_OFF, off, TURN_OFF, "rad", reason=reason)


def _walk(robot: RobotModel) -> Check:
    goal = Pose2(WALK * _size(robot), 0.0, 0.0)
    run = _to(robot, goal, SPEED_SHARE * robot.profile.gait.max_speed)
    reason, (off, _) = _ended(run), _missed(run, goal)
    limit = WALK_OFF * max(_size(robot), 0.5)
    return Check("walk", not reason and off <= limit, off, limit, "m", reason=reason)


def _to(robot: RobotModel, goal: Pose2, speed: float) -> Execution:
    run = _execution(robot, SkillCommand("walk", "walk", goal=goal, speed=speed, estimate=15.0))
    while not run.done:
        run.step()
    return run


def _missed(run: Execution, goal: Pose2) -> tuple[float, float]:
    """True distance m and turn rad between the middle of the feet and a goal."""
    data, sites = run.simulator.data, run.simulator.sole_sites
    x, y = data.site_xpos[sites, :2].mean(axis=0)
    turns = data.site_xmat[sites].reshape(-1, 3, 3)
    yaws = np.arctan2(turns[:, 1, 0], turns[:, 0, 0])
    yaw = float(yaws[0]) + wrap_angle(float(yaws[1] - yaws[0])) / 2
    return Pose2(float(x), float(y)).distance(goal), abs(wrap_angle(yaw - goal.yaw))


def _reach(robot: RobotModel) -> Check:
    """Share of points before the chest that both palms reach, facing each other, without moving the body."""
    loop = BodyLoop(robot)
    body = loop.body
    if len(body.hands) < 2:
        return Check("reach", False, 0.0, 0.0, "", least=True, reason="no_arms")
    body.update(np.array([0.0, 0, 0, 1, 0, 0, 0]), np.zeros(6), body.home, np.zeros(len(body.home)))
    length = min(arm_length(body, arm) for arm in range(2))
    shoulder = np.mean([body.data.xanchor[body.model.dof_jntid[body.dofs[index[0]]]] for index in body.arms], axis=0)
    found = []
    for ahead in (0.45, 0.6):
        for down in (0.25, 0.5):
            goals = {}
            for arm, side in enumerate(body.arm_sides):
                sign = 1.0 if side == "left" else -1.0
                at = shoulder + length * np.array([ahead, sign * 0.25, -down])
                goals[arm] = PalmGoal(at, np.array([0.0, -sign, 0.0]), np.array([1.0, 0.0, 0.0]))
            _, off = loop.arms.solve_reach(goals)
            found.append(bool(np.all(off < REACHED)))
    share = sum(found) / len(found)
    return Check("reach", share >= 0.75, share, 0.75, "", least=True)


#: The capability that a check is for; the others are for all.
_NEEDED = {"step": "walk", "walk": "walk", "reach": "grasp"}
_TRIED: dict[str, Callable[[RobotModel], Check]] = {
    "stand": _stand,
    "squat": _squat,
    "sway": _sway,
    "step": _step,
    "walk": _walk,
    "reach": _reach,
}
