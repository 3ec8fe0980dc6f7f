"""Down a step: the foot comes softly and in time, the weight leaves over the toes, and the upper heel follows it."""

from __future__ import annotations

from pathlib import Path

import mujoco
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.cell import load_cell
from sim.control.body import Body
from sim.control.descent import LEAN, TOES_FROM, Descent
from sim.control.footsteps import Progress
from sim.control.preview import DOWN_DOUBLE_S, DOWN_SINGLE_S, DOWN_TOES, Feet, Preview, Step
from sim.control.programme import moved
from sim.control.stabiliser import Stabiliser
from sim.control.stairs import legs_to
from sim.control.swing import CAREFUL_DOWN, CAREFUL_UP, Swing
from sim.control.walking import Walking
from sim.control.whole_body import Tasks, WholeBody
from sim.motion import SkillCommand
from sim.rollout import Execution
from sim.scene import build_scene, draw_variation
from sim.terrain import terrain_of
from sim.transforms import Pose2
from tests.sim.examples import h140, motion_of

Array = NDArray[np.float64]

CELLS = Path(__file__).parents[2] / "bench" / "cells"
DT, SPAN = 0.004, 1.0
LENGTH = 0.10


def heights(landing: Array, swing: Swing) -> Array:
    """(k, 3) time, way along, height each tick."""
    out = []
    for k in range(1, round(SPAN / DT) + 1):
        swing.advance(landing, k * DT, SPAN - k * DT, DT)
        out.append((k * DT, swing.position[0], swing.height))
    return np.array(out)


@given(drop=st.floats(0.05, 0.18))
def test_a_foot_comes_down_in_time_still_sinking_and_softly(drop: float) -> None:
    way = heights(np.array([0.3, 0.0, -drop, 0.0]), Swing(np.zeros(4), 0.045, CAREFUL_DOWN))
    assert way[-1, 2] == pytest.approx(-drop, abs=2e-3)
    assert way[-6, 2] > -drop + 1e-3
    assert 0.03 < (way[-6, 2] - way[-1, 2]) / (5 * DT) < 0.25
    # It is past the edge before it is lower than where it stood.
    assert way[way[:, 2] > 0.0][-1, 1] > 0.95 * 0.3


@given(rise=st.floats(0.05, 0.18))
def test_a_foot_is_above_the_edge_before_it_goes_along(rise: float) -> None:
    way = heights(np.array([0.3, 0.0, rise, 0.0]), Swing(np.zeros(4), 0.065, CAREFUL_UP))
    rising = way[way[:, 0] < SPAN / 2]
    assert rising[rising[:, 2] < rise][-1, 1] < 0.03


def test_the_weight_leaves_the_upper_foot_over_its_toes_and_is_ahead_of_them_when_the_lower_one_lands() -> None:
    upper, lower = Pose2(0.0, -0.085), Pose2(0.235, 0.085)

    def follow(feet: Feet, swing: int, progress: Progress) -> Step:
        return (feet[0] @ Pose2(0.06, -0.17), progress) if feet[swing].x < 0.1 else None

    def down(foothold: Pose2, stance: Pose2) -> bool:
        return foothold.x - stance.x > 0.1

    plan = Preview(0.8, 0.3, 0.5, 3.8, LENGTH, follow, down)
    single, double, *_ = plan.steps((Pose2(-0.06, 0.085), upper), 0, (lower, Progress()))
    assert (single.duration, double.duration) == (DOWN_SINGLE_S, DOWN_DOUBLE_S)
    assert double.p0 == pytest.approx((DOWN_TOES * LENGTH, -0.085))
    assert LENGTH < single.xi_end[0] < lower.x
    assert single.xi_end == pytest.approx(double.capture(0.0, 3.8))


def test_the_step_down_is_as_short_as_the_treads_allow() -> None:
    robot = h140()
    legs = legs_to(Pose2(0.0, 0.0), Pose2(5.0, 0.0), terrain_of(load_cell(CELLS / "stairs_15.toml")), robot.profile.gait, LENGTH)
    stairs = next(leg.stairs for leg in legs if leg.stairs is not None)
    drops = [b[0] - a[0] for a, b in zip(stairs.stops, stairs.stops[1:], strict=False) if b[1] < a[1] - 0.1]
    assert len(drops) == 3
    assert max(drops) < 0.25


