"""H140: what its maker declares is what its model is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import mujoco
import numpy as np
import pytest

from sim.errors import SimError
from sim.robot import RobotModel, load_robot, profile_from_data
from sim.scene import build_scene

ROOT = Path(__file__).parents[2]
H140 = ROOT / "resources" / "robots" / "h140"


@pytest.fixture(scope="module")
def robot() -> RobotModel:
    return load_robot(H140)


@pytest.fixture(scope="module")
def model(robot: RobotModel) -> mujoco.MjModel:
    return mujoco.MjModel.from_xml_path(str(robot.model_path))


@pytest.fixture
def straight(model: mujoco.MjModel) -> mujoco.MjData:
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    return data


def visual_heights(model: mujoco.MjModel, data: mujoco.MjData) -> Iterator[float]:
    for geom in range(model.ngeom):
        mesh = int(model.geom_dataid[geom])
        if mesh < 0:
            continue
        first, count = int(model.mesh_vertadr[mesh]), int(model.mesh_vertnum[mesh])
        z = model.mesh_vert[first : first + count] @ data.geom_xmat[geom].reshape(3, 3)[2] + data.geom_xpos[geom, 2]
        yield from (float(z.min()), float(z.max()))


def test_it_stands_1_40_m_tall_and_weighs_50_kg(model: mujoco.MjModel, straight: mujoco.MjData) -> None:
    heights = list(visual_heights(model, straight))
    assert max(heights) - min(heights) == pytest.approx(1.40, abs=0.01)
    assert min(heights) == pytest.approx(0.0, abs=1e-4)
    assert model.body_mass.sum() == pytest.approx(50.0, abs=0.1)


def test_left_and_right_weigh_the_same_and_mirror_each_other(model: mujoco.MjModel) -> None:
    for body in range(model.nbody):
        name = model.body(body).name
        if not name.startswith("left_"):
            continue
        other = model.body("right_" + name.removeprefix("left_")).id
        assert model.body_mass[body] == model.body_mass[other]
        np.testing.assert_allclose(np.sort(model.body_inertia[body]), np.sort(model.body_inertia[other]), rtol=1e-9)
        if "finger" not in name:
            np.testing.assert_allclose(model.body_ipos[body] * [1, -1, 1], model.body_ipos[other], atol=1e-9)


def test_inertias_are_physical_and_every_moving_body_has_mass(model: mujoco.MjModel) -> None:
    for body in range(1, model.nbody):
        a, b, c = sorted(model.body_inertia[body])
        assert model.body_mass[body] > 0.05
        assert 0.0 < a <= b <= c <= a + b + 1e-12, model.body(body).name


def test_only_contact_holds_things_together(model: mujoco.MjModel) -> None:
    assert model.neq == 0
    assert not np.any(model.body_mocapid >= 0)
    assert not np.any(model.body_gravcomp)


def test_shells_stay_low_poly_and_never_collide(model: mujoco.MjModel) -> None:
    assert model.mesh_facenum.max() <= 600
    shown = [int(model.geom_dataid[g]) for g in range(model.ngeom) if model.geom_dataid[g] >= 0]
    assert sum(int(model.mesh_facenum[mesh]) for mesh in shown) <= 12_000
    for geom in range(model.ngeom):
        if model.geom_dataid[geom] >= 0:
            assert model.geom_group[geom] == 2
            assert model.geom_contype[geom] == 0
            assert model.geom_conaffinity[geom] == 0


def test_profile_and_model_agree_on_drives(robot: RobotModel, model: mujoco.MjModel) -> None:
    assert len(robot.joint_names) == model.nu == 34
    profile = robot.profile
    for name in robot.joint_names:
        actuator = model.actuator(name)
        assert actuator.gainprm[0] == profile.stiffness[name]
        assert -actuator.biasprm[2] == profile.damping[name]
        assert actuator.forcerange[1] == profile.torque_limits[name]
        low, high = model.joint(name).range
        assert low <= profile.home[name] <= high
        assert profile.velocity_limits[name] > 0.0


def test_no_pose_the_program_starts_from_touches_itself(
    robot: RobotModel, model: mujoco.MjModel, straight: mujoco.MjData
) -> None:
    assert straight.ncon == 0
    for name, angle in robot.profile.home.items():
        straight.joint(name).qpos = angle
    mujoco.mj_forward(model, straight)
    assert straight.ncon == 0


def test_home_posture_is_balanced_with_torques_well_inside_the_limits(robot: RobotModel) -> None:
    scene = build_scene(None, robot)
    data = scene.initial_data()
    soles = np.mean([data.site(leg.sole_site).xpos for leg in robot.profile.legs.values()], axis=0)
    com = data.subtree_com[scene.model.body(robot.profile.base_body).id]
    np.testing.assert_allclose(com[:2], soles[:2], atol=0.003)
    assert com[2] == pytest.approx(robot.profile.gait.com_height, abs=0.02)
    # Half the weight on each sole, through its Jacobian: what the leg drives must hold while standing.
    data.qacc[:] = 0.0
    mujoco.mj_inverse(scene.model, data)
    holding = np.array(data.qfrc_bias)
    weight = -float(scene.model.opt.gravity[2]) * float(scene.model.body_mass[1 : 1 + 35].sum())
    for leg in robot.profile.legs.values():
        jacobian = np.zeros((3, scene.model.nv))
        mujoco.mj_jacSite(scene.model, data, jacobian, None, data.site(leg.sole_site).id)
        holding -= jacobian.T @ np.array([0.0, 0.0, weight / 2])
    for name, dof in zip(robot.joint_names, scene.joint_dofadr, strict=True):
        assert abs(holding[dof]) < 0.5 * robot.profile.torque_limits[name], name
    assert abs(holding[scene.base_dofadr + 2]) < 1.0


def test_a_loaded_foot_reads_its_load_upwards(robot: RobotModel) -> None:
    scene = build_scene(None, robot)
    data = scene.initial_data()
    for _ in range(150):
        mujoco.mj_step(scene.model, data)
    total = 0.0
    for leg in robot.profile.legs.values():
        force = data.sensor(leg.force_sensor).data
        assert force[2] > 100.0
        total += float(force[2])
    assert total == pytest.approx(50.0 * 9.81, rel=0.15)


def test_both_hands_reach_a_tote_at_shelf_and_bench_height(robot: RobotModel) -> None:
    """The palm of a stretched arm passes 0.5 m from the shoulder, and palms face each other when the arms hang."""
    scene = build_scene(None, robot)
    data = scene.initial_data()
    data.qpos[scene.joint_qposadr] = 0.0
    mujoco.mj_kinematics(scene.model, data)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        site = data.site(robot.profile.arms[side].hand_site)
        reach = np.linalg.norm(site.xpos - data.body(f"{side}_shoulder").xpos)
        assert 0.53 < reach < 0.60
        rotation = site.xmat.reshape(3, 3)
        np.testing.assert_allclose(rotation[:, 2], [0.0, -sign, 0.0], atol=1e-9)
        np.testing.assert_allclose(rotation[:, 0], [0.0, 0.0, -1.0], atol=1e-9)


def test_grippers_open_close_and_leave_3_mm(robot: RobotModel, model: mujoco.MjModel, straight: mujoco.MjData) -> None:
    gripper = robot.profile.arms["left"].gripper
    assert gripper is not None

    def gap() -> float:
        mujoco.mj_kinematics(model, straight)
        first, second = (straight.geom(name) for name in ("left_finger_1", "left_finger_2"))
        half = model.geom("left_finger_1").size[0]
        return float(abs(first.xpos[0] - second.xpos[0]) - 2 * half)

    for joint, closed in zip(gripper.joints, gripper.closed, strict=True):
        straight.joint(joint).qpos = closed
    assert gap() == pytest.approx(0.003, abs=1e-6)
    for joint, opened in zip(gripper.joints, gripper.open, strict=True):
        straight.joint(joint).qpos = opened
    assert gap() == pytest.approx(0.083, abs=1e-6)


def test_the_generator_gives_the_committed_files(tmp_path: Path) -> None:
    script = ROOT / "packaging" / "h140" / "generate.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True, timeout=120)
    written = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    committed = sorted(p.relative_to(H140) for p in H140.rglob("*") if p.is_file() and p.name != "README.md")
    assert written == committed
    for name in written:
        # As text, so that a checkout with other line ends passes.
        assert (tmp_path / name).read_text("utf-8") == (H140 / name).read_text("utf-8"), name


@pytest.mark.parametrize(
    ("change", "code", "names"),
    [
        ({"schema": "humanoid-workbench/robot-profile/9"}, "robot.schema_newer", "robot-profile/9"),
        ({"gait": {"com_heigth": 0.6}}, "robot.profile_invalid", "gait.com_heigth"),
        ({"legs": {"left": {}}}, "robot.profile_invalid", "legs.left.sole_half_size"),
        ({"sites": {"tip": {"body": "hand", "pos": [0.0, 1.0]}}}, "robot.profile_invalid", "sites.tip"),
    ],
)
def test_a_wrong_profile_is_refused_by_field(change: dict[str, object], code: str, names: str) -> None:
    import tomllib

    data = {**tomllib.loads((H140 / "profile.toml").read_text("utf-8")), **change}
    with pytest.raises(SimError) as caught:
        profile_from_data(data, "profile.toml")
    assert caught.value.code == code
    assert names in str(caught.value)


def test_a_missing_robot_and_a_missing_model_say_where(tmp_path: Path) -> None:
    with pytest.raises(SimError) as caught:
        load_robot(tmp_path / "nowhere")
    assert caught.value.code == "robot.not_found"
    (tmp_path / "profile.toml").write_text((H140 / "profile.toml").read_text("utf-8"), "utf-8")
    with pytest.raises(SimError) as caught:
        load_robot(tmp_path)
    assert caught.value.code == "robot.model_missing"
    (tmp_path / "profile.toml").write_text("schema = [", "utf-8")
    with pytest.raises(SimError) as caught:
        load_robot(tmp_path)
    assert caught.value.code == "robot.profile_unreadable"
    with pytest.raises(SimError, match="left_toe"):
        load_robot(H140).index("left_toe")


def test_a_profile_finds_a_model_that_lies_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "profile.toml").write_text((H140 / "profile.toml").read_text("utf-8"), "utf-8")
    by_file = load_robot(tmp_path, model_path=H140 / "h140.xml")
    by_folder = load_robot(tmp_path, model_path=H140)
    assert by_file.model_path == by_folder.model_path == H140 / "h140.xml"
    assert by_file.content_hash == load_robot(H140).content_hash


def test_a_gripper_holds_a_housing_by_friction(robot: RobotModel) -> None:
    """On a test stand (pelvis bolted down), a hand pointing down closes on a 1.2 kg block and keeps it."""
    spec = mujoco.MjSpec.from_file(str(robot.model_path))
    spec.delete(spec.joint("root"))
    spec.option.impratio = 10.0
    block = spec.worldbody.add_body(name="block", pos=[0.0, 0.0, 0.0])
    block.add_freejoint()
    block.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.03, 0.05, 0.05], mass=1.2, friction=[0.6, 0.01, 0.0001], priority=1, condim=4
    )
    model = spec.compile()
    data = mujoco.MjData(model)
    data.joint("left_shoulder_roll").qpos = data.actuator("left_shoulder_roll").ctrl = 0.5
    data.joint("left_elbow").qpos = data.actuator("left_elbow").ctrl = -0.4
    fingers = ("left_finger_1", "left_finger_2")
    for name in fingers:
        data.joint(name).qpos = data.actuator(name).ctrl = 0.0295
    mujoco.mj_kinematics(model, data)
    hand = data.body("left_hand")
    start = data.body("block").id
    first = int(model.jnt_qposadr[model.body_jntadr[start]])
    data.qpos[first : first + 3] = data.site("left_grip").xpos
    data.qpos[first + 3 : first + 7] = hand.xquat
    for name in fingers:
        data.actuator(name).ctrl = 0.0
    for step in range(900):
        mujoco.mj_step(model, data)
        if step == 150:
            held = data.body("left_hand").xmat.reshape(3, 3).T @ (data.body("block").xpos - data.body("left_hand").xpos)
    now = data.body("left_hand").xmat.reshape(3, 3).T @ (data.body("block").xpos - data.body("left_hand").xpos)
    assert np.linalg.norm(now - held) < 0.004
    for name in fingers:
        assert abs(data.actuator(name).force[0]) <= robot.profile.torque_limits[name]
