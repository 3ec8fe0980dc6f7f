"""Where workpieces ended, against where the plan wanted them."""

from __future__ import annotations

import math

from sim.preflight.evidence import Evidence, Outcome, graded, severity_of
from sim.preflight.finding import CheckResult, Finding

POSITION = 0.03
YAW = math.radians(5.0)
WANTED = 0.85


def check(evidence: Evidence) -> Outcome:
    """Position within 3 cm and yaw within 5 degrees; beyond 85 % of that the reserve is small."""
    findings, checks = [], []
    ended = {s.id for s in evidence.spans if s.end is not None}
    placing = {c.object_id: c.step_id for c in evidence.motion.commands if c.skill in ("place", "put", "insert")}
    measured = {p.object: p for p in evidence.recording.placements}
    for object_id, step in placing.items():
        if step not in ended:
            continue  # the step check reports that it was not done; there is no placement to judge
        if object_id not in measured:
            findings.append(Finding("placement.not_assessed", "not_assessed", step, body=object_id, hint="not_assessed"))
            checks.append(CheckResult("placement", step, "not_assessed", None, POSITION, "m", "<=", object_id))
            continue
        span = next(s for s in evidence.spans if s.id == step)
        place = measured[object_id]
        for name, value, limit, unit in (
            ("position", place.position_error, POSITION, "m"),
            ("yaw", abs(place.yaw_error), YAW, "rad"),
        ):
            verdict = graded(value, limit, WANTED * limit, "<=")
            checks.append(CheckResult(f"placement_{name}", step, verdict, value, limit, unit, "<=", object_id))
            if verdict != "pass":
                end = evidence.end_of(span)
                findings.append(
                    Finding(
                        f"placement.{name}",
                        severity_of(verdict),
                        step,
                        max(span.start, end - 1.0),
                        end,
                        object_id,
                        value,
                        limit,
                        unit,
                        "<=",
                        "place_slower",
                        {"object": object_id},
                    )
                )
    return Outcome(tuple(findings), tuple(checks))
