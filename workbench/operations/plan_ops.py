"""What a user does to the plan: one small function an action, over the session. A refused edit raises and changes nothing.

Labels are i18n keys ``edit.*``. ``coalesce_key``: edits in a row with the same key (one drag) are undone as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbench.plan import edits
from workbench.plan.compile import compile_plan
from workbench.plan.edits import EditRejected
from workbench.plan.hand_skills import devices_of
from workbench.plan.layout import layout, planned_time
from workbench.plan.model import ParameterValue, Plan, Step
from workbench.plan.skills import DEVICE_KINDS, SKILLS
from workbench.session import Session


def add_step(
    session: Session, skill: str, start: float | None = None, parameters: Mapping[str, ParameterValue] | None = None
) -> str:
    """A new step where there is room at or after planned ``start`` (None: at the playhead), selected; its id."""
    plan = session.plan
    if start is None:
        start = planned_time(plan, layout(plan, session.simulated), skill, session.playhead)
    values = {**suggested_parameters(session, skill, start), **(parameters or {})}
    step = edits.new_step(plan, skill, edits.free_start(plan, skill, start), values)
    added = edits.insert_step(plan, step)
    _apply(session, "edit.add", _with_estimate(session, added, step.id))
    session.select_steps(step.id)
    return step.id


def insert_step(session: Session, skill: str, start: float, parameters: Mapping[str, ParameterValue] | None = None) -> str:
    """A new step exactly at planned ``start`` (or behind the step there), selected; what follows moves on; its id."""
    plan = session.plan
    step = edits.new_step(plan, skill, start, {**suggested_parameters(session, skill, start), **(parameters or {})})
    _apply(session, "edit.insert", _with_estimate(session, edits.insert_step(plan, step), step.id))
    session.select_steps(step.id)
    return step.id


def move_step(session: Session, step_id: str, start: float, *, ripple: bool = False, coalesce_key: str = "") -> None:
    """A step at another planned start."""
    _apply(session, "edit.move", edits.move_step(session.plan, step_id, start, ripple=ripple), coalesce_key)


def move_steps(session: Session, step_ids: Iterable[str], delta: float, *, ripple: bool = False, coalesce_key: str = "") -> None:
    """Several steps earlier or later together."""
    _apply(session, "edit.move", edits.move_steps(session.plan, step_ids, delta, ripple=ripple), coalesce_key)


def resize_step(session: Session, step_id: str, duration: float, *, ripple: bool = False, coalesce_key: str = "") -> None:
    """A step of another length; its pace follows."""
    _apply(session, "edit.resize", edits.resize_step(session.plan, step_id, duration, ripple=ripple), coalesce_key)


def set_parameter(session: Session, step_id: str, name: str, value: ParameterValue, *, coalesce_key: str = "") -> None:
    """Another value of a parameter (SI). A new target brings a new estimate of the length; what follows moves along."""
    plan = edits.set_parameter(session.plan, step_id, name, value)
    if plan is not session.plan and isinstance(value, str):
        plan = _with_estimate(session, plan, step_id)
    _apply(session, "edit.parameter", plan, coalesce_key)


def delete_steps(session: Session, step_ids: Iterable[str], *, ripple: bool = False) -> None:
    """Steps away; what waited for them waits for what they waited for."""
    _apply(session, "edit.delete", edits.delete_steps(session.plan, step_ids, ripple=ripple))


def delete_selection(session: Session) -> None:
    """The selected steps away."""
    delete_steps(session, session.selection.steps)


def duplicate_selection(session: Session) -> tuple[str, ...]:
    """Copies of the selected steps behind them, selected; their ids."""
    plan, ids = edits.duplicate_steps(session.plan, session.selection.steps)
    _apply(session, "edit.duplicate", plan)
    if ids:
        session.select_steps(*ids)
    return ids


def copy_selection(session: Session) -> int:
    """Remember the selected steps for ``paste``; how many."""
    if session.selection.steps:
        session.clipboard = tuple(session.plan.step(i) for i in session.selection.steps)
    return len(session.selection.steps)


def cut_selection(session: Session) -> None:
    """Copy, then delete."""
    if copy_selection(session):
        _apply(session, "edit.cut", edits.delete_steps(session.plan, session.selection.steps))


def paste(session: Session, start: float | None = None) -> tuple[str, ...]:
    """The remembered steps at planned ``start`` (None: at the playhead), selected; their ids."""
    if not session.clipboard:
        return ()
    plan = session.plan
    if start is None:
        first = min(session.clipboard, key=lambda s: s.start)
        start = planned_time(plan, layout(plan, session.simulated), first.skill, session.playhead)
    plan, ids = edits.paste_steps(plan, session.clipboard, start)
    _apply(session, "edit.paste", plan)
    session.select_steps(*ids)
    return ids


def rename_step(session: Session, step_id: str, name: str) -> None:
    """The user's own name for a step; empty: the made one again."""
    _apply(session, "edit.rename", edits.rename_step(session.plan, step_id, name))


