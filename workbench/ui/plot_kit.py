"""Plots as the house draws them: quiet ground, major grid only, names and values at the right end, limits with words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QGraphicsObject, QStyleOptionGraphicsItem, QWidget

from workbench.ui.theme import font
from workbench.ui.tokens import Tokens

Array = NDArray[np.float64]

#: From here on curves lose antialiasing and the wider pen: both cost many times the line itself.
SMOOTH_POINTS = 9000
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


def curve_pen(style: Style, tokens: Tokens, smooth: bool = True) -> QPen:
    """The pen of a curve; one device pixel wide where there is much to draw."""
    pen = QPen(QColor(getattr(tokens, style.tone)), 1.3 if smooth else 1.0)
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


class Plot:
    """One plot: a pyqtgraph PlotItem in the house's dress with curves, limits, cursor and end labels.

    Args:
        item: the PlotItem, already in a layout.
        tokens: colours.
        right: px kept free at the right end for names and values.
    """

    def __init__(self, item: pg.PlotItem, tokens: Tokens, right: int = 148) -> None:
        self.item = item
        self.tokens = tokens
        self.curves: dict[str, pg.PlotCurveItem] = {}
        self.styles: dict[str, Style] = {}
        self._limits: list[tuple[pg.InfiniteLine, pg.TextItem]] = []
        self._y: tuple[float, float] | None = None
        item.hideButtons()
        item.setMenuEnabled(False)
        item.layout.setContentsMargins(2, 0, right, 4)
        item.layout.setVerticalSpacing(0)
        box = item.getViewBox()
        box.setMouseEnabled(x=True, y=False)
        box.disableAutoRange()
        box.setDefaultPadding(0.0)
        item.getAxis("left").setWidth(46)
        self.ground = Ground(item)
        for side in ("left", "bottom"):  # the grid belongs to the axes: below the curves, above the ground
            item.getAxis(side).setZValue(-150)
        self.ends = EndLabels(item, right)
        self.cursor = pg.InfiniteLine(angle=90, movable=True)
        self.cursor.setZValue(40)
        self.cursor.hide()
        item.addItem(self.cursor, ignoreBounds=True)
        self.box = ReadOut(item)
        self.span = pg.LinearRegionItem(movable=False)
        self.span.setZValue(-20)
        self.span.hide()
        item.addItem(self.span, ignoreBounds=True)
        self.recolour(tokens)

    def recolour(self, tokens: Tokens) -> None:
        """Take a theme's colours."""
        self.tokens = tokens
        for side in ("left", "bottom"):
            axis = self.item.getAxis(side)
            axis.setPen(pg.mkPen(None))
            axis.setTickPen(pg.mkPen(QColor(tokens.line)))
            axis.setTextPen(pg.mkPen(QColor(tokens.tx2)))
            axis.setStyle(tickFont=font(11), tickLength=0, maxTickLevel=0, hideOverlappingLabels=False)
            axis.setGrid(255)
        self.ground.tokens = tokens
        self.ground.update()
        for name, curve in self.curves.items():
            curve.setPen(curve_pen(self.styles[name], tokens))
        self.cursor.setPen(pg.mkPen(QColor(tokens.tx), width=1))
        self.cursor.setHoverPen(pg.mkPen(QColor(tokens.tx), width=1))
        tint = QColor(tokens.ac)
        tint.setAlphaF(0.10)
        self.span.setBrush(tint)
        for line in self.span.lines:
            line.setPen(pg.mkPen(None))
        for line, text in self._limits:
            self._dress_limit(line, text)
        self.ends.tokens = self.box.tokens = tokens
        self.ends.update()

    def title(self, name: str, unit: str = "") -> None:
        """Name in strong, unit in secondary."""
        unit_html = f"&nbsp;&nbsp;<span style='color:{self.tokens.tx2};font-weight:400'>{unit}</span>" if unit else ""
        text = f"<span style='color:{self.tokens.tx};font-weight:600;font-size:12px'>{name}{unit_html}</span>"
        self.item.setTitle(text, justify="left")
        self.item.titleLabel.setMaximumHeight(22)
        self.item.layout.setRowFixedHeight(0, 22)

    def curve(self, name: str, style: Style) -> pg.PlotCurveItem:
        """The curve of that name, made on first use."""
        if name not in self.curves:
            made = pg.PlotCurveItem(skipFiniteCheck=False)
            self.item.addItem(made)
            made.setZValue(10 if style.dash == "solid" else 5)
            self.curves[name] = made
        if self.styles.get(name) != style:
            self.styles[name] = style
            self.curves[name].setPen(curve_pen(style, self.tokens))
        return self.curves[name]

    def set_data(self, name: str, style: Style, x: Array, y: Array, smooth: bool = True) -> None:
        """Samples of a curve; NaN breaks the line."""
        curve = self.curve(name, style)
        if bool(curve.opts.get("antialias")) != smooth:
            curve.setPen(curve_pen(style, self.tokens, smooth))
        curve.setData(x, y, connect="finite", antialias=smooth)

    def keep(self, names: Sequence[str]) -> None:
        """Remove the curves that are not in ``names``."""
        for name in [n for n in self.curves if n not in names]:
            self.item.removeItem(self.curves.pop(name))
            self.styles.pop(name, None)

    def limits(self, values: Sequence[tuple[float, str]]) -> None:
        """Dashed lines with words."""
        for line, text in self._limits:
            self.item.removeItem(line)
            self.item.removeItem(text)
        self._limits = []
        for value, words in values:
            line, text = pg.InfiniteLine(pos=value, angle=0, movable=False), pg.TextItem(words, anchor=(0, 1))
            line.setZValue(3)
            self._dress_limit(line, text)
            self.item.addItem(line, ignoreBounds=True)
            self.item.addItem(text, ignoreBounds=True)
            text.setPos(self.item.getViewBox().viewRange()[0][0], value)
            self._limits.append((line, text))

    def x_range(self, start: float, end: float) -> None:
        """Show this span of time."""
        self.item.setXRange(start, max(end, start + 1e-3), padding=0)
        for line, text in self._limits:
            text.setPos(start, line.value())

    def y_range(self, low: float, high: float) -> None:
        """Show this span of values; small changes are not followed, so that the plot stands still."""
        if not (np.isfinite(low) and np.isfinite(high)):
            return
        room = 0.08 * max(high - low, 1e-9) if high > low else max(abs(high) * 0.1, 1e-3)
        low, high = low - room, high + room
        if self._y is not None:
            a, b = self._y
            size = b - a
            if a <= low and high <= b and (high - low) > 0.55 * size:
                return
        self._y = (low, high)
        self.item.setYRange(low, high, padding=0)

    def y_of(self, shown: Sequence[Array], include: Sequence[float] = (), floor: float = 0.0) -> None:
        """Choose the span of values from what is drawn, with limits that lie near it; ``floor``: smallest span."""
        values = [v for v in shown if len(v)]
        low = min((float(np.nanmin(v)) for v in values if not np.all(np.isnan(v))), default=0.0)
        high = max((float(np.nanmax(v)) for v in values if not np.all(np.isnan(v))), default=1.0)
        near = max(1.2 * (high - low), floor, 1e-9)
        for limit in include:
            if low - near <= limit <= high + near:
                low, high = min(low, limit), max(high, limit)
        if high - low < floor:
            middle = (low + high) / 2
            low, high = middle - floor / 2, middle + floor / 2
        self.y_range(low, high)

    def _dress_limit(self, line: pg.InfiniteLine, text: pg.TextItem) -> None:
        pen = QPen(QColor(self.tokens.wa), 1.2)
        pen.setCosmetic(True)
        pen.setDashPattern([4.0, 3.0])
        line.setPen(pen)
        text.setColor(QColor(self.tokens.wa))
        text.setFont(font(11))


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
        metrics = QFontMetrics(font(11))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for y, label in rows:
            left = area.right() + 6
            painter.setPen(curve_pen(label.style, self.tokens))
            painter.drawLine(QPointF(left, y), QPointF(left + 14, y))
            value_width = metrics.horizontalAdvance(label.value) + 4
            room = int(self._width - 26 - value_width - 8)
            painter.setFont(font(11))
            painter.setPen(QColor(self.tokens.tx2))
            shown = metrics.elidedText(label.name, Qt.TextElideMode.ElideRight, room)
            painter.drawText(
                QRectF(left + 19, y - 8, room, 16), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown
            )
            painter.setFont(font(11, 600))
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
    """The box beside the cursor: rows of name and value."""

    def __init__(self, item: pg.PlotItem) -> None:
        super().__init__(item)
        self._item = item
        self._rows: tuple[tuple[str, str, str], ...] = ()
        self._x: float | None = None
        self.tokens: Tokens | None = None
        self.setZValue(60)

    def set(self, x: float | None, rows: Sequence[tuple[str, str, str]] = ()) -> None:
        """Rows of (name, value, tone token) at a time; None: no box."""
        self._x, self._rows = x, tuple(rows)
        self.prepareGeometryChange()
        self.update()

    def boundingRect(self) -> QRectF:
        """The whole plot: the box moves within it."""
        return QRectF(self._item.getViewBox().geometry())

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint the box on the roomier side of the cursor."""
        if self._x is None or not self._rows or self.tokens is None:
            return
        area = self._item.getViewBox().geometry()
        start, end = self._item.getViewBox().viewRange()[0]
        if not start <= self._x <= end:
            return
        metrics = QFontMetrics(font(11, 600))
        names = max(metrics.horizontalAdvance(name) for name, _, _ in self._rows)
        values = max(metrics.horizontalAdvance(value) for _, value, _ in self._rows)
        width, height = names + values + 34, 17 * len(self._rows) + 8
        x = area.left() + (self._x - start) / max(end - start, 1e-12) * area.width()
        left = x + 9 if x + 9 + width < area.right() else x - 9 - width
        box = QRectF(left, area.top() + 8, width, min(height, area.height() - 10))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.tokens.ctl), 1))
        painter.setBrush(QColor(self.tokens.bg2))
        painter.drawRoundedRect(box, 3, 3)
        painter.setClipRect(box)
        for i, (name, value, tone) in enumerate(self._rows):
            line = QRectF(box.left() + 9, box.top() + 4 + 17 * i, box.width() - 18, 17)
            painter.setFont(font(11))
            painter.setPen(QColor(self.tokens.tx2))
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
            painter.setFont(font(11, 600))
            painter.setPen(QColor(getattr(self.tokens, tone)))
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, value)


class PlotBoard(pg.GraphicsLayoutWidget):  # type: ignore[misc]
    """Several plots below each other on one canvas with a common time axis and one cursor."""

    def __init__(self, tokens: Tokens, right: int = 148, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plots: list[Plot] = []
        self.tokens = tokens
        self._right = right
        self.scrubbed: Callable[[float], None] = lambda time: None
        self.ranged: Callable[[], None] = lambda: None
        self._quiet = False
        self.ci.layout.setContentsMargins(0, 4, 0, 2)
        self.ci.layout.setVerticalSpacing(2)
        self.setFrameShape(self.Shape.NoFrame)
        self.scene().sigMouseClicked.connect(self._on_click)
        self.recolour(tokens)

    def recolour(self, tokens: Tokens) -> None:
        """Take a theme's colours."""
        self.tokens = tokens
        self.setBackground(QColor(tokens.bg1))
        for plot in self.plots:
            plot.recolour(tokens)

    def set_count(self, count: int) -> None:
        """So many plots; the last one carries the time axis. The shown span of time stays."""
        self._quiet = True
        x = self.x
        while len(self.plots) > count:
            self.ci.removeItem(self.plots.pop().item)
        while len(self.plots) < count:
            plot = Plot(self.addPlot(row=len(self.plots), col=0, axisItems={"bottom": TimeAxis()}), self.tokens, self._right)
            plot.cursor.sigDragged.connect(lambda line: self.scrubbed(float(line.value())))
            plot.item.getViewBox().sigXRangeChanged.connect(self._on_range)
            if self.plots:
                plot.item.setXLink(self.plots[0].item)
            self.plots.append(plot)
        for i, plot in enumerate(self.plots):
            axis = plot.item.getAxis("bottom")
            last = i == len(self.plots) - 1
            axis.setStyle(showValues=last)
            axis.setHeight(20 if last else 2)
        self._quiet = False
        if self.plots:
            self.set_x(*x)

    def show_cursor(self, time: float | None) -> None:
        """The cursor through all plots, or none."""
        for plot in self.plots:
            plot.cursor.setVisible(time is not None)
            if time is not None and plot.cursor.value() != time:
                plot.cursor.setValue(time)

    def set_x(self, start: float, end: float) -> None:
        """Show this span of time in all plots without telling."""
        self._quiet = True
        for plot in self.plots:
            plot.x_range(start, end)
        self._quiet = False

    def set_now(self, now: float | None, word: str = "") -> None:
        """Count the time axis back from now, or not."""
        for plot in self.plots:
            axis = plot.item.getAxis("bottom")
            axis.now, axis.now_word = now, word

    @property
    def x(self) -> tuple[float, float]:
        """The shown span of time."""
        if not self.plots:
            return 0.0, 1.0
        start, end = self.plots[0].item.getViewBox().viewRange()[0]
        return float(start), float(end)

    @property
    def pixels(self) -> int:
        """Width of a plot in px."""
        return max(64, int(self.plots[0].item.getViewBox().width())) if self.plots else 64

    def _on_range(self, *_: Any) -> None:
        if not self._quiet:
            self.ranged()

    def _on_click(self, event: Any) -> None:
        for plot in self.plots:
            box = plot.item.getViewBox()
            if box.sceneBoundingRect().contains(event.scenePos()) and plot.cursor.isVisible():
                self.scrubbed(float(box.mapSceneToView(event.scenePos()).x()))
                return
