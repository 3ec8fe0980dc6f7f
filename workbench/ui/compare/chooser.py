"""The bar on top of Compare: which recording is the reference, what is held against it, and how they were aligned."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from workbench.comparison.compare import compare, compare_commands
from workbench.comparison.comparison import Comparison, Quantity
from workbench.errors import WorkbenchError
from workbench.operations import compare_ops
from workbench.session import Change, NamedRecording
from workbench.telemetry.problems import parse_problem
from workbench.ui.compare.heatmap import summary
from workbench.ui.compare.view import heat_of
from workbench.ui.context import Panel, UiContext
from workbench.ui.plot_marks import MEASURED, TWIN, Style, curve_pen
from workbench.ui.theme import current
from workbench.ui.widgets import Button, ElidedLabel, VerdictMark, label

_COMMANDS = "commands"
_TWIN = "twin"


class LineSample(QWidget):
    """A short piece of a curve, so that the plot needs no legend."""

    def __init__(self, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style = style
        self.setFixedSize(24, 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        pen = curve_pen(self._style, current())
        pen.setColor(QColor(getattr(current(), self._style.tone)))
        pen.setWidthF(2.0)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if self._style.dash != "solid":
            pen.setDashPattern([3.0, 1.6])
        painter.setPen(pen)
        painter.drawLine(0, 8, 24, 8)
        painter.end()


class _Answer(QObject):
    """Carries a result from the worker thread to the window."""

    done = Signal(object, object)


class _Work(QRunnable):
    """One comparison in a worker thread: it reads two frozen recordings and changes nothing."""

    def __init__(self, ticket: int, a: NamedRecording, b: NamedRecording | None, quantity: Quantity) -> None:
        super().__init__()
        self.answer = _Answer()
        self._ticket, self._a, self._b, self._quantity = ticket, a, b, quantity

    def run(self) -> None:
        """Compare, and hand over what came of it."""
        result: Comparison | WorkbenchError
        try:
            if self._b is None:
                result = compare_commands(self._a.recording)
            else:
                result = compare(self._a.recording, self._b.recording, self._quantity, self._a.name, self._b.name)
        except WorkbenchError as error:
            result = error
        self.answer.done.emit(self._ticket, result)


class ChooserBar(Panel):
    """Chooses the pair of recordings. The comparison itself runs in a worker thread.

    Args:
        context: session, words, colours.
        parent: Qt parent.
    """

    interests: frozenset[Change] = frozenset({"project", "recordings", "simulation", "comparison"})

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.setFixedHeight(44)
        self.setProperty("role", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._filling = False
        self._ticket = 0
        self._work: _Work | None = None
        self._pair: tuple[NamedRecording, NamedRecording | None] | None = None
        self._twin: NamedRecording | None = None
        self._error = ""
        self.real_word, self.twin_word = label("", "secondary"), label("", "secondary")
        self.real, self.twin = QComboBox(), QComboBox()
        for box in (self.real, self.twin):
            box.setMinimumWidth(210)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.activated.connect(self._choose)
        self.mark = VerdictMark("marginal", 14)
        self.strong, self.info = label("", "strong"), ElidedLabel("", "secondary")
        self.open = Button("", "folder")
        self.open.clicked.connect(lambda: context.run_command("import_log"))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        for widget in (LineSample(MEASURED), self.real_word, self.real, LineSample(TWIN), self.twin_word, self.twin):
            row.addWidget(widget)
        row.addWidget(self.info, 1)
        row.addWidget(self.mark)
        row.addWidget(self.strong)
        row.addWidget(self.open)
        self.retranslate()

    def refresh(self, kinds: frozenset[Change]) -> None:
        """Recordings came or went, or another comparison is shown."""
        if kinds & {"recordings", "simulation", "project", "comparison"}:
            self._fill()
        self._words()

    def retranslate(self) -> None:
        """New words."""
        tr = self.context.tr
        self.real_word.setText(tr("compare.real"))
        self.twin_word.setText(tr("compare.twin"))
        self.open.setText(tr("compare.open"))
        self._fill()
        self._words()

    def apply_theme(self) -> None:
        """New colours."""
        self.update()

    def choices(self) -> list[NamedRecording]:
        """What can be chosen: the session's recordings, and the last simulation."""
        session = self.context.session
        out = list(session.recordings)
        if session.simulated is not None:
            recording = session.simulated.recording
            if self._twin is None or self._twin.recording is not recording:
                self._twin = NamedRecording(_TWIN, recording)
            if all(r.recording is not recording for r in out):
                out.append(self._twin)
        return out

    def compare_pair(self, a: NamedRecording, b: NamedRecording | None) -> None:
        """Compare in the background; b None: with a's own commands. The newest wish wins."""
        self._ticket += 1
        self._pair, self._error = (a, b), ""
        shown = self.context.session.comparison
        self._work = _Work(self._ticket, a, b, shown.quantity if shown is not None else "position")
        self._work.setAutoDelete(False)
        self._work.answer.done.connect(self._finish, Qt.ConnectionType.QueuedConnection)
        QThreadPool.globalInstance().start(self._work)
        self._words()

    @property
    def busy(self) -> bool:
        """A comparison is being made."""
        return self._work is not None

    def _fill(self) -> None:
        tr, choices = self.context.tr, self.choices()
        session = self.context.session
        self._filling = True
        for box in (self.real, self.twin):
            box.clear()
        for item in choices:
            name = tr("compare.last_simulation") if item is self._twin else item.name
            self.real.addItem(name, item)
            self.twin.addItem(name, item)
        self.twin.addItem(tr("compare.own_commands"), _COMMANDS)
        a, b = session.compare_pair
        self._point(self.real, a, next((i for i, c in enumerate(choices) if c.recording.header.source != "simulation"), 0))
        fallback = next((i for i, c in enumerate(choices) if c is self._twin), len(choices))
        if a is not None and a is b:
            self.twin.setCurrentIndex(len(choices))
        else:
            self._point(self.twin, b, fallback)
        for box in (self.real, self.twin):
            box.setEnabled(bool(choices))
        self._filling = False

    @staticmethod
    def _point(box: QComboBox, wanted: NamedRecording | None, fallback: int) -> None:
        index = next((i for i in range(box.count()) if box.itemData(i) is wanted), -1) if wanted is not None else -1
        box.setCurrentIndex(index if index >= 0 else fallback)

    def _choose(self, _index: int) -> None:
        a, b = self.real.currentData(), self.twin.currentData()
        if self._filling or not isinstance(a, NamedRecording):
            return
        self.compare_pair(a, b if isinstance(b, NamedRecording) and b is not a else None)

    def _finish(self, ticket: int, result: Comparison | WorkbenchError) -> None:
        if ticket != self._ticket or self._pair is None:
            return
        a, b = self._pair
        self._work = None
        if isinstance(result, WorkbenchError):
            self._error = self.context.tr.error(result)
            self._words()
        else:
            compare_ops.show_comparison(self.context.session, a, b if b is not None else a, result)

    def _words(self) -> None:
        tr, found = self.context.tr, self.context.session.comparison
        over = ""
        if self.busy:
            self.info.setText(tr("compare.working"))
        elif self._error:
            self.info.setText(self._error)
        elif found is None:
            self.info.setText(tr("compare.choose") if self.choices() else tr("compare.empty"))
        else:
            self.info.setText(aligned_words(found, self.context))
            over = summary(found, tr)
        self.strong.setText(over)
        self.strong.setVisible(bool(over))
        self.mark.setVisible(bool(over))
        if found is not None and over:
            from_zero = summary_count(found)
            self.mark.set_verdict("marginal" if from_zero else "pass")


def summary_count(found: Comparison) -> int:
    """Cells above their tolerance."""
    return int((heat_of(found) > 1.0).sum())


def aligned_words(found: Comparison, context: UiContext) -> str:
    """How the clocks were brought together, and what else the comparison notes."""
    tr = context.tr
    words = [tr("compare.aligned", offset=f"{found.clock_offset_s:+.3f}")]
    for note in found.notes:
        code, params = parse_problem(note)
        for key in (f"problem.{code}", code):
            if tr.has(key):
                words.append(tr(key, **params))
                break
    return "  ·  ".join(words)
