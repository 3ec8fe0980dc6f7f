"""Recordings, logs and robots from outside, in the window: open, replay, compare, add."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from sim.errors import SimError
from sim.recording import Recording
from sim.replay import replay
from sim.robot import RobotModel
from workbench.errors import WorkbenchError
from workbench.jobs import JobPool
from workbench.operations import compare_ops, import_ops
from workbench.session import NamedRecording, Session
from workbench.telemetry.problems import parse_problem
from workbench.ui.context import Command
from workbench.ui.main_window import MainWindow
from workbench.ui.shell.run_actions import RunActions


class DataActions:
    """Commands on data from outside, over one window."""

    def __init__(self, window: MainWindow, pool: JobPool, runs: RunActions) -> None:
        self._window, self._context, self._pool, self._runs = window, window.context, pool, runs
        self._checker = ThreadPoolExecutor(1, thread_name_prefix="robot-check")
        self._checking: list[tuple[Session, Future[RobotModel]]] = []
        self._context.bridge.tick.connect(self._take_checked)

    def commands(self) -> list[Command]:
        """Import, replay, compare."""
        return [
            Command("import_log", self.import_dialog, "Ctrl+I", "import", menu="file"),
            Command("add_robot", self.add_robot_dialog, "", "robot", menu="robot/add"),
            Command("replay_commands", self.replay_newest, "", "compare", self._has_commands, menu="compare"),
            Command("compare_last", self.compare_newest, "", "compare", self._has_pair, menu="compare"),
        ]

    def import_dialog(self) -> None:
        """Ask for a recording or log and open it."""
        tr = self._context.tr
        chosen, _ = QFileDialog.getOpenFileName(self._window, tr("shell.open_log"), str(Path.home()), tr("shell.logs_filter"))
        if chosen:
            self.import_path(Path(chosen))

    def import_path(self, path: Path) -> NamedRecording:
        """Open a recording or log, and hold its measurements against its commands where it has both."""
        session, tell = self._context.session, self._window.notifications
        named = import_ops.import_recording(session, path)
        problems = named.recording.header.problems
        if problems:
            code, params = parse_problem(problems[0])
            first = self._context.tr(f"problem.{code}", **params)
            tell.info("shell.import_problems", name=named.name, count=len(problems), first=first)
        else:
            seconds = f"{named.recording.duration:.1f}"
            tell.info("shell.imported", name=named.name, channels=len(named.recording.series), seconds=seconds)
        if "joint.command" in named.recording.series and "joint.position" in named.recording.series:
            compare_ops.compare_with_commands(session, named)
            session.set_mode("compare")
        return named

    def add_robot_dialog(self) -> None:
        """Ask for a robot's profile, and for its model where that lies elsewhere."""
        tr = self._context.tr
        profile, _ = QFileDialog.getOpenFileName(
            self._window, tr("shell.robot_profile"), str(Path.home()), "profile.toml (*.toml)"
        )
        if not profile:
            return
        model, _ = QFileDialog.getOpenFileName(self._window, tr("shell.robot_model"), str(Path(profile).parent), "MJCF (*.xml)")
        self.add_robot(Path(profile), Path(model) if model else None)

    def add_robot(self, profile: Path, model: Path | None) -> None:
        """Check a robot on a thread (its model is compiled apart, which takes seconds), then work with it."""
        session = self._context.session
        self._checking.append((session, self._checker.submit(import_ops.checked_robot, profile, model)))

    def _take_checked(self) -> None:
        for entry in [e for e in self._checking if e[1].done()]:
            self._checking.remove(entry)
            session, found = entry
            error = found.exception()
            if isinstance(error, (SimError, WorkbenchError)):
                self._window.notifications.error(error)
            elif session is self._context.session:
                import_ops.use_robot(session, found.result())

    def replay_newest(self) -> None:
        """Run the newest recording's commands through the simulated robot with its base held, and compare."""
        session = self._context.session
        named = next((r for r in reversed(session.recordings) if "joint.command" in r.recording.series), None)
        if named is None:
            return

        def done(simulated: Recording) -> None:
            import_ops.replay_recording(session, named, simulated)
            session.set_mode("compare")

        params = {"name": named.name}
        self._runs.watch(self._pool.submit("job.replay", replay, named.recording, session.robot, params=params, on_done=done))

    def compare_newest(self) -> None:
        """Hold the newest recording against the twin's run."""
        session = self._context.session
        if session.simulated is None or not session.recordings:
            return
        twin = NamedRecording(self._context.tr("shell.twin_run"), session.simulated.recording)
        compare_ops.compare_recordings(session, session.recordings[-1], twin)
        session.set_mode("compare")

    def _has_commands(self) -> bool:
        return any("joint.command" in r.recording.series for r in self._context.session.recordings)

    def _has_pair(self) -> bool:
        return self._context.session.simulated is not None and bool(self._context.session.recordings)
