"""What a user does, over a session: each action is one undoable edit; simulation and preflight put their results into the session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.jobs import JobPool
from workbench.operations import plan_ops, project_ops, simulate_ops
from workbench.plan.edits import EditRejected
from workbench.plan.layout import does_the_same
from workbench.resources import resource
from workbench.session import Change, Session


@pytest.fixture
def session() -> Session:
    return project_ops.open_project(resource("projects", "part_transfer"))


@pytest.fixture(scope="module")
def jobs() -> Iterator[JobPool]:
    pool = JobPool(1)
    yield pool
    pool.close()


def short(tmp: Path | None = None) -> Session:
    made = project_ops.new_project("short")
    plan_ops.add_step(made, "look", 0.0)
    plan_ops.add_step(made, "wait", 0.0, {"duration": 0.5})
    if tmp is not None:
        project_ops.save_as(made, tmp)
    return made


def test_every_action_is_one_undoable_edit(session: Session) -> None:
    first = session.plan
    actions = (
        lambda: plan_ops.add_step(session, "look"),
        lambda: plan_ops.insert_step(session, "wait", 3.0),
        lambda: plan_ops.move_step(session, "signal-1", 70.0),
        lambda: plan_ops.set_parameter(session, "walk-1", "speed", 0.3),
        lambda: plan_ops.resize_step(session, "wait-1", 1.0),
        lambda: plan_ops.rename_step(session, "walk-1", "Go"),
        lambda: plan_ops.disconnect(session, "wait-1", "carry-1"),
        lambda: plan_ops.connect(session, "wait-1", "carry-1"),
        lambda: plan_ops.set_limit(session, "cycle_time", 80.0),
        lambda: plan_ops.delete_steps(session, ["look-2"]),
    )
    for action in actions:
        before = session.plan
        action()
        assert session.plan is not before
        assert session.history.undo_label.startswith("edit.")
    for _ in actions:
        plan_ops.undo(session)
    assert session.plan is first


def test_a_refused_action_changes_nothing(session: Session) -> None:
    told: list[frozenset[Change]] = []
    session.subscribe(told.append)
    before = session.plan
    with pytest.raises(EditRejected):
        plan_ops.move_step(session, "grasp-1", 0.0)
    assert session.plan is before
    assert told == []


def test_a_new_step_takes_its_targets_from_what_happens_before_it(session: Session) -> None:
    plan = session.plan
    place = plan_ops.insert_step(session, "place", plan.step("place-1").start)
    assert session.plan.step(place).parameters["object"] == "tote"
    assert session.plan.step(place).parameters["station"] == "bench"
    assert session.selection.steps == (place,)
    empty = project_ops.new_project("new")
    walk = plan_ops.add_step(empty, "walk")
    assert empty.plan.step(walk).parameters["station"] == "rack"
    assert empty.plan.step(walk).duration != pytest.approx(7.0)  # estimated for this robot and cell


def test_copy_and_paste_at_the_playhead(session: Session) -> None:
    session.select_steps("wait-1", "look-1")
    assert plan_ops.copy_selection(session) == 2
    session.set_playhead(session.plan.end + 2.0)
    ids = plan_ops.paste(session)
    assert session.selection.steps == ids
    assert min(session.plan.step(i).start for i in ids) >= session.plan.step("walk-2").end
    plan_ops.cut_selection(session)
    assert not set(ids) & {s.id for s in session.plan.steps}


def test_a_drag_is_undone_as_one(session: Session) -> None:
    before = session.plan
    for t in (70.0, 71.0, 72.0):
        plan_ops.move_step(session, "signal-1", t, coalesce_key="drag")
    plan_ops.undo(session)
    assert session.plan is before


@pytest.mark.slow
def test_simulating_in_a_job_brings_run_report_and_release(jobs: JobPool, tmp_path: Path) -> None:
    session = short(tmp_path / "p")
    told: set[Change] = set()
    session.subscribe(told.update)
    with pytest.raises(WorkbenchError, match=r"project\.not_verified"):
        simulate_ops.verified_motion(session)
    job = jobs.wait(simulate_ops.simulate(session, jobs, seed=3), 120.0)
    assert job.state == "done", job.detail
    assert {"simulation", "report", "jobs"} <= told
    assert session.simulated is not None
    assert session.simulated.recording.success
    assert session.report is not None
    assert session.report.verdict in ("pass", "marginal")
    assert session.report.recording_seed == 3
    assert simulate_ops.verified_motion(session).motion == session.simulated.motion

    # The run is saved with the project and taken up again when it opens.
    project_ops.save(session)
    session.runs.flush()
    written = (tmp_path / "p" / "recordings" / "simulation.mcap").stat().st_mtime_ns
    project_ops.save(session)  # the same run is not written twice
    project_ops.close_project(session)
    assert (tmp_path / "p" / "recordings" / "simulation.mcap").stat().st_mtime_ns == written
    again = project_ops.open_project(tmp_path / "p")
    assert simulate_ops.restore_simulation(again)
    assert again.report is not None
    assert again.report.verdict == session.report.verdict
    once_more = project_ops.open_project(tmp_path / "p")
    job = simulate_ops.restore_in_background(once_more, jobs)
    assert job is not None
    jobs.wait(job, 60.0)
    assert once_more.report == again.report
    assert simulate_ops.verified_motion(once_more).motion == simulate_ops.verified_motion(again).motion
    assert simulate_ops.restore_in_background(once_more, jobs) is None  # it is there already
    assert simulate_ops.preflight(again, jobs) is None  # the run at hand is of this very motion

    plan_ops.rename_step(again, "wait-1", "Pause")
    assert not again.simulation_stale
    assert simulate_ops.verified_motion(again) is again.verified
    plan_ops.set_parameter(again, "wait-1", "duration", 0.6)
    assert again.simulation_stale
    with pytest.raises(WorkbenchError, match=r"project\.stale"):
        simulate_ops.verified_motion(again)
    assert not simulate_ops.restore_simulation(again)


def test_a_plan_without_a_motion_is_reported_and_refused(session: Session, jobs: JobPool) -> None:
    plan_ops.set_parameter(session, "walk-1", "station", "moon")
    with pytest.raises(WorkbenchError, match=r"project\.has_errors"):
        simulate_ops.simulate(session, jobs)
    assert session.report is not None
    assert session.report.verdict == "fail"
    assert session.report.findings[0].code == "plan.unknown_station"
    assert simulate_ops.preflight(session, jobs) is None
    with pytest.raises(WorkbenchError, match=r"project\.not_verified"):
        simulate_ops.verified_motion(session)


@pytest.mark.slow
def test_headless_simulation_gives_plain_data(tmp_path: Path) -> None:
    short(tmp_path / "p")
    shares: list[float] = []
    _, outcome = simulate_ops.simulate_project(tmp_path / "p", seed=2, progress=shares.append)
    data = simulate_ops.summary(outcome)
    assert data["success"] is True
    assert data["falls"] == 0
    assert data["cycle_time_s"] > 0.5
    assert data["real_time_factor"] > 0
    assert [s["id"] for s in data["steps"]] == ["look-1", "wait-1"]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.slow
def test_the_first_lesson_fails_on_purpose_and_its_suggestion_makes_it_the_example(session: Session) -> None:
    lesson, outcome = simulate_ops.simulate_project(resource("projects", "first_lesson"), seed=1)
    assert outcome.report.verdict == "fail"
    assert outcome.verified is None
    failed = {(f.code, f.step) for f in outcome.report.findings if f.severity == "fail"}
    # The robot takes the tote again when it slips: that it slips at all is what fails the plan.
    assert ("grip.slips", "grasp-1") in failed
    found = next(f for f in outcome.report.findings if f.code == "grip.slips")
    plan_ops.set_parameter(lesson, found.step, str(found.params["parameter"]), float(found.params["value"]))
    assert does_the_same(lesson.plan, session.plan)
