"""Was every step done?"""

from __future__ import annotations

from sim.preflight.evidence import Evidence, Outcome
from sim.preflight.finding import CheckResult, Finding

#: Reasons that only follow from another step's failure.
_FOLLOWING = ("ended_with_failure",)


def check(evidence: Evidence) -> Outcome:
    """A failed step with its reason, and the steps that were never begun."""
    begun = {s.id: s for s in evidence.spans}
    fell = evidence.recording.fell_at is not None
    findings, checks = [], []
    for command in evidence.motion.commands:
        span = begun.get(command.step_id)
        done = span is not None and span.success
        checks.append(
            CheckResult("steps", command.step_id, "pass" if done else "fail", float(done), 1.0, "1", ">=", command.object_id)
        )
        if done:
            continue
        if span is None:
            findings.append(Finding("step.not_reached", "fail", command.step_id, hint="earlier_step"))
        elif span.reason in _FOLLOWING or (fell and not span.reason):
            findings.append(Finding("step.cut_short", "fail", span.id, span.start, evidence.end_of(span), hint="earlier_step"))
        else:
            reason = span.reason or "unfinished"
            params: dict[str, str | float] = {"reason": reason, "object": command.object_id}
            findings.append(
                Finding(
                    "step.failed",
                    "fail",
                    span.id,
                    span.start,
                    evidence.end_of(span),
                    command.object_id,
                    hint=f"reason_{reason}",
                    params=params,
                )
            )
    return Outcome(tuple(findings), tuple(checks))
