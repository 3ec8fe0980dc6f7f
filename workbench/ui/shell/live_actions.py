"""Live simulation and robots from the window: start, pause, speed, connect, run, stop request."""

from __future__ import annotations

from workbench.jobs import JobPool
from workbench.operations import source_ops
from workbench.telemetry.live_source import LiveSource
from workbench.telemetry.source import Capability
from workbench.ui.context import Command
from workbench.ui.main_window import MainWindow


class LiveActions:
    """Commands on the live source, over one window."""

    def __init__(self, window: MainWindow, pool: JobPool) -> None:
        self._window, self._context, self._pool = window, window.context, pool
        self._context.bridge.tick.connect(self._on_tick)

    def commands(self) -> list[Command]:
        """Live simulation, robot, stop."""
        return [
            Command("live_start", self.start, "F9", "simulate", lambda: self._context.session.source is None, menu="robot"),
            Command("live_stop", self.end, "", "close", lambda: self._is("simulation"), menu="robot"),
            Command("live_pause", self.run_or_pause, "F10", "pause", lambda: self._can("pause"), menu="robot"),
            Command("live_step", lambda: self._ask("step"), "F11", "step", lambda: self._can("step"), menu="robot"),
            Command("live_reset", lambda: self._ask("reset"), "Ctrl+F9", "reset", lambda: self._can("reset"), menu="robot"),
        ]

    def start(self) -> None:
        """Simulate the plan live, and go where it is watched."""
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

    def close(self) -> None:
        """Nothing outlives the window."""

    def _is(self, kind: str) -> bool:
        source = self._context.session.source
        return source is not None and source.kind == kind

    def _can(self, capability: Capability) -> bool:
        source = self._context.session.source
        return source is not None and capability in source.capabilities

    def _ask(self, name: Capability, value: object = None) -> None:
        source_ops.ask_source(self._context.session, name, value)

    def _on_tick(self) -> None:
        session = self._context.session
        source = session.source
        if source is None:
            return
        if isinstance(source, LiveSource):
            for failure in source.take_errors():
                self._window.notifications.error(failure)
        snapshot = source.snapshot()
        # One playhead through all modes: in Operate it stands where the robot is.
        if snapshot is not None and session.mode == "operate":
            session.set_playhead(snapshot.time)
