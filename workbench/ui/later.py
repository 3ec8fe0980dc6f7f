"""Panels that come after the window: places held for them, and the loader that fills the places without stopping the window."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Mapping
from importlib import import_module

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.ui import theme
from workbench.ui.context import Panel, UiContext

HEAVY_PANELS = "workbench.ui.heavy_panels"
_POLL_MS = 15


class Place(QWidget):
    """An empty ground that a panel will fill."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panel: Panel | None = None
        self._covered = 0
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def fill(self, panel: Panel) -> None:
        """Put the panel here, for good."""
        self.panel = panel
        self._column.addWidget(panel)
        panel.show()
        if self._covered:
            panel.cover(self._covered)

    def cover(self, left: int) -> None:
        """As ``Panel.cover``, for the panel that is here or will be."""
        self._covered = left
        if self.panel is not None:
            self.panel.cover(left)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A quiet ground while nothing is here."""
        if self.panel is None:
            painter = QPainter(self)
            painter.fillRect(self.rect(), theme.color(theme.current().lane))
            painter.end()


class PanelLoader(QObject):
    """Imports the heavy panels on a thread and builds them one by one on the Qt thread.

    Args:
        context: handed to the panels.
        places: by the name of the panel.
    """

    #: One more panel is there.
    built = Signal(str)
    finished = Signal()

    def __init__(self, context: UiContext, places: Mapping[str, Place], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context, self._places = context, dict(places)
        self._panels: list[Panel] = []
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._import, name="panel loader", daemon=True)
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._build_next)
        self._builders: dict[str, Callable[[UiContext], Panel]] | None = None

    def start(self) -> None:
        """Begin."""
        self.finished.connect(_spare_the_loaded)
        self._thread.start()
        self._timer.start()

    def finish(self) -> None:
        """Load and build what is missing now, and wait for it (tests, pictures, the measured start); raises what went wrong."""
        if not self._thread.ident:
            self._thread.start()
        self._thread.join()
        while self._places:
            self._build_next()
        for panel in self._panels:
            panel.arrive()

    def _import(self) -> None:
        try:
            import_module(HEAVY_PANELS)
        except ImportError as failure:
            self._failure = failure

    def _build_next(self) -> None:
        if self._thread.is_alive():
            return
        if self._failure is not None:
            self._timer.stop()
            raise self._failure
        if self._builders is None:
            self._builders = dict(import_module(HEAVY_PANELS).HEAVY)
        for name in self._builders:
            if name in self._places:
                panel = self._builders[name](self._context)
                self._panels.append(panel)
                self._places.pop(name).fill(panel)
                self.built.emit(name)
                break
        if not self._places:
            self._timer.stop()
            self.finished.emit()


def _spare_the_loaded() -> None:
    # What was loaded stays as long as the window; to look through it for garbage stops the window for more than 100 ms.
    gc.freeze()
