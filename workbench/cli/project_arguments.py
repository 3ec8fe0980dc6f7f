"""Arguments of the commands that begin with a simulated and verified project."""

from __future__ import annotations

import argparse
from pathlib import Path

from workbench.i18n import Translator

#: The example project where none is named.
EXAMPLE = "part_transfer"
#: The seed the window simulates with, so that both show the same run.
DEFAULT_SEED = 1


def project_arguments(parser: argparse.ArgumentParser, tr: Translator) -> None:
    """PROJECT, --robot and --seed."""
    parser.add_argument("project", type=Path, metavar="PROJECT", help=tr("cli.project"))
    parser.add_argument("--robot", metavar="ID", help=tr("cli.robot_option"))
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, metavar="N", help=tr("cli.seed"))


def state_argument(parser: argparse.ArgumentParser, tr: Translator) -> None:
    """--state: for the commands that are about a simulated run."""
    parser.add_argument("--state", choices=("estimate", "truth"), default="estimate", help=tr("cli.state"))
