"""The inspector: the values of what is selected, in a fixed order, edited in place."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from workbench.plan.model import Step
from workbench.session import Change
from workbench.ui.context import Panel, UiContext
from workbench.ui.inspector.cell_views import FactsView, show_joint, show_object, show_station
from workbench.ui.inspector.sections import InspectorHead
from workbench.ui.inspector.step_view import StepView
from workbench.ui.widgets import EmptyState, Hairline
from workbench.ui.wording import Wording

#: What the body was built for: kind, and skill or id where another needs other fields.
_Key = tuple[str, str]


class InspectorPanel(Panel):
    """Values of the selected step, station, workpiece or joint."""

    interests = frozenset[Change]({"project", "plan", "selection", "simulation", "report", "playhead"})

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.head = InspectorHead()
        self.empty = EmptyState()
        self.step_view: StepView | None = None
        self.joint_view: FactsView | None = None
        self._facts: FactsView | None = None
        self._key: _Key = ("", "")
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
        self._build(("", ""))
        self.refresh(self.interests)

    def refresh(self, kinds: frozenset[Change]) -> None:
        """Show what changed; a playhead alone touches only a joint's values."""
        if kinds == {"playhead"}:
            self._show_joint()
            return
        key = self._wanted()
        if key != self._key:
            self._build(key)
        self._show()

    def retranslate(self) -> None:
        """Words of the language in force: the body is built anew."""
        self._build(self._wanted())
        self._show()

    def focus_first_field(self) -> None:
        """Put the keyboard on the first field (Enter on a step)."""
        if self.step_view is not None and self.step_view.fields:
            next(iter(self.step_view.fields.values())).setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- inside -------------------------------------------------------------------------------------------------------------

    def _step(self) -> Step | None:
        session = self.context.session
        chosen = [s for s in session.plan.steps if s.id in session.selection.steps]
        return chosen[0] if len(chosen) == 1 else None

    def _wanted(self) -> _Key:
        session = self.context.session
        selection, step = session.selection, self._step()
        joint = "+joint" if selection.joint in session.robot.joint_names else ""
        if step is not None:
            return f"step{joint}", step.skill
        if len(selection.steps) > 1:
            return "several", ""
        if selection.station in session.cell.stations:
            return "station", selection.station
        if selection.object in session.cell.objects:
            return "object", selection.object
        return ("joint", selection.joint) if joint else ("", "")

    def _build(self, key: _Key) -> None:
        self._key = key
        self.step_view = self.joint_view = self._facts = None
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.empty = EmptyState()
        kind = key[0]
        if kind.startswith("step"):
            self.step_view = StepView(self.context, key[1])
            column.addWidget(self.step_view)
        elif kind in ("station", "object"):
            self._facts = FactsView(self.context, 1)
            column.addWidget(self._facts)
        else:
            self.empty.setVisible(kind != "joint")
            column.addWidget(self.empty)
        if kind.endswith("joint"):
            self.joint_view = FactsView(self.context, 2)
            column.addWidget(self.joint_view)
        column.addStretch(1)
        self._area.setWidget(body)

    def _show(self) -> None:
        session, tr = self.context.session, self.context.tr
        words, selection, step = Wording.of(tr, session), session.selection, self._step()
        kind = self._key[0]
        if step is not None and self.step_view is not None:
            ordered = [s.id for s in session.plan.steps]
            where = tr("inspector.where", track=words.track(step.track), number=ordered.index(step.id) + 1, count=len(ordered))
            self.head.set(step.skill, words.step(step), where)
            self.step_view.show_step(step)
        elif kind == "several":
            self.head.set("list", tr("inspector.several", count=len(selection.steps)), "")
            self.empty.set("", tr("inspector.several.hint"))
        elif kind == "station" and self._facts is not None:
            self.head.set("station", words.station(selection.station), tr("inspector.station"))
            show_station(self._facts, selection.station)
        elif kind == "object" and self._facts is not None:
            self.head.set("cube", words.object(selection.object), tr("inspector.object"))
            show_object(self._facts, selection.object)
        elif kind == "joint":
            self.head.set("joint", words.joint(selection.joint), tr("inspector.joint"))
        else:
            self.head.set("", tr("inspector.title"), "")
            self.empty.set("", tr("inspector.empty"))
        self._show_joint()

    def _show_joint(self) -> None:
        joint = self.context.session.selection.joint
        if self.joint_view is not None and joint in self.context.session.robot.joint_names:
            show_joint(self.joint_view, joint)
