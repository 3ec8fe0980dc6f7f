"""A robot whose model the program does not ship: the Unitree G1, whose drives are motors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import mujoco
import numpy as np
import pytest

from sim.cell import load_cell
from sim.errors import SimError
from sim.model_check import checked
from sim.motion import SkillCommand
from sim.robot import RobotModel, load_robot
from sim.rollout import Execution
from sim.scene import Scene, build_scene
from tests.sim.examples import motion_of

ROOT = Path(__file__).parents[2]
PROFILE = ROOT / "resources" / "robots" / "unitree_g1"
MODEL = ROOT.parent / "shared" / "robots" / "unitree_g1"


@pytest.fixture(scope="module")
def g1() -> RobotModel:
    if not (MODEL / "g1_29dof.xml").is_file():
        pytest.skip("the Unitree G1 model is not in ../shared/robots/unitree_g1")
    return load_robot(PROFILE, MODEL)


@pytest.fixture(scope="module")
def scene(g1: RobotModel) -> Scene:
    return build_scene(load_cell(ROOT / "resources" / "cells" / "hub_cell"), g1)


def test_without_its_model_it_says_which_file_is_missing() -> None:
    with pytest.raises(SimError, match="g1_29dof.xml") as caught:
        load_robot(PROFILE)
    assert caught.value.code == "robot.model_missing"


def test_its_file_is_safe_and_holds_what_the_profile_names(g1: RobotModel) -> None:
    assert checked(g1) is g1
    assert len(g1.joint_names) == 29


def test_limits_of_the_profile_are_those_of_the_model(g1: RobotModel, scene: Scene) -> None:
    for name, actuator in zip(g1.joint_names, scene.actuator_ids, strict=True):
        assert scene.model.actuator_ctrlrange[actuator, 1] == g1.profile.torque_limits[name]
        low, high = scene.model.joint(name).range
        assert low < g1.profile.home[name] < high
        assert min(g1.profile.stiffness[name], g1.profile.damping[name], g1.profile.velocity_limits[name]) > 0.0


def test_it_stands_on_flat_soles_with_its_weight_over_them(g1: RobotModel, scene: Scene) -> None:
    data = scene.initial_data()
    feet = {scene.geom_owner[geom] for contact in data.contact for geom in contact.geom if scene.is_robot_geom[geom]}
    assert feet == {"robot:left_ankle_roll_link", "robot:right_ankle_roll_link"}
    assert data.ncon == 8
    com = data.subtree_com[scene.model.body(g1.profile.base_body).id]
    np.testing.assert_allclose(com, [0.0, 0.0, g1.profile.gait.com_height], atol=0.002)
    for leg in g1.profile.legs.values():
        np.testing.assert_allclose(data.site(leg.sole_site).xmat.reshape(3, 3), np.eye(3), atol=1e-3)


def test_its_motors_hold_it_up_with_the_gains_of_the_profile(g1: RobotModel, scene: Scene) -> None:
    """Motors take torques: closing the loop with the profile's gains keeps it standing for half a second."""
    data = scene.initial_data()
    assert not scene.is_servo.any()
    assert not scene.servo_gains.any()
    profile = g1.profile
    home, kp, kd = (np.array([t[n] for n in g1.joint_names]) for t in (profile.home, profile.stiffness, profile.damping))
    for _ in range(250):
        q, qd = data.qpos[scene.joint_qposadr], data.qvel[scene.joint_dofadr]
        data.ctrl[scene.actuator_ids] = kp * (home - q) - kd * qd
        mujoco.mj_step(scene.model, data)
    assert data.qpos[scene.base_qposadr + 2] > 0.6


def test_palms_face_each_other_where_the_hands_touch_what_is_flat(scene: Scene) -> None:
    data, model = scene.initial_data(), scene.model
    data.qpos[scene.joint_qposadr] = 0.0
    mujoco.mj_kinematics(model, data)
    normals = {}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        palm, hand = data.site(f"{side}_palm"), data.geom(f"{side}_hand")
        rotation = palm.xmat.reshape(3, 3)
        normals[side] = rotation[:, 2]
        assert rotation[1, 2] * sign < -0.9 and rotation[0, 0] > 0.9
        mesh = int(model.geom(hand.id).dataid[0])
        first, count = int(model.mesh_vertadr[mesh]), int(model.mesh_vertnum[mesh])
        points = model.mesh_vert[first : first + count] @ hand.xmat.reshape(3, 3).T + hand.xpos
        beyond = (points - palm.xpos) @ rotation
        assert abs(beyond[:, 2].max()) < 0.003, "the palm is the plane that the hand touches"
        touching = beyond[beyond[:, 2] > -0.004]
        assert touching[:, 0].max() > 0.04 and touching[:, 0].min() < -0.04, "heel and fingertips, the palm's middle between them"
    np.testing.assert_allclose(normals["left"] * [1.0, -1.0, 1.0], normals["right"], atol=1e-3)


def test_the_hands_touch_and_weigh_nothing_more(scene: Scene) -> None:
    model = scene.model
    for side in ("left", "right"):
        hand = model.geom(f"{side}_hand")
        assert hand.contype[0] == 1 and scene.is_robot_geom[hand.id]
    bare = mujoco.MjModel.from_xml_path(str(scene.robot.model_path))
    assert model.body(scene.robot.profile.base_body).subtreemass[0] == pytest.approx(bare.body_subtreemass[1])
    assert scene.robot.profile.head_camera in {model.camera(i).name for i in range(model.ncam)}


@pytest.mark.slow
def test_a_robot_without_grippers_lifts_a_part_between_its_palms(scene: Scene) -> None:
    bare = load_cell(ROOT / "tests" / "bench" / "cells" / "g1_part.toml")
    cell = replace(bare, robot_start=bare.station("source").stand_in_world())
    start = cell.object_start("part")
    grasp = SkillCommand("grasp", "grasp", object_id="part", object_pose=start, height=0.10, force=25.0, speed=0.3, estimate=12.0)
    run = Execution(build_scene(cell, scene.robot), motion_of(scene.robot, cell, grasp), seed=1)
    assert run.simulator.model.neq == 0, "nothing is welded"
    while not run.done:
        run.step()
    recording = run.recording(with_series=False)
    assert recording.success and run.controller.held_object == "part"
    height = float(run.simulator.data.xpos[run.scene.object_body("part"), 2])
    assert height > start.position[2] + 0.08
    assert not recording.contacts, "nothing else is touched"
    assert "foot_load" in recording.header.assumptions, "its feet feel nothing: said so"
