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
        measure_start: write "interactive" to standard output once the window is drawn and answers, "complete" once 3D and
            plots are there too, and end.

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
    # The window first, then 3D and plots: those libraries take longer to load than all the rest.
    QTimer.singleShot(0, workbench.loader.start)

    def complete() -> None:
        workbench.loader.finish()
        _report("complete", window)

    if measure_start:
        QTimer.singleShot(0, lambda: _report("interactive"))
        workbench.loader.finished.connect(lambda: QTimer.singleShot(0, complete))
    else:
        # The first simulation finds a process that has loaded its physics.
        workbench.loader.finished.connect(workbench.pool.warm_up)
    code = app.exec()
    workbench.close()
    return int(code)


def _report(word: str, window: QWidget | None = None) -> None:
    # What is still waiting (the first paint) counts as part of the start.
    QApplication.processEvents()
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()
    if window is not None:
        window.close()
