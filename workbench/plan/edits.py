"""Edits of a plan: pure functions from a plan to a plan. A refused edit raises ``EditRejected`` and changes nothing.

Times are kept to the millisecond. ``ripple`` moves every step that starts at or after the edited step's old end along, so
that what follows stays attached. Only what an edit touches is checked: a plan that came in with a fault can still be mended.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from workbench.errors import WorkbenchError
from workbench.plan.model import LIMITS, ParameterValue, Plan, Step
from workbench.plan.schedule import TOLERANCE, occupies, order
from workbench.plan.skills import HANDS, SKILLS, ParameterSpec, SkillSpec

MIN_DURATION = 0.1


class EditRejected(WorkbenchError):
    """An edit that the plan does not allow. The sentence says why and what to do instead; ``*_id`` params name the steps."""


def new_step_id(plan: Plan, skill: str, taken: Collection[str] = ()) -> str:
    """An id no step has, such as ``walk-3``."""
    used = {s.id for s in plan.steps} | set(taken)
    number = 1
    while f"{skill}-{number}" in used:
        number += 1
    return f"{skill}-{number}"


def new_step(plan: Plan, skill: str, start: float, parameters: Mapping[str, ParameterValue] | None = None) -> Step:
    """A step of a skill with its defaults, not yet in the plan.

    Raises:
        EditRejected: ``plan.unknown_skill``, ``plan.unknown_parameter``, ``plan.parameter_range`` or ``plan.parameter_type``.
    """
    spec = _skill(skill)
    values: dict[str, ParameterValue] = {p.name: p.default for p in spec.parameters}
    for name, value in (parameters or {}).items():
        values[name] = checked_value(spec, name, value)
    duration = spec.default_duration
    if spec.paced_by == "duration":
        duration = float(values["duration"])
    elif spec.paced_by:
        default = spec.parameter(spec.paced_by)
        if default is not None:
            duration = _paced_duration(spec, duration, float(default.default), float(values[spec.paced_by]))
    return Step(new_step_id(plan, skill), skill, spec.track, _ms(start), _ms(duration), values)


def add_step(plan: Plan, step: Step) -> Plan:
    """The plan with one more step where there is room for it; ``plan.overlap`` otherwise."""
    spec = _skill(step.skill)
    if any(s.id == step.id for s in plan.steps):
        raise EditRejected("plan.duplicate_id", step=step.id)
    if step.track != spec.track:
        raise EditRejected("plan.wrong_track", step=label(step), track=step.track, valid=spec.track)
    return _checked(plan, (*plan.steps, step), {step.id})


def insert_step(plan: Plan, step: Step) -> Plan:
    """The plan with one more step at its start, or at the end of the step there; what follows moves on by its length.

    The step that it is put behind becomes what it waits for by the order on the track; dependencies stay as they are.
    """
    mine = set(occupies(step))
    start = max(0.0, step.start)
    for other in sorted(plan.steps, key=order):
        if mine & set(occupies(other)) and other.start - TOLERANCE <= start < other.end - TOLERANCE:
            start = other.start if start - other.start < TOLERANCE else other.end
    step = replace(step, start=_ms(start))
    following = [s for s in plan.steps if s.start >= step.start - TOLERANCE]
    room = min((s.start for s in following if mine & set(occupies(s))), default=step.end) - step.start
    push = max(0.0, step.duration - max(0.0, room))
    moved = _shifted(plan, {s.id for s in following}, push)
    return add_step(replace(plan, steps=moved), step)


def free_start(plan: Plan, skill: str, at: float, duration: float | None = None) -> float:
    """The earliest start at or after ``at`` (s) with room for a step of that skill."""
    spec = _skill(skill)
    probe = Step("", skill, spec.track, max(0.0, at), spec.default_duration if duration is None else duration)
    mine = set(occupies(probe))
    for other in sorted(plan.steps, key=order):
        if mine & set(occupies(other)) and other.start < probe.end - TOLERANCE and probe.start < other.end - TOLERANCE:
            probe = replace(probe, start=other.end)
    return _ms(probe.start)


def move_step(plan: Plan, step_id: str, start: float, *, ripple: bool = False) -> Plan:
    """The step at another planned start (s, not below 0)."""
    step = plan.step(step_id)
    return move_steps(plan, (step_id,), _ms(max(0.0, start)) - step.start, ripple=ripple)


def move_steps(plan: Plan, step_ids: Iterable[str], delta: float, *, ripple: bool = False) -> Plan:
    """Several steps moved by ``delta`` s together; never before 0 (the whole group stops there)."""
    ids = {plan.step(i).id for i in step_ids}
    if not ids:
        return plan
    chosen = [s for s in plan.steps if s.id in ids]
    delta = max(delta, -min(s.start for s in chosen))
    if ripple:
        old_end = max(s.end for s in chosen)
        ids |= {s.id for s in plan.steps if s.start >= old_end - TOLERANCE}
    if abs(delta) < TOLERANCE:
        return plan
    return _checked(plan, _shifted(plan, ids, delta), ids)


def resize_step(plan: Plan, step_id: str, duration: float, *, ripple: bool = False) -> Plan:
    """The step with another planned length (s): its pace parameter changes with it.

    Raises:
        EditRejected: ``plan.not_resizable``; ``plan.pace_range`` with the value that would be needed and the allowed lengths;
            ``plan.overlap`` or ``plan.before_dependency`` when it no longer fits.
    """
    step = plan.step(step_id)
    spec = _skill(step.skill)
    pace = spec.parameter(spec.paced_by) if spec.paced_by else None
    if pace is None:
        raise EditRejected("plan.not_resizable", step=label(step), step_id=step.id)
    duration = _ms(max(MIN_DURATION, duration))
    if abs(duration - step.duration) < TOLERANCE:
        return plan
    now = _number(step, pace)
    if spec.paced_by == "duration":
        needed, shortest, longest = duration, pace.minimum, pace.maximum
    else:
        settle, travel = _settle_and_travel(spec, step.duration, now)
        needed = travel / (duration - settle) if duration > settle else math.inf
        shortest, longest = settle + travel / pace.maximum, settle + travel / pace.minimum
    if not pace.minimum - 1e-9 <= needed <= pace.maximum + 1e-9:
        raise EditRejected(
            "plan.pace_range",
            step=label(step),
            step_id=step.id,
            parameter=pace.name,
            needed=round(needed * pace.shown_factor, 3) if math.isfinite(needed) else "∞",
            minimum=round(pace.minimum * pace.shown_factor, 3),
            maximum=round(pace.maximum * pace.shown_factor, 3),
            unit=pace.shown_unit,
            shortest=round(shortest, 1),
            longest=round(longest, 1),
        )
    changed = replace(step, duration=duration, parameters={**step.parameters, pace.name: round(needed, 6)})
    return _replaced(plan, step, changed, ripple)


def set_parameter(plan: Plan, step_id: str, name: str, value: ParameterValue, *, ripple: bool = True) -> Plan:
    """The step with another parameter value (SI). A pace parameter changes the planned length too.

    What follows moves along by default, so that a slower step does not have to be refused; when pulling it closer would
    make other steps collide, it stays where it is.
    """
    step = plan.step(step_id)
    spec = _skill(step.skill)
    value = checked_value(spec, name, value)
    if step.parameters.get(name) == value:
        return plan
    duration = step.duration
    if name == spec.paced_by:
        pace = spec.parameter(name)
        assert pace is not None  # checked_value found it
        now = _number(step, pace)
        duration = float(value) if name == "duration" else _paced_duration(spec, step.duration, now, float(value))
    changed = replace(step, duration=_ms(max(MIN_DURATION, duration)), parameters={**step.parameters, name: value})
    if ripple and changed.duration < step.duration:
        try:
            return _replaced(plan, step, changed, True)
        except EditRejected:
            ripple = False
    return _replaced(plan, step, changed, ripple)


def set_duration(plan: Plan, step_id: str, duration: float, *, ripple: bool = True) -> Plan:
    """The step with another planned length (s) and the same parameters: a better estimate of what the robot will take."""
    step = plan.step(step_id)
    duration = _ms(max(MIN_DURATION, duration))
    if abs(duration - step.duration) < TOLERANCE:
        return plan
    return _replaced(plan, step, replace(step, duration=duration), ripple)


def set_limit(plan: Plan, name: str, value: float | None) -> Plan:
    """The plan with another limit of the whole (a key of ``model.LIMITS``, SI); None takes it away."""
    if name not in LIMITS:
        raise EditRejected("plan.unknown_limit", limit=name, valid=", ".join(LIMITS))
    limits = {k: v for k, v in plan.limits.items() if k != name}
    if value is not None:
        if not math.isfinite(value) or value < 0:
            raise EditRejected("plan.limit_value", limit=name, found=value)
        limits[name] = float(value)
    return plan if limits == dict(plan.limits) else replace(plan, limits=limits)


def delete_steps(plan: Plan, step_ids: Iterable[str], *, ripple: bool = False) -> Plan:
    """The plan without these steps. What waited for a deleted step waits for what that step waited for."""
    gone = {plan.step(i).id: plan.step(i) for i in step_ids}
    if not gone:
        return plan

    def bridge(after: tuple[str, ...]) -> tuple[str, ...]:
        out: dict[str, None] = {}
        seen: set[str] = set()
        queue = list(after)
        while queue:
            a = queue.pop(0)
            if a in seen:
                continue
            seen.add(a)
            if a in gone:
                queue = list(gone[a].after) + queue
            else:
                out[a] = None
        return tuple(out)

    kept = tuple(replace(s, after=bridge(s.after)) if set(s.after) & gone.keys() else s for s in plan.steps if s.id not in gone)
    shorter = replace(plan, steps=kept)
    if ripple:
        last = max(s.end for s in gone.values())
        first = min(s.start for s in gone.values())
        later = {s.id for s in kept if s.start >= last - TOLERANCE}
        try:
            return _checked(shorter, _shifted(shorter, later, first - last), later)
        except EditRejected:
            return shorter
    return shorter


def duplicate_steps(plan: Plan, step_ids: Iterable[str]) -> tuple[Plan, tuple[str, ...]]:
    """Copies behind the originals, what follows moved on; the plan and the ids of the copies."""
    chosen = [plan.step(i) for i in step_ids]
    if not chosen:
        return plan, ()
    return paste_steps(plan, chosen, max(s.end for s in chosen))


def paste_steps(plan: Plan, steps: Iterable[Step], at: float) -> tuple[Plan, tuple[str, ...]]:
    """Copies of steps with the first at ``at`` (s), what follows moved on; the plan and the ids of the copies.

    Dependencies among the copied steps are kept, others dropped. A step in the way at ``at`` pushes the group to its end.
    """
    source = sorted(steps, key=order)
    if not source:
        return plan, ()
    offset = at - source[0].start
    group = {k for s in source for k in occupies(s)}
    for other in sorted(plan.steps, key=order):
        if group & set(occupies(other)) and other.start < source[0].start + offset - TOLERANCE < other.end - 2 * TOLERANCE:
            offset = other.end - source[0].start
    new_id: dict[str, str] = {}
    for s in source:
        new_id[s.id] = new_step_id(plan, s.skill, new_id.values())
    copies = [
        replace(s, id=new_id[s.id], start=_ms(s.start + offset), after=tuple(new_id[a] for a in s.after if a in new_id))
        for s in source
    ]
    first, last = copies[0].start, max(c.end for c in copies)
    later = {s.id for s in plan.steps if s.start >= first - TOLERANCE}
    room = min((s.start for s in plan.steps if s.id in later), default=last) - first
    moved = _shifted(plan, later, max(0.0, last - first - room))
    ids = tuple(c.id for c in copies)
    return _checked(plan, (*moved, *copies), {*ids, *later}), ids


def rename_step(plan: Plan, step_id: str, name: str) -> Plan:
    """The step with the user's own name; empty: named from skill and parameters again."""
    step = plan.step(step_id)
    name = name.strip()
    if name == step.name:
        return plan
    return replace(plan, steps=tuple(replace(s, name=name) if s.id == step_id else s for s in plan.steps))


