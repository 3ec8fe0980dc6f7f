"""What is drawn on and beside a plot: styles of curves, time axis, ground, names and values at the right end, read-out box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QGraphicsObject, QStyleOptionGraphicsItem, QWidget

from workbench.ui.theme import font
from workbench.ui.tokens import Tokens

#: From here on curves lose antialiasing, which costs more than the line itself.
SMOOTH_POINTS = 9000
#: Height of the row above a plot with its title, px.
TITLE_HEIGHT = 22
#: Between two values of a read-out, and between a name and its value, px.
_PAIR, _WORD = 14, 5
_DASHES = {"solid": (), "dash": (7.0, 2.0), "dot": (2.0, 2.0), "twin": (5.0, 3.0)}


@dataclass(frozen=True, slots=True)
class Style:
    """Colour token and dash (solid, dash, dot, twin) of a curve."""

    tone: str
    dash: str = "solid"


LEFT, RIGHT, THIRD = Style("s2"), Style("s4", "dash"), Style("s3", "dot")
MEASURED, TWIN = Style("tx"), Style("tw", "twin")
#: Order of styles for curves that are neither left nor right.
MORE = (MEASURED, Style("s2"), Style("s4", "dash"), Style("s3", "dot"), Style("tx2", "dash"), Style("tx3", "dot"))


def curve_pen(style: Style, tokens: Tokens) -> QPen:
    """The pen of a curve. One device pixel wide, which Qt draws up to a hundred times faster than anything wider."""
    pen = QPen(QColor(getattr(tokens, style.tone)), 1.0)
    pen.setCosmetic(True)
    if _DASHES[style.dash]:
        pen.setDashPattern(list(_DASHES[style.dash]))
    return pen


def number(value: float) -> str:
    """A value with as many digits as it deserves."""
    if not np.isfinite(value):
        return "–"
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 else 3 if size > 0 else 0
    return f"{value:.{digits}f}"


class TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """Seconds with their unit; while live counted back from now."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.now: float | None = None
        self.now_word = ""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> Any:
        """Round numbers before now while live."""
        if self.now is None:
            return super().tickValues(minVal, maxVal, size)
        levels = super().tickValues(minVal - self.now, maxVal - self.now, size)
        return [(spacing, [v + self.now for v in values]) for spacing, values in levels]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """ "5 s", or "-5 s" and the word for now."""
        shift = self.now or 0.0
        shown = [round(v - shift, 6) for v in values]
        return [self.now_word if self.now is not None and abs(v) < 1e-6 else f"{v:g} s" for v in shown]


