"""Choosing the robot that the process is for, and adding one from its model file."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QFileDialog, QMenu

from sim.errors import SimError
from sim.robot import RobotModel
from workbench.errors import WorkbenchError
from workbench.operations import import_ops, robot_ops
from workbench.session import Session
from workbench.ui.context import Command
from workbench.ui.main_window import MainWindow


class RobotActions:
    """Commands on the robot, over one window. What takes seconds runs on a thread."""

    def __init__(self, window: MainWindow) -> None:
        self._window, self._context = window, window.context
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="robot-add")
        self._waiting: list[tuple[Session, Future[RobotModel], bool]] = []
        self._context.bridge.tick.connect(self._take)

    def commands(self) -> list[Command]:
        """Choose, add."""
        return [
            Command("choose_robot", self.choose, "", "robot", menu="robot/add"),
            Command("add_robot_model", self.add_dialog, "", "robot", menu="robot/add"),
        ]

    def choices(self) -> QMenu:
        """The shipped robots and the user's own; the present one is marked."""
        menu = QMenu(self._window)
        for known in robot_ops.known_robots():
            action = menu.addAction(self._context.tr.named(known.name))
            action.setCheckable(True)
            action.setChecked(known.id == self._context.session.robot.id)
            action.triggered.connect(partial(self._use, known.profile))
        menu.addSeparator()
        menu.addAction(self._context.tr("command.add_robot_model"), self.add_dialog)
        return menu

    def choose(self) -> None:
        """Ask which robot."""
        self.choices().exec(QCursor.pos())

    def add_dialog(self) -> None:
        """Ask for a model file and add the robot it holds."""
        tr = self._context.tr
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, tr("shell.robot_file"), str(Path.home()), "MJCF, URDF (*.xml *.urdf)"
        )
        if chosen:
            self.add(Path(chosen))

    def add(self, model: Path) -> None:
        """Find the parts of a model, propose a profile, then work with that robot."""
        self._window.notifications.info("shell.robot_adding", name=model.name)
        self._waiting.append((self._context.session, self._worker.submit(robot_ops.add_file, model), True))

    def _use(self, profile: Path, _checked: bool = False) -> None:
        self._waiting.append((self._context.session, self._worker.submit(import_ops.checked_robot, profile), False))

    def _take(self) -> None:
        for entry in [e for e in self._waiting if e[1].done()]:
            self._waiting.remove(entry)
            session, found, added = entry
            error = found.exception()
            if isinstance(error, (SimError, WorkbenchError)):
                self._window.notifications.error(error)
            elif session is self._context.session:
                robot = found.result()
                import_ops.use_robot(session, robot)
                if added:
                    self._window.notifications.info("shell.robot_added", name=robot.id, folder=str(robot.folder))
