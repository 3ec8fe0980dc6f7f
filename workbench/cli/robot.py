"""``robot serve``: the reference robot, served from this process until it is interrupted."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path

from workbench.cli.output import SUCCESS, Output
from workbench.cli.project_arguments import EXAMPLE
from workbench.i18n import Translator
from workbench.operations.connection_ops import DEFAULT_PORT, serve_reference_robot
from workbench.project.project import read_project
from workbench.resources import resource


def arguments(parser: argparse.ArgumentParser, tr: Translator) -> None:
    """Add its arguments."""
    parser.add_argument("action", choices=("serve",), help=tr("cli.robot.action"))
    parser.add_argument("--project", type=Path, metavar="PROJECT", help=tr("cli.robot.project"))
    parser.add_argument("--robot", metavar="ID", help=tr("cli.robot_option"))
    parser.add_argument("--seed", type=int, metavar="N", help=tr("cli.robot.seed"))
    parser.add_argument("--host", default="127.0.0.1", help=tr("cli.robot.host"))
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=tr("cli.robot.port", port=DEFAULT_PORT))
    parser.add_argument("--speed", type=float, default=1.0, help=tr("cli.robot.speed"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Serve; Ctrl C is how it ends, or being asked to terminate."""
    # A shell starts what runs in its background deaf to Ctrl C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))

    def listening(address: str) -> None:
        output.result({"success": True, "address": address}, [output.tr("cli.robot.listening", address=address)])

    loaded = read_project(arguments.project or resource("projects", EXAMPLE), arguments.robot)
    try:
        serve_reference_robot(
            loaded.robot, loaded.cell, arguments.seed, arguments.host, arguments.port, arguments.speed, listening
        )
    except KeyboardInterrupt:
        output.say(output.tr("cli.robot.ended"))
    return SUCCESS
