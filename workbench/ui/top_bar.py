"""The bar at the top: menu, project and its state, undo, modes, the search field, the robot."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from workbench.plan.layout import first_difference, layout
from workbench.session import Change
from workbench.ui import theme
from workbench.ui.commands import CommandList
from workbench.ui.context import Panel, UiContext
from workbench.ui.icons import paint_icon
from workbench.ui.widgets import Button, ElidedLabel, Hairline, IconButton, IconView, Segmented

MODES = ("author", "compare", "operate")


class SearchField(QAbstractButton):
    """Looks like a field, opens the palette."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hint = ""
        self._keys = "Ctrl K"
        self.setFixedHeight(26)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.IBeamCursor)

    def set_hint(self, hint: str) -> None:
        """Words in the field."""
        self._hint = hint
        self.setAccessibleName(hint)
        self.update()

    def sizeHint(self) -> QSize:
        """As in the design."""
        return QSize(226, 26)

    def minimumSizeHint(self) -> QSize:
        """Icon and shortcut."""
        return QSize(130, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Field, icon, hint, key cap."""
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focus = self.hasFocus()
        painter.setPen(theme.color(tokens.ac if focus else tokens.ctl))
        painter.setBrush(theme.color(tokens.bg2))
        painter.drawRoundedRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1), 4, 4)
        paint_icon(painter, QRectF(9, 6, 14, 14), "search", tokens.tx2)
        painter.setFont(theme.font(11))
        keys = painter.fontMetrics().horizontalAdvance(self._keys) + 10
        cap = QRectF(self.width() - keys - 6, 5, keys, 16)
        painter.setPen(theme.color(tokens.line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setPen(theme.color(tokens.tx2))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._keys)
        painter.setFont(theme.font(12))
        room = int(cap.left() - 36)
        hint = painter.fontMetrics().elidedText(self._hint, Qt.TextElideMode.ElideRight, room)
        painter.setPen(theme.color(tokens.tx3))
        painter.drawText(QRectF(30, 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, hint)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open at once, as a field would take the focus."""
        self.clicked.emit()


class TopBar(Panel):
    """Top bar, 44 px (laptop 40)."""

    interests: frozenset[Change] = frozenset({"project", "plan", "saved", "simulation", "mode", "source", "recordings"})
    mode_chosen = Signal(str)

    def __init__(
        self, context: UiContext, commands: CommandList, open_palette: Callable[[], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(context, parent)
        self._commands = commands
        frame = QFrame(self)
        frame.setProperty("role", "bar")
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)

        self.menu_button = IconButton("robot", size=18)
        self.menu_button.clicked.connect(self._open_menu)
        self.name = ElidedLabel("", "title")
        self.state = ElidedLabel("", "secondary")
        self.undo = IconButton("undo")
        self.redo = IconButton("redo")
        self.undo.clicked.connect(lambda: self._commands.run("undo"))
        self.redo.clicked.connect(lambda: self._commands.run("redo"))
        left = QHBoxLayout()
        left.setSpacing(8)
        for widget in (self.menu_button, self.name, self.state, self.undo, self.redo):
            left.addWidget(widget)
        left.addStretch(1)

        self.modes = Segmented()
        for mode in MODES:
            self.modes.add(mode, mode)
        self.modes.changed.connect(self.mode_chosen)

        self.search = SearchField()
        self.search.clicked.connect(open_palette)
        self.robot_icon = IconView("disconnect", "tx2", 16)
        self.robot = ElidedLabel("", "secondary")
        self.connect_button = Button()
        self.connect_button.clicked.connect(lambda: self._commands.run("connect"))
        right = QHBoxLayout()
        right.setSpacing(8)
        right.addStretch(1)
        line = Hairline(vertical=True)
        line.setFixedHeight(22)
        for part in (self.search, line, self.robot_icon, self.robot, self.connect_button):
            right.addWidget(part)

        row = QGridLayout(frame)
        row.setContentsMargins(10, 0, 12, 0)
        row.setHorizontalSpacing(16)
        row.addLayout(left, 0, 0)
        row.addWidget(self.modes, 0, 1, Qt.AlignmentFlag.AlignCenter)
        row.addLayout(right, 0, 2)
        row.setColumnStretch(0, 1)
        row.setColumnStretch(2, 1)
        # Equal halves whatever they hold, so that the modes stay in the middle.
        row.setColumnMinimumWidth(0, 1)
        row.setColumnMinimumWidth(2, 1)
        self.setFixedHeight(44)
        self.retranslate()

    def refresh(self, kinds: frozenset[Change]) -> None:
        """Show name, state, mode and robot."""
        session, tr = self.context.session, self.context.tr
        self.name.setText(session.plan.name or tr("shell.no_process"))
        self.state.setText(self._state())
        self.undo.setEnabled(bool(session.history.undo_label))
        self.redo.setEnabled(bool(session.history.redo_label))
        self.undo.set_tip(self._commands.tip("undo"))
        self.redo.set_tip(self._commands.tip("redo"))
        self.modes.set_current(session.mode)
        source = session.source
        if source is not None and source.kind == "robot":
            self.robot_icon.set_icon("connect", "tx")
            self.robot.setText(source.name)
        else:
            self.robot_icon.set_icon("disconnect", "tx2")
            self.robot.setText(tr("shell.no_robot"))
        self.connect_button.setVisible(source is None or source.kind != "robot")

    def retranslate(self) -> None:
        """Words of the language."""
        tr = self.context.tr
        self.menu_button.set_tip(tr("shell.menu"))
        self.modes.set_texts({mode: tr(f"mode.{mode}") for mode in MODES})
        for i, mode in enumerate(MODES):
            self.modes.button(mode).setToolTip(f"{tr(f'mode.{mode}')}  Ctrl+{i + 1}")
        self.search.set_hint(tr("shell.search_hint"))
        self.connect_button.setText(tr("shell.connect"))
        self.refresh(self.interests)

    def _state(self) -> str:
        session, tr = self.context.session, self.context.tr
        if not session.plan.steps:
            return ""
        words = tr("shell.edited") if session.history.modified else tr("shell.saved")
        if session.simulated is None:
            return f"{words}, {tr('shell.not_simulated')}"
        if session.simulation_stale and not math.isinf(first_difference(session.plan, session.simulated.plan)):
            edited = [box.start for box in layout(session.plan, session.simulated) if box.state == "edited"]
            if edited:
                return f"{words}, {tr('shell.not_simulated_after', time=f'{min(edited):.1f}')}"
        return words

    def _open_menu(self) -> None:
        menu = self._commands.build_menu(self)
        menu.exec(self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft()))
        menu.deleteLater()
