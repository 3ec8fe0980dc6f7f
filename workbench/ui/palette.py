"""Ctrl K: find a command, step, station or finding by a few letters in either language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from sim.preflight.finding import Verdict
from workbench.i18n import Translator
from workbench.session import Selection
from workbench.ui import theme
from workbench.ui.commands import CommandList
from workbench.ui.context import UiContext
from workbench.ui.fuzzy import score
from workbench.ui.icons import paint_icon, paint_verdict
from workbench.ui.wording import Wording, seconds_range

_ROW = 30
_ROWS = 12
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: shown title, everything it can be found by, what it is, what it does."""

    title: str
    found_by: tuple[str, ...]
    kind: str
    run: Callable[[], object]
    icon: str = ""
    verdict: Verdict | None = None
    keys: str = ""
    enabled: bool = True
    weight: float = 1.0


def entries(context: UiContext, commands: CommandList, languages: Mapping[str, Translator]) -> list[Entry]:
    """Everything that can be found now."""
    session, tr = context.session, context.tr
    words = Wording.of(tr, session)
    found: list[Entry] = []
    for command in commands.all():
        key = f"command.{command.id}"
        names = tuple(t(key) for t in languages.values())
        keys = QKeySequence(command.shortcut).toString(QKeySequence.SequenceFormat.NativeText) if command.shortcut else ""
        run = _runner(commands, command.id)
        found.append(Entry(tr(key), names, tr("palette.command"), run, command.icon, keys=keys, enabled=command.enabled()))
    for box in session.plan.steps:
        name = words.step(box)
        others = tuple(Wording.of(t, session).step(box) for t in languages.values())
        run = _stepper(context, box.id, box.start)
        found.append(
            Entry(
                name, (*others, box.id), tr("palette.step"), run, box.skill, keys=seconds_range(box.start, box.end), weight=0.95
            )
        )
    for station in session.cell.stations.values():
        run = _selecter(context, station.id, "")
        found.append(
            Entry(tr.named(station.name), (*station.name.values(), station.id), tr("palette.station"), run, "station", weight=0.9)
        )
    for piece in session.cell.objects.values():
        run = _selecter(context, "", piece.id)
        found.append(Entry(tr.named(piece.name), (*piece.name.values(), piece.id), tr("palette.object"), run, "cube", weight=0.9))
    for finding in session.report.findings if session.report is not None else ():
        title = words.finding(finding)
        where = words.step_by_id(session.plan, finding.step)

        def go(
            chosen: Selection = Selection(steps=(finding.step,) if finding.step else (), finding=finding),
            at: float | None = finding.start,
        ) -> None:
            session.select(replace(chosen, joint=session.selection.joint))
            if at is not None:
                session.set_playhead(at)

        others = tuple(Wording.of(t, session).finding(finding) for t in languages.values())
        shown = f"{title}, {where}" if where else title
        found.append(Entry(shown, (*others, where), tr("palette.finding"), go, verdict=finding.severity, weight=0.95))
    return found


def ranked(query: str, items: list[Entry]) -> list[Entry]:
    """The entries that fit, best first; without a query all in their order."""
    if not query.strip():
        return items[:_SHOWN]
    scored = [
        (max(score(query, text) for text in (item.title, *item.found_by)) * item.weight, i, item) for i, item in enumerate(items)
    ]
    return [item for value, _, item in sorted(scored, key=lambda e: (-e[0], e[1])) if value > 0][:_SHOWN]


def _runner(commands: CommandList, command_id: str) -> Callable[[], object]:
    return lambda: commands.run(command_id)


def _stepper(context: UiContext, step_id: str, start: float) -> Callable[[], None]:
    def go() -> None:
        session = context.session
        span = next((s for s in session.simulated.recording.steps if s.id == step_id), None) if session.simulated else None
        session.select_steps(step_id)
        session.set_playhead(span.start if span else start)

    return go


