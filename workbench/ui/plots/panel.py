"""The telemetry panel: chosen channels over time, live for the last 20 s and afterwards over the whole run."""

from __future__ import annotations

import time as clock
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSplitter, QVBoxLayout, QWidget

from sim.errors import SimError
from sim.geometry import joint_ranges
from sim.recording import Recording
from sim.scene import build_scene
from sim.timeseries import Channel
from workbench.session import Change
from workbench.ui.channel_names import shown_unit
from workbench.ui.context import Command, Panel, UiContext
from workbench.ui.decimation import Pyramid, gaps, thin, with_gaps
from workbench.ui.live_samples import WINDOW_S, live_samples
from workbench.ui.plot_kit import PlotBoard
from workbench.ui.plot_marks import SMOOTH_POINTS, EndLabel, number
from workbench.ui.plots.selection import Arrangement, Column, PlotGroup, default_columns, groups_of, limits_of
from workbench.ui.plots.tree import ChannelTree
from workbench.ui.widgets import EmptyState, IconButton, PanelHead, Segmented

Array = NDArray[np.float64]

_LEAST_HEIGHT = 92
#: From this width on (px) the channel list stands beside the plots.
_WIDE = 620
#: Live plots are drawn every second or third tick: 20 Hz is more than the eye reads off a curve.
_LIVE_TICKS = 2
#: With more curves than this 10 Hz must do, so that the rest of the window has its time.
_MANY, _SLOW_TICKS = 24, 3
_READ_OUT_ROWS = 7
#: So many points are drawn live in all, shared by the curves, but never fewer than that for one.
_LIVE_POINTS, _LEAST_POINTS = 32_000, 400


