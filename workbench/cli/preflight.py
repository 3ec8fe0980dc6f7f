"""``preflight PROJECT``: whether a project may go to a robot."""

from __future__ import annotations

import argparse

from workbench.cli.evidence import check_project, project_arguments
from workbench.cli.lines import assumption_lines, finding_lines
from workbench.cli.output import NO_SUCCESS, SUCCESS, Output
from workbench.cli.shapes import findings_data
from workbench.i18n import Translator
from workbench.ui.wording import Wording


def arguments(parser: argparse.ArgumentParser, tr: Translator) -> None:
    """Add its arguments."""
    project_arguments(parser, tr)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Simulate, verify, print; it succeeded where the motion is released for a robot."""
    checked = check_project(arguments.project, arguments.robot, arguments.seed, output.progress("cli.preflight.progress"))
    report, tr = checked.report, output.tr
    lines = [
        tr("cli.preflight.verdict", verdict=tr(f"cli.verdict.{report.verdict}")),
        *finding_lines(report.findings, Wording(tr, checked.session.cell), checked.session.plan),
        *assumption_lines(report, tr),
    ]
    output.result({"verdict": report.verdict, "findings": findings_data(report.findings)}, lines)
    return SUCCESS if checked.verified is not None else NO_SUCCESS
