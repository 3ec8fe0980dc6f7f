"""``simulate PROJECT``: one run of a project in the twin."""

from __future__ import annotations

import argparse
from pathlib import Path

from workbench.cli.evidence import check_project, project_arguments
from workbench.cli.lines import finding_lines, simulation_lines
from workbench.cli.output import NO_SUCCESS, SUCCESS, Output
from workbench.cli.shapes import no_simulation_data, simulation_data
from workbench.i18n import Translator
from workbench.telemetry.mcap_file import write_recording
from workbench.ui.wording import Wording


def arguments(parser: argparse.ArgumentParser, tr: Translator) -> None:
    """Add its arguments."""
    project_arguments(parser, tr)
    parser.add_argument("--out", type=Path, metavar="F.mcap", help=tr("cli.out_recording"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Simulate, write the recording where one is wanted, print."""
    checked = check_project(arguments.project, arguments.robot, arguments.seed, output.progress("cli.simulate.progress"))
    wording = Wording(output.tr, checked.session.cell)
    plan, findings = checked.session.plan, checked.report.findings
    if checked.recording is None:
        lines = [output.tr("cli.simulate.no_motion"), *finding_lines(findings, wording, plan)]
        output.result(no_simulation_data(findings), lines)
        return NO_SUCCESS
    if arguments.out is not None:
        write_recording(checked.recording, arguments.out)
        output.say(output.tr("cli.written", path=arguments.out))
    output.result(simulation_data(checked.recording, findings), simulation_lines(checked.recording, findings, wording, plan))
    return SUCCESS if checked.recording.success else NO_SUCCESS
