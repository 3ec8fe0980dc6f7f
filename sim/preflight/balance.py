"""Support margin: how far the capture point stays inside the support polygon while both feet rest on the floor.

A walking biped falls into each step on purpose: in single support its capture point leaves the sole, and the margin says
nothing about safety. So the requirement holds in quasi-static phases alone: both feet loaded for longer than a step's double
support, without the shift of weight at their beginning and end. While walking, falling is what the fall check looks for.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.preflight.evidence import Evidence, Outcome, graded, not_assessed, period_of, runs, severity_of
from sim.preflight.finding import CheckResult, Finding

#: Required reserve at rest, m; a plan may set its own (``limits["balance_margin"]``).
WANTED = 0.015
#: A foot with less than this share of the robot's weight does not stand, and how long both must stand, s.
_LOADED = 20.0
_REST_S = 0.4
#: Weight goes onto one foot before the first step and comes off it after the last, s.
_SHIFT_S = 0.7


def check(evidence: Evidence) -> Outcome:
    """Smallest margin at rest on each step: below zero fails, below the wanted reserve is marginal."""
    recording = evidence.recording
    for channel in ("balance.margin", "foot.force"):
        if channel not in recording.series:
            return not_assessed("balance", "no_channel", channel=channel)
    margin = recording["balance.margin"]
    if not len(margin.t):
        return not_assessed("balance", "no_samples", channel="balance.margin")
    wanted = evidence.motion.limits.get("balance_margin", WANTED)
    resting = _resting(evidence)
    values = margin.values[:, 0]
    valid = resting & np.isfinite(values)
    owners = evidence.owners(margin.t)
    findings, checks = [], []
    for k, span in enumerate(evidence.spans):
        of_step = valid & (owners == k)
        if not of_step.any():
            continue
        rows = np.flatnonzero(of_step)
        at = int(rows[np.argmin(values[rows])])
        lowest = float(values[at])
        verdict = graded(lowest, 0.0, wanted, ">=")
        checks.append(CheckResult("balance", span.id, verdict, lowest, wanted, "m", ">="))
        if verdict == "pass":
            continue
        below = of_step & (values < (0.0 if verdict == "fail" else wanted))
        first, last = next(r for r in runs(below, margin.t, gap=0.1) if r[0] <= at <= r[1])
        findings.append(
            Finding(
                f"balance.{'outside' if verdict == 'fail' else 'reserve'}",
                severity_of(verdict),
                span.id,
                float(margin.t[first]),
                float(margin.t[last]),
                "",
                lowest,
                wanted,
                "m",
                ">=",
                "stand_closer",
            )
        )
    return Outcome(tuple(findings), tuple(checks))


def _resting(evidence: Evidence) -> NDArray[np.bool_]:
    """(N,) of the margin's samples: both feet have rested for long enough, shifts of weight cut away."""
    feet = evidence.recording["foot.force"]
    t = evidence.recording["balance.margin"].t
    both = (feet.values >= _LOADED).all(axis=1)
    out = np.zeros(len(t), dtype=np.bool_)
    period = period_of(feet.t)
    for first, last in runs(both, feet.t, gap=2.5 * period):
        begin, end = feet.t[first], feet.t[last]
        if end - begin < _REST_S:
            continue
        begin += _SHIFT_S if first > 0 else 0.0
        end -= _SHIFT_S if last < len(feet.t) - 1 else 0.0
        out |= (t >= begin) & (t <= end)
    return out
