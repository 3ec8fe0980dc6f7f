"""Painting of the findings list. Titles wrap to two lines; everything else ends in an ellipsis where it is too narrow."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from workbench.ui import theme
from workbench.ui.findings.model import ROW_ROLE, FindingRow, PassedHead, PassedRow
from workbench.ui.icons import paint_icon, paint_verdict

_PAD = 12
_TEXT_LEFT = 37
_TITLE_LINE = 18
_LINE = 16
_HEAD_ROW = 40
_PASSED_ROW = 44
_Index = QModelIndex | QPersistentModelIndex


class FindingsDelegate(QStyledItemDelegate):
    """Rows of the findings list. ``stale`` mutes the words of a report about an earlier version."""

    def __init__(self, view: QAbstractItemView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self.stale = False

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """As high as the wrapped title needs."""
        row, width = index.data(ROW_ROLE), self._view.viewport().width()
        if isinstance(row, PassedHead):
            return QSize(width, _HEAD_ROW)
        if isinstance(row, PassedRow):
            return QSize(width, _PASSED_ROW)
        lines = len(self._title_lines(row.title, width - _TEXT_LEFT - _PAD))
        detail = 1 if row.measured or row.requirement else 0
        return QSize(width, 10 + lines * _TITLE_LINE + _LINE + detail * (_LINE + 2) + 10)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One row."""
        tokens, row, rect = theme.current(), index.data(ROW_ROLE), option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected) and isinstance(row, FindingRow)
        if chosen:
            painter.fillRect(rect, QColor(tokens.acbg))
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), QColor(tokens.ac))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(tokens.bg2))
        painter.setPen(QPen(QColor(tokens.line), 1))
        painter.drawLine(QPointF(rect.left(), rect.bottom() + 0.5), QPointF(rect.right(), rect.bottom() + 0.5))
        if isinstance(row, FindingRow):
            self._paint_finding(painter, row, rect)
        elif isinstance(row, PassedHead):
            self._paint_head(painter, row, rect)
        elif isinstance(row, PassedRow):
            self._paint_passed(painter, row, rect)
        if option.state & QStyle.StateFlag.State_HasFocus and not chosen:
            painter.setPen(QPen(QColor(tokens.ac), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(rect).adjusted(1, 1, -1, -2))
        painter.restore()

    def _paint_finding(self, painter: QPainter, row: FindingRow, rect: QRect) -> None:
        tokens = theme.current()
        paint_verdict(painter, QRectF(rect.left() + _PAD, rect.top() + 12, 15, 15), row.finding.severity, tokens)
        width = rect.width() - _TEXT_LEFT - _PAD
        y = rect.top() + 10
        for line in self._title_lines(row.title, width):
            self._text(
                painter,
                QRect(rect.left() + _TEXT_LEFT, y, width, _TITLE_LINE),
                line,
                theme.font(13, 600),
                tokens.tx2 if self.stale else tokens.tx,
            )
            y += _TITLE_LINE
        time_font = theme.font(12)
        time_width = QFontMetrics(time_font).horizontalAdvance(row.time)
        right = QRect(rect.right() - _PAD - time_width, y, time_width + 2, _LINE)
        self._text(painter, right, row.time, time_font, tokens.tx2)
        self._text(
            painter, QRect(rect.left() + _TEXT_LEFT, y, width - time_width - 10, _LINE), row.step, theme.font(12), tokens.tx2
        )
        y += _LINE + 2
        if not row.measured and not row.requirement:
            return
        strong = theme.font(12, 600)
        measured = min(QFontMetrics(strong).horizontalAdvance(row.measured), width)
        self._text(
            painter,
            QRect(rect.left() + _TEXT_LEFT, y, measured + 2, _LINE),
            row.measured,
            strong,
            tokens.tx2 if self.stale else tokens.tx,
        )
        gap = measured + 7 if row.measured else 0
        self._text(
            painter, QRect(rect.left() + _TEXT_LEFT + gap, y, width - gap, _LINE), row.requirement, theme.font(12), tokens.tx2
        )

    def _paint_head(self, painter: QPainter, row: PassedHead, rect: QRect) -> None:
        tokens = theme.current()
        name = "chevron_down" if row.opened else "chevron_right"
        paint_icon(painter, QRectF(rect.left() + _PAD - 1, rect.top() + 13, 14, 14), name, tokens.tx2)
        self._text(painter, rect.adjusted(_TEXT_LEFT - 6, 0, -_PAD, 0), row.text, theme.font(12), tokens.tx2)

    def _paint_passed(self, painter: QPainter, row: PassedRow, rect: QRect) -> None:
        tokens = theme.current()
        paint_verdict(painter, QRectF(rect.left() + _PAD, rect.top() + 8, 13, 13), "pass", tokens)
        font = theme.font(12)
        value = QFontMetrics(font).horizontalAdvance(row.measured)
        width = rect.width() - _TEXT_LEFT - _PAD
        self._text(painter, QRect(rect.left() + _TEXT_LEFT, rect.top() + 6, width, _LINE), row.title, font, tokens.tx)
        self._text(painter, QRect(rect.right() - _PAD - value, rect.top() + 23, value + 2, _LINE), row.measured, font, tokens.tx2)
        self._text(
            painter, QRect(rect.left() + _TEXT_LEFT, rect.top() + 23, width - value - 8, _LINE), row.step, font, tokens.tx2
        )

    @staticmethod
    def _text(painter: QPainter, rect: QRect, text: str, font: QFont, tone: str) -> None:
        painter.setFont(font)
        painter.setPen(QColor(tone))
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine, shown)

    @staticmethod
    def _title_lines(text: str, width: int) -> list[str]:
        """At most two lines, broken at spaces by measured width; the second may be elided when painted."""
        metrics = QFontMetrics(theme.font(13, 600))
        if metrics.horizontalAdvance(text) <= width:
            return [text]
        words = text.split(" ")
        first = words[0]
        for i, word in enumerate(words[1:], 1):
            if metrics.horizontalAdvance(f"{first} {word}") > width:
                return [first, " ".join(words[i:])]
            first = f"{first} {word}"
        return [first]
