"""Painting of steps: box, label, estimate, findings, handles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from sim.preflight.finding import Finding
from workbench.ui.timeline import geometry
from workbench.ui.timeline.geometry import Row, TimeScale
from workbench.ui.timeline.look import Look
from workbench.ui.timeline.scene import StepView

#: How a step stands out: from the pointer, the selection, the keyboard, a drag or a refused edit.
Emphasis = Literal["none", "hover", "selected", "focus", "dragging", "refused", "locked"]

_PAD = 7.0
_ICON = 13
_ICON_GAP = 5.0
_PLAIN = 10.0
_FEW_LETTERS = 26.0
_MARK_ALONE, _MARK_BESIDE = 15.0, 40.0  # px of a step from which its mark is drawn, and anything beside it


@dataclass(frozen=True, slots=True)
class StepPaint:
    """What the painter of one step is told besides the step: where, how it stands out, words that replace the duration."""

    rect: QRectF
    emphasis: Emphasis = "none"
    duration: str | None = None


def step_rect(view: StepView, row: Row, scale: TimeScale, dy: float) -> QRectF:
    """The box of a step; ``dy`` is where the rows begin. At least 6 px wide."""
    x0, x1 = scale.x(view.start), scale.x(view.end)
    return QRectF(
        x0 + 0.5, dy + row.top + geometry.INSET - 0.5, max(x1 - x0 - 1.5, geometry.MIN_DRAWN), row.height - 2 * geometry.INSET + 1
    )


def paint_step(painter: QPainter, look: Look, view: StepView, scale: TimeScale, at: StepPaint, tall: bool) -> None:
    """One step with everything on it."""
    rect, tokens = at.rect, look.tokens
    pen, fill = look.step_material(view.family, not view.simulated)
    if rect.width() < _PLAIN and at.emphasis == "none":
        _paint_narrow(painter, look, view, rect)
        return
    painter.save()
    if at.emphasis == "dragging":
        painter.setOpacity(0.8)
    painter.setPen(pen)
    painter.setBrush(fill)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawRoundedRect(rect, 3, 3)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _paint_estimate(painter, look, view, scale, rect)
    for finding in reversed(view.findings if view.simulated else ()):
        _paint_range(painter, look, finding, scale, rect)
    _paint_label(painter, look, view, scale, at, tall)
    if view.worst is not None and rect.width() >= _MARK_ALONE:
        # Where there is room for one thing it is the mark, in the middle.
        left = rect.right() - 16 if rect.width() >= _MARK_BESIDE else rect.center().x() - 6.5
        painter.drawPixmap(QPointF(left, rect.top() + 3.5), look.mark(view.worst))
    outline = {
        "selected": (tokens.ac, 2.0),
        "dragging": (tokens.ac, 2.0),
        "focus": (tokens.tx, 2.0),
        "refused": (tokens.fa, 2.0),
    }.get(at.emphasis)
    if outline is not None:
        painter.setPen(look.pen(*outline))
        painter.drawRoundedRect(rect.adjusted(0, 0, 0, 0), 3, 3)
    painter.restore()


def _paint_narrow(painter: QPainter, look: Look, view: StepView, rect: QRectF) -> None:
    """A box too narrow for anything but its colours, and the colour of its worst finding along the lower edge."""
    pen, fill = look.step_material(view.family, not view.simulated)
    painter.fillRect(rect, pen.color())
    painter.fillRect(rect.adjusted(1, 1, -1, -1), QColor(look.tokens.lane))
    painter.fillRect(rect.adjusted(1, 1, -1, -1), fill)
    if view.worst is not None:
        painter.fillRect(QRectF(rect.left(), rect.bottom() - 4, rect.width(), 4), look.severity(view.worst))


def paint_handles(painter: QPainter, look: Look, rect: QRectF) -> None:
    """The two grips of the selected step, 4 x 14, on its edges."""
    if rect.width() < 20:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(look.tokens.ac))
    for x in (rect.left() - 1.5, rect.right() - 2.5):
        painter.drawRoundedRect(QRectF(x, rect.center().y() - 7, 4, 14), 1.5, 1.5)


def end_dot(rect: QRectF) -> QPointF:
    """Where a dependency is dragged from: on the lower edge, 7 px inside the end."""
    return QPointF(rect.right() - min(7.0, rect.width() / 2), rect.bottom())


def paint_end_dot(painter: QPainter, look: Look, rect: QRectF) -> None:
    """The spot a dependency is pulled from."""
    painter.setPen(look.pen(look.tokens.lane, 1.5))
    painter.setBrush(QColor(look.tokens.ac))
    painter.drawEllipse(end_dot(rect), 4.0, 4.0)


def _paint_estimate(painter: QPainter, look: Look, view: StepView, scale: TimeScale, rect: QRectF) -> None:
    """Dotted line and hatch where the simulation took longer, dashed whisker where it was shorter."""
    estimate = view.estimate
    if estimate is None:
        return
    x = scale.x(estimate)
    if estimate < view.end:
        x = max(x, rect.left() + 1)
        if rect.right() - x > 2:
            painter.fillRect(QRectF(x, rect.top() + 1, rect.right() - x - 0.5, rect.height() - 2), look.step_hatch)
            pen = look.pen(look.tokens.tx, 1.0)
            pen.setDashPattern([1.0, 2.0])
            painter.setPen(pen)
            painter.drawLine(QPointF(x, rect.top() + 1), QPointF(x, rect.bottom() - 1))
    elif x - rect.right() > 3:
        pen = look.pen(look.tokens.tx3, 1.0)
        pen.setDashPattern([3.0, 3.0])
        painter.setPen(pen)
        y = rect.center().y()
        painter.drawLine(QPointF(rect.right() + 2, y), QPointF(x, y))
        painter.drawLine(QPointF(x, y - 4), QPointF(x, y + 4))


def _paint_range(painter: QPainter, look: Look, finding: Finding, scale: TimeScale, rect: QRectF) -> None:
    """The exact seconds of a finding along the lower edge: solid fail, stripe marginal, dots not assessed."""
    if finding.start is None:
        return
    end = finding.end if finding.end is not None else finding.start
    left, right = max(scale.x(finding.start), rect.left() + 1), min(scale.x(end), rect.right() - 1)
    if right < rect.left() or left > rect.right():
        return
    bar = QRectF(left, rect.bottom() - 4.5, max(right - left, 3.0), 4.0)
    if finding.severity == "marginal":
        painter.setBrushOrigin(bar.topLeft())
        painter.fillRect(bar, look.stripe)
    elif finding.severity == "fail":
        painter.fillRect(bar, look.severity("fail"))
    else:
        pen = QPen(look.severity("not_assessed"), 4.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([0.6, 0.6])
        painter.setPen(pen)
        painter.drawLine(QPointF(bar.left(), bar.center().y()), QPointF(bar.right(), bar.center().y()))


def _paint_label(painter: QPainter, look: Look, view: StepView, scale: TimeScale, at: StepPaint, tall: bool) -> None:
    """Icon, name and duration from the visible left edge; where narrow the duration goes first, then the icon, then letters."""
    rect = at.rect
    left = max(rect.left(), scale.left)
    marked = view.worst is not None and rect.width() >= _MARK_ALONE
    if marked and rect.width() < _MARK_BESIDE:
        return
    right = rect.right() - (18 if marked else 3)
    room = right - left - _PAD
    if room < 11:
        return
    duration = view.duration if at.duration is None else at.duration
    label = view.label
    if view.short and look.label_width(label) > room:
        label = view.short
    name_width = look.label_width(label)
    with_icon = room >= _ICON + _ICON_GAP + min(name_width, 90.0)
    text_x = left + _PAD + (_ICON + _ICON_GAP if with_icon else 0)
    name_room = right - text_x
    duration_width = look.small_metrics.horizontalAdvance(duration)
    two_lines = tall and rect.height() >= 32
    full_room = rect.right() - 3 - text_x
    show_duration = full_room >= duration_width if two_lines else name_room >= name_width + 8 + duration_width
    base = rect.top() + 15.0 if two_lines and show_duration else rect.center().y() + look.label_metrics.capHeight() / 2
    if with_icon:
        painter.drawPixmap(
            QPointF(left + _PAD, base - look.label_metrics.capHeight() / 2 - _ICON / 2),
            look.icon(view.step.skill, look.tokens.tx, _ICON),
        )
    if name_width > name_room and name_room < _FEW_LETTERS:
        if not with_icon and room >= _ICON - 2:
            icon = look.icon(view.step.skill, look.tokens.tx, _ICON)
            painter.drawPixmap(QPointF((left + right - _ICON) / 2, rect.center().y() - _ICON / 2), icon)
        return
    painter.setFont(look.label_font)
    painter.setPen(QColor(look.tokens.tx))
    name = label if name_width <= name_room else look.label_metrics.elidedText(label, Qt.TextElideMode.ElideRight, name_room)
    painter.drawText(QPointF(text_x, base), name)
    if not show_duration:
        return
    painter.setFont(look.small_font)
    painter.setPen(QColor(look.tokens.fa if at.emphasis == "refused" else look.tokens.tx2))
    where = QPointF(text_x, rect.top() + 29.5) if two_lines else QPointF(text_x + name_width + 8, base)
    painter.drawText(where, duration)
