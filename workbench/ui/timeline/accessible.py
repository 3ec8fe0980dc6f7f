"""The timeline as a screen reader sees it: a list whose items are the steps, each with name, place and state.

Steps are painted, not widgets. So each gets an empty QObject that lives as long as the step does: Qt keeps an interface per
object and drops it with the object, which spares us interfaces that outlive what they describe.
"""

from __future__ import annotations

from functools import cache
from typing import cast

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface, QAccessibleObject
from PySide6.QtWidgets import QAccessibleWidget, QWidget

from workbench.ui.timeline.canvas import Canvas
from workbench.ui.timeline.scene import StepView


class StepObject(QObject):
    """Stands for one step. Its parent is the canvas's ``AccessibleSteps``."""

    def __init__(self, step_id: str, parent: AccessibleSteps) -> None:
        super().__init__(parent)
        self.step_id = step_id


class AccessibleSteps(QObject):
    """The steps of a canvas as objects for screen readers. Made when they are first asked for, kept up to date from then on.

    Args:
        canvas: its parent; the steps are those of its scene.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.canvas = canvas
        self._objects: dict[str, StepObject] = {}
        self._asked = False

    @property
    def objects(self) -> tuple[StepObject, ...]:
        """One for each step, in the order of time."""
        self._asked = True
        self._fill()
        return tuple(self._objects[i] for i in self._ordered())

    def renew(self) -> None:
        """The steps changed."""
        if self._asked and self._fill() and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleEvent(self.canvas, QAccessible.Event.ObjectReorder))

    def say_focus(self) -> None:
        """Tell a screen reader that the keyboard is on another step."""
        if not (QAccessible.isActive() and self.canvas.hasFocus()):
            return
        found = next((o for o in self.objects if o.step_id == self.current()), None)
        if found is not None:
            QAccessible.updateAccessibility(QAccessibleEvent(found, QAccessible.Event.Focus))

    def current(self) -> str:
        """The step that the keyboard acts on; "" if none."""
        selected = self.canvas.session.selection.steps
        return self.canvas.focused or (selected[-1] if selected else "")

    def view(self, step_id: str) -> StepView | None:
        """The step as it is drawn."""
        return self.canvas.scene.by_id.get(step_id)

    def name(self, view: StepView) -> str:
        """ "Grasp tote, 4.2 s to 7.9 s, 1 finding"."""
        tr, count = self.canvas.context.tr, len(view.findings)
        name = tr("timeline.spoken", name=view.label, start=f"{view.start:.1f}", end=f"{view.end:.1f}")
        if not count:
            return name
        key = "timeline.spoken.finding" if count == 1 else "timeline.spoken.findings"
        return f"{name}, {tr(key, count=count)}"

    def _ordered(self) -> list[str]:
        return [v.id for v in sorted(self.canvas.scene.steps, key=lambda v: (v.start, v.id))]

    def _fill(self) -> bool:
        """Objects for the steps there are; True if that changed anything."""
        wanted = set(self._ordered())
        gone, new = self._objects.keys() - wanted, wanted - self._objects.keys()
        for step_id in gone:
            self._objects.pop(step_id).deleteLater()
        for step_id in new:
            self._objects[step_id] = StepObject(step_id, self)
        return bool(gone or new)


class TimelineInterface(QAccessibleWidget):
    """The canvas: a list of steps, then the widgets that lie on it (notes, the words of an empty timeline)."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas, QAccessible.Role.List)  # keeps no reference: PySide keeps this until the application ends

    def _steps(self) -> AccessibleSteps | None:
        canvas = self.object()
        found = canvas.findChild(AccessibleSteps) if canvas is not None else None
        return found if isinstance(found, AccessibleSteps) else None

    def _children(self) -> list[QObject]:
        steps = self._steps()
        if steps is None:
            return []
        on_top = [c for c in steps.canvas.children() if isinstance(c, QWidget) and c.isVisible()]
        return [*steps.objects, *on_top]

    def childCount(self) -> int:
        """Steps and visible widgets."""
        return len(self._children())

    def child(self, index: int) -> QAccessibleInterface:
        """A step, or a widget; None where there is none."""
        children = self._children()
        return _interface(children[index] if 0 <= index < len(children) else None)

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """Its place; -1 if it is none of these."""
        children = self._children()
        found = child.object() if child is not None else None
        return children.index(found) if found in children else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface:
        """The step or widget at a point of the screen."""
        found = (self.child(i) for i in range(self.childCount()))
        return next((c for c in found if c is not None and c.rect().contains(x, y)), _interface(None))

    def focusChild(self) -> QAccessibleInterface:
        """The step that the keyboard acts on, while the timeline has it."""
        steps = self._steps()
        if steps is None or not steps.canvas.hasFocus():
            return _interface(None)
        current = steps.current()
        return _interface(next((o for o in steps.objects if o.step_id == current), None))


