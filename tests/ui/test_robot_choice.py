"""Robots that were added appear where the robot is chosen, and the process is then for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from tests.ui.shell_window import make_window
from workbench.operations import robot_ops
from workbench.ui import theme
from workbench.ui.main_window import MainWindow
from workbench.ui.shell.robot_actions import RobotActions
from workbench.ui.tokens import THEMES

MODEL = Path(__file__).parents[2] / "resources" / "robots" / "h140" / "h140.xml"


@pytest.fixture
def window(qtbot: object, tmp_path: Path) -> Iterator[MainWindow]:
    theme.apply_theme(theme.application(), THEMES["dark"])
    made = make_window(tmp_path)
    yield made
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_an_added_robot_can_be_chosen(window: MainWindow, qtbot: object) -> None:
    reading = robot_ops.read_model(MODEL)
    robot_ops.add_model(reading, "bolt", answers={"name": "Bolt"}, test=False, pictures=False)
    window.context.bridge.start()
    actions = RobotActions(window)
    window.commands.add(actions.commands())
    menu = actions.choices()
    titles = {a.text(): a for a in menu.actions() if a.text()}
    assert {"H140 humanoid", "Bolt"} <= set(titles)
    assert titles["H140 humanoid"].isChecked()
    titles["Bolt"].trigger()
    session = window.context.session
    qtbot.waitUntil(lambda: session.robot.id == "bolt", timeout=60_000)  # type: ignore[attr-defined]
    assert {a.text() for a in actions.choices().actions() if a.isChecked()} == {"Bolt"}
