"""Model files from outside: nothing outside their folder, no numbers that are none, nothing that grows without bound."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sim.errors import SimError
from sim.model_check import check_model_file, checked, load_outside_model
from sim.robot import load_robot

ROOT = Path(__file__).parents[2]
ARM = ROOT / "tests" / "samples" / "models" / "arm.xml"
H140 = ROOT / "resources" / "robots" / "h140"

OBJ = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n"


def model(folder: Path, inside: str, before: str = "") -> Path:
    path = folder / "model" / "robot.xml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{before}<mujoco>\n{inside}\n</mujoco>\n", "utf-8")
    return path


@pytest.mark.parametrize(
    ("inside", "code", "culprit"),
    [
        ('<include file="../other.xml"/>', "model.outside_folder", "../other.xml"),
        ('<include file="/etc/passwd"/>', "model.outside_folder", "/etc/passwd"),
        ('<include file="C:\\\\secret.xml"/>', "model.outside_folder", "secret.xml"),
        ('<asset><mesh name="m" file="../other.obj"/></asset>', "model.outside_folder", "mesh"),
        ('<compiler meshdir=".."/><asset><mesh name="m" file="other.obj"/></asset>', "model.outside_folder", "meshdir"),
        ('<compiler assetdir="/"/>', "model.outside_folder", "assetdir"),
        ('<asset><texture name="t" type="cube" fileup="../sky.png"/></asset>', "model.outside_folder", "fileup"),
        ('<asset><hfield name="h" file="../map.png" size="1 1 1 1"/></asset>', "model.outside_folder", "hfield"),
        ('<asset><model name="m" file="../robot.xml"/></asset>', "model.outside_folder", "../robot.xml"),
        ('<include file="nowhere.xml"/>', "model.file_missing", "nowhere.xml"),
        ('<asset><mesh name="m" file="nowhere.obj"/></asset>', "model.file_missing", "nowhere.obj"),
        ('<worldbody><geom name="g" size="nan"/></worldbody>', "model.not_a_number", "name=g, attribute=size, value=nan"),
        ('<worldbody><geom name="g" pos="0 -inf 0"/></worldbody>', "model.not_a_number", "attribute=pos"),
        ('<worldbody><geom mass="1e999"/></worldbody>', "model.not_a_number", "1e999"),
        ('<asset><hfield name="h" nrow="100000" ncol="100000" size="1 1 1 1"/></asset>', "model.too_large", "height field"),
        ('<asset><texture name="t" width="100000" height="100000"/></asset>', "model.too_large", "texture"),
        ('<worldbody><replicate count="1000000"><geom size="1"/></replicate></worldbody>', "model.too_large", "copied"),
        (
            '<worldbody><replicate count="9"><replicate count="9"><geom size="1"/></replicate></replicate></worldbody>',
            "model.nested_replicate",
            "robot.xml",
        ),
        ("<worldbody><geom></worldbody>", "model.unreadable", "mismatched"),
        ('<include file="robot.xml"/>', "model.include_loop", "robot.xml"),
        ("<body>" * 300 + "</body>" * 300, "model.too_large", "nesting"),
    ],
)
def test_what_is_dangerous_or_broken_is_named(tmp_path: Path, inside: str, code: str, culprit: str) -> None:
    (tmp_path / "other.xml").write_text("<mujoco/>", "utf-8")
    (tmp_path / "other.obj").write_text(OBJ, "utf-8")
    with pytest.raises(SimError) as caught:
        check_model_file(model(tmp_path, inside))
    assert caught.value.code == code
    assert culprit in str(caught.value)


def test_entities_and_other_xml_are_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE mujoco [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    with pytest.raises(SimError) as caught:
        check_model_file(model(tmp_path, "", bomb))
    assert caught.value.code == "model.has_dtd"
    other = tmp_path / "robot.urdf"
    other.write_text("<robot name='r'/>", "utf-8")
    with pytest.raises(SimError) as caught:
        check_model_file(other)
    assert (caught.value.code, caught.value.params["element"]) == ("model.not_mjcf", "robot")
    with pytest.raises(SimError) as caught:
        check_model_file(tmp_path / "nowhere.xml")
    assert caught.value.code == "model.not_found"


def test_a_link_that_leads_outside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.obj").write_text(OBJ, "utf-8")
    path = model(tmp_path, '<asset><mesh name="m" file="inner.obj"/></asset>')
    try:
        (path.parent / "inner.obj").symlink_to(tmp_path / "other.obj")
    except OSError:
        pytest.skip("this system gives no right to make symbolic links")
    with pytest.raises(SimError) as caught:
        check_model_file(path)
    assert caught.value.code == "model.outside_folder"


def test_includes_and_meshes_in_the_folder_pass(tmp_path: Path) -> None:
    path = model(
        tmp_path,
        '<compiler meshdir="shapes"/><include file="parts/assets.xml"/><worldbody><geom name="nan" size="1"/></worldbody>',
    )
    (path.parent / "parts").mkdir()
    (path.parent / "shapes").mkdir()
    (path.parent / "parts" / "assets.xml").write_text(
        '<mujocoinclude><asset><mesh file="m.obj"/></asset></mujocoinclude>', "utf-8"
    )
    (path.parent / "shapes" / "m.obj").write_text(OBJ, "utf-8")
    check_model_file(path)


def test_the_robot_that_ships_is_clean() -> None:
    check_model_file(H140 / "h140.xml")


def test_a_good_file_is_compiled_apart_and_described() -> None:
    facts = load_outside_model(ARM)
    assert facts.joints == ("shoulder", "elbow")
    assert facts.actuators == ("shoulder", "elbow")
    assert facts.mass == pytest.approx(2.3)


def test_what_the_compiler_refuses_is_said_in_its_words(tmp_path: Path) -> None:
    path = model(tmp_path, '<worldbody><body><joint type="hinge"/></body></worldbody>')
    with pytest.raises(SimError) as caught:
        load_outside_model(path)
    assert caught.value.code == "model.invalid"
    assert "mass" in str(caught.value)


def test_a_mesh_with_numbers_that_are_none_is_refused(tmp_path: Path) -> None:
    path = model(tmp_path, '<asset><mesh name="m" file="m.obj"/></asset><worldbody><geom type="mesh" mesh="m"/></worldbody>')
    (path.parent / "m.obj").write_text(OBJ.replace("v 1 0 0", "v nan 0 0"), "utf-8")
    with pytest.raises(SimError) as caught:
        load_outside_model(path)
    assert caught.value.code == "model.invalid"


def test_a_compiler_that_takes_too_long_is_ended() -> None:
    with pytest.raises(SimError) as caught:
        load_outside_model(ARM, seconds=0.01)
    assert caught.value.code in ("model.too_slow", "model.crashed")


def test_a_robot_is_checked_against_its_profile(tmp_path: Path) -> None:
    shutil.copytree(H140, tmp_path / "robot")
    profile = tmp_path / "robot" / "profile.toml"
    assert checked(load_robot(tmp_path / "robot")).id == "h140"
    profile.write_text(profile.read_text("utf-8").replace('base_body = "pelvis"', 'base_body = "hips"'), "utf-8")
    with pytest.raises(SimError, match="hips"):
        checked(load_robot(tmp_path / "robot"))
