"""The inspector: values of what is selected, edited through the plan's operations."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from sim.preflight.finding import CheckResult
from tests.ui.process_example import example_context, example_session
from workbench.operations import plan_ops, timeline_ops
from workbench.plan.skills import SKILLS
from workbench.session import Selection
from workbench.ui.inspector.fields import Choice, StepNumberField, TextField
from workbench.ui.inspector.panel import InspectorPanel
from workbench.ui.inspector.sections import ElidedButton
from workbench.ui.inspector.step_view import StepView, checks_of
from workbench.ui.widgets import IconButton


@pytest.fixture
def panel(qtbot: QtBot) -> InspectorPanel:
    panel = InspectorPanel(example_context(example_session()))
    qtbot.addWidget(panel)
    panel.resize(336, 760)
    panel.show()
    return panel


def choose(panel: InspectorPanel, *steps: str) -> None:
    panel.context.session.select_steps(*steps)
    panel.context.bridge.flush()


def view(panel: InspectorPanel) -> StepView:
    assert panel.step_view is not None
    return panel.step_view


def number_field(panel: InspectorPanel, name: str) -> StepNumberField:
    field = view(panel).fields[name]
    assert isinstance(field, StepNumberField)
    return field


def type_in(field: StepNumberField | TextField, text: str, key: Qt.Key = Qt.Key.Key_Return) -> None:
    edit = field.lineEdit() if isinstance(field, StepNumberField) else field
    edit.selectAll()
    QTest.keyClicks(edit, text)
    QTest.keyClick(field, key)


def test_it_names_the_step_and_shows_values_in_shown_units(panel: InspectorPanel) -> None:
    choose(panel, "grasp-1")
    assert panel.head.name.full_text() == "Grasp tote"
    assert panel.head.where.full_text() == "Both hands, step 4 of 9"
    assert number_field(panel, "height").value() == 60.0
    assert number_field(panel, "speed").value() == pytest.approx(0.15)


def test_enter_commits_in_si_and_is_undone_as_one(panel: InspectorPanel) -> None:
    session = panel.context.session
    choose(panel, "grasp-1")
    before = session.plan
    type_in(number_field(panel, "height"), "120")
    assert session.plan.step("grasp-1").parameters["height"] == pytest.approx(0.12)
    session.undo()
    assert session.plan is before
    panel.context.bridge.flush()
    assert number_field(panel, "height").value() == 60.0


def test_a_value_out_of_range_is_refused_below_the_field_and_esc_reverts(panel: InspectorPanel) -> None:
    session = panel.context.session
    choose(panel, "grasp-1")
    before = session.plan
    field = number_field(panel, "height")
    type_in(field, "900")
    assert session.plan is before
    reason = view(panel).guards["height"].reason
    assert reason.isVisible() and "20" in reason.text() and "300" in reason.text()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.value() == 60.0
    assert not reason.isVisible()


def test_arrows_in_a_row_are_one_undo(panel: InspectorPanel) -> None:
    session = panel.context.session
    choose(panel, "grasp-1")
    before = session.plan
    field = number_field(panel, "force")
    for _ in range(3):
        QTest.keyClick(field, Qt.Key.Key_Up)
        panel.context.bridge.flush()
    assert session.plan.step("grasp-1").parameters["force"] == pytest.approx(53.0)
    session.undo()
    assert session.plan is before


def test_length_and_start_are_fields_too(panel: InspectorPanel) -> None:
    session = panel.context.session
    choose(panel, "walk-2")
    type_in(number_field(panel, "length"), "5")
    assert session.plan.step("walk-2").duration == pytest.approx(5.0)
    panel.context.bridge.flush()
    type_in(number_field(panel, "start"), "25.5")
    assert session.plan.step("walk-2").start == pytest.approx(25.5)


def test_a_station_is_chosen_by_name(panel: InspectorPanel) -> None:
    choose(panel, "carry-1")
    field = view(panel).fields["station"]
    assert isinstance(field, Choice)
    assert field.currentText() == "Bench"
    field.chosen.emit("conveyor")
    assert panel.context.session.plan.step("carry-1").parameters["station"] == "conveyor"
    panel.context.bridge.flush()
    assert field.currentData() == "conveyor"


def test_the_name_field_renames_and_empties_to_the_made_name(panel: InspectorPanel) -> None:
    session = panel.context.session
    choose(panel, "grasp-1")
    field = view(panel).fields["name"]
    assert isinstance(field, TextField)
    type_in(field, "Take it")
    panel.context.bridge.flush()
    assert session.plan.step("grasp-1").name == "Take it"
    assert panel.head.name.full_text() == "Take it"
    field.clear()
    QTest.keyClick(field, Qt.Key.Key_Return)
    panel.context.bridge.flush()
    assert panel.head.name.full_text() == "Grasp tote"


def test_a_suggested_value_is_applied(panel: InspectorPanel) -> None:
    session = panel.context.session
    assert session.report is not None
    timeline_ops.show_finding(session, session.report.findings[0])
    panel.context.bridge.flush()
    assert view(panel).apply.isVisible()
    view(panel).apply.click()
    assert session.plan.step("grasp-1").parameters["speed"] == pytest.approx(0.1)
    panel.context.bridge.flush()
    assert not view(panel).apply.isEnabled()


def test_dependencies_are_listed_and_removed(panel: InspectorPanel) -> None:
    choose(panel, "place-1")
    (remove,) = view(panel).waits.findChildren(IconButton)
    assert remove.accessibleName() == "Do not wait for Carry to bench"
    remove.click()
    assert panel.context.session.plan.step("place-1").after == ()


def test_long_names_keep_every_field_in_the_panel(panel: InspectorPanel) -> None:
    session, whole = (
        panel.context.session,
        "왼쪽 상단 팔레트 랙 세 번째 칸의 부품 토트를 두 손으로 조심스럽게 들어 올려 작업대까지 운반",
    )
    for step in session.plan.steps:
        plan_ops.rename_step(session, step.id, whole)
    choose(panel, "grasp-1")
    QApplication.processEvents()
    width = panel._area.viewport().width()
    assert view(panel).width() <= width
    for field in view(panel).fields.values():
        assert field.mapTo(panel, field.rect().topRight()).x() <= width
    waits = next(b for b in view(panel).findChildren(ElidedButton) if b.isVisible())
    assert waits.text().endswith("…") and waits.toolTip() == whole == waits.accessibleName()
    name = view(panel).fields["name"]
    assert isinstance(name, TextField) and name.cursorPosition() == 0


def test_time_says_how_the_simulation_differs(panel: InspectorPanel) -> None:
    choose(panel, "grasp-1")
    value, note = (view(panel).time._values["simulated"][i].full_text() for i in (1, 2))
    assert (value, note) == ("5.2 s", "+1.0 s")


def test_another_step_of_the_same_skill_keeps_the_fields(panel: InspectorPanel) -> None:
    choose(panel, "walk-1")
    first = view(panel)
    choose(panel, "walk-2")
    assert view(panel) is first
    choose(panel, "grasp-1")
    assert view(panel) is not first


def test_stations_workpieces_and_joints(panel: InspectorPanel) -> None:
    session = panel.context.session
    session.select(Selection(object="tote"))
    panel.context.bridge.flush()
    assert panel.head.name.full_text() == "Tote"
    session.select(Selection(station="bench"))
    panel.context.bridge.flush()
    assert panel.head.name.full_text() == "Bench"
    joint = session.robot.joint_names[3]
    session.select(Selection(joint=joint))
    panel.context.bridge.flush()
    assert panel.joint_view is not None
    assert "…" in panel.joint_view.sections[0]._values["range"][1].full_text()
    now = panel.joint_view.sections[1]
    before = now._values["angle"][1].full_text()
    session.set_playhead(5.0)
    panel.context.bridge.flush()
    assert now._values["angle"][1].full_text() != before


def test_several_steps_and_nothing(panel: InspectorPanel) -> None:
    choose(panel, "walk-1", "walk-2")
    assert panel.head.name.full_text() == "2 steps selected"
    panel.context.session.select(Selection())
    panel.context.bridge.flush()
    assert panel.empty.text.text().startswith("Select a step")


def test_delete(panel: InspectorPanel) -> None:
    choose(panel, "signal-1")
    view(panel).delete.click()
    panel.context.bridge.flush()
    assert "signal-1" not in {s.id for s in panel.context.session.plan.steps}
    assert panel.step_view is None


def test_another_language_at_once(panel: InspectorPanel) -> None:
    choose(panel, "grasp-1")
    panel.context.tr = example_context(panel.context.session, "ko").tr
    panel.context.session.notify("language")
    panel.context.bridge.flush()
    assert panel.head.name.full_text() == "토트 파지"
    assert view(panel).motion.title.text() == "동작"


def test_of_each_passed_check_only_the_nearest_to_its_limit_is_shown() -> None:
    checks = (
        CheckResult("joint_torque", "a", "pass", 20.0, 100.0, "N·m", "<=", "knee"),
        CheckResult("joint_torque", "a", "pass", 70.0, 100.0, "N·m", "<=", "hip"),
        CheckResult("balance", "a", "fail", 0.001, 0.015, "m", ">="),
        CheckResult("balance", "b", "pass", 0.05, 0.015, "m", ">="),
    )
    assert [(c.check, c.body) for c in checks_of(checks, "a")] == [("balance", ""), ("joint_torque", "hip")]


def test_the_pages_of_all_skills_are_built_ahead_and_used(panel: InspectorPanel) -> None:
    panel._ahead.finish()
    assert set(panel._steps) == set(SKILLS)
    built = dict(panel._steps)
    choose(panel, "grasp-1")
    assert panel.step_view is built["grasp"] and panel.step_view.isVisible()
    assert [page.isVisible() for page in built.values()].count(True) == 1
    panel.retranslate()
    assert panel.step_view is not built["grasp"] and panel._ahead.busy  # new words, new pages
    panel._ahead.finish()
    assert view(panel).fields and set(panel._steps) == set(SKILLS)
