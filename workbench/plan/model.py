"""The plan: robot-free steps on tracks, immutable. Edits are pure functions in ``workbench.plan.edits``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.errors import WorkbenchError

ParameterValue = float | str

#: What a plan may limit as a whole: the longest cycle (s) and the smallest support margin while both feet rest (m).
LIMITS = ("cycle_time", "balance_margin")


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Args:
        id: Unique in the plan, stable for life.
        skill: A key of ``workbench.plan.skills.SKILLS``.
        track: A key of ``workbench.plan.skills.TRACKS``.
        start: Planned start, s. A gap to what it waits for is kept as a pause when the plan runs.
        duration: Planned length, s; for paced skills it follows from distance and speed.
        parameters: Values in SI by parameter name.
        after: Ids of steps that must have ended before this one starts (besides its predecessor on the track).
        name: The user's own name; empty: made from skill and parameters.
    """

    id: str
    skill: str
    track: str
    start: float
    duration: float
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    name: str = ""

    @property
    def end(self) -> float:
        """Planned end, s."""
        return self.start + self.duration


@dataclass(frozen=True, slots=True)
class Marker:
    """A named moment."""

    time: float
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A process: steps ordered by (start, id), on tracks. ``limits``: what the whole must keep, such as ``cycle_time`` in s."""

    name: str
    steps: tuple[Step, ...] = ()
    markers: tuple[Marker, ...] = ()
    limits: Mapping[str, float] = field(default_factory=dict)

    def step(self, step_id: str) -> Step:
        """A step by id; WorkbenchError ``plan.no_such_step`` if there is none such."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise WorkbenchError("plan.no_such_step", step=step_id)

    @property
    def end(self) -> float:
        """Planned end of the last step, s."""
        return max((s.end for s in self.steps), default=0.0)
