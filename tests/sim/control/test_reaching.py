"""Laws of the whole body's reach: feet stand, weight over them, joints in range, hands' ways clear, trunk moved smoothly."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from sim.cell import load_cell
from sim.control.grasp import chest
from sim.control.loop import BodyLoop
from sim.control.palms import between
from sim.control.posture import REACHED, Feet, Posture, PosturePlanner
from sim.control.reaching import Box, Reaching, Take
from sim.control.rest import rest_posture
from sim.control.thinking import at_once
from sim.control.trunk import TrunkReference
from sim.transforms import Pose2
from tests.sim.examples import ROOT, h140

LEFT = np.array([0.0, 1.0, 0.0])
FEET = Feet(np.array([[0.0, 0.085, 0.0], [0.0, -0.085, 0.0]]), np.zeros(2))


@cache
def body_loop() -> BodyLoop:
    return BodyLoop(h140())


def planner() -> PosturePlanner:
    return PosturePlanner(body_loop().body, body_loop().arms.elbows)


def reach(height: float, ahead: float = 0.38, load: float = 0.0) -> Posture:
    goals = between(np.array([ahead, 0.0, height]), LEFT, 0.17, 0.25)
    return planner().solve(FEET, goals, height=body_loop().base_height, load=load)


@pytest.mark.parametrize("height", [0.15, 0.35, 0.6, 0.9, 1.2, 1.3])
@pytest.mark.parametrize("load", [0.0, 5.0])
def test_from_floor_to_shelf_the_body_reaches_with_its_weight_over_the_feet(height: float, load: float) -> None:
    found = reach(height, load=load)
    body = body_loop().body
    assert found.reaches
    assert np.abs(found.balance).max() < REACHED
    assert (found.q[body.driven] >= body.lower[body.driven]).all()
    assert (found.q[body.driven] <= body.upper[body.driven]).all()
    assert found.room >= -1e-9
    # Symmetric work is done symmetrically.
    left, right = (found.q[index] for index in body.legs)
    assert np.abs(np.abs(left) - np.abs(right)).max() < 0.02


def test_low_is_shared_between_knees_hips_and_waist() -> None:
    body = body_loop().body
    low, usual = reach(0.35), reach(0.9)
    knee = body.robot.index(body.robot.profile.legs["left"].knee)
    assert low.base[2] < usual.base[2] - 0.06
    assert low.q[knee] > usual.q[knee] + 0.3
    assert low.lean > 0.2
    assert low.q[body.waist[1]] > 0.2


def test_a_load_moves_the_hips_back() -> None:
    assert reach(0.9, load=5.0).base[0] < reach(0.9).base[0] - 0.01


def test_too_far_is_too_far() -> None:
    assert not reach(0.9, ahead=0.85).reaches
    assert not reach(1.7).reaches


@pytest.mark.parametrize("height", [25, 80, 110])
def test_a_planned_grasp_touches_nothing_on_its_way(height: int) -> None:
    cell = load_cell(ROOT / "tests" / "bench" / "cells" / f"tote_{height}.toml")
    loop = BodyLoop(h140())
    rest = rest_posture(loop)
    stand = cell.station("source").stand_in_world()
    loop.arms.anchor(np.arange(len(rest)), rest)
    loop.body.update(np.array([stand.x - 0.03, 0.0, loop.base_height, 1.0, 0, 0, 0]), np.zeros(6), rest, np.zeros(len(rest)))
    loop.walking.feet = [stand @ Pose2(0.0, 0.085, 0.0), stand @ Pose2(0.0, -0.085, 0.0)]
    centre = np.array(cell.object_start("tote").position)
    box = Box("tote", centre, 0.0, LEFT, 0.34, 0.2, 3.0)
    reaching = Reaching(loop, cell, rest)
    plan: Take = at_once(reaching.take(box, 0.12, chest(loop, 0.3, float(centre[2]) + 0.12)))
    assert plan.fine
    start = reaching.now()
    for posture in (*plan.way, plan.beside):
        assert at_once(reaching.clearance.between(start, posture)) > 0.0
        start = posture
    assert plan.carried.base[2] == pytest.approx(loop.base_height, abs=0.02)
    assert plan.carried.lean == 0.0


def test_a_shelf_in_the_way_is_seen() -> None:
    cell = load_cell(ROOT / "tests" / "bench" / "cells" / "tote_110.toml")
    loop = BodyLoop(h140())
    rest = rest_posture(loop)
    stand = cell.station("source").stand_in_world()
    loop.walking.feet = [stand @ Pose2(0.0, 0.085, 0.0), stand @ Pose2(0.0, -0.085, 0.0)]
    reaching = Reaching(loop, cell, rest)
    through = at_once(reaching.posture(between(np.array([stand.x + 0.36, 0.0, 1.09]), LEFT, 0.25, 0.0)))
    assert reaching.clearance.of(through) < 0.0


def test_the_trunk_moves_smoothly_to_its_goal_and_turns_back_on_the_way() -> None:
    trunk, dt = TrunkReference(np.zeros(2)), 0.004
    trunk.go(-0.15, 0.4, np.array([0.1, 0.5]), 1.2)
    values, rates = [trunk.value.copy()], [trunk.rate.copy()]
    for k in range(600):
        if k == 150:
            trunk.neutral(1.0)
        trunk.tick(dt)
        values.append(trunk.value.copy())
        rates.append(trunk.rate.copy())
    assert np.abs(np.diff(values, axis=0) / dt - (np.array(rates[1:]) + np.array(rates[:-1])) / 2).max() < 0.01
    assert np.abs(np.diff(rates, axis=0)).max() / dt < 8.0
    assert not trunk.bent
    assert np.allclose(trunk.value, 0.0, atol=1e-9)


def test_a_halted_trunk_stays_near() -> None:
    trunk = TrunkReference(np.zeros(2))
    trunk.go(-0.15, 0.4, np.array([0.0, 0.5]), 1.5)
    for _ in range(180):
        trunk.tick(0.004)
    there = trunk.value.copy()
    trunk.halt()
    for _ in range(200):
        trunk.tick(0.004)
    assert not trunk.moving
    assert np.abs(trunk.value - there).max() < 0.15
    assert math.isclose(float(np.abs(trunk.rate).max()), 0.0)
