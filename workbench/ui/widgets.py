"""Small building blocks of all panels. They take finished words, know no session, and follow the theme by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sim.preflight.finding import Verdict
from workbench.ui import theme
from workbench.ui.icons import icon, paint_icon, paint_verdict


def label(text: str = "", role: str = "", parent: QWidget | None = None) -> QLabel:
    """A label in a role of the style sheet: title, object, strong, secondary, hint, small, fail, key, chip."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    return made


def set_role(widget: QWidget, role: str) -> None:
    """Change a widget's role and let the style sheet see it."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class ElidedLabel(QLabel):
    """A one-line label that ends in an ellipsis where it is too narrow; the tooltip holds the whole."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._advance = "", -1
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def setText(self, text: str) -> None:
        """The whole text."""
        if text == self._text and self._advance >= 0:
            return
        self._text, self._advance = text, -1
        self.updateGeometry()
        self._elide()

    def full_text(self) -> str:
        """The whole text, elided or not."""
        return self._text

    def sizeHint(self) -> QSize:
        """As wide as the whole text."""
        return QSize(self._whole() + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """A few letters."""
        return QSize(min(24, self.sizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Elide anew."""
        super().resizeEvent(event)
        self._elide()

    def changeEvent(self, event: QEvent) -> None:
        """The font may have changed."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._advance = -1
            self._elide()

    def _whole(self) -> int:
        """Width of the whole text, measured once: layouts ask for it again and again."""
        if self._advance < 0:
            self._advance = QFontMetrics(self.font()).horizontalAdvance(self._text)
        return self._advance

    def _elide(self) -> None:
        room, shown = max(self.width(), 0), self._text
        if self._whole() > room:
            shown = QFontMetrics(self.font()).elidedText(self._text, Qt.TextElideMode.ElideRight, room)
        if shown != super().text():
            super().setText(shown)
        tip = self._text if shown != self._text else ""
        if tip != self.toolTip():
            self.setToolTip(tip)


class Hairline(QFrame):
    """A line of one pixel."""

    def __init__(self, vertical: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "hairline")
        if vertical:
            self.setFixedWidth(1)
            self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        else:
            self.setFixedHeight(1)
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


class IconView(QWidget):
    """An icon of the table in a token colour (``tone``: tx, tx2, ac, fa ...)."""

    def __init__(self, name: str = "", tone: str = "tx2", size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._tone = name, tone
        self.setFixedSize(size, size)

    def set_icon(self, name: str, tone: str = "") -> None:
        """Show another icon."""
        self._name, self._tone = name, tone or self._tone
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the icon."""
        painter = QPainter(self)
        paint_icon(painter, QRectF(self.rect()), self._name, getattr(theme.current(), self._tone))
        painter.end()


class VerdictMark(QWidget):
    """The mark of a verdict (26 px in a head, 13 to 15 in rows)."""

    def __init__(self, verdict: Verdict = "not_assessed", size: int = 14, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verdict: Verdict = verdict
        self.setFixedSize(size, size)

    def set_verdict(self, verdict: Verdict) -> None:
        """Show another verdict."""
        self._verdict = verdict
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the mark."""
        painter = QPainter(self)
        paint_verdict(painter, QRectF(self.rect()), self._verdict, theme.current())
        painter.end()


class VerdictBadge(QWidget):
    """Mark and word of a verdict, the word in the status colour; struck to secondary when stale."""

    _TONES: ClassVar[Mapping[str, str]] = {"pass": "ok", "marginal": "wa", "fail": "fa", "not_assessed": "na"}

    def __init__(self, mark: int = 26, px: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verdict: Verdict = "not_assessed"
        self._stale = False
        self._px = px
        self.mark = VerdictMark(size=mark)
        self.word = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.mark)
        row.addWidget(self.word, 1)

    def set(self, verdict: Verdict, word: str, stale: bool = False) -> None:
        """Show a verdict with its word."""
        self._verdict, self._stale = verdict, stale
        self.mark.set_verdict(verdict)
        self.word.setText(word)
        self._colour()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        tokens = theme.current()
        tone = tokens.tx2 if self._stale else getattr(tokens, self._TONES[self._verdict])
        strike = "line-through" if self._stale else "none"
        sheet = f"color: {tone}; font-size: {self._px}px; font-weight: 600; text-decoration: {strike};"
        if self.word.styleSheet() != sheet:
            self.word.setStyleSheet(sheet)


class IconButton(QToolButton):
    """A flat button with an icon of the table that follows the theme. The tooltip says what and the shortcut."""

    def __init__(
        self,
        name: str,
        tooltip: str = "",
        text: str = "",
        tone: str = "tx",
        size: int = 16,
        checkable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._name, self._tone, self._size = name, tone, size
        self.setIconSize(QSize(size, size))
        self.setCheckable(checkable)
        self.setToolTip(tooltip)
        self.setAccessibleName(tooltip or text)
        self.set_label(text)
        self._tint()

    def set_label(self, text: str) -> None:
        """Word beside the icon; empty: the icon alone."""
        self.setText(f" {text}" if text else "")
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if text else Qt.ToolButtonStyle.ToolButtonIconOnly
        self.setToolButtonStyle(style)

    def set_icon(self, name: str) -> None:
        """Show another icon."""
        if name != self._name:
            self._name = name
            self._tint()

    def set_tip(self, tooltip: str) -> None:
        """Tooltip and accessible name."""
        self.setToolTip(tooltip)
        self.setAccessibleName(tooltip)

    def changeEvent(self, event: QEvent) -> None:
        """Follow theme and enabledness."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.EnabledChange):
            self._tint()

    def _tint(self) -> None:
        tokens = theme.current()
        self.setIcon(icon(self._name, getattr(tokens, self._tone) if self.isEnabled() else tokens.tx3, self._size))


class Button(QPushButton):
    """A push button, optionally with an icon that follows the theme; ``primary`` in the accent colour."""

    def __init__(
        self, text: str = "", icon_name: str = "", primary: bool = False, flat: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self._name, self._primary = icon_name, primary
        self.setProperty("primary", primary)
        self.setProperty("flat", flat)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        """Follow theme and enabledness."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.EnabledChange):
            self._tint()

    def _tint(self) -> None:
        if self._name:
            tokens = theme.current()
            tone = tokens.tx3 if not self.isEnabled() else tokens.onac if self._primary else tokens.tx
            self.setIconSize(QSize(18, 14))
            self.setIcon(icon(self._name, tone, 14, pad=4))


class Segmented(QWidget):
    """A row of exclusive choices. ``changed`` carries the id the user chose."""

    changed = Signal(str)

    def __init__(self, items: Sequence[tuple[str, str]] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "segmented")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(1, 1, 1, 1)
        self._row.setSpacing(1)
        self._buttons: dict[str, QPushButton] = {}
        for item, text in items:
            self.add(item, text)

    def add(self, item: str, text: str) -> None:
        """One more choice at the end; the first is chosen."""
        button = QPushButton(text)
        button.setProperty("segment", True)
        button.setCheckable(True)
        button.clicked.connect(lambda _checked=False, chosen=item: self.changed.emit(chosen))
        self._group.addButton(button)
        self._row.addWidget(button)
        self._buttons[item] = button
        if len(self._buttons) == 1:
            button.setChecked(True)

    def set_texts(self, texts: Mapping[str, str]) -> None:
        """New words by id (another language)."""
        for item, text in texts.items():
            self._buttons[item].setText(text)

    def set_current(self, item: str) -> None:
        """Choose without telling."""
        if item in self._buttons:
            self._buttons[item].setChecked(True)

    def current(self) -> str:
        """The chosen id, "" if there is none."""
        return next((item for item, button in self._buttons.items() if button.isChecked()), "")

    def button(self, item: str) -> QPushButton:
        """The button of a choice."""
        return self._buttons[item]


class PanelHead(QFrame):
    """Head of a panel, 32 px: title, a secondary word, then what the panel adds at the right."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self.setFixedHeight(32)
        self.title = label(title, "title")
        self.secondary = ElidedLabel("", "secondary")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 0, 8, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self.title)
        self._row.addWidget(self.secondary, 1)

    def add(self, widget: QWidget) -> None:
        """Put a widget at the right end."""
        self._row.addWidget(widget)

    def set(self, title: str, secondary: str = "") -> None:
        """New words."""
        self.title.setText(title)
        self.secondary.setText(secondary)


class Chip(QLabel):
    """A word on the scrim colour over the 3D view or a plot."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("role", "chip")
        self.setTextFormat(Qt.TextFormat.PlainText)


def fill_column(panel: QWidget, head: QWidget, *bodies: QWidget) -> None:
    """Lay a panel out as most are: its head, and below it whichever of the bodies is shown, edge to edge."""
    column = QVBoxLayout(panel)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(head)
    for body in bodies:
        column.addWidget(body, 1)


class EmptyState(QWidget):
    """What an empty panel says: a title and what to do."""

    def __init__(self, title: str = "", text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label(title, "title")
        self.text = label(text, "secondary")
        self.text.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addStretch(1)
        self.set(title, text)

    def set(self, title: str, text: str) -> None:
        """New words; an empty title takes no room."""
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.text.setText(text)


class NumberField(QDoubleSpinBox):
    """A number with its unit at the right end. ``committed`` fires once an edit is finished, with the shown value."""

    committed = Signal(float)

    def __init__(self, unit: str = "", decimals: int = 2, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._last = 0.0
        self.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.setDecimals(decimals)
        self.setRange(-1e9, 1e9)
        self.setKeyboardTracking(False)
        self.setFixedHeight(26)
        self.setMinimumWidth(84)
        self._unit = label(unit, "hint", self)
        self._unit.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.editingFinished.connect(self._commit)

    def set_number(self, value: float, minimum: float, maximum: float, increment: float) -> None:
        """Show a value with its range without telling."""
        self.blockSignals(True)
        self.setRange(minimum, maximum)
        self.setSingleStep(increment if increment > 0 else 1.0)
        self.setValue(value)
        self.blockSignals(False)
        self._last = self.value()

    def set_unit(self, unit: str) -> None:
        """Another unit."""
        self._unit.setText(unit)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the unit at the right end."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        width = self._unit.sizeHint().width()
        self._unit.setGeometry(self.width() - width - 8, 0, width, self.height())
        self.lineEdit().setTextMargins(7, 0, width + 6, 0)

    def stepBy(self, steps: int) -> None:
        """Arrow keys commit at once."""
        super().stepBy(steps)
        self._commit()

    def _commit(self) -> None:
        if abs(self.value() - self._last) > 1e-12:
            self._last = self.value()
            self.committed.emit(self._last)


class Popover(QFrame):
    """A small card that opens under a widget and closes on a click elsewhere or Esc."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "popover")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(14, 12, 14, 12)
        self.column.setSpacing(8)

    def open_at(self, anchor: QWidget, above: bool = False) -> None:
        """Show it, right edges aligned, inside the screen."""
        self.adjustSize()
        corner = anchor.mapToGlobal(QPoint(anchor.width(), -4 if above else anchor.height() + 4))
        left = corner.x() - self.width()
        top = corner.y() - self.height() if above else corner.y()
        screen = QApplication.primaryScreen().availableGeometry()
        self.move(max(screen.left() + 4, min(left, screen.right() - self.width() - 4)), max(screen.top() + 4, top))
        self.show()
