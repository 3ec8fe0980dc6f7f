"""Plots as the house draws them: quiet ground, major grid only, names and values at the right end, limits with words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from workbench.ui.plot_marks import TITLE_HEIGHT, EndLabels, Ground, ReadOut, Style, TimeAxis, curve_pen
from workbench.ui.theme import font
from workbench.ui.tokens import Tokens

Array = NDArray[np.float64]


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
        self._limits_shown: tuple[tuple[float, str], ...] = ()
        self._title = ""
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
        self.box = ReadOut(item, right)
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
        if text == self._title:
            return  # a title is a document: setting it lays out the whole plot
        self._title = text
        self.item.setTitle(text, justify="left")
        self.item.titleLabel.setMaximumHeight(TITLE_HEIGHT)
        self.item.layout.setRowFixedHeight(0, TITLE_HEIGHT)

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
        curve.setData(x, y, connect="finite", antialias=smooth)

    def keep(self, names: Sequence[str]) -> None:
        """Remove the curves that are not in ``names``."""
        for name in [n for n in self.curves if n not in names]:
            self.item.removeItem(self.curves.pop(name))
            self.styles.pop(name, None)

    def limits(self, values: Sequence[tuple[float, str]]) -> None:
        """Dashed lines with words."""
        if tuple(values) == self._limits_shown:
            return
        self._limits_shown = tuple(values)
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
        self._turn_words()

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
        self._turn_words()

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

    def _turn_words(self) -> None:
        """A limit's words stand above its line, or below it where they would be cut off at the top."""
        if self._y is None:
            return
        low, high = self._y
        for line, text in self._limits:
            text.setAnchor((0, 0) if line.value() > high - 0.18 * (high - low) else (0, 1))

    def _dress_limit(self, line: pg.InfiniteLine, text: pg.TextItem) -> None:
        pen = QPen(QColor(self.tokens.wa), 1.2)
        pen.setCosmetic(True)
        pen.setDashPattern([4.0, 3.0])
        line.setPen(pen)
        text.setColor(QColor(self.tokens.wa))
        text.setFont(font(11))


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
        self._fit = QTimer(self)
        self._fit.setSingleShot(True)
        self._fit.setInterval(0)
        self._fit.timeout.connect(self._fit_now)
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

    @property
    def fitting(self) -> bool:
        """The plots have not taken the widget's size yet; ``ranged`` is called when they have."""
        return self._fit.isActive()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """The plots take the size: at once, or once in a turn of its own while the window is being arranged."""
        if not hasattr(self, "_fit") or self.updatesEnabled():  # the base class resizes while it is being made
            super().resizeEvent(event)
        else:
            self._fit.start()

    def _fit_now(self) -> None:
        super().resizeEvent(None)
        self.ranged()

    def _on_range(self, _box: Any, x: tuple[float, float]) -> None:
        if not self._quiet:  # the user zoomed one plot: the others go along
            self.set_x(float(x[0]), float(x[1]))
            self.ranged()

    def _on_click(self, event: Any) -> None:
        for plot in self.plots:
            box = plot.item.getViewBox()
            if box.sceneBoundingRect().contains(event.scenePos()) and plot.cursor.isVisible():
                self.scrubbed(float(box.mapSceneToView(event.scenePos()).x()))
                return
