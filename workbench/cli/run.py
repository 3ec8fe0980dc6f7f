"""``run PROJECT --on ADDRESS --out F.mcap``: simulate, check, run on a robot, record, compare."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from workbench.cli.lines import table
from workbench.cli.output import NO_SUCCESS, SUCCESS, Output
from workbench.cli.project_arguments import project_arguments
from workbench.i18n import Translator
from workbench.operations.connection_ops import run_project_on
from workbench.ui.wording import quantity, seconds_range


def arguments(parser: argparse.ArgumentParser, tr: Translator) -> None:
    """Add its arguments."""
    project_arguments(parser, tr)
    parser.add_argument("--on", required=True, metavar="ADDRESS", help=tr("cli.run.on"))
    parser.add_argument("--out", type=Path, required=True, metavar="F.mcap", help=tr("cli.out_recording"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do all of it; it succeeded where the robot did every step."""
    shown = output.progress("cli.run.verifying")

    def progress(fraction: float) -> None:
        shown(fraction)
        if fraction >= 1.0:
            output.say(output.tr("cli.run.running", address=arguments.on))

    found = run_project_on(
        arguments.project,
        arguments.on,
        arguments.out,
        robot=arguments.robot,
        seed=arguments.seed,
        progress=progress,
    )
    output.result(found, run_lines(found, output.tr))
    return SUCCESS if found["success"] else NO_SUCCESS


def run_lines(found: dict[str, Any], tr: Translator) -> list[str]:
    """The run and, step by step, how far it was from the simulation."""
    lines = [tr("cli.run.success" if found["success"] else "cli.run.no_success")]
    if found["cycle_time_s"] is not None:
        lines.append(tr("cli.simulate.cycle", seconds=f"{found['cycle_time_s']:.1f}"))
    compared = found["comparison"]
    errors = {s["id"]: s["rmse"] for s in compared["steps"]} if compared else {}
    rows = [[tr("cli.run.step"), tr("cli.run.time"), tr("cli.run.outcome"), tr("cli.run.difference")]]
    for step in found["steps"]:
        outcome = tr("cli.simulate.step_done" if step["success"] else "cli.simulate.step_failed")
        error = errors.get(step["id"])
        shown = "" if error is None else quantity(error, compared["unit"])
        rows.append([step["id"], seconds_range(step["start_s"], step["end_s"]), outcome, shown])
    return [*lines, *table(rows), tr("cli.written", path=found["out"])]
