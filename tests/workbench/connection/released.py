"""Short motions that passed preflight, for tests of robots."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sim.cell import WorkCell, load_cell
from sim.motion import Motion, SkillCommand
from sim.preflight.verified import VerifiedMotion
from sim.preflight.verify import verify
from sim.recording import Recording
from sim.robot import RobotModel, load_robot
from sim.rollout import rollout
from sim.transforms import Pose2

RESOURCES = Path(__file__).resolve().parents[3] / "resources"


@dataclass(frozen=True, eq=False)
class Released:
    """A robot, its cell, and a motion released for them with its simulation."""

    robot: RobotModel
    cell: WorkCell
    motion: Motion
    simulated: Recording
    verified: VerifiedMotion


def release(commands: tuple[SkillCommand, ...]) -> Released:
    """Simulate and check a motion of the shipped robot in the shipped cell."""
    robot = load_robot(RESOURCES / "robots" / "h140")
    cell = load_cell(RESOURCES / "cells" / "hub_cell")
    motion = Motion(commands, cell.robot_start, robot.id, robot.content_hash, cell.id, cell.content_hash, "plan")
    simulated = rollout(cell, robot, motion, 1)
    report, verified = verify(motion, simulated, robot, cell)
    assert verified is not None, report.findings
    return Released(robot, cell, motion, simulated, verified)


def release_wait() -> Released:
    """The robot waits for a moment."""
    return release((SkillCommand("pause", "wait", duration=0.6, estimate=0.6),))


def release_walk() -> Released:
    """The robot takes a few steps forward and waits."""
    start = load_cell(RESOURCES / "cells" / "hub_cell").robot_start
    walk = SkillCommand("walk", "walk", goal=start @ Pose2(0.3, 0.0, 0.0), speed=0.3, estimate=3.0)
    return release((walk, SkillCommand("pause", "wait", after=("walk",), duration=0.4, estimate=0.4)))
