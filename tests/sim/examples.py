"""Example motions of the tests, made from a cell's own stations."""

from __future__ import annotations

from pathlib import Path

from sim.cell import WorkCell, load_cell
from sim.motion import Motion, SkillCommand
from sim.robot import RobotModel, load_robot
from sim.transforms import Pose, Pose2

ROOT = Path(__file__).parents[2]


def hub_cell() -> WorkCell:
    """The cell of the example projects."""
    return load_cell(ROOT / "resources" / "cells" / "hub_cell")


def h140() -> RobotModel:
    """The reference humanoid."""
    return load_robot(ROOT / "resources" / "robots" / "h140")


def motion_of(robot: RobotModel, cell: WorkCell | None, *commands: SkillCommand) -> Motion:
    """A motion of commands that follow each other where they name no ``after``."""
    chained = []
    for i, c in enumerate(commands):
        after = c.after or ((commands[i - 1].step_id,) if i else ())
        chained.append(SkillCommand(**{f: getattr(c, f) for f in c.__dataclass_fields__ if f != "after"}, after=after))
    return Motion(
        commands=tuple(chained),
        start=cell.robot_start if cell is not None else Pose2(0.0, 0.0, 0.0),
        robot_id=robot.id,
        robot_hash=robot.content_hash,
        cell_id=cell.id if cell is not None else "",
        cell_hash=cell.content_hash if cell is not None else "",
        plan_hash="",
    )


def part_transfer(robot: RobotModel, cell: WorkCell) -> Motion:
    """Walk to the rack, take the tote with both palms, carry it to the bench, set it down, step back."""
    rack, bench = cell.station("rack"), cell.station("bench")
    tote = cell.object("tote")
    start = cell.object_start("tote")
    slot = bench.slot_in_world("drop")
    goal = slot @ Pose.from_xyz_yaw(0.0, 0.0, tote.size[2] / 2)
    at_rack, at_bench = rack.stand_in_world(), bench.stand_in_world()
    return motion_of(
        robot,
        cell,
        SkillCommand("walk_1", "walk", goal=at_rack, speed=0.4, estimate=9.0),
        SkillCommand("look_1", "look", target=start.position, estimate=1.0),
        SkillCommand("grasp_1", "grasp", object_id="tote", object_pose=start, height=0.12, force=55.0, speed=0.3, estimate=9.0),
        SkillCommand("carry_1", "carry", goal=at_bench, speed=0.38, estimate=18.0),
        SkillCommand("place_1", "place", object_id="tote", object_pose=goal, speed=0.3, estimate=9.0),
        SkillCommand("back_1", "walk", goal=at_bench @ Pose2(-0.4, 0.0, 0.0), speed=0.3, estimate=5.0),
    )
