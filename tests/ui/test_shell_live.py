"""The connection bar and the stop request, with a source that says what the test wants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from tests.ui.fake_source import FakeSource
from tests.ui.shell_window import make_window
from workbench.telemetry.source import SourceState
from workbench.ui import theme
from workbench.ui.connection_bar import NO_ANSWER, ConnectionBar
from workbench.ui.context import Command
from workbench.ui.main_window import MainWindow
from workbench.ui.shell.dialogs import ClearStopDialog, ConnectPopover
from workbench.ui.tokens import THEMES


@pytest.fixture
def window(qtbot: object, tmp_path: Path) -> Iterator[MainWindow]:
    """A shown window with plain panels."""
    theme.apply_theme(theme.application(), THEMES["dark"])
    made = make_window(tmp_path)
    made.add_panel_commands()
    made.show()
    yield made
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def bar_with(window: MainWindow, source: FakeSource | None) -> ConnectionBar:
    """The bar with that source shown."""
    window.context.session.source = source
    window.context.session.notify("source")
    window.context.bridge.flush()
    return window.connection_bar


def test_the_bar_is_there_in_operate_and_wherever_a_robot_is(window: MainWindow) -> None:
    bar = bar_with(window, None)
    assert not bar.isVisible()
    window.top_bar.mode_chosen.emit("operate")
    assert bar.isVisible() and bar.live.isVisible() and not bar.stop.isVisible()
    window.top_bar.mode_chosen.emit("author")
    bar_with(window, FakeSource(kind="simulation", capabilities=frozenset({"run", "pause", "stop"})))
    assert not bar.isVisible()
    bar_with(window, FakeSource())
    assert bar.isVisible() and bar.stop.isVisible() and bar.stop.state == "ready"


def test_a_stop_is_sent_then_unanswered_then_latched_and_never_red(window: MainWindow) -> None:
    now = [0.0]
    source = FakeSource()
    bar = bar_with(window, source)
    bar._clock = lambda: now[0]
    bar.stop_sent()
    assert bar.stop.state == "sent"
    unconfirmed = bar.note.text()
    now[0] = NO_ANSWER + 0.1
    bar.refresh(bar.interests)
    assert bar.stop.state == "sent" and bar.note.text() != unconfirmed
    assert window.context.tokens.fa in bar.note.styleSheet()
    source.change(note="source.note.latched")
    bar.refresh(bar.interests)
    assert bar.stop.state == "latched" and bar.clear.isVisible()
    assert bar.note.styleSheet() == ""
    source.change(note="source.note.idle")
    bar.refresh(bar.interests)
    assert bar.stop.state == "ready" and not bar.clear.isVisible()


def test_controls_follow_the_capabilities(window: MainWindow) -> None:
    window.top_bar.mode_chosen.emit("operate")
    source = FakeSource("live", "simulation", frozenset({"run", "pause", "speed"}), SourceState(True, True, 1.0, 2.0))
    bar = bar_with(window, source)
    assert bar.pause.isVisible() and bar.speed.isVisible()
    assert not bar.step.isVisible() and not bar.reset.isVisible() and not bar.run_robot.isVisible()
    assert bar.speed.currentData() == 2.0
    bar.speed.activated.emit(bar.speed.findData(5.0))
    assert source.asked == [("speed", 5.0)]


def test_a_lost_robot_is_said_and_its_data_called_old(window: MainWindow) -> None:
    bar = bar_with(window, FakeSource(state=SourceState(False, False, 3.0, age=2.5)))
    tr = window.context.tr
    assert bar.name.text() == tr("connection.lost", name="H140-07")
    assert tr("connection.age", seconds="2.5") in bar.figures.text()


def test_the_stop_button_runs_the_command(window: MainWindow) -> None:
    asked: list[int] = []
    window.commands.add([Command("stop_request", lambda: asked.append(1))])
    bar = bar_with(window, FakeSource())
    bar.stop.click()
    window.double_escape.pressed_twice.emit()
    assert asked == [1, 1]


def test_clearing_a_stop_needs_who_why_and_a_clear_area(window: MainWindow) -> None:
    dialog = ClearStopDialog(window.context, window)
    for fill in (
        lambda: dialog.who.setText("Kim"),
        lambda: dialog.why.setText("tote freed"),
        lambda: dialog.area.setChecked(True),
    ):
        assert not dialog.ok.isEnabled()
        fill()
    assert dialog.ok.isEnabled()
    dialog.who.setText("  ")
    assert not dialog.ok.isEnabled()
    dialog.deleteLater()


def test_the_connect_card_hands_over_the_address(window: MainWindow) -> None:
    asked: list[str] = []
    card = ConnectPopover(
        window.context, "ws://a:1", asked.append, lambda: asked.append("ref"), lambda: asked.append("log"), window
    )
    card.address.setText(" ws://b:2 ")
    card.go.click()
    card.reference.click()
    card.log.click()
    assert asked == ["ws://b:2", "ref", "log"]
    card.deleteLater()