def test_the_heel_lifts_only_once_the_ankle_is_full_and_the_weight_ahead_of_the_toes() -> None:
    robot = h140()
    body = Body(robot)
    walking = Walking(robot.profile.gait, Stabiliser(0.68), body.sole_half, DT, 490.0)
    descent = Descent(body, DT)
    legs = legs_to(Pose2(0.0, 0.0), Pose2(5.0, 0.0), terrain_of(load_cell(CELLS / "stairs_15.toml")), robot.profile.gait, LENGTH)
    walking.walk(next(leg.stairs for leg in legs if leg.stairs is not None))
    walking.phase, walking.swing_side, walking.descending = "double", 1, True
    walking.floor[:] = (0.0, 0.15)
    x, y = body.sole_position[1, :2] + np.array([TOES_FROM * LENGTH, 0.0])
    for near, ahead, lifts in ((False, 0.02, False), (True, -0.02, False), (True, 0.02, True), (False, -0.02, True)):
        descent.tick(walking, np.array([x + ahead, y]), near)
        assert descent.on_toes == (False, lifts)
    for _ in range(400):
        descent.tick(walking, np.array([x, y]), True)
    assert descent.lean == pytest.approx(LEAN, abs=1e-3)
    walking.floor[:] = 0.0
    descent.tick(walking, np.array([x, y]), True)
    assert descent.on_toes == (False, False)


def test_the_front_edge_moves_as_mujoco_says() -> None:
    random = np.random.default_rng(2)
    body = Body(h140())
    count = len(body.home)
    turn = np.array([0.9, 0.1, -0.3, 0.2])
    pose = np.concatenate([[0.0, 0.0, 0.7], turn / np.linalg.norm(turn)])
    q, qd = body.home + 0.1 * random.standard_normal(count), random.standard_normal(count)
    body.update(pose, random.standard_normal(6), q, qd)
    m, d = body.model, body.data
    edge = body.sole_rotation[1, :, 0] * LENGTH
    jac, drift = moved(body.sole_jacobian, body.sole_drift, 1, edge, body.sole_velocity[1, 3:])
    expected, rate = np.zeros((6, m.nv)), np.zeros((6, m.nv))
    foot = int(m.site_bodyid[body.soles[1]])
    point = d.site_xpos[body.soles[1]] + edge
    mujoco.mj_jac(m, d, expected[:3], expected[3:], point, foot)
    mujoco.mj_jacDot(m, d, rate[:3], rate[3:], point, foot)
    np.testing.assert_allclose(jac[1], expected, atol=1e-12)
    np.testing.assert_allclose(drift[1], rate @ d.qvel, atol=1e-10)
    np.testing.assert_array_equal(jac[0], body.sole_jacobian[0])


def test_a_sole_on_its_toes_presses_with_its_very_edge() -> None:
    body = Body(h140())
    tasks = Tasks((True, True), np.zeros(3), np.zeros(3), np.zeros((2, 6)), np.zeros(2), np.zeros(len(body.home)), (False, True))
    wrench = WholeBody(body, 0.5).solve(tasks).wrench[1]
    assert wrench[2] > 1.0
    assert -wrench[4] / wrench[2] == pytest.approx(LENGTH, abs=0.006)


@pytest.mark.slow
def test_three_steps_of_17_cm_up_and_down() -> None:
    cell, robot = load_cell(CELLS / "stairs_17.toml"), h140()
    walk = SkillCommand("walk_1", "walk", goal=Pose2(5.0, 0.0, 0.0), speed=0.4, estimate=20.0)
    run = Execution(build_scene(cell, robot, variation=draw_variation(1)), motion_of(robot, cell, walk), seed=1)
    while not run.done:
        run.step()
    assert run.fell_at is None
    assert run.recording().completed
