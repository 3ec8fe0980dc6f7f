"""Contacts that the motion did not plan: robot with itself, with the cell, of the load with anything, with other workpieces."""

from __future__ import annotations

from sim.preflight.evidence import Evidence, Outcome, graded, severity_of
from sim.preflight.finding import CheckResult, Finding

#: Below this a touch is a graze that padding and clothing of the parts take up, N.
GRAZE = 5.0
KINDS = ("self", "cell", "load", "object")


def check(evidence: Evidence) -> Outcome:
    """Each unplanned contact with its exact time and largest force; none is allowed, a graze is marginal."""
    findings = []
    peak = {span.id: (0.0, "") for span in evidence.spans}
    for note in evidence.recording.contacts:
        if note.start >= evidence.horizon:
            continue
        step = note.step or evidence.step_at(note.start)
        verdict = graded(note.peak_force, GRAZE, 0.0, "<=")
        if verdict == "pass":
            continue
        pair = _owner(note.first)
        if note.peak_force > peak.get(step, (0.0, ""))[0]:
            peak[step] = (note.peak_force, pair)
        findings.append(
            Finding(
                f"contact.{note.kind}",
                severity_of(verdict),
                step,
                note.start,
                note.end,
                _owner(note.first),
                note.peak_force,
                0.0,
                "N",
                "<=",
                f"contact_{note.kind}",
                {
                    "first": _owner(note.first),
                    "second": _owner(note.second),
                    "first_geom": note.first,
                    "second_geom": note.second,
                },
            )
        )
    checks = tuple(
        CheckResult("contacts", step, graded(force, GRAZE, 0.0, "<="), force, 0.0, "N", "<=", pair)
        for step, (force, pair) in peak.items()
    )
    return Outcome(tuple(findings), checks)


def _owner(geom: str) -> str:
    """Station or workpiece that a geom of the cell belongs to; a geom of the robot as it is."""
    kind, _, rest = geom.partition("/")
    return rest.split("/")[0] if kind in ("cell", "object", "device") and rest else geom
