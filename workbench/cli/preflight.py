"""``preflight PROJECT``: whether a project may go to a robot."""

from __future__ import annotations

import argparse

from workbench.cli.lines import assumption_lines, finding_lines
from workbench.cli.output import NO_SUCCESS, SUCCESS, Output
from workbench.cli.project_arguments import project_arguments, state_argument
from workbench.i18n import Translator
from workbench.operations.simulate_ops import findings_data, simulate_project
from workbench.ui.wording import Wording


def arguments(parser: argparse.ArgumentParser, tr: Translator) -> None:
    """Add its arguments."""
    project_arguments(parser, tr)
    state_argument(parser, tr)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Simulate, verify, print; it succeeded where the motion is released for a robot."""
    progress = output.progress("cli.preflight.progress")
    session, outcome = simulate_project(arguments.project, arguments.robot, arguments.seed, progress, arguments.state)
    report, tr = outcome.report, output.tr
    wording = Wording(tr, session.cell)
    lines = [
        tr("cli.preflight.verdict", verdict=tr(f"cli.verdict.{report.verdict}")),
        *finding_lines(report.findings, wording, session.plan),
        *assumption_lines(report, wording),
    ]
    output.result({"verdict": report.verdict, "findings": findings_data(report)}, lines)
    return SUCCESS if outcome.verified is not None else NO_SUCCESS
