"""Laws of the ground: the physics is what the map of the plant says, and the plan's map holds only what the plan may know."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import mujoco
import numpy as np
import pytest

from sim.cell import WorkCell, load_cell
from sim.engine import Simulator
from sim.errors import SimError
from sim.geometry import scene_geometry
from sim.scene import Scene, build_scene, draw_variation
from sim.surroundings import walked
from sim.terrain import SHEET, terrain_of
from sim.transforms import Pose2
from tests.sim.examples import h140, hub_cell

CELLS = Path(__file__).parents[1] / "bench" / "cells"
WET = {"patch": 0.2}


def cell(name: str) -> WorkCell:
    return load_cell(CELLS / f"{name}.toml")


def scene(name: str) -> Scene:
    return build_scene(cell(name), h140(), variation=draw_variation(3, zone_friction=WET))


@pytest.mark.parametrize("name", ["tiles", "ramp", "stairs_15", "platform", "threshold", "wet"])
def test_a_ray_from_above_meets_the_ground_where_the_map_of_the_plant_says(name: str) -> None:
    there = scene(name)
    data = there.initial_data()
    terrain = terrain_of(there.cell, plan=False, variation=there.variation)
    hit = np.zeros(1, dtype=np.int32)
    groups = np.ones(6, dtype=np.uint8)
    for x in np.arange(0.3, 5.0, 0.137):
        for y in (-0.31, 0.02, 0.27):
            distance = mujoco.mj_ray(there.model, data, np.array([x, y, 3.0]), np.array([0.0, 0.0, -1.0]), groups, 1, -1, hit)
            assert not there.is_robot_geom[hit[0]]
            assert 3.0 - distance == pytest.approx(terrain.height(float(x), y), abs=1e-9)
            assert there.model.geom_friction[hit[0], 0] == pytest.approx(terrain.friction(float(x), y))


def test_the_plan_does_not_know_what_the_cell_does_not_say() -> None:
    wet = cell("wet")
    plan, plant = terrain_of(wet), terrain_of(wet, plan=False, variation=draw_variation(1, zone_friction=WET))
    assert plan.flat
    assert plan.friction(2.5, 0.0) == wet.floor_friction
    assert plant.friction(2.5, 0.0) == 0.2
    assert plant.height(2.5, 0.0) == SHEET
    tiles, blind = terrain_of(cell("tiles")), terrain_of(cell("tiles_blind"))
    assert tiles.flat
    assert (tiles.uneven(2.5, 0.0), tiles.uneven(0.6, 0.0), tiles.uneven(0.6, 0.0, 0.1)) == (0.02, 0.0, 0.02)
    assert blind.uneven(2.5, 0.0) == 0.0


def test_tiles_stay_within_their_range_differ_by_plant_and_are_the_same_by_seed() -> None:
    tiles = cell("tiles")
    one, again, other = (terrain_of(tiles, plan=False, variation=draw_variation(seed)) for seed in (1, 1, 2))
    heights = np.array([f.height for f in one.facets])
    assert heights.min() >= 0.0
    assert heights.max() <= 0.04
    assert heights.std() > 0.008
    assert [f.height for f in again.facets] == list(heights)
    assert [f.height for f in other.facets] != list(heights)


def test_a_ramp_rises_by_its_angle_and_its_normal_leans_back() -> None:
    ramp = terrain_of(cell("ramp"))
    assert (ramp.height(2.0, 0.0) - ramp.height(1.0, 0.0)) == pytest.approx(math.tan(math.radians(6.0)), rel=1e-6)
    assert ramp.normal(1.5, 0.0)[0] == pytest.approx(-math.sin(math.radians(6.0)))
    assert ramp.normal(3.8, 0.0)[0] == pytest.approx(math.sin(math.radians(6.0)))
    assert ramp.height(2.7, 0.0) == pytest.approx(1.5 * math.tan(math.radians(6.0)))


def test_stairs_go_up_by_equal_steps_to_the_platform_and_down_again() -> None:
    stairs = terrain_of(cell("stairs_15"))
    heights = [stairs.height(x, 0.0) for x in (0.79, 0.81, 1.11, 1.41, 2.39, 2.41, 2.71, 3.01)]
    assert heights == pytest.approx([0.0, 0.15, 0.30, 0.45, 0.45, 0.30, 0.15, 0.0])
    assert stairs.highest((0.6, 0.0), (0.9, 0.0)) == pytest.approx(0.15)


def test_a_sole_is_held_by_a_tread_and_not_by_its_edge_nor_by_a_cable() -> None:
    stairs, sill, sole = terrain_of(cell("stairs_15")), terrain_of(cell("threshold")), (0.10, 0.045)
    assert stairs.holds(Pose2(0.95, 0.1), sole)
    assert not stairs.holds(Pose2(0.85, 0.1), sole)
    assert not sill.holds(Pose2(1.5, 0.1), sole)
    assert sill.holds(Pose2(1.2, 0.1), sole)
    assert terrain_of(cell("ramp")).holds(Pose2(1.5, 0.1, 0.4), sole)


def test_the_twin_shows_the_ground_that_is_there() -> None:
    there = scene("stairs_15")
    shapes = [s for s in scene_geometry(there).stations if not s.station]
    assert max(float(s.mesh.vertices[:, 2].max()) for s in shapes) == pytest.approx(0.45)
    assert min(float(s.mesh.vertices[:, 2].min()) for s in shapes) == 0.0


def test_a_walker_comes_stands_and_goes_back() -> None:
    there = scene("person")
    assert there.cell is not None
    person = there.cell.walkers[0]
    assert [walked(person, t) for t in (0.0, 3.5, 6.0, 9.0, 11.0, 20.0)] == pytest.approx([0.0, 1.0, 2.5, 2.5, 1.5, 0.0])
    simulator = Simulator(there)
    simulator.data.time = 5.0
    simulator.data.qpos[there.model.joint("walker/person").qposadr[0]] = walked(person, 5.0)
    simulator.advance(100)
    assert simulator.object_pose("person")[1] == pytest.approx(0.0, abs=0.05)


def test_loose_goods_weigh_what_they_are_said_to_and_belong_to_their_tote() -> None:
    hub = hub_cell()
    tote = replace(hub.objects["tote"], loose_mass=1.0)
    there = build_scene(replace(hub, objects={**hub.objects, "tote": tote}), h140())
    mass = there.model.body_mass
    assert mass[there.model.body("loose/tote").id] == pytest.approx(1.0)
    assert mass[there.object_body("tote")] == pytest.approx(tote.mass - 1.0)
    assert len(there.object_geoms("tote")) > 6
    simulator = Simulator(there)
    simulator.advance(100)
    offset = simulator.data.body("loose/tote").xpos - simulator.data.body("object/tote").xpos
    assert np.abs(offset[:2]).max() < 0.01


@pytest.mark.parametrize(
    ("line", "instead", "reason"),
    [
        ('kind = "ramp"', 'kind = "hill"', "hill"),
        ("run = 1.5", "run = -1", "run"),
        ("platform = 0.8", "platform = -0.8", "platform"),
        ("width = 1.6", "", "width"),
    ],
)
def test_a_wrong_ground_feature_is_named(tmp_path: Path, line: str, instead: str, reason: str) -> None:
    file = tmp_path / "cell.toml"
    file.write_text((CELLS / "ramp.toml").read_text(encoding="utf-8").replace(line, instead), encoding="utf-8")
    with pytest.raises(SimError, match=reason):
        load_cell(file)
