"""When a step may start: what it waits for and the pause the author left. One place for the timeline, the compiler and the edits.

A step starts when the steps it waits for have ended, plus its pause. It waits for the steps in ``after``, for its
predecessor on its track, and for the last earlier step that occupied any resource it needs (the feet, both hands, ...).
The pause is the planned gap to the latest of those planned ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbench.plan.model import Plan, Step
from workbench.plan.skills import SKILLS

#: Planned times are kept to the millisecond; anything closer counts as touching.
TOLERANCE = 5e-4


def order(step: Step) -> tuple[float, str]:
    """Sort key of the steps of a plan."""
    return step.start, step.id


def occupies(step: Step) -> tuple[str, ...]:
    """What no other step may use at the same time: its track and its skill's resources."""
    spec = SKILLS.get(step.skill)
    return (f"track:{step.track}", *(f"resource:{r}" for r in (spec.resources if spec else ())))


def waits_for(steps: Iterable[Step]) -> dict[str, tuple[str, ...]]:
    """For each step id, the ids of the steps that must have ended before it starts."""
    ordered = sorted(steps, key=order)
    known = {s.id for s in ordered}
    last: dict[str, str] = {}
    out: dict[str, tuple[str, ...]] = {}
    for step in ordered:
        waits = dict.fromkeys(a for a in step.after if a in known)
        for key in occupies(step):
            if key in last:
                waits[last[key]] = None
            last[key] = step.id
        out[step.id] = tuple(waits)
    return out


def pauses(plan: Plan) -> dict[str, float]:
    """For each step id, the pause in s between the planned end of what it waits for (or zero) and its planned start."""
    return _pauses(plan, waits_for(plan.steps))


def _pauses(plan: Plan, waits: Mapping[str, tuple[str, ...]]) -> dict[str, float]:
    ends = {s.id: s.end for s in plan.steps}
    return {s.id: max(0.0, round(s.start - max((ends[w] for w in waits[s.id]), default=0.0), 6)) for s in plan.steps}


def run_order(plan: Plan) -> tuple[tuple[Step, tuple[str, ...], float], ...]:
    """Steps in planned order, each with what it waits for and its pause in s."""
    waits = waits_for(plan.steps)
    gaps = _pauses(plan, waits)
    return tuple((s, waits[s.id], gaps[s.id]) for s in sorted(plan.steps, key=order))
