"""``open [PROJECT]``: the window; where there is no display, the project's run with recording and pictures."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from workbench.cli.display import has_display
from workbench.cli.output import Output
from workbench.cli.project_arguments import EXAMPLE
from workbench.i18n import Translator
from workbench.resources import resource


def arguments(parser: argparse.ArgumentParser, tr: Translator) -> None:
    """Add its arguments."""
    parser.add_argument("project", type=Path, nargs="?", metavar="PROJECT", help=tr("cli.project"))
    parser.add_argument("--out", type=Path, default=Path("out"), metavar="FOLDER", help=tr("cli.open.out"))
    parser.add_argument("--measure-start", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Open the window and wait for its end."""
    if has_display():
        # Named, not imported above: without a display the libraries of a window may not be there either.
        app = import_module("workbench.app")
        return int(app.run(arguments.project, getattr(arguments, "lang", None) or "", arguments.measure_start))
    # Physics and drawing take their time to load, which a window's start shall not wait for.
    headless = import_module("workbench.cli.headless")
    return int(headless.run_project(arguments.project or resource("projects", EXAMPLE), arguments.out, output))
