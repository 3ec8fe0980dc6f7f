"""Painting of everything around the steps: ruler, track heads, lanes, margin strip, dependencies, overview."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from workbench.ui.timeline import geometry
from workbench.ui.timeline.geometry import MARGIN_ROW, Row, TimeScale
from workbench.ui.timeline.look import Look
from workbench.ui.timeline.scene import MarginCurve, Scene, StepView


def paint_ground(
    painter: QPainter, look: Look, rows: tuple[Row, ...], scale: TimeScale, area: QRectF, dy: float, until: float | None
) -> None:
    """Lanes with grid lines at the ruler's majors, hatched where nothing was simulated, a hairline under each row."""
    painter.fillRect(area, QColor(look.tokens.lane))
    if until is not None:
        x = max(scale.x(until), area.left())
        if x < area.right():
            painter.setBrushOrigin(QPointF(scale.x(0.0), dy))
            painter.fillRect(QRectF(x, area.top(), area.right() - x, area.height()), look.hatch)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(look.pen(look.tokens.line))
    interval = geometry.major_interval(scale.pixels)
    for t in geometry.ticks(scale.time(area.left()), scale.time(area.right()), interval):
        x = round(scale.x(t))
        painter.drawLine(QLineF(x, area.top(), x, area.bottom()))
    for row in rows:
        y = dy + row.bottom - 1
        painter.drawLine(QLineF(area.left(), y, area.right(), y))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def paint_ruler(painter: QPainter, look: Look, scale: TimeScale, left: float, width: float) -> None:
    """Ruler of 26 px: labels at the majors, short ticks between."""
    painter.fillRect(QRectF(0, 0, width, geometry.RULER), QColor(look.tokens.bg1))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    interval = geometry.major_interval(scale.pixels)
    minor = interval / (4 if interval in (0.2, 2.0, 20.0) else 5)
    while minor * scale.pixels < 10:
        minor *= 2.5 if minor * 2.5 <= interval / 2 + 1e-9 else interval / minor
    painter.setPen(look.pen(look.tokens.ctl))
    for t in geometry.ticks(scale.time(left), scale.time(width), minor):
        x = round(scale.x(t))
        painter.drawLine(QLineF(x, geometry.RULER - 5, x, geometry.RULER))
    painter.setFont(look.small_font)
    for t in geometry.ticks(scale.time(left) - interval, scale.time(width), interval):
        x = round(scale.x(t))
        if x >= left - 40:
            if x >= left:
                painter.setPen(look.pen(look.tokens.ctl))
                painter.drawLine(QLineF(x, geometry.RULER - 9, x, geometry.RULER))
            painter.setPen(QColor(look.tokens.tx2))
            painter.drawText(QPointF(x + 4, 13), geometry.ruler_label(t, interval))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def paint_heads(
    painter: QPainter,
    look: Look,
    rows: tuple[Row, ...],
    names: Mapping[str, str],
    width: float,
    dy: float,
    curve: MarginCurve | None,
    unit: str,
) -> None:
    """Track heads: icon and name; the strip's axis labels. ``dy`` is where the rows begin."""
    bottom = dy + (rows[-1].bottom if rows else 0.0)
    painter.fillRect(QRectF(0, dy, width, max(bottom - dy, 0) + 2000), QColor(look.tokens.bg1))
    compact = width < 120
    for row in rows:
        y = dy + row.top
        middle = y + row.height / 2
        strip = row.id == MARGIN_ROW
        indent = (4.0 if compact else 12.0) + (0.0 if compact or not strip else 8.0)
        tone = look.tokens.tx2 if strip else look.tokens.tx
        painter.drawPixmap(QPointF(indent, middle - 8), look.icon("wave" if strip else row.id, look.tokens.tx2, 16))
        painter.setFont(look.label_font if not strip else look.text_font)
        painter.setPen(QColor(tone))
        text_left = indent + (20.0 if compact else 22.0)
        reserve = 22.0 if strip and curve is not None and not compact else 6.0
        room = width - text_left - reserve
        painter.drawText(
            QRectF(text_left, y, room, row.height - 1),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            look.label_metrics.elidedText(names.get(row.id, row.id), Qt.TextElideMode.ElideRight, room),
        )
        if strip and curve is not None:
            painter.setFont(look.small_font)
            painter.setPen(QColor(look.tokens.tx3))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y + 1, width - 6, 14), right, f"{curve.top * 1000:.0f} {unit}")
            if curve.required is not None:
                line = strip_y(row, dy, curve.required, curve.top)
                painter.setPen(QColor(look.tokens.tx2))
                painter.drawText(QRectF(0, line - 7, width - 6, 14), right, f"{curve.required * 1000:.0f}")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(look.pen(look.tokens.line))
        painter.drawLine(QLineF(0, dy + row.bottom - 1, width, dy + row.bottom - 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(look.pen(look.tokens.line))
    painter.drawLine(QLineF(width - 1, 0, width - 1, bottom + 2000))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


#: A hole in the record longer than this is left open, s.
_GAP_S = 0.25


def strip_y(row: Row, dy: float, value: float, top: float) -> float:
    """Where a margin (m) lies in the strip; the axis ends 6 px inside the row and shows a little below zero."""
    low = -0.1 * top
    usable = row.height - 12.0
    return dy + row.bottom - 7.0 - usable * (max(value, low) - low) / (top - low)


def paint_margin(
    painter: QPainter,
    look: Look,
    row: Row,
    dy: float,
    curve: MarginCurve,
    scale: TimeScale,
    area: QRectF,
    lit: tuple[float, float] | None,
    unit: str,
) -> None:
    """Support margin over time, the requirement dashed, what lies under it filled, the lowest value of ``lit`` labelled."""
    tokens = look.tokens
    painter.save()
    painter.setClipRect(QRectF(area.left(), dy + row.top, area.width(), row.height - 1))
    first, last = np.searchsorted(curve.t, (scale.time(area.left()) - 0.1, scale.time(area.right()) + 0.1))
    shown = slice(max(int(first) - 1, 0), int(last) + 1)
    t, values = curve.t[shown], curve.margin[shown]
    if len(t) < 2:
        painter.restore()
        return
    x = scale.left + (t - scale.origin) * scale.pixels
    if len(x) > area.width():
        starts = np.flatnonzero(np.diff(np.floor(x), prepend=-1e9))
        x, values = x[starts], np.minimum.reduceat(values, starts)
    low, high = strip_y(row, dy, -1.0, curve.top), strip_y(row, dy, curve.top, curve.top)
    y = np.clip(low + (values + 0.1 * curve.top) * ((high - low) / (1.1 * curve.top)), None, low)
    points = [QPointF(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    floor = dy + row.bottom - 1
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.color(tokens.tx2, 0.12))
    _fill_to(painter, points, floor)
    if curve.required is not None:
        need = strip_y(row, dy, curve.required, curve.top)
        short = [QPointF(p.x(), max(p.y(), need)) for p in points]
        painter.setBrush(look.color(tokens.fa, 0.8))
        for start, end in curve.short:
            painter.save()
            painter.setClipRect(
                QRectF(scale.x(start), dy + row.top, max((end - start) * scale.pixels, 2.0), row.height),
                Qt.ClipOperation.IntersectClip,
            )
            i, j = np.searchsorted(x, (scale.x(start) - 2.0, scale.x(end) + 4.0))
            _fill_to(painter, short[i:j], need)
            painter.restore()
        pen = look.pen(tokens.fa, 1.0)
        pen.setDashPattern([4.0, 3.0])
        painter.setPen(pen)
        painter.drawLine(QPointF(area.left(), need), QPointF(area.right(), need))
    painter.setPen(look.pen(tokens.tx, 1.0))
    for piece in np.split(np.arange(len(x)), np.flatnonzero(np.diff(x) > max(_GAP_S * scale.pixels, 3.0)) + 1):
        painter.drawPolyline(points[piece[0] : piece[-1] + 1])
    if lit is not None:
        _paint_lowest(painter, look, row, dy, curve, scale, area, lit, unit)
    painter.restore()


def _fill_to(painter: QPainter, points: list[QPointF], level: float) -> None:
    """Fill between a curve and a level. In pieces: Qt fills one polygon of n points in a time that grows with n squared."""
    for i in range(0, len(points) - 1, 50):
        piece = points[i : i + 51]
        painter.drawPolygon(QPolygonF([*piece, QPointF(piece[-1].x(), level), QPointF(piece[0].x(), level)]))


def _paint_lowest(
    painter: QPainter,
    look: Look,
    row: Row,
    dy: float,
    curve: MarginCurve,
    scale: TimeScale,
    area: QRectF,
    lit: tuple[float, float],
    unit: str,
) -> None:
    found = curve.lowest(*lit)
    if found is None:
        return
    time, value = found
    short = any(start - 0.05 <= time <= end + 0.05 for start, end in curve.short)
    tone, ground = (look.tokens.fa, look.tokens.fab) if short else (look.tokens.tx, look.tokens.bg2)
    point = QPointF(scale.x(time), strip_y(row, dy, value, curve.top))
    text = f"{value * 1000:.0f} {unit}"
    width = look.small_strong_metrics.horizontalAdvance(text) + 10
    tag = QRectF(point.x() + 14, dy + row.top + 5, width, 15)
    if tag.right() > area.right() - 4:
        tag.moveRight(point.x() - 14)
    painter.setPen(look.pen(tone, 1.0))
    painter.drawLine(point, QPointF(tag.left() if tag.left() > point.x() else tag.right(), tag.center().y()))
    painter.setBrush(QColor(tone))
    painter.drawEllipse(point, 2.0, 2.0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ground))
    painter.drawRoundedRect(tag, 3, 3)
    painter.setPen(QColor(tone))
    painter.setFont(look.small_strong_font)
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)


@dataclass(frozen=True, slots=True)
class Curve:
    """A dependency as drawn: the cubic, its ends, whether the arrow points up, whether a selected step is at one end."""

    path: QPainterPath
    start: QPointF
    end: QPointF
    up: bool
    lit: bool


def dependency_curve(first: QRectF, second: QRectF, lit: bool) -> Curve:
    """A cubic from 7 px inside the end of ``first`` to 7 px inside the start of ``second``, leaving by the nearer edge."""
    away = second.center().y() - first.center().y()
    down, same_row = away >= 0, abs(away) < 1.0
    a = QPointF(first.right() - min(7.0, first.width() / 2), first.bottom() if down else first.top())
    b = QPointF(second.left() + min(7.0, second.width() / 2), second.bottom() if same_row or not down else second.top())
    reach = max(abs(b.y() - a.y()) * 0.55, 10.0)
    sign = 1.0 if down else -1.0
    path = QPainterPath(a)
    path.cubicTo(QPointF(a.x(), a.y() + sign * reach), QPointF(b.x(), b.y() + (reach if same_row else -sign * reach)), b)
    return Curve(path, a, b, same_row or not down, lit)


def paint_dependency(painter: QPainter, look: Look, curve: Curve) -> None:
    """The curve with its halo, a dot where it begins and an arrow of 6 px where it ends."""
    tone = QColor(look.tokens.ac if curve.lit else look.tokens.tx3)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.strokePath(curve.path, QPen(QColor(look.tokens.lane), 3.5))
    painter.strokePath(curve.path, QPen(tone, 1.6 if curve.lit else 1.1))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tone)
    painter.drawEllipse(curve.start, 1.8, 1.8)
    tail, end = 5.5 if curve.up else -5.5, curve.end
    painter.drawPolygon(QPolygonF([end, QPointF(end.x() - 3, end.y() + tail), QPointF(end.x() + 3, end.y() + tail)]))


