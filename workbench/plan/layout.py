"""Where the steps of a plan stand on the timeline: simulated spans where they still hold, planned lengths behind them.

Displayed time is the recording's time as far as the recording holds; from the first edit on it is the forecast: each step
starts when what it waits for is shown to end, plus its pause. So boxes never overlap, however long a step really took.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from sim.recording import Recording
from workbench.plan.model import Plan, Step
from workbench.plan.schedule import TOLERANCE, occupies, run_order
from workbench.plan.skills import SKILLS

BoxState = Literal["simulated", "not_simulated", "edited"]


class SimulatedPlan(Protocol):
    """What the layout needs of a simulation (``session.Simulated``)."""

    @property
    def plan(self) -> Plan:
        """The plan it was made of."""

    @property
    def recording(self) -> Recording:
        """What came of it."""


@dataclass(frozen=True, slots=True)
class StepBox:
    """One step as drawn.

    Args:
        start, length: s, displayed time.
        planned_start, planned_length: s, the plan's own.
        state: the span is simulated; never simulated; or edited since (it or something before it).
        success: how the simulation of it ended; True where there is none.
    """

    step_id: str
    track: str
    start: float
    length: float
    planned_start: float
    planned_length: float
    state: BoxState
    success: bool = True

    @property
    def end(self) -> float:
        """Displayed end, s."""
        return self.start + self.length


def first_difference(plan: Plan, simulated: Plan) -> float:
    """Planned time in s from which two plans differ in what is done (names do not count); infinite if nowhere."""
    new = {s.id: _content(s) for s in plan.steps}
    old = {s.id: _content(s) for s in simulated.steps}
    starts = {**{s.id: s.start for s in simulated.steps}}
    for s in plan.steps:
        starts[s.id] = min(s.start, starts.get(s.id, s.start))
    return min((starts[i] for i in starts if new.get(i) != old.get(i)), default=float("inf"))


def does_the_same(plan: Plan, other: Plan) -> bool:
    """Both plans do the same within the same limits; names and markers may differ."""
    return plan is other or (dict(plan.limits) == dict(other.limits) and first_difference(plan, other) == float("inf"))


def layout(plan: Plan, simulated: SimulatedPlan | None) -> tuple[StepBox, ...]:
    """The boxes of all steps, in planned order."""
    spans = {s.id: s for s in simulated.recording.steps} if simulated is not None else {}
    differs = first_difference(plan, simulated.plan) if simulated is not None else 0.0
    ends: dict[str, float] = {}
    boxes = []
    for step, waits, pause in run_order(plan):
        span = spans.get(step.id)
        start = max((ends[w] for w in waits if w in ends), default=0.0) + pause
        length, success = step.duration, True
        state: BoxState = "not_simulated"
        if simulated is not None and step.start >= differs - TOLERANCE:
            state = "edited"
        elif simulated is not None and span is not None:
            state, success, start = "simulated", span.success, span.start
            end = simulated.recording.duration if span.end is None else span.end
            length = max(0.0, end - span.start)
        ends[step.id] = start + length
        boxes.append(StepBox(step.id, step.track, start, length, step.start, step.duration, state, success))
    return tuple(boxes)


def planned_start(plan: Plan, boxes: Iterable[StepBox], step_id: str, displayed: float) -> float:
    """The planned start that shows a step at ``displayed`` s: what a drag hands to ``edits.move_step``."""
    step = plan.step(step_id)
    return _to_planned(plan, tuple(b for b in boxes if b.step_id != step_id), set(occupies(step)), step.after, displayed)


def planned_time(plan: Plan, boxes: Iterable[StepBox], skill: str, displayed: float) -> float:
    """The planned time at which a new step of a skill is shown at ``displayed`` s."""
    spec = SKILLS[skill]
    probe = Step("", skill, spec.track, displayed, 0.0)
    return _to_planned(plan, tuple(boxes), set(occupies(probe)), (), displayed)


def _to_planned(plan: Plan, boxes: tuple[StepBox, ...], keys: set[str], after: tuple[str, ...], displayed: float) -> float:
    displayed = max(0.0, displayed)
    steps = {s.id: s for s in plan.steps}
    shown_end = planned_end = 0.0
    for box in boxes:
        step = steps[box.step_id]
        if not keys & set(occupies(step)) and box.step_id not in after:
            continue
        if box.end <= displayed + TOLERANCE:
            shown_end, planned_end = max(shown_end, box.end), max(planned_end, step.end)
        elif box.start < displayed and box.length > 0:
            # Inside another step: the same fraction of its planned length, so that the edit is refused for the right reason.
            return round(step.start + step.duration * (displayed - box.start) / box.length, 3)
    return round(max(0.0, planned_end + displayed - shown_end), 3)


def _content(step: Step) -> tuple[object, ...]:
    return step.skill, step.track, step.start, step.duration, tuple(sorted(step.parameters.items())), tuple(sorted(step.after))
