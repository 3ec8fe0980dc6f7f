"""Findings: what is wrong with the user's plan, as values, all at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["fail", "marginal", "not_assessed"]
Verdict = Literal["pass", "marginal", "fail", "not_assessed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found.

    Args:
        code: i18n key under ``finding.`` and name of the check with its fault, such as ``torque.limit``.
        severity: fail, marginal (inside the limit, outside the wanted reserve) or not_assessed.
        step: plan step id, "" if it concerns the whole plan.
        start, end: s in the recording, the exact range; None where it has no time (a compile finding).
        body: joint, geom or object that it concerns.
        measured, limit: in ``unit`` (SI); limit is what was required.
        relation: how measured must compare with limit: "<=" or ">=".
        hint: i18n key under ``hint.`` with what to do; params fill it and the sentence.
    """

    code: str
    severity: Severity
    step: str = ""
    start: float | None = None
    end: float | None = None
    body: str = ""
    measured: float | None = None
    limit: float | None = None
    unit: str = ""
    relation: Literal["<=", ">="] = "<="
    hint: str = ""
    params: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The worst value of a check on a step, passed or not: what the inspector shows as bar, value and limit."""

    check: str
    step: str
    verdict: Verdict
    measured: float | None
    limit: float | None
    unit: str
    relation: Literal["<=", ">="]
    body: str = ""


@dataclass(frozen=True, slots=True)
class PreflightReport:
    """The verdict with its reasons and its assumptions. ``verdict`` is the worst; not assessed is never folded into pass."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    checks: tuple[CheckResult, ...]
    assumptions: Mapping[str, str]
    motion_hash: str
    recording_seed: int
    cycle_time: float | None
