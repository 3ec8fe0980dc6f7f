"""The time of the whole process against the limit that the plan sets, if it sets one."""

from __future__ import annotations

from sim.preflight.evidence import Evidence, Outcome, graded, severity_of
from sim.preflight.finding import CheckResult, Finding

WANTED = 0.95


def cycle_time(evidence: Evidence) -> float | None:
    """From the start to the end of the last step, s; None while the motion was not finished."""
    if not evidence.recording.completed:
        return None
    return max((s.end for s in evidence.spans if s.end is not None), default=None)


def check(evidence: Evidence) -> Outcome:
    """Beyond the limit fails, beyond 95 % of it is marginal. An unfinished run is the step check's finding."""
    limit = evidence.motion.limits.get("cycle_time")
    measured = cycle_time(evidence)
    if limit is None or measured is None:
        return Outcome()
    verdict = graded(measured, limit, WANTED * limit, "<=")
    checks = (CheckResult("cycle_time", "", verdict, measured, limit, "s", "<="),)
    if verdict == "pass":
        return Outcome((), checks)
    return Outcome(
        (Finding("cycle_time.limit", severity_of(verdict), "", 0.0, measured, "", measured, limit, "s", "<=", "faster"),), checks
    )
