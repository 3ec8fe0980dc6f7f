"""Four plots to watch while a robot moves: support margin, knee torque, foot load, tracking error."""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sim.recording import Recording
from sim.timeseries import TimeSeries
from workbench.session import Change
from workbench.ui.channel_names import joint_name
from workbench.ui.context import Panel, UiContext
from workbench.ui.decimation import thin, with_gaps
from workbench.ui.live_samples import WINDOW_S, Tail, live_samples
from workbench.ui.operate.values import ATTENTION, knee_loads, tracking_error
from workbench.ui.plot_kit import PlotBoard
from workbench.ui.plot_marks import LEFT, MEASURED, RIGHT, TWIN, EndLabel, Style, number
from workbench.ui.widgets import EmptyState, IconButton, PanelHead

Array = NDArray[np.float64]
Curve = tuple[str, str, Style, Array, Array]  # id, shown name, style, times, values

PLOTS = ("margin", "knee", "foot", "error")
_TICKS = 2
_SILENT_S = 1.0


class LivePlotsPanel(Panel):
    """The last 20 s of the live source.

    Args:
        context: session, words, colours.
        parent: Qt parent.
        now: wall clock in seconds, for the words "no signal since"; tests hand in their own.
    """

    interests: frozenset[Change] = frozenset({"project", "source", "simulation", "mode", "report"})

    def __init__(self, context: UiContext, parent: QWidget | None = None, now: Callable[[], float] = clock.time) -> None:
        super().__init__(context, parent)
        self._live = live_samples(context)
        self._now = now
        self._version, self._ticks = -1, 0
        self._heard = 0.0
        self._step: tuple[str, float] = ("", 0.0)
        self.frozen = False
        self.head = PanelHead()
        self.freeze = IconButton("pause", checkable=True)
        self.freeze.toggled.connect(self._on_freeze)
        self.head.add(self.freeze)
        self.board = PlotBoard(context.tokens, right=128)
        self.board.set_count(len(PLOTS))
        for plot in self.board.plots:
            plot.item.getViewBox().setMouseEnabled(x=False, y=False)
        self.empty = EmptyState()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.board, 1)
        column.addWidget(self.empty, 1)
        context.bridge.tick.connect(self._on_tick)
        self.retranslate()

    def refresh(self, kinds: frozenset[Change]) -> None:
        """Another source or plan."""
        self._words()
        self._draw()

    def retranslate(self) -> None:
        """New words."""
        self._words()
        self._draw()

    def apply_theme(self) -> None:
        """New colours."""
        self.board.recolour(self.context.tokens)
        self._words()
        self._draw()

    def _on_freeze(self, on: bool) -> None:
        self.frozen = on
        self._draw()

    def _on_tick(self) -> None:
        self._ticks += 1
        if self._ticks % _TICKS or not self.isVisible():
            return
        if self._live.version != self._version:
            if not self._live.tails and not self.empty.isVisible():
                self._words()
            self._version, self._heard = self._live.version, self._now()
            if self.empty.isVisible() and self._live.tails:
                self._words()
            if not self.frozen:
                self._draw()
        elif self._live.tails:
            self._say_silence()

    def _say_silence(self) -> None:
        silent = self._heard and self._now() - self._heard > _SILENT_S
        source = self.context.session.source
        if silent and (source is None or source.state().running or not source.state().connected):
            stamp = clock.strftime("%H:%M:%S", clock.localtime(self._heard))
            self.head.set(self.context.tr("operate.live"), self.context.tr("operate.no_signal", time=stamp))

    def _words(self) -> None:
        tr = self.context.tr
        shown = bool(self._live.tails)
        self.board.setVisible(shown)
        self.empty.setVisible(not shown)
        self.freeze.setVisible(shown)
        self.freeze.set_tip(tr("plots.freeze"))
        self.head.set(tr("operate.live"), tr("operate.last", seconds=f"{WINDOW_S:.0f}") if shown else "")
        if not shown:
            self.empty.set("", tr("operate.no_source" if self.context.session.source is None else "operate.waiting"))
        units = {"margin": "mm", "knee": tr("operate.unit.limit"), "foot": "N", "error": "°"}
        for name, plot in zip(PLOTS, self.board.plots, strict=True):
            plot.title(tr(f"operate.plot.{name}"), units[name])
        self._limits()

    def _limits(self) -> None:
        tr, session = self.context.tr, self.context.session
        margin, knee, foot, error = self.board.plots
        need = required_margin(session.report.checks) if session.report is not None else None
        margin.limits([(1000 * need, tr("operate.need", value=f"{1000 * need:.0f}"))] if need is not None else [])
        knee.limits([(100 * ATTENTION, tr("plots.limit", value=f"{100 * ATTENTION:.0f}"))])
        foot.limits([])
        error.limits([])

    # --- drawing -----------------------------------------------------------------------------------------------------
    def _draw(self) -> None:
        newest = self._live.newest
        if newest is None or not self.isVisible():
            return
        if not self.frozen:
            self.head.set(self.context.tr("operate.live"), self.context.tr("operate.last", seconds=f"{WINDOW_S:.0f}"))
        self.board.set_now(newest, self.context.tr("plots.now"))
        self.board.set_x(newest - WINDOW_S, newest)
        points = 2 * self.board.pixels
        twin, shift = self._twin()
        sets = (self._margin(twin, shift), self._knee(), self._foot(), self._error())
        for name, plot, curves in zip(PLOTS, self.board.plots, sets, strict=True):
            plot.keep([c[0] for c in curves])
            drawn, labels = [], []
            for key, words, style, t, y in curves:
                x, shown = thin(*with_gaps(t, y), points)
                plot.set_data(key, style, x, shown)
                drawn.append(shown)
                last = float(y[-1]) if len(y) else float("nan")
                labels.append(EndLabel(words, number(last), style, last))
            if not curves:
                labels = [EndLabel(self.context.tr("operate.not_delivered"), "", MEASURED, float("nan"))]
            plot.ends.set(labels)
            include = {"margin": [0.0], "knee": [0.0, 100 * ATTENTION], "foot": [0.0], "error": [0.0]}[name]
            plot.y_of([*drawn, np.array(include[:1])], include)

    def _margin(self, twin: Recording | None, shift: float) -> list[Curve]:
        tr, tail = self.context.tr, self._live.tails.get("balance.margin")
        if tail is None or not len(tail.t):
            return []
        source = self.context.session.source
        word = tr("compare.real") if source is not None and source.kind != "simulation" else tr("operate.measured")
        curves: list[Curve] = [("margin", word, MEASURED, tail.t, 1000 * tail.values[:, 0])]
        if twin is not None and "balance.margin" in twin.series:
            t, values = windowed(twin["balance.margin"], tail.t[0] - shift, tail.t[-1] - shift)
            if len(t):
                curves.append(("twin", tr("operate.twin"), TWIN, t + shift, 1000 * values[:, 0]))
        return curves

    def _knee(self) -> list[Curve]:
        tail = self._live.tails.get("joint.torque")
        if tail is None or not len(tail.t):
            return []
        loads = knee_loads(self.context.session.robot, tail)
        return [self._sided(side, tail, values) for side, values in loads.items()]

    def _foot(self) -> list[Curve]:
        tail = self._live.tails.get("foot.force")
        if tail is None or not len(tail.t):
            return []
        columns = tail.channel.columns
        return [self._sided(side, tail, tail.values[:, columns.index(side)]) for side in ("left", "right") if side in columns]

    def _sided(self, side: str, tail: Tail, values: Array) -> Curve:
        return (side, self.context.tr(f"plots.side.{side}"), LEFT if side == "left" else RIGHT, tail.t, values)

    def _error(self) -> list[Curve]:
        found = tracking_error(self._live.tails)
        if found is None or not len(found[1]):
            return []
        names, t, errors = found
        with np.errstate(invalid="ignore"):
            known = np.where(np.isfinite(errors), errors, 0.0)
        worst = int(np.argmax(known[-1]))
        return [("error", joint_name(self.context.tr, names[worst]), MEASURED, t, np.degrees(known.max(axis=1)))]

    def _twin(self) -> tuple[Recording | None, float]:
        """The planned run and how much later the live one is in the step it is in."""
        session = self.context.session
        if session.simulated is None or session.source is None:
            return None, 0.0
        snapshot = session.source.snapshot()
        if snapshot is None:
            return None, 0.0
        if snapshot.step_id != self._step[0] or snapshot.time < self._step[1]:
            self._step = (snapshot.step_id, snapshot.time)
        recording = session.simulated.recording
        span = next((s for s in recording.steps if s.id == self._step[0]), None)
        return recording, (self._step[1] - span.start) if span is not None else 0.0


def windowed(series: TimeSeries, start: float, end: float) -> tuple[Array, Array]:
    """The samples between two times."""
    first, last = np.searchsorted(series.t, (start, end))
    return series.t[first:last], series.values[first:last]


def required_margin(checks: Sequence[object]) -> float | None:
    """What preflight asked of the support margin, m; None where it was not asked."""
    limits = [
        getattr(c, "limit", None) for c in checks if getattr(c, "unit", "") == "m" and "margin" in str(getattr(c, "check", ""))
    ]
    return max((float(v) for v in limits if v is not None), default=None)
