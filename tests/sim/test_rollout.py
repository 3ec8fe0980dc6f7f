"""Whole motions in the simulation: determinism, symmetry, the part transfer, and what happens when something goes wrong."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from sim.control.estimate import estimate
from sim.control.route import obstacles_of
from sim.motion import Motion, SkillCommand
from sim.recording import Recording
from sim.rollout import Execution, rollout
from sim.scene import NOMINAL, build_scene
from sim.sensors import NOISELESS
from sim.transforms import Pose, Pose2
from tests.sim.examples import h140, hub_cell, motion_of, part_transfer


def walk_to(x: float, y: float, yaw: float = 0.0) -> Motion:
    """A walk on a bare floor."""
    return motion_of(h140(), None, SkillCommand("walk", "walk", goal=Pose2(x, y, yaw), estimate=5.0))


def test_same_seed_same_bits() -> None:
    def run() -> Recording:
        execution = Execution(build_scene(None, h140()), walk_to(1.0, 0.2), seed=7)
        while execution.time < 2.0:
            execution.step()
        return execution.recording()

    first, second = run(), run()
    for name, series in first.series.items():
        assert np.array_equal(series.values, second[name].values, equal_nan=True), name
    assert first.header.motion_hash == second.header.motion_hash


def test_walks_symmetrically() -> None:
    """Mirrored goals give mirrored walks."""
    left, right = (rollout(None, h140(), walk_to(0.5, y), 0, variation=NOMINAL, noise=NOISELESS) for y in (0.15, -0.15))
    assert left.success and right.success
    a, b = left["com.position"].values, right["com.position"].values
    count = min(len(a), len(b))
    assert np.abs(a[:count] - b[:count] * [1.0, -1.0, 1.0]).max() < 0.004


def test_walk_ends_at_the_goal_and_records_the_standard_channels() -> None:
    recording = rollout(None, h140(), walk_to(0.4, 0.0, 0.5), 3)
    assert recording.success, recording.steps
    feet = recording["foot.target"].values[-1]
    assert math.hypot((feet[0] + feet[4]) / 2 - 0.4, (feet[1] + feet[5]) / 2) < 0.02
    assert recording["joint.position"].values.shape[1] == len(recording.header.joint_names)
    assert recording["balance.margin"].values[-1, 0] > 0.03
    assert recording.header.state_source == "estimate" and "state" in recording.header.assumptions
    assert sum(e.code == "event.touchdown" for e in recording.events) >= 4


def test_stop_request_ends_in_balance() -> None:
    execution = Execution(build_scene(None, h140()), walk_to(3.0, 0.0), seed=1)
    while execution.time < 3.0:
        execution.step()
    execution.request_stop()
    while not execution.done and execution.time < 8.0:
        execution.step()
    recording = execution.recording()
    assert execution.done and not execution.fallen and not recording.success
    assert recording.steps[0].reason == "stopped"
    assert execution.snapshot().margin is not None and execution.controller.loop.walking.standing


def test_push_is_an_event_and_the_only_outside_force() -> None:
    execution = Execution(build_scene(None, h140()), seed=1)
    outside = []
    for k in range(500):
        if k == 250:
            execution.push(np.array([0.0, 60.0, 0.0]), 0.1)
        execution.step()
        outside.append(np.abs(execution.simulator.data.xfrc_applied).max())
    assert not execution.fallen
    assert max(outside[:250]) == 0.0 and max(outside[250:275]) == 60.0 and max(outside[280:]) == 0.0
    assert [e.code for e in execution.recording().events if e.code == "event.push"] == ["event.push"]


def test_drain_gives_each_row_once() -> None:
    execution = Execution(build_scene(None, h140()), seed=1)
    times: list[float] = []
    for k in range(100):
        execution.step()
        if k % 7 == 0 or k == 99:
            chunk = execution.drain()
            times += list(chunk["joint.position"].t) if chunk else []
    assert execution.drain() == {}
    assert np.array_equal(times, execution.recording()["joint.position"].t)


def test_missing_object_fails_the_step_and_the_robot_stands() -> None:
    """The plan says grasp, but the hands are far from the workpiece: a reason, no hang, no fall."""
    robot, cell = h140(), hub_cell()
    pose = cell.object_start("tote")
    motion = motion_of(robot, cell, SkillCommand("grasp", "grasp", object_id="tote", object_pose=pose, estimate=8.0))
    recording = rollout(cell, robot, motion, 1)
    assert not recording.success and recording.fell_at is None
    assert recording.steps[-1].reason == "object_not_seen"


@pytest.mark.slow
def test_part_transfer() -> None:
    """Two palms take the tote by friction, carry it to the bench and set it down; nothing else pushes or is touched."""
    robot, cell = h140(), hub_cell()
    motion = part_transfer(robot, cell)
    execution = Execution(
        build_scene(cell, robot, variation=replace(NOMINAL, object_offset={"tote": Pose2(0.015, -0.02, 0.02)})), motion
    )
    outside = 0.0
    while not execution.done:
        execution.step()
        outside = max(outside, float(np.abs(execution.simulator.data.xfrc_applied).max()))
    recording = execution.recording()
    assert recording.success, recording.steps
    assert recording.contacts == ()
    assert recording.placements[0].position_error < 0.03
    assert recording.placements[0].yaw_error < math.radians(5)
    assert outside == 0.0
    at, obstacles = motion.start, obstacles_of(cell)
    for command, span in zip(motion.commands, recording.steps):
        assert span.end is not None
        guess = estimate(command, robot, at, obstacles=obstacles)
        assert guess == pytest.approx(span.end - span.start, rel=0.2), command.step_id
        at = command.goal or at
    lifted = recording["object.tote.pose"].column("z").max()
    assert lifted > Pose((0, 0, 0)).position[2] + cell.object_start("tote").position[2] + 0.08
