"""A refused edit springs back: for a moment its steps are drawn where they were wanted, then where they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation

from workbench.ui.timeline.gestures import Feedback

SPRING_MS = 160


class SpringBack(QObject):
    """Holds the feedback of a refused edit while it springs back.

    Args:
        moved: called at each frame. ended: called once it is back.
    """

    def __init__(self, moved: Callable[[], None], ended: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self.feedback: Feedback | None = None
        self._from = (0.0, 0.0)
        self._moved, self._ended = moved, ended
        self._animation = QVariantAnimation(self)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._on_value)
        self._animation.finished.connect(self._on_finished)

    def start(self, feedback: Feedback, still: bool) -> None:
        """Begin; ``still`` (reduced motion) is back at once."""
        self.stop()
        self._from = feedback.shift
        self.feedback = replace(feedback, band=None, wire=None, target="", tick=None)
        self._animation.setDuration(0 if still else SPRING_MS)
        self._animation.setStartValue(1.0)
        self._animation.setEndValue(0.0)
        self._animation.start()

    def stop(self) -> None:
        """Be back now."""
        self._animation.stop()
        self.feedback = None

    def _on_value(self, value: float) -> None:
        if self.feedback is not None:
            self.feedback = replace(self.feedback, shift=(self._from[0] * value, self._from[1] * value))
            self._moved()

    def _on_finished(self) -> None:
        self.feedback = None
        self._ended()
