"""Did the robot fall?"""

from __future__ import annotations

from sim.preflight.evidence import Evidence, Outcome
from sim.preflight.finding import CheckResult, Finding


def check(evidence: Evidence) -> Outcome:
    """A fall fails the step in which it happened."""
    fell_at = evidence.recording.fell_at
    at = "" if fell_at is None else evidence.step_at(fell_at)
    checks = tuple(
        CheckResult("fall", s.id, "fail" if fell_at is not None and s.id == at else "pass", None, None, "", "<=")
        for s in evidence.spans
    )
    if fell_at is None:
        return Outcome((), checks)
    end = evidence.recording.duration
    return Outcome((Finding("fall.fell", "fail", at, fell_at, max(end, fell_at), hint="fall"),), checks)
