"""The application: opens the window on a project and runs until it is closed."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

from workbench.ui.composition import compose, make_application
from workbench.ui.shell.store import SettingsStore


def run(project: Path | None = None, language: str = "", measure_start: bool = False) -> int:
    """Open the window.

    Args:
        project: folder or ``project.json``; None: the first card over an empty process.
        language: "en" or "ko" for this start; empty: the settings', else the system's.
        measure_start: write "interactive" to standard output once the window is drawn and answers, and end.

    Returns:
        The exit code of the application.

    Raises:
        WorkbenchError, SimError: the project cannot be opened.
    """
    store = SettingsStore()
    app = make_application(store)
    workbench = compose(store, project)
    window = workbench.window
    if language:
        window.set_language(language)
    window.notifications.install()
    window.show()
    workbench.projects.show(window.context.session)
    window.context.bridge.start()
    if measure_start:
        QTimer.singleShot(0, window, lambda: _report_start(window))
    code = app.exec()
    workbench.close()
    return int(code)


def _report_start(window: QWidget) -> None:
    # What is still waiting (the first paint of every panel) counts as part of the start.
    QApplication.processEvents()
    sys.stdout.write("interactive\n")
    sys.stdout.flush()
    window.close()
