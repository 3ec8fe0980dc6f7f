"""Projects on the disk: whole or not at all, recovered after a crash, refused with reasons, never touched on failure."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.operations import plan_ops, project_ops
from workbench.plan.model import Plan
from workbench.plan.schema import plan_from_text
from workbench.project import storage
from workbench.project.autosave import Autosave, find_recovery, write_autosave
from workbench.project.project import PLAN_FILE, PROJECT_FILE, read_project, shipped_projects
from workbench.session import Session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    made = project_ops.new_project("test")
    plan_ops.add_step(made, "walk")
    project_ops.save_as(made, tmp_path / "p")
    return made


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


def test_what_was_saved_opens_equal(session: Session, tmp_path: Path) -> None:
    again = project_ops.open_project(tmp_path / "p" / PROJECT_FILE)
    assert again.plan == session.plan
    assert again.name == "test"
    assert (again.robot.id, again.cell.id) == ("h140", "hub_cell")
    assert not again.history.modified


def test_robot_and_cell_may_lie_in_the_project(session: Session, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "p"
    shutil.copytree(session.robot.folder, folder / "robot")
    shutil.copy(session.cell.path or Path(), folder / "cell.toml")
    file = folder / PROJECT_FILE
    file.write_text(file.read_text().replace('"h140"', '"robot"').replace('"hub_cell"', '"cell.toml"'))
    again = project_ops.open_project(folder)
    project_ops.save(again)
    assert '"robot": "robot"' in file.read_text()
    assert '"cell": "."' in file.read_text()
    assert project_ops.open_project(folder).robot.id == "h140"


@pytest.mark.parametrize(
    ("file", "change", "code"),
    [
        (PLAN_FILE, lambda t: t[: len(t) // 2], "plan.not_json"),
        (PLAN_FILE, lambda t: t.replace("plan/1", "plan/99"), "plan.schema_newer"),
        (PROJECT_FILE, lambda t: t.replace("project/1", "project/99"), "plan.schema_newer"),
        (PROJECT_FILE, lambda t: t.replace("h140", "r2d2"), "project.no_robot"),
        (PROJECT_FILE, lambda t: t.replace("hub_cell", "moon"), "project.no_cell"),
    ],
)
def test_a_bad_project_is_refused_and_left_as_it_is(session: Session, tmp_path: Path, file: str, change, code: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "p" / file
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    before = content(tmp_path / "p")
    with pytest.raises(WorkbenchError) as refused:
        project_ops.open_project(tmp_path / "p")
    assert refused.value.code == code
    assert str(tmp_path / "p") in str(refused.value.params["path"])
    assert content(tmp_path / "p") == before


def test_a_folder_without_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="project.not_found"):
        project_ops.open_project(tmp_path)


def test_a_failed_save_leaves_the_old_version(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = content(tmp_path / "p")
    plan_ops.add_step(session, "look")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    with pytest.raises(WorkbenchError, match=r"project\.not_saved"):
        project_ops.save(session)
    assert content(tmp_path / "p") == before
    assert session.history.modified


def test_shipped_examples_are_not_saved_over() -> None:
    for folder in shipped_projects():
        opened = project_ops.open_project(folder)
        assert project_ops.needs_folder(opened)
        with pytest.raises(WorkbenchError, match=r"project\.shipped"):
            project_ops.save(opened)
        assert not project_ops.autosave_folder(opened).is_relative_to(folder)


def test_saving_as_does_not_run_over_other_files(session: Session, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("x")
    with pytest.raises(WorkbenchError, match=r"project\.exists"):
        project_ops.save_as(session, tmp_path / "thesis")


def test_changes_are_autosaved_in_time_and_offered_again(session: Session, tmp_path: Path) -> None:
    assert not project_ops.autosave_tick(session, 0.0)
    plan_ops.add_step(session, "look")
    assert not project_ops.autosave_tick(session, 100.0)
    plan_ops.add_step(session, "look")
    written = [t for t in range(101, 131) if project_ops.autosave_tick(session, float(t))]
    assert len(written) == 1
    assert written[0] - 100 <= 30
    assert session.autosave is not None
    session.autosave.flush()

    crashed = project_ops.open_project(tmp_path / "p")
    found = project_ops.find_unsaved_work(crashed)
    assert found is not None
    assert found.plan == session.plan
    project_ops.recover(crashed)
    assert crashed.history.modified
    project_ops.save(crashed)
    assert project_ops.find_unsaved_work(project_ops.open_project(tmp_path / "p")) is None


def test_an_autosave_older_than_the_saved_version_is_not_offered(session: Session, tmp_path: Path) -> None:
    folder = tmp_path / "p"
    aside = project_ops.autosave_folder(session)
    write_autosave(aside / PLAN_FILE, folder, session.plan)
    plan_ops.add_step(session, "look")
    assert session.autosave is None
    project_ops.save(session)  # as if the program had ended before it could tidy up
    assert find_recovery(folder, aside) is None


def test_a_damaged_autosave_counts_as_none(session: Session) -> None:
    aside = project_ops.autosave_folder(session)
    aside.mkdir(exist_ok=True)
    (aside / PLAN_FILE).write_text('{"schema": "humanoid-workb')
    assert project_ops.find_unsaved_work(session) is None


def test_a_failing_autosave_says_so_once_and_tries_again(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    autosave = Autosave(None, blocked / "inside", period=0.0)
    plan = Plan("x")
    autosave.tick(plan, True, 0.0)
    with pytest.raises(WorkbenchError):
        autosave.flush()
    autosave.close()


EDITOR = """
import sys
from dataclasses import replace
from pathlib import Path
from workbench.plan.edits import add_step, new_step
from workbench.plan.model import Plan
from workbench.project.autosave import write_autosave
from workbench.project.project import PLAN_FILE, ProjectInfo, write_project
folder, number = Path(sys.argv[1]), int(sys.argv[2])
plan = Plan(str(number))
for i in range(30):
    plan = add_step(plan, new_step(plan, "wait", plan.end))
info = ProjectInfo("killed", "h140", "hub_cell")
while True:
    for _ in range(4):
        number += 1
        plan = replace(plan, name=str(number))
        write_autosave(folder / ".autosave" / PLAN_FILE, folder, plan)
        print(number, flush=True)
    write_project(folder, info, plan)
    print("saved", flush=True)
"""


@pytest.mark.slow
def test_killed_at_any_moment_no_project_is_corrupt_and_nothing_reported_is_lost(tmp_path: Path) -> None:
    choose = random.Random(11)
    number = 0
    for _ in range(25):
        child = subprocess.Popen(
            [sys.executable, "-c", EDITOR, str(tmp_path), str(number)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        assert child.stdout is not None
        reported = number
        # Killed on observed progress, at a place within the next write that chance decides.
        for _ in range(choose.randint(5, 40)):
            line = child.stdout.readline().strip()
            reported = int(line) if line.isdecimal() else reported
        for _ in range(choose.randint(0, 3000)):
            pass
        child.kill()
        rest, _ = child.communicate()
        reported = max([reported, *(int(line) for line in rest.split() if line.isdecimal())])
        loaded = read_project(tmp_path)
        assert len(loaded.plan.steps) == 30
        found = find_recovery(tmp_path, tmp_path / ".autosave")
        newest = max(int(loaded.plan.name), int(found.plan.name) if found else 0)
        assert newest >= reported  # every edit that was reported as put aside is there
        assert newest <= reported + 1
        number = newest
    plan_from_text((tmp_path / PLAN_FILE).read_text(encoding="utf-8"), "")
