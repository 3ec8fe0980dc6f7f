"""The frame of the window: modes, layout, commands, palette, language and theme, undo, playing, stop request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QTabBar

from sim.errors import SimError
from tests.ui.shell_window import PlainPanel, make_window, small_plan
from workbench.errors import WorkbenchError
from workbench.ui import theme
from workbench.ui.commands import CommandList
from workbench.ui.context import Command
from workbench.ui.fuzzy import score
from workbench.ui.icons import ICONS, parse
from workbench.ui.layouts import density_for
from workbench.ui.main_window import MainWindow
from workbench.ui.playback import Playback
from workbench.ui.shell.store import SettingsStore
from workbench.ui.shell.view_actions import ViewActions
from workbench.ui.stop_button import DoubleEscape
from workbench.ui.tokens import THEMES


@pytest.fixture
def window(qtbot: object, tmp_path: Path) -> Iterator[MainWindow]:
    """A shown window with plain panels and the view commands."""
    theme.apply_theme(theme.application(), THEMES["dark"])
    made = make_window(tmp_path)
    made.commands.add(ViewActions(made).commands())
    made.add_panel_commands()
    made.resize(1600, 1000)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    # At once: a theme change would restyle the widgets of all windows that wait to be deleted.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_every_icon_parses_and_stays_on_its_grid() -> None:
    for name, shapes in ICONS.items():
        for shape in shapes:
            box = parse(shape).controlPointRect()
            assert box.left() >= 0 and box.top() >= 0 and box.right() <= 16 and box.bottom() <= 16, name


def test_the_window_opens_no_larger_than_the_screen(qtbot: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Laptop:
        def availableGeometry(self) -> QRect:
            return QRect(0, 0, 1366, 738)

    monkeypatch.setattr(MainWindow, "screen", lambda _: Laptop())
    made = make_window(tmp_path)
    assert (made.width(), made.height()) == (1366, 738)
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.mark.parametrize(
    ("width", "height", "pinned", "wanted"),
    [(1600, 1000, "", "desk"), (1440, 1000, "", "laptop"), (1600, 849, "auto", "laptop"), (1366, 768, "desk", "desk")],
)
def test_density_follows_the_window_unless_pinned(width: int, height: int, pinned: str, wanted: str) -> None:
    assert density_for(width, height, pinned) == wanted


@pytest.mark.parametrize("mode", ["author", "compare", "operate"])
def test_each_mode_shows_its_panels_and_moves_neither_twin_nor_timeline(window: MainWindow, mode: str) -> None:
    parents = (window.panels.twin.parentWidget(), window.panels.timeline.parentWidget())
    window.top_bar.mode_chosen.emit(mode)
    shown = {
        "author": ("timeline", "findings", "inspector"),
        "compare": ("chooser", "heatmap", "joint_table", "overlay", "transport"),
        "operate": ("timeline", "health", "live_plots", "events"),
    }
    for name in (
        "timeline",
        "findings",
        "inspector",
        "chooser",
        "heatmap",
        "joint_table",
        "overlay",
        "transport",
        "health",
        "live_plots",
        "events",
    ):
        assert getattr(window.panels, name).isVisible() == (name in shown[mode]), name
    assert window.panels.twin.isVisible()
    assert (window.panels.twin.parentWidget(), window.panels.timeline.parentWidget()) == parents


def test_a_narrow_window_shares_one_column_and_a_wide_one_takes_it_back(window: MainWindow) -> None:
    workspace, panels = window.workspace, window.panels
    parents = {f.name: getattr(panels, f.name).parentWidget() for f in fields(panels)}
    QCoreApplication.processEvents()
    wide = workspace.columns.sizes()
    window.resize(1366, 768)
    QCoreApplication.processEvents()
    assert workspace.tabbed
    assert panels.findings.isVisible() and not panels.inspector.isVisible()
    assert window.top_bar.height() == 40
    place = panels.findings.mapTo(window, QPoint(0, 0)), panels.findings.size()
    assert place[0].x() + place[1].width() == window.width()
    workspace.show_inspector()
    QCoreApplication.processEvents()
    assert panels.inspector.isVisible() and not panels.findings.isVisible()
    assert (panels.inspector.mapTo(window, QPoint(0, 0)), panels.inspector.size()) == place
    shown = next(bar for bar in window.findChildren(QTabBar) if bar.isVisible())
    assert shown.tabText(shown.currentIndex()) == window.context.tr("inspector.title")
    shown.setCurrentIndex(0)
    assert panels.findings.isVisible() and not panels.inspector.isVisible()
    window.resize(1600, 1000)
    QCoreApplication.processEvents()
    assert not workspace.tabbed and not any(bar.isVisible() for bar in window.findChildren(QTabBar))
    assert panels.findings.isVisible() and panels.inspector.isVisible()
    assert panels.findings.mapTo(window, QPoint(0, 0)).x() == 0
    assert workspace.columns.sizes() == wide
    assert window.top_bar.height() == 44
    assert {f.name: getattr(panels, f.name).parentWidget() for f in fields(panels)} == parents


def test_the_shared_column_keeps_its_width_whichever_panel_is_in_it(window: MainWindow) -> None:
    window.resize(1366, 768)
    QCoreApplication.processEvents()
    workspace = window.workspace
    columns = workspace.columns
    sizes = columns.sizes()
    wider = [size + (40 if i == columns.indexOf(workspace.left) else -40 if size > 500 else 0) for i, size in enumerate(sizes)]
    columns.setSizes(wider)
    columns.splitterMoved.emit(1, 1)
    width = workspace.left.width()
    workspace.show_inspector()
    QCoreApplication.processEvents()
    assert workspace.right.width() == width
    window.resize(1600, 1000)
    QCoreApplication.processEvents()
    window.resize(1366, 768)
    QCoreApplication.processEvents()
    assert workspace.right.width() == width and not window.panels.findings.isVisible()


def test_after_a_change_of_mode_the_panels_are_painted_one_by_one_and_all_of_them(window: MainWindow) -> None:
    QCoreApplication.processEvents()
    workspace, panels = window.workspace, window.panels
    window.top_bar.mode_chosen.emit("operate")
    shown = (panels.twin, panels.live_plots, panels.health, panels.events, panels.timeline)
    assert not any(panel.updatesEnabled() for panel in shown)
    waiting = []
    for _ in range(200):
        QCoreApplication.processEvents()
        waiting.append(sum(not panel.updatesEnabled() for panel in shown))
        if not waiting[-1]:
            break
    assert waiting[-1] == 0 and all(a - b <= 1 for a, b in pairwise(waiting))
    window.top_bar.mode_chosen.emit("author")
    window.top_bar.mode_chosen.emit("compare")  # before the first round was over
    for _ in range(200):
        QCoreApplication.processEvents()
    assert all(getattr(panels, f.name).updatesEnabled() for f in fields(panels))
    assert workspace.updatesEnabled()


def test_the_settings_are_not_written_again_where_nothing_changed(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "own.json")
    store.flush()
    assert not (tmp_path / "own.json").exists()
    store.remember_layout("author.desk", {"main": [1, 2]})
    store.flush()
    assert SettingsStore(tmp_path / "own.json").layout("author.desk") == {"main": [1, 2]}


def test_sizes_are_remembered_per_mode_and_reset(window: MainWindow, tmp_path: Path) -> None:
    columns = window.workspace.columns
    before = columns.sizes()
    columns.setSizes([before[0] + 60, before[1] - 60, before[2], before[3]])
    columns.splitterMoved.emit(1, 1)
    moved = columns.sizes()
    window.top_bar.mode_chosen.emit("operate")
    window.top_bar.mode_chosen.emit("author")
    assert columns.sizes() == moved
    assert SettingsStore(tmp_path / "settings.json").layout("author.desk") is not None
    window.commands.run("reset_layout")
    assert columns.sizes() == before


def test_a_broken_layout_in_the_settings_is_ignored(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "settings.json")
    store.change(layouts={"author.desk": {"main": "wide"}, "operate.desk": 3})
    assert store.layout("author.desk") is None
    assert store.layout("operate.desk") is None


def test_language_changes_at_once_everywhere(window: MainWindow) -> None:
    assert window.top_bar.modes.button("author").text() == "Author"
    window.set_language("ko")
    assert window.top_bar.modes.button("author").text() == "작성"
    action = window.commands.action("undo")
    assert action is not None and action.text() == "실행 취소"
    assert window.store.settings.language == "ko"


def test_theme_changes_at_once_and_is_remembered(window: MainWindow) -> None:
    window.commands.run("toggle_theme")
    assert theme.current().name == "light"
    assert window.store.settings.theme == "light"
    assert window.palette().window().color().name().upper() == THEMES["light"].bg1


def test_words_of_the_shell_exist_in_both_languages(window: MainWindow) -> None:
    for translator in window.languages.values():
        missing = [c.id for c in window.commands.all() if not c.id.startswith("plain_") and not translator.has(f"command.{c.id}")]
        assert not missing


def test_panels_commands_are_collected_and_disabled_ones_do_not_run(window: MainWindow) -> None:
    assert window.commands.run("plain_twin")
    twin = window.panels.twin
    assert isinstance(twin, PlainPanel) and twin.ran == 1
    ran: list[int] = []
    window.commands.add([Command("never", lambda: ran.append(1), enabled=lambda: False)])
    assert not window.commands.run("never")
    assert not window.commands.run("no such command")
    assert not ran


def test_the_first_command_keeps_a_shortcut(window: MainWindow) -> None:
    window.commands.add([Command("second_undo", lambda: None, "Ctrl+Z")])
    action = window.commands.action("second_undo")
    assert action is not None and action.shortcut().isEmpty()


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("theme", "Light or dark theme"),
        ("테마", "밝은/어두운 테마"),
        ("ㅅㅁㄹ", "시뮬레이션"),
        ("wtr", "Walk to rack"),
        ("UNDO", "Undo"),
    ],
)
def test_the_palette_finds_by_a_few_letters(query: str, text: str) -> None:
    assert score(query, text) > 0


def test_the_palette_finds_nothing_where_letters_are_missing() -> None:
    assert score("xyz", "Walk to rack") == 0


def test_the_palette_finds_commands_in_the_other_language_and_runs_them(window: MainWindow) -> None:
    window.palette_card.open()
    window.palette_card.field.setText("한국어")
    assert any("한국어" in title for title in window.palette_card.shown())
    window.palette_card.field.setText("배치 초기화")
    assert window.palette_card.shown()[0] == "Reset the layout"
    window.palette_card.field.setText("mode operate")
    window.palette_card.field.setText("Operate")
    QTest.keyClick(window.palette_card.field, Qt.Key.Key_Return)
    assert window.context.session.mode == "operate"


def test_the_palette_jumps_to_a_step(window: MainWindow) -> None:
    window.palette_card.open()
    window.palette_card.field.setText("grasp-1")
    QTest.keyClick(window.palette_card.field, Qt.Key.Key_Return)
    assert window.context.session.selection.steps == ("grasp-1",)
    assert window.context.session.playhead == 6.0


def test_undo_is_offered_after_an_edit_and_not_after_undo(window: MainWindow) -> None:
    session = window.context.session
    session.apply("edit.move", replace(small_plan(), name="moved"))
    window.context.bridge.flush()
    assert window.notifications.texts() == [window.context.tr("edit.move")]
    window.commands.run("undo")
    window.context.bridge.flush()
    assert session.plan.name == "part transfer"
    assert window.notifications.texts() == []


def test_errors_are_told_in_sentences_and_once(window: MainWindow) -> None:
    for _ in range(2):
        window.notifications.error(WorkbenchError("plan.no_such_step", step="walk-9"))
    assert window.notifications.texts() == ["There is no step walk-9 in the plan."]
    window.notifications.error(ValueError("odd"))
    assert "odd" in window.notifications.texts()[-1]
    window.notifications.error(SimError("no.such.code"))
    assert "no.such.code" in window.notifications.texts()[-1]


def test_playing_follows_the_clock_and_stops_at_the_end(window: MainWindow) -> None:
    now = [100.0]
    playback = Playback(window.context, clock=lambda: now[0])
    session = window.context.session
    playback.speed = 2.0
    session.playing = True
    window.context.bridge.flush()
    now[0] += 0.1
    playback._on_tick()
    assert session.playhead == pytest.approx(0.2)
    session.set_playhead(session.plan.end - 0.01)
    now[0] += 0.1
    playback._on_tick()
    assert session.playhead == session.plan.end
    assert not session.playing


@pytest.mark.parametrize(("reason", "kept"), [(Qt.FocusReason.TabFocusReason, True), (Qt.FocusReason.MouseFocusReason, False)])
def test_space_is_left_to_a_button_reached_by_keyboard_and_plays_after_a_click(
    window: MainWindow, reason: Qt.FocusReason, kept: bool
) -> None:
    button = QPushButton("x", window)
    button.show()
    window.activateWindow()
    button.setFocus(reason)
    window.key_guard.eventFilter(button, QFocusEvent(QEvent.Type.FocusIn, reason))
    event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier)
    assert window.key_guard.eventFilter(button, event) == (kept and button.hasFocus())


def test_escape_twice_within_600_ms_asks_to_stop(window: MainWindow) -> None:
    watch, asked = DoubleEscape(), []
    watch.pressed_twice.connect(lambda: asked.append(1))
    handle = window.windowHandle()

    def press(at: int, key: Qt.Key = Qt.Key.Key_Escape) -> None:
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        event.setTimestamp(at)
        watch.eventFilter(handle, event)

    press(1000)
    press(1700)
    assert not asked
    press(2000)
    assert asked == [1]
    press(3000)
    press(3100, Qt.Key.Key_A)
    press(3200)
    assert asked == [1]


def test_the_menu_lists_commands_by_area_in_the_language(window: MainWindow) -> None:
    menu = window.commands.build_menu(window)
    assert [action.text() for action in menu.actions()][:1] == ["Edit"]
    assert isinstance(window.commands, CommandList)
    menu.deleteLater()


def test_the_top_bar_says_edited_and_not_simulated_in_words(window: MainWindow) -> None:
    tr = window.context.tr
    assert window.top_bar.state.full_text() == f"{tr('shell.saved')}, {tr('shell.not_simulated')}"
    assert "[" not in window.top_bar.state.full_text()
