"""Scenes: the physics is what cell and robot say, and the same for the same values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import mujoco
import numpy as np
import pytest

from sim.cell import WorkCell, Zone, load_cell
from sim.errors import SimError
from sim.robot import RobotModel, load_robot
from sim.scene import Scene, Variation, build_scene, draw_variation, lowest_point
from sim.transforms import Pose2

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def robot() -> RobotModel:
    return load_robot(ROOT / "resources" / "robots" / "h140")


@pytest.fixture(scope="module")
def cell() -> WorkCell:
    return load_cell(ROOT / "resources" / "cells" / "hub_cell")


@pytest.fixture(scope="module")
def scene(cell: WorkCell, robot: RobotModel) -> Scene:
    return build_scene(cell, robot)


def lowest(scene: Scene, data: mujoco.MjData) -> float:
    model = scene.model
    solid = [i for i in range(model.ngeom) if scene.is_robot_geom[i] and model.geom_contype[i]]
    return min(lowest_point(model, data, i) for i in solid)


def test_the_robot_starts_where_the_cell_says_with_soles_on_the_floor(scene: Scene, cell: WorkCell) -> None:
    data = scene.initial_data()
    assert lowest(scene, data) == pytest.approx(0.0, abs=1e-9)
    soles = [data.site(leg.sole_site).xpos for leg in scene.robot.profile.legs.values()]
    np.testing.assert_allclose(np.mean(soles, axis=0), [cell.robot_start.x, cell.robot_start.y, 0.0], atol=1e-9)
    for name, address in zip(scene.robot.joint_names, scene.joint_qposadr, strict=True):
        assert data.qpos[address] == scene.robot.profile.home[name]


def test_workpieces_rest_where_they_stand(scene: Scene, cell: WorkCell) -> None:
    data = scene.initial_data()
    before = {name: data.xpos[scene.object_body(name)].copy() for name in cell.objects}
    for _ in range(250):
        mujoco.mj_step(scene.model, data)
    for name, start in before.items():
        body = scene.object_body(name)
        assert np.linalg.norm(data.xpos[body] - start) < 0.002, name
        assert data.xmat[body].reshape(3, 3)[2, 2] > 0.9999


def test_nothing_holds_but_contact(scene: Scene) -> None:
    model = scene.model
    assert model.neq == 0
    assert model.opt.cone == mujoco.mjtCone.mjCONE_ELLIPTIC
    assert model.opt.impratio == 10.0
    assert not np.any(scene.initial_data().xfrc_applied)


def test_objects_weigh_what_the_cell_says(scene: Scene, cell: WorkCell) -> None:
    for name, piece in cell.objects.items():
        body = scene.object_body(name)
        assert scene.model.body_mass[body] == pytest.approx(piece.mass)
        # Between a solid block and a thin shell of that size.
        x, y, z = piece.size
        solid = piece.mass / 12 * np.sort([x * x + y * y, x * x + z * z, y * y + z * z])
        ratio = np.sort(scene.model.body_inertia[body]) / solid
        assert np.all((ratio > 0.4) & (ratio < 3.0))


def test_every_geom_has_one_owner_and_cell_geoms_a_material(scene: Scene, cell: WorkCell) -> None:
    kinds = {owner.partition(":")[0] for owner in scene.geom_owner}
    assert kinds == {"robot", "station", "object", "zone", "floor"}
    for geom, owner in enumerate(scene.geom_owner):
        assert scene.is_robot_geom[geom] == owner.startswith("robot:")
        assert bool(scene.geom_material[geom]) != bool(scene.is_robot_geom[geom]) or owner == "object:tote"
    for station in cell.stations.values():
        assert len(scene.station_geoms(station.id)) == len(station.parts)
    assert len(scene.object_geoms("tote")) == 6


def test_actuators_follow_the_joint_order(scene: Scene) -> None:
    names = [scene.model.actuator(int(i)).name for i in scene.actuator_ids]
    assert tuple(names) == scene.robot.joint_names
    assert scene.is_servo.all()
    expected = [(scene.robot.profile.stiffness[n], scene.robot.profile.damping[n]) for n in names]
    np.testing.assert_allclose(scene.servo_gains, expected)


def test_the_same_values_give_the_same_physics(cell: WorkCell, robot: RobotModel) -> None:
    def run() -> bytes:
        scene = build_scene(cell, robot, variation=draw_variation(7))
        data = scene.initial_data()
        for _ in range(100):
            mujoco.mj_step(scene.model, data)
        return bytes(data.qpos.tobytes() + data.qvel.tobytes())

    assert run() == run()


def test_a_seed_moves_things_within_its_spread_and_seeds_differ(cell: WorkCell, robot: RobotModel, scene: Scene) -> None:
    nominal = scene.initial_data()
    tote = scene.object_body("tote")
    places = []
    for seed in range(6):
        drawn = build_scene(cell, robot, variation=draw_variation(seed))
        data = drawn.initial_data()
        moved = data.xpos[tote] - nominal.xpos[tote]
        assert np.all(np.abs(moved[:2]) <= 0.02 + 1e-9)
        assert abs(moved[2]) < 1e-9
        ratio = drawn.model.body_mass[tote] / scene.model.body_mass[tote]
        assert 0.95 <= ratio <= 1.05
        thigh = scene.model.body("left_thigh").id
        assert 0.95 <= drawn.model.body_mass[thigh] / scene.model.body_mass[thigh] <= 1.05
        assert lowest(drawn, data) == pytest.approx(0.0, abs=1e-9)
        places.append(tuple(moved[:2]))
    assert len(set(places)) == 6


def test_explicit_values_win_over_draws(cell: WorkCell, robot: RobotModel, scene: Scene) -> None:
    variation = replace(
        draw_variation(3),
        mass_scale={"torso": 1.2},
        object_offset={"tote": Pose2(0.01, -0.02, 0.1)},
        robot_start_offset=Pose2(0.1, 0.2, 0.3),
    )
    varied = build_scene(cell, robot, variation=variation)
    torso = scene.model.body("torso").id
    assert varied.model.body_mass[torso] == pytest.approx(1.2 * scene.model.body_mass[torso])
    data = varied.initial_data()
    slot = cell.station("rack").slot_in_world("tote")
    assert data.xpos[varied.object_body("tote")][0] == pytest.approx(slot.position[0] - 0.01, abs=1e-6)
    soles = np.mean([data.site(leg.sole_site).xpos for leg in robot.profile.legs.values()], axis=0)
    np.testing.assert_allclose(soles[:2], [0.1, 0.2], atol=1e-9)


def test_one_number_scales_all_masses(robot: RobotModel) -> None:
    model = build_scene(None, robot, variation=Variation(mass_scale=1.1)).model
    assert model.body_mass.sum() == pytest.approx(55.0)
    assert model.body_subtreemass[0] == pytest.approx(55.0)


def test_draws_do_not_depend_on_what_else_is_there() -> None:
    first, second = draw_variation(5), draw_variation(5)
    assert first.mass_of("torso") == second.mass_of("torso")
    assert first.mass_of("torso") != first.mass_of("pelvis")
    assert draw_variation(6).mass_of("torso") != first.mass_of("torso")
    assert Variation().mass_of("torso") == 1.0


@pytest.mark.parametrize(("friction", "slides"), [(0.9, False), (0.05, True)])
def test_a_zone_with_its_own_friction_decides_how_a_foot_grips(robot: RobotModel, friction: float, slides: bool) -> None:
    """The robot stands in its servos while gravity leans sideways by 0.15 rad: it stays, or it slides."""
    zone = Zone("ice", {"en": "Ice", "ko": "얼음"}, "wet", Pose2(0.0, 0.0), (2.0, 2.0), "ice", friction)
    cell = WorkCell("ice", {}, (4.0, 4.0), 0.8, "concrete", (zone,), {}, {}, (), Pose2(0.0, 0.0), "0")
    scene = build_scene(cell, robot)
    assert [scene.geom_owner[i] for i in scene.floor_geoms] == ["floor", "zone:ice"]
    data = scene.initial_data()
    scene.model.opt.gravity[1] = 1.5
    for _ in range(150):
        mujoco.mj_step(scene.model, data)
    moved = abs(data.site("left_sole").xpos[1] - 0.085)
    assert (moved > 0.02) == slides
    assert moved < 0.005 or slides


def test_a_model_that_lacks_what_its_profile_names_is_refused(robot: RobotModel) -> None:
    legs = {**robot.profile.legs, "left": replace(robot.profile.legs["left"], sole_site="left_toe_site")}
    with pytest.raises(SimError, match="left_toe_site") as caught:
        build_scene(None, replace(robot, profile=replace(robot.profile, legs=legs)))
    assert caught.value.code == "scene.element_missing"
    with pytest.raises(SimError) as caught:
        build_scene(None, replace(robot, profile=replace(robot.profile, base_body="torso")))
    assert caught.value.code == "scene.no_free_joint"


def test_asking_for_an_object_that_is_not_there(scene: Scene) -> None:
    with pytest.raises(SimError, match="housing"):
        scene.object_body("anvil")
