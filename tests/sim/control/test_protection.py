"""Stops end low and stable, falls are known before they are over, and people are waited for."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from sim.cell import WorkCell, load_cell
from sim.control.loop import BodyLoop
from sim.control.protection import SOONEST_S, FallWatch, beyond_steps, tucked
from sim.motion import SkillCommand
from sim.rollout import Execution
from sim.scene import build_scene
from sim.transforms import Pose2
from tests.sim.examples import ROOT, h140, motion_of


def walking(cell: WorkCell | None = None, goal: Pose2 = Pose2(5.0, 0.0)) -> Execution:
    robot = h140()
    motion = motion_of(robot, cell, SkillCommand("walk_1", "walk", goal=goal, speed=0.4, estimate=15.0))
    return Execution(build_scene(cell, robot), motion, seed=1)


def until(run: Execution, time: float) -> None:
    while run.time < time and not run.done:
        run.step()


def codes(run: Execution) -> list[str]:
    return [e.code for e in run.events if e.code not in ("event.touchdown", "event.way")]


def test_a_protective_stop_ends_crouched_and_stable() -> None:
    run = walking()
    until(run, 4.0)
    tall = float(run.simulator.base_pose[2])
    run.request_stop()
    until(run, 12.0)
    assert run.done and not run.fallen
    assert codes(run) == ["event.stop_requested", "event.protective_stop_requested", "event.crouched"]
    assert float(run.simulator.base_pose[2]) < tall - 0.07
    assert run.controller.loop.balanced


def test_an_estimate_that_is_not_trusted_stops_the_robot() -> None:
    run = walking()
    until(run, 2.0)
    assert run.estimator is not None
    update = run.estimator.update

    def doubted(reading):  # type: ignore[no-untyped-def]
        sensed = update(reading)
        return replace(sensed, quality=replace(sensed.quality, trusted=False))

    run.estimator.update = doubted  # type: ignore[method-assign]
    until(run, 12.0)
    recording = run.recording()
    assert recording.steps[0].reason == "untrusted" and not run.fallen
    assert "event.protective_stop_untrusted" in codes(run)


def test_a_fall_is_known_well_before_it_is_over() -> None:
    run = walking()
    until(run, 4.0)
    run.push(np.array([0.0, 700.0, 0.0]), 0.1)
    until(run, 9.0)
    certain = next(e.time for e in run.events if e.code == "event.fall_certain")
    assert run.fell_at is not None and certain < run.fell_at - 0.25
    assert certain > 4.0


def test_a_standing_robot_is_not_falling_and_one_that_tips_is() -> None:
    loop = BodyLoop(h140())
    watch = FallWatch(loop)
    height = 0.66
    still, joints = np.zeros(6), loop.body.home
    loop.body.update(np.array([0.0, 0.0, height, 1.0, 0.0, 0.0, 0.0]), still, joints, np.zeros(len(joints)))
    for k in range(20):
        assert watch.update(0.004 * k) == []
    a = 0.7
    tipping = np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    loop.body.update(
        np.array([0.0, 0.0, 0.55, math.cos(a / 2), math.sin(a / 2), 0.0, 0.0]), tipping, joints, np.zeros(len(joints))
    )
    found = [e for k in range(20) for e in watch.update(1.0 + 0.004 * k)]
    assert [e.code for e in found] == ["event.fall_certain"]
    command = tucked(loop)
    assert np.all(command.q_des >= loop.body.lower) and np.all(command.q_des <= loop.body.upper)


def test_a_foot_that_is_about_to_land_is_counted_on() -> None:
    """Beside the standing foot by so much that no step begun now would do, but the foot on its way there is nearly down."""
    loop = BodyLoop(h140())
    sole, half = np.array([[0.0, 0.03, 0.0], [0.0, -0.36, 0.0]]), loop.body.sole_half
    com, velocity, yaw = np.array([0.0, -0.21, 0.68]), np.array([0.0, -0.65, 0.0]), np.zeros(2)
    arguments = (com, velocity, 0.0, sole, yaw, half, (True, False))
    assert beyond_steps(*arguments, SOONEST_S) and not beyond_steps(*arguments, 0.02)


@pytest.mark.slow
def test_a_person_in_the_way_is_waited_for() -> None:
    cell = load_cell(ROOT / "tests" / "bench" / "cells" / "person.toml")
    run = walking(cell)
    until(run, 40.0)
    assert run.recording().success
    assert codes(run) == ["event.person_in_way", "event.way_free"]
    assert run.recording().contacts == ()
    assert "people" in run.recording().header.assumptions
