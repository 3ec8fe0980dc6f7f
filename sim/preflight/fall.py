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
    certain = next((e.time for e in evidence.recording.events if e.code == "event.fall_certain"), None)
    end = evidence.recording.duration
    if certain is None:
        return Outcome((Finding("fall.fell", "fail", at, fell_at, max(end, fell_at), hint="fall"),), checks)
    params = {"certain": f"{certain:.2f} s", "down": f"{fell_at:.2f} s"}
    return Outcome((Finding("fall.foreseen", "fail", at, certain, max(end, fell_at), hint="fall", params=params),), checks)
