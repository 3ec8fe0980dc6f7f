"""``import LOG --out F.mcap``: a log of another program as a recording."""

from __future__ import annotations

import argparse
from pathlib import Path

from workbench.cli.output import SUCCESS, Output
from workbench.i18n import Translator
from workbench.operations.import_ops import import_file
from workbench.project.project import find_robot


def arguments(parser: argparse.ArgumentParser, tr: Translator) -> None:
    """Add its arguments."""
    parser.add_argument("log", type=Path, metavar="LOG", help=tr("cli.import.log"))
    parser.add_argument("--robot", metavar="ID", help=tr("cli.robot_option"))
    parser.add_argument("--out", type=Path, required=True, metavar="F.mcap", help=tr("cli.out"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Read the log and write the recording."""
    robot = find_robot(arguments.robot, Path.cwd(), model_needed=False) if arguments.robot else None
    found = import_file(arguments.log, arguments.out, robot)
    tr = output.tr
    lines = [tr("cli.import.done", channels=len(found["channels"]), seconds=f"{found['duration_s']:.1f}", path=arguments.out)]
    lines += [f"  {tr('problem.' + p['code'], **p)}" for p in found["problems"]]
    output.result({key: found[key] for key in ("channels", "duration_s", "problems")}, lines)
    return SUCCESS
