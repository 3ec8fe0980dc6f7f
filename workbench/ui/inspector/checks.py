"""The checks of one step: mark, name, bar with the limit's tick, value, limit."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from sim.preflight.finding import CheckResult, Verdict
from workbench.ui import theme
from workbench.ui.icons import paint_verdict
from workbench.ui.wording import Wording, number, shown_unit

_ROW = 22
_BODY = 14
_BAR = 52.0
_ORDER = {"fail": 0, "marginal": 1, "not_assessed": 2, "pass": 3}


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A check in words, and how full its bar is and where the limit lies on it (0 to 1, None: no bar)."""

    verdict: Verdict
    name: str
    body: str
    value: str
    limit: str
    fill: float | None
    tick: float | None


def check_line(check: CheckResult, words: Wording) -> CheckLine:
    """A check in words. The limit's unit stands with the limit alone; both are in the same unit."""
    unit, factor = shown_unit(check.unit, check.limit if check.limit is not None else check.measured)
    sign = "≥" if check.relation == ">=" else "≤"
    value = "–" if check.measured is None else number(check.measured * factor)
    limit = "" if check.limit is None else f"{sign} {number(check.limit * factor)}{'' if unit == '°' else ' '}{unit}".rstrip()
    if check.limit is None and check.measured is not None:
        limit = unit
    fill = tick = None
    if check.measured is not None and check.limit is not None and check.limit > 0:
        span = max(check.limit * (2.0 if check.relation == ">=" else 1.15), check.measured)
        fill, tick = min(max(check.measured / span, 0.0), 1.0), check.limit / span
    return CheckLine(
        check.verdict, words.check(check.check), words.body(check.body) if check.body else "", value, limit, fill, tick
    )


class CheckList(QWidget):
    """Paints the checks, worst first. What did not pass says below its name which body it concerns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[CheckLine, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_checks(self, checks: list[CheckResult], words: Wording) -> None:
        """New checks."""
        ordered = sorted(checks, key=lambda c: _ORDER[c.verdict])
        self.lines = tuple(check_line(c, words) for c in ordered)
        spoken = (f"{words.tr('findings.verdict.' + v.verdict)} {v.name} {v.body} {v.value} {v.limit}" for v in self.lines)
        self.setAccessibleName("; ".join(spoken))
        self.setToolTip("\n".join(f"{v.name}{', ' + v.body if v.body else ''}: {v.value}  {v.limit}" for v in self.lines))
        self.updateGeometry()
        self.update()

    def _height(self) -> int:
        return sum(_ROW + (_BODY if _has_body(v) else 0) for v in self.lines)

    def sizeHint(self) -> QSize:
        """One row a check."""
        return QSize(200, self._height())

    def minimumSizeHint(self) -> QSize:
        """All rows, narrow."""
        return QSize(160, self._height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows."""
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plain, strong, small = theme.font(12), theme.font(12, 600), theme.font(11)
        metrics = QFontMetricsF(plain)
        limit_width = max((metrics.horizontalAdvance(v.limit) for v in self.lines), default=0.0)
        value_width = max((QFontMetricsF(strong).horizontalAdvance(v.value) for v in self.lines), default=0.0)
        right = float(self.width())
        value_right = right - limit_width - 10
        bar_left = value_right - value_width - 10 - _BAR
        middle = Qt.AlignmentFlag.AlignVCenter
        top = -float(_ROW)
        for line in self.lines:
            top += _ROW
            tone = {"fail": tokens.fa, "marginal": tokens.wa}.get(line.verdict, tokens.tx2)
            paint_verdict(painter, QRectF(0, top + 4.5, 13, 13), line.verdict, tokens)
            painter.setFont(plain)
            painter.setPen(QColor(tokens.tx))
            room = max(bar_left - 31, 30.0)
            painter.drawText(
                QRectF(21, top, room, _ROW), middle, metrics.elidedText(line.name, Qt.TextElideMode.ElideRight, room)
            )
            if line.fill is not None and line.tick is not None:
                y = top + _ROW / 2
                painter.fillRect(QRectF(bar_left, y - 2, _BAR, 4), QColor(tokens.bg3))
                painter.fillRect(QRectF(bar_left, y - 2, max(_BAR * line.fill, 1.5), 4), QColor(tone))
                painter.setPen(QColor(tokens.tx))
                x = round(bar_left + _BAR * line.tick) + 0.5
                painter.drawLine(QPointF(x, y - 5), QPointF(x, y + 5))
            failed = line.verdict in ("fail", "marginal")
            painter.setFont(strong if failed else plain)
            painter.setPen(QColor(tone if failed else tokens.tx))
            painter.drawText(
                QRectF(value_right - value_width - 4, top, value_width + 4, _ROW),
                middle | Qt.AlignmentFlag.AlignRight,
                line.value,
            )
            painter.setFont(plain)
            painter.setPen(QColor(tokens.tx2))
            painter.drawText(
                QRectF(right - limit_width - 2, top, limit_width + 2, _ROW), middle | Qt.AlignmentFlag.AlignRight, line.limit
            )
            if _has_body(line):
                painter.setFont(small)
                body = QFontMetricsF(small).elidedText(line.body, Qt.TextElideMode.ElideRight, right - 21)
                painter.drawText(QRectF(21, top + _ROW - 3, right - 21, _BODY), middle, body)
                top += _BODY
        painter.end()


def _has_body(line: CheckLine) -> bool:
    return bool(line.body) and line.verdict != "pass"
