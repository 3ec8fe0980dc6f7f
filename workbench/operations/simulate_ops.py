"""Simulate and check: compile here, run in a job, apply what came of it. The same without a window for the commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from sim.cell import WorkCell
from sim.errors import SimError
from sim.motion import Motion
from sim.preflight.finding import Finding, PreflightReport
from sim.preflight.verified import VerifiedMotion
from sim.preflight.verify import verify
from sim.recording import Recording, StateSource
from sim.robot import RobotModel
from workbench.errors import WorkbenchError
from workbench.jobs import Job, JobPool
from workbench.operations.compiling import compiling_remarked
from workbench.operations.project_ops import open_project
from workbench.plan.compile import CompileResult, compile_plan
from workbench.plan.model import Plan
from workbench.project.project import SIMULATION_FILE
from workbench.session import Session, Simulated
from workbench.telemetry.mcap_file import read_recording

#: What a worker loads ahead of its first job.
PRELOAD = ("workbench.operations.simulate_ops", "sim.rollout")


@dataclass(frozen=True, slots=True, eq=False)
class SimulationOutcome:
    """What a simulation brought: the run, its report and, if it passed, the motion released for a robot."""

    motion: Motion | None
    recording: Recording | None
    report: PreflightReport
    verified: VerifiedMotion | None


def simulate(session: Session, jobs: JobPool, seed: int = 1) -> Job:
    """Compile, run in a job, check; then the session holds run and report.

    Raises:
        WorkbenchError: ``project.has_errors`` when the plan makes no motion; its findings are in the session's report.
    """
    plan = session.plan
    compiled = compile_plan(plan, session.robot, session.cell)
    if compiled.motion is None:
        apply_outcome(session, plan, _unsimulated(session, compiled))
        fatal = [f for f in compiled.findings if f.severity == "fail"] or list(compiled.findings)
        step = fatal[0].step if fatal else ""
        raise WorkbenchError("project.has_errors", count=len(fatal), step=_name(plan, step), step_id=step)
    return _submit(session, jobs, "job.simulate", compiled, seed)


def preflight(session: Session, jobs: JobPool, seed: int = 1) -> Job | None:
    """Check the plan: at once where a run of this very motion is at hand (or none can be made), else after simulating it."""
    plan = session.plan
    compiled = compile_plan(plan, session.robot, session.cell)
    if compiled.motion is None:
        apply_outcome(session, plan, _unsimulated(session, compiled))
        return None
    held = session.simulated
    if held is not None and held.recording.header.motion_hash == compiled.motion.content_hash:
        report, verified = verify(compiled.motion, held.recording, session.robot, session.cell, compiled.findings)
        apply_outcome(session, plan, SimulationOutcome(compiled.motion, held.recording, report, verified))
        return None
    return _submit(session, jobs, "job.preflight", compiled, seed)


def verified_motion(session: Session) -> VerifiedMotion:
    """The motion that may go to a robot.

    A verdict of pass or marginal releases it: marginal is inside every limit, and the operator has seen it. A failure, or
    anything not assessed, does not.

    Raises:
        WorkbenchError: ``project.stale`` (the plan changed since), ``project.not_verified`` (with the verdict).
    """
    if session.report is None:
        raise WorkbenchError("project.not_verified", verdict="not_assessed")
    if session.report_stale:
        raise WorkbenchError("project.stale")
    if session.verified is None:
        raise WorkbenchError("project.not_verified", verdict=session.report.verdict)
    return session.verified


def apply_outcome(session: Session, plan: Plan, outcome: SimulationOutcome) -> None:
    """Put what came of simulating ``plan`` into the session. A report without a run keeps the last run on show."""
    session.report, session.report_plan, session.verified = outcome.report, plan, outcome.verified
    if outcome.motion is not None and outcome.recording is not None:
        session.simulated = Simulated(plan, outcome.motion, outcome.recording)
        session.notify("simulation", "report")
    else:
        session.notify("report")


def run_simulation(
    cell: WorkCell,
    robot: RobotModel,
    motion: Motion,
    seed: int,
    findings: tuple[Finding, ...],
    *,
    state: StateSource = "estimate",
    progress: Callable[[float], None] | None = None,
) -> SimulationOutcome:
    """Run a motion and check it; what a job does."""
    # Named, not imported above: it runs in workers, and its physics would cost the window a second of its start.
    rollout: Callable[..., Recording] = import_module("sim.rollout").rollout
    with compiling_remarked(progress):
        recording = rollout(cell, robot, motion, seed, state=state, progress=progress)
    report, verified = verify(motion, recording, robot, cell, findings)
    return SimulationOutcome(motion, recording, report, verified)


def saved_run(
    file: Path, plan: Plan, robot: RobotModel, cell: WorkCell, *, progress: Callable[[float], None] | None = None
) -> SimulationOutcome | None:
    """The run in ``file``, checked, if it is of this plan, robot and cell. A prediction can be made again any time, so a file
    that is missing, broken or of something else is None and no error."""
    compiled = compile_plan(plan, robot, cell)
    motion = compiled.motion
    if motion is None or not file.is_file():
        return None
    try:
        recording = read_recording(file)
    except (SimError, WorkbenchError):
        return None
    if progress is not None:
        progress(0.5)
    if recording.header.motion_hash != motion.content_hash or recording.header.robot_hash not in ("", robot.content_hash):
        return None
    report, verified = verify(motion, recording, robot, cell, compiled.findings)
    return SimulationOutcome(motion, recording, report, verified)


def restore_simulation(session: Session) -> bool:
    """Take up the simulation saved with the project, and check it, if it is of this plan, robot and cell. True if it was."""
    file = _run_file(session)
    if file is None:
        return False
    return _take_saved(session, session.plan, file, saved_run(file, session.plan, session.robot, session.cell))


def restore_in_background(session: Session, jobs: JobPool) -> Job | None:
    """As ``restore_simulation``, in a job; None where there is nothing to restore. A run made meanwhile stays."""
    file = _run_file(session)
    if file is None:
        return None
    plan, robot, cell = session.plan, session.robot, session.cell

    def done(outcome: SimulationOutcome | None) -> None:
        if session.simulated is None and session.robot is robot:
            _take_saved(session, plan, file, outcome)

    job = jobs.submit("job.restore", saved_run, file, plan, robot, cell, params={"name": session.name}, on_done=done)
    session.notify("jobs")
    return job


def simulate_project(
    path: Path,
    robot: str | None = None,
    seed: int = 1,
    progress: Callable[[float], None] | None = None,
    state: StateSource = "estimate",
) -> tuple[Session, SimulationOutcome]:
    """Open, compile, run and check a project in this process. A plan without a motion gives a report without a run.

    Args:
        path: the project's folder or file.
        robot: id or path of another robot than the project's.
        seed: of sensor noise and plant.
        progress: called with the share done, 0..1.
        state: what the controller runs on.

    Raises:
        WorkbenchError, SimError: when the project, its robot or its cell cannot be read.
    """
    session = open_project(path, robot)
    compiled = compile_plan(session.plan, session.robot, session.cell)
    if compiled.motion is None:
        outcome = _unsimulated(session, compiled)
    else:
        outcome = run_simulation(
            session.cell, session.robot, compiled.motion, seed, compiled.findings, state=state, progress=progress
        )
    apply_outcome(session, session.plan, outcome)
    return session, outcome


def summary(outcome: SimulationOutcome) -> dict[str, Any]:
    """The simulation as plain data, for ``--json``."""
    recording, report = outcome.recording, outcome.report
    steps = recording.steps if recording is not None else ()
    placements = recording.placements if recording is not None else ()
    wall = recording.wall_time if recording is not None else 0.0
    return {
        "success": recording is not None and recording.success,
        "verdict": report.verdict,
        "cycle_time_s": report.cycle_time,
        "real_time_factor": recording.duration / wall if recording is not None and wall > 0 else None,
        "falls": int(recording is not None and recording.fell_at is not None),
        "seed": report.recording_seed,
        "state_source": recording.header.state_source if recording is not None else None,
        "steps": [
            {"id": s.id, "skill": s.skill, "start_s": s.start, "end_s": s.end, "success": s.success, "reason": s.reason}
            for s in steps
        ],
        "placements": [
            {"object": p.object, "position_error_m": p.position_error, "yaw_error_deg": p.yaw_error * 57.29577951308232}
            for p in placements
        ],
        "findings": findings_data(report),
    }


def findings_data(report: PreflightReport) -> list[dict[str, Any]]:
    """A report's findings as plain data."""
    return [
        {
            "code": f.code,
            "severity": f.severity,
            "step": f.step,
            "time_s": f.start,
            "end_s": f.end,
            "body": f.body,
            "measured": f.measured,
            "limit": f.limit,
            "unit": f.unit,
            "params": dict(f.params),
        }
        for f in report.findings
    ]


