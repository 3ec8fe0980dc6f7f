"""The stop request: never red, never round, never on yellow, because it is not the emergency stop."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from workbench.ui import theme
from workbench.ui.icons import paint_icon

StopState = Literal["ready", "sent", "latched"]
_ICONS = {"ready": "stop", "sent": "clock", "latched": "lock"}
_KEYS = "Esc Esc"


class StopButton(QAbstractButton):
    """Ready: outline. Sent: dashed with a clock. Latched: inverted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state: StopState = "ready"
        self.setFixedHeight(36)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_state(self, state: StopState, text: str) -> None:
        """Show a state with its words."""
        if state != self.state or text != self.text():
            self.state = state
            self.setText(text)
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """As wide as words and key cap."""
        keys = QFontMetrics(theme.font(11)).horizontalAdvance(_KEYS) + 12 + 12 if self.state == "ready" else 0
        return QSize(14 + 16 + 10 + QFontMetrics(theme.font(14, 600)).horizontalAdvance(self.text()) + keys + 16, 36)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(1, 1, self.width() - 2, self.height() - 2)
        ink, ground = tokens.tx, tokens.bg1
        if self.state == "latched":
            ink, ground = tokens.bg1, tokens.tx
        elif self.isDown() or self.underMouse():
            ground = tokens.bg3
        pen = QPen(theme.color(tokens.tx), 2.0)
        if self.state == "sent":
            pen.setDashPattern([3.0, 2.0])
        painter.setPen(pen)
        painter.setBrush(theme.color(ground))
        painter.drawRoundedRect(box, 3, 3)
        if self.hasFocus():
            painter.setPen(QPen(theme.color(tokens.ac), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(3, 3, -3, -3), 2, 2)
        paint_icon(painter, QRectF(14, 10, 16, 16), _ICONS[self.state], ink)
        painter.setFont(theme.font(14, 600))
        painter.setPen(theme.color(ink))
        painter.drawText(QRectF(40, 0, self.width() - 40, self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.state == "ready":
            painter.setFont(theme.font(11))
            width = painter.fontMetrics().horizontalAdvance(_KEYS) + 12
            cap = QRectF(self.width() - width - 12.5, 9.5, width, 17)
            painter.setPen(theme.color(tokens.ctl))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cap, 3, 3)
            painter.setPen(theme.color(tokens.tx2))
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, _KEYS)
        painter.end()


class DoubleEscape(QObject):
    """Notices Esc twice within 600 ms anywhere in the application, also in text fields; each Esc still does its own work."""

    pressed_twice = Signal()
    WITHIN_MS = 600

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._last: int | None = None
        self._seen: int | None = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count Esc presses; one press passes here several times on its way up, told apart by its time stamp."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat():
            if event.key() != Qt.Key.Key_Escape:
                self._last = None
            elif watched.isWindowType():
                self._press(event.timestamp())
        return False

    def _press(self, stamp: int) -> None:
        if self._last is not None and stamp - self._last <= self.WITHIN_MS:
            self._last = None
            self.pressed_twice.emit()
        else:
            self._last = stamp
