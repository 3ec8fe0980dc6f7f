"""What feet without sensors carry is found from joint torques and the IMU: near the truth, and no truth in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.motion import SkillCommand
from sim.robot import SIDES
from sim.rollout import Execution
from sim.scene import build_scene
from sim.sensors import Reading, Sensed
from sim.transforms import Pose2
from tests.sim.examples import h140, motion_of

ROBOT = h140()
LEGS = {side: replace(ROBOT.profile.legs[side], force_sensor="") for side in SIDES}
BARE = replace(ROBOT, profile=replace(ROBOT.profile, legs=LEGS))


class Watched(Execution):
    """Notes true and found loads of each period."""

    def __init__(self, *args: Any, **named: Any) -> None:
        self.true: list[NDArray[np.float64]] = []
        self.found: list[NDArray[np.float64]] = []
        super().__init__(*args, **named)

    def _sense(self, reading: Reading) -> Sensed:
        assert np.isnan(reading.foot_load).all()
        sensed = super()._sense(reading)
        self.true.append(self._foot_forces[:, 2].copy())
        self.found.append(sensed.foot_load)
        return sensed


def test_loads_by_torques_follow_the_true_ones_through_steps() -> None:
    motion = motion_of(BARE, None, SkillCommand("walk", "walk", goal=Pose2(0.5, 0.0), estimate=5.0))
    run = Watched(build_scene(None, BARE), motion, seed=1)
    while not run.done:
        run.step()
    assert run.recording().completed and not run.fallen
    true, found = np.array(run.true), np.array(run.found)
    weight = float(np.median(true.sum(axis=1)))
    assert np.median(found.sum(axis=1)) == pytest.approx(weight, rel=0.03)
    airborne, loaded = true < 1.0, true > 0.8 * weight
    assert airborne.sum() > 100 and loaded.sum() > 100
    assert np.percentile(found[airborne], 99) < 0.1 * weight
    assert np.abs(found - true)[loaded].mean() < 0.1 * weight
