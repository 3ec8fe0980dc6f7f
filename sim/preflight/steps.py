"""Was every step done?"""

from __future__ import annotations

from collections.abc import Mapping

from sim.motion import SkillCommand
from sim.preflight.evidence import Evidence, Outcome
from sim.preflight.finding import CheckResult, Finding, Verdict
from sim.preflight.grip import suggested_squeeze
from sim.recording import StepSpan

#: Reasons that have a sentence of their own; any other is shown as it is.
REASONS = (
    "timeout",
    "goal_missed",
    "nothing_held",
    "hands_full",
    "no_such_object",
    "no_hands",
    "object_not_seen",
    "object_missed",
    "object_slipped",
    "object_lost",
    "no_solution",
    "out_of_reach",
    "out_of_view",
    "misplaced",
    "stopped",
    "unfinished",
    "no_way",
    "way_blocked",
    "untrusted",
    "no_such_device",
    "device_not_seen",
    "device_missed",
    "not_pressed",
    "no_gripper",
    "too_wide",
    "not_inserted",
    "door_stuck",
    "handle_lost",
)
#: Reasons that only follow from another step's failure.
_FOLLOWING = ("ended_with_failure", "fell")


def check(evidence: Evidence) -> Outcome:
    """A failed step with its reason; steps that were never begun are not assessed."""
    begun = {s.id: s for s in evidence.spans}
    fell = evidence.recording.fell_at is not None
    findings, checks = [], []
    for command in evidence.motion.commands:
        span = begun.get(command.step_id)
        done = span is not None and span.success
        verdict: Verdict = "pass" if done else "not_assessed" if span is None else "fail"
        checks.append(CheckResult("steps", command.step_id, verdict, None, None, "", ">=", command.object_id))
        if done:
            continue
        if span is None:
            findings.append(Finding("step.not_reached", "not_assessed", command.step_id, hint="earlier_step"))
        elif span.reason in _FOLLOWING or (fell and not span.reason):
            findings.append(Finding("step.cut_short", "fail", span.id, span.start, evidence.end_of(span), hint="earlier_step"))
        else:
            findings.append(_failed(evidence, command, span))
    return Outcome(tuple(findings), tuple(checks))


def _place(params: Mapping[str, str | float]) -> dict[str, str | float]:
    """A place on the floor as words."""
    return {k: f"{float(params[k]):.2f} m" for k in ("x", "y")}


def _failed(evidence: Evidence, command: SkillCommand, span: StepSpan) -> Finding:
    reason = span.reason or "unfinished"
    known = reason in REASONS
    params: dict[str, str | float] = {"reason": reason, "object": command.object_id or command.device, "device": command.device}
    piece = evidence.cell.objects.get(command.object_id)
    if reason == "no_way":
        params |= next((_place(e.params) for e in evidence.recording.events if e.code == "event.no_way"), {"x": "?", "y": "?"})
    if reason in ("object_slipped", "object_lost") and piece is not None:
        better = suggested_squeeze(piece.mass, piece.friction)
        if better > command.force:
            params |= {"parameter": "force", "value": better, "skill": "grasp"}
    code, hint = (f"step.{reason}", f"step_{reason}") if known else ("step.failed", "earlier_step")
    return Finding(code, "fail", span.id, span.start, evidence.end_of(span), command.object_id, hint=hint, params=params)
