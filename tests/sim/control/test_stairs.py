"""Laws of the way over stairs, platforms and sills: whole soles on one level, one change of level at a time, an end."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cell import load_cell
from sim.control.footsteps import Progress
from sim.control.stairs import LEVEL, LONG, StairSteps, legs_to
from sim.robot import GaitProfile
from sim.terrain import Terrain, terrain_of
from sim.transforms import Pose2

CELLS = Path(__file__).parents[2] / "bench" / "cells"
GAIT = GaitProfile(com_height=0.68, foot_spacing=0.17)
SOLE = (0.10, 0.045)


def ground(name: str) -> Terrain:
    return terrain_of(load_cell(CELLS / f"{name}.toml"))


def walked(plan: StairSteps, start: Pose2) -> list[tuple[int, Pose2, Pose2]]:
    """(foot, foothold, where the other foot stands) of every step."""
    feet = [start @ Pose2(0.0, 0.085), start @ Pose2(0.0, -0.085)]
    swing, progress, out = plan.first_swing((feet[0], feet[1])), Progress(), []
    for _ in range(100):
        found = plan.step((feet[0], feet[1]), swing, progress)
        if found is None:
            return out
        feet[swing], progress = found
        out.append((swing, feet[swing], feet[1 - swing]))
        swing = 1 - swing
    raise AssertionError("no end")


@pytest.mark.parametrize("name", ["stairs_15", "stairs_17", "stairs_12", "platform", "threshold"])
@pytest.mark.parametrize("back", [False, True])
def test_soles_lie_on_one_level_and_change_it_one_at_a_time(name: str, back: bool) -> None:
    terrain = ground(name)
    a, b = Pose2(0.0, 0.0), Pose2(5.0, 0.0)
    legs = legs_to(*((b, a) if back else (a, b)), terrain, GAIT, SOLE[0])
    over = [leg for leg in legs if leg.stairs is not None]
    assert len(over) == (2 if name == "threshold" else 1)
    for leg in over:
        assert leg.stairs is not None
        steps = walked(leg.stairs, leg.start)
        assert steps[-1][1].distance(leg.goal @ Pose2(0.0, (0.085, -0.085)[steps[-1][0]])) < 1e-9
        for _, foothold, stance in steps:
            assert terrain.holds(foothold, SOLE)
            rise = terrain.height(foothold.x, foothold.y) - terrain.height(stance.x, stance.y)
            assert abs(rise) < 0.171
            ahead = abs((stance.inverse() @ foothold).x)
            assert ahead < (0.34 if abs(rise) > LEVEL or ahead > LONG else LONG)


def test_a_goal_on_the_platform_ends_there() -> None:
    terrain = ground("stairs_12")
    legs = legs_to(Pose2(0.0, 0.0), Pose2(1.9, 0.0), terrain, GAIT, SOLE[0])
    assert terrain.height(legs[-1].goal.x, legs[-1].goal.y) == pytest.approx(0.36)
    assert legs[-1].goal.x == pytest.approx(1.9, abs=0.01)


def test_a_way_past_the_stairs_is_any_way() -> None:
    legs = legs_to(Pose2(0.0, 2.0), Pose2(5.0, 2.0), ground("stairs_15"), GAIT, SOLE[0])
    assert [leg.stairs for leg in legs] == [None]
