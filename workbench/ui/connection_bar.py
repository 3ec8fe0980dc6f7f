"""The bar of what is live: a running simulation or a robot, how it is doing, what can be asked of it, and the stop request."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QWidget

from workbench.session import Change
from workbench.telemetry.source import SourceState
from workbench.ui import theme
from workbench.ui.commands import CommandList
from workbench.ui.context import Panel, UiContext
from workbench.ui.stop_button import StopButton
from workbench.ui.widgets import Button, Hairline, IconButton, IconView, VerdictMark, label, set_role
from workbench.ui.wording import Wording

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
#: After this long without an answer the user is sent to the emergency stop, s.
NO_ANSWER = 0.5
_REFRESH_EVERY = 6  # ticks: figures that flicker cannot be read


class ConnectionBar(Panel):
    """Connection bar, 44 px: in Operate, and in all modes while a robot is present."""

    interests: frozenset[Change] = frozenset({"source", "mode", "project", "plan"})

    def __init__(
        self,
        context: UiContext,
        commands: CommandList,
        clock: Callable[[], float] = time.monotonic,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, parent)
        self._commands, self._clock = commands, clock
        self._ticks = 0
        self._sent_at: float | None = None
        self._latched_at = ""
        frame = QFrame(self)
        frame.setProperty("role", "connection")
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        self._row = QHBoxLayout(frame)
        self._row.setContentsMargins(12, 0, 4, 0)
        self._row.setSpacing(8)

        self.mark = VerdictMark("not_assessed", 16)
        self.icon = IconView("disconnect", "tx2", 16)
        self.name = label("", "strong")
        self.figures = label("", "secondary")
        self.progress_line, self.progress = self._line(), label("", "")
        self.controls_line = self._line()
        self.pause = IconButton("pause")
        self.step = IconButton("step")
        self.reset = IconButton("reset")
        self.speed = QComboBox()
        self.speed.setMinimumWidth(72)
        for value in SPEEDS:
            self.speed.addItem(f"{value:g}×", value)
        self.live = Button("", "simulate")
        self.connect_button = Button("", "connect")
        self.run_robot = Button("", "play", primary=True)
        self.leave = Button("", flat=True)
        self.note = QLabel()
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.note.setProperty("role", "small")
        self.clear = Button("", "undo")
        self.stop = StopButton()
        left = (self.mark, self.icon, self.name, self.figures, self.progress_line, self.progress, self.controls_line)
        for widget in (
            *left,
            self.pause,
            self.step,
            self.reset,
            self.speed,
            self.live,
            self.connect_button,
            self.run_robot,
            self.leave,
        ):
            self._row.addWidget(widget)
        self._row.addStretch(1)
        for part in (self.note, self.clear, self.stop):
            self._row.addWidget(part)
        self.setFixedHeight(44)

        for button, command in (
            (self.pause, "live_pause"),
            (self.step, "live_step"),
            (self.reset, "live_reset"),
            (self.live, "live_start"),
            (self.connect_button, "connect"),
            (self.run_robot, "run_on_robot"),
            (self.leave, "disconnect"),
            (self.stop, "stop_request"),
            (self.clear, "clear_stop"),
        ):
            button.clicked.connect(lambda _checked=False, chosen=command: self._commands.run(chosen))
        self.speed.activated.connect(self._set_speed)
        context.bridge.tick.connect(self._on_tick)
        self.retranslate()

    def stop_sent(self) -> None:
        """A stop was requested: until the robot confirms, say so."""
        if self._sent_at is None:
            self._sent_at = self._clock()
        self.refresh(self.interests)

    def refresh(self, kinds: frozenset[Change]) -> None:
        """Show what is live now."""
        session, tr = self.context.session, self.context.tr
        source = session.source
        state = source.state() if source is not None else None
        can = source.capabilities if source is not None else frozenset()
        robot = source is not None and source.kind == "robot"
        self.setVisible(session.mode == "operate" or robot)
        connected = state is not None and state.connected
        self.mark.setVisible(source is not None)
        self.mark.set_verdict("pass" if connected else "not_assessed")
        self.icon.setVisible(source is None)
        if source is None:
            self.name.setText(tr("shell.no_robot"))
            self.figures.setText(tr("connection.none"))
        else:
            key = "connection.connected" if connected else "connection.lost"
            shown = tr("connection.simulation") if source.kind == "simulation" else source.name
            self.name.setText(tr(key, name=source.name) if robot else shown)
            self.figures.setText(self._figures(state, robot))
        self._show_progress(state)
        for widget, capability in ((self.pause, "pause"), (self.step, "step"), (self.reset, "reset"), (self.speed, "speed")):
            widget.setVisible(capability in can)
        self.controls_line.setVisible(bool(can & {"pause", "step", "reset", "speed"}) or robot)
        running = state is not None and state.running
        self.pause.set_icon("pause" if running else "play")
        self.pause.set_tip(tr("connection.pause" if running else "connection.run"))
        self.step.setEnabled(not running)
        if state is not None and not self.speed.view().isVisible():
            nearest = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - state.speed))
            self.speed.setCurrentIndex(nearest)
        self.live.setVisible(source is None)
        self.connect_button.setVisible(source is None)
        self.run_robot.setVisible(robot and "run" in can)
        self._enable(self.run_robot, "run_on_robot")
        self.leave.setVisible(source is not None)
        self.leave.setText(tr("connection.disconnect" if robot else "connection.close"))
        self._show_stop(state, robot and "stop" in can)

    def retranslate(self) -> None:
        """Words of the language."""
        tr = self.context.tr
        self.live.setText(tr("command.live_start"))
        self.connect_button.setText(tr("shell.connect"))
        self.run_robot.setText(tr("command.run_on_robot"))
        self.clear.setText(tr("connection.clear_stop"))
        self.step.set_tip(tr("command.live_step"))
        self.reset.set_tip(tr("command.live_reset"))
        self.speed.setToolTip(tr("connection.speed"))
        self.refresh(self.interests)

    def _line(self) -> Hairline:
        line = Hairline(vertical=True)
        line.setFixedHeight(22)
        return line

    def _enable(self, button: Button, command_id: str) -> None:
        command = self._commands.command(command_id)
        button.setEnabled(command is not None and command.enabled())
        button.setToolTip(self._commands.tip(command_id))

    def _figures(self, state: SourceState | None, robot: bool) -> str:
        tr = self.context.tr
        if state is None:
            return ""
        parts = []
        if state.note:
            parts.append(tr(state.note))
        if robot and state.latency is not None:
            parts.append(tr("connection.latency", ms=round(1000 * state.latency)))
        if robot and state.age is not None and state.age > NO_ANSWER:
            parts.append(tr("connection.age", seconds=f"{state.age:.1f}"))
        return "  ".join(parts)

    def _show_progress(self, state: SourceState | None) -> None:
        session, tr = self.context.session, self.context.tr
        snapshot = session.source.snapshot() if session.source is not None else None
        shown = state is not None and snapshot is not None
        self.progress_line.setVisible(shown)
        self.progress.setVisible(shown)
        if state is None or snapshot is None:
            return
        words = Wording.of(tr, session)
        number = next((i + 1 for i, s in enumerate(session.plan.steps) if s.id == snapshot.step_id), 0)
        time_text = f"{snapshot.time:.1f} s"
        if number:
            text = tr("connection.step", number=number, name=words.step_by_id(session.plan, snapshot.step_id), time=time_text)
        else:
            text = tr("connection.running" if state.running else "connection.paused", time=time_text)
        self.progress.setText(text)

    def _show_stop(self, state: SourceState | None, offered: bool) -> None:
        tr = self.context.tr
        for widget in (self.note, self.stop):
            widget.setVisible(offered)
        latched = offered and state is not None and state.note.endswith("latched")
        self.clear.setVisible(latched)
        if not offered:
            self._sent_at, self._latched_at = None, ""
            return
        set_role(self.note, "small")
        if latched:
            self._sent_at = None
            self._latched_at = self._latched_at or time.strftime("%H:%M:%S")
            self.stop.set_state("latched", tr("stop.latched"))
            self.note.setText(tr("stop.confirmed", time=self._latched_at))
        elif self._sent_at is not None:
            self._latched_at = ""
            self.stop.set_state("sent", tr("stop.sent"))
            late = self._clock() - self._sent_at > NO_ANSWER
            self.note.setText(tr("stop.no_answer" if late else "stop.unconfirmed"))
            self.note.setStyleSheet(f"color: {theme.current().fa}; font-weight: 600;" if late else "")
            return
        else:
            self._latched_at = ""
            self.stop.set_state("ready", tr("stop.ready"))
            self.note.setText(tr("stop.not_emergency"))
        self.note.setStyleSheet("")

    def _set_speed(self, index: int) -> None:
        source = self.context.session.source
        if source is not None and "speed" in source.capabilities:
            source.command("speed", float(self.speed.itemData(index)))

    def _on_tick(self) -> None:
        self._ticks += 1
        if self._ticks % _REFRESH_EVERY == 0 and self.context.session.source is not None:
            self.refresh(self.interests)
