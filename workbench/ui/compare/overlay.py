"""The overlay: one joint, real solid against twin dashed, and the difference on a strip of its own with its tolerance."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.comparison.comparison import Comparison
from workbench.session import Change
from workbench.ui.compare.view import joint_words, selected_joint, selected_span, series_names, unit_of
from workbench.ui.context import Command, Panel, UiContext
from workbench.ui.decimation import Pyramid
from workbench.ui.plot_kit import PlotBoard
from workbench.ui.plot_marks import MEASURED, TWIN, EndLabel, Style, number
from workbench.ui.widgets import EmptyState, IconButton, PanelHead

Array = NDArray[np.float64]

_RESIDUAL = Style("tx2")
#: Room before and after the selected step, as a share of its length.
_AROUND = 0.25


class OverlayPanel(Panel):
    """The selected joint of the session's comparison over time.

    Args:
        context: session, words, colours.
        parent: Qt parent.
    """

    interests: frozenset[Change] = frozenset({"project", "comparison", "selection", "playhead"})

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._shown: tuple[Comparison, str] | None = None
        self._pyramids: tuple[Pyramid, Pyramid, Pyramid] | None = None
        self._span: tuple[float, float] | None = None
        self.head = PanelHead()
        self.whole = IconButton("fit")
        self.whole.clicked.connect(self.fit_time)
        self.head.add(self.whole)
        self.board = PlotBoard(context.tokens, right=128)
        self.board.scrubbed = self._scrub
        self.board.ranged = self._draw
        self.board.set_count(2)
        self.board.ci.layout.setRowStretchFactor(0, 5)
        self.board.ci.layout.setRowStretchFactor(1, 2)
        self._band = pg.LinearRegionItem(orientation="horizontal", movable=False)
        self._band.setZValue(-10)
        self._over, self._under = pg.PlotCurveItem(), pg.PlotCurveItem()
        strip = self.board.plots[1].item
        strip.addItem(self._band, ignoreBounds=True)
        for fill in (self._over, self._under):
            fill.setZValue(2)
            strip.addItem(fill)
        self.empty = EmptyState()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.board, 1)
        column.addWidget(self.empty, 1)
        self._dress()
        self.retranslate()

    # --- what the shell calls ----------------------------------------------------------------------------------------
    def refresh(self, kinds: frozenset[Change]) -> None:
        """Another joint, step, time or comparison."""
        if kinds - {"playhead"}:
            self._load()
        else:
            self._show_time()

    def retranslate(self) -> None:
        """New words."""
        self._shown = None
        self.whole.set_tip(self.context.tr("plots.fit"))
        self._load()

    def apply_theme(self) -> None:
        """New colours."""
        self.board.recolour(self.context.tokens)
        self._dress()
        self._shown = None
        self._load()

    def commands(self) -> list[Command]:
        """Zoom."""
        return [Command("compare.fit", self.fit_time, "", "fit", menu="compare")]

    def fit_time(self) -> None:
        """Show the whole run."""
        found = self.context.session.comparison
        if found is not None and len(found.time):
            self.board.set_x(float(found.time[0]), float(found.time[-1]))
            self._draw()

    # --- contents ----------------------------------------------------------------------------------------------------
    def _load(self) -> None:
        session, tr = self.context.session, self.context.tr
        found = session.comparison
        usable = found is not None and bool(found.joint_names) and len(found.time) > 1
        self.board.setVisible(usable)
        self.whole.setVisible(usable)
        self.empty.setVisible(not usable)
        if found is None or not usable:
            self._shown, self._pyramids = None, None
            self.head.set(tr("compare.overlay_title"))
            self.empty.set("", tr("compare.empty"))
            return
        joint = selected_joint(found, session)
        if self._shown is None or self._shown[0] is not found or self._shown[1] != joint:
            self._shown = (found, joint)
            self._load_joint(found, joint)
        self._show_span(found)
        self._draw()

    def _load_joint(self, found: Comparison, joint: str) -> None:
        tr, i = self.context.tr, found.joint_names.index(joint)
        unit, factor = unit_of(found)
        a, b = found.a[:, i] * factor, found.b[:, i] * factor
        self._pyramids = (Pyramid(found.time, a), Pyramid(found.time, b), Pyramid(found.time, b - a))
        words = joint_words(tr, joint)
        aligned = tr("compare.aligned", offset=f"{found.clock_offset_s:+.3f}")
        self.head.set(f"{words}, {tr(f'compare.quantity.{found.quantity}')}", aligned)
        names = series_names(tr, found)
        self.board.plots[0].title(f"{names[0]} / {names[1]}", unit)
        limit = found.tolerance[i] * factor
        self.board.plots[1].title(tr("compare.residual"), tr("compare.tolerance", value=number(limit), unit=unit))
        self._band.setRegion((-limit, limit))

    def _show_span(self, found: Comparison) -> None:
        """Tint the selected step and zoom to it when it changes."""
        session = self.context.session
        span = selected_span(found, session)
        new = (span.start, span.end) if span is not None else None
        for plot in self.board.plots:
            plot.span.setVisible(new is not None)
            if new is not None:
                plot.span.setRegion(new)
        start, end = self.board.x
        if new == self._span and end - start > 1.001:
            return
        self._span = new
        whole = (float(found.time[0]), float(found.time[-1]))
        if new is None:
            self.board.set_x(*whole)
        else:
            room = max(_AROUND * (new[1] - new[0]), 0.3)
            self.board.set_x(max(new[0] - room, whole[0]), min(new[1] + room, whole[1]))

    def _draw(self) -> None:
        if self._pyramids is None or self._shown is None:
            return
        found, joint = self._shown
        limit = found.tolerance[found.joint_names.index(joint)] * unit_of(found)[1]
        start, end = self.board.x
        pixels = self.board.pixels
        above, below = self.board.plots
        drawn = []
        for name, style, pyramid in (("a", MEASURED, self._pyramids[0]), ("b", TWIN, self._pyramids[1])):
            x, y = pyramid.visible(start, end, pixels)
            drawn.append(y)
            above.set_data(name, style, x, y)
        above.y_of(drawn, floor=1.0)
        x, y = self._pyramids[2].visible(start, end, pixels)
        below.set_data("residual", _RESIDUAL, x, y)
        filled = np.nan_to_num(y, nan=0.0)
        self._over.setData(x, np.maximum(filled, limit), fillLevel=limit)
        self._under.setData(x, np.minimum(filled, -limit), fillLevel=-limit)
        below.y_of([y, np.array([-1.2 * limit, 1.2 * limit])])
        self._show_time()

    def _show_time(self) -> None:
        if self._pyramids is None or self._shown is None:
            return
        found, tr = self._shown[0], self.context.tr
        unit, _ = unit_of(found)
        time = self.context.session.playhead
        self.board.show_cursor(time)
        a, b, residual = (p.at(time) for p in self._pyramids)
        names = series_names(tr, found)
        limit = found.tolerance[found.joint_names.index(self._shown[1])] * unit_of(found)[1]
        tone = "fa" if np.isfinite(residual) and abs(residual) > limit else "tx"
        sign = "+" if residual > 0 else ""
        rows = [(names[0], f"{number(a)} {unit}", "tx"), (names[1], f"{number(b)} {unit}", "tw")]
        rows.append((tr("compare.residual"), f"{sign}{number(residual)} {unit}", tone))
        self.board.plots[0].box.set(time, rows)
        _, end = self.board.x
        last = [p.at(end) for p in self._pyramids]
        self.board.plots[0].ends.set(
            (EndLabel(names[0], number(last[0]), MEASURED, last[0]), EndLabel(names[1], number(last[1]), TWIN, last[1]))
        )

    def _scrub(self, time: float) -> None:
        found = self.context.session.comparison
        if found is not None and len(found.time):
            self.context.session.set_playhead(min(max(time, float(found.time[0])), float(found.time[-1])))

    def _dress(self) -> None:
        tokens = self.context.tokens
        grey, red = QColor(tokens.tx3), QColor(tokens.fa)
        grey.setAlphaF(0.16)
        red.setAlphaF(0.40)
        self._band.setBrush(grey)
        dashed = pg.mkPen(QColor(tokens.tx3), width=1)
        dashed.setDashPattern([4.0, 3.0])
        for line in self._band.lines:
            line.setPen(dashed)
        for fill in (self._over, self._under):
            fill.setPen(pg.mkPen(None))
            fill.setBrush(red)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width, another number of points."""
        super().resizeEvent(event)
        self._draw()
