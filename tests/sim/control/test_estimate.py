"""Estimates grow with the way, the turn and slowness, and know fixed durations."""

from __future__ import annotations

import pytest

from sim.control.estimate import estimate, walking_time
from sim.motion import SkillCommand
from sim.transforms import Pose, Pose2
from tests.sim.examples import h140

START = Pose2(0.0, 0.0)


def test_walks_take_longer_further_slower_and_turning() -> None:
    robot = h140()
    base = walking_time(robot, START, Pose2(1.5, 0.0), 0.4)
    assert walking_time(robot, START, Pose2(2.5, 0.0), 0.4) > base
    assert walking_time(robot, START, Pose2(1.5, 0.0), 0.2) > 1.4 * base
    assert walking_time(robot, START, Pose2(1.5, 0.0, 1.57), 0.4) > base + 1.0


def test_standing_where_one_shall_takes_next_to_nothing() -> None:
    assert walking_time(h140(), START, START, 0.4) < 0.5


@pytest.mark.parametrize(("skill", "duration"), [("wait", 2.5), ("signal", 0.0)])
def test_known_durations(skill: str, duration: float) -> None:
    assert estimate(SkillCommand("s", skill, duration=duration), h140(), START) == duration


def test_low_things_take_longer_to_take_and_to_put_down() -> None:
    def seconds(skill: str, height: float) -> float:
        pose = Pose.from_xyz_yaw(0.4, 0.0, height)
        return estimate(SkillCommand("s", skill, object_id="tote", object_pose=pose, height=0.12, speed=0.3), h140(), START)

    for skill in ("grasp", "place"):
        assert seconds(skill, 0.35) > seconds(skill, 0.9) + 1.5
        assert 7.0 < seconds(skill, 0.9) < 12.0
