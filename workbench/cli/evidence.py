"""What several commands begin with: a project, compiled, simulated and verified."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sim.preflight.finding import PreflightReport
from sim.preflight.verified import VerifiedMotion
from sim.preflight.verify import verify
from sim.recording import Recording
from sim.rollout import rollout
from workbench.i18n import Translator
from workbench.operations.project_ops import open_project
from workbench.plan.compile import compile_plan
from workbench.session import Session


@dataclass(frozen=True, slots=True, eq=False)
class CheckedProject:
    """A project with its simulated run (None where the plan allows no motion), report and release (None where it is refused)."""

    session: Session
    recording: Recording | None
    report: PreflightReport
    verified: VerifiedMotion | None


def project_arguments(parser: argparse.ArgumentParser, tr: Translator) -> None:
    """PROJECT, --robot and --seed."""
    parser.add_argument("project", type=Path, metavar="PROJECT", help=tr("cli.project"))
    parser.add_argument("--robot", metavar="ID", help=tr("cli.robot_option"))
    parser.add_argument("--seed", type=int, default=0, metavar="N", help=tr("cli.seed"))


def check_project(project: Path, robot: str | None, seed: int, progress: Callable[[float], None]) -> CheckedProject:
    """Compile, simulate with ``seed`` and verify.

    Raises:
        WorkbenchError, SimError: the project cannot be read.
    """
    session = open_project(project, robot)
    compiled = compile_plan(session.plan, session.robot, session.cell)
    recording = None
    if compiled.motion is not None:
        recording = rollout(session.cell, session.robot, compiled.motion, seed, progress=progress)
    report, verified = verify(compiled.motion, recording, session.robot, session.cell, compiled.findings)
    return CheckedProject(session, recording, report, verified)
