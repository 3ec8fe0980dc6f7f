"""The timeline's drawing surface: a cached static layer, and over it what moves (playhead, hover, drag)."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap, QRegion, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.plan.model import Plan
from workbench.session import Session
from workbench.ui.context import UiContext
from workbench.ui.timeline import geometry, paint_lanes
from workbench.ui.timeline.geometry import MARGIN_ROW, Row, TimeScale
from workbench.ui.timeline.gestures import Feedback, Gesture
from workbench.ui.timeline.look import Look
from workbench.ui.timeline.paint_playhead import paint_playhead
from workbench.ui.timeline.paint_steps import Emphasis, StepPaint, end_dot, paint_end_dot, paint_handles, paint_step, step_rect
from workbench.ui.timeline.scene import MarginCurve, Scene, StepView, build_scene, margin_curve
from workbench.ui.wording import Wording

_NO_FEEDBACK = Feedback()


class Canvas(QWidget):
    """Ruler, tracks, margin strip and overview in one widget. Painting and geometry only; input lives in ``TimelineCanvas``.

    Args:
        context: session, words, colours.
        slim: legs and both hands only, read only, without strip and overview.
    """

    view_changed = Signal()

    def __init__(self, context: UiContext, slim: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.slim = slim
        self.compact = False
        self.snap = True
        self.scene = Scene()
        self.scale = TimeScale(30.0, -0.4, geometry.HEAD)
        self.scroll_y = 0.0
        self.hover = ""
        self.focused = ""
        self.gesture: Gesture | None = None
        self._preview: Scene | None = None
        self._preview_plan: Plan | None = None
        self._margin: MarginCurve | None = None
        self._margin_of: tuple[object, object] = (None, None)
        self._look: Look | None = None
        self._static: QPixmap | None = None
        self._rows: tuple[Row, ...] = ()
        self._shown_playhead = -1.0
        self.static_paints = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._update_rows()

    # -- what is shown ----------------------------------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The open session."""
        return self.context.session

    @property
    def look(self) -> Look:
        """Drawing material of the theme in force."""
        tokens = self.context.tokens
        if self._look is None or self._look.tokens is not tokens or self._look.ratio != self.devicePixelRatioF():
            self._look = Look(tokens, self.devicePixelRatioF())
        return self._look

    @property
    def words(self) -> Wording:
        """Names in the language in force."""
        return Wording.of(self.context.tr, self.session)

    @property
    def head(self) -> int:
        """Width of the track heads, px."""
        return geometry.HEAD_COMPACT if self.compact else geometry.HEAD

    @property
    def dy(self) -> float:
        """Where the rows begin, px."""
        return geometry.RULER - self.scroll_y

    @property
    def lanes(self) -> QRectF:
        """The area of the lanes."""
        bottom = self.height() - (0 if self.slim else geometry.OVERVIEW)
        return QRectF(self.head, geometry.RULER, max(self.width() - self.head, 1), max(bottom - geometry.RULER, 1))

    @property
    def overview(self) -> QRectF:
        """The area of the overview; empty where slim."""
        if self.slim:
            return QRectF()
        return QRectF(0, self.height() - geometry.OVERVIEW, self.width(), geometry.OVERVIEW)

    @property
    def feedback(self) -> Feedback:
        """What the running drag shows."""
        return self.gesture.feedback if self.gesture is not None else _NO_FEEDBACK

    @property
    def end(self) -> float:
        """The end of what there is to show, s."""
        recorded = self.session.simulated.recording.duration if self.session.simulated else 0.0
        return max(self.scene.end, recorded if self.scene.steps else 0.0)

    def rebuild(self) -> None:
        """Take the session as it is now."""
        session = self.session
        recording = session.simulated.recording if session.simulated else None
        of = (recording, session.report)
        if of[0] is not self._margin_of[0] or of[1] is not self._margin_of[1]:
            self._margin = margin_curve(recording, session.report) if recording is not None else None
            self._margin_of = of
        self.scene = build_scene(session, self.words, margin=self._margin)
        self._preview = self._preview_plan = None
        self._update_rows()
        self.invalidate()

    def set_compact(self, compact: bool) -> None:
        """Narrow heads and low empty tracks."""
        if compact != self.compact:
            self.compact = compact
            self.scale = TimeScale(self.scale.pixels, self.scale.origin, self.head)
            self._update_rows()
            self.invalidate()

    def invalidate(self) -> None:
        """The static layer must be painted anew."""
        self._static = None
        self.update()

    def set_scale(self, scale: TimeScale) -> None:
        """Zoom and scroll."""
        scale = geometry.clamped(scale, self.lanes.width(), self.end)
        if scale != self.scale:
            self.scale = scale
            self.invalidate()
            self.view_changed.emit()

    def set_scroll(self, y: float) -> None:
        """Scroll the rows where they do not fit."""
        y = min(max(y, 0.0), self.overflow)
        if y != self.scroll_y:
            self.scroll_y = y
            self.invalidate()

    def reveal_row(self, track: str) -> None:
        """Scroll so that a track is in view."""
        row = self.row(track)
        if row is not None:
            self.set_scroll(min(max(self.scroll_y, row.bottom - self.lanes.height()), row.top))

    @property
    def overflow(self) -> float:
        """How many px of rows do not fit."""
        return max(self._rows[-1].bottom - self.lanes.height(), 0.0) if self._rows else 0.0

    @property
    def tracks(self) -> tuple[str, ...]:
        """Ids of the shown tracks, from top to bottom."""
        return tuple(r.id for r in self._rows if r.id != MARGIN_ROW)

    def row(self, row_id: str) -> Row | None:
        """A row by track id."""
        return next((r for r in self._rows if r.id == row_id), None)

    def row_at(self, y: float) -> Row | None:
        """The row under a y."""
        at = y - self.dy
        if not self.lanes.top() <= y < self.lanes.bottom():
            return None
        return next((r for r in self._rows if r.top <= at < r.bottom), None)

    def rect_of(self, step_id: str) -> QRectF | None:
        """Where a step is drawn; None where its track is not shown."""
        view = self.scene.by_id.get(step_id)
        return self._rect(view) if view is not None else None

    def step_at(self, point: QPointF) -> StepView | None:
        """The step under a point; narrow ones can be hit on 12 px."""
        row = self.row_at(point.y())
        if row is None or point.x() < self.head:
            return None
        best: tuple[float, StepView] | None = None
        for view in self.scene.by_track.get(row.id, ()):
            rect = step_rect(view, row, self.scale, self.dy)
            spare = max((geometry.MIN_HIT - rect.width()) / 2, 0.0)
            if rect.left() - spare <= point.x() <= rect.right() + spare:
                away = abs(point.x() - rect.center().x()) if spare else 0.0
                if best is None or away < best[0]:
                    best = (away, view)
        return best[1] if best else None

    def steps_in(self, area: QRectF) -> tuple[str, ...]:
        """Ids of the steps that touch an area."""
        found = []
        for view in self.scene.steps:
            rect = self.rect_of(view.id)
            if rect is not None and rect.intersects(area):
                found.append(view.id)
        return tuple(found)

    def _update_rows(self) -> None:
        self._rows = geometry.rows(slim=self.slim, used=self.scene.by_track, room=self.lanes.height())
        self.scroll_y = min(self.scroll_y, self.overflow)

    # -- words --------------------------------------------------------------------------------------------------------------

    def describe(self, view: StepView) -> str:
        """One sentence that says all that a box shows: name, track, times, findings."""
        tr, words = self.context.tr, self.words
        parts = [view.label, words.track(view.box.track), f"{view.start:.1f}–{view.end:.1f} s", view.duration]
        parts += [f"{tr('findings.verdict.' + f.severity)}: {words.finding(f)}" for f in view.findings]
        return ", ".join(parts)

    # -- painting -----------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """All rows."""
        if self.slim:
            return QSize(900, geometry.RULER + len(geometry.SLIM_TRACKS) * geometry.ROW_SLIM)
        rows = int(self._rows[-1].bottom) if self._rows else 0
        return QSize(900, geometry.RULER + rows + geometry.OVERVIEW)

    def minimumSizeHint(self) -> QSize:
        """Ruler, one row, overview."""
        return QSize(320, geometry.RULER + geometry.ROW_TALL + (0 if self.slim else geometry.OVERVIEW))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the scroll in range."""
        self._update_rows()
        self.invalidate()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme or font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.invalidate()

    def playhead_moved(self) -> None:
        """Repaint the two places of the playhead and nothing else."""
        region = QRegion(self._playhead_area(self._shown_playhead))
        self._shown_playhead = self.session.playhead
        self.update(region.united(QRegion(self._playhead_area(self._shown_playhead))))

    def _playhead_area(self, time: float) -> QRegion:
        x = round(self.scale.x(time))
        return QRegion(QRect(x - 40, 0, 80, geometry.RULER + 2)).united(QRegion(QRect(x - 3, 0, 7, self.height())))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the static layer, paint what moves over it."""
        if self._static is None or self._static.size() != self.size() * self.devicePixelRatioF():
            self._paint_static()
        assert self._static is not None
        ratio = self._static.devicePixelRatio()
        painter = QPainter(self)
        for rect in cast("list[QRect]", event.region()):
            source = QRectF(rect.x() * ratio, rect.y() * ratio, rect.width() * ratio, rect.height() * ratio)
            painter.drawPixmap(QRectF(rect), self._static, source)
        painter.setClipRegion(event.region())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_overlay(painter)
        painter.end()

    def _shown_scene(self) -> Scene:
        """The scene, or the preview of the running drag."""
        plan = self.feedback.plan
        if plan is None or self.gesture is None:
            return self.scene
        if self._preview is None or self._preview_plan is not plan:
            self._preview = build_scene(self.session, self.words, plan, self._margin)
            self._preview_plan = plan
        return self._preview

    def _paint_static(self) -> None:
        self.static_paints += 1
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        painter = QPainter(pixmap)
        look, scene, lanes = self.look, self._shown_scene(), self.lanes
        feedback = self.feedback
        selected = self.session.selection.steps
        unit = self.context.tr("timeline.unit.mm")
        painter.setClipRect(lanes)
        paint_lanes.paint_ground(painter, look, self._rows, self.scale, lanes, self.dy, scene.simulated_until)
        self._paint_strip(painter, scene, lanes, unit)
        rects = self._visible_rects(scene)
        curves = paint_lanes.dependencies_shown(scene, self._rect, selected, self.scale, lanes.right())
        for curve in curves:
            if not curve.lit:
                paint_lanes.paint_dependency(painter, look, curve)
        for step_id, (view, rect, tall) in rects.items():
            painter.setOpacity(0.35 if feedback.refused is not None and step_id in feedback.steps else 1.0)
            emphasis: Emphasis = "selected" if step_id in selected else "none"
            if step_id in feedback.steps and feedback.plan is not None:
                emphasis = "dragging"
            words = feedback.text if emphasis == "dragging" and feedback.text and step_id == feedback.steps[0] else None
            paint_step(painter, look, view, self.scale, StepPaint(rect, emphasis, words), tall)
        painter.setOpacity(1.0)
        for curve in curves:
            if curve.lit:
                paint_lanes.paint_dependency(painter, look, curve)
        painter.setClipping(False)
        paint_lanes.paint_ruler(painter, look, self.scale, self.head, self.width())
        margin_name = self.context.tr("timeline.margin.short" if self.compact else "timeline.margin")
        names = {r.id: margin_name if r.id == MARGIN_ROW else self.words.track(r.id) for r in self._rows}
        painter.setClipRect(QRectF(0, geometry.RULER, self.head, lanes.height()))
        paint_lanes.paint_heads(painter, look, self._rows, names, self.head, self.dy, self._margin, unit)
        painter.setClipping(False)
        corner = QRectF(0, 0, self.head, geometry.RULER)
        painter.fillRect(corner, QColor(look.tokens.bg1))
        painter.fillRect(QRectF(0, geometry.RULER - 1, self.width(), 1), QColor(look.tokens.line))
        if not self.slim:
            window = (self.scale.time(lanes.left()), self.scale.time(lanes.right()))
            caption = self.context.tr("timeline.whole.short" if self.compact else "timeline.whole", seconds=f"{self.end:.0f}")
            paint_lanes.paint_overview(painter, look, scene, self.overview, window, self.end, caption, self.head)
        painter.end()
        self._static = pixmap

    def _paint_strip(self, painter: QPainter, scene: Scene, lanes: QRectF, unit: str) -> None:
        row = self.row(MARGIN_ROW)
        if row is None:
            return
        views = [scene.by_id[i] for i in self.session.selection.steps if i in scene.by_id]
        for view in views:
            x0, x1 = self.scale.x(view.start), self.scale.x(view.end)
            painter.fillRect(QRectF(x0, self.dy + row.top, x1 - x0, row.height - 1), self.look.color(self.look.tokens.ac, 0.13))
        if scene.margin is not None:
            lit = (views[0].start, views[0].end) if len(views) == 1 and views[0].simulated else None
            shown = QRectF(lanes)
            if scene.simulated_until is not None:
                shown.setRight(min(max(self.scale.x(scene.simulated_until), lanes.left()), lanes.right()))
            paint_lanes.paint_margin(painter, self.look, row, self.dy, scene.margin, self.scale, shown, lit, unit)

    def _rect(self, view: StepView) -> QRectF | None:
        """Where a step of a scene is drawn; None where its track is not shown."""
        row = self.row(view.box.track)
        return step_rect(view, row, self.scale, self.dy) if row is not None else None

    def _visible_rects(self, scene: Scene) -> dict[str, tuple[StepView, QRectF, bool]]:
        """Steps in view, whiskers and marks included."""
        found: dict[str, tuple[StepView, QRectF, bool]] = {}
        first, last = self.scale.time(self.lanes.left()), self.scale.time(self.lanes.right())
        dy = self.dy
        for row in self._rows:
            tall = row.height >= geometry.ROW_TALL
            for view in scene.by_track.get(row.id, ()):
                if view.start > last:
                    break
                if view.end >= first or (view.estimate or 0.0) >= first:
                    found[view.id] = (view, step_rect(view, row, self.scale, dy), tall)
        return found

    def _paint_overlay(self, painter: QPainter) -> None:
        look, tokens = self.look, self.look.tokens
        scene, feedback, selected = self._shown_scene(), self.feedback, self.session.selection.steps
        painter.setClipRect(self.lanes, Qt.ClipOperation.IntersectClip)
        if self.hover and self.hover not in selected and (rect := self.rect_of(self.hover)) is not None and self.gesture is None:
            painter.setPen(look.pen(tokens.tx2, 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect, 3, 3)
        if not self.slim and self.gesture is None:
            for step_id in selected:
                if (rect := self.rect_of(step_id)) is not None and len(selected) == 1:
                    paint_handles(painter, look, rect)
            for step_id in {self.hover, *(selected if len(selected) == 1 else ())} - {""}:
                if (rect := self.rect_of(step_id)) is not None:
                    paint_end_dot(painter, look, rect)
        if self.hasFocus() and self.focused and (rect := self.rect_of(self.focused)) is not None and self.gesture is None:
            painter.setPen(look.pen(tokens.tx, 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(-2, -2, 2, 2), 4, 4)
        if feedback.refused is not None:
            self._paint_refused(painter, feedback)
        if feedback.target and (rect := self.rect_of(feedback.target)) is not None:
            painter.setPen(look.pen(tokens.fa if feedback.refused else tokens.ac, 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect, 3, 3)
        if feedback.wire is not None:
            painter.setPen(look.pen(tokens.fa if feedback.refused else tokens.ac, 1.6))
            painter.drawLine(*feedback.wire)
        if feedback.tick is not None:
            x = self.scale.x(feedback.tick)
            painter.setPen(look.pen(tokens.ac, 1.0, style=Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, self.lanes.top()), QPointF(x, self.lanes.bottom()))
        if feedback.band is not None:
            painter.setPen(look.pen(tokens.ac, 1.0))
            painter.setBrush(look.color(tokens.ac, 0.13))
            painter.drawRect(feedback.band)
        if self.overflow > 0:
            lanes = self.lanes
            share = lanes.height() / (lanes.height() + self.overflow)
            thumb = QRectF(lanes.right() - 6, lanes.top() + self.scroll_y * share + 2, 4, lanes.height() * share - 4)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color(tokens.ctl, 0.8))
            painter.drawRoundedRect(thumb, 2, 2)
        painter.setClipRect(QRectF(self.head, 0, self.width() - self.head, self.lanes.bottom()))
        paint_playhead(painter, look, scene, self._rows, self.scale, self.dy, self.session.playhead, float(self.width()))

    def _paint_refused(self, painter: QPainter, feedback: Feedback) -> None:
        """The steps where the user wants them, edged as refused."""
        for step_id in feedback.steps:
            view, rect = self.scene.by_id.get(step_id), self.rect_of(step_id)
            if view is None or rect is None:
                continue
            start, longer = feedback.shift
            moved = QRectF(
                rect.left() + start * self.scale.pixels,
                rect.top(),
                max(rect.width() + longer * self.scale.pixels, 6.0),
                rect.height(),
            )
            row = self.row(view.box.track)
            stays = self.context.tr("timeline.stays", duration=view.duration)
            painter.setOpacity(0.9)
            paint_step(
                painter,
                self.look,
                view,
                self.scale,
                StepPaint(moved, "refused", stays),
                row is not None and row.height >= geometry.ROW_TALL,
            )
            painter.setOpacity(1.0)

    def dot_hit(self, view: StepView, point: QPointF) -> bool:
        """The point lies on the end dot of a step."""
        rect = self.rect_of(view.id)
        if rect is None or rect.width() < 18:
            return False
        dot = end_dot(rect)
        return abs(point.x() - dot.x()) <= 6 and abs(point.y() - dot.y()) <= 6
