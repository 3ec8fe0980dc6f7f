"""Recordings, logs and robots from outside, in the window: open, replay, compare, add."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog

from sim.errors import SimError
from sim.recording import Recording
from sim.replay import replay
from workbench.comparison.compare import compare, compare_commands
from workbench.comparison.comparison import Comparison
from workbench.errors import WorkbenchError
from workbench.jobs import JobPool
from workbench.operations import compare_ops, import_ops
from workbench.session import NamedRecording, Session
from workbench.telemetry.importers import import_log
from workbench.telemetry.problems import parse_problem
from workbench.ui.context import Command
from workbench.ui.main_window import MainWindow
from workbench.ui.shell.run_actions import RunActions


@dataclass(frozen=True, slots=True, eq=False)
class _Pending:
    session: Session
    work: Future[Any]
    take: Callable[[Any], None]


class DataActions:
    """Commands on data from outside, over one window."""

    def __init__(self, window: MainWindow, pool: JobPool, runs: RunActions) -> None:
        self._window, self._context, self._pool, self._runs = window, window.context, pool, runs
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="reader")
        self._pending: list[_Pending] = []
        self._context.bridge.tick.connect(self._deliver)

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

    def import_path(self, path: Path) -> None:
        """Read a recording or log on a thread; hold its measurements against its commands where it has both."""
        session, robot = self._context.session, self._context.session.robot

        def read() -> tuple[Recording, Comparison | None]:
            recording = import_log(path, robot)
            both = "joint.command" in recording.series and "joint.position" in recording.series
            return recording, compare_commands(recording) if both else None

        def take(found: tuple[Recording, Comparison | None]) -> None:
            recording, comparison = found
            named = import_ops.add_recording(session, recording, path.stem)
            self._tell_imported(named)
            if comparison is not None:
                compare_ops.show_comparison(session, named, named, comparison)
                session.set_mode("compare")

        self._later(session, read, take)

    def _tell_imported(self, named: NamedRecording) -> None:
        problems, tell = named.recording.header.problems, self._window.notifications
        if problems:
            code, params = parse_problem(problems[0])
            first = self._context.tr(f"problem.{code}", **params)
            tell.info("shell.import_problems", name=named.name, count=len(problems), first=first)
        else:
            seconds = f"{named.recording.duration:.1f}"
            tell.info("shell.imported", name=named.name, channels=len(named.recording.series), seconds=seconds)

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
        self._later(session, partial(import_ops.checked_robot, profile, model), partial(import_ops.use_robot, session))

    def _later(self, session: Session, work: Callable[[], Any], take: Callable[[Any], None]) -> None:
        """Do it on the thread; its result is taken on a tick, unless another project was opened meanwhile."""
        self._pending.append(_Pending(session, self._reader.submit(work), take))

    def _deliver(self) -> None:
        for entry in [p for p in self._pending if p.work.done()]:
            self._pending.remove(entry)
            error = entry.work.exception()
            if isinstance(error, (SimError, WorkbenchError)):
                self._window.notifications.error(error)
            elif entry.session is self._context.session:
                entry.take(entry.work.result())

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
        real, twin = session.recordings[-1], NamedRecording(self._context.tr("shell.twin_run"), session.simulated.recording)

        def take(found: Comparison) -> None:
            compare_ops.show_comparison(session, real, twin, found)
            session.set_mode("compare")

        work = partial(compare, real.recording, twin.recording, "position", real.name, twin.name)
        self._later(session, work, take)

    def _has_commands(self) -> bool:
        return any("joint.command" in r.recording.series for r in self._context.session.recordings)

    def _has_pair(self) -> bool:
        return self._context.session.simulated is not None and bool(self._context.session.recordings)
