"""A slim play bar under the 3D view in Compare: play, time, the steps as bands with the playhead, speed."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QSizePolicy, QWidget

from workbench.session import Change
from workbench.ui import theme
from workbench.ui.context import Panel, UiContext
from workbench.ui.playback import SPEEDS, Playback, playable_end
from workbench.ui.widgets import IconButton, label


class Scrubber(QWidget):
    """The whole run as a band: steps, the selected one, the playhead. Click and drag move the playhead."""

    def __init__(self, context: UiContext, playback: Playback, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._playback = context, playback
        self.setFixedHeight(24)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        """Wide."""
        return QSize(240, 24)

    def spans(self) -> list[tuple[str, float, float]]:
        """Step id, start, end (s) of what is compared, else of the simulation."""
        session = self._context.session
        if session.comparison is not None:
            return [(s.id, s.start, s.end) for s in session.comparison.steps]
        if session.simulated is not None:
            end = session.simulated.recording.duration
            return [(s.id, s.start, end if s.end is None else s.end) for s in session.simulated.recording.steps]
        return [(s.id, s.start, s.end) for s in session.plan.steps]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint band, steps, playhead."""
        tokens, session = theme.current(), self._context.session
        end = max(playable_end(self._context), 1e-6)
        width = self.width() - 2
        painter = QPainter(self)
        painter.fillRect(QRectF(1, 10, width, 4), theme.color(tokens.bg3))
        for step_id, start, stop in self.spans():
            left, right = 1 + width * min(start / end, 1.0), 1 + width * min(stop / end, 1.0)
            tone = tokens.ac if step_id in session.selection.steps else tokens.ctl
            painter.fillRect(QRectF(left + 0.5, 10, max(right - left - 1, 1), 4), theme.color(tone))
        x = 1 + width * min(session.playhead / end, 1.0)
        painter.fillRect(QRectF(x - 1, 4, 2, 16), theme.color(tokens.tx))
        if self.hasFocus():
            painter.setPen(theme.color(tokens.ac))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Move the playhead here."""
        self._playback.stop()
        self._jump(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the playhead."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._jump(event.position().x())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move by 0.1 s, with Shift by 1 s."""
        step = {Qt.Key.Key_Left: -0.1, Qt.Key.Key_Right: 0.1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        factor = 10.0 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        self._playback.jump(self._context.session.playhead + step * factor)

    def _jump(self, x: float) -> None:
        self._playback.jump(playable_end(self._context) * (x - 1) / max(self.width() - 2, 1))


class TransportBar(Panel):
    """The play bar."""

    interests: frozenset[Change] = frozenset({"playhead", "simulation", "comparison", "selection", "mode", "project", "plan"})

    def __init__(self, context: UiContext, playback: Playback, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._playback = playback
        frame = QFrame(self)
        frame.setProperty("role", "footer")
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        row = QHBoxLayout(frame)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(8)
        self.play = IconButton("play")
        self.play.clicked.connect(playback.toggle)
        self.time, self.end = label("", "strong"), label("", "secondary")
        self.time.setMinimumWidth(56)
        self.scrubber = Scrubber(context, playback)
        self.speed = QComboBox()
        for value in SPEEDS:
            self.speed.addItem(f"{value:g}×", value)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.activated.connect(self._set_speed)
        for widget in (self.play, self.time, self.scrubber, self.end, self.speed):
            row.addWidget(widget)
        self.setFixedHeight(36)
        self.retranslate()

    def refresh(self, kinds: frozenset[Change]) -> None:
        """Show the playhead."""
        session = self.context.session
        if not self.isVisible() and session.mode != "compare":
            return
        self.play.set_icon("pause" if session.playing else "play")
        self.time.setText(f"{session.playhead:.2f} s")
        self.end.setText(f"{playable_end(self.context):.1f} s")
        if self._playback.speed in SPEEDS and not self.speed.view().isVisible():
            self.speed.setCurrentIndex(SPEEDS.index(self._playback.speed))
        self.scrubber.update()

    def retranslate(self) -> None:
        """Words of the language."""
        self.play.set_tip(self.context.tr("command.play"))
        self.speed.setToolTip(self.context.tr("transport.speed"))
        self.refresh(self.interests)

    def _set_speed(self, index: int) -> None:
        self._playback.speed = float(self.speed.itemData(index))
