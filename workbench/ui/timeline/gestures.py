"""What a drag on the timeline does: each gesture previews on a copy of the plan and edits the session once, at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt

from workbench.errors import WorkbenchError
from workbench.operations import plan_ops, timeline_ops
from workbench.plan import edits
from workbench.plan.layout import planned_start
from workbench.plan.model import Plan
from workbench.session import Session
from workbench.ui.timeline import geometry
from workbench.ui.timeline.geometry import TimeScale
from workbench.ui.timeline.scene import Scene, StepView, edges


class Stage(Protocol):
    """What a gesture needs of the canvas."""

    scale: TimeScale
    scene: Scene
    snap: bool

    @property
    def session(self) -> Session:
        """The open session."""

    def step_at(self, point: QPointF) -> StepView | None:
        """The step under a point."""

    def rect_of(self, step_id: str) -> QRectF | None:
        """Where a step is drawn."""

    def set_scale(self, scale: TimeScale) -> None:
        """Zoom and scroll."""

    def scrub(self, x: float) -> None:
        """Put the playhead under x."""

    def steps_in(self, area: QRectF) -> tuple[str, ...]:
        """Ids of the steps that touch an area."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What to draw while a gesture runs.

    Args:
        plan: the plan as it would be; None where nothing would change or the edit is refused.
        steps: steps that follow the pointer.
        shift: where refused steps are drawn, s from where they are, and their change of length, s.
        text: replaces the duration of the dragged step ("3.1 s +0.5").
        tick: moment of the edge that was snapped to, s.
        refused: why it cannot be.
        band: rubber band.
        wire: a dependency being pulled, from and to.
        target: step under the wire's end.
    """

    plan: Plan | None = None
    steps: tuple[str, ...] = ()
    shift: tuple[float, float] = (0.0, 0.0)
    text: str = ""
    tick: float | None = None
    refused: WorkbenchError | None = None
    band: QRectF | None = None
    wire: tuple[QPointF, QPointF] | None = None
    target: str = ""


class Gesture(Protocol):
    """A drag from press to release."""

    feedback: Feedback

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The pointer moved."""

    def finish(self) -> None:
        """The button was released: do it. WorkbenchError if it cannot be."""


