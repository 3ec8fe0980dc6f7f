"""The same results as lines for people."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence

from sim.preflight.finding import Finding, PreflightReport
from sim.recording import Recording
from workbench.comparison.comparison import Comparison
from workbench.i18n import Translator
from workbench.operations.simulate_ops import SimulationOutcome
from workbench.plan.model import Plan
from workbench.session import Session
from workbench.ui.wording import Wording, number, quantity, seconds_range


def finding_lines(findings: Iterable[Finding], wording: Wording, plan: Plan) -> list[str]:
    """One line a finding: severity, step, time, sentence, and what to do."""
    lines = []
    for finding in findings:
        severity = wording.tr(f"cli.severity.{finding.severity}")
        where = wording.step_by_id(plan, finding.step) if finding.step else ""
        when = seconds_range(finding.start, finding.end)
        head = ", ".join(part for part in (where, when) if part)
        lines.append(f"  {severity}  {head + ': ' if head else ''}{wording.finding(finding)}")
        if hint := wording.hint(finding):
            lines.append(f"      {hint}")
    return lines


def assumption_lines(report: PreflightReport, wording: Wording) -> list[str]:
    """What the verdict rests on."""
    if not report.assumptions:
        return []
    named = (f"  {name}{f': {value}' if value else ''}" for name, value in wording.assumptions(report.assumptions))
    return [wording.tr("cli.preflight.assumes"), *named]


def outcome_lines(outcome: SimulationOutcome, session: Session, tr: Translator) -> list[str]:
    """A simulation: how it went, steps, placements, findings."""
    wording, recording = Wording(tr, session.cell), outcome.recording
    if recording is None:
        return [tr("cli.simulate.no_motion"), *finding_lines(outcome.report.findings, wording, session.plan)]
    lines = [tr("cli.simulate.success" if recording.success else "cli.simulate.no_success")]
    if outcome.report.cycle_time is not None:
        lines.append(tr("cli.simulate.cycle", seconds=f"{outcome.report.cycle_time:.1f}"))
    if recording.wall_time > 0:
        lines.append(tr("cli.simulate.factor", factor=number(recording.duration / recording.wall_time)))
    if recording.header.state_source == "truth":
        lines.append(f"{tr('assumption.state')}: {tr('assumption.value.truth')}")
    if recording.fell_at is not None:
        lines.append(tr("cli.simulate.fell", seconds=f"{recording.fell_at:.1f}"))
    lines += run_lines(recording, wording, session.plan)
    return [*lines, *finding_lines(outcome.report.findings, wording, session.plan)]


def run_lines(recording: Recording, wording: Wording, plan: Plan) -> list[str]:
    """Steps and placements of a run, simulated or real."""
    tr = wording.tr
    lines = []
    for step in recording.steps:
        mark = tr("cli.simulate.step_done" if step.success else "cli.simulate.step_failed")
        lines.append(f"  {seconds_range(step.start, step.end):>14}  {mark}  {wording.step_by_id(plan, step.id)}")
    for placed in recording.placements:
        distance, angle = quantity(placed.position_error, "m"), number(math.degrees(placed.yaw_error))
        lines.append(tr("cli.simulate.placed", object=wording.object(placed.object), distance=distance, angle=angle))
    return lines


def comparison_lines(found: Comparison, tr: Translator) -> list[str]:
    """A table of joints: RMSE, without lag, P95, lag, correlation."""
    head = [tr(f"cli.compare.{c}") for c in ("joint", "bias", "rmse", "rmse_without_lag", "p95", "lag", "correlation")]
    rows = [head]
    for joint in found.joints:
        values = [quantity(v, found.unit) for v in (joint.bias, joint.rmse, joint.rmse_without_lag, joint.p95)]
        lag = tr("cli.compare.still") if joint.is_static else "" if joint.lag_s is None else f"{1000 * joint.lag_s:.0f} ms"
        correlation = "" if joint.correlation is None else f"{joint.correlation:.3f}"
        rows.append([joint.name, *values, lag, correlation])
    return [tr("cli.compare.offset", seconds=f"{found.clock_offset_s:.4f}"), *table(rows)]


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines with columns under each other: the first to the left, the others to the right."""
    widths = [max(columns(row[i]) for row in rows) for i in range(len(rows[0]))]

    def padded(i: int, cell: str) -> str:
        space = " " * (widths[i] - columns(cell))
        return cell + space if i == 0 else space + cell

    return ["  ".join(padded(i, cell) for i, cell in enumerate(row)).rstrip() for row in rows]


def columns(text: str) -> int:
    """How many columns of a terminal a text takes: Hangul takes two a letter."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
