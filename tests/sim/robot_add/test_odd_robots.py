"""Robots that nobody built: other names, axes, joint orders and sizes are found all the same, and what is no humanoid is refused."""

from __future__ import annotations

import importlib.util
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import mujoco
import numpy as np
import pytest

from sim.control.hands import Hands
from sim.control.loop import BodyLoop
from sim.errors import SimError
from sim.robot import load_robot
from sim.robot_add.add import Reading, add_robot, read_model
from sim.robot_add.self_test import self_test
from sim.scene import build_scene


def _examples() -> ModuleType:
    spec = importlib.util.spec_from_file_location("small_humanoid", Path(__file__).with_name("small_humanoid.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["small_humanoid"] = module
    spec.loader.exec_module(module)
    return module


EXAMPLES = _examples()


#: An ankle's torque, N·m, that holds the weight of the small humanoid on a part of its sole alone.
WEAK = 5.0


def model_file(folder: Path, text: str = "", name: str = "nobody.urdf", **how: object) -> Path:
    file = folder / name
    file.write_text(text or EXAMPLES.urdf(EXAMPLES.Body(**how)), encoding="utf-8")
    return file


def refused(file: Path) -> SimError:
    with pytest.raises(SimError) as caught:
        read_model(file)
    return caught.value


@pytest.mark.parametrize("forward", ["x", "y"])
@pytest.mark.parametrize("bend", [1.0, -1.0])
def test_heading_sides_and_knees_are_found_whichever_way_it_is_drawn(tmp_path: Path, forward: str, bend: float) -> None:
    found = read_model(model_file(tmp_path, forward=forward, bend=bend)).anatomy
    np.testing.assert_allclose(found.forward, [1, 0, 0] if forward == "x" else [0, 1, 0])
    assert not found.doubts
    for side, sign in (("left", 1.0), ("right", -1.0)):
        leg = found.legs[side]
        assert sign * float(found.tree.data.xpos[leg.foot] @ found.left) > 0.05
        assert leg.joints.index(leg.knee) == 3
        assert leg.knee_sign == bend


@pytest.mark.parametrize(("hips", "ankles", "last"), [("prw", "rp", 5), ("wrp", "pr", 4), ("rpw", "pr", 4)])
def test_joints_of_hip_and_ankle_may_come_in_any_order(tmp_path: Path, hips: str, ankles: str, last: int) -> None:
    leg = read_model(model_file(tmp_path, hips=hips, ankles=ankles)).anatomy.legs["left"]
    assert len(leg.joints) == 6
    assert leg.joints.index(leg.ankle_pitch) == last


def test_a_hip_that_pitches_about_an_inclined_axis_is_a_hip(tmp_path: Path) -> None:
    leg = read_model(model_file(tmp_path, hips="prw", incline=0.75)).anatomy.legs["left"]
    assert (leg.joints.index(leg.knee), leg.joints.index(leg.ankle_pitch)) == (3, 5)


@pytest.mark.parametrize("bend", [1.0, -1.0])
def test_a_knee_that_may_turn_either_way_bends_back(tmp_path: Path, bend: float) -> None:
    """``bend`` is then the sign of the axis alone: the one knee's may be the other's reversed."""
    text = EXAMPLES.urdf(EXAMPLES.Body(forward="x", knees_both=True, bend=-1.0))
    if bend > 0:
        lines = text.split("<joint ")
        knees = [k for k, line in enumerate(lines) if 'lower="-2.2" upper="2.2"' in line]
        lines[knees[0]] = lines[knees[0]].replace('<axis xyz="-0.0 -1.0 -0.0"/>', '<axis xyz="0 1 0"/>')
        text = "<joint ".join(lines)
    anatomy = read_model(model_file(tmp_path, text)).anatomy
    joints = {j.name: j for js in anatomy.tree.joints.values() for j in js}
    for leg in anatomy.legs.values():
        knee, ankle = joints[leg.knee], joints[leg.ankle_pitch]
        assert float(np.cross(leg.knee_sign * knee.axis, ankle.anchor - knee.anchor) @ anatomy.forward) < 0.0


def test_a_sole_on_the_wrong_link_of_one_ankle_is_put_where_the_other_has_it(tmp_path: Path) -> None:
    plain, odd = read_model(model_file(tmp_path)), read_model(model_file(tmp_path, foot_above=True))
    assert "sole_moved" in {code for code, _ in odd.source.notes}
    for side, leg in odd.anatomy.legs.items():
        assert len(leg.joints) == 6
        np.testing.assert_allclose(odd.soles[side].half, plain.soles[side].half, atol=1e-6)
        np.testing.assert_allclose(odd.soles[side].world, plain.soles[side].world, atol=1e-6)


def test_a_robot_that_is_only_drawn_stands_on_what_is_drawn_lowest(tmp_path: Path) -> None:
    plain, drawn = read_model(model_file(tmp_path)), read_model(model_file(tmp_path, looks_only=True))
    assert "sole_from_looks" in {code for code, _ in drawn.source.notes}
    for side in ("left", "right"):
        np.testing.assert_allclose(drawn.soles[side].half, plain.soles[side].half, atol=1e-6)
    _stands(drawn, tmp_path / "robot")


def test_meshes_for_looks_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    mesh = '<visual><geometry><mesh filename="package://nobody/meshes/chest.dae"/></geometry></visual></link>'
    text = EXAMPLES.urdf(EXAMPLES.Body()).replace("</link>", mesh, 1)
    notes = dict(read_model(model_file(tmp_path, text)).source.notes)
    assert notes["looks_left_out"]["count"] == "1" and "chest.dae" in notes["looks_left_out"]["names"]


def test_points_of_contact_are_given_a_size(tmp_path: Path) -> None:
    text = EXAMPLES.urdf(EXAMPLES.Body())
    point = '<collision><origin xyz="0 0 0.1"/><geometry><sphere radius="0.0"/></geometry></collision></link>'
    reading = read_model(model_file(tmp_path, text.replace("</link>", point, 1)))
    assert ("points_sized", {"count": "1", "radius": "1"}) in reading.source.notes


def test_contacts_with_a_floor_that_the_file_lacks_are_left_out(tmp_path: Path) -> None:
    """Robots that are made to be included name the geoms of the scene around them."""
    source = read_model(model_file(tmp_path)).source
    first = next(source.xml.iter("geom"))
    first.set("name", "pelvis_box")
    contact = ET.SubElement(source.xml, "contact")
    ET.SubElement(contact, "pair", {"geom1": "pelvis_box", "geom2": "floor_of_a_scene"})
    read = read_model(model_file(tmp_path, source.text(), "part.xml"))
    assert ("contacts_left_out", {"count": "1"}) in read.source.notes


def _with_mesh(folder: Path, meshdir: str) -> str:
    """The text of a model of which one geom is a mesh."""
    source = read_model(model_file(folder)).source
    ET.SubElement(source.xml, "compiler", {"meshdir": meshdir})
    ET.SubElement(ET.SubElement(source.xml, "asset"), "mesh", {"name": "plate", "file": "plate.obj"})
    ET.SubElement(source.body(source.root), "geom", {"type": "mesh", "mesh": "plate", "contype": "0", "conaffinity": "0"})
    return source.text()


def test_meshes_may_lie_beside_the_models_folder_and_the_model_be_included(tmp_path: Path) -> None:
    for name in ("meshes", "mjcf", "mjcf/parts"):
        (tmp_path / name).mkdir()
    plate = "v 0 0 0\nv .1 0 0\nv 0 .1 0\nv 0 0 .1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n"
    (tmp_path / "meshes" / "plate.obj").write_text(plate)
    part = model_file(tmp_path / "mjcf" / "parts", _with_mesh(tmp_path, "../meshes"), "part.xml")
    scene = '<mujoco><include file="parts/part.xml"/><worldbody><geom type="plane" size="1 1 1"/></worldbody></mujoco>'
    for file in (model_file(tmp_path / "mjcf", scene, "scene.xml"), part):
        added = add_robot(read_model(file), "nobody", tmp_path / file.stem, {})
        assert (added.robot.folder / "meshes" / "plate.obj").is_file()


def test_a_model_reaches_no_further_than_two_folders_up(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b" / "c"
    inner.mkdir(parents=True)
    (tmp_path / "plate.obj").write_text("v 0 0 0\n")
    error = refused(model_file(inner, _with_mesh(tmp_path, "../../.."), "robot.xml"))
    assert error.code == "model.outside_folder"


def test_arms_at_home_hang_from_the_shoulder_with_the_palms_ahead(tmp_path: Path) -> None:
    """Also where an elbow bends one way only, and its arms are straight in the zero posture."""
    robot = add_robot(read_model(model_file(tmp_path, wrist="wpr")), "nobody", tmp_path / "robot", {}).robot
    scene = build_scene(None, robot)
    data = scene.initial_data()
    for arm in robot.profile.arms.values():
        shoulder, elbow = (data.joint(arm.joints[k]).xanchor for k in (0, 3))
        palm = data.site(arm.hand_site).xpos
        assert elbow[2] < shoulder[2] - 0.1
        assert palm[0] > shoulder[0] + 0.1
        assert palm[2] < shoulder[2] - 0.1


def test_a_single_finger_that_turns_closes_against_the_hand(tmp_path: Path) -> None:
    robot = add_robot(read_model(model_file(tmp_path, wrist="wpr", finger=True)), "nobody", tmp_path / "robot", {}).robot
    loop = BodyLoop(robot)
    hands = Hands(loop.body, loop.arms)
    for arm, side in enumerate(loop.body.arm_sides):
        grip, tool = robot.profile.arms[side].gripper, hands.tools[arm]
        assert grip is not None and len(grip.joints) == 1
        assert 0.015 < tool.gap < 0.06
        assert tool.levers[0] == pytest.approx(0.03, abs=0.01)
        widths = []
        for q in (grip.open[0], grip.closed[0]):
            loop.body.q = loop.body.home.copy()
            loop.body.q[hands.grippers[arm].index] = q
            widths.append(hands.width(arm))
        assert widths[0] == pytest.approx(tool.gap)
        assert 0.0 <= widths[1] < widths[0] - 0.005
        torque = np.zeros(len(robot.joint_names))
        torque[hands.grippers[arm].index] = np.sign(grip.closed[0] - grip.open[0]) * 10.0 * tool.levers[0]
        assert hands.grippers[arm].pressing(torque)[0] == pytest.approx(10.0)


def test_toes_are_locked_and_belong_to_the_sole(tmp_path: Path) -> None:
    plain, toed = read_model(model_file(tmp_path)), read_model(model_file(tmp_path, toes=True))
    assert len(toed.anatomy.locked) == 2
    assert toed.soles["left"].half[0] > plain.soles["left"].half[0] + 0.005


def _stands(reading: Reading, folder: Path) -> None:
    robot = add_robot(reading, "nobody", folder, {}).robot
    scene = build_scene(None, robot)
    data = scene.initial_data()
    base = data.xmat[scene.model.body(robot.profile.base_body).id].reshape(3, 3)
    np.testing.assert_allclose(base, np.eye(3), atol=1e-6)
    for leg in robot.profile.legs.values():
        np.testing.assert_allclose(data.site(leg.sole_site).xmat.reshape(3, 3), np.eye(3), atol=2e-3)
    assert self_test(robot, ["stand", "squat"])[0].passed


@pytest.mark.parametrize("size", [0.42, 1.6])
def test_from_half_a_metre_to_two_metres_it_stands(tmp_path: Path, size: float) -> None:
    reading = read_model(model_file(tmp_path, size=size, density=2200.0 if size < 1 else 900.0))
    _stands(reading, tmp_path / "robot")
    assert {"free_joint_added", "imu_added", "base_turned"} <= {code for code, _ in reading.source.notes}


def test_torque_limits_are_those_of_the_file_or_guessed_and_said_so(tmp_path: Path) -> None:
    stated = add_robot(read_model(model_file(tmp_path)), "nobody", tmp_path / "a", {})
    guessed = add_robot(read_model(model_file(tmp_path, effort=False)), "nobody", tmp_path / "b", {})
    knee = stated.robot.profile.legs["left"].knee
    assert stated.robot.profile.torque_limits[knee] == 110.0
    assert stated.robot.profile.velocity_limits[knee] == 15.0
    assert "torque_guessed" in {code for code, _ in guessed.reading.source.notes}
    assert 20.0 < guessed.robot.profile.torque_limits[knee] < 110.0


def test_a_light_joint_with_the_torque_of_a_heavy_one_is_damped_by_what_it_turns(tmp_path: Path) -> None:
    robot = add_robot(read_model(model_file(tmp_path, ankle_effort=400.0)), "nobody", tmp_path / "robot", {}).robot
    profile, model = robot.profile, mujoco.MjModel.from_xml_path(str(robot.model_path))
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    whole = np.zeros((model.nv, model.nv))
    mujoco.mj_fullM(model, data, whole)
    for name in profile.legs["left"].joints:
        dof = int(model.joint(name).dofadr[0])
        assert profile.damping[name] <= 0.3 * whole[dof, dof] / 0.002 * 1.001
        assert profile.stiffness[name] / profile.damping[name] == pytest.approx(1.1 / 0.03, rel=1e-3)
    ankle, hip = profile.legs["left"].joints[-1], profile.legs["left"].joints[0]
    assert profile.damping[ankle] < 0.9 * 0.03 * profile.torque_limits[ankle]
    assert profile.damping[hip] == pytest.approx(0.03 * profile.torque_limits[hip], rel=1e-3)


def test_a_robot_whose_ankles_do_not_roll_stands_flat_and_is_not_said_to_walk(tmp_path: Path) -> None:
    """However far apart its legs are: drawn together they would stand on the edges of their soles."""
    text = EXAMPLES.urdf(EXAMPLES.Body(forward="x", ankles="p"))
    text = text.replace('xyz="0.0 0.085 -0.03"', 'xyz="0.0 0.16 -0.03"').replace(
        'xyz="0.0 -0.085 -0.03"', 'xyz="0.0 -0.16 -0.03"'
    )
    reading = read_model(model_file(tmp_path, text))
    _stands(reading, tmp_path / "robot")
    profile = load_robot(tmp_path / "robot").profile
    assert profile.gait.foot_spacing == pytest.approx(0.32, abs=0.002)
    assert "walk" not in profile.capabilities
    assert "no_ankle_roll" in {code for code, _ in reading.source.notes}


def test_balance_counts_on_no_more_of_a_sole_than_the_ankle_holds(tmp_path: Path) -> None:
    strong = add_robot(read_model(model_file(tmp_path)), "nobody", tmp_path / "a", {})
    weak = add_robot(read_model(model_file(tmp_path, ankle_effort=WEAK)), "nobody", tmp_path / "b", {})
    assert "sole_held" not in {code for code, _ in strong.reading.source.notes}
    assert "sole_held" in {code for code, _ in weak.reading.source.notes}
    scene = build_scene(None, weak.robot)
    data = scene.initial_data()
    weight = 9.81 * float(scene.model.body_subtreemass[scene.model.body(weak.robot.profile.base_body).id])
    for leg in weak.robot.profile.legs.values():
        ends = leg.sole_half_size[0] * np.array([-1.0, 1.0]) + data.site(leg.sole_site).xpos[0]
        assert np.all(weight * np.abs(ends - data.joint(leg.ankle_pitch).xanchor[0]) < 1.02 * WEAK)


@pytest.mark.slow
def test_a_robot_with_weak_ankles_walks(tmp_path: Path) -> None:
    robot = add_robot(read_model(model_file(tmp_path, ankle_effort=WEAK)), "nobody", tmp_path / "a", {}).robot
    (walked,) = self_test(robot, ["walk"])
    assert walked.passed, walked


@pytest.mark.slow
@pytest.mark.parametrize("size", [0.42, 1.0])
def test_a_robot_with_other_axes_order_and_feet_walks(tmp_path: Path, size: float) -> None:
    robot = add_robot(
        read_model(model_file(tmp_path, size=size, density=2200.0 if size < 1 else 900.0)), "nobody", tmp_path / "a", {}
    ).robot
    (walked,) = self_test(robot, ["walk"])
    assert walked.passed, walked


@pytest.mark.parametrize(("how", "code"), [({"legs": 1}, "one_leg"), ({"legs": 4}, "many_legs"), ({"legs": 0}, "no_legs")])
def test_what_has_not_two_legs_is_refused(tmp_path: Path, how: dict[str, int], code: str) -> None:
    assert refused(model_file(tmp_path, **how)).code in (f"robot_add.{code}", "robot_add.not_a_robot")


def test_a_leg_with_too_few_joints_is_named(tmp_path: Path) -> None:
    error = refused(model_file(tmp_path, hips="p", ankles="p"))
    assert error.code == "robot_add.leg_short"
    assert error.params["count"] == 3


def test_numbers_that_are_none_and_missing_meshes_are_named(tmp_path: Path) -> None:
    good = EXAMPLES.urdf(EXAMPLES.Body())
    lines = good.replace("><", ">\n<").replace('effort="80.0"', 'effort="nan"', 1)
    error = refused(model_file(tmp_path, lines))
    assert error.code == "model.not_a_number" and error.params["attribute"] == "effort"
    assert error.params["line"] == 1 + lines[: lines.index("nan")].count("\n")
    mesh = '<geometry><mesh filename="package://nobody/meshes/foot.stl"/></geometry>'
    start = good.index("<geometry>")
    error = refused(model_file(tmp_path, good[:start] + mesh + good[good.index("</geometry>") + len("</geometry>") :]))
    assert error.code == "model.file_missing" and "foot.stl" in str(error.params["value"])
    error = refused(model_file(tmp_path, good[:-40]))
    assert error.code == "model.unreadable"


def test_collision_meshes_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    good = EXAMPLES.urdf(EXAMPLES.Body())
    (tmp_path / "foot.dae").write_text("<COLLADA/>")
    start = good.index("<geometry>")
    mesh = '<geometry><mesh filename="foot.dae"/></geometry>'
    error = refused(model_file(tmp_path, good[:start] + mesh + good[good.index("</geometry>") + len("</geometry>") :]))
    assert error.code == "robot_add.mesh_format"


def test_loops_ball_joints_and_things_that_are_no_robots_are_refused(tmp_path: Path) -> None:
    arm = "<mujoco><worldbody><body><joint/><geom size='.1'/></body></worldbody></mujoco>"
    assert refused(model_file(tmp_path, arm, "arm.xml")).code == "robot_add.not_a_robot"
    links = "".join(f"<body pos='0 0 -.1'><joint name='j{i}'/><geom size='.04'/>" for i in range(12)) + "</body>" * 12
    rod = "<equality><connect name='rod' body1='b' anchor='0 0 0'/></equality>"
    loop = f"<mujoco><worldbody><body name='b'><geom size='.1'/>{links}</body></worldbody>{rod}</mujoco>"
    error = refused(model_file(tmp_path, loop, "loop.xml"))
    assert error.code == "robot_add.closed_loop" and error.params["name"] == "rod"
    links = links.replace("name='j3'", "name='j3' type='ball'")
    ball = f"<mujoco><worldbody><body name='b'><geom size='.1'/>{links}</body></worldbody></mujoco>"
    error = refused(model_file(tmp_path, ball, "ball.xml"))
    assert error.code == "robot_add.ball_joint" and error.params["joint"] == "j3"
    assert refused(tmp_path / "nothing.xml").code == "model.not_found"


def test_defaults_of_the_model_are_not_those_of_the_floor(tmp_path: Path) -> None:
    """A file whose geoms touch nothing unless they say so must not make a floor that one falls through."""
    source = read_model(model_file(tmp_path)).source
    for geom in source.xml.iter("geom"):
        geom.set("contype", "1")
    before = ET.Element("default")
    ET.SubElement(before, "geom", {"contype": "0", "conaffinity": "1", "friction": "0.1"})
    source.xml.insert(0, before)
    ET.SubElement(source.xml, "option", {"iterations": "1"})
    robot = add_robot(read_model(model_file(tmp_path, source.text(), "nobody.xml")), "nobody", tmp_path / "robot", {}).robot
    scene = build_scene(None, robot)
    floor = scene.model.geom(int(scene.floor_geoms[0]))
    assert int(floor.contype[0]) == 1
    assert scene.model.opt.iterations > 10
    data = scene.initial_data()
    mujoco.mj_step(scene.model, data, nstep=20)
    assert data.ncon > 0


def test_the_sky_of_the_file_is_not_that_of_the_cell(tmp_path: Path) -> None:
    source = read_model(model_file(tmp_path)).source
    sky = {"type": "skybox", "builtin": "flat", "rgb1": "1 0 0", "rgb2": "1 0 0", "width": "8", "height": "48"}
    ET.SubElement(ET.SubElement(source.xml, "asset"), "texture", sky)
    read = read_model(model_file(tmp_path, source.text(), "scene.xml"))
    assert not [t for t in read.source.xml.iter("texture") if t.get("type") == "skybox"]


def test_a_camera_is_asked_for_and_looks_ahead(tmp_path: Path) -> None:
    reading = read_model(model_file(tmp_path))
    assert next(q for q in reading.asked if q.key == "camera").default == "none"
    robot = add_robot(reading, "nobody", tmp_path / "robot", {"camera": "head", "camera_down": 20.0}).robot
    assert "look" in robot.profile.capabilities
    data = build_scene(None, robot).initial_data()
    camera = data.camera(robot.profile.head_camera)
    ahead = -camera.xmat.reshape(3, 3)[:, 2]
    np.testing.assert_allclose(ahead, [np.cos(np.radians(20.0)), 0.0, -np.sin(np.radians(20.0))], atol=1e-6)
    assert camera.xpos[0] > data.body(robot.profile.base_body).xpos[0] + 0.03


def test_masses_that_come_from_shapes_are_said(tmp_path: Path) -> None:
    source = read_model(model_file(tmp_path)).source
    body = source.body(source.root)
    body.remove(next(i for i in body if i.tag == "inertial"))
    read = read_model(model_file(tmp_path, source.text(), "nobody.xml"))
    add_robot(read, "nobody", tmp_path / "robot", {})
    assert "mass_from_shapes" in {code for code, _ in read.source.notes}
