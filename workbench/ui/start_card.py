"""The first card over the live 3D view: the example, a new process, open, connect; language and theme."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from workbench.ui import theme
from workbench.ui.context import Panel, UiContext
from workbench.ui.icons import paint_icon
from workbench.ui.widgets import Segmented, label

_TALL, _LOW = 62, 52


class StartButton(QAbstractButton):
    """A big choice: icon, what it is, what it brings, its key."""

    def __init__(self, icon: str, key: str, primary: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._key, self._primary = icon, key, primary
        self._second = ""
        self.setFixedHeight(_TALL)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_words(self, first: str, second: str) -> None:
        """Both lines."""
        self.setText(first)
        self._second = second
        self.setAccessibleName(first)
        self.setAccessibleDescription(second)
        self.update()

    def sizeHint(self) -> QSize:
        """As in the design."""
        return QSize(390, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(0.5, 0.5, self.width() - 1, self.height() - 1)
        hover = self.underMouse() or self.isDown()
        ground, edge, ink, second = (
            (tokens.ac, tokens.ac, tokens.onac, tokens.onac)
            if self._primary
            else (tokens.bg3 if hover else tokens.bg2, tokens.line, tokens.tx, tokens.tx2)
        )
        painter.setPen(theme.color(edge))
        painter.setBrush(theme.color(ground))
        painter.drawRoundedRect(box, 5, 5)
        if self.hasFocus():
            painter.setPen(theme.color(tokens.tx if self._primary else tokens.ac))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(2, 2, -2, -2), 4, 4)
        paint_icon(painter, QRectF(16, (self.height() - 18) / 2, 18, 18), self._icon, ink)
        painter.setFont(theme.font(13, 600))
        painter.setPen(theme.color(ink))
        room = self.width() - 48 - 70
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(
            QRectF(48, self.height() / 2 - 19, room, 20),
            align,
            painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room),
        )
        painter.setFont(theme.font(12))
        painter.setPen(theme.color(second))
        painter.drawText(
            QRectF(48, self.height() / 2, room + 60, 20),
            align,
            painter.fontMetrics().elidedText(self._second, Qt.TextElideMode.ElideRight, room + 60),
        )
        painter.setFont(theme.font(11))
        width = painter.fontMetrics().horizontalAdvance(self._key) + 12
        cap = QRectF(self.width() - width - 15.5, self.height() / 2 - 8.5, width, 17)
        painter.setPen(theme.color(tokens.onac if self._primary else tokens.ctl))
        painter.setBrush(theme.color(ground))
        painter.drawRoundedRect(cap, 3, 3)
        painter.setPen(theme.color(ink))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._key)
        painter.end()


class StartCard(Panel):
    """The card. ``chosen`` carries the id of the command to run; ``language`` and ``theme_chosen`` the inline choices."""

    chosen = Signal(str)
    language_chosen = Signal(str)
    theme_chosen = Signal(str)

    _CHOICES = (
        ("example", "play", "E"),
        ("new_project", "plus", "Ctrl N"),
        ("open_project", "folder", "Ctrl O"),
        ("connect", "connect", "Ctrl L"),
    )

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        card = QFrame(self)
        card.setProperty("role", "popover")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card)
        column = QVBoxLayout(card)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(8)
        self.title = label()
        self.title.setFont(theme.font(20, 600))
        self.subtitle = label("", "secondary")
        self.subtitle.setWordWrap(True)
        column.addWidget(self.title)
        column.addWidget(self.subtitle)
        column.addSpacing(4)
        self.buttons: dict[str, StartButton] = {}
        for name, icon, key in self._CHOICES:
            button = StartButton(icon, key, primary=name == "example")
            button.clicked.connect(lambda _checked=False, chosen=name: self.chosen.emit(chosen))
            self.buttons[name] = button
            column.addWidget(button)
        column.addSpacing(4)
        self.language_label, self.theme_label = label("", "secondary"), label("", "secondary")
        self.language = Segmented([("en", "English"), ("ko", "한국어")])
        self.theme = Segmented([("light", ""), ("dark", "")])
        self.language.changed.connect(self.language_chosen)
        self.theme.changed.connect(self.theme_chosen)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.language_label)
        row.addWidget(self.language)
        row.addStretch(1)
        row.addWidget(self.theme_label)
        row.addWidget(self.theme)
        column.addLayout(row)
        # Lives with the card: a hidden widget's shortcut is asleep.
        example = QShortcut(QKeySequence("E"), self)
        example.activated.connect(lambda: self.chosen.emit("example"))
        self.setFixedWidth(430)
        self.retranslate()

    def fit(self, room: int) -> None:
        """Lower buttons where there is less room (px) than the card wants."""
        for button in self.buttons.values():
            button.setFixedHeight(_TALL if room >= 440 else _LOW)
        self.adjustSize()

    def retranslate(self) -> None:
        """Words of the language."""
        tr = self.context.tr
        self.title.setText(tr("start.title"))
        self.subtitle.setText(tr("start.subtitle"))
        for name, button in self.buttons.items():
            button.set_words(tr(f"start.{name}"), tr(f"start.{name}_more"))
        self.language_label.setText(tr("shell.language"))
        self.theme_label.setText(tr("shell.theme"))
        self.theme.set_texts({"light": tr("shell.light"), "dark": tr("shell.dark")})
        self.language.set_current(tr.language)
        self.theme.set_current(self.context.tokens.name)
        self.adjustSize()

    def apply_theme(self) -> None:
        """The choice follows the theme."""
        self.theme.set_current(self.context.tokens.name)
