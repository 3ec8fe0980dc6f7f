"""Painting of the playhead: a line that stays behind the words of steps, and a tag with the time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from workbench.ui.timeline import geometry
from workbench.ui.timeline.geometry import Row, TimeScale
from workbench.ui.timeline.look import Look
from workbench.ui.timeline.paint_steps import step_rect
from workbench.ui.timeline.scene import Scene


def paint_playhead(
    painter: QPainter, look: Look, scene: Scene, rows: Sequence[Row], scale: TimeScale, dy: float, time: float, width: float
) -> None:
    """The playhead at ``time`` s, faint (35 %) over steps; ``dy`` is where the rows begin, ``width`` the canvas's, px."""
    x = round(scale.x(time)) + 0.5
    if x < scale.left - 0.5:
        return
    solid, faint = look.pen(look.tokens.tx, 1.0), look.pen(look.tokens.tx, 1.0, 0.35)
    painter.setPen(solid)
    for row in rows:
        top, bottom = max(dy + row.top, float(geometry.RULER)), dy + row.bottom
        if bottom <= top:
            continue
        steps = scene.by_track.get(row.id, ())
        i = bisect_right(steps, time, key=lambda s: s.start) - 1
        if 0 <= i < len(steps) and time < steps[i].end:
            inner = step_rect(steps[i], row, scale, dy)
            upper, lower = max(inner.top(), top), max(inner.bottom(), top)
            painter.drawLine(QPointF(x, top), QPointF(x, upper))
            painter.setPen(faint)
            painter.drawLine(QPointF(x, upper), QPointF(x, lower))
            painter.setPen(solid)
            painter.drawLine(QPointF(x, lower), QPointF(x, bottom))
        else:
            painter.drawLine(QPointF(x, top), QPointF(x, bottom))
    text = f"{time:.2f} s"
    wide = look.small_strong_metrics.horizontalAdvance(text) + 12
    tag = QRectF(x - wide / 2, 3, wide, 15)
    tag.moveLeft(min(max(tag.left(), scale.left + 1.0), width - wide - 1.0))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(look.tokens.tx))
    painter.drawRect(tag)
    painter.drawPolygon(QPolygonF([QPointF(x - 4, 18), QPointF(x + 4, 18), QPointF(x, 23)]))
    painter.setPen(solid)
    painter.drawLine(QPointF(x, 22), QPointF(x, geometry.RULER))
    painter.setPen(QColor(look.tokens.bg1))
    painter.setFont(look.small_strong_font)
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)
