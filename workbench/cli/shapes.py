"""Recordings and findings as the plain data that commands print; names and units are part of their interface."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from sim.preflight.finding import Finding
from sim.recording import Recording


def finding_data(finding: Finding) -> dict[str, Any]:
    """A finding: SI values, the start of its range as its time."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "step": finding.step,
        "time_s": finding.start,
        "measured": finding.measured,
        "limit": finding.limit,
    }


def findings_data(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings in their order."""
    return [finding_data(f) for f in findings]


def cycle_time(recording: Recording) -> float | None:
    """End of the last step, s; None where a step never ended."""
    ends = [s.end for s in recording.steps]
    return None if not ends or None in ends else max(e for e in ends if e is not None)


def real_time_factor(recording: Recording) -> float | None:
    """Simulated seconds for each second of computing."""
    return recording.duration / recording.wall_time if recording.wall_time > 0 else None


def simulation_data(recording: Recording, findings: Iterable[Finding]) -> dict[str, Any]:
    """What ``simulate`` reports of a run."""
    return {
        "success": recording.success,
        "cycle_time_s": cycle_time(recording),
        "real_time_factor": real_time_factor(recording),
        "falls": 0 if recording.fell_at is None else 1,
        "steps": [
            {"id": s.id, "skill": s.skill, "start_s": s.start, "end_s": s.end, "success": s.success} for s in recording.steps
        ],
        "placements": [
            {"object": p.object, "position_error_m": p.position_error, "yaw_error_deg": math.degrees(p.yaw_error)}
            for p in recording.placements
        ],
        "findings": findings_data(findings),
    }


def no_simulation_data(findings: Iterable[Finding]) -> dict[str, Any]:
    """The same for a plan of which no motion could be made."""
    return {
        "success": False,
        "cycle_time_s": None,
        "real_time_factor": None,
        "falls": 0,
        "steps": [],
        "placements": [],
        "findings": findings_data(findings),
    }