class StepInterface(QAccessibleObject):
    """One step."""

    def _shown(self) -> tuple[AccessibleSteps, StepView] | None:
        """The steps it is one of, and what is drawn; None where it is no longer in the plan."""
        step = self.object()
        steps = step.parent() if isinstance(step, StepObject) else None
        view = steps.view(step.step_id) if isinstance(step, StepObject) and isinstance(steps, AccessibleSteps) else None
        return (steps, view) if isinstance(steps, AccessibleSteps) and view is not None else None

    def isValid(self) -> bool:
        """The step is still in the plan."""
        return self._shown() is not None

    def role(self) -> QAccessible.Role:
        """An item of a list."""
        return QAccessible.Role.ListItem

    def text(self, t: QAccessible.Text) -> str:
        """Name: step, times, number of findings. Description: also track, duration and each finding."""
        shown = self._shown()
        if shown is None:
            return ""
        steps, view = shown
        if t == QAccessible.Text.Name:
            return steps.name(view)
        return steps.canvas.describe(view) if t == QAccessible.Text.Description else ""

    def rect(self) -> QRect:
        """Where it is drawn, on the screen; empty where its track is not shown."""
        shown = self._shown()
        if shown is None:
            return QRect()
        canvas = shown[0].canvas
        drawn = canvas.rect_of(shown[1].id)
        if drawn is None or not drawn.intersects(canvas.lanes):
            return QRect()
        visible = drawn.intersected(canvas.lanes).toRect()
        return QRect(canvas.mapToGlobal(visible.topLeft()), visible.size())

    def state(self) -> QAccessible.State:
        """Selected, focused, out of view."""
        state = QAccessible.State()
        shown = self._shown()
        if shown is None:
            state.invalid = True
            return state
        steps, view = shown
        state.focusable = state.selectable = state.multiSelectable = True
        state.selected = view.id in steps.canvas.session.selection.steps
        state.focused = steps.canvas.hasFocus() and steps.current() == view.id
        state.offscreen = self.rect().isEmpty()
        state.invisible = not steps.canvas.isVisible()
        return state

    def parent(self) -> QAccessibleInterface:
        """The timeline."""
        shown = self._shown()
        return _interface(shown[0].canvas if shown is not None else None)

    def childCount(self) -> int:
        """None."""
        return 0

    def child(self, index: int) -> QAccessibleInterface:
        """None."""
        return _interface(None)

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """None."""
        return -1


def _interface(of: QObject | None) -> QAccessibleInterface:
    """The interface of an object; Qt takes None for "there is none", which the annotations of PySide do not say."""
    return cast("QAccessibleInterface", QAccessible.queryAccessibleInterface(of) if of is not None else None)


def _make(_class_name: str, of: QObject) -> QAccessibleInterface | None:
    if isinstance(of, StepObject):
        return StepInterface(of)
    if isinstance(of, Canvas):
        return TimelineInterface(of)
    return None


@cache
def install_accessible_timeline() -> None:
    """Let Qt ask here for the interfaces of timelines. To be called before the QApplication is made.

    PySide keeps every interface made here until the application ends, and owns it. Qt clears up in the reverse of the order in
    which things were set up: only if this comes first are the interfaces taken out of Qt's cache before PySide frees them.
    Otherwise they are freed twice, and the program crashes as it ends.
    """
    QAccessible.installFactory(_make)