def _submit(session: Session, jobs: JobPool, title: str, compiled: CompileResult, seed: int) -> Job:
    plan = session.plan

    def done(outcome: SimulationOutcome) -> None:
        apply_outcome(session, plan, outcome)

    job = jobs.submit(
        title,
        run_simulation,
        session.cell,
        session.robot,
        compiled.motion,
        seed,
        compiled.findings,
        params={"name": session.name},
        on_done=done,
    )
    session.notify("jobs")
    return job


def _run_file(session: Session) -> Path | None:
    """Where the project's simulation lies, unless there is none or one is at hand."""
    file = session.project_folder / SIMULATION_FILE if session.project_folder is not None else None
    return file if file is not None and file.is_file() and session.simulated is None else None


def _take_saved(session: Session, plan: Plan, file: Path, outcome: SimulationOutcome | None) -> bool:
    if outcome is None or outcome.recording is None:
        return False
    session.runs.loaded(outcome.recording, file)
    apply_outcome(session, plan, outcome)
    return True


def _unsimulated(session: Session, compiled: CompileResult) -> SimulationOutcome:
    report, _ = verify(compiled.motion, None, session.robot, session.cell, compiled.findings)
    return SimulationOutcome(compiled.motion, None, report, None)


def _name(plan: Plan, step_id: str) -> str:
    return next((s.name or s.id for s in plan.steps if s.id == step_id), step_id)
