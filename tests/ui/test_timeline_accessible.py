"""What a screen reader is told about the timeline, and the keys that go from step to step."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.process_example import example_context, example_session
from workbench.ui.timeline.accessible import StepInterface, TimelineInterface, install_accessible_timeline
from workbench.ui.timeline.panel import TimelinePanel

install_accessible_timeline()  # pytest reads this before it makes the application

CTRL = Qt.KeyboardModifier.ControlModifier
NAME, DESCRIPTION = QAccessible.Text.Name, QAccessible.Text.Description


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[TimelinePanel]:
    QAccessible.setActive(True)
    made = TimelinePanel(example_context(example_session()))
    qtbot.addWidget(made)
    made.resize(1600, 354)
    with qtbot.waitExposed(made):
        made.show()
    made.context.bridge.flush()
    yield made
    QAccessible.setActive(False)


def spoken(panel: TimelinePanel) -> QAccessibleInterface:
    return QAccessible.queryAccessibleInterface(panel.canvas)


def items(panel: TimelinePanel) -> dict[str, QAccessibleInterface]:
    interface = spoken(panel)
    children = [interface.child(i) for i in range(interface.childCount())]
    return {panel.accessible.objects[i].step_id: c for i, c in enumerate(children) if isinstance(c, StepInterface)}


def test_each_step_is_an_item_with_name_place_and_parent(panel: TimelinePanel) -> None:
    interface, canvas = spoken(panel), panel.canvas
    assert isinstance(interface, TimelineInterface) and interface.role() == QAccessible.Role.List
    found = items(panel)
    ordered = sorted(canvas.scene.steps, key=lambda v: (v.start, v.id))
    assert list(found) == [v.id for v in ordered]
    for i, view in enumerate(ordered):
        item = found[view.id]
        assert item.role() == QAccessible.Role.ListItem and interface.indexOfChild(item) == i
        assert isinstance(item.parent(), TimelineInterface)
        assert item.text(NAME).startswith(f"{view.label}, {view.start:.1f} s to {view.end:.1f} s")
        assert item.text(DESCRIPTION) == canvas.describe(view)
        drawn = canvas.rect_of(view.id)
        assert drawn is not None and item.rect().center() == canvas.mapToGlobal(drawn.toRect().center())
        at = item.rect().center()
        assert interface.childAt(at.x(), at.y()) is item
    assert interface.child(999) is None


def test_findings_are_counted_in_the_name(panel: TimelinePanel) -> None:
    report = panel.context.session.report
    counts = {i: sum(f.step == i for f in report.findings) for i in items(panel)} if report else {}
    assert any(counts.values())
    words = {0: "", 1: "1 finding"}
    for step_id, item in items(panel).items():
        count = counts[step_id]
        assert item.text(NAME).split(" s", 2)[2] == (f", {words.get(count, f'{count} findings')}" if count else "")


def test_selection_and_keyboard_are_states(panel: TimelinePanel, qtbot: QtBot) -> None:
    panel.activateWindow()
    panel.canvas.setFocus()
    qtbot.waitUntil(panel.canvas.hasFocus, timeout=60_000)
    panel.context.session.select_steps("grasp-1")
    panel.context.bridge.flush()
    found = items(panel)
    assert found["grasp-1"].state().selected and found["grasp-1"].state().focused
    assert not found["place-1"].state().selected and found["place-1"].state().focusable
    focus = spoken(panel).focusChild()
    assert focus is not None and focus.text(NAME) == found["grasp-1"].text(NAME)


def test_arrows_go_to_the_step_beside(panel: TimelinePanel) -> None:
    def press(key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> str:
        QTest.keyClick(panel.canvas, key, keys)
        panel.context.bridge.flush()
        return panel.context.session.selection.steps[0]

    scene, session = panel.canvas.scene, panel.context.session
    plan = session.plan
    row = scene.by_track[scene.by_id["grasp-1"].box.track]
    assert len(row) > 1
    session.select_steps(row[0].id)
    assert press(Qt.Key.Key_Right, CTRL) == row[1].id == panel.canvas.focused
    assert press(Qt.Key.Key_Left, CTRL) == row[0].id
    assert press(Qt.Key.Key_Left, CTRL) == row[0].id  # nothing before it
    shown = [t for t in panel.canvas.tracks if scene.by_track.get(t)]
    session.select_steps(scene.by_track[shown[0]][0].id)
    for track in shown[1:]:
        assert scene.by_id[press(Qt.Key.Key_Down)].box.track == track
    for track in shown[-2::-1]:
        assert scene.by_id[press(Qt.Key.Key_Up)].box.track == track
    assert session.plan is plan  # walking edits nothing


def test_items_live_as_long_as_their_steps(panel: TimelinePanel, qtbot: QtBot) -> None:
    kept = items(panel)["grasp-1"]
    gc.collect()
    assert kept.isValid() and kept is items(panel)["grasp-1"]
    panel.context.session.select_steps("place-1")
    before = spoken(panel).childCount()
    panel.delete()
    panel.context.bridge.flush()
    QApplication.processEvents()
    gc.collect()
    assert "place-1" not in items(panel) and spoken(panel).childCount() < before
    assert items(panel)["grasp-1"].text(NAME)


def test_timelines_come_and_go_while_a_screen_reader_looks(qtbot: QtBot) -> None:
    QAccessible.setActive(True)
    try:
        for _ in range(5):
            made = TimelinePanel(example_context(example_session()))
            held = list(items(made).values())
            assert held and all(h.text(NAME) for h in held)
            made.deleteLater()
            del made, held
            QApplication.sendPostedEvents(None, 0)
            QApplication.processEvents()
            gc.collect()
    finally:
        QAccessible.setActive(False)


def test_the_name_follows_the_language(panel: TimelinePanel, qtbot: QtBot) -> None:
    korean = TimelinePanel(example_context(example_session(), language="ko"))
    qtbot.addWidget(korean)
    name = next(iter(items(korean).values())).text(NAME)
    assert "초부터" in name
