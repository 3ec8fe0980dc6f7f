"""Export a project: everything another machine or a robot needs, with the evidence of its verdict."""

from __future__ import annotations

import hashlib
import platform
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sim.cell import WorkCell
from sim.motion import motion_to_data
from sim.preflight.verified import report_to_data, to_data
from sim.preflight.verify import verify
from sim.recording import Recording
from sim.robot import RobotModel
from workbench.export.bundle import canonical_json, write_bundle
from workbench.jobs import Job, JobPool
from workbench.operations.project_ops import open_project
from workbench.operations.simulate_ops import restore_simulation, simulate_project
from workbench.plan.compile import compile_plan
from workbench.plan.model import Plan
from workbench.plan.schema import plan_to_text
from workbench.session import Session
from workbench.telemetry.mcap_file import write_recording

PLAN = "plan.json"
MOTION = "motion.json"
CELL = "cell/cell.toml"
LOCK = "model.lock.json"
REPORT = "evidence/report.json"
RELEASE = "evidence/verified_motion.json"
RECORDING = "evidence/simulation.mcap"


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was exported: where, the hash that names the content, the verdict, whether a motion is released, the entries."""

    path: Path
    content_hash: str
    verdict: str
    released: bool
    entries: tuple[str, ...]


def export_project(session: Session, out: Path, progress: Callable[[float], None] | None = None) -> ExportResult:
    """Write the open project as a bundle, see :func:`export_plan`."""
    return export_plan(out, session.name, session.plan, session.robot, session.cell, _evidence(session), progress=progress)


def export_in_background(session: Session, out: Path, jobs: JobPool, on_done: Callable[[ExportResult], None]) -> Job:
    """As ``export_project``, of the project as it is now, in a job."""
    return jobs.submit(
        "job.export",
        export_plan,
        out,
        session.name,
        session.plan,
        session.robot,
        session.cell,
        _evidence(session),
        params={"name": session.name},
        on_done=on_done,
    )


def export_plan(
    out: Path,
    name: str,
    plan: Plan,
    robot: RobotModel,
    cell: WorkCell,
    recording: Recording | None,
    *,
    progress: Callable[[float], None] | None = None,
) -> ExportResult:
    """Write a plan and the evidence of its verdict as a bundle.

    The evidence is that of the plan as it is: a run of another version is left out, and the verdict then says not assessed. A
    motion is released in it only with a verdict of pass or marginal.

    Raises:
        WorkbenchError: ``export.not_written``.
    """
    tell = progress if progress is not None else lambda _share: None
    compiled = compile_plan(plan, robot, cell)
    if recording is not None and (compiled.motion is None or recording.header.motion_hash != compiled.motion.content_hash):
        recording = None
    report, verified = verify(compiled.motion, recording, robot, cell, compiled.findings)
    tell(0.4)
    entries = {
        PLAN: plan_to_text(plan).encode(),
        LOCK: canonical_json(model_lock(robot, cell)),
        REPORT: canonical_json(report_to_data(report)),
    }
    if cell.path is not None and cell.path.is_file():
        entries[CELL] = cell.path.read_bytes()
    if compiled.motion is not None:
        entries[MOTION] = canonical_json(motion_to_data(compiled.motion))
    if verified is not None:
        entries[RELEASE] = canonical_json(to_data(verified))
    if recording is not None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "simulation.mcap"
            write_recording(recording, file)
            entries[RECORDING] = file.read_bytes()
    tell(0.8)
    about = {
        "name": name,
        "robot": robot.id,
        "cell": cell.id,
        "verdict": report.verdict,
        "released": verified is not None,
    }
    content = write_bundle(out, about, entries)
    return ExportResult(out, content, report.verdict, verified is not None, tuple(sorted(entries)))


def _evidence(session: Session) -> Recording | None:
    return session.simulated.recording if session.simulated is not None else None


def export_path(
    path: Path, out: Path, robot: str | None = None, seed: int = 1, progress: Callable[[float], None] | None = None
) -> ExportResult:
    """Open and export a project; it is simulated first where its folder holds no run of its plan."""
    session = open_project(path, robot)
    if not restore_simulation(session):
        session, _ = simulate_project(path, robot, seed, progress)
    return export_project(session, out)


def model_lock(robot: RobotModel, cell: WorkCell) -> dict[str, Any]:
    """Which exact versions the evidence is of: robot, its files, cell, programs."""
    return {
        "robot": {"id": robot.id, "content_hash": robot.content_hash, "files": _files(robot)},
        "cell": {"id": cell.id, "content_hash": cell.content_hash},
        "software": {name: _version(name) for name in ("humanoid-workbench", "mujoco", "numpy")}
        | {"python": platform.python_version()},
    }


def _files(robot: RobotModel) -> dict[str, str]:
    """SHA-256 by name of the profile and of everything beside the model."""
    found = {robot.folder / "profile.toml", robot.model_path, *robot.model_path.parent.rglob("*")}
    return {
        p.relative_to(robot.folder).as_posix() if p.is_relative_to(robot.folder) else p.name: hashlib.sha256(
            p.read_bytes()
        ).hexdigest()
        for p in sorted(found)
        if p.is_file() and p.suffix.lower() in {".toml", ".xml", ".obj", ".stl", ".png"}
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "checkout"