def connect(plan: Plan, first_id: str, second_id: str, *, ripple: bool = False) -> Plan:
    """``second`` waits for ``first``.

    Raises:
        EditRejected: ``plan.cycle``, or ``plan.before_dependency`` when second starts too early (``ripple`` moves it and
            what follows on instead).
    """
    first, second = plan.step(first_id), plan.step(second_id)
    if first_id == second_id or first_id in _upstream_of(plan, second_id, downstream=True):
        raise EditRejected("plan.cycle", step=label(second), step_id=second_id, other=label(first), other_id=first_id)
    if first_id in second.after:
        return plan
    joined = replace(second, after=(*second.after, first_id))
    steps = tuple(joined if s.id == second_id else s for s in plan.steps)
    late = first.end - second.start
    if ripple and late > TOLERANCE:
        ids = {s.id for s in plan.steps if s.start >= second.start - TOLERANCE and s.id != first_id}
        return _checked(plan, _shifted(replace(plan, steps=steps), ids, late), ids)
    return _checked(plan, steps, {second_id})


def disconnect(plan: Plan, first_id: str, second_id: str) -> Plan:
    """``second`` no longer waits for ``first`` (unless by the order on its track)."""
    second = plan.step(second_id)
    if first_id not in second.after:
        return plan
    changed = replace(second, after=tuple(a for a in second.after if a != first_id))
    return replace(plan, steps=tuple(changed if s.id == second_id else s for s in plan.steps))


