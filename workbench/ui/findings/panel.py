"""The findings panel: the verdict, what is wrong and where, what passed, and what the verdict assumes."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListView, QSizePolicy, QVBoxLayout, QWidget

from sim.preflight.finding import PreflightReport, Verdict
from workbench.operations import timeline_ops
from workbench.session import Change
from workbench.ui import theme
from workbench.ui.context import Panel, UiContext
from workbench.ui.findings.assumptions import Assumptions, assumptions_in_words
from workbench.ui.findings.delegate import FindingsDelegate
from workbench.ui.findings.model import ROW_ROLE, FindingRow, FindingsModel, PassedHead, PassedRow
from workbench.ui.icons import paint_verdict
from workbench.ui.widgets import Button, ElidedLabel, EmptyState, Hairline, VerdictMark
from workbench.ui.wording import Wording

_Index = QModelIndex | QPersistentModelIndex
_TONES: Mapping[Verdict, str] = {"pass": "ok", "marginal": "wa", "fail": "fa", "not_assessed": "na"}


class VerdictHead(QWidget):
    """Mark, word and what was checked; "edited since" where the plan has changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mark = VerdictMark(size=26)
        self.word = _Word()
        self.about = ElidedLabel("", "secondary")
        self.run = Button("")
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.word)
        texts.addWidget(self.about)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 9, 12, 9)
        row.setSpacing(10)
        row.addWidget(self.mark)
        row.addLayout(texts, 1)
        row.addWidget(self.run)

    def show_verdict(self, verdict: Verdict, word: str, about: str, stale: bool, note: str) -> None:
        """The verdict in shape, word and colour."""
        self.mark.set_verdict(verdict)
        self.word.set(word, _TONES[verdict], stale, note)
        self.about.setText(about)
        self.setAccessibleName(f"{word}, {note}, {about}" if stale else f"{word}, {about}")


class _Word(QWidget):
    """The verdict word; struck through in the secondary tone when stale, with a note behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self._tone, self.stale, self._note = "", "na", False, ""
        self.setFixedHeight(22)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set(self, text: str, tone: str, stale: bool, note: str) -> None:
        """What it says."""
        self.text, self._tone, self.stale, self._note = text, tone, stale, note
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the word, fitted to the width."""
        tokens = theme.current()
        painter = QPainter(self)
        font = theme.font(16, 600)
        font.setStrikeOut(self.stale)
        painter.setFont(font)
        painter.setPen(QColor(tokens.tx2 if self.stale else getattr(tokens, self._tone)))
        text = painter.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)
        used = painter.fontMetrics().horizontalAdvance(text) + 8
        if self.stale:
            painter.setFont(theme.font(12))
            room = self.width() - used
            note = painter.fontMetrics().elidedText(self._note, Qt.TextElideMode.ElideRight, room)
            painter.drawText(self.rect().adjusted(used, 2, 0, 0), Qt.AlignmentFlag.AlignVCenter, note)
        painter.end()


class Counts(QWidget):
    """How many of each verdict, with its mark."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.numbers: dict[Verdict, int] = {}
        self.setFixedHeight(30)

    def set(self, numbers: dict[Verdict, int], spoken: str) -> None:
        """Worst first."""
        self.numbers = numbers
        self.setAccessibleName(spoken)
        self.setToolTip(spoken)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint marks and numbers."""
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(12))
        x = 12.0
        for verdict, number in self.numbers.items():
            box = self.rect().toRectF()
            box.setRect(x, 8.5, 13, 13)
            paint_verdict(painter, box, verdict, tokens)
            painter.setPen(QColor(tokens.tx))
            text = str(number)
            width = painter.fontMetrics().horizontalAdvance(text)
            box.setRect(x + 19, 0, width + 2, 30)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
            x += 19 + width + 15
        painter.end()


