"""Joint positions against the model's ranges.

Turning joints should keep about a degree from either end of their range. Sliding joints (grippers) close onto their stops on purpose;
only beyond the stop is a fault. A stop gives a little in simulation: pressing on it is marginal, going through it fails.
"""

from __future__ import annotations

import numpy as np

from sim.preflight.evidence import Evidence, Outcome, graded, held, not_assessed, period_of, runs, severity_of
from sim.preflight.finding import CheckResult, Finding

#: Wanted distance to the end of the range, rad.
RESERVE = 0.02
#: How far a stop gives in simulation under load, and encoder noise, rad and m.
STOP_GIVE = 0.02
SLIDE_GIVE = 0.001


def check(evidence: Evidence) -> Outcome:
    """Distance of each joint to the nearer end of its range, on each step."""
    if "joint.position" not in evidence.recording.series:
        return not_assessed("joint_position", "no_channel", channel="joint.position")
    series = evidence.recording["joint.position"]
    names = [
        n
        for i, n in enumerate(evidence.robot.joint_names)
        if n in series.channel.columns and np.isfinite(evidence.facts.ranges[i]).all()
    ]
    if not names or not len(series.t):
        return not_assessed("joint_position", "no_limits" if len(series.t) else "no_samples", channel="joint.position")
    index = [evidence.robot.index(n) for n in names]
    low, high = evidence.facts.ranges[index].T
    slides = evidence.facts.slides[index]
    q = np.column_stack([series.column(n) for n in names])
    # How far beyond the end of the range a joint stays for a hundredth of a second; negative: inside.
    beyond = held(np.maximum(q - high, low - q), period_of(series.t))
    give = np.where(slides, SLIDE_GIVE, STOP_GIVE)
    wanted = np.where(slides, give, -RESERVE)
    urgency = (beyond - wanted) / (high - low)
    owners = evidence.owners(series.t)
    findings, checks = [], []
    for k in range(-1, len(evidence.spans)):
        of_step = owners == k
        if not of_step.any():
            continue
        step = evidence.spans[k].id if k >= 0 else ""
        rows = np.flatnonzero(of_step)
        if k >= 0:
            j = int(np.argmax(urgency[rows].max(axis=0)))
            at = int(rows[np.argmax(beyond[rows, j])])
            checks.append(_result(step, names[j], q[at, j], low[j], high[j], beyond[at, j], wanted[j], give[j], bool(slides[j])))
        for j in map(int, np.flatnonzero((beyond[rows] > wanted).any(axis=0))):
            at = int(rows[np.argmax(beyond[rows, j])])
            result = _result(step, names[j], q[at, j], low[j], high[j], beyond[at, j], wanted[j], give[j], bool(slides[j]))
            if result.verdict == "pass":
                continue
            threshold = give[j] if result.verdict == "fail" else wanted[j]
            found = runs(of_step & (beyond[:, j] > threshold), series.t, gap=0.05)
            first, last = max(found, key=lambda r: float(beyond[r[0] : r[1] + 1, j].max()))
            findings.append(
                Finding(
                    f"joint_position.{'limit' if result.verdict == 'fail' else 'reserve'}",
                    severity_of(result.verdict),
                    step,
                    float(series.t[first]),
                    float(series.t[last]),
                    names[j],
                    result.measured,
                    result.limit,
                    result.unit,
                    result.relation,
                    "other_posture",
                    {"count": float(len(found))},
                )
            )
    return Outcome(tuple(findings), tuple(checks))


def _result(
    step: str, joint: str, q: float, low: float, high: float, beyond: float, wanted: float, give: float, slide: bool
) -> CheckResult:
    upper = q - high >= low - q
    verdict = graded(float(beyond), float(give), float(wanted), "<=")
    limit = float(high if upper else low)
    return CheckResult("joint_position", step, verdict, float(q), limit, "m" if slide else "rad", "<=" if upper else ">=", joint)
