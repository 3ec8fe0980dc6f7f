"""A small card beside the pointer: why an edit was refused, or what a step is."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from workbench.ui.widgets import label

_WIDTH = 300


class Note(QFrame):
    """Card over its parent, moved to stay inside it; hidden after a while."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setProperty("role", "popover")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.text = label("")
        self.text.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 7)
        column.addWidget(self.text)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def say(self, text: str, at: QPoint, milliseconds: int = 0) -> None:
        """Show a sentence near a point; 0 ms: until ``hide``."""
        self.text.setText(text)
        self.setAccessibleName(text)
        parent = self._over
        width = min(_WIDTH, self.text.fontMetrics().horizontalAdvance(text) + 24, max(parent.width() - 16, 120))
        self.text.setFixedWidth(width - 20)
        self.setFixedWidth(width)
        height = self.text.heightForWidth(width - 20) + 14
        self.resize(width, height)
        x = min(max(at.x() + 14, 4), parent.width() - width - 4)
        y = at.y() - height - 10
        if y < 4:
            y = min(at.y() + 18, parent.height() - height - 4)
        self.move(x, max(y, 4))
        self.raise_()
        self.show()
        self._timer.stop()
        if milliseconds:
            self._timer.start(milliseconds)
