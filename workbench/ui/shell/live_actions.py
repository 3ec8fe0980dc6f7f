"""Live simulation and robots from the window: start, pause, speed, connect, run, stop request."""

from __future__ import annotations

from sim.errors import SimError
from workbench.errors import WorkbenchError
from workbench.operations import connection_ops, source_ops
from workbench.telemetry.source import Capability
from workbench.ui.context import Command
from workbench.ui.main_window import MainWindow
from workbench.ui.shell.dialogs import ClearStopDialog, ConnectPopover

_DEFAULT_ADDRESS = f"ws://127.0.0.1:{connection_ops.DEFAULT_PORT}"


class LiveActions:
    """Commands on the live source and the robot, over one window."""

    def __init__(self, window: MainWindow) -> None:
        self._window, self._context = window, window.context
        self._reference: connection_ops.RobotProcess | None = None
        self._reference_told = False
        self._address = _DEFAULT_ADDRESS
        self._runs_known = 0
        self._told: tuple[object, ...] = ()
        self._run_words = ""
        self.connect_card: ConnectPopover | None = None
        self._context.bridge.tick.connect(self._on_tick)

    def commands(self) -> list[Command]:
        """Live simulation, robot, stop."""
        return [
            Command("live_start", self.start, "F9", "simulate", self._nothing_live, menu="robot"),
            Command("live_stop", self.end, "", "close", lambda: self._is("simulation"), menu="robot"),
            Command("live_pause", self.run_or_pause, "F10", "pause", lambda: self._can("pause"), menu="robot"),
            Command("live_step", lambda: self._ask("step"), "F11", "step", lambda: self._can("step"), menu="robot"),
            Command("live_reset", lambda: self._ask("reset"), "Ctrl+F9", "reset", lambda: self._can("reset"), menu="robot"),
            Command("connect", self.open_card, "Ctrl+L", "connect", menu="robot/connect"),
            Command(
                "start_reference_robot", self.start_reference, "", "robot", lambda: self._reference is None, menu="robot/connect"
            ),
            Command(
                "disconnect", self.leave, "", "disconnect", lambda: self._context.session.source is not None, menu="robot/connect"
            ),
            Command("run_on_robot", self.run_on_robot, "Ctrl+F5", "play", self._may_run, menu="robot/run"),
            Command("stop_request", self.request_stop, "", "stop", lambda: self._can("stop"), menu="robot/run"),
            Command("clear_stop", self.clear_stop, "", "undo", self._latched, menu="robot/run"),
        ]

    def start(self) -> None:
        """Simulate the plan live, and go where it is watched."""
        self._context.session.playing = False
        source_ops.start_live(self._context.session)
        self._context.session.set_mode("operate")

    def end(self) -> None:
        """End the live simulation."""
        source_ops.stop_live(self._context.session)

    def run_or_pause(self) -> None:
        """The other of the two."""
        source = self._context.session.source
        if source is not None:
            self._ask("pause" if source.state().running else "run")

    def open_card(self) -> None:
        """Ask for an address under the button that was pressed."""
        bar = self._window.connection_bar
        anchor = bar.connect_button if bar.isVisible() and bar.connect_button.isVisible() else self._window.top_bar.connect_button
        card = ConnectPopover(
            self._context,
            self._address,
            self.connect,
            self.start_reference,
            lambda: self._window.commands.run("import_log"),
            self._window,
        )
        self.connect_card = card
        card.open_at(anchor)
        card.address.setFocus()

    def connect(self, address: str) -> None:
        """Connect to a robot; only watching, until a motion is sent."""
        session = self._context.session
        self._address = address
        session.playing = False
        try:
            connection_ops.connect(session, address)
        except (WorkbenchError, SimError) as failure:
            self._window.notifications.error(failure)
            return
        self._runs_known = len(session.recordings)
        session.set_mode("operate")

    def start_reference(self) -> None:
        """A reference robot in a process of its own; the window connects once it listens."""
        if self._reference is None:
            self._reference = connection_ops.start_reference_robot(self._context.session)
            self._reference_told = False
            self._window.notifications.info("shell.reference_starting")

    def leave(self) -> None:
        """Let go of what is live."""
        session = self._context.session
        if self._is("robot"):
            connection_ops.disconnect(session)
        else:
            source_ops.close_source(session)

    def run_on_robot(self) -> None:
        """Send the verified motion and start it."""
        connection_ops.run_on_robot(self._context.session)

    def request_stop(self) -> None:
        """Ask for a stop in balance. Works from any mode."""
        self._window.connection_bar.stop_sent()
        connection_ops.request_stop(self._context.session)

    def clear_stop(self) -> None:
        """Ask who, why and whether the area is clear; then take the latch away."""
        dialog = ClearStopDialog(self._context, self._window)
        if dialog.exec():
            connection_ops.clear_stop(self._context.session, dialog.who.text().strip(), dialog.why.text().strip())
        dialog.deleteLater()

    def close(self) -> None:
        """The reference robot started here ends with the window."""
        if self._reference is not None:
            self._reference.stop()
            self._reference = None

    def _nothing_live(self) -> bool:
        return self._context.session.source is None

    def _is(self, kind: str) -> bool:
        source = self._context.session.source
        return source is not None and source.kind == kind

    def _can(self, capability: Capability) -> bool:
        source = self._context.session.source
        return source is not None and capability in source.capabilities

    def _may_run(self) -> bool:
        session = self._context.session
        source = session.source
        ready = source is not None and not source.state().running and not self._latched()
        return self._is("robot") and self._can("run") and ready

    def _latched(self) -> bool:
        source = self._context.session.source
        return source is not None and source.kind == "robot" and source.state().note.endswith("latched")

    def _ask(self, name: Capability, value: object = None) -> None:
        source_ops.ask_source(self._context.session, name, value)

    def _on_tick(self) -> None:
        session = self._context.session
        self._follow_reference()
        source = session.source
        if source is None:
            return
        state = source.state()
        # Panels are told when what the source is changes; its figures they read themselves.
        told = (id(source), source.name, state.connected, state.running, state.note)
        if told != self._told:
            self._told = told
            session.notify("source")
        for failure in connection_ops.poll(session):
            self._window.notifications.error(failure)
        if source.kind == "robot" and len(session.recordings) > self._runs_known:
            self._runs_known = len(session.recordings)
            recording = session.recordings[-1].recording
            self._run_words = self._context.tr("shell.robot_run_done", time=f"{recording.duration:.1f}")
            go = self._context.tr("mode.compare")
            self._window.notifications.offer(self._run_words, go, lambda: session.set_mode("compare"), lasting=True)
        if self._run_words and session.mode == "compare":
            self._window.notifications.close_text(self._run_words)
            self._run_words = ""
        snapshot = source.snapshot()
        # One playhead through all modes: in Operate it stands where the robot is.
        if snapshot is not None and session.mode == "operate":
            session.set_playhead(snapshot.time)

    def _follow_reference(self) -> None:
        if self._reference is None or self._reference_told:
            return
        try:
            address = self._reference.address
        except (WorkbenchError, SimError) as failure:
            self._window.notifications.error(failure)
            self.close()
            return
        if address:
            self._reference_told = True
            self._window.notifications.info("shell.reference_started", address=address)
            self.connect(address)