class MoveSteps:
    """Drag of one or several selected steps along time. ``ripple`` (Shift) takes along what follows."""

    def __init__(self, stage: Stage, grabbed: StepView, ids: tuple[str, ...], x: float) -> None:
        self._stage, self._grabbed, self._ids, self._x = stage, grabbed, ids, x
        self._delta, self._ripple = 0.0, False
        self._edges = edges(stage.scene, ids, stage.session.playhead)
        self._boxes = tuple(s.box for s in stage.scene.steps)
        self._plan = stage.session.plan
        self._scene = stage.scene
        self.feedback = Feedback(steps=ids)

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Preview the new start: the edge of the step that lies nearer to a neighbour snaps."""
        stage, view = self._stage, self._grabbed
        wanted = max(view.start + (point.x() - self._x) / stage.scale.pixels, 0.0)
        enabled = stage.snap and not modifiers & Qt.KeyboardModifier.ControlModifier
        by_start = geometry.snapped(wanted, self._edges, stage.scale.pixels, enabled)
        by_end = geometry.snapped(wanted + view.box.length, self._edges, stage.scale.pixels, enabled)
        start, tick = by_start.time, by_start.edge
        if by_start.edge is None and by_end.edge is not None and by_end.time >= view.box.length:
            start, tick = by_end.time - view.box.length, by_end.edge
        self._ripple = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        shown = start - view.start
        planned = planned_start(self._plan, self._boxes, view.id, start)
        self._delta = planned - view.step.start if abs(shown) > 1e-6 else 0.0
        text = f"{start:.1f} s {shown:+.1f}".replace("-", "−")
        try:
            plan = edits.move_steps(self._plan, self._ids, self._delta, ripple=self._ripple)
        except WorkbenchError as refused:
            self.feedback = Feedback(steps=self._ids, shift=(shown, 0.0), text=text, tick=tick, refused=refused)
        else:
            self.feedback = Feedback(plan, self._ids, (shown, 0.0), text, tick)

    def finish(self) -> None:
        """Move them."""
        if abs(self._delta) > 1e-6:
            plan_ops.move_steps(self._stage.session, self._ids, self._delta, ripple=self._ripple)


class ResizeStep:
    """Drag of a step's start or end. ``ripple`` (Shift) keeps what follows attached to the end."""

    def __init__(self, stage: Stage, view: StepView, left: bool, x: float) -> None:
        self._stage, self._view, self._left, self._x = stage, view, left, x
        self._edges = edges(stage.scene, (view.id,), stage.session.playhead)
        self._boxes = tuple(s.box for s in stage.scene.steps)
        self._plan = stage.session.plan
        self._edit: Callable[[], None] | None = None
        self.feedback = Feedback(steps=(view.id,))

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Preview the new length; the moved edge snaps."""
        view, stage = self._view, self._stage
        dx = (point.x() - self._x) / stage.scale.pixels
        enabled = stage.snap and not modifiers & Qt.KeyboardModifier.ControlModifier
        ripple = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        snap = geometry.snapped((view.start if self._left else view.end) + dx, self._edges, stage.scale.pixels, enabled)
        length = max((view.end - snap.time) if self._left else (snap.time - view.start), edits.MIN_DURATION)
        shift = (view.box.length - length if self._left else 0.0, length - view.box.length)
        change = f"{shift[1]:+.1f}".replace("-", "−")
        text = f"{length:.1f} s {change}"
        self._edit = None
        if abs(shift[1]) < 1e-6:
            self.feedback = Feedback(steps=(view.id,))
            return
        session, step_id = stage.session, view.id
        try:
            if self._left:
                start = planned_start(self._plan, self._boxes, step_id, view.start + shift[0])
                plan = timeline_ops.with_start_and_length(self._plan, step_id, start, length)
                self._edit = lambda: timeline_ops.set_start_and_length(session, step_id, start, length)
            else:
                plan = edits.resize_step(self._plan, step_id, length, ripple=ripple)
                self._edit = lambda: plan_ops.resize_step(session, step_id, length, ripple=ripple)
        except WorkbenchError as refused:
            self.feedback = Feedback(steps=(step_id,), shift=shift, text=text, tick=snap.edge, refused=refused)
        else:
            self.feedback = Feedback(plan, (step_id,), shift, text, snap.edge)

    def finish(self) -> None:
        """Set the length."""
        if self._edit is not None:
            self._edit()


class Connect:
    """A dependency pulled from a step to the one that shall wait for it; that one moves on where it starts too early."""

    def __init__(self, stage: Stage, source: StepView, origin: QPointF) -> None:
        self._stage, self._source, self._origin = stage, source, origin
        self._target = ""
        self.feedback = Feedback(wire=(origin, origin))

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Show the wire, and over a target what would come of it or why not."""
        over = self._stage.step_at(point)
        target = over.id if over is not None and over.id != self._source.id else ""
        before, refused = self.feedback.plan if target == self._target else None, None
        if target and target != self._target:
            try:
                before = edits.connect(self._stage.session.plan, self._source.id, target, ripple=True)
            except WorkbenchError as error:
                refused = error
        elif target:
            refused = self.feedback.refused
        self._target = target
        self.feedback = Feedback(plan=before, wire=(self._origin, point), target=target, refused=refused)

    def finish(self) -> None:
        """Connect, if a step is under the pointer."""
        if self._target:
            plan_ops.connect(self._stage.session, self._source.id, self._target)


class RubberBand:
    """Selection of all steps in a rectangle; ``kept`` stay selected."""

    def __init__(self, stage: Stage, origin: QPointF, kept: Iterable[str]) -> None:
        self._stage, self._origin, self._kept = stage, origin, tuple(kept)
        self.feedback = Feedback(band=QRectF(origin, origin))

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Select what the band touches."""
        band = QRectF(self._origin, point).normalized()
        self.feedback = Feedback(band=band)
        inside = self._stage.steps_in(band)
        self._stage.session.select_steps(*dict.fromkeys((*self._kept, *inside)))

    def finish(self) -> None:
        """The selection stays."""
        self.feedback = replace(self.feedback, band=None)


class Scrub:
    """Drag of the playhead."""

    def __init__(self, stage: Stage, x: float) -> None:
        self._stage = stage
        self.feedback = Feedback()
        stage.scrub(x)

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Follow the pointer."""
        self._stage.scrub(point.x())

    def finish(self) -> None:
        """It stays there."""


class Pan:
    """Drag of the view."""

    def __init__(self, stage: Stage, x: float) -> None:
        self._stage, self._x, self._scale = stage, x, stage.scale
        self.feedback = Feedback()

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Keep the grabbed moment under the pointer."""
        self._stage.set_scale(self._scale.panned(self._x - point.x()))

    def finish(self) -> None:
        """It stays there."""


class PanOverview:
    """Drag in the overview: the moment under the pointer comes to the middle. ``seconds`` turns x into a moment."""

    def __init__(self, stage: Stage, seconds: Callable[[float], float], centre: Callable[[float], None], x: float) -> None:
        self._seconds, self._centre = seconds, centre
        self.feedback = Feedback()
        centre(seconds(x))

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Follow the pointer."""
        self._centre(self._seconds(point.x()))

    def finish(self) -> None:
        """It stays there."""