def connect(session: Session, first_id: str, second_id: str, *, ripple: bool = True) -> None:
    """``second`` waits for ``first``; it moves on with what follows where it starts too early."""
    _apply(session, "edit.connect", edits.connect(session.plan, first_id, second_id, ripple=ripple))


def disconnect(session: Session, first_id: str, second_id: str) -> None:
    """``second`` waits for ``first`` no longer."""
    _apply(session, "edit.disconnect", edits.disconnect(session.plan, first_id, second_id))


def set_limit(session: Session, name: str, value: float | None) -> None:
    """What the whole process must keep, such as ``cycle_time`` in s; None: nothing."""
    _apply(session, "edit.limit", edits.set_limit(session.plan, name, value))


def apply_estimates(session: Session) -> None:
    """All planned lengths as estimated for this robot and cell; pauses stay."""
    plan = session.plan
    for step_id, seconds in compile_plan(plan, session.robot, session.cell).estimates.items():
        try:
            plan = edits.set_duration(plan, step_id, seconds)
        except EditRejected:
            continue  # a step beside it is in the way; its neighbours still gain
    _apply(session, "edit.estimates", plan)


def undo(session: Session) -> str:
    """One version back; the label of what was undone, "" if nothing."""
    return session.undo()


def redo(session: Session) -> str:
    """One version on; the label of what was redone, "" if nothing."""
    return session.redo()


def suggested_parameters(session: Session, skill: str, start: float) -> dict[str, ParameterValue]:
    """Targets that make sense for a new step: what the last steps before ``start`` were about, else the cell's first."""
    cell = session.cell
    station, held, piece = "", "", next(iter(cell.objects), "")
    for step in session.plan.steps:
        if step.start >= start:
            break
        station = str(step.parameters.get("station", "")) or station
        if step.skill in ("grasp", "pick"):
            held = piece = str(step.parameters.get("object", "")) or piece
        elif step.skill in ("place", "put", "insert"):
            held = ""
    if skill in ("walk", "grasp") and not held and piece in cell.objects:
        station = cell.objects[piece].station if skill == "walk" else station
    elif skill == "carry":
        station = next((s.id for s in cell.stations.values() if s.slots and s.id != station), station)
    values: dict[str, ParameterValue] = {}
    for parameter in SKILLS[skill].parameters if skill in SKILLS else ():
        if parameter.kind == "object":
            values[parameter.name] = piece
        elif parameter.kind == "station":
            values[parameter.name] = station if station in cell.stations else next(iter(cell.stations), "")
        elif parameter.kind in DEVICE_KINDS:
            here = [d.id for d in devices_of(cell, parameter.kind).values() if d.station == station]
            values[parameter.name] = next(iter((*here, *devices_of(cell, parameter.kind))), "")
        elif parameter.kind == "slot":
            chosen = str(values.get("station", ""))
            values[parameter.name] = next(iter(cell.stations[chosen].slots), "") if chosen in cell.stations else ""
    return values


def _apply(session: Session, label: str, plan: Plan, coalesce_key: str = "") -> None:
    session.apply(label, plan, coalesce_key)


def _with_estimate(session: Session, plan: Plan, step_id: str) -> Plan:
    """The plan with one step as long as this robot will need for it, where that can be told and there is room."""
    seconds = _estimate(session, plan, step_id)
    if seconds is None:
        return plan
    try:
        return edits.set_duration(plan, step_id, seconds)
    except EditRejected:
        return plan


def _estimate(session: Session, plan: Plan, step_id: str) -> float | None:
    step: Step = plan.step(step_id)
    if SKILLS[step.skill].paced_by == "duration":
        return None
    return compile_plan(plan, session.robot, session.cell).estimates.get(step_id)
