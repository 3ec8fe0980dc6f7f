"""The heat map: steps across, joints down, error over tolerance as depth of violet; above 1 also as a number with a corner."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QToolTip, QWidget

from workbench.comparison.comparison import Comparison, Quantity
from workbench.errors import WorkbenchError
from workbench.i18n import Translator
from workbench.operations import compare_ops
from workbench.session import Change
from workbench.ui import theme
from workbench.ui.compare.view import StepColumn, columns_of, grouped_joints, heat_of, joint_words, select_cell, selected_joint
from workbench.ui.context import Command, Panel, UiContext
from workbench.ui.theme import font
from workbench.ui.widgets import EmptyState, PanelHead, Segmented, fill_column

Array = NDArray[np.float64]

_TOP, _LEGEND, _GROUP_GAP, _PAD = 56, 44, 7, 12
_ROW_LEAST, _ROW_MOST, _COLUMN_MOST = 18, 26, 150
#: The darkest colour stands for this many tolerances.
HEAT_END = 2.4
QUANTITIES: tuple[Quantity, ...] = ("position", "torque", "velocity")


def heat_colour(value: float, shades: tuple[str, ...]) -> QColor:
    """Colour of error over tolerance."""
    share = min(max(value / HEAT_END, 0.0), 1.0) * (len(shades) - 1)
    low = min(int(share), len(shades) - 2)
    a, b, t = QColor(shades[low]), QColor(shades[low + 1]), share - low
    return QColor(*(round(x + (y - x) * t) for x, y in ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))))


def on_colour(colour: QColor) -> QColor:
    """Black or white, whichever reads better on a colour."""
    luminance = 0.2126 * colour.redF() ** 2.2 + 0.7152 * colour.greenF() ** 2.2 + 0.0722 * colour.blueF() ** 2.2
    return QColor("#FFFFFF") if luminance < 0.195 else QColor("#10151B")


class HeatGrid(QWidget):
    """Paints the cells. ``chosen`` carries joint index and column index."""

    chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(False)
        self.heat: Array = np.empty((0, 0))
        self.rows: list[int] = []
        self.columns: list[StepColumn] = []
        self.selected: tuple[int, int] = (-1, -1)
        self._group_of: list[str] = []
        self._breaks: list[bool] = []
        self._names: dict[int, str] = {}
        self._legend_words = ""
        self._name_width = 120
        self._group_width = 44

    def show_data(
        self,
        heat: Array,
        groups: list[tuple[str, list[int]]],
        names: dict[int, str],
        group_names: dict[str, str],
        columns: list[StepColumn],
        legend: str,
    ) -> None:
        """New contents: heat (joints, columns), row indices by group, words."""
        self.heat, self.columns, self._names, self._legend_words = heat, columns, names, legend
        self.rows = [i for _, indices in groups for i in indices]
        self._group_of = [group_names[g] if k == 0 else "" for g, indices in groups for k in range(len(indices))]
        self._breaks = [k > 0 and bool(self._group_of[k]) for k in range(len(self.rows))]
        metrics = QFontMetrics(font(12, 600))
        self._name_width = min(190, max((metrics.horizontalAdvance(names[i]) for i in self.rows), default=80) + 8)
        self._group_width = max((metrics.horizontalAdvance(g) for g in self._group_of), default=40) + 10
        self.setMinimumHeight(self._height(_ROW_LEAST))
        self.updateGeometry()
        self.update()

    def select(self, row: int, column: int) -> None:
        """Frame a cell (-1, -1: none)."""
        if (row, column) != self.selected:
            self.selected = (row, column)
            self.update()

    def sizeHint(self) -> QSize:
        """As high as wanted."""
        return QSize(480, self._height(22))

    def cell_rect(self, k: int, column: int) -> QRectF:
        """Cell of the k-th shown row."""
        height, width, left = self._row_height(), self._column_width(), self._left()
        breaks = sum(self._breaks[: k + 1])
        return QRectF(left + column * width + 1, _TOP + k * height + breaks * _GROUP_GAP + 1, width - 2, height - 2)

    def cell_at(self, x: float, y: float) -> tuple[int, int]:
        """Shown row and column at a point, (-1, -1) for none."""
        column = int((x - self._left()) // self._column_width()) if x >= self._left() else -1
        if not 0 <= column < len(self.columns):
            return -1, -1
        for k in range(len(self.rows)):
            rect = self.cell_rect(k, column)
            if rect.top() - 1 <= y <= rect.bottom() + 1:
                return k, column
        return -1, -1

    def value(self, k: int, column: int) -> float:
        """Error over tolerance of a cell, NaN if unknown."""
        return float(self.heat[self.rows[k], column])

    # --- painting ----------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint all."""
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(tokens.bg1))
        chosen_row, chosen_column = self.selected
        width = self._column_width()
        for c, column in enumerate(self.columns):
            strong = c == chosen_column
            rect = QRectF(self._left() + c * width + 2, 6, width - 4, 17)
            painter.setPen(QColor(tokens.tx2))
            painter.setFont(font(11))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, column.number)
            painter.setFont(font(11, 600 if strong else 400))
            painter.setPen(QColor(tokens.tx if strong else tokens.tx2))
            area = QRectF(self._left() + c * width + 2, 22, width - 4, 30)
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(area, flags, column.words)
        for k, i in enumerate(self.rows):
            first = self.cell_rect(k, 0)
            painter.setFont(font(11))
            painter.setPen(QColor(tokens.tx2))
            if self._group_of[k]:
                painter.drawText(
                    QRectF(_PAD, first.top(), self._group_width, first.height()), Qt.AlignmentFlag.AlignVCenter, self._group_of[k]
                )
            strong = k == chosen_row
            painter.setFont(font(11, 600 if strong else 400))
            painter.setPen(QColor(tokens.tx if strong else tokens.tx2))
            area = QRectF(_PAD + self._group_width, first.top(), self._name_width - 6, first.height())
            name = QFontMetrics(painter.font()).elidedText(self._names[i], Qt.TextElideMode.ElideRight, int(area.width()))
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, name)
            for c in range(len(self.columns)):
                self._paint_cell(painter, self.cell_rect(k, c), float(self.heat[i, c]))
        if chosen_row >= 0 and chosen_column >= 0 and chosen_row < len(self.rows):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.ac), 2.5))
            painter.drawRoundedRect(self.cell_rect(chosen_row, chosen_column).adjusted(-1, -1, 1, 1), 4, 4)
        self._paint_legend(painter)
        painter.end()

    def _paint_cell(self, painter: QPainter, rect: QRectF, value: float) -> None:
        tokens = theme.current()
        painter.setPen(QPen(QColor(tokens.line), 1))
        if not np.isfinite(value):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect, 3, 3)
            painter.setPen(QPen(QColor(tokens.tx3), 1))
            middle = rect.center()
            painter.drawLine(QPointF(middle.x() - 3, middle.y()), QPointF(middle.x() + 3, middle.y()))
            return
        colour = heat_colour(value, tokens.heat)
        painter.setBrush(colour)
        painter.drawRoundedRect(rect, 3, 3)
        if value <= 1.0:
            return
        ink = on_colour(colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        corner = rect.topRight()
        painter.drawPolygon(QPolygonF([corner, QPointF(corner.x() - 7, corner.y()), QPointF(corner.x(), corner.y() + 7)]))
        if rect.width() > 24:
            painter.setPen(ink)
            painter.setFont(font(11, 600))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, f"{value:.1f}" if value < 100 else ">99")

    def _paint_legend(self, painter: QPainter) -> None:
        tokens = theme.current()
        top = float(self._height(self._row_height()) - _LEGEND + 12)
        left, count, each = self._left(), 24, 8.0
        painter.setPen(Qt.PenStyle.NoPen)
        for i in range(count):
            painter.setBrush(heat_colour((i + 0.5) / count * HEAT_END, tokens.heat))
            painter.drawRect(QRectF(left + i * each, top, each + 0.5, 10))
        painter.setPen(QPen(QColor(tokens.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(left, top, count * each, 10))
        painter.setFont(font(11))
        painter.setPen(QColor(tokens.tx2))
        for mark in (0, 1, 2):
            x = left + mark / HEAT_END * count * each
            painter.drawText(QRectF(x - 12, top + 11, 24, 15), Qt.AlignmentFlag.AlignCenter, str(mark))
        room = QRectF(left + count * each + 12, top - 4, self.width() - left - count * each - 20, 18)
        words = QFontMetrics(painter.font()).elidedText(self._legend_words, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)

    # --- sizes -------------------------------------------------------------------------------------------------------
    def _left(self) -> float:
        return float(_PAD + self._group_width + self._name_width)

    def _column_width(self) -> float:
        room = self.width() - self._left() - _PAD
        return float(min(max(room / max(len(self.columns), 1), 18.0), _COLUMN_MOST))

    def _row_height(self) -> float:
        room = self.height() - _TOP - _LEGEND - _GROUP_GAP * sum(self._breaks)
        return float(min(max(room / max(len(self.rows), 1), _ROW_LEAST), _ROW_MOST))

    def _height(self, row: float) -> int:
        return int(_TOP + row * len(self.rows) + _GROUP_GAP * sum(self._breaks) + _LEGEND)

    # --- choosing ----------------------------------------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the cell under the pointer."""
        k, column = self.cell_at(event.position().x(), event.position().y())
        if k >= 0:
            self.chosen.emit(self.rows[k], column)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the choice."""
        moves = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
        move = moves.get(Qt.Key(event.key()))
        if move is None or not self.rows or not self.columns:
            super().keyPressEvent(event)
            return
        k = min(max(self.selected[0] + move[0], 0), len(self.rows) - 1)
        column = min(max(self.selected[1] + move[1], 0), len(self.columns) - 1)
        self.chosen.emit(self.rows[k], column)

    def event(self, event: QEvent) -> bool:
        """The tooltip names joint, step and value."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            k, column = self.cell_at(event.pos().x(), event.pos().y())
            text = ""
            if k >= 0:
                value = self.value(k, column)
                shown = f"{value:.2f}" if np.isfinite(value) else "–"
                text = f"{self._names[self.rows[k]]}, {self.columns[column].words}: {shown}"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cells stretch."""
        super().resizeEvent(event)
        self.update()


class HeatmapPanel(Panel):
    """Steps × joints of the session's comparison.

    Args:
        context: session, words, colours.
        parent: Qt parent.
    """

    interests: frozenset[Change] = frozenset({"project", "comparison", "selection", "plan"})

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.head = PanelHead()
        self.switch = Segmented((("position", ""), ("torque", ""), ("velocity", "")))
        self.switch.changed.connect(self._choose_quantity)
        self.head.add(self.switch)
        self.grid = HeatGrid()
        self.grid.chosen.connect(self._choose)
        self.scroll_area = QScrollArea()
        self.scroll_area.setWidgetResizable(True)
        self.scroll_area.setWidget(self.grid)
        self.empty = EmptyState()
        fill_column(self, self.head, self.scroll_area, self.empty)
        self.retranslate()

    def refresh(self, kinds: frozenset[Change]) -> None:
        """Another comparison or another selection."""
        if kinds - {"selection"}:
            self._fill()
        self._mark()

    def retranslate(self) -> None:
        """New words."""
        tr = self.context.tr
        self.switch.set_texts({q: tr(f"compare.quantity.{q}") for q in QUANTITIES})
        self._fill()
        self._mark()

    def apply_theme(self) -> None:
        """New colours."""
        self.grid.update()

    def commands(self) -> list[Command]:
        """The quantities."""

        def has() -> bool:
            return self.context.session.comparison is not None

        return [
            Command(f"compare.{q}", partial(self._choose_quantity, q), "", "heat", enabled=has, menu="compare")
            for q in QUANTITIES
        ]

    def _fill(self) -> None:
        session, tr = self.context.session, self.context.tr
        found = session.comparison
        self.head.set(tr("compare.heat_title"), summary(found, tr) if found else "")
        self.scroll_area.setVisible(found is not None)
        self.empty.setVisible(found is None)
        self.switch.setVisible(found is not None)
        if found is None:
            self.empty.set("", tr("compare.empty"))
            return
        self.switch.set_current(found.quantity)
        names = {i: joint_words(tr, name) for i, name in enumerate(found.joint_names)}
        groups = grouped_joints(found, session.robot)
        words = {group: tr(f"compare.group.{group}") for group, _ in groups}
        self.grid.show_data(heat_of(found), groups, names, words, columns_of(found, session, tr), tr("compare.legend"))

    def _mark(self) -> None:
        session = self.context.session
        found = session.comparison
        if found is None:
            return
        joint = selected_joint(found, session)
        row = self.grid.rows.index(found.joint_names.index(joint)) if joint else -1
        chosen = session.selection.steps[0] if session.selection.steps else ""
        column = next((c for c, s in enumerate(self.grid.columns) if s.id == chosen), 0 if not found.steps else -1)
        self.grid.select(row, column)

    def _choose(self, joint: int, column: int) -> None:
        found = self.context.session.comparison
        if found is not None:
            select_cell(self.context.session, found, found.joint_names[joint], self.grid.columns[column])

    def _choose_quantity(self, quantity: str) -> None:
        session = self.context.session
        chosen = next(q for q in QUANTITIES if q == quantity)
        try:
            compare_ops.set_quantity(session, chosen)
        except WorkbenchError as error:  # such as a log without torque: say so, keep what is shown
            self.head.set(self.context.tr("compare.heat_title"), self.context.tr.error(error))
            if session.comparison is not None:
                self.switch.set_current(session.comparison.quantity)


def summary(found: Comparison, tr: Translator) -> str:
    """How many cells are above their tolerance."""
    heat = heat_of(found)
    known = np.isfinite(heat)
    return tr("compare.summary", over=int(np.sum(heat[known] > 1.0)), cells=int(known.sum()))
