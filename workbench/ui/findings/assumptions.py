"""What the verdict assumes: name and value on one line where they fit, else the value below its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from workbench.ui import theme
from workbench.ui.wording import Wording

_PAD = 12.0
_LINE = 18.0
_GAP = 3.0
_HEAD = 34.0
#: At most this share of the panel; the rest of the table scrolls.
SHARE = 0.36


@dataclass(frozen=True, slots=True)
class Assumption:
    """A name and a value in words."""

    name: str
    value: str


def assumptions_in_words(assumptions: Mapping[str, str], words: Wording) -> list[Assumption]:
    """Names and values in the user's language; a key without a word in spaced words."""
    return [Assumption(name, value) for name, value in words.assumptions(assumptions)]


class _Table(QWidget):
    """Paints the rows; as high as they need at its width."""

    def __init__(self) -> None:
        super().__init__()
        self._title = ""
        self._rows: list[Assumption] = []
        self._needs: list[float] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set(self, title: str, rows: list[Assumption]) -> None:
        """New words."""
        self._title, self._rows = title, rows
        # Layouts ask for the height many times; the words are measured once.
        metrics = QFontMetricsF(theme.font(12))
        self._needs = [metrics.horizontalAdvance(r.name) + metrics.horizontalAdvance(r.value) + 16 + 2 * _PAD for r in rows]
        self.setAccessibleName("; ".join([title, *(f"{r.name}: {r.value}" for r in rows)]))
        self.setToolTip("\n".join(f"{r.name}: {r.value}" for r in rows))
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Values wrap below their names where it is narrow."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height of all rows at a width."""
        lines = sum(1 if need <= width else 2 for need in self._needs)
        return int(_HEAD + lines * _LINE + len(self._rows) * _GAP + 8)

    def sizeHint(self) -> QSize:
        """At the present width."""
        return QSize(200, self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        """As the hint."""
        return QSize(120, self.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The height follows."""
        super().resizeEvent(event)
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint title and rows."""
        tokens, width = theme.current(), float(self.width())
        painter = QPainter(self)
        painter.setPen(QPen(QColor(tokens.line), 1))
        painter.drawLine(int(_PAD), 0, int(width - _PAD), 0)
        painter.setFont(theme.font(12, 600))
        painter.setPen(QColor(tokens.tx))
        painter.drawText(QRectF(_PAD, 8, width - 2 * _PAD, 20), Qt.AlignmentFlag.AlignVCenter, self._title)
        font = theme.font(12)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        y, inner = _HEAD, width - 2 * _PAD
        right, left = (Qt.AlignmentFlag.AlignVCenter | a for a in (Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft))
        for row, need in zip(self._rows, self._needs, strict=True):
            painter.setPen(QColor(tokens.tx2))
            name = metrics.elidedText(row.name, Qt.TextElideMode.ElideRight, inner)
            painter.drawText(QRectF(_PAD, y, inner, _LINE), left, name)
            if need > width:
                y += _LINE
            painter.setPen(QColor(tokens.tx))
            painter.drawText(
                QRectF(_PAD, y, inner, _LINE), right, metrics.elidedText(row.value, Qt.TextElideMode.ElideRight, inner)
            )
            y += _LINE + _GAP
        painter.end()


class Assumptions(QScrollArea):
    """The table, at most a share of the panel high."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = _Table()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._table)
        self.setWidgetResizable(True)
        self.setWidget(body)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._count = 0

    def show_table(self, title: str, rows: list[Assumption]) -> None:
        """New rows; nothing where there are none."""
        self._count = len(rows)
        self.setVisible(bool(rows))
        self._table.set(title, rows)

    def fit(self, panel_width: int, panel_height: int) -> None:
        """Take the height the rows need, at most the share of the panel."""
        if self._count:
            self.setFixedHeight(min(self._table.heightForWidth(panel_width), max(int(panel_height * SHARE), 90)))
