"""Chips over the 3D pane: view menu, grid, what is shown, support figures, and labels that follow points of the scene."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from workbench.ui import theme
from workbench.ui.icons import icon
from workbench.ui.widgets import label

_MARGIN = 8


class Dot(QWidget):
    """A filled or a ghost-like dot in a token colour."""

    def __init__(self, tone: str, hollow: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone, self._hollow = tone, hollow
        self.setFixedSize(11, 11)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the dot."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(getattr(theme.current(), self._tone))
        painter.setPen(QPen(colour, 1.4))
        if self._hollow:
            colour.setAlphaF(0.35)
        painter.setBrush(colour)
        painter.drawEllipse(QRectF(1, 1, 9, 9))
        painter.end()


class CaptionChip(QFrame):
    """What the solid robot and the ghost are: always said in words."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "chip")
        self.solid, self.ghost = label(), label()
        self._ghost_dot = Dot("tw", hollow=True)
        self._row = QGridLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setHorizontalSpacing(6)
        self._row.setVerticalSpacing(0)
        self._row.addWidget(Dot("tx"), 0, 0)
        self._row.addWidget(self.solid, 0, 1)
        self._stacked = True
        self.set_stacked(False)

    def set_stacked(self, stacked: bool) -> None:
        """The ghost's words under the other ones where the pane is narrow."""
        if stacked != self._stacked:
            self._stacked = stacked
            at = (1, 0) if stacked else (0, 2)
            self._row.addWidget(self._ghost_dot, *at)
            self._row.addWidget(self.ghost, at[0], at[1] + 1)

    def set(self, solid: str, ghost: str) -> bool:
        """New words; an empty ghost takes no room. Says whether the chip needs another size."""
        before = self.sizeHint()
        self.solid.setText(solid)
        self.ghost.setText(ghost)
        self.ghost.setVisible(bool(ghost))
        self._ghost_dot.setVisible(bool(ghost))
        return self.sizeHint() != before


class MenuChip(QToolButton):
    """A chip with an icon, a word and a menu that is filled when it opens."""

    def __init__(self, icon_name: str, fill: Callable[[QMenu], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "chip")
        self._icon = icon_name
        self._fill = fill
        self._text, self._compact = "", False
        self.setIconSize(QSize(14, 14))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._refill)
        self.setMenu(self._menu)

    def set(self, text: str, tip: str) -> None:
        """Word, tooltip and icon in the theme's colour."""
        self._text = text
        self.setText("▾" if self._compact else f" {text}  ▾")
        self.setToolTip(tip if not self._compact else f"{text}\n{tip}")
        self.setAccessibleName(tip)
        self.setIcon(icon(self._icon, theme.current().tx, 14))

    def set_compact(self, compact: bool) -> None:
        """Icon alone, where the word would push other chips into the middle of the picture; the tooltip has the word."""
        if compact != self._compact:
            self._compact = compact
            self.set(self._text, self.accessibleName())

    def _refill(self) -> None:
        self._menu.clear()
        self._fill(self._menu)


class FigureChip(QFrame):
    """A value in text colour and more in secondary: "Support polygon 0.031 m²  feet 212 N / 279 N"."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "chip")
        self.first, self.second = label(), label("", "secondary")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.first)
        row.addWidget(self.second)

    def set(self, first: str, second: str) -> bool:
        """New words. Says whether the chip needs another size."""
        before = self.sizeHint()
        self.first.setText(first)
        self.second.setText(second)
        self.second.setVisible(bool(second))
        return self.sizeHint() != before


class PointLabel(QLabel):
    """A chip that stands beside a point of the scene."""

    def __init__(self, parent: QWidget, tone: str = "") -> None:
        super().__init__(parent)
        self._area = parent
        self.setProperty("role", "chip")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._tone = tone
        self.colour()
        self.hide()

    def colour(self) -> None:
        """Take the theme's status colours."""
        if self._tone:
            tokens = theme.current()
            fore, back = getattr(tokens, self._tone), getattr(tokens, self._tone + "b")
            self.setStyleSheet(f"background: {back}; color: {fore}; font-weight: 600;")

    def place(self, x: float, y: float, text: str) -> None:
        """Show ``text`` beside a pixel, within the pane."""
        if self.text() != text:
            self.setText(text)
            self.adjustSize()
        area = self._area.size()
        px = min(max(_MARGIN, int(x)), max(_MARGIN, area.width() - self.width() - _MARGIN))
        py = min(max(40, int(y)), max(40, area.height() - self.height() - 40))
        self.move(px, py)
        self.show()


def lay_out(
    area: QWidget,
    top_left: Sequence[QWidget],
    top_right: Sequence[QWidget],
    bottom_left: Sequence[QWidget],
    bottom_right: Sequence[QWidget],
) -> None:
    """Put chips in the four corners of ``area``; the right ones give way downwards where both rows do not fit."""
    for chip in (*top_left, *top_right, *bottom_left, *bottom_right):
        chip.adjustSize()
    x = _MARGIN
    for chip in top_left:
        chip.move(x, _MARGIN)
        x += chip.width() + _MARGIN
    right = area.width() - _MARGIN
    y = _MARGIN
    for chip in top_right:
        if right - chip.width() < x and not chip.isHidden():
            y = 2 * _MARGIN + chip.height()
        chip.move(right - chip.width(), y)
        right -= chip.width() + _MARGIN
    x = _MARGIN
    for chip in bottom_left:
        chip.move(x, area.height() - chip.height() - _MARGIN)
        x += chip.width() + _MARGIN
    right = area.width() - _MARGIN
    for chip in bottom_right:
        fits = right - chip.width() >= x
        chip.move(right - chip.width(), area.height() - chip.height() - (_MARGIN if fits else 2 * _MARGIN + chip.height()))
        right -= chip.width() + _MARGIN
