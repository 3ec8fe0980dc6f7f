"""``compare A.mcap [B.mcap]``: two recordings, or the commands and measurements of one."""

from __future__ import annotations

import argparse
from pathlib import Path

from workbench.cli.lines import comparison_lines
from workbench.cli.output import SUCCESS, Output
from workbench.i18n import Translator
from workbench.operations.compare_ops import compare_files, comparison_to_data


def arguments(parser: argparse.ArgumentParser, tr: Translator) -> None:
    """Add its arguments."""
    parser.add_argument("a", type=Path, metavar="A.mcap", help=tr("cli.compare.a"))
    parser.add_argument("b", type=Path, nargs="?", metavar="B.mcap", help=tr("cli.compare.b"))
    parser.add_argument(
        "--quantity", choices=("position", "velocity", "torque"), default="position", help=tr("cli.compare.quantity")
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Compare and print."""
    found = compare_files(arguments.a, arguments.b, arguments.quantity)
    output.result(comparison_to_data(found), comparison_lines(found, output.tr))
    return SUCCESS