def paint_overview(
    painter: QPainter, look: Look, scene: Scene, area: QRectF, window: tuple[float, float], end: float, caption: str, head: float
) -> None:
    """The whole process in 18 px: all findings, what is in view as a frame, ``caption`` in the head column."""
    tokens = look.tokens
    painter.fillRect(area, QColor(tokens.bg1))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(look.pen(tokens.line))
    painter.drawLine(QLineF(area.left(), area.top(), area.right(), area.top()))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(look.small_font)
    painter.setPen(QColor(tokens.tx2))
    room = head - 18
    text = look.small_metrics.elidedText(caption, Qt.TextElideMode.ElideRight, room)
    painter.drawText(QRectF(area.left() + 12, area.top(), room, area.height()), Qt.AlignmentFlag.AlignVCenter, text)
    track = overview_track(area, head)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.bg0))
    painter.drawRoundedRect(track, 4, 4)
    if end <= 0:
        return

    def x(time: float) -> float:
        return track.left() + track.width() * min(max(time / end, 0.0), 1.0)

    frame = QRectF(x(window[0]), track.top() + 0.5, max(x(window[1]) - x(window[0]), 12.0), track.height() - 1)
    painter.setPen(look.pen(tokens.ctl))
    painter.setBrush(QColor(tokens.bg3))
    painter.drawRoundedRect(frame, 4, 4)
    painter.setPen(Qt.PenStyle.NoPen)
    for finding in sorted(scene.findings, key=lambda f: f.severity == "fail"):
        if finding.start is None:
            continue
        last = finding.end if finding.end is not None else finding.start
        painter.setBrush(look.severity(finding.severity))
        painter.drawRect(QRectF(x(finding.start), track.center().y() - 2, max(x(last) - x(finding.start), 3.0), 4))


