"""Load: does a workpiece weigh what the plan says? The robot weighs it with its feet when it has lifted it."""

from __future__ import annotations

from sim.preflight.evidence import Evidence, Outcome
from sim.preflight.finding import CheckResult, Finding

#: The plan's mass may be off by this share.
LIMIT = 0.20
_WEIGHED = ("event.load_measured", "event.load_differs")


def check(evidence: Evidence) -> Outcome:
    """The mass that each grasp measured against the plan's. Off by much it is a finding, not a failure: the robot goes on with it."""
    findings, checks = [], []
    for event in evidence.recording.events:
        if event.code not in _WEIGHED:
            continue
        step = evidence.step_at(event.time)
        body = str(event.params["object"])
        mass, declared = float(event.params["mass"]), float(event.params["declared"])
        limit = LIMIT * declared
        off = abs(mass - declared)
        marginal = off > limit
        checks.append(CheckResult("load", step, "marginal" if marginal else "pass", off, limit, "kg", "<=", body))
        if marginal:
            params: dict[str, str | float] = {"object": body, "mass": f"{mass:.1f} kg", "declared": f"{declared:.1f} kg"}
            findings.append(
                Finding(
                    "load.differs",
                    "marginal",
                    step,
                    event.time,
                    event.time,
                    body,
                    mass,
                    declared,
                    "kg",
                    hint="mend_mass",
                    params=params,
                )
            )
    return Outcome(tuple(findings), tuple(checks))
