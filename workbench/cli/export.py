"""``export PROJECT --out F``: plan, motion, locked versions and the evidence of the verdict as one file."""

from __future__ import annotations

import argparse
from pathlib import Path

from workbench.cli.output import SUCCESS, Output
from workbench.cli.project_arguments import project_arguments
from workbench.i18n import Translator
from workbench.operations.export_ops import export_path


def arguments(parser: argparse.ArgumentParser, tr: Translator) -> None:
    """Add its arguments."""
    project_arguments(parser, tr)
    parser.add_argument("--out", type=Path, required=True, metavar="F", help=tr("cli.out"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write the bundle; it succeeded where it was written, whatever the verdict in it."""
    tr = output.tr
    progress = output.progress("cli.simulate.progress")
    made = export_path(arguments.project, arguments.out, arguments.robot, arguments.seed, progress)
    data = {
        "success": True,
        "out": str(made.path),
        "content_hash": made.content_hash,
        "verdict": made.verdict,
        "released": made.released,
        "entries": made.entries,
    }
    lines = [
        tr("cli.preflight.verdict", verdict=tr(f"cli.verdict.{made.verdict}")),
        tr("cli.export.released" if made.released else "cli.export.not_released"),
        tr("cli.written", path=made.path),
    ]
    output.result(data, lines)
    return SUCCESS
