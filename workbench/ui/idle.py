"""Work done ahead of its need, in pieces too small to be felt: what is first looked at later is ready then."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget

_PAUSE_MS = 60
#: After so much work, s, the window has its turn.
_SLICE = 0.008


class Idle(QObject):
    """A queue of small pieces of work, some each time the event loop comes round.

    Args:
        pause_ms: from one turn to the next.
    """

    def __init__(self, parent: QObject | None = None, pause_ms: int = _PAUSE_MS) -> None:
        super().__init__(parent)
        self._pieces: deque[Callable[[], object]] = deque()
        self._timer = QTimer(self)
        self._timer.setInterval(pause_ms)
        self._timer.timeout.connect(self._turn)

    @property
    def busy(self) -> bool:
        """Some work is left."""
        return bool(self._pieces)

    def add(self, pieces: Iterable[Callable[[], object]]) -> None:
        """More work, done in this order."""
        self._pieces.extend(pieces)
        if self._pieces:
            self._timer.start()

    def clear(self) -> None:
        """Nothing more."""
        self._pieces.clear()
        self._timer.stop()

    def finish(self) -> None:
        """Do all of it now."""
        while self._pieces:
            self._pieces.popleft()()
        self._timer.stop()

    def _turn(self) -> None:
        began = time.perf_counter()
        while self._pieces and time.perf_counter() - began < _SLICE:
            self._pieces.popleft()()
        if not self._pieces:
            self._timer.stop()


def dressing(root: QWidget) -> list[Callable[[], object]]:
    """Pieces that give each hidden widget below ``root`` its style, the dear part of showing it for the first time."""
    polished = Qt.WidgetAttribute.WA_WState_Polished
    return [_dress(widget) for widget in (root, *root.findChildren(QWidget)) if not widget.testAttribute(polished)]


def _dress(widget: QWidget) -> Callable[[], object]:
    def dress() -> None:
        try:
            widget.ensurePolished()
        except RuntimeError:  # it was deleted meanwhile
            return

    return dress
