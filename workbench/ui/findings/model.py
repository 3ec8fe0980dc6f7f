"""Rows of the findings list: findings in the report's order (gravest first), then the passed checks when opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from sim.preflight.finding import CheckResult, Finding, PreflightReport
from workbench.session import Session
from workbench.ui.context import UiContext
from workbench.ui.wording import Wording, quantity, seconds_range

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding in words."""

    finding: Finding
    title: str
    step: str
    time: str
    measured: str
    requirement: str


@dataclass(frozen=True, slots=True)
class PassedHead:
    """The row that opens and closes the passed checks."""

    text: str
    opened: bool


@dataclass(frozen=True, slots=True)
class PassedRow:
    """A passed check in words."""

    check: CheckResult
    title: str
    step: str
    measured: str


Row = FindingRow | PassedHead | PassedRow


def requirement(finding: Finding, words: Wording) -> str:
    """ "needs 15 mm", "limit 85 %"; "" where there is no limit."""
    if finding.limit is None:
        return ""
    key = "findings.needs" if finding.relation == ">=" else "findings.at_most"
    return words.tr(key, limit=quantity(finding.limit, finding.unit, finding.limit))


def finding_row(finding: Finding, session: Session, words: Wording) -> FindingRow:
    """A finding in words. What was not assessed says so instead of a value, with what is missing."""
    measured = "" if finding.measured is None else quantity(finding.measured, finding.unit, finding.limit)
    needs = requirement(finding, words)
    if finding.severity == "not_assessed":
        measured = measured or words.tr("findings.verdict.not_assessed")
        needs = needs or words.hint(finding)
    elif not measured and not needs:
        needs = words.hint(finding)
    return FindingRow(
        finding,
        words.finding(finding),
        words.step_by_id(session.plan, finding.step) if finding.step else words.tr("findings.all_steps"),
        seconds_range(finding.start, finding.end),
        measured,
        needs,
    )


class FindingsModel(QAbstractListModel):
    """The rows of one report."""

    def __init__(self, context: UiContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.rows: tuple[Row, ...] = ()
        self.opened = False

    def show(self, report: PreflightReport | None) -> None:
        """Take a report."""
        session = self._context.session
        words = Wording.of(self._context.tr, session)
        rows: list[Row] = []
        if report is not None:
            rows += [finding_row(f, session, words) for f in report.findings]
            passed = [c for c in report.checks if c.verdict == "pass"]
            if passed:
                rows.append(PassedHead(words.tr("findings.passed", count=len(passed)), self.opened))
            if self.opened:
                rows += [_passed_row(c, session, words) for c in passed]
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def row_of(self, finding: Finding | None) -> int:
        """Row of a finding; -1 if it is not shown."""
        return next((i for i, r in enumerate(self.rows) if isinstance(r, FindingRow) and r.finding == finding), -1)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        """All rows."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The row for the delegate; its whole text for tooltip and screen reader."""
        row = self.rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self._sentence(row)
        return None

    def _sentence(self, row: Row) -> str:
        tr = self._context.tr
        if isinstance(row, PassedHead):
            return row.text
        if isinstance(row, PassedRow):
            return f"{tr('findings.verdict.pass')}: {row.title}. {row.step}. {row.measured}"
        word = tr("findings.verdict." + row.finding.severity)
        text = tr(
            "findings.row",
            word=word,
            title=row.title.rstrip("."),
            step=row.step,
            time=row.time,
            measured=row.measured,
            requirement=row.requirement,
        )
        return " ".join(text.split())


def _passed_row(check: CheckResult, session: Session, words: Wording) -> PassedRow:
    sign = "≥" if check.relation == ">=" else "≤"
    measured = "" if check.measured is None else quantity(check.measured, check.unit, check.limit)
    if check.limit is not None:
        measured = f"{measured} {sign} {quantity(check.limit, check.unit, check.limit)}".strip()
    step = words.step_by_id(session.plan, check.step) if check.step else words.tr("findings.all_steps")
    return PassedRow(check, words.check(check.check, check.body), step, measured)
