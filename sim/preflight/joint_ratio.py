"""Shared by the velocity and torque checks: the share of a joint's limit that is used, held for a hundredth of a second."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.preflight.evidence import HELD_S, Evidence, Outcome, graded, held, not_assessed, period_of, runs, severity_of
from sim.preflight.finding import CheckResult, Finding

Array = NDArray[np.float64]


def joint_ratio(
    evidence: Evidence,
    check: str,
    channel: str,
    limits: dict[str, float],
    unit: str,
    slide_unit: str,
    hint: str,
    *,
    wanted: float,
    allowed: float = 1.0,
) -> Outcome:
    """Compare a joint channel with limits per joint.

    Args:
        check: name of the check; findings are ``<check>.limit`` and ``<check>.reserve``.
        channel: of the recording, columns are joints.
        limits: largest magnitude by joint, SI; joints without one are left out.
        unit, slide_unit: of turning and sliding joints.
        hint: i18n key under ``hint.``.
        wanted: share of the limit that may be used without a remark.
        allowed: share of the limit beyond which it fails.
    """
    if channel not in evidence.recording.series:
        return not_assessed(check, "no_channel", channel=channel)
    series = evidence.recording[channel]
    names = [n for n in evidence.robot.joint_names if n in limits and n in series.channel.columns]
    if not names or not len(series.t):
        return not_assessed(check, "no_limits" if len(series.t) else "no_samples", channel=channel)
    bounds = np.array([limits[n] for n in names])
    magnitude = np.abs(np.column_stack([series.column(n) for n in names]))
    ratio = held(np.nan_to_num(magnitude / bounds, nan=0.0), period_of(series.t))
    owners = evidence.owners(series.t)
    findings, checks = [], []
    for index in range(-1, len(evidence.spans)):
        of_step = owners == index
        if not of_step.any():
            continue
        step = evidence.spans[index].id if index >= 0 else ""
        masked = np.where(of_step[:, None], ratio, 0.0)
        top = masked.max(axis=0)
        j = int(np.argmax(top))
        if index >= 0:
            measured = float(max(top[j], 0.0) * bounds[j])
            verdict = graded(max(top[j], 0.0), allowed, wanted, "<=")
            checks.append(
                CheckResult(
                    check, step, verdict, measured, float(bounds[j]), _unit(evidence, names[j], unit, slide_unit), "<=", names[j]
                )
            )
        for j in map(int, np.flatnonzero(top > wanted)):
            verdict = graded(float(top[j]), allowed, wanted, "<=")
            found = runs(masked[:, j] > (allowed if verdict == "fail" else wanted), series.t, gap=0.05)
            first, last = max(found, key=lambda r: float(masked[r[0] : r[1] + 1, j].max()))
            findings.append(
                Finding(
                    f"{check}.{'limit' if verdict == 'fail' else 'reserve'}",
                    severity_of(verdict),
                    step,
                    float(series.t[first]),
                    float(min(series.t[last] + HELD_S, series.t[-1])),
                    names[j],
                    float(top[j] * bounds[j]),
                    float(bounds[j]),
                    _unit(evidence, names[j], unit, slide_unit),
                    "<=",
                    hint,
                    {"count": float(len(found)), "share": round(float(top[j]) * 100.0, 1)},
                )
            )
    return Outcome(tuple(findings), tuple(checks))


def _unit(evidence: Evidence, joint: str, unit: str, slide_unit: str) -> str:
    return slide_unit if evidence.facts.slides[evidence.robot.index(joint)] else unit
