"""What the user does to projects and files in the window: open, new, save, export, recover, close."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog

from sim.errors import SimError
from workbench.errors import WorkbenchError
from workbench.jobs import JobPool
from workbench.operations import export_ops, project_ops, simulate_ops
from workbench.resources import resource
from workbench.session import Session
from workbench.ui.context import Command
from workbench.ui.main_window import MainWindow
from workbench.ui.shell.dialogs import ask_unsaved
from workbench.ui.shell.run_actions import RunActions

EXAMPLE = "first_lesson"
_AUTOSAVE_EVERY = 1.0


class ProjectActions:
    """Project commands over one window."""

    def __init__(self, window: MainWindow, pool: JobPool, runs: RunActions) -> None:
        self._window, self._context = window, window.context
        self._pool, self._runs = pool, runs
        self._last_autosave = 0.0
        self._context.bridge.tick.connect(self._on_tick)

    def commands(self) -> list[Command]:
        """New, open, save, quit."""
        return [
            Command("new_project", self.new, "Ctrl+N", "plus", menu="file"),
            Command("open_project", self.open_dialog, "Ctrl+O", "folder", menu="file"),
            Command("example", self.open_example, "", "play", menu="file"),
            Command("save", self.save, "Ctrl+S", "save", self._has_steps, menu="file/save"),
            Command("save_as", self.save_as, "Ctrl+Shift+S", "save", self._has_steps, menu="file/save"),
            Command("export_plan", self.export, "Ctrl+E", "export", self._has_steps, menu="file/export"),
            Command("quit", self._window.close, "Ctrl+Q", "", menu="file/quit"),
        ]

    def _has_steps(self) -> bool:
        return bool(self._context.session.plan.steps)

    def show(self, session: Session) -> None:
        """Show another session in all panels; the old one lets go of what it holds."""
        context = self._context
        old = context.session
        if old is not session:
            if old.source is not None:
                old.source.close()
                old.source = None
            project_ops.close_project(old)
            session.mode = old.mode
            context.session = session
            context.bridge.watch(session)
        session.notify("project", "plan", "saved", "selection", "playhead")
        session.notify("simulation", "report", "recordings", "comparison", "source")
        context.bridge.flush()
        self._window.show_start(not session.plan.steps and session.project_folder is None)
        self._window.status.saved_at = None
        if session.project_folder is not None:
            self._window.store.take(self._window.store.settings.with_recent(session.project_folder))
        QTimer.singleShot(0, self._window, self.after_open)

    def after_open(self) -> None:
        """What may follow once the window is drawn: the saved simulation, and what an ended program left behind."""
        session = self._context.session
        job = simulate_ops.restore_in_background(session, self._pool)
        if job is not None:
            self._runs.watch(job)
        self.offer_recovery()

    def open_path(self, path: Path) -> bool:
        """Open a project; whether it opened. What is open stays where it did not."""
        try:
            session = project_ops.open_project(path)
        except (WorkbenchError, SimError) as failure:
            self._window.notifications.error(failure)
            return False
        self.show(session)
        return True

    def open_dialog(self) -> None:
        """Ask for a project and open it."""
        if not self.may_leave():
            return
        recent = self._window.store.settings.recent
        start = str(Path(recent[0]).parent) if recent else str(Path.home())
        folder = QFileDialog.getExistingDirectory(self._window, self._context.tr("shell.open_process"), start)
        if folder:
            self.open_path(Path(folder))

    def open_example(self) -> None:
        """The lesson whose one step fails on purpose."""
        path = resource("projects", EXAMPLE)
        if not path.is_dir():
            self._window.notifications.error_code("shell.no_example", path=path)
        elif self.may_leave():
            self.open_path(path)

    def new(self) -> None:
        """An empty process."""
        if self.may_leave():
            self.show(project_ops.new_project(self._context.tr("shell.new_name")))
            self._window.show_start(False)

    def save(self) -> bool:
        """Save, asking for a folder where there is none; whether it was saved."""
        session = self._context.session
        if project_ops.needs_folder(session):
            return self.save_as()
        project_ops.save(session)
        self._saved(session)
        return True

    def save_as(self) -> bool:
        """Save into a folder the user names; whether it was saved."""
        session = self._context.session
        start = Path.home() / (session.name or session.plan.name or "process").replace("/", "-")
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, self._context.tr("shell.choose_folder"), str(start), options=QFileDialog.Option.DontConfirmOverwrite
        )
        if not chosen:
            return False
        project_ops.save_as(session, Path(chosen))
        self._window.store.take(self._window.store.settings.with_recent(Path(chosen)))
        self._saved(session)
        return True

    def export(self) -> None:
        """Write everything another machine needs, with the evidence of the verdict, into a file the user names."""
        session, tr = self._context.session, self._context.tr
        start = Path.home() / f"{(session.name or session.plan.name or 'process').replace('/', '-')}.zip"
        chosen, _ = QFileDialog.getSaveFileName(self._window, tr("shell.export_plan"), str(start), tr("shell.export_filter"))
        if chosen:
            self._runs.watch(export_ops.export_in_background(session, Path(chosen), self._pool, self._exported))

    def may_leave(self) -> bool:
        """Ask only if something is unsaved; True if the session may be left."""
        session = self._context.session
        if not session.history.modified:
            return True
        answer = ask_unsaved(self._context, self._window)
        if answer == "save":
            return self.save()
        if answer == "discard":
            project_ops.close_project(session, discard=True)
            return True
        return False

    def offer_recovery(self) -> None:
        """Offer the newer version that an ended program left behind."""
        session, tr = self._context.session, self._context.tr
        found = project_ops.find_unsaved_work(session)
        if found is None:
            return
        changed = time.strftime("%H:%M", time.localtime(found.file.stat().st_mtime))
        text = tr("shell.recovered", time=changed, steps=len(found.plan.steps))
        self._window.notifications.offer(text, tr("shell.recover"), lambda: project_ops.recover(session), lasting=True)

    def _exported(self, done: export_ops.ExportResult) -> None:
        key = "shell.exported" if done.released else "shell.exported_unreleased"
        self._window.notifications.info(key, path=done.path)

    def _saved(self, session: Session) -> None:
        self._window.status.saved_at = time.time()
        session.notify("saved")
        self._window.notifications.info("shell.saved_note", path=session.project_folder)

    def _on_tick(self) -> None:
        now = time.monotonic()
        if now - self._last_autosave < _AUTOSAVE_EVERY:
            return
        self._last_autosave = now
        session = self._context.session
        if session.autosave is None and not session.history.modified:
            return
        project_ops.autosave_tick(session)
