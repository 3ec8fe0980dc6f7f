"""The timeline driven as a user drives it: with the mouse and keys, seen in the plan and on the widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from sim.timeseries import TimeSeries
from tests.ui.process_example import REQUIRED_MARGIN, example_context, example_plan, example_session
from workbench.plan.model import Plan
from workbench.session import Session
from workbench.ui.carried import CarriedKind, carried_data
from workbench.ui.context import UiContext
from workbench.ui.timeline import geometry
from workbench.ui.timeline.panel import TimelinePanel
from workbench.ui.timeline.scene import margin_curve

NO = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


class Timeline:
    """A panel with the gestures tests need."""

    def __init__(self, panel: TimelinePanel, context: UiContext) -> None:
        self.panel, self.canvas, self.context = panel, panel.canvas, context

    @property
    def session(self) -> Session:
        return self.context.session

    def selected(self) -> tuple[str, ...]:
        return self.session.selection.steps

    def flush(self) -> None:
        self.context.bridge.flush()

    def middle(self, step_id: str) -> QPointF:
        rect = self.canvas.rect_of(step_id)
        assert rect is not None
        return rect.center()

    def mouse(self, kind: QEvent.Type, at: QPointF, held: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NO) -> None:
        button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else held
        buttons = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else held
        QApplication.sendEvent(self.canvas, QMouseEvent(kind, at, self.canvas.mapToGlobal(at), button, buttons, keys))

    def drag(self, start: QPointF, end: QPointF, keys: Qt.KeyboardModifier = NO, release: bool = True) -> None:
        self.mouse(QEvent.Type.MouseButtonPress, start, keys=keys)
        for share in (0.3, 0.7, 1.0):
            self.mouse(QEvent.Type.MouseMove, start + (end - start) * share, keys=keys)
        self.canvas.repaint()
        if release:
            self.mouse(QEvent.Type.MouseButtonRelease, end, keys=keys)
        self.flush()

    def click(self, at: QPointF, keys: Qt.KeyboardModifier = NO) -> None:
        QTest.mouseClick(self.canvas, LEFT, keys, at.toPoint())
        self.flush()

    def seconds(self, value: float) -> QPointF:
        return QPointF(value * self.canvas.scale.pixels, 0.0)

    def press(self, key: Qt.Key, keys: Qt.KeyboardModifier = NO) -> None:
        QTest.keyClick(self.canvas, key, keys)
        self.flush()


@pytest.fixture
def timeline(qtbot: QtBot) -> Timeline:
    return make(qtbot, example_session())


def noting(ran: list[str]) -> Callable[[str], bool]:
    """A command list that only notes what was asked for."""

    def run(command: str) -> bool:
        ran.append(command)
        return True

    return run


def make(qtbot: QtBot, session: Session) -> Timeline:
    context = example_context(session)
    panel = TimelinePanel(context)
    qtbot.addWidget(panel)
    panel.resize(1600, 354)
    panel.show()
    context.bridge.flush()
    return Timeline(panel, context)


def test_the_whole_process_is_in_view_at_first(timeline: Timeline) -> None:
    canvas = timeline.canvas
    assert canvas.scale.x(0.0) >= canvas.lanes.left()
    assert canvas.scale.x(canvas.end) <= canvas.lanes.right()


def test_an_hour_of_process_fits() -> None:
    scale = geometry.fitted(0.0, 3600.0, 168.0, 1200.0)
    assert scale.x(0.0) >= 168.0 and scale.x(3600.0) <= 1368.0


def test_a_click_selects_ctrl_adds_and_an_empty_lane_clears(timeline: Timeline) -> None:
    timeline.click(timeline.middle("grasp-1"))
    assert timeline.selected() == ("grasp-1",)
    timeline.click(timeline.middle("place-1"), Qt.KeyboardModifier.ControlModifier)
    assert timeline.selected() == ("grasp-1", "place-1")
    timeline.click(timeline.middle("place-1"), Qt.KeyboardModifier.ControlModifier)
    assert timeline.selected() == ("grasp-1",)
    timeline.click(QPointF(timeline.canvas.scale.x(15.0), timeline.middle("look-1").y()))
    assert timeline.selected() == ()


def test_shift_click_selects_what_lies_between(timeline: Timeline) -> None:
    timeline.click(timeline.middle("grasp-1"))
    timeline.click(timeline.middle("place-1"), Qt.KeyboardModifier.ShiftModifier)
    assert set(timeline.session.selection.steps) == {"grasp-1", "carry-1", "look-2", "place-1"}


def test_a_rubber_band_selects_what_it_touches(timeline: Timeline) -> None:
    row = timeline.middle("look-1").y()
    timeline.drag(QPointF(timeline.canvas.scale.x(2.0), row), QPointF(timeline.canvas.scale.x(18.5), row + 4))
    assert set(timeline.session.selection.steps) == {"look-1", "look-2"}


def test_a_drag_moves_a_step_by_tenths_and_is_one_undo(timeline: Timeline) -> None:
    before = timeline.session.plan
    start = timeline.middle("look-2")
    timeline.drag(start, start + timeline.seconds(-2.04))
    moved = timeline.session.plan.step("look-2")
    assert moved.start == pytest.approx(16.0)
    assert moved.duration == 1.6
    assert timeline.session.undo() == "edit.move"
    assert timeline.session.plan is before


def test_a_dragged_edge_sticks_to_a_neighbours_edge(timeline: Timeline) -> None:
    edge = timeline.canvas.scene.by_id["carry-1"].end
    view = timeline.canvas.scene.by_id["look-2"]
    away = edge - view.start - 3.0 / timeline.canvas.scale.pixels
    start = timeline.middle("look-2")
    timeline.drag(start, start + timeline.seconds(away), release=False)
    assert timeline.canvas.feedback.tick == pytest.approx(edge)
    timeline.mouse(QEvent.Type.MouseButtonRelease, start + timeline.seconds(away))
    timeline.flush()
    assert timeline.canvas.scene.by_id["look-2"].start == pytest.approx(edge, abs=2e-3)


def test_esc_cancels_a_drag(timeline: Timeline) -> None:
    before = timeline.session.plan
    start = timeline.middle("look-2")
    timeline.drag(start, start + timeline.seconds(-3.0), release=False)
    assert timeline.canvas.feedback.plan is not None
    timeline.press(Qt.Key.Key_Escape)
    timeline.mouse(QEvent.Type.MouseButtonRelease, start + timeline.seconds(-3.0))
    assert timeline.session.plan is before
    assert timeline.canvas.gesture is None


def test_a_refused_drag_changes_nothing_and_says_why(timeline: Timeline) -> None:
    before = timeline.session.plan
    said: list[str] = []
    timeline.panel.refused.connect(said.append)
    start = timeline.middle("place-1")
    timeline.drag(start, start + timeline.seconds(-6.0), release=False)
    assert timeline.canvas.feedback.refused is not None
    assert timeline.canvas.note.isVisible()
    timeline.mouse(QEvent.Type.MouseButtonRelease, start + timeline.seconds(-6.0))
    timeline.flush()
    assert timeline.session.plan is before
    assert said and "Place on bench" in said[0] and "Carry to bench" in said[0]


def test_a_handle_changes_the_length_and_the_speed_follows(timeline: Timeline) -> None:
    timeline.click(timeline.middle("walk-2"))
    rect = timeline.canvas.rect_of("walk-2")
    assert rect is not None
    grip = QPointF(rect.right() - 3, rect.center().y())
    assert timeline.canvas.hit(grip)[0] == "right"
    timeline.drag(grip, grip + timeline.seconds(1.0), release=False)
    assert timeline.canvas.feedback.text.endswith("+1.0")
    timeline.mouse(QEvent.Type.MouseButtonRelease, grip + timeline.seconds(1.0))
    step = timeline.session.plan.step("walk-2")
    assert step.duration == pytest.approx(5.0, abs=0.05)
    # Half of the 4 s is no walking (see SkillSpec.settle); the way takes the rest.
    assert float(step.parameters["speed"]) == pytest.approx(0.35 * 2.0 / (step.duration - 2.0), rel=1e-4)


def test_shift_on_a_handle_takes_along_what_follows(timeline: Timeline) -> None:
    timeline.click(timeline.middle("carry-1"))
    rect = timeline.canvas.rect_of("carry-1")
    assert rect is not None
    grip = QPointF(rect.right() - 3, rect.center().y())
    gap = timeline.session.plan.step("place-1").start - timeline.session.plan.step("carry-1").end
    timeline.drag(grip, grip + timeline.seconds(2.0), Qt.KeyboardModifier.ShiftModifier)
    plan = timeline.session.plan
    assert plan.step("carry-1").duration > 9.5
    assert plan.step("place-1").start - plan.step("carry-1").end == pytest.approx(gap)


def test_the_left_handle_keeps_the_end(timeline: Timeline) -> None:
    timeline.click(timeline.middle("wait-1"))
    rect = timeline.canvas.rect_of("wait-1")
    assert rect is not None
    grip = QPointF(rect.left() + 2, rect.center().y())
    assert timeline.canvas.hit(grip)[0] == "left"
    timeline.drag(grip, grip + timeline.seconds(1.0))
    step = timeline.session.plan.step("wait-1")
    assert step.start == pytest.approx(1.4, abs=0.05)
    assert step.end == pytest.approx(4.0, abs=0.01)


def test_a_step_without_pace_has_no_handles(timeline: Timeline) -> None:
    timeline.click(timeline.middle("look-2"))
    rect = timeline.canvas.rect_of("look-2")
    assert rect is not None
    assert timeline.canvas.hit(QPointF(rect.right() - 2, rect.center().y() - 6))[0] == "step"


def test_alt_drag_connects_two_steps_and_a_circle_is_refused(timeline: Timeline) -> None:
    timeline.drag(timeline.middle("wait-1"), timeline.middle("look-1"), Qt.KeyboardModifier.AltModifier)
    assert timeline.session.plan.step("look-1").after == ("wait-1",)
    before = timeline.session.plan
    timeline.drag(timeline.middle("place-1"), timeline.middle("look-1"), Qt.KeyboardModifier.AltModifier)
    assert timeline.session.plan is before


def test_the_end_dot_of_the_selected_step_pulls_a_dependency(timeline: Timeline) -> None:
    timeline.click(timeline.middle("wait-1"))
    rect = timeline.canvas.rect_of("wait-1")
    assert rect is not None
    dot = QPointF(rect.right() - 7, rect.bottom())
    assert timeline.canvas.hit(dot)[0] == "dot"
    timeline.drag(dot, timeline.middle("look-1"))
    assert "wait-1" in timeline.session.plan.step("look-1").after


def test_the_ruler_moves_the_playhead_without_painting_the_steps_again(timeline: Timeline) -> None:
    timeline.canvas.repaint()
    painted = timeline.canvas.static_paints
    timeline.drag(QPointF(timeline.canvas.scale.x(3.0), 10.0), QPointF(timeline.canvas.scale.x(12.0), 10.0))
    assert timeline.session.playhead == pytest.approx(12.0, abs=0.01)
    timeline.canvas.repaint()
    assert timeline.canvas.static_paints == painted
    assert timeline.panel.toolbar.time.text() == "00:12.00"


def test_ctrl_wheel_zooms_at_the_pointer(timeline: Timeline) -> None:
    canvas = timeline.canvas
    at = QPointF(900.0, 150.0)
    moment, pixels = canvas.scale.time(900.0), canvas.scale.pixels
    event = QWheelEvent(
        at, canvas.mapToGlobal(at), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton, Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)
    assert canvas.scale.pixels > 1.2 * pixels
    assert canvas.scale.time(900.0) == pytest.approx(moment)


def test_keys_move_lengthen_walk_and_delete(timeline: Timeline) -> None:
    timeline.session.select_steps("look-2")
    timeline.flush()
    timeline.press(Qt.Key.Key_Right)
    assert timeline.session.plan.step("look-2").start == pytest.approx(18.1)
    timeline.press(Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert timeline.session.plan.step("look-2").start == pytest.approx(17.1)
    timeline.session.select_steps("walk-2")
    timeline.flush()
    timeline.press(Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert timeline.session.plan.step("walk-2").duration == pytest.approx(4.1, abs=0.01)
    timeline.press(Qt.Key.Key_Tab)
    assert timeline.selected() == ("signal-1",)
    timeline.press(Qt.Key.Key_Delete)
    assert "signal-1" not in {s.id for s in timeline.session.plan.steps}


def test_arrow_presses_in_a_row_are_one_undo_until_the_selection_changes(timeline: Timeline) -> None:
    session, before = timeline.session, timeline.session.plan
    session.select_steps("look-2")
    timeline.flush()
    for _ in range(3):
        timeline.press(Qt.Key.Key_Left)
    between = session.plan
    session.select_steps("look-1")
    timeline.flush()
    timeline.press(Qt.Key.Key_Left)
    session.undo()
    assert session.plan is between
    session.undo()
    assert session.plan is before


def test_a_refused_key_says_why(timeline: Timeline) -> None:
    timeline.session.select_steps("look-2")
    timeline.flush()
    timeline.press(Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert timeline.canvas.note.isVisible()
    assert "Look at tote" in timeline.canvas.note.text.text()


def test_copy_paste_duplicate(timeline: Timeline) -> None:
    session = timeline.session
    session.select_steps("look-2")
    timeline.press(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    session.set_playhead(27.0)
    timeline.press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert len(session.plan.steps) == len(example_plan().steps) + 1
    assert session.selection.steps not in ((), ("look-2",))
    timeline.press(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert len(session.plan.steps) == len(example_plan().steps) + 2


def test_n_goes_through_the_findings(timeline: Timeline) -> None:
    assert timeline.session.report is not None
    timeline.press(Qt.Key.Key_N)
    assert timeline.selected() == ("grasp-1",)
    assert timeline.session.playhead == 9.0
    timeline.press(Qt.Key.Key_N)
    assert timeline.selected() == ("carry-1",)
    assert timeline.session.selection.joint == timeline.session.robot.profile.legs["right"].knee
    timeline.press(Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert timeline.selected() == ("grasp-1",)


def test_space_plays_and_held_space_pans(timeline: Timeline) -> None:
    ran: list[str] = []
    timeline.context.run_command = noting(ran)
    timeline.press(Qt.Key.Key_Space)
    assert ran == ["play"]
    timeline.canvas.zoom(4.0, 600.0)
    origin = timeline.canvas.scale.origin
    QApplication.sendEvent(timeline.canvas, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Space, NO))
    timeline.drag(QPointF(900.0, 200.0), QPointF(700.0, 200.0))
    QApplication.sendEvent(timeline.canvas, QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Space, NO))
    assert timeline.canvas.scale.origin > origin
    assert ran == ["play"]


def test_the_palette_adds_a_step_behind_the_selected_one(timeline: Timeline) -> None:
    timeline.session.select_steps("signal-1")
    menu = timeline.panel.toolbar.palette_menu(timeline.context)
    action = next(a for a in menu.actions() if a.text().startswith("Wait"))
    action.trigger()
    added = timeline.session.plan.step(timeline.session.selection.steps[0])
    assert added.skill == "wait"
    assert added.start == pytest.approx(timeline.session.plan.step("signal-1").end)
    menu.close()


def drop(timeline: Timeline, kind: CarriedKind, thing: str, track: str, time: float) -> None:
    row = timeline.canvas.row(track)
    assert row is not None
    at = QPointF(timeline.canvas.scale.x(time), timeline.canvas.dy + (row.top + row.bottom) / 2)
    data = carried_data(kind, thing)
    enter = QDragEnterEvent(at.toPoint(), Qt.DropAction.CopyAction, data, LEFT, NO)
    QApplication.sendEvent(timeline.canvas, enter)
    assert enter.isAccepted()
    timeline.canvas.dropEvent(QDropEvent(at, Qt.DropAction.CopyAction, data, LEFT, NO))
    timeline.flush()


def test_what_is_dropped_becomes_the_step_that_makes_sense_there(qtbot: QtBot) -> None:
    timeline = make(qtbot, example_session(simulated=False, plan=Plan("new")))
    assert timeline.panel.empty.isVisible()
    drop(timeline, "object", "tote", "both_hands", 3.0)
    (step,) = timeline.session.plan.steps
    assert (step.skill, step.parameters["object"]) == ("grasp", "tote")
    assert step.start == pytest.approx(3.0, abs=0.05)
    assert not timeline.panel.empty.isVisible()
    drop(timeline, "station", "bench", "legs", 15.0)  # full hands: carried there
    carried_there = timeline.session.plan.step(timeline.selected()[0])
    assert (carried_there.skill, carried_there.parameters["station"]) == ("carry", "bench")
    drop(timeline, "station", "bench", "both_hands", carried_there.end + 1.0)
    placed = timeline.session.plan.step(timeline.selected()[0])
    assert (placed.skill, placed.parameters["object"], placed.parameters["station"]) == ("place", "tote", "bench")
    drop(timeline, "object", "tote", "head", 1.0)
    assert timeline.session.plan.step(timeline.selected()[0]).skill == "look"


def test_operate_shows_two_tracks_read_only(timeline: Timeline) -> None:
    before = timeline.session.plan
    timeline.session.set_mode("operate")
    timeline.flush()
    canvas = timeline.canvas
    assert canvas.row("head") is None and canvas.row("legs") is not None
    assert not timeline.panel.toolbar.isVisible()
    assert canvas.sizeHint().height() == 104
    start = timeline.middle("walk-2")
    timeline.drag(start, start + timeline.seconds(2.0))
    timeline.press(Qt.Key.Key_Right)
    assert timeline.session.plan is before


def test_language_and_theme_switch_live(timeline: Timeline) -> None:
    ko = example_context(timeline.session, "ko", "light")
    timeline.context.tr, timeline.context.tokens = ko.tr, ko.tokens
    timeline.session.notify("language", "theme")
    timeline.flush()
    assert timeline.panel.toolbar.add.text() == "단계 추가"
    assert timeline.canvas.scene.by_id["carry-1"].label == "작업대로 운반"
    assert timeline.canvas.look.tokens.name == "light"


def test_a_screen_reader_hears_what_the_box_shows(timeline: Timeline) -> None:
    timeline.click(timeline.middle("grasp-1"))
    spoken = timeline.canvas.accessibleDescription()
    assert "Grasp tote" in spoken and "Both hands" in spoken and "7.0–12.2 s" in spoken and "FAIL" in spoken


def test_the_table_edits_the_same_plan(timeline: Timeline) -> None:
    timeline.panel.show_table(True)
    table = timeline.panel.table
    said: list[str] = []
    timeline.panel.refused.connect(said.append)
    model = table.model()
    rows = [v.id for v in timeline.canvas.scene.steps]
    assert model.setData(model.index(rows.index("look-2"), 2), "17.5")
    assert timeline.session.plan.step("look-2").start == pytest.approx(17.5)
    timeline.flush()
    assert not model.setData(model.index(rows.index("place-1"), 2), "12")
    assert not model.setData(model.index(0, 2), "soon")
    assert len(said) == 2
    assert table.note.text.text() == said[-1]
    table.selectRow(rows.index("walk-1"))
    assert timeline.selected() == ("walk-1",)


@pytest.mark.parametrize("pixels", [2.0, 11.0, 37.0, 140.0, 590.0])
def test_ruler_labels_never_crowd(pixels: float) -> None:
    assert geometry.major_interval(pixels) * pixels >= 56.0


def test_rows_shrink_before_they_overflow() -> None:
    full = geometry.rows(slim=False, used=("legs", "both_hands"), room=400.0)
    short = geometry.rows(slim=False, used=("legs", "both_hands"), room=270.0)
    assert full[-1].bottom == 292.0
    assert short[-1].bottom <= 270.0
    assert [r.id for r in full] == [r.id for r in short]


def test_the_margin_strip_leaves_out_what_was_not_recorded() -> None:
    session = example_session()
    assert session.simulated is not None
    recording = session.simulated.recording
    series = recording["balance.margin"]
    holes = series.values.copy()
    holes[1000:4000] = np.nan
    broken = replace(recording, series={"balance.margin": TimeSeries(series.channel, series.t, holes)})
    curve = margin_curve(broken, session.report)
    assert curve is not None and np.isfinite(curve.margin).all()
    assert curve.required == REQUIRED_MARGIN
    assert curve.short == ((9.0, 10.3),)
    assert np.diff(curve.t).max() == pytest.approx(6.0, abs=0.1)
    found = curve.lowest(9.0, 10.3)
    assert found is not None and found[0] == pytest.approx(9.6, abs=0.4)
    assert margin_curve(replace(recording, series={}), None) is None


def test_marks_stand_on_the_steps_their_findings_name(timeline: Timeline) -> None:
    worst = {v.id: v.worst for v in timeline.canvas.scene.steps if v.worst}
    assert worst == {"grasp-1": "fail", "carry-1": "marginal", "signal-1": "not_assessed"}
