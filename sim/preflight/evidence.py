"""What a check is handed and what it gives back, and the few things all checks share: who owns a moment, runs, the worst."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.cell import WorkCell
from sim.motion import Motion
from sim.preflight.facts import RobotFacts
from sim.preflight.finding import CheckResult, Finding, Severity, Verdict
from sim.recording import Recording, StepSpan
from sim.robot import RobotModel

Array = NDArray[np.float64]

#: Worst first. What was not assessed may hide a failure, so it weighs more than a small reserve.
ORDER: tuple[Verdict, ...] = ("fail", "not_assessed", "marginal", "pass")
#: A value counts when it lasts this long, s: sensor noise and single contact samples do not.
HELD_S = 0.010
#: From about here on a falling robot can no longer be saved, s before it lies.
FALLING_S = 0.6
#: A file keeps times to the nanosecond: a row belongs to its step however it was rounded, s.
ROUNDING_S = 1e-6
_MOVING = ("carry", "walk", "grasp", "place")


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """One simulated run of one motion, with the robot and the cell it was made for."""

    motion: Motion
    recording: Recording
    robot: RobotModel
    cell: WorkCell
    facts: RobotFacts

    @property
    def spans(self) -> tuple[StepSpan, ...]:
        """The steps that began."""
        return self.recording.steps

    @property
    def horizon(self) -> float:
        """Until when values say something about the plan, s: what happens in a fall is its consequence, not its cause."""
        fell_at = self.recording.fell_at
        if fell_at is None:
            return float("inf")
        certain = [e.time for e in self.recording.events if e.code == "event.fall_certain"]
        return min([fell_at - FALLING_S, *certain])

    def end_of(self, span: StepSpan) -> float:
        """When a step ended, or the recording if it had not."""
        return self.recording.duration if span.end is None else span.end

    def owners(self, times: Array, skills: tuple[str, ...] = _MOVING) -> NDArray[np.int64]:
        """(N,) index into ``spans`` of the step that moves the body at each time; -1 between steps, -2 while falling.

        Of several steps at once, the earlier named skill wins and any other skill comes last.
        """
        out = np.full(len(times), -1, dtype=np.int64)
        rank = {s: i for i, s in enumerate(skills)}
        by_weight = sorted(range(len(self.spans)), key=lambda i: -rank.get(self.spans[i].skill, len(rank)))
        for i in by_weight:
            span = self.spans[i]
            out[(times >= span.start - ROUNDING_S) & (times <= self.end_of(span) + ROUNDING_S)] = i
        out[times >= self.horizon] = -2
        return out

    def step_at(self, time: float) -> str:
        """Id of the step that moves the body at a moment, else of the last one begun before it, "" before the first."""
        begun = [s for s in self.spans if s.start <= time]
        running = [s for s in begun if time <= self.end_of(s) and s.skill in _MOVING]
        found = running or begun
        return max(found, key=lambda s: s.start).id if found else ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found, and its worst value on each step."""

    findings: tuple[Finding, ...] = ()
    checks: tuple[CheckResult, ...] = ()


def not_assessed(check: str, reason: str, **params: str | float) -> Outcome:
    """The check could not be made; ``reason`` says why, for programs."""
    finding = Finding(f"{check}.not_assessed", "not_assessed", hint="not_assessed", params={"reason": reason, **params})
    return Outcome((finding,), (CheckResult(check, "", "not_assessed", None, None, "", "<="),))


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The gravest of some verdicts; pass where there are none."""
    found = set(verdicts)
    return next((v for v in ORDER if v in found), "pass")


def graded(measured: float, limit: float, wanted: float, relation: Literal["<=", ">="]) -> Verdict:
    """fail beyond ``limit``, marginal beyond ``wanted``, else pass."""
    sign = 1.0 if relation == "<=" else -1.0
    if sign * measured > sign * limit:
        return "fail"
    return "marginal" if sign * measured > sign * wanted else "pass"


def severity_of(verdict: Verdict) -> Severity:
    """The severity of a finding with a verdict that is not pass."""
    if verdict == "pass":
        raise ValueError("a pass is no finding")
    return verdict


def held(values: Array, period: float) -> Array:
    """(N, ...) the value that each sample and its successors keep for ``HELD_S``: the moving minimum over that time."""
    count = max(1, round(HELD_S / period)) if period > 0 else 1
    out = values.copy()
    for k in range(1, min(count, len(values))):
        out[:-k] = np.minimum(out[:-k], values[k:])
        out[-k:] = -np.inf
    return out


def period_of(t: Array) -> float:
    """Sampling period of a series, s; 0 for fewer than two samples."""
    return float(np.median(np.diff(t))) if len(t) > 1 else 0.0


def runs(mask: NDArray[np.bool_] | np.bool_, t: Array, gap: float = 0.0) -> list[tuple[int, int]]:
    """Index ranges [first, last] where the mask is true; runs closer than ``gap`` s are joined."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], np.atleast_1d(mask), [False])).astype(np.int8)))
    out: list[tuple[int, int]] = []
    for first, behind in zip(edges[::2], edges[1::2], strict=True):
        if out and t[first] - t[out[-1][1]] <= gap:
            out[-1] = (out[-1][0], int(behind) - 1)
        else:
            out.append((int(first), int(behind) - 1))
    return out
