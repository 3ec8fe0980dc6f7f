"""Joint health: every joint's torque as a share of its limit and its tracking error, left beside right."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from workbench.session import Change
from workbench.ui import theme
from workbench.ui.channel_names import joint_name
from workbench.ui.context import Panel, UiContext
from workbench.ui.icons import paint_verdict
from workbench.ui.live_samples import live_samples
from workbench.ui.operate.values import ATTENTION, HealthRow, JointValue, health_rows
from workbench.ui.theme import font
from workbench.ui.widgets import EmptyState, PanelHead, fill_column

_ROW, _TOP, _PAD = 21, 24, 12
_TICKS = 6  # of the bridge: five times a second is what one can read


class HealthTable(QWidget):
    """Paints the rows. ``chosen`` carries a joint name."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.rows: list[HealthRow] = []
        self.names: dict[str, str] = {}
        self.heads: tuple[str, str] = ("", "")
        self.selected = ""
        self._name_width = 90

    def show_rows(self, rows: list[HealthRow], names: dict[str, str], heads: tuple[str, str], selected: str) -> None:
        """New figures."""
        changed = [r.base for r in rows] != [r.base for r in self.rows] or names != self.names
        self.rows, self.names, self.heads, self.selected = rows, names, heads, selected
        if changed:
            metrics = QFontMetrics(font(12))
            self._name_width = min(max((metrics.horizontalAdvance(n) for n in names.values()), default=60) + 10, 150)
            self.setMinimumHeight(_TOP + _ROW * len(rows) + 8)
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(360, _TOP + _ROW * len(self.rows) + 8)

    def half(self, right: bool) -> QRectF:
        """Where the left or right values stand, as one column."""
        width = (self.width() - 2 * _PAD - self._name_width) / 2
        return QRectF(_PAD + self._name_width + (width if right else 0.0), 0, width, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint all."""
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(11))
        painter.setPen(QColor(tokens.tx3))
        for right, word in zip((False, True), self.heads, strict=True):
            area = self.half(right)
            painter.drawText(QRectF(area.left(), 4, area.width(), 16), Qt.AlignmentFlag.AlignVCenter, word)
        for k, row in enumerate(self.rows):
            top = float(_TOP + k * _ROW)
            painter.setFont(font(12))
            painter.setPen(QColor(tokens.tx))
            name = QFontMetrics(painter.font()).elidedText(
                self.names[row.base], Qt.TextElideMode.ElideRight, self._name_width - 6
            )
            painter.drawText(QRectF(_PAD, top, self._name_width, _ROW), Qt.AlignmentFlag.AlignVCenter, name)
            for right, value in ((False, row.left or row.middle), (True, row.right)):
                if value is not None:
                    self._paint_value(painter, self.half(right), top, value)
        painter.end()

    def _paint_value(self, painter: QPainter, area: QRectF, top: float, value: JointValue) -> None:
        tokens = theme.current()
        if value.joint == self.selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.acbg))
            painter.drawRoundedRect(QRectF(area.left() - 4, top + 1, area.width() - 2, _ROW - 2), 3, 3)
        bar = QRectF(area.left(), top + 8, max(24.0, area.width() - 96), 6)
        attention = value.load is not None and value.load >= ATTENTION
        if value.load is not None:
            full = bar.width() * 0.87
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.bg3))
            painter.drawRect(bar)
            painter.setBrush(QColor(tokens.wa if attention else tokens.tx2))
            painter.drawRect(QRectF(bar.left(), bar.top(), min(full * value.load, bar.width()), bar.height()))
            painter.setBrush(QColor(tokens.tx))
            painter.drawRect(QRectF(bar.left() + full - 0.7, bar.top() - 4, 1.4, bar.height() + 8))
            painter.setFont(font(12, 600 if attention else 400))
            painter.setPen(QColor(tokens.tx))
            box = QRectF(bar.right() + 4, top, 28, _ROW)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, f"{100 * value.load:.0f}")
        if value.error is not None:
            painter.setFont(font(11))
            painter.setPen(QColor(tokens.tx2))
            box = QRectF(bar.right() + 34, top, 38, _ROW)
            painter.drawText(
                box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, f"{math.degrees(value.error):.1f}°"
            )
        if attention:
            paint_verdict(painter, QRectF(bar.right() + 76, top + 4, 13, 13), "marginal", tokens)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the joint under the pointer."""
        k = int((event.position().y() - _TOP) // _ROW)
        if 0 <= k < len(self.rows):
            row = self.rows[k]
            right = event.position().x() >= self.half(True).left()
            value = row.right if right and row.right is not None else row.left or row.middle or row.right
            if value is not None:
                self.chosen.emit(value.joint)


class JointHealthPanel(Panel):
    """The joints of the connected robot or live simulation; only what the source really sends.

    Args:
        context: session, words, colours.
        parent: Qt parent.
    """

    interests: frozenset[Change] = frozenset({"project", "source", "selection", "mode"})

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._live = live_samples(context)
        self._ticks = 0
        self._version = -1
        self.head = PanelHead()
        self.table = HealthTable()
        self.table.chosen.connect(self._choose)
        self.scroll_area = QScrollArea()
        self.scroll_area.setWidgetResizable(True)
        self.scroll_area.setWidget(self.table)
        self.empty = EmptyState()
        fill_column(self, self.head, self.scroll_area, self.empty)
        context.bridge.tick.connect(self._on_tick)
        self.retranslate()

    def refresh(self, kinds: frozenset[Change]) -> None:
        """Another source, another joint."""
        self._fill()

    def retranslate(self) -> None:
        """New words."""
        self._fill()

    def apply_theme(self) -> None:
        """New colours."""
        self.table.update()

    def _on_tick(self) -> None:
        self._ticks += 1
        if self._ticks % _TICKS or not self.isVisible() or self._live.version == self._version:
            return
        self._fill()

    def _fill(self) -> None:
        session, tr = self.context.session, self.context.tr
        self._version = self._live.version
        rows = health_rows(session.robot, self._live.tails) if session.source is not None else []
        errors = any(v is not None and v.error is not None for r in rows for v in (r.left, r.right, r.middle))
        self.head.set(
            tr("operate.health"), tr("operate.health_error_about" if errors else "operate.health_about") if rows else ""
        )
        self.scroll_area.setVisible(bool(rows))
        self.empty.setVisible(not rows)
        if not rows:
            self.empty.set("", tr("operate.no_source" if session.source is None else "operate.waiting"))
            return
        names = {r.base: joint_name(tr, r.base) for r in rows}
        self.table.show_rows(rows, names, (tr("operate.left"), tr("operate.right")), session.selection.joint)

    def _choose(self, joint: str) -> None:
        session = self.context.session
        session.select(replace(session.selection, joint=joint, station="", object=""))
