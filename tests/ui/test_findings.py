"""The findings panel: verdict, rows, choosing, staleness."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.process_example import example_context, example_session
from workbench.operations import plan_ops
from workbench.plan.model import Plan
from workbench.session import Session
from workbench.ui.findings.model import FindingRow, PassedHead, PassedRow
from workbench.ui.findings.panel import FindingsPanel


def make(qtbot: QtBot, session: Session, language: str = "en") -> FindingsPanel:
    panel = FindingsPanel(example_context(session, language))
    qtbot.addWidget(panel)
    panel.resize(288, 560)
    panel.show()
    panel.refresh(panel.interests)
    return panel


@pytest.fixture
def panel(qtbot: QtBot) -> FindingsPanel:
    return make(qtbot, example_session())


def click(panel: FindingsPanel, index: QModelIndex) -> None:
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=panel.list.visualRect(index).center())
    panel.context.bridge.flush()


def test_the_worst_comes_first_and_nothing_unassessed_counts_as_passed(panel: FindingsPanel) -> None:
    rows = [r for r in panel.model.rows if isinstance(r, FindingRow)]
    assert [r.finding.severity for r in rows] == ["fail", "marginal", "not_assessed"]
    assert panel.counts.numbers == {"fail": 1, "marginal": 1, "not_assessed": 1, "pass": 4}
    assert panel.head.word.text == "FAIL"


def test_a_row_says_measured_and_required_in_one_unit(panel: FindingsPanel) -> None:
    row = panel.model.rows[0]
    assert isinstance(row, FindingRow)
    assert (row.measured, row.requirement, row.time, row.step) == ("6 mm", "needs 15 mm", "9.0–10.3 s", "Grasp tote")


def test_a_click_selects_step_and_joint_and_goes_there(panel: FindingsPanel) -> None:
    session = panel.context.session
    click(panel, panel.model.index(1))
    assert session.selection.steps == ("carry-1",)
    assert session.selection.joint == session.robot.profile.legs["right"].knee
    assert session.playhead == 14.2
    assert session.selection.finding is session.report.findings[1] if session.report else False


def test_arrows_walk_the_findings(panel: FindingsPanel) -> None:
    click(panel, panel.model.index(0))
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_Down)
    if panel.list.hasFocus():
        assert panel.context.session.selection.steps == ("carry-1",)


def test_the_list_follows_a_selection_made_elsewhere(panel: FindingsPanel) -> None:
    session = panel.context.session
    assert session.report is not None
    click(panel, panel.model.index(0))
    session.select_steps("walk-1")
    panel.context.bridge.flush()
    assert not panel.list.currentIndex().isValid()


def test_passed_checks_open_and_close(panel: FindingsPanel) -> None:
    head = next(i for i, r in enumerate(panel.model.rows) if isinstance(r, PassedHead))
    click(panel, panel.model.index(head))
    assert sum(isinstance(r, PassedRow) for r in panel.model.rows) == 4
    click(panel, panel.model.index(head))
    assert not any(isinstance(r, PassedRow) for r in panel.model.rows)


def test_an_edit_makes_the_verdict_stale_and_undo_brings_it_back(panel: FindingsPanel) -> None:
    session = panel.context.session
    plan_ops.set_parameter(session, "walk-2", "speed", 0.3)
    panel.context.bridge.flush()
    assert panel.head.word.stale
    assert "edited since" in panel.head.accessibleName()
    plan_ops.undo(session)
    panel.context.bridge.flush()
    assert not panel.head.word.stale


def test_the_assumptions_stand_below_the_verdict(panel: FindingsPanel) -> None:
    assert panel.assumes.isVisible()


def test_nothing_to_check_yet(qtbot: QtBot) -> None:
    panel = make(qtbot, example_session(simulated=False, plan=Plan("new")))
    assert panel.head.word.text == "NOT ASSESSED"
    assert panel.empty.isVisible() and not panel.list.isVisible() and not panel.assumes.isVisible()
    assert not panel.head.run.isEnabled()


def test_run_asks_for_the_preflight(panel: FindingsPanel) -> None:
    ran: list[str] = []

    def run(command: str) -> bool:
        ran.append(command)
        return True

    panel.context.run_command = run
    panel.head.run.click()
    assert ran == ["preflight"]


def test_another_language_at_once(panel: FindingsPanel) -> None:
    panel.context.tr = example_context(panel.context.session, "ko").tr
    panel.context.session.notify("language")
    panel.context.bridge.flush()
    row = panel.model.rows[0]
    assert isinstance(row, FindingRow)
    assert (row.step, row.requirement) == ("토트 파지", "요구값 15 mm")
    assert panel.head.word.text == "불합격"


@pytest.mark.parametrize("width", [220, 288, 420])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_rows_are_as_high_as_their_words_at_any_width(qtbot: QtBot, width: int, language: str) -> None:
    panel = make(qtbot, example_session(), language)
    panel.resize(width, 560)
    panel.list.doItemsLayout()
    rects = [panel.list.visualRect(panel.model.index(i)) for i in range(len(panel.model.rows))]
    assert all(a.bottom() < b.top() for a, b in pairwise(rects))
    assert all(r.width() <= width for r in rects)
