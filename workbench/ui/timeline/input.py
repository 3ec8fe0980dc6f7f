"""Mouse, wheel and keyboard on the timeline: hit, gesture, selection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from workbench.errors import WorkbenchError
from workbench.plan.layout import planned_time
from workbench.plan.skills import TRACKS
from workbench.ui.carried import carried
from workbench.ui.context import UiContext
from workbench.ui.timeline import geometry, paint_lanes
from workbench.ui.timeline.canvas import Canvas
from workbench.ui.timeline.geometry import TimeScale
from workbench.ui.timeline.gestures import Connect, Feedback, Gesture, MoveSteps, Pan, PanOverview, ResizeStep, RubberBand, Scrub
from workbench.ui.timeline.note import Note
from workbench.ui.timeline.scene import StepView, resizable
from workbench.ui.timeline.spring import SPRING_MS, SpringBack

Part = Literal["ruler", "head", "overview", "lane", "step", "left", "right", "dot", "playhead"]
_THRESHOLD = 4
_NOTE_MS = 2000
_ZOOM_STEP = 1.2
_EMPTY_S = 40.0


class TimelineCanvas(Canvas):
    """The canvas that is worked on. Every gesture has a key or a field that does the same."""

    refusal = Signal(str)
    activated = Signal(str)
    #: A workpiece or station of the 3D view was let go: kind, id, track, displayed moment in s.
    dropped = Signal(str, str, str, float)
    menu_requested = Signal(QPoint)
    play_pressed = Signal()

    def __init__(self, context: UiContext, slim: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(context, slim, parent)
        self.note = Note(self)
        #: Tab: select the next (True) or previous step; False where there is none, and the focus leaves.
        self.walk: Callable[[bool], bool] = lambda _forward: False
        self._drop: Feedback | None = None
        self._press: QPointF | None = None
        self._pressed: StepView | None = None
        self._part: Part = "lane"
        self._space = False
        self._space_used = False
        self.fitted = True
        self.spring = SpringBack(self.update, self.invalidate, self)
        self.setAcceptDrops(not slim)

    def set_scale(self, scale: TimeScale) -> None:
        """Zoom and scroll."""
        self.fitted = False
        super().set_scale(scale)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep showing the whole process where that was asked for."""
        super().resizeEvent(event)
        if self.fitted:
            self.fit()

    # -- where is the pointer -----------------------------------------------------------------------------------------------

    def hit(self, point: QPointF) -> tuple[Part, StepView | None]:
        """What lies under a point."""
        if not self.slim and self.overview.contains(point):
            return "overview", None
        if point.y() < geometry.RULER:
            return "ruler", None
        if point.x() < self.head:
            return "head", None
        view = self.step_at(point)
        if not self.slim:
            for step_id in dict.fromkeys((*self.session.selection.steps, self.hover)):
                other = self.scene.by_id.get(step_id)
                if other is not None and self.dot_hit(other, point):
                    return "dot", other
        if view is None:
            near = abs(point.x() - self.scale.x(self.session.playhead)) <= geometry.PLAYHEAD_HIT / 2
            return ("playhead" if near else "lane"), None
        selected = self.session.selection.steps
        rect = self.rect_of(view.id)
        if not self.slim and len(selected) == 1 and view.id in selected and rect is not None and resizable(view.step):
            reach = min(geometry.HANDLE_HIT, max(rect.width() / 3, 4.0))
            if point.x() >= rect.right() - reach:
                return "right", view
            if point.x() <= rect.left() + reach:
                return "left", view
        return "step", view

    # -- mouse --------------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select, or begin a drag that needs no threshold."""
        point = event.position()
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._end_refusal()
        QToolTip.hideText()
        if event.button() == Qt.MouseButton.MiddleButton or (self._space and event.button() == Qt.MouseButton.LeftButton):
            self._space_used = True
            self._begin(Pan(self, point.x()))
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            return
        self._part, view = self.hit(point)
        if event.button() == Qt.MouseButton.RightButton:
            if view is not None and view.id not in self.session.selection.steps:
                self.session.select_steps(view.id)
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._press, self._pressed = point, view
        if self._part in ("ruler", "playhead"):
            self._begin(Scrub(self, point.x()))
        elif self._part == "overview":
            self._begin(PanOverview(self, self._overview_time, self.centre_on, point.x()))
        elif self._part == "dot" and view is not None:
            self._begin(Connect(self, view, point))
        elif view is not None:
            self._select(view, event.modifiers())
        elif self._part == "lane" and not event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        ):
            self.session.select_steps()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the drag, begin it past the threshold, or follow with the hover."""
        point = event.position()
        if self.gesture is None and self._press is not None and event.buttons() & Qt.MouseButton.LeftButton:
            if (point - self._press).manhattanLength() < _THRESHOLD:
                return
            self._begin_drag(event.modifiers())
        if self.gesture is not None:
            self._drag_to(point, event.modifiers())
            return
        self._hover(point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Do what the drag showed; a refused one springs back and says why."""
        if self.gesture is None:
            self._finish_click(event)
            self._press = self._pressed = None
            return
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            return
        gesture, self.gesture = self.gesture, None
        self._press = self._pressed = None
        try:
            gesture.finish()
        except WorkbenchError as refused:
            self._refuse(replace(gesture.feedback, refused=refused), event.position().toPoint())
        else:
            self.note.hide()
        if gesture.feedback.steps or gesture.feedback.target:
            self._preview = self._preview_plan = None
            self.invalidate()
        self.update()
        self._hover(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open a step in the inspector; on the ruler or a lane: fit."""
        part, view = self.hit(event.position())
        if view is not None:
            self.activated.emit(view.id)
        elif part in ("ruler", "overview"):
            self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        """No hover."""
        if self.gesture is None and self.hover:
            self.hover = ""
            self.update()
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The panel shows the menu of the selection."""
        if not self.slim:
            self.menu_requested.emit(event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl: zoom at the pointer. Over the heads or with Alt: scroll rows. Else scroll time."""
        delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() / 2
        dx, dy = delta.x(), delta.y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(_ZOOM_STEP ** ((dy or dx) / 60.0), event.position().x())
        elif event.position().x() < self.head or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.set_scroll(self.scroll_y - (dy or dx))
        elif self.overflow and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not dx:
            self.set_scroll(self.scroll_y - dy)
        else:
            self.set_scale(self.scale.panned(-(dx or dy)))
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Tooltips: the whole of what a narrow box cannot say. Space is kept from the shortcuts: held, it pans."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Space:
            event.accept()
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            view = self.step_at(QPointF(event.pos()))
            if view is not None and self.gesture is None:
                QToolTip.showText(event.globalPos(), self.describe(view), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    # -- view ---------------------------------------------------------------------------------------------------------------

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Zoom by a factor around x (None: the playhead if in view, else the middle)."""
        if x is None:
            x = self.scale.x(self.session.playhead)
            if not self.lanes.left() <= x <= self.lanes.right():
                x = self.lanes.center().x()
        self.set_scale(self.scale.zoomed(factor, max(x, self.lanes.left())))

    def fit(self) -> None:
        """Show the whole process, also when the size changes, until the user zooms or scrolls."""
        self.set_scale(geometry.fitted(0.0, self.end if self.scene.steps else _EMPTY_S, self.head, self.lanes.width()))
        self.fitted = True

    def zoom_to_selection(self) -> None:
        """Show the selected steps with a little around them; the whole process if none is selected."""
        views = [self.scene.by_id[i] for i in self.session.selection.steps if i in self.scene.by_id]
        if not views:
            self.fit()
            return
        start, end = min(v.start for v in views), max(v.end for v in views)
        air = max(0.3 * (end - start), 0.5)
        self.set_scale(geometry.fitted(max(start - air, 0.0), end + air, self.head, self.lanes.width()))

    def reveal(self, start: float, end: float) -> None:
        """Scroll so that a range is in view, if it is not."""
        first, last = self.scale.time(self.lanes.left()), self.scale.time(self.lanes.right())
        if end < first or start > last or (start < first and end - start < last - first):
            self.set_scale(replace(self.scale, origin=start - 0.15 * (last - first)))

    def centre_on(self, time: float) -> None:
        """Bring a moment to the middle."""
        self.set_scale(replace(self.scale, origin=time - self.lanes.width() / 2 / self.scale.pixels))

    def scrub(self, x: float) -> None:
        """Put the playhead under x; scroll on at the edges."""
        time = min(max(self.scale.time(x), 0.0), max(self.end, 0.0))
        if x > self.width() - 8 or x < self.head:
            self.set_scale(self.scale.panned(max(min(x - (self.width() - 8), 24), 0) + min(x - self.head, 0)))
        self.session.set_playhead(round(time, 3))
        self.playhead_moved()

    def planned_time(self, skill: str, displayed: float) -> float:
        """The planned start, s, that shows a new step of a skill at a displayed moment."""
        return planned_time(self.session.plan, self.scene.boxes, skill, displayed)

    def _overview_time(self, x: float) -> float:
        track = paint_lanes.overview_track(self.overview, self.head)
        return self.end * min(max((x - track.left()) / track.width(), 0.0), 1.0)

    # -- inside -------------------------------------------------------------------------------------------------------------

    def _begin(self, gesture: Gesture) -> None:
        self.gesture = gesture
        self.update()

    def _begin_drag(self, modifiers: Qt.KeyboardModifier) -> None:
        assert self._press is not None
        view, x = self._pressed, self._press.x()
        if self.slim:
            self._begin(Pan(self, x))
        elif view is None:
            if self._part != "lane":
                return
            kept = self.session.selection.steps if modifiers & Qt.KeyboardModifier.ControlModifier else ()
            self._begin(RubberBand(self, self._press, kept))
        elif modifiers & Qt.KeyboardModifier.AltModifier:
            self._begin(Connect(self, view, self._press))
        elif self._part in ("left", "right"):
            self._begin(ResizeStep(self, view, self._part == "left", x))
        else:
            ids = self.session.selection.steps if view.id in self.session.selection.steps else (view.id,)
            self._begin(MoveSteps(self, view, tuple(dict.fromkeys((view.id, *ids))), x))

    def _drag_to(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        assert self.gesture is not None
        before = self.gesture.feedback
        self.gesture.move(point, modifiers)
        after = self.gesture.feedback
        if after.plan is not before.plan or after.refused is not before.refused:
            self.invalidate()
        else:
            self.update()
        if after.refused is not None:
            self.note.say(self.words.refusal(after.refused, self.session.plan), point.toPoint())
        else:
            self.note.hide()

    def _finish_click(self, event: QMouseEvent) -> None:
        """A click on one of several selected steps, without a drag, selects it alone."""
        modifiers = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        if (
            self._pressed is not None
            and not modifiers
            and len(self.session.selection.steps) > 1
            and event.button() == Qt.MouseButton.LeftButton
        ):
            self.session.select_steps(self._pressed.id)

    def _select(self, view: StepView, modifiers: Qt.KeyboardModifier) -> None:
        session = self.session
        selected = session.selection.steps
        self.focused = ""
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            session.select_steps(*(i for i in selected if i != view.id), *(() if view.id in selected else (view.id,)))
        elif modifiers & Qt.KeyboardModifier.ShiftModifier and selected:
            anchor = self.scene.by_id.get(selected[0], view)
            first, last = sorted((anchor.start, view.start))
            span = [s.id for s in self.scene.steps if first <= s.start <= last and s.id != anchor.id]
            session.select_steps(anchor.id, *span)
        elif view.id not in selected:
            session.select_steps(view.id)

    def _hover(self, point: QPointF) -> None:
        part, view = self.hit(point)
        hover = view.id if view is not None else ""
        shapes = {"left": Qt.CursorShape.SizeHorCursor, "right": Qt.CursorShape.SizeHorCursor, "dot": Qt.CursorShape.CrossCursor}
        shape = shapes.get(part)
        if part == "step" and not self.slim and hover in self.session.selection.steps:
            shape = Qt.CursorShape.SizeAllCursor
        elif part in ("ruler", "playhead"):
            shape = Qt.CursorShape.SplitHCursor
        if self._space:
            shape = Qt.CursorShape.OpenHandCursor
        self.setCursor(shape if shape is not None else Qt.CursorShape.ArrowCursor)
        if hover != self.hover:
            self.hover = hover
            self.update()

    def cancel(self) -> bool:
        """Esc: the running drag never was. True if there was one."""
        if self.gesture is None:
            return False
        self.gesture = None
        self._press = self._pressed = None
        self._preview = self._preview_plan = None
        self.note.hide()
        self.invalidate()
        return True

    def refuse(self, error: WorkbenchError, at: QPoint | None = None) -> None:
        """Say beside the step (or a point) why an edit was refused."""
        ids = self.session.selection.steps
        rect = self.rect_of(ids[0]) if ids else None
        where = at or (rect.center().toPoint() if rect is not None else self.rect().center())
        self._refuse(Feedback(steps=ids[:1], refused=error), where)

    def _refuse(self, feedback: Feedback, at: QPoint) -> None:
        assert feedback.refused is not None
        sentence = self.words.refusal(feedback.refused, self.session.plan)
        self.note.say(sentence, at, SPRING_MS + _NOTE_MS)
        self.refusal.emit(sentence)
        self.spring.start(feedback, self.context.reduced_motion)
        self.invalidate()

    @property
    def feedback(self) -> Feedback:
        """What the running drag, or the edit refused just now, shows."""
        if self.gesture is None and self.spring.feedback is not None:
            return self.spring.feedback
        return super().feedback if self._drop is None else self._drop

    def _end_refusal(self) -> None:
        self.spring.stop()
        self.note.hide()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Coming by keyboard, the selected step shows the focus ring."""
        if event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
            Qt.FocusReason.ShortcutFocusReason,
        ):
            self.focused = self.session.selection.steps[0] if self.session.selection.steps else ""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """No ring, no space-drag."""
        self._space = False
        super().focusOutEvent(event)
        self.update()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab walks the steps; past the last (or before the first) the focus goes on."""
        return True if not self.slim and self.walk(forward) else super().focusNextPrevChild(forward)

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc cancels a drag; Space, held, makes the left button pan. The rest is the panel's."""
        if event.key() == Qt.Key.Key_Escape and self.cancel():
            return
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            if not event.isAutoRepeat():
                self._space, self._space_used = True, False
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space was released: play or pause, unless it was used to pan."""
        if event.key() == Qt.Key.Key_Space and self._space and not event.isAutoRepeat():
            self._space = False
            self.unsetCursor()
            if not self._space_used:
                self.play_pressed.emit()
            return
        super().keyReleaseEvent(event)

    # -- drop of a thing from the 3D view -----------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A workpiece or a station may be dropped."""
        if carried(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show the moment it would begin at; only tracks take it."""
        on_track = bool(self._track_at(event.position()))
        self._show_drop(self.scale.time(event.position().x()) if on_track else None)
        event.setAccepted(on_track)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """It went elsewhere."""
        self._show_drop(None)

    def dropEvent(self, event: QDropEvent) -> None:
        """A step with that thing, on that track, at that moment."""
        thing, track = carried(event.mimeData()), self._track_at(event.position())
        self._show_drop(None)
        if thing is not None and track:
            self.dropped.emit(*thing, track, max(self.scale.time(event.position().x()), 0.0))
            event.acceptProposedAction()

    def _show_drop(self, time: float | None) -> None:
        self._drop = Feedback(tick=time) if time is not None else None
        self.update()

    def _track_at(self, at: QPointF) -> str:
        row = self.row_at(at.y())
        return row.id if row is not None and at.x() >= self.head and row.id in TRACKS else ""
