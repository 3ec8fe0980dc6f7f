"""The mouse in the 3D pane: left drag orbits or takes a workpiece along, others pan, wheel zooms, a click picks, Shift drag pushes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

_CLICK = 4.0  # px that a click may move
_ORBIT = 0.008  # rad per px


@dataclass(frozen=True, slots=True)
class MouseActions:
    """What the gestures do. Positions are in widget pixels from the upper left; ``begin_push`` says whether it took hold."""

    orbit: Callable[[float, float], None]
    pan: Callable[[float, float], None]
    zoom: Callable[[float], None]
    click: Callable[[QPointF], None]
    begin_push: Callable[[QPointF], bool]
    push: Callable[[QPointF], None]
    end_push: Callable[[bool], None]
    hold: Callable[[QPointF], None]
    carry: Callable[[], bool]


class MouseControl(QObject):
    """Watches a viewport's widget. Key presses go on to the window, so that its shortcuts work."""

    def __init__(self, widget: QWidget, actions: MouseActions) -> None:
        super().__init__(widget)
        self._actions = actions
        self._last: QPointF | None = None
        self._start = QPointF()
        self._gesture = ""
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take mouse events; refuse keys so that they reach the window."""
        kind = event.type()
        if isinstance(event, QMouseEvent):
            if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
                self._press(event)
            elif kind == QEvent.Type.MouseMove:
                self._move(event)
            elif kind == QEvent.Type.MouseButtonRelease:
                self._release(event)
            else:
                return False
            return True
        if isinstance(event, QWheelEvent):
            self._actions.zoom(0.9 ** (event.angleDelta().y() / 120.0))
            event.accept()
            return True
        if kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event.ignore()
            return True
        return False

    def _press(self, event: QMouseEvent) -> None:
        self._start = self._last = event.position()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.button() == Qt.MouseButton.LeftButton:
            self._gesture = "push" if shift and self._actions.begin_push(event.position()) else "orbit"
            if shift and self._gesture == "orbit":
                self._gesture = "pan"
            if not shift:
                self._gesture = "hold"
                self._actions.hold(event.position())
        else:
            self._gesture = "pan"

    def _move(self, event: QMouseEvent) -> None:
        if self._last is None:
            return
        delta = event.position() - self._last
        far = (event.position() - self._start).manhattanLength() > _CLICK
        if self._gesture == "hold" and far:
            self._gesture = "orbit"
            if self._actions.carry():  # the button was let go meanwhile, elsewhere
                self._gesture, self._last = "", None
                return
        if self._gesture == "push":
            self._actions.push(event.position())
        elif far and self._gesture == "orbit":
            self._actions.orbit(-delta.x() * _ORBIT, delta.y() * _ORBIT)
        elif far and self._gesture == "pan":
            self._actions.pan(-delta.x(), delta.y())
        self._last = event.position()

    def _release(self, event: QMouseEvent) -> None:
        still = (event.position() - self._start).manhattanLength() <= _CLICK
        if self._gesture == "push":
            self._actions.end_push(not still)
        elif still and event.button() == Qt.MouseButton.LeftButton:
            self._actions.click(event.position())
        self._gesture, self._last = "", None
