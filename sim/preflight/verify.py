"""The verdict: all checks over one simulated run, with what was assumed. The only place where a VerifiedMotion is made."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

from sim.cell import WorkCell
from sim.motion import Motion
from sim.preflight import (
    balance,
    contacts,
    cycle_time,
    fall,
    grip,
    joint_position,
    joint_torque,
    joint_velocity,
    load,
    placement,
    reach,
    steps,
)
from sim.preflight.evidence import Evidence, Outcome, not_assessed, worst
from sim.preflight.facts import robot_facts
from sim.preflight.finding import CheckResult, Finding, PreflightReport, Verdict
from sim.preflight.verified import VerifiedMotion, recording_hash, seal
from sim.recording import Recording
from sim.robot import RobotModel

CHECKS: Mapping[str, Callable[[Evidence], Outcome]] = {
    "steps": steps.check,
    "fall": fall.check,
    "reach": reach.check,
    "grip": grip.check,
    "load": load.check,
    "joint_position": joint_position.check,
    "joint_velocity": joint_velocity.check,
    "joint_torque": joint_torque.check,
    "contacts": contacts.check,
    "balance": balance.check,
    "placement": placement.check,
    "cycle_time": cycle_time.check,
}
_SEVERITY = {"fail": 0, "not_assessed": 1, "marginal": 2}


def verify(
    motion: Motion | None,
    recording: Recording | None,
    robot: RobotModel,
    cell: WorkCell,
    compile_findings: Iterable[Finding] = (),
) -> tuple[PreflightReport, VerifiedMotion | None]:
    """Check a motion.

    Args:
        motion: None where the plan could not be compiled.
        recording: its run in simulation; None where there is none yet. One of another motion, robot or cell counts as none.
        compile_findings: what compiling found.

    Returns:
        The report, and the motion released for a robot: only with the verdict pass or marginal. A failure refuses it, and so does
        anything that was not assessed.
    """
    findings = list(compile_findings)
    checks: list[CheckResult] = []
    cycle = None
    usable = motion is not None and recording is not None and _belongs(motion, recording, robot, cell)
    if usable and motion is not None and recording is not None:
        evidence = Evidence(motion, recording, robot, cell, robot_facts(robot))
        outcomes = [check(evidence) for check in CHECKS.values()]
        cycle = cycle_time.cycle_time(evidence)
    else:
        reason = "no_motion" if motion is None else "no_run" if recording is None else "other_run"
        outcomes = [Outcome((), not_assessed(name, reason).checks) for name in CHECKS if name != "cycle_time"]
        hint = "" if motion is None else "simulate"
        findings.append(Finding(f"run.{reason}", "not_assessed", hint=hint))
    for outcome in outcomes:
        findings += outcome.findings
        checks += outcome.checks
    findings.sort(key=_rank)
    verdict = worst([*(_verdict(f) for f in findings), *(c.verdict for c in checks)])
    report = PreflightReport(
        verdict,
        tuple(findings),
        tuple(checks),
        _assumptions(recording, robot, cell) if usable else {},
        motion.content_hash if motion is not None else "",
        recording.header.seed if usable and recording is not None else 0,
        cycle,
    )
    if not usable or motion is None or recording is None or verdict not in ("pass", "marginal"):
        return report, None
    run = recording_hash(recording)
    return report, VerifiedMotion(motion, report, run, seal(motion, report, run))


def _belongs(motion: Motion, recording: Recording, robot: RobotModel, cell: WorkCell) -> bool:
    header = recording.header
    return (
        header.motion_hash == motion.content_hash
        and motion.robot_hash == robot.content_hash
        and motion.cell_hash == cell.content_hash
        and header.robot_hash in ("", robot.content_hash)
        and header.cell_hash in ("", cell.content_hash)
    )


def _rank(finding: Finding) -> tuple[int, bool, float]:
    """Gravest first, then what has no time (the plan itself, in its order), then by time; what only follows comes last."""
    follows = finding.code in ("step.not_reached", "step.cut_short")
    return _SEVERITY[finding.severity], follows, finding.start if finding.start is not None else -1.0


def _verdict(finding: Finding) -> Verdict:
    return finding.severity


def _assumptions(recording: Recording | None, robot: RobotModel, cell: WorkCell) -> dict[str, str]:
    """What the verdict rests on, by i18n key under ``assumption.``; values hold numbers and names only."""
    if recording is None:
        return {}
    header = recording.header
    told = header.assumptions
    out = {
        "twin": f"{robot.id} {robot.content_hash[:8]}",
        "parameters": "identified" if robot.parent_hash else "nominal",
        "objects": ", ".join(f"{o.id} {o.mass:.2f} kg" for o in cell.objects.values()),
        "floor_friction": f"{cell.floor_friction:.2f}",
        "state": header.state_source,
        "seed": str(header.seed),
    }
    if "friction.controller" in told:
        out["controller_friction"] = told["friction.controller"]
    if "delay" in told:
        out["delay"] = f"{float(told['delay']) * 1000.0:.0f} ms"
    if "noise.localisation_position" in told:
        out["noise_joints"] = f"{float(told['noise.joint_position']):g} rad"
        out["localisation"] = _localisation(told)
    elif "noise.joint_position" in told:
        out["noise"] = f"{float(told['noise.joint_position']):g} rad, {float(told.get('noise.base_position', '0')) * 1000:g} mm"
    if "perception" in told:
        out["perception"] = f"{float(told.get('noise.sight_position', '0')) * 1000:g} mm"
    if cell.walkers and "noise.person_position" in told:
        n = {k: float(told[f"noise.person_{k}"]) for k in ("position", "range", "latency")}
        out["people"] = f"{n['position'] * 1000:g} mm, {n['range']:g} m, {n['latency'] * 1000:.0f} ms"
    return out


def _localisation(told: Mapping[str, str]) -> str:
    """A localisation's noise, wandering part, rate and latency, in numbers."""
    n = {k: float(told[f"noise.localisation_{k}"]) for k in ("position", "yaw", "drift", "period", "latency")}
    rate = 1.0 / n["period"] if n["period"] > 0 else 0.0
    white = f"{n['position'] * 1000:g} mm, {math.degrees(n['yaw']):.2g} deg"
    return f"{white} (+ {n['drift'] * 1000:g} mm), {rate:.0f} Hz, {n['latency'] * 1000:.0f} ms"
