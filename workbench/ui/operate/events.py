"""What happened, newest first: time, icon, words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from sim.recording import RecordedEvent, Recording
from workbench.session import Change
from workbench.ui import theme
from workbench.ui.context import Panel, UiContext
from workbench.ui.icons import ICONS, paint_icon, paint_verdict
from workbench.ui.live_samples import live_samples, step_event
from workbench.ui.theme import font
from workbench.ui.widgets import EmptyState, IconButton, PanelHead, fill_column
from workbench.ui.wording import Wording

Index = QModelIndex | QPersistentModelIndex

_EVENT = Qt.ItemDataRole.UserRole
_ROW = 34
#: Seconds for which a warning is tinted as new.
_NEW_S = 5.0
#: Events of every step of the gait: hidden until all are asked for.
ROUTINE = frozenset({"lift_off", "tick", "way"})
#: Feet set down one after the other are one row that counts, until all are asked for.
FOOT_DOWN, FOOTSTEPS = "event.touchdown", "event.footsteps"
_ICONS = {
    "push": "push",
    "signal": "signal",
    "reset": "reset",
    "touchdown": "legs",
    "footsteps": "legs",
    "stop_requested": "stop",
    "stop_confirmed": "lock",
    "lease": "lock",
}
_FAIL = ("fall", "fault", "lost", "failed", "aborted")
_WARN = ("push", "stop", "slow", "slip", "limit", "near")


class _Number(float):
    """A number that shows three digits where the sentence does not say how many."""

    def __format__(self, spec: str) -> str:
        return super().__format__(spec or ".3g")


def event_name(code: str) -> str:
    """The code without its leading "event."."""
    return code.removeprefix("event.")


def severity(code: str) -> str:
    """ "fail", "marginal" or "" by the words of a code."""
    name = event_name(code)
    if any(word in name for word in _FAIL):
        return "fail"
    return "marginal" if any(word in name for word in _WARN) else ""


def icon_name(event: RecordedEvent) -> str:
    """Icon of an event: by its own word, by the skill it names, else a clock."""
    name = event_name(event.code)
    for word, icon in _ICONS.items():
        if name.startswith(word):
            return icon
    skill = str(event.params.get("skill", ""))
    if skill in ICONS:
        return skill
    return "check" if name.endswith(("ended", "done", "succeeded")) else "clock"


def gathered(events: Sequence[RecordedEvent]) -> list[RecordedEvent]:
    """Events in the order of time without the routine ones; feet set down in a row are one event with their count."""
    found: list[RecordedEvent] = []
    count = 0
    for event in events:
        if event_name(event.code) in ROUTINE:
            continue
        count = count + 1 if event.code == FOOT_DOWN else 0
        if count > 1:
            found[-1] = RecordedEvent(event.time, FOOTSTEPS, {**event.params, "count": str(count)})
        else:
            found.append(event)
    return found


def step_events(recording: Recording) -> list[RecordedEvent]:
    """Begin and end of each recorded step."""
    found = []
    for span in recording.steps:
        found.append(step_event(span.start, "event.step_started", span.id, span.skill))
        if span.end is not None:
            found.append(step_event(span.end, "event.step_ended" if span.success else "event.step_failed", span.id, span.skill))
    return found


class EventsModel(QAbstractListModel):
    """Events, newest first."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[RecordedEvent] = []
        self.texts: list[str] = []
        self.now = 0.0

    def fill(self, events: list[RecordedEvent], texts: list[str], now: float) -> None:
        """New contents, given newest first."""
        self.beginResetModel()
        self.events, self.texts, self.now = events, texts, now
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Events."""
        return 0 if parent.isValid() else len(self.events)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, the event itself, the whole as tooltip."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.texts[index.row()]
        if role == _EVENT:
            return self.events[index.row()]
        return None


class EventDelegate(QStyledItemDelegate):
    """Icon, words, time; a new warning or failure on its tint."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a row."""
        tokens = theme.current()
        event, words = index.data(_EVENT), str(index.data())
        model = index.model()
        rect = QRectF(option.rect)
        kind = severity(event.code)
        now = model.now if isinstance(model, EventsModel) else 0.0
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if kind and now - event.time < _NEW_S:
            painter.fillRect(rect, QColor(tokens.fab if kind == "fail" else tokens.wab))
        elif option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(tokens.acbg))
        mark = QRectF(rect.left() + 12, rect.center().y() - 7, 14, 14)
        if kind == "fail":
            paint_verdict(painter, mark, "fail", tokens)
        elif kind == "marginal":
            paint_verdict(painter, mark, "marginal", tokens)
        else:
            paint_icon(painter, mark, icon_name(event), tokens.tx2)
        stamp = clock_words(event.time)
        painter.setFont(font(11))
        width = QFontMetrics(painter.font()).horizontalAdvance(stamp) + 4
        painter.setPen(QColor(tokens.tx2))
        painter.drawText(
            QRectF(rect.right() - width - 12, rect.top(), width, rect.height()), Qt.AlignmentFlag.AlignVCenter, stamp
        )
        painter.setFont(font(12, 600 if kind else 400))
        painter.setPen(QColor(tokens.tx))
        room = QRectF(rect.left() + 36, rect.top(), rect.width() - 36 - width - 22, rect.height())
        shown = QFontMetrics(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setPen(QColor(tokens.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One line."""
        return QSize(120, _ROW)


class EventsPanel(Panel):
    """The event log of the live source, or of the last simulation where there is none.

    Args:
        context: session, words, colours.
        parent: Qt parent.
    """

    interests: frozenset[Change] = frozenset({"project", "source", "simulation", "plan"})

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._live = live_samples(context)
        self._shown: tuple[int, float, str, bool] | None = None
        self.head = PanelHead()
        self.all = IconButton("filter", checkable=True)
        self.all.toggled.connect(lambda _on: self._fill())
        self.head.add(self.all)
        self.model = EventsModel()
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(EventDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.activated.connect(self._go_to)
        self.list.clicked.connect(self._go_to)
        self.empty = EmptyState()
        fill_column(self, self.head, self.list, self.empty)
        context.bridge.tick.connect(self._on_tick)
        self.retranslate()

    def refresh(self, kinds: frozenset[Change]) -> None:
        """Another source or recording."""
        self._fill()

    def retranslate(self) -> None:
        """New words."""
        tr = self.context.tr
        self.head.set(tr("operate.events"))
        self.all.set_label(tr("operate.all"))
        self.all.set_tip(tr("operate.all"))
        self._shown = None
        self._fill()

    def apply_theme(self) -> None:
        """New colours."""
        self.list.viewport().update()

    def events(self) -> list[RecordedEvent]:
        """What is shown, newest first."""
        session = self.context.session
        if self._live.source is not None and self._live.events:
            found = list(self._live.events)
        elif session.simulated is not None and session.source is None:
            recording = session.simulated.recording
            found = sorted([*step_events(recording), *recording.events], key=lambda e: e.time)
        else:
            found = []
        if not self.all.isChecked():
            found = gathered(found)
        return found[::-1]

    def words(self, event: RecordedEvent) -> str:
        """The sentence for an event, with names the user knows."""
        tr, session = self.context.tr, self.context.session
        wording = Wording.of(tr, session)
        params: dict[str, object] = dict(event.params)
        for key, value in event.params.items():
            if isinstance(value, float):
                params[key] = _Number(value)
            elif key == "step":
                params[key] = wording.step_by_id(session.plan, value)
            elif key in ("joint", "body", "object", "station", "first", "second"):
                params[key] = wording.body(value)
            elif key == "side":
                params[key] = tr(f"plots.side.{value}")
            elif key == "skill":
                params[key] = wording.skill(value)
        key = f"event.{event_name(event.code)}"
        return tr(key, **params) if tr.has(key) else event_name(event.code).replace(".", " ").replace("_", " ")

    def _on_tick(self) -> None:
        if self.isVisible():
            self._fill()

    def _fill(self) -> None:
        found = self.events()
        now = self._live.newest if self._live.newest is not None else 0.0
        recent = bool(found) and now - found[0].time < _NEW_S + 0.2
        state = (len(found), found[0].time if found else -1.0, self.context.tr.language, recent)
        if state == self._shown:
            return
        self._shown = state
        self.model.fill(found, [self.words(e) for e in found], now)
        self.list.setVisible(bool(found))
        self.empty.setVisible(not found)
        if not found:
            self.empty.set("", self.context.tr("operate.events_empty"))

    def _go_to(self, index: QModelIndex) -> None:
        if self.context.session.source is None:
            self.context.session.set_playhead(self.model.events[index.row()].time)


def clock_words(time: float) -> str:
    """Time of a run as m:ss.s."""
    minutes, seconds = divmod(max(time, 0.0), 60.0)
    return f"{int(minutes)}:{seconds:04.1f}"
