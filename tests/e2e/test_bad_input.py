"""Whatever is wrong with what the user hands in: a non-zero exit, one sentence that names the culprit, no file changed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from sim.errors import SimError
from workbench.cli.main import main
from workbench.cli.output import FAULT, NO_SUCCESS, USAGE
from workbench.errors import WorkbenchError
from workbench.i18n import LANGUAGES, load
from workbench.operations import compare_ops, export_ops, import_ops, plan_ops, project_ops
from workbench.resources import resource
from workbench.session import Session

Damage = Callable[[Path], object]
HANGUL = re.compile("[가-힣]")
CELL = 'schema = "humanoid-workbench/cell/1"\nid = "c"\nname = "c"\n[floor]\nsize = [8, 8]\nfriction = 0.8\n'


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def edit(name: str, old: str, new: str) -> Damage:
    """A damage: replace some text in one file of the project."""

    def damage(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return damage


def put(name: str, data: bytes | str) -> Damage:
    """A damage: one file holds something else."""
    return lambda folder: (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)


def cut(name: str, size: int) -> Damage:
    """A damage: one file ends early."""
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:size])


def cell(text: str | bytes) -> Damage:
    """A damage: the project has a cell of its own, and this is its file."""

    def damage(folder: Path) -> None:
        edit("project.json", '"hub_cell"', '"own"')(folder)
        (folder / "own").mkdir()
        put("own/cell.toml", text)(folder)

    return damage


def robot(profile: Callable[[str], str], model: str | None = None) -> Damage:
    """A damage: the project has a robot of its own with this profile and model."""

    def damage(folder: Path) -> None:
        edit("project.json", '"h140"', '"own"')(folder)
        shutil.copytree(resource("robots", "h140"), folder / "own")
        path = folder / "own" / "profile.toml"
        path.write_text(profile(path.read_text(encoding="utf-8")), encoding="utf-8")
        if model is not None:
            (folder / "own" / "h140.xml").write_text(model, encoding="utf-8")

    return damage


def same(text: str) -> str:
    """The profile as it is."""
    return text


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of the user's."""
    return shutil.copytree(resource("projects", "part_transfer"), tmp_path / "line 3")


@pytest.fixture
def session(project: Path) -> Iterator[Session]:
    """The project, open."""
    opened = project_ops.open_project(project)
    yield opened
    project_ops.close_project(opened)


def told(capsys: pytest.CaptureFixture[str], words: list[object], language: str, code: int = FAULT) -> tuple[str, str]:
    """Run a command that must fail: error code and sentence."""
    assert main([*map(str, words), "--json", "--lang", language]) == code
    said = capsys.readouterr()
    answer = json.loads(said.out)
    assert answer["success"] is False
    sentence = answer["error"]["message"]
    assert sentence in said.err
    assert "Traceback" not in said.err and not sentence.startswith("[") and "\n" not in sentence
    assert re.search(r"\{\w+\}", sentence) is None, "a placeholder was not filled"
    if language == "ko":
        assert HANGUL.search(sentence)
    return answer["error"]["code"], sentence


