"""A replay moves the simulated joints by their own drives, with the base held and said to be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.errors import SimError
from sim.recording import Recording, RecordingHeader
from sim.replay import held_scene, replay
from sim.robot import RobotModel, load_robot
from sim.timeseries import Channel, TimeSeries

ROBOTS = Path(__file__).resolve().parents[2] / "resources" / "robots"
MOVED = ("left_elbow", "right_shoulder_pitch")


@pytest.fixture(scope="module")
def robot() -> RobotModel:
    return load_robot(ROBOTS / "h140")


def commands(names: tuple[str, ...], home: list[float]) -> Recording:
    t = np.arange(0.0, 3.0, 1 / 30)
    values = np.array(home) + 0.3 * np.sin(2.0 * t)[:, None]
    return Recording(
        RecordingHeader("log", "x", names), {"joint.command": TimeSeries(Channel("joint.command", "rad", names), t, values)}
    )


def test_the_joints_follow_their_commands_and_the_base_is_held(robot: RobotModel) -> None:
    log = commands(MOVED, [robot.profile.home[j] for j in MOVED])
    out = replay(log, robot)
    assert out.header.assumptions["base"].startswith("held")
    assert out.events[0].code == "event.base_held"
    assert np.ptp(out["base.pose"].values, axis=0).max() == 0.0
    for joint in MOVED:
        error = out["joint.position"].column(joint) - out["joint.command"].column(joint)
        assert np.ptp(out["joint.position"].column(joint)) > 0.4
        assert np.sqrt(np.mean(error**2)) < 0.06
    still = out["joint.position"].column("left_hip_roll")
    assert np.abs(still - robot.profile.home["left_hip_roll"]).max() < 0.05


def test_a_replay_is_the_same_each_time(robot: RobotModel) -> None:
    log = commands(MOVED, [robot.profile.home[j] for j in MOVED])
    first, second = replay(log, robot), replay(log, robot)
    np.testing.assert_array_equal(first["joint.position"].values, second["joint.position"].values)


def test_nothing_is_welded(robot: RobotModel) -> None:
    model = held_scene(robot).model
    assert model.neq == 0 and model.nmocap == 0
    assert model.nq == model.nv == len(robot.joint_names)


def test_commands_of_another_robot_are_refused(robot: RobotModel) -> None:
    with pytest.raises(SimError, match="replay.no_common_joints"):
        replay(commands(("tentacle",), [0.0]), robot)