def label(step: Step) -> str:
    """What a message calls a step: the user's name, or its id."""
    return step.name or step.id


def checked_value(spec: SkillSpec, name: str, value: ParameterValue) -> ParameterValue:
    """The value of a parameter, of the right type and in range; EditRejected says what is allowed."""
    parameter = spec.parameter(name)
    if parameter is None:
        raise EditRejected(
            "plan.unknown_parameter", skill=spec.id, parameter=name, valid=", ".join(p.name for p in spec.parameters)
        )
    if parameter.kind != "number":
        if not isinstance(value, str):
            raise EditRejected("plan.parameter_type", skill=spec.id, parameter=name, found=str(value), expected=parameter.kind)
        if parameter.kind == "hand" and value not in HANDS:
            raise EditRejected("plan.parameter_type", skill=spec.id, parameter=name, found=value, expected=" / ".join(HANDS[1:]))
        return value
    if isinstance(value, str | bool) or not math.isfinite(value):
        raise EditRejected("plan.parameter_type", skill=spec.id, parameter=name, found=str(value), expected="number")
    number = float(value)
    if not parameter.minimum - 1e-9 <= number <= parameter.maximum + 1e-9:
        raise EditRejected(
            "plan.parameter_range",
            skill=spec.id,
            parameter=name,
            found=round(number * parameter.shown_factor, 4),
            minimum=round(parameter.minimum * parameter.shown_factor, 4),
            maximum=round(parameter.maximum * parameter.shown_factor, 4),
            unit=parameter.shown_unit or parameter.unit,
        )
    return number