PROJECTS: dict[str, tuple[Damage, str, str]] = {
    "newer plan": (edit("plan.json", "plan/1", "plan/9"), "plan.schema_newer", "plan/9"),
    "newer project": (edit("project.json", "project/1", "project/9"), "plan.schema_newer", "project/9"),
    "plan cut off": (cut("plan.json", 300), "plan.not_json", "plan.json"),
    "project cut off": (cut("project.json", 40), "plan.not_json", "project.json"),
    "plan empty": (put("plan.json", ""), "plan.not_json", "plan.json"),
    "plan no text": (put("plan.json", b"\xff\xfe\x00" * 40), "project.unreadable", "plan.json"),
    "plan a list": (put("plan.json", "[]"), "plan.field", "plan.json"),
    "plan bottomless": (put("plan.json", "[" * 100_000), "plan.not_json", "plan.json"),
    "endless number": (edit("plan.json", '"start": 0.0', '"start": ' + "9" * 5000), "plan.not_json", "plan.json"),
    "not a number": (edit("plan.json", '"start": 0.0', '"start": NaN'), "plan.field", "NaN"),
    "no plan": (lambda folder: (folder / "plan.json").unlink(), "project.unreadable", "plan.json"),
    "unknown skill": (edit("plan.json", '"skill": "wait"', '"skill": "dance"'), "plan.file_unknown_skill", "dance"),
    "unknown step": (edit("plan.json", '["walk-1"]', '["walk-7"]'), "plan.file_unknown_step", "walk-7"),
    "unknown robot": (edit("project.json", "h140", "r2d2"), "project.no_robot", "r2d2"),
    "robot of no text": (edit("project.json", '"h140"', "5"), "plan.field", "robot"),
    "unknown cell": (edit("project.json", "hub_cell", "moon"), "project.no_cell", "moon"),
    "cell cut off": (cell(CELL.partition("8]")[0]), "cell.unreadable", "cell.toml"),
    "newer cell": (cell(CELL.replace("cell/1", "cell/7")), "cell.schema_newer", "cell/7"),
    "cell no text": (cell(b"\xff\xfe"), "cell.unreadable", "cell.toml"),
    "no floor": (cell(CELL.partition("[floor]")[0]), "cell.invalid", "floor"),
    "friction of nan": (cell(CELL.replace("0.8", "nan")), "cell.invalid", "friction"),
    "id of no text": (cell(CELL.replace('id = "c"', "id = 5")), "cell.invalid", "id"),
    "stations a number": (cell(CELL.replace("[floor]", "stations = 5\n[floor]")), "cell.invalid", "cell.toml"),
    "zones of words": (cell(CELL.replace("[floor]", 'zones = ["a"]\n[floor]')), "cell.invalid", "cell.toml"),
    "a lamp nowhere": (
        cell(CELL + '[[lights]]\nposition = ["up", 0, 3]\ndirection = [0, 0, -1]\n'),
        "cell.invalid",
        "cell.toml",
    ),
    "a lamp in the plane": (cell(CELL + "[[lights]]\nposition = [0, 3]\ndirection = [0, 0, -1]\n"), "cell.invalid", "cell.toml"),
    "profile cut off": (robot(lambda text: text[:200] + "\n[legs"), "robot.profile_unreadable", "profile.toml"),
    "newer profile": (robot(lambda text: text.replace("profile/1", "profile/4")), "robot.schema_newer", "profile/4"),
    "profile of numbers": (robot(lambda _: PROFILE_HEAD + "legs = 5\ngait = 5\n"), "robot.profile_invalid", "profile.toml"),
    "no model": (robot(lambda text: text.replace("h140.xml", "gone.xml")), "robot.model_missing", "gone.xml"),
    "model with nan": (
        robot(same, '<mujoco><worldbody><geom name="g" size="nan"/></worldbody></mujoco>'),
        "model.not_a_number",
        "nan",
    ),
    "include outside": (robot(same, '<mujoco><include file="../../secret.xml"/></mujoco>'), "model.outside_folder", "secret.xml"),
    "model cut off": (robot(same, '<mujoco><worldbody><geom name="'), "model.unreadable", "h140.xml"),
}
PROFILE_HEAD = (
    'schema = "humanoid-workbench/robot-profile/1"\nid = "x"\nname = { en = "x" }\nmodel = "h140.xml"\nbase_body = "b"\n'
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PROJECTS)
def test_a_bad_project_is_named_and_left_alone(
    name: str, language: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage, code, culprit = PROJECTS[name]
    damage(project)
    before = contents(project)
    found, sentence = told(capsys, ["preflight", project], language)
    assert found == code
    assert culprit in sentence
    assert contents(project) == before


@pytest.mark.parametrize("name", PROJECTS)
def test_the_window_keeps_what_is_open(name: str, session: Session, tmp_path: Path) -> None:
    damage, code, _ = PROJECTS[name]
    bad = shutil.copytree(resource("projects", "part_transfer"), tmp_path / "bad")
    damage(bad)
    before, plan = contents(bad), session.plan
    with pytest.raises((WorkbenchError, SimError)) as caught:
        project_ops.open_project(bad)
    assert caught.value.code == code
    assert session.plan is plan and not session.history.modified
    assert contents(bad) == before


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("old", "new", "code", "step", "valid"),
    [
        ('"station": "rack"', '"station": "moon"', "plan.unknown_station", "walk-1", "rack"),
        ('"object": "tote"', '"object": "crate"', "plan.unknown_object", "look-1", "tote"),
        ('"slot": "drop"', '"slot": "attic"', "plan.unknown_slot", "place-1", "drop"),
    ],
)
def test_a_plan_that_names_what_is_not_there_is_marked_at_its_step(
    old: str, new: str, code: str, step: str, valid: str, language: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit("plan.json", old, new)(project)
    before = contents(project)
    assert main(["preflight", str(project), "--json", "--lang", language]) == NO_SUCCESS
    found = next(f for f in json.loads(capsys.readouterr().out)["findings"] if f["code"] == code)
    assert (found["step"], found["severity"]) == (step, "fail")
    assert valid in found["params"]["valid"]
    assert main(["preflight", str(project), "--lang", language]) == NO_SUCCESS
    said = capsys.readouterr()
    named = json.loads(f"{{{new}}}").popitem()[1]
    assert named in said.out and valid in said.out and "[" not in said.out.replace("[E", "")
    assert contents(project) == before


def parquet(folder: Path, **columns: object) -> Path:
    """A LeRobot episode of two joints with these columns."""
    names = {"names": ["a", "b"]}
    info = {"features": {"observation.state": names, "action": names}}
    (folder / "info.json").write_text(json.dumps(info), encoding="utf-8")
    pyarrow.parquet.write_table(pyarrow.table(columns), folder / "log.parquet")
    return folder / "log.parquet"


def log(name: str, data: bytes) -> Callable[[Path], Path]:
    """A log file of these bytes."""

    def make(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return make


GOOD = {"timestamp": [0.0, 0.1], "observation.state": [[1.0, 2.0], [3.0, 4.0]]}


def with_info(text: str) -> Callable[[Path], Path]:
    """A good episode with a bad info.json."""

    def make(folder: Path) -> Path:
        path = parquet(folder, **GOOD)
        (folder / "info.json").write_text(text, encoding="utf-8")
        return path

    return make


LOGS: dict[str, Callable[[Path], Path]] = {
    "not there": lambda folder: folder / "gone.mcap",
    "a folder": lambda folder: folder,
    "unknown ending": log("log.xyz", b"x"),
    "empty mcap": log("log.mcap", b""),
    "garbage mcap": log("log.mcap", bytes(range(256)) * 40),
    "mcap of its magic alone": log("log.mcap", b"\x89MCAP0\r\n"),
    "garbage parquet": log("log.parquet", b"PAR1" + b"x" * 100 + b"PAR1"),
    "garbage npz": log("log.npz", b"PK\x03\x04" + b"x" * 50),
    "foreign csv": log("walk_control.csv", b"a,b\n1,2\n"),
    "numbers for rows": lambda f: parquet(f, timestamp=[0.0, 0.1], **{"observation.state": [1.0, 2.0]}),
    "ragged rows": lambda f: parquet(f, timestamp=[0.0, 0.1], **{"observation.state": [[1.0, 2.0], [1.0]]}),
    "a missing row": lambda f: parquet(f, timestamp=[0.0, 0.1], **{"observation.state": [[1.0, 2.0], None]}),
    "no time": lambda f: parquet(f, **{"observation.state": [[1.0, 2.0], [1.0, 2.0]]}),
    "no state": lambda f: parquet(f, timestamp=[0.0, 0.1]),
    "words for time": lambda f: parquet(f, **{**GOOD, "timestamp": ["a", "b"]}),
    "more columns than names": lambda f: parquet(f, **{**GOOD, "observation.state": [[1.0] * 3] * 2}),
    "info cut off": with_info('{"features": {"obs'),
    "info a list": with_info('{"features": []}'),
    "names a list": with_info('{"features": {"observation.state": []}}'),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LOGS)
def test_a_bad_log_is_named_and_nothing_is_written(
    name: str, language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = LOGS[name](tmp_path), tmp_path / "out" / "log.mcap"
    before = contents(tmp_path)
    code, sentence = told(capsys, ["import", path, "--out", out], language)
    assert code.startswith("log.")
    assert path.name in sentence or "info.json" in sentence
    told(capsys, ["compare", path], language)
    told(capsys, ["compare", path, path], language)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("name", LOGS)
def test_a_bad_log_leaves_the_session_alone(name: str, session: Session, tmp_path: Path) -> None:
    path = LOGS[name](tmp_path)
    with pytest.raises(WorkbenchError, match=r"log\."):
        import_ops.import_recording(session, path)
    assert session.recordings == [] and session.comparison is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_recording_cut_off_anywhere_is_read_or_refused(
    language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = tmp_path / "whole.mcap"
    assert main(["import", str(parquet(tmp_path, **GOOD)), "--out", str(whole), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["channels"]
    data = whole.read_bytes()
    for size in (0, 8, 9, 40, 200, len(data) // 2, len(data) - 5):
        short = tmp_path / "short.mcap"
        short.write_bytes(data[:size])
        told(capsys, ["compare", short], language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_recording_that_cannot_be_written_is_said(language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    path = parquet(tmp_path, **GOOD)
    before = contents(tmp_path)
    code, sentence = told(capsys, ["import", path, "--out", tmp_path / "file" / "x.mcap"], language)
    assert code == "recording.write_failed" and "x.mcap" in sentence
    assert contents(tmp_path) == before


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("words", "culprit"),
    [
        (["fly"], "fly"),
        (["preflight"], "PROJECT"),
        (["preflight", "x", "--seed", "many"], "many"),
        (["preflight", "x", "--warp"], "--warp"),
        (["compare", "a.mcap", "--quantity", "smell"], "smell"),
        (["import", "a.mcap"], "--out"),
    ],
)
def test_a_wrong_call_is_said_in_the_users_language(
    words: list[str], culprit: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--lang", language, *words])
    said = capsys.readouterr()
    assert ended.value.code == USAGE and said.out == ""
    last = said.err.strip().splitlines()[-1]
    assert culprit in last
    english = re.search(r"invalid|required|unrecognized|usage", said.err)
    assert (english is None) == (language == "ko")


def test_an_unknown_language_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["preflight", "x", "--lang", "xx"])
    said = capsys.readouterr().err
    assert ended.value.code == USAGE
    assert "xx" in said and "ko" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_robot_is_refused_with_those_there_are(
    language: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, sentence = told(capsys, ["preflight", project, "--robot", "r2d2"], language)
    assert code == "project.no_robot" and "r2d2" in sentence and "h140" in sentence


def test_a_process_of_its_own_shows_no_traceback_either(project: Path) -> None:
    cut("plan.json", 300)(project)
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    words = [sys.executable, "-m", "workbench", "simulate", str(project), "--json", "--lang", "ko"]
    ended = subprocess.run(words, capture_output=True, env=env, cwd=resource().parent, timeout=60, check=False)
    assert ended.returncode == FAULT
    assert json.loads(ended.stdout)["error"]["code"] == "plan.not_json"
    assert b"Traceback" not in ended.stderr


@pytest.mark.skipif(os.name == "nt" or (hasattr(os, "geteuid") and os.geteuid() == 0), reason="the superuser may write anywhere")
def test_a_folder_without_permission_keeps_the_edit(session: Session, project: Path) -> None:
    before = contents(project)
    plan_ops.delete_steps(session, ["signal-1"])
    project.chmod(0o500)
    try:
        with pytest.raises(WorkbenchError, match=r"project\.not_saved"):
            project_ops.save(session)
    finally:
        project.chmod(0o700)
    assert session.history.modified and contents(project) == before


def test_a_folder_that_cannot_be_written_keeps_the_edit(session: Session, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    plan_ops.delete_steps(session, ["signal-1"])
    with pytest.raises(WorkbenchError) as caught:
        project_ops.save_as(session, tmp_path / "file" / "copy")
    assert caught.value.code == "project.not_saved"
    assert session.history.modified
    for language in LANGUAGES:
        assert str(tmp_path / "file" / "copy") in load(language).error(caught.value)


@pytest.mark.parametrize(
    ("damage", "code", "culprit"),
    [
        (None, "robot.not_found", "profile.toml"),
        (robot(same, '<mujoco><worldbody><geom name="g" size="nan"/></worldbody></mujoco>'), "model.not_a_number", "nan"),
        (robot(same, '<mujoco><include file="../../secret.xml"/></mujoco>'), "model.outside_folder", "secret.xml"),
        (robot(same, "<mujoco><worldbody><body/></worldbody></mujoco>"), "scene.element_missing", "joint"),
        (robot(same, '<mujoco><worldbody><geom type="sphere"/></worldbody></mujoco>'), "model.invalid", "h140.xml"),
    ],
)
def test_a_bad_robot_added_by_path_leaves_the_session_alone(
    damage: Damage | None, code: str, culprit: str, session: Session, tmp_path: Path
) -> None:
    folder = shutil.copytree(resource("projects", "part_transfer"), tmp_path / "bad")
    if damage is not None:
        damage(folder)
    before, held = contents(folder), session.robot
    with pytest.raises((SimError, WorkbenchError)) as caught:
        import_ops.add_robot(session, folder / "own")
    assert caught.value.code == code
    assert session.robot is held and contents(folder) == before
    for language in LANGUAGES:
        assert culprit in load(language).error(caught.value)


def test_a_robot_added_by_path_is_saved_and_opened_again(session: Session, tmp_path: Path) -> None:
    outside = tmp_path / "models"
    shutil.copytree(resource("robots", "h140"), outside)
    profile = outside / "profile.toml"
    (tmp_path / "profiles").mkdir()
    moved = profile.rename(tmp_path / "profiles" / "profile.toml")
    added = import_ops.add_robot(session, moved, outside / "h140.xml")
    project_ops.save_as(session, tmp_path / "mine")
    again = project_ops.open_project(tmp_path / "mine")
    assert again.robot.content_hash == added.content_hash
    assert again.robot.model_path == (outside / "h140.xml").resolve()
    assert again.plan == session.plan
    shutil.rmtree(outside)
    with pytest.raises(SimError) as caught:
        project_ops.open_project(tmp_path / "mine")
    assert caught.value.code == "robot.model_missing"
    assert str(outside / "h140.xml") in load("ko").error(caught.value)


def test_the_g1_added_by_path_is_saved_and_opened_again(session: Session, shared: Path, tmp_path: Path) -> None:
    model = shared / "robots" / "unitree_g1" / "g1_29dof.xml"
    import_ops.add_robot(session, resource("robots", "unitree_g1"), model)
    project_ops.save_as(session, tmp_path / "g1")
    saved = json.loads((tmp_path / "g1" / "project.json").read_text(encoding="utf-8"))
    assert (saved["robot"], saved["model"]) == ("unitree_g1", str(model.resolve()))
    assert project_ops.open_project(tmp_path / "g1").robot.content_hash == session.robot.content_hash
    by_model = project_ops.open_project(resource("projects", "part_transfer"), str(model))
    assert by_model.robot.content_hash == session.robot.content_hash


def test_what_cannot_be_compared_changes_nothing(session: Session, tmp_path: Path) -> None:
    out = tmp_path / "a.mcap"
    import_ops.import_file(parquet(tmp_path, **GOOD), out)
    named = project_ops.open_recording(session, out)
    with pytest.raises(WorkbenchError, match=r"comparison\."):
        compare_ops.compare_with_commands(session, named)
    assert session.comparison is None and session.recordings == [named]
    with pytest.raises(WorkbenchError, match=r"log\.no_joint_known"):
        import_ops.import_recording(session, out)
    assert session.recordings == [named]


def test_an_export_that_cannot_be_written_is_said(session: Session, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(WorkbenchError) as caught:
        export_ops.export_project(session, tmp_path / "file" / "line.zip")
    assert caught.value.code == "export.not_written"
    assert all("line.zip" in load(language).error(caught.value) for language in LANGUAGES)