class FindingsPanel(Panel):
    """Verdict, findings, passed checks, assumptions."""

    interests = frozenset[Change]({"project", "plan", "report", "selection"})

    #: Enter on a finding: the shell may bring the inspector forward.
    finding_activated = Signal()

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.head = VerdictHead()
        self.counts = Counts()
        self.list = _List()
        self.model = FindingsModel(context, self)
        self.delegate = FindingsDelegate(self.list, self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(self.delegate)
        self.empty = EmptyState()
        self.assumes = Assumptions()
        self._lines = (Hairline(), Hairline())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.head, self._lines[0], self.counts, self._lines[1]):
            column.addWidget(part)
        column.addWidget(self.list, 1)
        column.addWidget(self.empty, 1)
        column.addWidget(self.assumes)
        self.setFocusProxy(self.list)
        self.setMinimumWidth(220)
        self.head.run.clicked.connect(lambda: self.context.run_command("preflight"))
        self.list.clicked.connect(self._on_chosen)
        self.list.activated.connect(self._on_activated)
        self._shown: tuple[PreflightReport | None, bool, int] | None = None
        self.retranslate()

    def refresh(self, kinds: frozenset[Change]) -> None:
        """Show what changed."""
        session = self.context.session
        shown = (session.report, session.report_stale, len(session.plan.steps))
        if self._shown is None or shown != self._shown or "project" in kinds:
            self._shown = shown
            self._show_report()
        self._follow_selection()

    def retranslate(self) -> None:
        """Words of the language in force."""
        tr = self.context.tr
        self.head.run.setText(tr("findings.run"))
        self.head.run.setToolTip(f"{tr('findings.run.tip')}  Ctrl+Enter")
        self.list.setAccessibleName(tr("findings.title"))
        self._show_report()
        self._follow_selection()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The assumptions leave most of the height to the findings."""
        super().resizeEvent(event)
        self.assumes.fit(self.width(), self.height())

    def apply_theme(self) -> None:
        """Colours of the theme in force."""
        self.list.viewport().update()
        self.update()

    def _show_report(self) -> None:
        session, tr = self.context.session, self.context.tr
        report, stale = session.report, session.report_stale
        self.delegate.stale = stale
        self.model.show(report)
        verdict: Verdict = report.verdict if report else "not_assessed"
        about = tr("findings.not_run" if session.plan.steps else "findings.never")
        if report is not None:
            about = tr("findings.preflight", count=len(report.checks))
        self.head.show_verdict(verdict, tr(f"findings.verdict.{verdict}"), about, stale, tr("findings.edited_since"))
        self.head.run.setEnabled(bool(session.plan.steps))
        self.counts.setVisible(report is not None)
        self._lines[1].setVisible(report is not None)
        self.list.setVisible(report is not None)
        self.empty.setVisible(report is None)
        self.empty.set("", f"{tr('findings.empty.about')}\n\n{tr('findings.empty.where')}")
        if report is not None:
            self._show_counts(report)
        told = report.assumptions if report is not None else {}
        self.assumes.show_table(tr("findings.assumes"), assumptions_in_words(told, Wording.of(tr, session)))
        self.assumes.fit(self.width(), self.height())

    def _show_counts(self, report: PreflightReport) -> None:
        tr = self.context.tr
        numbers: dict[Verdict, int] = {
            "fail": sum(f.severity == "fail" for f in report.findings),
            "marginal": sum(f.severity == "marginal" for f in report.findings),
            "not_assessed": sum(f.severity == "not_assessed" for f in report.findings),
            "pass": sum(c.verdict == "pass" for c in report.checks),
        }
        words = (tr("findings.count", count=n, word=tr(f"findings.verdict.{v}")) for v, n in numbers.items())
        self.counts.set(numbers, ", ".join(words))

    def _follow_selection(self) -> None:
        row = self.model.row_of(self.context.session.selection.finding)
        current = self.list.currentIndex().row()
        if row < 0:
            if isinstance(self.list.currentIndex().data(ROW_ROLE), FindingRow):
                self.list.setCurrentIndex(QModelIndex())
        elif row != current:
            self.list.setCurrentIndex(self.model.index(row))

    def _on_chosen(self, index: QModelIndex) -> None:
        row, session = index.data(ROW_ROLE), self.context.session
        if isinstance(row, FindingRow):
            timeline_ops.show_finding(session, row.finding)
        elif isinstance(row, PassedHead):
            self.model.opened = not self.model.opened
            self.model.show(session.report)
            self.list.setCurrentIndex(self.model.index(index.row()))
        elif isinstance(row, PassedRow) and any(s.id == row.check.step for s in session.plan.steps):
            session.select_steps(row.check.step)

    def _on_activated(self, index: QModelIndex) -> None:
        self._on_chosen(index)
        self.finding_activated.emit()


class _List(QListView):
    """The list; arrows choose, a click or Enter opens. Rows are laid out anew when the width changes."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Heights follow the width."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        """Arrow keys open a finding as a click does."""
        super().currentChanged(current, previous)
        if self.hasFocus() and current.isValid() and isinstance(current.data(ROW_ROLE), FindingRow):
            self.clicked.emit(self.model().index(current.row(), 0))

    def minimumSizeHint(self) -> QSize:
        """Two rows."""
        return QSize(180, 120)
