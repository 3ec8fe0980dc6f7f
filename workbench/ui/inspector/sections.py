"""Parts the inspector is composed of: a titled section with rows of name and value."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from workbench.ui.widgets import Button, ElidedLabel, Hairline, IconView, label

_PAD = 14
_NAME_WIDTH = 104
_FEW_LETTERS = 48


class ElidedButton(Button):
    """A flat button with one line of words that end in an ellipsis where it is too narrow; the tooltip holds the whole."""

    def __init__(self, text: str) -> None:
        super().__init__(text, flat=True)
        self._whole = text
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        """As wide as the whole text."""
        hint, metrics = super().sizeHint(), self.fontMetrics()
        return QSize(
            hint.width() + metrics.horizontalAdvance(self._whole) - metrics.horizontalAdvance(self.text()), hint.height()
        )

    def minimumSizeHint(self) -> QSize:
        """A few letters."""
        hint = self.sizeHint()
        return QSize(min(_FEW_LETTERS, hint.width()), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Elide anew."""
        super().resizeEvent(event)
        metrics = self.fontMetrics()
        room = self.width() - (self.sizeHint().width() - metrics.horizontalAdvance(self._whole))
        shown = metrics.elidedText(self._whole, Qt.TextElideMode.ElideRight, max(room, 0))
        if shown != self.text():
            self.setText(shown)
            self.setToolTip(self._whole if shown != self._whole else "")


class InspectorHead(QWidget):
    """Icon, name and where it belongs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon = IconView("", "tx", 18)
        self.name = ElidedLabel("", "object")
        self.where = ElidedLabel("", "secondary")
        self.where.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFixedHeight(40)
        row = QHBoxLayout(self)
        row.setContentsMargins(_PAD, 0, _PAD, 0)
        row.setSpacing(9)
        row.addWidget(self.icon)
        row.addWidget(self.name)
        row.addStretch(1)
        row.addWidget(self.where)

    def set(self, icon: str, name: str, where: str) -> None:
        """What is inspected."""
        self.icon.setVisible(bool(icon))
        self.icon.set_icon(icon)
        self.name.setText(name)
        self.where.setText(where)
        self.setAccessibleName(f"{name}, {where}" if where else name)


class Section(QWidget):
    """A title with a note at its right, then rows; a hairline below."""

    def __init__(self, titled: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label("", "strong", self)
        self.note = ElidedLabel("", "small", self)
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.grid = QGridLayout()
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(10)
        self.grid.setVerticalSpacing(5)
        self.grid.setColumnMinimumWidth(0, _NAME_WIDTH)
        self.grid.setColumnStretch(1, 1)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addWidget(self.note, 1)
        inner = QVBoxLayout()
        inner.setContentsMargins(_PAD, 10, _PAD, 12)
        inner.setSpacing(7)
        if titled:
            inner.addLayout(head)
        inner.addLayout(self.grid)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(inner)
        column.addWidget(Hairline())
        if not titled:
            self.title.hide()
            self.note.hide()
        self._values: dict[str, tuple[ElidedLabel, ElidedLabel, ElidedLabel]] = {}

    def set_title(self, title: str, note: str = "") -> None:
        """Title and note."""
        self.title.setText(title)
        self.note.setText(note)

    def add_field(self, name: str, field: QWidget) -> None:
        """A named field over the rest of the row."""
        shown = ElidedLabel(name, "secondary")
        shown.setMinimumHeight(26)
        row = self.grid.rowCount()
        self.grid.addWidget(shown, row, 0, Qt.AlignmentFlag.AlignTop)
        self.grid.addWidget(field, row, 1, 1, 2)

    def add_wide(self, widget: QWidget) -> None:
        """A widget over the whole row."""
        self.grid.addWidget(widget, self.grid.rowCount(), 0, 1, 3)

    def set_value(self, key: str, name: str, value: str, note: str = "", strong: bool = False) -> None:
        """A row of text, made at its first use."""
        if key not in self._values:
            row = self.grid.rowCount()
            parts = (ElidedLabel("", "secondary"), ElidedLabel("", "strong" if strong else ""), ElidedLabel("", "secondary"))
            parts[2].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column, part in enumerate(parts):
                self.grid.addWidget(part, row, column)
            self._values[key] = parts
        shown = self._values[key]
        for part, text in zip(shown, (name, value, note), strict=True):
            part.setText(text)

    def clear(self) -> None:
        """No rows."""
        while (item := self.grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._values.clear()