class PlotsPanel(Panel):
    """Telemetry over time.

    Args:
        context: session, words, colours.
        parent: Qt parent.
    """

    interests: frozenset[Change] = frozenset(
        {"project", "playhead", "mode", "simulation", "recordings", "comparison", "source", "report"}
    )

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.columns: list[Column] = []
        self.arrangement: Arrangement = "stacked"
        self.frozen = False
        self.frame_seconds = 0.0
        self._live = live_samples(context)
        self._live_version = -1
        self._ticks = 0
        self._recording: Recording | None = None
        self._channels: dict[str, Channel] = {}
        self._groups: list[PlotGroup] = []
        self._pyramids: dict[Column, Pyramid] = {}
        self._ranges: Mapping[str, tuple[float, float]] = {}
        self._ranges_of = ""
        self._chosen_by_user = False
        self._missed = False
        self.head = PanelHead()
        self.freeze = IconButton("pause", checkable=True)
        self.freeze.toggled.connect(self._on_freeze)
        self.switch = Segmented((("stacked", ""), ("overlaid", "")))
        self.switch.changed.connect(self._arrange)
        self.fit = IconButton("fit")
        self.fit.clicked.connect(self.fit_time)
        self.channels_button = IconButton("list", checkable=True)
        self.channels_button.toggled.connect(self._show_tree)
        for widget in (self.channels_button, self.freeze, self.fit, self.switch):
            self.head.add(widget)
        self.tree = ChannelTree()
        self.tree.chosen.connect(self._choose)
        self.board = PlotBoard(context.tokens)
        self.board.scrubbed = self._scrub
        self.board.ranged = self._draw
        self.scroll_area = QScrollArea()
        self.scroll_area.setWidgetResizable(True)
        self.scroll_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll_area.setWidget(self.board)
        self.empty = EmptyState()
        right = self._board_side = QWidget()
        row = QHBoxLayout(right)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.scroll_area)
        row.addWidget(self.empty)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setHandleWidth(1)
        self.split.addWidget(self.tree)
        self.split.addWidget(right)
        self.split.setStretchFactor(1, 1)
        self.split.setSizes([210, 800])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.split, 1)
        context.bridge.tick.connect(self._on_tick)
        self.retranslate()
        self._reload()

    # --- what the shell calls ----------------------------------------------------------------------------------------
    def refresh(self, kinds: frozenset[Change]) -> None:
        """Another recording, another time."""
        if kinds & {"project", "mode", "simulation", "recordings", "comparison", "source"}:
            # Building plots takes a while; what is hidden waits until it is looked at.
            self._missed = not self.isVisible()
            if not self._missed:
                self._reload()
        elif self.isVisible():
            self._show_time()

    def retranslate(self) -> None:
        """New words."""
        tr = self.context.tr
        self.head.set(tr("plots.title"))
        self.switch.set_texts({"stacked": tr("plots.stacked"), "overlaid": tr("plots.overlaid")})
        self.freeze.set_tip(tr("plots.freeze"))
        self.fit.set_tip(tr("plots.fit"))
        self.channels_button.set_tip(tr("plots.search"))
        self.tree.search.setPlaceholderText(tr("plots.search"))
        self.tree.fill(self._channels, self.columns, tr)
        self._titles()
        self._words()
        self._draw()

    def apply_theme(self) -> None:
        """New colours."""
        self.board.recolour(self.context.tokens)
        self._titles()
        self._draw()

    def commands(self) -> list[Command]:
        """What the palette can do here."""
        return [
            Command("plots.fit", self.fit_time, "", "fit", menu="view"),
            Command("plots.freeze", self.freeze.toggle, "", "pause", checked=lambda: self.frozen, menu="view"),
            Command(
                "plots.arrange",
                lambda: self._arrange("overlaid" if self.arrangement == "stacked" else "stacked"),
                "",
                "plot",
                menu="view",
            ),
        ]

    @property
    def live(self) -> bool:
        """The live source is shown, not a recording."""
        return self._recording is None and self._live.source is not None

    # --- choosing ----------------------------------------------------------------------------------------------------
    def fit_time(self) -> None:
        """Show the whole run."""
        if self._recording is not None:
            self.board.set_x(0.0, max(self._recording.duration, 0.5))
            self._draw()

    def show_columns(self, columns: list[Column]) -> None:
        """Plot these columns, and keep to them."""
        self._chosen_by_user = True
        self.columns = columns
        self.tree.fill(self._channels, columns, self.context.tr)
        self._rebuild()

    def _choose(self, columns: list[Column]) -> None:
        self._chosen_by_user = True
        self.columns = columns
        self._rebuild()

    def _arrange(self, arrangement: str) -> None:
        self.arrangement = "overlaid" if arrangement == "overlaid" else "stacked"
        self.switch.set_current(self.arrangement)
        self._rebuild()

    def _on_freeze(self, on: bool) -> None:
        self.frozen = on

    def _scrub(self, time: float) -> None:
        if self._recording is not None:
            self.context.session.set_playhead(min(max(time, 0.0), self._recording.duration))

    # --- data --------------------------------------------------------------------------------------------------------
    def _wanted_recording(self) -> Recording | None:
        session = self.context.session
        if session.mode == "operate" and session.source is not None:
            return None
        first = session.compare_pair[0]
        if session.mode == "compare" and first is not None:
            return first.recording
        return session.simulated.recording if session.simulated is not None else None

    def _reload(self) -> None:
        recording = self._wanted_recording()
        changed = recording is not self._recording
        self._recording = recording
        if changed:
            self._pyramids = {}
        if recording is not None:
            channels = {name: series.channel for name, series in recording.series.items()}
        else:
            channels = {name: tail.channel for name, tail in self._live.tails.items()}
        self._load_limits()
        if channels != self._channels or changed:
            self._channels = channels
            if not self._chosen_by_user or not any(c.channel in channels for c in self.columns):
                self.columns = default_columns(self.context.session.robot, channels)
            self.tree.fill(channels, self.columns, self.context.tr)
            self._rebuild()
            self.fit_time()
        self._words()

    def _load_limits(self) -> None:
        robot = self.context.session.robot
        if robot.content_hash == self._ranges_of:
            return
        self._ranges_of = robot.content_hash
        try:
            self._ranges = joint_ranges(build_scene(None, robot))
        except SimError:  # the twin panel says what is wrong with the robot; here only the limit lines are missing
            self._ranges = {}

    def _rebuild(self) -> None:
        self._groups = groups_of(self.columns, self._channels, self.arrangement)
        self.board.set_count(len(self._groups))
        self.board.setMinimumHeight(_LEAST_HEIGHT * len(self._groups))
        for plot in self.board.plots:
            plot.keep([])
        self._titles()
        self._words()
        if self._recording is not None:
            start, end = self.board.x
            if end - start <= 1.0:
                self.board.set_x(0.0, max(self._recording.duration, 0.5))
        self._draw()

    def _titles(self) -> None:
        tr, robot = self.context.tr, self.context.session.robot
        for plot, group in zip(self.board.plots, self._groups, strict=True):
            plot.title(group.title(tr), group.unit)
            plot.limits(limits_of(group, robot, self._ranges, tr))

    def _words(self) -> None:
        tr = self.context.tr
        self.freeze.setVisible(self._recording is None)
        self.fit.setVisible(self._recording is not None)
        nothing = not self._groups
        self.empty.setVisible(nothing)
        self.scroll_area.setVisible(not nothing)
        if nothing:
            self.empty.set("", tr("plots.choose") if self._channels else tr("plots.empty"))
        self.head.set(tr("plots.title"), tr("plots.live_window", seconds=f"{WINDOW_S:.0f}") if self.live else "")

    # --- drawing -----------------------------------------------------------------------------------------------------
    def _on_tick(self) -> None:
        if self._recording is not None or self.context.session.source is None or not self.isVisible() or self.frozen:
            return
        self._ticks += 1
        if self._ticks % (_LIVE_TICKS if len(self.columns) <= _MANY else _SLOW_TICKS) or self._live.version == self._live_version:
            return
        self._live_version = self._live.version
        if {n: t.channel for n, t in self._live.tails.items()} != self._channels:
            self._reload()
        self._draw()

    def _draw(self) -> None:
        if not self._groups:
            return
        began = clock.perf_counter()
        if self._recording is None:
            self._draw_live()
        else:
            self._draw_recording(self._recording)
        self.frame_seconds = clock.perf_counter() - began

    def _draw_recording(self, recording: Recording) -> None:
        start, end = self.board.x
        pixels = self.board.pixels
        smooth = 2 * pixels * len(self.columns) <= SMOOTH_POINTS
        self.board.set_now(None)
        for plot, group in zip(self.board.plots, self._groups, strict=True):
            factor, styles = shown_unit(group.channel).factor, group.styles()
            drawn = []
            for column in group.columns:
                x, y = self._pyramid(recording, Column(group.channel.name, column)).visible(start, end, pixels)
                y = y * factor
                drawn.append(y)
                plot.set_data(column, styles[column], x, y, smooth)
            plot.y_of(drawn, [value for value, _ in limits_of(group, self.context.session.robot, self._ranges, self.context.tr)])
        self._show_time()

    def _draw_live(self) -> None:
        newest = self._live.newest
        if newest is None:
            return
        self.board.set_now(newest, self.context.tr("plots.now"))
        self.board.set_x(newest - WINDOW_S, newest)
        self.board.show_cursor(None)
        points = max(_LEAST_POINTS, min(2 * self.board.pixels, _LIVE_POINTS // max(len(self.columns), 1)))
        smooth = points * len(self.columns) <= SMOOTH_POINTS
        for plot, group in zip(self.board.plots, self._groups, strict=True):
            tail = self._live.tails.get(group.channel.name)
            if tail is None or not len(tail.t):
                continue
            factor, styles = shown_unit(group.channel).factor, group.styles()
            drawn, labels, pauses = [], [], gaps(tail.t)
            for column in group.columns:
                values = np.ascontiguousarray(tail.values[:, tail.channel.columns.index(column)])
                x, y = thin(*with_gaps(tail.t, values, pauses), points)
                y = y * factor
                drawn.append(y)
                plot.set_data(column, styles[column], x, y, smooth)
                last = float(values[-1]) * factor
                labels.append(EndLabel(group.label(self.context.tr, column), number(last), styles[column], last))
            plot.y_of(drawn, [value for value, _ in limits_of(group, self.context.session.robot, self._ranges, self.context.tr)])
            plot.ends.set(labels)
            plot.box.set(None)

    def _show_time(self) -> None:
        """Cursor, read-out and end labels at the playhead."""
        if self._recording is None:
            return
        time = min(self.context.session.playhead, self._recording.duration)
        self.board.show_cursor(time)
        _, end = self.board.x
        for plot, group in zip(self.board.plots, self._groups, strict=True):
            factor, styles = shown_unit(group.channel).factor, group.styles()
            labels, rows = [], []
            for column in group.columns:
                pyramid = self._pyramid(self._recording, Column(group.channel.name, column))
                last, now = pyramid.at(end) * factor, pyramid.at(time) * factor
                name = group.label(self.context.tr, column)
                labels.append(EndLabel(name, number(last), styles[column], last))
                rows.append((name, f"{number(now)} {group.unit}", styles[column].tone))
            plot.ends.set(labels)
            plot.box.set(time, rows[:_READ_OUT_ROWS])

    def _pyramid(self, recording: Recording, column: Column) -> Pyramid:
        if column not in self._pyramids:
            series = recording[column.channel]
            self._pyramids[column] = Pyramid(series.t, series.column(column.column))
        return self._pyramids[column]

    def showEvent(self, event: QShowEvent) -> None:
        """Take up what changed while nobody looked, once the window is drawn."""
        super().showEvent(event)
        if self._missed:
            QTimer.singleShot(0, self._catch_up)

    def _catch_up(self) -> None:
        if self._missed and self.isVisible():
            self._missed = False
            self._reload()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width shows another number of points."""
        super().resizeEvent(event)
        if (event.oldSize().width() < _WIDE) != (event.size().width() < _WIDE) or event.oldSize().width() < 0:
            self.channels_button.setChecked(event.size().width() >= _WIDE)
            self._show_tree(self.channels_button.isChecked())
        if not self.board.fitting:
            self._draw()

    def _show_tree(self, shown: bool) -> None:
        """The channel list beside the plots; in a narrow panel in their place, so that both stay readable."""
        self.tree.setVisible(shown)
        self._board_side.setVisible(not shown or self.width() >= _WIDE)
