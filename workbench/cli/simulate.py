"""``simulate PROJECT``: one run of a project in the twin."""

from __future__ import annotations

import argparse
from pathlib import Path

from workbench.cli.lines import outcome_lines
from workbench.cli.output import NO_SUCCESS, SUCCESS, Output
from workbench.cli.project_arguments import project_arguments, state_argument
from workbench.i18n import Translator
from workbench.operations.simulate_ops import simulate_project, summary
from workbench.telemetry.mcap_file import write_recording


def arguments(parser: argparse.ArgumentParser, tr: Translator) -> None:
    """Add its arguments."""
    project_arguments(parser, tr)
    state_argument(parser, tr)
    parser.add_argument("--out", type=Path, metavar="F.mcap", help=tr("cli.out_recording"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Simulate, write the recording where one is wanted, print."""
    progress = output.progress("cli.simulate.progress")
    session, outcome = simulate_project(arguments.project, arguments.robot, arguments.seed, progress, arguments.state)
    if arguments.out is not None and outcome.recording is not None:
        write_recording(outcome.recording, arguments.out)
        output.say(output.tr("cli.written", path=arguments.out))
    output.result(summary(outcome), outcome_lines(outcome, session, output.tr))
    return SUCCESS if outcome.recording is not None and outcome.recording.success else NO_SUCCESS
