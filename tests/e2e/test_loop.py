"""The main loop without a window, through the operations the window uses: fail, mend, pass, export, save, open again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sim.preflight.verified import VerifiedMotion
from workbench.errors import WorkbenchError
from workbench.export.bundle import read_bundle
from workbench.jobs import JobPool
from workbench.operations import export_ops, plan_ops, project_ops, simulate_ops
from workbench.plan.schema import plan_to_text
from workbench.resources import resource

pytestmark = pytest.mark.slow


@pytest.fixture
def pool() -> Iterator[JobPool]:
    """One worker process."""
    made = JobPool(1)
    yield made
    made.close()


def test_the_lesson_fails_is_mended_passes_and_is_all_there_again(tmp_path: Path, pool: JobPool) -> None:
    session = project_ops.open_project(shutil.copytree(resource("projects", "first_lesson"), tmp_path / "lesson"))

    # It fails for what it teaches, at the step that is wrong, and nothing may go to a robot.
    pool.wait(simulate_ops.simulate(session, pool), timeout=240.0)
    assert session.report is not None and session.report.verdict == "fail"
    grip = next(f for f in session.report.findings if f.code == "grip.slips")
    assert (grip.step, grip.severity) == ("grasp-1", "fail")
    assert grip.measured is not None and grip.limit is not None and grip.measured < grip.limit
    with pytest.raises(WorkbenchError, match=r"project\.not_verified"):
        simulate_ops.verified_motion(session)
    failed = export_ops.export_project(session, tmp_path / "failed.zip")
    assert not failed.released and failed.verdict == "fail"

    # What the finding proposes is one edit; it makes report and run stale, and undo brings the fault back.
    plan_ops.set_parameter(session, "grasp-1", str(grip.params["parameter"]), float(str(grip.params["value"])))
    assert session.report_stale and session.simulation_stale
    mended = session.plan
    assert plan_ops.undo(session) and session.plan is not mended
    assert plan_ops.redo(session) and session.plan is mended
    with pytest.raises(WorkbenchError, match=r"project\.(stale|not_verified)"):
        simulate_ops.verified_motion(session)

    # Mended it passes: the tote stands where it should, and the very motion that was simulated is released.
    job = pool.wait(simulate_ops.simulate(session, pool), timeout=240.0)
    assert job.state == "done" and session.report.verdict in ("pass", "marginal")
    held, released = session.simulated, simulate_ops.verified_motion(session)
    assert held is not None and held.recording.success and all(s.success for s in held.recording.steps)
    placed = held.recording.placements[0]
    assert placed.position_error < 0.03 and abs(np.degrees(placed.yaw_error)) < 5.0
    assert isinstance(released, VerifiedMotion) and released.motion.content_hash == held.motion.content_hash

    # The export holds plan, motion, evidence; the save holds plan and run.
    exported = export_ops.export_project(session, tmp_path / "line.zip")
    bundle = read_bundle(tmp_path / "line.zip")
    assert exported.released and exported.verdict == session.report.verdict
    assert bundle.entries[export_ops.PLAN].decode() == plan_to_text(session.plan)
    assert export_ops.RECORDING in bundle.entries and export_ops.RELEASE in bundle.entries
    project_ops.save(session)
    project_ops.close_project(session)

    again = project_ops.open_project(tmp_path / "lesson")
    assert again.plan == session.plan and again.name == session.name
    assert (again.robot.content_hash, again.cell.content_hash) == (session.robot.content_hash, session.cell.content_hash)
    assert simulate_ops.restore_simulation(again)
    assert again.simulated is not None and again.report is not None
    assert again.report.verdict == session.report.verdict and not again.report_stale
    assert [f.code for f in again.report.findings] == [f.code for f in session.report.findings]
    assert np.array_equal(again.simulated.recording["joint.position"].values, held.recording["joint.position"].values)
    assert simulate_ops.verified_motion(again).motion.content_hash == released.motion.content_hash
    # The same evidence makes the same bundle, bit for bit.
    assert export_ops.export_project(again, tmp_path / "again.zip").content_hash == exported.content_hash
