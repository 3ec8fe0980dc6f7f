"""The same results as lines for people."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence

from sim.preflight.finding import Finding, PreflightReport
from sim.recording import Recording
from workbench.cli.shapes import cycle_time, real_time_factor
from workbench.comparison.comparison import Comparison
from workbench.i18n import Translator
from workbench.plan.model import Plan
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


def assumption_lines(report: PreflightReport, tr: Translator) -> list[str]:
    """What the verdict rests on."""
    if not report.assumptions:
        return []
    named = (f"  {tr(f'assumption.{key}')}{f': {value}' if value else ''}" for key, value in report.assumptions.items())
    return [tr("cli.preflight.assumes"), *named]


def simulation_lines(recording: Recording, findings: Iterable[Finding], wording: Wording, plan: Plan) -> list[str]:
    """A run: outcome, steps, placements, findings."""
    tr = wording.tr
    lines = [tr("cli.simulate.success" if recording.success else "cli.simulate.no_success")]
    cycle, factor = cycle_time(recording), real_time_factor(recording)
    if cycle is not None:
        lines.append(tr("cli.simulate.cycle", seconds=f"{cycle:.1f}"))
    if factor is not None:
        lines.append(tr("cli.simulate.factor", factor=number(factor)))
    if recording.fell_at is not None:
        lines.append(tr("cli.simulate.fell", seconds=f"{recording.fell_at:.1f}"))
    for step in recording.steps:
        mark = tr("cli.simulate.step_done" if step.success else "cli.simulate.step_failed")
        lines.append(f"  {seconds_range(step.start, step.end):>14}  {mark}  {wording.step_by_id(plan, step.id)}")
    for placed in recording.placements:
        lines.append(
            tr(
                "cli.simulate.placed",
                object=wording.object(placed.object),
                distance=quantity(placed.position_error, "m"),
                angle=number(math.degrees(placed.yaw_error)),
            )
        )
    return [*lines, *finding_lines(findings, wording, plan)]


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
