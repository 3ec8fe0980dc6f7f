"""Fields of the inspector: a number with unit, a choice, a text. Enter or leaving commits, Esc reverts, errors stand below."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from workbench.errors import WorkbenchError
from workbench.ui.widgets import NumberField, label

#: Does an edit; the flag says that it goes on from the last one (an arrow key held), to be undone with it.
NumberEdit = Callable[[float, bool], None]


class StepNumberField(NumberField):
    """A number that any value can be typed into: the plan says what is allowed. ``going_on`` while arrows are pressed."""

    reverted = Signal()

    def __init__(self, unit: str, decimals: int) -> None:
        super().__init__(unit, decimals)
        self.going_on = False
        self._shown = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_number(self, value: float, increment: float) -> None:
        """The plan's value; what is being typed stays."""
        self._shown = value
        if not (self.hasFocus() and self.lineEdit().isModified()):
            self.set_number(value, -1e6, 1e6, increment)

    def stepBy(self, steps: int) -> None:
        """Arrows go on from each other until the focus leaves."""
        self.going_on = True
        super().stepBy(steps)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc brings back the plan's value."""
        if event.key() == Qt.Key.Key_Escape:
            self.set_number(self._shown, -1e6, 1e6, self.singleStep())
            self.lineEdit().setModified(False)
            self.selectAll()
            self.reverted.emit()
            return
        if event.key() not in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.going_on = False
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The next arrow is an edit of its own."""
        super().focusOutEvent(event)
        self.going_on = False

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the panel unless the field has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Choice(QComboBox):
    """A choice by id. ``chosen`` fires for the user's choice alone."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumContentsLength(8)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.activated.connect(lambda i: self.chosen.emit(self.itemData(i)))

    def show_items(self, items: list[tuple[str, str]], current: str) -> None:
        """Ids and names, and which is chosen."""
        if [(self.itemData(i), self.itemText(i)) for i in range(self.count())] != items:
            self.clear()
            for item, text in items:
                self.addItem(text, item)
        self.setCurrentIndex(self.findData(current))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the panel."""
        event.ignore()


class TextField(QLineEdit):
    """A text; ``committed`` on Enter or leaving, if it changed."""

    committed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._shown = ""
        self.editingFinished.connect(self._commit)

    def show_text(self, text: str, placeholder: str = "") -> None:
        """The plan's text; what is being typed stays."""
        self._shown = text
        self.setPlaceholderText(placeholder)
        if not (self.hasFocus() and self.isModified()):
            self.setText(text)
            self.setCursorPosition(0)  # a long text shows its beginning

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc brings back the plan's text."""
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._shown)
            self.selectAll()
            return
        super().keyPressEvent(event)

    def _commit(self) -> None:
        if self.text() != self._shown:
            self._shown = self.text()
            self.setModified(False)
            self.committed.emit(self._shown)


class Guarded(QWidget):
    """A field with room for the reason why its value was refused."""

    def __init__(self, field: QWidget, explain: Callable[[WorkbenchError], str]) -> None:
        super().__init__()
        self.field = field
        self._explain = explain
        self.reason = label("", "fail")
        self.reason.setWordWrap(True)
        self.reason.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(field)
        column.addWidget(self.reason)

    def attempt(self, edit: Callable[[], None]) -> bool:
        """Do an edit; a refused one says below what is allowed."""
        try:
            edit()
        except WorkbenchError as refused:
            self.reason.setText(self._explain(refused))
            self.reason.show()
            self.field.setAccessibleDescription(self.reason.text())
            return False
        self.clear()
        return True

    def clear(self) -> None:
        """Nothing is wrong (any more)."""
        self.reason.hide()
        self.field.setAccessibleDescription("")
