"""Taking a tote in simulation: from low with a load that is not what the plan says, and once more when it slips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.cell import load_cell
from sim.control.policy import Controller
from sim.motion import SkillCommand
from sim.recording import Recording
from sim.rollout import Execution
from sim.scene import build_scene
from tests.sim.examples import ROOT, h140, motion_of


def grasped(height: int, declared: float, true: float, force: float) -> tuple[Recording, float]:
    """A run of one grasp from ``height`` cm, standing before it, and how far the tote has come up, m."""
    robot = h140()
    cell = load_cell(ROOT / "tests" / "bench" / "cells" / f"tote_{height}.toml")
    cell = replace(cell, robot_start=cell.station("source").stand_in_world())
    plan = replace(cell, objects={"tote": replace(cell.object("tote"), mass=declared)})
    world = replace(cell, objects={"tote": replace(cell.object("tote"), mass=true)})
    start = cell.object_start("tote")
    take = SkillCommand(
        "grasp_1", "grasp", object_id="tote", object_pose=start, height=0.12, force=force, speed=0.3, estimate=12.0
    )
    run = Execution(build_scene(world, robot), seed=1)
    run.controller = Controller(robot, plan)
    run.load(motion_of(robot, plan, take))
    while not run.done:
        run.step()
    return run.recording(), float(run.simulator.object_pose("tote")[2] - start.position[2])


@pytest.mark.slow
def test_a_tote_is_taken_from_a_pallet_and_weighed() -> None:
    recording, risen = grasped(25, 3.0, 4.5, 55.0)
    assert recording.completed
    assert not recording.contacts
    assert risen > 0.4
    weighed = [e for e in recording.events if e.code == "event.load_differs"]
    assert [e.params["declared"] for e in weighed] == [3.0]
    assert float(weighed[0].params["mass"]) == pytest.approx(4.5, abs=0.4)
    # It stands upright again, the load over its feet.
    base = recording["base.pose"].values[-1]
    assert 2.0 * float(np.arcsin(np.hypot(base[4], base[5]))) < 0.05


@pytest.mark.slow
def test_a_tote_that_slips_is_put_back_and_taken_harder() -> None:
    recording, risen = grasped(80, 5.0, 5.0, 19.0)
    assert recording.completed
    assert [e.code for e in recording.events if e.code in ("event.regrasp", "event.load_measured")] == [
        "event.regrasp",
        "event.load_measured",
    ]
    assert risen > 0.1
