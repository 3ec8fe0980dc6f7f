"""Grip: is the squeeze enough to hold the workpiece by friction between two palms, or between the fingers of one hand?

Two surfaces hold the weight by friction when each presses with ``m g / (2 mu)``. Walking shakes the load, so half as much again is wanted.
"""

from __future__ import annotations

import math

from sim.preflight.evidence import Evidence, Outcome, graded, severity_of
from sim.preflight.finding import CheckResult, Finding

GRAVITY = 9.81
WANTED = 1.5
#: Skills that hold by friction between two surfaces, palms or fingers, and their parameter that says how hard.
SQUEEZE = {"grasp": "force", "pick": "grip", "handover": "grip"}
#: A suggestion gives this many times the least squeeze, rounded up to the next 5 N.
_SUGGESTED = 2.4
_ROUND = 5.0


def least_squeeze(mass: float, friction: float) -> float:
    """Squeeze per hand below which a workpiece slips, N."""
    return mass * GRAVITY / (2.0 * max(friction, 0.01))


def suggested_squeeze(mass: float, friction: float) -> float:
    """A squeeze per hand that holds with ample reserve, N."""
    return math.ceil(least_squeeze(mass, friction) * _SUGGESTED / _ROUND) * _ROUND


def check(evidence: Evidence) -> Outcome:
    """The squeeze of each grasp against the workpiece's mass and friction."""
    findings, checks = [], []
    for command in evidence.motion.commands:
        piece = evidence.cell.objects.get(command.object_id)
        if command.skill not in SQUEEZE or piece is None or command.force <= 0:
            continue
        least = least_squeeze(piece.mass, piece.friction)
        verdict = graded(command.force, least, WANTED * least, ">=")
        checks.append(CheckResult("grip", command.step_id, verdict, command.force, least, "N", ">=", piece.id))
        if verdict == "pass":
            continue
        span = next((s for s in evidence.spans if s.id == command.step_id), None)
        findings.append(
            Finding(
                f"grip.{'slips' if verdict == 'fail' else 'reserve'}",
                severity_of(verdict),
                command.step_id,
                None if span is None else span.start,
                None if span is None else evidence.end_of(span),
                piece.id,
                command.force,
                least if verdict == "fail" else WANTED * least,
                "N",
                ">=",
                "squeeze_more",
                {
                    "object": piece.id,
                    "parameter": SQUEEZE[command.skill],
                    "value": suggested_squeeze(piece.mass, piece.friction),
                    "skill": command.skill,
                },
            )
        )
    return Outcome(tuple(findings), tuple(checks))
