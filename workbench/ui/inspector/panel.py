"""The inspector: the values of what is selected, in a fixed order, edited in place."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from workbench.plan.model import Step
from workbench.plan.skills import SKILLS
from workbench.session import Change
from workbench.ui.context import Panel, UiContext
from workbench.ui.idle import Idle, dressing
from workbench.ui.inspector.cell_views import FactsView, show_joint, show_object, show_station
from workbench.ui.inspector.sections import InspectorHead
from workbench.ui.inspector.step_view import StepView
from workbench.ui.widgets import EmptyState, Hairline
from workbench.ui.wording import Wording

#: From one piece of a page built ahead to the next.
_AHEAD_MS = 120


class InspectorPanel(Panel):
    """Values of the selected step, station, workpiece or joint.

    The page of a skill is built when it is first needed, or ahead while nothing else is to be done, and kept: choosing another
    step then costs no more than new values.
    """

    interests = frozenset[Change]({"project", "plan", "selection", "simulation", "report", "playhead"})

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.head = InspectorHead()
        self.empty = EmptyState()
        self.step_view: StepView | None = None
        self.joint_view: FactsView | None = None
        self._steps: dict[str, StepView] = {}
        self._facts: dict[str, FactsView] = {}
        self._ahead = Idle(self, _AHEAD_MS)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(Hairline())
        column.addWidget(self._area, 1)
        self.setMinimumWidth(240)
        self._begin()
        self.refresh(self.interests)

    def refresh(self, kinds: frozenset[Change]) -> None:
        """Show what changed; a playhead alone touches only a joint's values."""
        if kinds == {"playhead"}:
            self._show_joint()
            return
        self._show()

    def retranslate(self) -> None:
        """Words of the language in force: the pages are built anew."""
        self._begin()
        self._show()

    def focus_first_field(self) -> None:
        """Put the keyboard on the first field (Enter on a step)."""
        if self.step_view is not None and self.step_view.fields:
            next(iter(self.step_view.fields.values())).setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- pages --------------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """No pages yet but the empty one."""
        self.step_view = self.joint_view = None
        self._steps, self._facts = {}, {}
        self._ahead.clear()
        self._ahead.add(partial(self._prepare, skill) for skill in SKILLS)
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.empty = EmptyState()
        self._column.addWidget(self.empty)
        self._column.addStretch(1)
        self._area.setWidget(body)

    def _insert(self, page: QWidget, at: int) -> None:
        page.hide()
        self._column.insertWidget(at, page)

    def _step_page(self, skill: str) -> StepView:
        if skill not in self._steps:
            self._steps[skill] = StepView(self.context, skill)
            self._insert(self._steps[skill], 0)
        return self._steps[skill]

    def _prepare(self, skill: str) -> None:
        """Build the page of a skill before it is asked for; its widgets take their style piece by piece after it."""
        if skill not in self._steps:
            self._ahead.add(dressing(self._step_page(skill)))

    def _facts_page(self, kind: str) -> FactsView:
        """Facts of a station, a workpiece or a joint; the joint's come last, below a step's."""
        if kind not in self._facts:
            self._facts[kind] = FactsView(self.context, 2 if kind == "joint" else 1)
            self._insert(self._facts[kind], self._column.count() - 1 if kind == "joint" else 0)
        return self._facts[kind]

    # -- what is selected ---------------------------------------------------------------------------------------------------

    def _step(self) -> Step | None:
        session = self.context.session
        chosen = [s for s in session.plan.steps if s.id in session.selection.steps]
        return chosen[0] if len(chosen) == 1 else None

    def _show(self) -> None:
        session = self.context.session
        selection, step = session.selection, self._step()
        known_joint = selection.joint in session.robot.joint_names
        page: QWidget | None = None
        self.step_view, show_joint_page = None, known_joint
        if step is not None:
            page = self.step_view = self._step_page(step.skill)
            self._show_step(step, self.step_view)
        elif len(selection.steps) > 1:
            self._show_words("list", "inspector.several", "inspector.several.hint", len(selection.steps))
            show_joint_page = False
        elif selection.station in session.cell.stations:
            page, show_joint_page = self._show_station(selection.station), False
        elif selection.object in session.cell.objects:
            page, show_joint_page = self._show_object(selection.object), False
        elif known_joint:
            tr = self.context.tr
            self.head.set("joint", Wording.of(tr, session).joint(selection.joint), tr("inspector.joint"))
        else:
            self._show_words("", "inspector.title", "inspector.empty")
        self.joint_view = self._facts_page("joint") if show_joint_page else None
        shown = {page, self.joint_view}
        for other in (*self._steps.values(), *self._facts.values()):
            other.setVisible(other in shown)
        self.empty.setVisible(shown == {None})
        self._show_joint()

    def _show_step(self, step: Step, view: StepView) -> None:
        session, tr = self.context.session, self.context.tr
        words, ordered = Wording.of(tr, session), [s.id for s in session.plan.steps]
        where = tr("inspector.where", track=words.track(step.track), number=ordered.index(step.id) + 1, count=len(ordered))
        self.head.set(step.skill, words.step(step), where)
        view.show_step(step)

    def _show_station(self, station: str) -> FactsView:
        tr, page = self.context.tr, self._facts_page("station")
        self.head.set("station", Wording.of(tr, self.context.session).station(station), tr("inspector.station"))
        show_station(page, station)
        return page

    def _show_object(self, thing: str) -> FactsView:
        tr, page = self.context.tr, self._facts_page("object")
        self.head.set("cube", Wording.of(tr, self.context.session).object(thing), tr("inspector.object"))
        show_object(page, thing)
        return page

    def _show_words(self, icon: str, title: str, text: str, count: int = 0) -> None:
        self.head.set(icon, self.context.tr(title, count=count), "")
        self.empty.set("", self.context.tr(text))

    def _show_joint(self) -> None:
        joint = self.context.session.selection.joint
        if self.joint_view is not None and joint in self.context.session.robot.joint_names:
            show_joint(self.joint_view, joint)