def _settle_and_travel(spec: SkillSpec, duration: float, speed: float) -> tuple[float, float]:
    """The length of a step as ``settle + travel / speed``: the part no speed shortens (s), and the way (m)."""
    settle = min(spec.settle, 0.5 * duration)
    return settle, (duration - settle) * speed


def _paced_duration(spec: SkillSpec, duration: float, speed: float, new_speed: float) -> float:
    """Length in s at another speed."""
    settle, travel = _settle_and_travel(spec, duration, speed)
    return settle + travel / new_speed


def _skill(skill: str) -> SkillSpec:
    if skill not in SKILLS:
        raise EditRejected("plan.unknown_skill", skill=skill, valid=", ".join(SKILLS))
    return SKILLS[skill]


def _number(step: Step, spec: ParameterSpec) -> float:
    return float(step.parameters.get(spec.name, spec.default))


def _ms(seconds: float) -> float:
    return round(seconds, 3)


def _shifted(plan: Plan, ids: Collection[str], delta: float) -> tuple[Step, ...]:
    if abs(delta) < TOLERANCE:
        return plan.steps
    return tuple(replace(s, start=_ms(s.start + delta)) if s.id in ids else s for s in plan.steps)


def _replaced(plan: Plan, old: Step, new: Step, ripple: bool) -> Plan:
    """One step exchanged, and with ``ripple`` what starts at or after its old end moved by the change of its end."""
    ids = {s.id for s in plan.steps if s.start >= old.end - TOLERANCE and s.id != old.id} if ripple else set()
    moved = _shifted(plan, ids, new.end - old.end)
    return _checked(plan, tuple(new if s.id == old.id else s for s in moved), {new.id, *ids})


def _upstream_of(plan: Plan, step_id: str, *, downstream: bool = False) -> set[str]:
    """Ids reachable along ``after`` (or against it, ``downstream``)."""
    edges: dict[str, list[str]] = {}
    for s in plan.steps:
        for a in s.after:
            edges.setdefault(a if downstream else s.id, []).append(s.id if downstream else a)
    seen: set[str] = set()
    queue = [step_id]
    while queue:
        for other in edges.get(queue.pop(), ()):
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return seen


def _checked(plan: Plan, steps: Iterable[Step], touched: Collection[str]) -> Plan:
    """The plan with these steps in order, after checking every rule that concerns a touched step."""
    ordered = tuple(sorted(steps, key=order))
    by_id = {s.id: s for s in ordered}
    latest: dict[str, Step] = {}
    for step in ordered:
        for key in occupies(step):
            before = latest.get(key)
            if before is not None and step.start < before.end - TOLERANCE and (step.id in touched or before.id in touched):
                raise _overlap(before, step, key, touched)
            if before is None or step.end > before.end:
                latest[key] = step
        for a in step.after:
            first = by_id.get(a)
            if first is not None and step.start < first.end - TOLERANCE and (step.id in touched or a in touched):
                raise EditRejected(
                    "plan.before_dependency",
                    step=label(step),
                    step_id=step.id,
                    other=label(first),
                    other_id=first.id,
                    earliest=round(first.end, 2),
                    by=round(first.end - step.start, 2),
                )
    return replace(plan, steps=ordered)


def _overlap(before: Step, step: Step, key: str, touched: Collection[str]) -> EditRejected:
    """Same track or same resource: both steps named, and where the touched one would fit."""
    kind, what = key.split(":", 1)
    moved, other = (step, before) if step.id in touched else (before, step)
    fits = other.end if moved is step else max(0.0, other.start - moved.duration)
    return EditRejected(
        "plan.overlap" if kind == "track" else "plan.resource_busy",
        step=label(moved),
        step_id=moved.id,
        other=label(other),
        other_id=other.id,
        resource=what,
        fits=round(fits, 2),
        by=round(before.end - step.start, 2),
    )
