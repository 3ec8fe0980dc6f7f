"""The inspector of one step: values, time, checks, suggested fix, dependencies, name."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from sim.preflight.finding import CheckResult, Finding
from workbench.errors import WorkbenchError
from workbench.operations import plan_ops
from workbench.plan.hand_skills import devices_of
from workbench.plan.layout import StepBox, layout
from workbench.plan.model import ParameterValue, Step
from workbench.plan.skills import DEVICE_KINDS, HANDS, SKILLS, ParameterSpec
from workbench.session import Session
from workbench.ui.context import UiContext
from workbench.ui.inspector.checks import CheckList
from workbench.ui.inspector.fields import Choice, Guarded, StepNumberField, TextField
from workbench.ui.inspector.sections import ElidedButton, Section
from workbench.ui.widgets import Button, IconButton, IconView, label
from workbench.ui.wording import Wording, number


class StepView(QWidget):
    """Fields of one step. Built for its skill; shows another step of the same skill without being built anew.

    Args:
        context: session, words, colours.
        skill: whose parameters there are fields for.
    """

    def __init__(self, context: UiContext, skill: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.skill = skill
        self.step_id = ""
        self.fields: dict[str, StepNumberField | Choice | TextField] = {}
        self.guards: dict[str, Guarded] = {}
        self.motion, self.time, self.checks, self.fix, self.waits = (Section() for _ in range(5))
        self.rest = Section(titled=False)
        self.check_list = CheckList()
        self.checks.add_wide(self.check_list)
        self.apply = Button("", primary=True)
        self._fix_text = label("")
        self._fix_text.setWordWrap(True)
        self._fix_set = label("", "strong")
        self._fix_set.setWordWrap(True)
        for part in (self._fix_set, self._fix_text, self.apply):
            self.fix.add_wide(part)
        self.delete = Button("", "trash")
        self._waits_of: tuple[str, ...] | None = None
        self._fix_finding: Finding | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for section in (self.motion, self.time, self.checks, self.fix, self.waits, self.rest):
            column.addWidget(section)
        self._build_fields()
        self.apply.clicked.connect(self._on_apply)
        self.delete.clicked.connect(lambda: plan_ops.delete_steps(self._session, (self.step_id,)))

    @property
    def _session(self) -> Session:
        return self.context.session

    @property
    def _words(self) -> Wording:
        return Wording.of(self.context.tr, self._session)

    # -- building -----------------------------------------------------------------------------------------------------------

    def _build_fields(self) -> None:
        spec, tr = SKILLS.get(self.skill), self.context.tr
        for parameter in spec.parameters if spec else ():
            if spec is not None and parameter.name == "duration" == spec.paced_by:
                continue  # the planned length below is the same value
            self._add(self.motion, parameter.name, tr(f"parameter.{parameter.name}"), self._field(parameter))
        self.motion.setVisible(bool(self.fields))
        start = StepNumberField("s", 2)
        start.committed.connect(
            lambda v: self._edit(
                "start", lambda: plan_ops.move_step(self._session, self.step_id, v, coalesce_key=self._key("start", start))
            )
        )
        self._add(self.time, "start", tr("inspector.start"), start)
        if spec is not None and spec.paced_by:
            length = StepNumberField("s", 2)
            length.committed.connect(
                lambda v: self._edit(
                    "length",
                    lambda: plan_ops.resize_step(
                        self._session, self.step_id, v, ripple=True, coalesce_key=self._key("length", length)
                    ),
                )
            )
            self._add(self.time, "length", tr("inspector.length"), length)
        name = TextField()
        name.committed.connect(lambda text: self._edit("name", lambda: plan_ops.rename_step(self._session, self.step_id, text)))
        self._add(self.rest, "name", tr("inspector.name"), name)
        row = QWidget()
        inner = QHBoxLayout(row)
        inner.setContentsMargins(0, 4, 0, 0)
        inner.addWidget(self.delete)
        inner.addStretch(1)
        self.rest.add_wide(row)

    def _field(self, spec: ParameterSpec) -> StepNumberField | Choice | TextField:
        if spec.kind == "number":
            shown = spec.increment * spec.shown_factor
            field = StepNumberField(
                spec.shown_unit or spec.unit, 0 if shown >= 1 else 1 if shown >= 0.1 else 2 if shown >= 0.01 else 3
            )
            field.committed.connect(lambda v: self._set(spec.name, v / spec.shown_factor, self._key(spec.name, field)))
            field.reverted.connect(lambda: self.guards[spec.name].clear())
            return field
        if spec.kind == "text":
            text = TextField()
            text.committed.connect(lambda v: self._set(spec.name, v))
            return text
        choice = Choice()
        choice.chosen.connect(lambda v: self._set(spec.name, v))
        return choice

    def _add(self, section: Section, key: str, name: str, field: StepNumberField | Choice | TextField) -> None:
        guard = Guarded(field, lambda e: self._words.refusal(e, self._session.plan))
        field.setAccessibleName(name)
        self.fields[key], self.guards[key] = field, guard
        section.add_field(name, guard)

    # -- editing ------------------------------------------------------------------------------------------------------------

    def _key(self, name: str, field: StepNumberField) -> str:
        return f"inspector.{self.step_id}.{name}" if field.going_on else ""

    def _set(self, name: str, value: ParameterValue, key: str = "") -> None:
        self._edit(name, lambda: plan_ops.set_parameter(self._session, self.step_id, name, value, coalesce_key=key))

    def _edit(self, name: str, edit: Callable[[], None]) -> None:
        self.guards[name].attempt(edit)

    def _on_apply(self) -> None:
        found = self._fix_finding
        change = proposed_change(found) if found is not None else None
        if found is None or change is None:
            return
        try:
            plan_ops.set_parameter(self._session, found.step, *change)
        except WorkbenchError as refused:
            self._fix_text.setText(self._words.refusal(refused, self._session.plan))

    # -- showing ------------------------------------------------------------------------------------------------------------

    def show_step(self, step: Step) -> None:
        """Show a step of this skill as it is now."""
        if step.id != self.step_id:
            for guard in self.guards.values():
                guard.clear()
            for field in self.fields.values():
                if isinstance(field, StepNumberField):
                    field.lineEdit().setModified(False)
                elif isinstance(field, TextField):
                    field.setModified(False)
        self.step_id = step.id
        tr, words = self.context.tr, self._words
        self.motion.set_title(tr("inspector.motion"))
        spec = SKILLS.get(step.skill)
        for parameter in spec.parameters if spec else ():
            if parameter.name in self.fields:
                self._show_parameter(step, parameter, words)
        self._show_time(step)
        self._show_checks(step, words)
        self._show_fix(step, words)
        self._show_waits(step, words)
        name = self.fields["name"]
        assert isinstance(name, TextField)
        name.show_text(step.name, words.step(step) if not step.name else tr("inspector.name.hint"))
        self.delete.setText(tr("inspector.delete"))

    def _show_parameter(self, step: Step, spec: ParameterSpec, words: Wording) -> None:
        field, value = self.fields[spec.name], step.parameters.get(spec.name, spec.default)
        if isinstance(field, StepNumberField):
            field.show_number(float(value) * spec.shown_factor, spec.increment * spec.shown_factor)
            tip = words.tr(
                "inspector.range",
                minimum=number(spec.minimum * spec.shown_factor),
                maximum=number(spec.maximum * spec.shown_factor),
                unit=spec.shown_unit or spec.unit,
            )
            field.setToolTip(tip)
        elif isinstance(field, TextField):
            field.show_text(str(value))
        else:
            field.show_items(choices(step, spec, words), str(value))

    def _show_time(self, step: Step) -> None:
        tr = self.context.tr
        box = next((b for b in layout(self._session.plan, self._session.simulated) if b.step_id == step.id), None)
        self.time.set_title(tr("inspector.time"))
        start, length = self.fields["start"], self.fields.get("length")
        assert isinstance(start, StepNumberField)
        start.show_number(step.start, 0.1)
        if isinstance(length, StepNumberField):
            length.show_number(step.duration, 0.1)
        else:
            self.time.set_value("estimated", tr("inspector.estimated"), f"{step.duration:.1f} s", tr("inspector.from_plan"))
        value, note = simulated_text(box, tr)
        self.time.set_value("simulated", tr("inspector.simulated"), value, note, strong=True)

    def _show_checks(self, step: Step, words: Wording) -> None:
        report, tr = self._session.report, self.context.tr
        checks = checks_of(report.checks if report else (), step.id)
        self.checks.setVisible(bool(checks))
        self.checks.set_title(tr("inspector.checks"), tr("inspector.checks_stale") if self._session.report_stale else "")
        self.check_list.show_checks(checks, words)

    def _show_fix(self, step: Step, words: Wording) -> None:
        report, tr = self._session.report, self.context.tr
        found = [f for f in (report.findings if report else ()) if f.step == step.id and f.hint]
        chosen = self._session.selection.finding
        finding = chosen if chosen in found else found[0] if found else None
        self.fix.setVisible(finding is not None)
        self._fix_finding = finding
        if finding is None:
            return
        change = proposed_change(finding)
        spec = SKILLS[step.skill].parameter(change[0]) if change and step.skill in SKILLS else None
        self.fix.set_title(tr("inspector.fix"), tr("inspector.checks_stale") if self._session.report_stale else "")
        self._fix_text.setText(words.hint(finding))
        self._fix_set.setVisible(spec is not None)
        self.apply.setVisible(spec is not None)
        if spec is not None and change is not None:
            value = words.parameter_value(spec, change[1])
            self._fix_set.setText(tr("inspector.set_to", parameter=tr(f"parameter.{spec.name}"), value=value))
            self.apply.setText(tr("inspector.apply"))
            self.apply.setEnabled(step.parameters.get(spec.name) != change[1])

    def _show_waits(self, step: Step, words: Wording) -> None:
        tr, plan = self.context.tr, self._session.plan
        names = tuple(words.step_by_id(plan, a) for a in step.after)
        shown = (step.id, *step.after, *names)
        self.waits.set_title(tr("inspector.dependencies"))
        if shown == self._waits_of:
            return
        self._waits_of = shown
        self.waits.clear()
        if not step.after:
            none = label(tr("inspector.no_dependencies"), "hint")
            none.setWordWrap(True)
            self.waits.add_wide(none)
        for first_id, name in zip(step.after, names, strict=True):
            self.waits.add_wide(self._wait_row(first_id, name))

    def _wait_row(self, first_id: str, name: str) -> QWidget:
        session, tr = self._session, self.context.tr
        row = QWidget()
        inner = QHBoxLayout(row)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        go = ElidedButton(name)
        go.clicked.connect(lambda: session.select_steps(first_id))
        remove = IconButton("close", tr("inspector.remove_dependency", step=name), tone="tx2", size=14)
        remove.clicked.connect(lambda: plan_ops.disconnect(session, first_id, self.step_id))
        first = next((s for s in session.plan.steps if s.id == first_id), None)
        inner.addWidget(IconView(first.skill if first else "", "tx2", 15))
        inner.addWidget(go)
        inner.addStretch(1)
        inner.addWidget(remove)
        return row


def choices(step: Step, spec: ParameterSpec, words: Wording) -> list[tuple[str, str]]:
    """Ids and names that a parameter can have in this cell; the present value even where the cell has it not."""
    cell, current = words.cell, str(step.parameters.get(spec.name, spec.default))
    if spec.kind == "station":
        items = [(s, words.station(s)) for s, found in cell.stations.items() if found.slots or s == current]
        if isinstance(spec.default, str) and step.skill == "walk" and "step_back" in step.parameters:
            items.insert(0, ("", words.tr("inspector.none")))
    elif spec.kind == "object":
        items = [(o, words.object(o)) for o in cell.objects]
    elif spec.kind in DEVICE_KINDS:
        items = [(d, words.device(d)) for d in devices_of(cell, spec.kind)]
    elif spec.kind == "hand":
        items = [(h, words.hand(h)) for h in HANDS]
    else:
        station = cell.stations.get(str(step.parameters.get("station", "")))
        items = [(s, words.slot(s)) for s in (station.slots if station else ())]
    if current not in [i for i, _ in items]:
        shown = words.tr("inspector.unknown", id=current) if current else words.tr("inspector.none")
        items.append((current, shown))
    return items


def proposed_change(finding: Finding) -> tuple[str, ParameterValue] | None:
    """Parameter and SI value that a finding suggests; None where it only says what to do."""
    parameter, value = finding.params.get("parameter"), finding.params.get("value")
    return (parameter, value) if isinstance(parameter, str) and value is not None else None


def simulated_text(box: StepBox | None, tr: Callable[..., str]) -> tuple[str, str]:
    """What the simulation took, and how that differs from the plan."""
    if box is None or box.state != "simulated":
        return tr("inspector.edited" if box is not None and box.state == "edited" else "inspector.not_simulated"), ""
    difference = box.length - box.planned_length
    return f"{box.length:.1f} s", f"{difference:+.1f} s".replace("-", "−") if abs(difference) >= 0.05 else ""


def checks_of(checks: tuple[CheckResult, ...], step_id: str) -> list[CheckResult]:
    """The checks of a step: all that did not pass, and of each other check the one nearest its limit."""
    mine = [c for c in checks if c.step == step_id]
    bad = [c for c in mine if c.verdict != "pass"]
    best: dict[str, CheckResult] = {}
    for c in mine:
        if c.verdict == "pass" and c.check not in {b.check for b in bad}:
            other = best.get(c.check)
            if other is None or _strain(c) > _strain(other):
                best[c.check] = c
    return [*bad, *best.values()]


def _strain(check: CheckResult) -> float:
    if not check.limit or check.measured is None:
        return 0.0
    ratio = check.measured / check.limit
    return ratio if check.relation == "<=" else 1.0 / max(ratio, 1e-9)