class Ground(QGraphicsObject):
    """The lane colour behind a plot's grid and curves."""

    def __init__(self, item: pg.PlotItem) -> None:
        super().__init__(item)
        self._item = item
        self.tokens: Tokens | None = None
        self.setFlag(self.GraphicsItemFlag.ItemNegativeZStacksBehindParent)
        self.setZValue(-300)
        item.getViewBox().sigResized.connect(self._resized)

    def _resized(self, *_: Any) -> None:
        self.prepareGeometryChange()
        self.update()

    def boundingRect(self) -> QRectF:
        """The view box."""
        return QRectF(self._item.getViewBox().geometry())

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Fill it."""
        if self.tokens is not None:
            painter.fillRect(self.boundingRect(), QColor(self.tokens.lane))


@dataclass(frozen=True, slots=True)
class EndLabel:
    """What stands at the right end of a curve."""

    name: str
    value: str
    style: Style
    y: float


class EndLabels(QGraphicsObject):
    """Names and values beside the plot, each at the height of its curve, pushed apart where they would touch."""

    def __init__(self, item: pg.PlotItem, width: int) -> None:
        super().__init__(item)
        self._item = item
        self._width = width
        self._labels: tuple[EndLabel, ...] = ()
        self.tokens: Tokens | None = None
        self.setZValue(50)

    def set(self, labels: Sequence[EndLabel]) -> None:
        """New labels."""
        self._labels = tuple(labels)
        self.update()

    def boundingRect(self) -> QRectF:
        """Right of the view box, as high as the plot."""
        area = self._item.getViewBox().geometry()
        return QRectF(area.right() - 6, area.top() - 4, self._width + 6, area.height() + 8)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint them."""
        if self.tokens is None or not self._labels or self._width < 40:
            return
        area = self._item.getViewBox().geometry()
        low, high = self._item.getViewBox().viewRange()[1]
        span = max(high - low, 1e-12)
        rows = self._rows(area, low, span, high)
        plain, strong = font(11), font(11, 600)
        metrics = QFontMetrics(plain)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for y, label in rows:
            left = area.right() + 6
            painter.setPen(curve_pen(label.style, self.tokens))
            painter.drawLine(QPointF(left, y), QPointF(left + 14, y))
            value_width = metrics.horizontalAdvance(label.value) + 4
            room = int(self._width - 26 - value_width - 8)
            painter.setFont(plain)
            painter.setPen(QColor(self.tokens.tx2))
            shown = metrics.elidedText(label.name, Qt.TextElideMode.ElideRight, room)
            painter.drawText(
                QRectF(left + 19, y - 8, room, 16), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown
            )
            painter.setFont(strong)
            painter.setPen(QColor(self.tokens.tx))
            place = QRectF(area.right() + self._width - value_width - 8, y - 8, value_width, 16)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, label.value)

    def _rows(self, area: QRectF, low: float, span: float, high: float) -> list[tuple[float, EndLabel]]:
        pitch = 15.0
        most = max(1, int(area.height() // pitch))
        wanted = []
        for label in self._labels[:most]:
            share = (min(max(label.y, low), high) - low) / span if np.isfinite(label.y) else 0.5
            wanted.append((area.bottom() - share * area.height(), label))
        wanted.sort(key=lambda pair: pair[0])
        placed: list[tuple[float, EndLabel]] = []
        at = area.top() + 4
        for y, label in wanted:
            at = max(y, at)
            placed.append((at, label))
            at += pitch
        over = placed[-1][0] - (area.bottom() - 4) if placed else 0.0
        if over > 0:
            limit = area.bottom() - 4
            for i in range(len(placed) - 1, -1, -1):
                y = min(placed[i][0], limit)
                placed[i] = (y, placed[i][1])
                limit = y - pitch
        return placed


class ReadOut(QGraphicsObject):
    """Names and values at the cursor: a line over the plot, beside its title, where no curve is covered.

    Where that line is too long for the plot, a box beside the cursor.
    """

    def __init__(self, item: pg.PlotItem, right: int) -> None:
        super().__init__(item)
        self._item = item
        self._right = right - _WORD
        self._rows: tuple[tuple[str, str, str], ...] = ()
        self._x: float | None = None
        self.tokens: Tokens | None = None
        self.setZValue(60)

    def set(self, x: float | None, rows: Sequence[tuple[str, str, str]] = ()) -> None:
        """Rows of (name, value, tone token) at a time; None: nothing."""
        self._x, self._rows = x, tuple(rows)
        self.prepareGeometryChange()
        self.update()

    def boundingRect(self) -> QRectF:
        """The plot with the row of its title up to the far right, over names and values too: the read-out moves within it."""
        return QRectF(self._item.getViewBox().geometry()).adjusted(0, -TITLE_HEIGHT, self._right, 0)

    def line(self) -> QRectF | None:
        """Where the line stands; None where it is too long or there is nothing to say."""
        area = QRectF(self._item.getViewBox().geometry())
        start, end = self._item.getViewBox().viewRange()[0]
        if self._x is None or not self._rows or not start <= self._x <= end:
            return None
        width = sum(name + value + _PAIR for name, value in self._widths()) - _PAIR + _WORD
        first, last = area.left() + self._item.titleLabel.itemRect().width() + 2 * _PAIR, area.right() + self._right
        if first + width > last:
            return None
        middle = area.left() + (self._x - start) / max(end - start, 1e-12) * area.width()
        left = min(max(middle - width / 2, first), last - width)
        return QRectF(left, area.top() - TITLE_HEIGHT + 2, width, TITLE_HEIGHT - 4)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint the line, else the box."""
        if self._x is None or not self._rows or self.tokens is None:
            return
        start, end = self._item.getViewBox().viewRange()[0]
        if not start <= self._x <= end:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.line()
        if line is not None:
            self._paint_line(painter, self.tokens, line)
        else:
            self._paint_box(painter, self.tokens, (self._x - start) / max(end - start, 1e-12))

    def _widths(self) -> list[tuple[float, float]]:
        """Of each name, with the space behind it, and each value, px."""
        plain, strong = QFontMetrics(font(11)), QFontMetrics(font(11, 600))
        return [(plain.horizontalAdvance(name) + _WORD, strong.horizontalAdvance(value) + 1) for name, value, _ in self._rows]

    def _paint_line(self, painter: QPainter, tokens: Tokens, line: QRectF) -> None:
        x = line.left()
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        for (name, value, tone), (name_width, value_width) in zip(self._rows, self._widths(), strict=True):
            painter.setFont(font(11))
            painter.setPen(QColor(tokens.tx2))
            painter.drawText(QRectF(x, line.top(), name_width, line.height()), middle, name)
            painter.setFont(font(11, 600))
            painter.setPen(QColor(getattr(tokens, tone)))
            painter.drawText(QRectF(x + name_width, line.top(), value_width + 4, line.height()), middle, value)
            x += name_width + value_width + _PAIR

    def _paint_box(self, painter: QPainter, tokens: Tokens, share: float) -> None:
        """On the roomier side of the cursor, which stands at a share of the width."""
        area = QRectF(self._item.getViewBox().geometry())
        widths = self._widths()
        width = max(name for name, _ in widths) + max(value for _, value in widths) + 26
        height = 15 * len(self._rows) + 6
        x = area.left() + share * area.width()
        left = x + 9 if x + 9 + width < area.right() else x - 9 - width
        left = max(min(left, area.right() - width - 2), area.left() + 2)
        box = QRectF(left, area.top() + 4, width, min(height, area.height() - 6))
        painter.setPen(QPen(QColor(tokens.ctl), 1))
        painter.setBrush(QColor(tokens.bg2))
        painter.drawRoundedRect(box, 3, 3)
        painter.setClipRect(box)
        for i, (name, value, tone) in enumerate(self._rows):
            row = QRectF(box.left() + 8, box.top() + 3 + 15 * i, box.width() - 16, 15)
            painter.setFont(font(11))
            painter.setPen(QColor(tokens.tx2))
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
            painter.setFont(font(11, 600))
            painter.setPen(QColor(getattr(tokens, tone)))
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, value)
