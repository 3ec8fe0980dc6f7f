"""``robot serve``: the reference robot, served until interrupted. ``robot add MODEL``: a robot of the user's from its model file."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import Any

from workbench.cli.output import NO_SUCCESS, SUCCESS, Output, plain
from workbench.cli.project_arguments import EXAMPLE
from workbench.errors import WorkbenchError
from workbench.i18n import Translator
from workbench.operations import robot_ops
from workbench.operations.connection_ops import DEFAULT_PORT, serve_reference_robot
from workbench.project.project import read_project
from workbench.resources import resource


def arguments(parser: argparse.ArgumentParser, tr: Translator) -> None:
    """Add its arguments."""
    parser.add_argument("action", choices=("serve", "add"), help=tr("cli.robot.action"))
    parser.add_argument("model", nargs="?", type=Path, metavar="MODEL", help=tr("cli.robot.model"))
    parser.add_argument("--name", default="", metavar="ID", help=tr("cli.robot.name"))
    parser.add_argument("--out", type=Path, metavar="FOLDER", help=tr("cli.robot.out"))
    parser.add_argument("--answers", type=Path, metavar="F.toml", help=tr("cli.robot.answers"))
    parser.add_argument("--replace", action="store_true", help=tr("cli.robot.replace"))
    parser.add_argument("--no-test", action="store_true", help=tr("cli.robot.no_test"))
    parser.add_argument("--no-pictures", action="store_true", help=tr("cli.robot.no_pictures"))
    parser.add_argument("--project", type=Path, metavar="PROJECT", help=tr("cli.robot.project"))
    parser.add_argument("--robot", metavar="ID", help=tr("cli.robot_option"))
    parser.add_argument("--seed", type=int, metavar="N", help=tr("cli.robot.seed"))
    parser.add_argument("--host", default="127.0.0.1", help=tr("cli.robot.host"))
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=tr("cli.robot.port", port=DEFAULT_PORT))
    parser.add_argument("--speed", type=float, default=1.0, help=tr("cli.robot.speed"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Serve or add."""
    return _add(arguments, output) if arguments.action == "add" else _serve(arguments, output)


def _serve(arguments: argparse.Namespace, output: Output) -> int:
    """Ctrl C is how it ends, or being asked to terminate."""
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


def _add(arguments: argparse.Namespace, output: Output) -> int:
    """Read, ask, write, try, report."""
    if arguments.model is None:
        raise WorkbenchError("robot_add.no_model")
    tr = output.tr
    answers: dict[str, Any] = robot_ops.answers_from(arguments.answers) if arguments.answers is not None else {}
    reading = robot_ops.read_model(arguments.model, str(answers.get("forward", "")))
    if arguments.answers is None and not output.as_json and sys.stdin.isatty():
        answers = _asked(reading, output)
        if "forward" in answers:
            reading = robot_ops.read_model(arguments.model, str(answers.pop("forward")))
    answers = {k: v for k, v in answers.items() if k != "forward" or any(q.key == k for q in reading.asked)}
    addition = robot_ops.add_model(
        reading,
        arguments.name,
        arguments.out,
        answers,
        replace=arguments.replace,
        test=not arguments.no_test,
        pictures=not arguments.no_pictures,
        progress=lambda check: output.say(tr("robot_add.trying", name=tr(f"robot_add.check.{check}"))),
    )
    data = plain(robot_ops.report(addition))
    robot_ops.write_report(addition, tr, data)
    output.result(data, robot_ops.report_lines(addition, tr))
    return SUCCESS if addition.passed else NO_SUCCESS


def _asked(reading: robot_ops.Reading, output: Output) -> dict[str, Any]:
    """What the user says; an empty line takes what is proposed."""
    found: dict[str, Any] = {}
    for question in reading.asked:
        words = output.tr(f"robot_add.question.{question.key}")
        valid = f" ({', '.join(question.choices)})" if question.choices else ""
        print(
            f"{words}{valid} [{question.default}{' ' + question.unit if question.unit else ''}]: ",
            end="",
            file=output.err,
            flush=True,
        )
        line = sys.stdin.readline().strip()
        if line:
            found[question.key] = question.check(line)
    return found