def overview_track(area: QRectF, head: float) -> QRectF:
    """The part of the overview that stands for time."""
    return QRectF(area.left() + head + 4, area.top() + 4, max(area.width() - head - 12, 10.0), area.height() - 8)


def dependencies_shown(
    scene: Scene, rect_of: Callable[[StepView], QRectF | None], selected: Collection[str], scale: TimeScale, right: float
) -> list[Curve]:
    """The curves in view; under 12 px/s only those of the selection. Neighbours on one track need none unless selected."""
    found: list[Curve] = []
    earliest, latest, all_shown = scale.origin, scale.time(right), scale.pixels >= geometry.DEPENDENCIES_FROM
    for a, b in scene.dependencies:
        lit = a in selected or b in selected
        if not all_shown and not lit:
            continue
        first, second = scene.by_id[a], scene.by_id[b]
        if max(first.end, second.start) < earliest or min(first.end, second.start) > latest:
            continue
        if not lit and _touching(first, second):
            continue
        from_rect, to_rect = rect_of(first), rect_of(second)
        if from_rect is not None and to_rect is not None:
            found.append(dependency_curve(from_rect, to_rect, lit))
    return found


def _touching(first: StepView, second: StepView) -> bool:
    return first.box.track == second.box.track and abs(second.start - first.end) < 0.3
