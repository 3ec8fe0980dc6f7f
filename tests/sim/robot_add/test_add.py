"""What ``robot add`` finds in a model without knowing its names, against profiles written by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.errors import SimError
from sim.robot import SIDES, RobotModel, load_robot, read_profile
from sim.robot_add.add import Added, add_robot, read_model
from sim.robot_add.pictures import draw
from sim.robot_add.self_test import self_test
from sim.scene import build_scene

ROOT = Path(__file__).parents[3]
ROBOTS = ROOT / "resources" / "robots"


@pytest.fixture(scope="module")
def h140(tmp_path_factory: pytest.TempPathFactory) -> Added:
    return add_robot(read_model(ROBOTS / "h140" / "h140.xml"), "found", tmp_path_factory.mktemp("h140") / "found", {})


@pytest.fixture(scope="module")
def g1(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Added:
    model = shared / "robots" / "unitree_g1" / "g1_29dof.xml"
    if not model.is_file():
        pytest.skip("the Unitree G1 model is not there")
    return add_robot(read_model(model), "found", tmp_path_factory.mktemp("g1") / "found", {"payload": 2.0})


def agree(added: Added, name: str) -> None:
    """The proposal says of the body what the profile written by hand says."""
    found, known = added.robot.profile, read_profile(ROBOTS / name / "profile.toml")
    assert found.base_body == known.base_body
    assert found.waist_joints == known.waist_joints
    assert found.head_joints == known.head_joints
    # What a profile adds to the model file is not found in it.
    assert found.head_camera == ("" if known.head_camera in known.cameras else known.head_camera)
    assert found.imu == known.imu
    for side in SIDES:
        mine, theirs = found.legs[side], known.legs[side]
        assert (mine.joints, mine.knee, mine.ankle_pitch) == (theirs.joints, theirs.knee, theirs.ankle_pitch)
        np.testing.assert_allclose(mine.sole_half_size, theirs.sole_half_size, atol=0.002)
        assert found.arms[side].joints == known.arms[side].joints
        assert (found.arms[side].gripper is None) == (known.arms[side].gripper is None)
    assert found.torque_limits == pytest.approx(known.torque_limits, rel=0.01)
    assert found.gait.foot_spacing == pytest.approx(known.gait.foot_spacing, abs=0.002)
    assert found.gait.com_height == pytest.approx(known.gait.com_height, abs=0.02)
    assert found.height == pytest.approx(known.height, abs=0.02)


def palms_agree(added: Added, known: RobotModel, within: float) -> None:
    """Palms face the way those of the known profile face, near where they are."""
    mine, theirs = build_scene(None, added.robot).initial_data(), build_scene(None, known).initial_data()
    for side in SIDES:
        here, there = added.robot.profile.arms[side].hand_site, known.profile.arms[side].hand_site
        body = int(mine.model.site_bodyid[mine.model.site(here).id])
        assert mine.model.body(body).name == theirs.model.body(int(theirs.model.site_bodyid[theirs.model.site(there).id])).name
        assert np.linalg.norm(mine.model.site(here).pos - theirs.model.site(there).pos) < within


def test_of_the_reference_robot_it_finds_what_its_profile_says(h140: Added) -> None:
    agree(h140, "h140")
    palms_agree(h140, load_robot(ROBOTS / "h140"), 0.001)
    gripper = h140.robot.profile.arms["left"].gripper
    assert gripper is not None and gripper.open == (0.04, 0.04) and gripper.closed == (0.0, 0.0)
    assert {"grasp", "place", "carry", "look"} <= set(h140.robot.profile.capabilities)


def test_of_the_unitree_g1_it_finds_what_its_profile_says(g1: Added, shared: Path) -> None:
    agree(g1, "unitree_g1")
    palms_agree(g1, load_robot(ROBOTS / "unitree_g1", shared / "robots" / "unitree_g1"), 0.05)
    assert "grasp" not in g1.robot.profile.capabilities, "it has no eyes on the work"


def test_a_robot_that_was_added_stands_on_flat_soles_with_its_weight_over_them(h140: Added) -> None:
    scene = build_scene(None, h140.robot)
    data = scene.initial_data()
    profile = h140.robot.profile
    com = data.subtree_com[scene.model.body(profile.base_body).id]
    np.testing.assert_allclose(com, [0.0, 0.0, profile.gait.com_height], atol=0.003)
    for leg in profile.legs.values():
        np.testing.assert_allclose(data.site(leg.sole_site).xmat.reshape(3, 3), np.eye(3), atol=1e-3)


def test_what_is_asked_has_bounds(h140: Added) -> None:
    asked = {q.key: q for q in h140.reading.asked}
    for key, wrong in (("payload", -1), ("delay", "soon"), ("floor_friction", float("nan"))):
        with pytest.raises(SimError) as caught:
            asked[key].check(wrong)
        assert caught.value.code == "robot_add.answer_wrong"


def test_it_never_writes_into_a_folder_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years")
    reading = read_model(ROBOTS / "h140" / "h140.xml")
    for replace in (False, True):
        with pytest.raises(SimError) as caught:
            add_robot(reading, "found", tmp_path, {}, replace=replace)
        assert caught.value.code == "robot_add.exists"
    assert (tmp_path / "thesis.txt").read_text() == "three years"


@pytest.mark.slow
def test_the_unitree_g1_passes_its_self_test(g1: Added) -> None:
    failed = [c for c in self_test(g1.robot) if not c.passed]
    assert not failed


def test_each_guess_has_a_picture_where_there_is_opengl(h140: Added, tmp_path: Path) -> None:
    missing = draw(h140.robot, tmp_path / "pictures")
    if missing:
        pytest.skip(f"no OpenGL: {missing}")
    drawn = {p.stem for p in (tmp_path / "pictures").glob("*.png")}
    assert {"base", "imu", "waist", "head"} <= drawn
    assert {f"{side}_{part}" for side in SIDES for part in ("leg", "arm", "sole", "palm")} <= drawn
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in (tmp_path / "pictures").glob("*.png"))
