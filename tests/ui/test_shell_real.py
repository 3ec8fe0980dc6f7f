"""The real window with all its panels: open, edit, undo, save, simulate, play, compare, switch modes and languages, close."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from tests.ui.run_example import recording
from workbench.operations import plan_ops, project_ops
from workbench.resources import resource
from workbench.telemetry.mcap_file import write_recording
from workbench.ui import theme
from workbench.ui.composition import Workbench, compose
from workbench.ui.later import Place
from workbench.ui.shell.store import SettingsStore
from workbench.ui.tokens import THEMES


@pytest.fixture
def workbench(qtbot: QtBot, tmp_path: Path) -> Iterator[Workbench]:
    """The window on a copy of the example, complete."""
    theme.apply_theme(theme.application(), THEMES["dark"])
    project = tmp_path / "example"
    shutil.copytree(resource("projects", "part_transfer"), project)
    made = compose(SettingsStore(tmp_path / "settings.json"), project)
    made.window.show()
    made.projects.show(made.window.context.session)
    made.loader.finish()
    yield made
    made.window.may_close = lambda: True
    made.window.close()
    made.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_every_place_is_filled_and_every_command_has_a_name(workbench: Workbench) -> None:
    window = workbench.window
    assert not [p for p in window.findChildren(Place) if p.panel is None]
    for language, translator in window.languages.items():
        missing = [c.id for c in window.commands.all() if not translator.has(f"command.{c.id}")]
        assert not missing, language


def test_edit_undo_save_and_reopen(workbench: Workbench, qtbot: QtBot) -> None:
    window = workbench.window
    session = window.context.session
    before = len(session.plan.steps)
    step = plan_ops.add_step(session, "wait", session.plan.end)
    window.context.bridge.flush()
    assert window.context.tr("shell.edited") in window.top_bar.state.full_text()
    window.commands.run("undo")
    assert len(session.plan.steps) == before
    window.commands.run("redo")
    window.commands.run("save")
    assert not session.history.modified
    assert session.project_folder is not None
    assert step in {s.id for s in project_ops.open_project(session.project_folder).plan.steps}


def test_modes_languages_and_themes_go_through_all_panels(workbench: Workbench) -> None:
    window = workbench.window
    for language in ("ko", "en"):
        window.set_language(language)
        for theme_name in ("light", "dark"):
            window.set_theme(theme_name)
            for mode in ("compare", "operate", "author"):
                window.top_bar.mode_chosen.emit(mode)
                window.context.bridge.flush()
                assert window.panels.twin.isVisible()


def test_unsaved_work_is_asked_for_once_and_only_then(workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda _self: asked.append(1) or 0)
    assert workbench.projects.may_leave() and not asked
    plan_ops.add_step(workbench.window.context.session, "wait", 100.0)
    assert not workbench.projects.may_leave()  # no button was pressed: cancel
    assert asked == [1]


def test_a_project_that_does_not_open_leaves_the_open_one(workbench: Workbench, tmp_path: Path) -> None:
    session = workbench.window.context.session
    assert not workbench.projects.open_path(tmp_path / "nowhere")
    assert workbench.window.context.session is session
    assert "nowhere" in workbench.window.notifications.texts()[-1]


def test_simulate_brings_report_and_plays(workbench: Workbench, qtbot: QtBot) -> None:
    window = workbench.window
    workbench.projects.show(project_ops.new_project("short"))
    session = window.context.session
    plan_ops.add_step(session, "wait", 0.0, {"duration": 0.5})
    window.commands.run("simulate")
    assert workbench.pool.busy
    window.context.bridge.start()
    qtbot.waitUntil(lambda: session.simulated is not None, timeout=120_000)
    assert session.report is not None and not session.report_stale
    qtbot.waitUntil(lambda: session.playhead > 0.0, timeout=20_000)
    window.playback.stop()
    assert session.simulated is not None and session.simulated.recording.steps[0].success


def test_a_recording_is_read_beside_the_window(workbench: Workbench, qtbot: QtBot, tmp_path: Path) -> None:
    session, bridge = workbench.window.context.session, workbench.window.context.bridge
    write_recording(recording(), tmp_path / "shift_2.mcap")
    (tmp_path / "cut.mcap").write_bytes((tmp_path / "shift_2.mcap").read_bytes()[:100])
    workbench.data.import_path(tmp_path / "cut.mcap")
    workbench.data.import_path(tmp_path / "shift_2.mcap")
    assert not session.recordings  # nothing waited for

    def there() -> bool:
        bridge.tick.emit()
        return bool(session.recordings)

    qtbot.waitUntil(there, timeout=30_000)
    assert [r.name for r in session.recordings] == ["shift_2"]