def _selecter(context: UiContext, station: str, thing: str) -> Callable[[], None]:
    return lambda: context.session.select(Selection(station=station, object=thing, joint=context.session.selection.joint))


class _Model(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.items: list[Entry] = []

    def show(self, items: list[Entry]) -> None:
        self.beginResetModel()
        self.items = items
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item = self.items[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{item.title}, {item.kind}" if role == Qt.ItemDataRole.AccessibleTextRole else item.title
        return None


class _Row(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        model = index.model()
        assert isinstance(model, _Model)
        item, tokens, rect = model.items[index.row()], theme.current(), QRect(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.fillRect(rect, theme.color(tokens.acbg))
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), theme.color(tokens.ac))
        mark = QRectF(rect.left() + 14, rect.top() + 7, 16, 16)
        tone = tokens.tx if item.enabled else tokens.tx3
        if item.verdict is not None:
            paint_verdict(painter, mark, item.verdict, tokens)
        elif item.icon:
            paint_icon(painter, mark, item.icon, tokens.tx2 if item.enabled else tokens.tx3)
        right = rect.adjusted(0, 0, -14, 0)
        painter.setFont(theme.font(11))
        if item.keys:
            painter.setPen(theme.color(tokens.tx2))
            painter.drawText(right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, item.keys)
            right.adjust(0, 0, -painter.fontMetrics().horizontalAdvance(item.keys) - 14, 0)
        painter.setPen(theme.color(tokens.tx2 if chosen else tokens.tx3))
        painter.drawText(right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, item.kind)
        room = right.right() - painter.fontMetrics().horizontalAdvance(item.kind) - 16 - (rect.left() + 42)
        painter.setFont(theme.font(12, 500 if chosen else 400))
        painter.setPen(theme.color(tone))
        text = painter.fontMetrics().elidedText(item.title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(rect.left() + 42, rect.top(), room, rect.height()), Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()


class Palette(QFrame):
    """The palette as a card over the window's upper middle."""

    def __init__(self, context: UiContext, commands: CommandList, languages: Mapping[str, Translator], window: QWidget) -> None:
        super().__init__(window, Qt.WindowType.Popup)
        self._context, self._commands, self._languages, self._window = context, commands, languages, window
        self._items: list[Entry] = []
        self.setProperty("role", "popover")
        self.field = QLineEdit()
        self.field.setFrame(False)
        self.field.setMinimumHeight(34)
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.list = QListView()
        self._model = _Model(self)
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Row(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(lambda _index: self._accept())
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addWidget(self.list)

    def open(self) -> None:
        """Show it empty, with the keyboard."""
        window = self._window
        self._items = entries(self._context, self._commands, self._languages)
        self.field.setPlaceholderText(self._context.tr("palette.hint"))
        self.field.clear()
        self._filter("")
        width = min(620, window.width() - 80)
        self.setFixedSize(width, 34 + 24 + _ROW * _ROWS + 2)
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - width) // 2, corner.y() + 52)
        self.show()
        self.field.setFocus()

    def shown(self) -> list[str]:
        """The titles listed now."""
        return [item.title for item in self._model.items]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move in the list, Enter runs, Esc closes."""
        if watched is self.field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            move = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: _ROWS, Qt.Key.Key_PageUp: -_ROWS}.get(
                Qt.Key(event.key())
            )
            if move is not None:
                self._choose(self.list.currentIndex().row() + move)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._accept()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.hide()
                return True
        return super().eventFilter(watched, event)

    def _filter(self, query: str) -> None:
        self._model.show(ranked(query, self._items))
        self._choose(0)

    def _choose(self, row: int) -> None:
        count = self._model.rowCount()
        if count:
            self.list.setCurrentIndex(self._model.index(max(0, min(row, count - 1)), 0))

    def _accept(self) -> None:
        row = self.list.currentIndex().row()
        if 0 <= row < len(self._model.items):
            item = self._model.items[row]
            self.hide()
            item.run()
