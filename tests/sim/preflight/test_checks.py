"""Each check from both sides: what is inside passes, what is outside is found with its step, time, body, value and limit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.motion import Motion
from sim.preflight import (
    balance,
    contacts,
    cycle_time,
    fall,
    grip,
    joint_position,
    joint_torque,
    joint_velocity,
    load,
    placement,
    reach,
    steps,
)
from sim.preflight.evidence import Evidence, Outcome, runs
from sim.preflight.finding import Finding
from sim.recording import ContactNote, Placement, RecordedEvent
from sim.transforms import Pose, Pose2
from tests.sim.preflight.synthetic import CELL, END, PERIOD, ROBOT, SPANS, evidence, motion, recording, spoiled


def only(outcome: Outcome) -> Finding:
    assert len(outcome.findings) == 1, outcome.findings
    return outcome.findings[0]


def of(channel: str, column: str, value: float, start: float = 8.0, end: float = 8.5) -> Evidence:
    return evidence(run=spoiled(channel, column, value, start, end))


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    good = evidence()
    for module in (
        balance,
        contacts,
        cycle_time,
        fall,
        grip,
        joint_position,
        joint_torque,
        joint_velocity,
        placement,
        reach,
        steps,
    ):
        outcome = module.check(good)
        assert outcome.findings == (), module.__name__
        assert {c.verdict for c in outcome.checks} <= {"pass"}
        assert module is cycle_time or {"grasp-1"} <= {c.step for c in outcome.checks} or module is placement


@pytest.mark.parametrize(
    ("module", "channel", "limit"),
    [
        (joint_torque, "joint.torque_command", ROBOT.profile.torque_limits["left_knee"]),
        (joint_velocity, "joint.velocity", ROBOT.profile.velocity_limits["left_knee"]),
    ],
)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_joint_limits(module, channel: str, limit: float, sign: float) -> None:  # type: ignore[no-untyped-def]
    name = module.__name__.rsplit(".", 1)[-1]
    assert not module.check(of(channel, "left_knee", sign * 0.8 * limit)).findings
    near = only(module.check(of(channel, "left_knee", sign * 0.95 * limit)))
    assert (near.code, near.severity) == (f"{name}.reserve", "marginal")
    found = only(module.check(of(channel, "left_knee", sign * 1.001 * limit)))
    assert (found.code, found.severity, found.step, found.body) == (f"{name}.limit", "fail", "grasp-1", "left_knee")
    assert found.measured == pytest.approx(1.001 * limit)
    assert found.limit == limit
    assert found.start == pytest.approx(8.0, abs=PERIOD)
    assert found.end == pytest.approx(8.5, abs=3 * PERIOD)


def test_one_sample_of_noise_is_no_finding() -> None:
    assert not joint_velocity.check(of("joint.velocity", "left_knee", 99.0, 8.0, 8.0 + PERIOD)).findings


def test_gripper_limits_are_in_their_own_units() -> None:
    found = only(joint_velocity.check(of("joint.velocity", "left_finger_1", 0.2)))
    assert found.unit == "m/s"


def test_joint_ranges() -> None:
    facts = evidence().facts
    low, high = facts.ranges[ROBOT.index("left_knee")]
    assert not joint_position.check(of("joint.position", "left_knee", high - 0.03)).findings
    near = only(joint_position.check(of("joint.position", "left_knee", high - 0.01)))
    assert (near.code, near.severity, near.relation) == ("joint_position.reserve", "marginal", "<=")
    beyond = only(joint_position.check(of("joint.position", "left_knee", low - 0.05)))
    assert (beyond.code, beyond.severity, beyond.relation, beyond.limit) == ("joint_position.limit", "fail", ">=", low)
    closed = facts.ranges[ROBOT.index("left_finger_1")][0]
    assert not joint_position.check(of("joint.position", "left_finger_1", closed)).findings


def test_contacts_are_found_with_their_time_and_force() -> None:
    note = ContactNote(8.1, 8.4, "load", "cell/rack/shelf_work", "object/tote/base", 40.0, "grasp-1")
    found = only(contacts.check(evidence(run=replace(recording(motion()), contacts=(note,)))))
    assert (found.code, found.severity, found.step, found.start, found.end, found.measured) == (
        "contact.load",
        "fail",
        "grasp-1",
        8.1,
        8.4,
        40.0,
    )
    assert (found.params["first"], found.params["second"]) == ("rack", "tote")
    graze = replace(note, peak_force=2.0)
    assert only(contacts.check(evidence(run=replace(recording(motion()), contacts=(graze,))))).severity == "marginal"


def test_balance_at_rest() -> None:
    near = only(balance.check(of("balance.margin", "margin", 0.006)))
    assert (near.code, near.severity, near.step, near.measured, near.limit) == (
        "balance.reserve",
        "marginal",
        "grasp-1",
        0.006,
        0.015,
    )
    assert near.start == pytest.approx(8.0, abs=PERIOD)
    assert only(balance.check(of("balance.margin", "margin", -0.01))).code == "balance.outside"
    strict = motion(balance_margin=0.06)
    assert balance.check(evidence(strict, recording(strict))).findings[0].limit == 0.06


def test_balance_while_walking_is_not_judged() -> None:
    run = spoiled("balance.margin", "margin", -0.05, 2.0, 4.0)
    feet = spoiled("foot.force", "left", 0.0, 2.0, 4.0)["foot.force"]
    assert not balance.check(evidence(run=replace(run, series={**run.series, "foot.force": feet}))).findings


def test_a_fall_is_the_finding_and_its_tumble_is_not() -> None:
    note = ContactNote(8.1, 8.4, "cell", "pelvis", "floor", 4000.0, "grasp-1")
    run = replace(spoiled("joint.velocity", "left_knee", 50.0, 8.0, 8.9), contacts=(note,), fell_at=8.5, completed=False)
    found = only(fall.check(evidence(run=run)))
    assert (found.code, found.step, found.start) == ("fall.fell", "grasp-1", 8.5)
    assert not contacts.check(evidence(run=run)).findings
    assert not joint_velocity.check(evidence(run=run)).findings
    foreseen = only(fall.check(evidence(run=replace(run, events=(RecordedEvent(7.6, "event.fall_certain"),)))))
    assert (foreseen.code, foreseen.start) == ("fall.foreseen", 7.6)
    assert foreseen.params == {"certain": "7.60 s", "down": "8.50 s"}


@pytest.mark.parametrize(("error", "yaw", "codes"), [(0.02, 0.05, []), (0.028, 0.0, ["marginal"]), (0.05, 0.2, ["fail", "fail"])])
def test_placement(error: float, yaw: float, codes: list[str]) -> None:
    run = replace(recording(motion()), placements=(Placement("tote", error, yaw),))
    assert [f.severity for f in placement.check(evidence(run=run)).findings] == codes


def test_a_placement_that_was_not_measured_is_not_assessed() -> None:
    assert only(placement.check(evidence(run=replace(recording(motion()), placements=())))).severity == "not_assessed"


@pytest.mark.parametrize(("limit", "severity"), [(30.0, None), (19.5, "marginal"), (15.0, "fail")])
def test_cycle_time(limit: float, severity: str | None) -> None:
    limited = motion(cycle_time=limit)
    findings = cycle_time.check(evidence(limited, recording(limited))).findings
    assert [f.severity for f in findings] == ([severity] if severity else [])


def test_failed_and_missing_steps() -> None:
    failed = replace(SPANS[1], success=False, reason="object_slipped")
    run = replace(recording(motion()), steps=(SPANS[0], failed), completed=False)
    slipped, missing = steps.check(evidence(run=run)).findings
    assert (slipped.code, slipped.step, slipped.start, slipped.end) == ("step.object_slipped", "grasp-1", 6.0, 12.0)
    assert (missing.code, missing.step, missing.severity) == ("step.not_reached", "place-1", "not_assessed")
    unknown = replace(run, steps=(SPANS[0], replace(failed, reason="gremlins")))
    assert steps.check(evidence(run=unknown)).findings[0].code == "step.failed"
    cut = replace(run, steps=(SPANS[0], replace(failed, reason="", end=None)), fell_at=9.0)
    assert steps.check(evidence(run=cut)).findings[0].code == "step.cut_short"


@pytest.mark.parametrize(("force", "code"), [(50.0, None), (25.0, "grip.reserve"), (12.0, "grip.slips")])
def test_grip(force: float, code: str | None) -> None:
    weak = with_command("grasp-1", force=force)
    findings = grip.check(evidence(weak, recording(weak))).findings
    assert [f.code for f in findings] == ([code] if code else [])
    for f in findings:
        assert f.params["parameter"] == "force"
        assert float(f.params["value"]) >= grip.WANTED * grip.least_squeeze(3.0, 0.7)


def test_reach_grows_with_distance_and_side() -> None:
    tote, size = CELL.object_start("tote"), CELL.objects["tote"].size
    stand = CELL.stations["rack"].stand_in_world()
    near = reach.reachable(ROBOT, stand, tote, size)
    far = reach.reachable(ROBOT, stand @ Pose2(-0.5, 0.0, 0.0), tote, size)
    aside = reach.reachable(ROBOT, stand @ Pose2(0.0, 0.5, 0.0), tote, size)
    assert near.ok
    assert not far.ok
    assert near.measured < aside.measured < far.measured + 1.0
    mirrored = reach.reachable(ROBOT, stand @ Pose2(0.0, -0.5, 0.0), tote, size)
    assert aside.measured == pytest.approx(mirrored.measured, abs=1e-3)


def test_missing_channels_are_not_assessed() -> None:
    run = recording(motion())
    for module, channel in (
        (balance, "balance.margin"),
        (joint_position, "joint.position"),
        (joint_velocity, "joint.velocity"),
    ):
        without = replace(run, series={k: v for k, v in run.series.items() if k != channel})
        assert only(module.check(evidence(run=without))).severity == "not_assessed"
    delivered = replace(run, series={k: v for k, v in run.series.items() if k != "joint.torque_command"})
    assert not joint_torque.check(evidence(run=delivered)).findings


def test_runs_are_joined_over_small_gaps() -> None:
    t = np.arange(10.0)
    mask = np.array([0, 1, 1, 0, 1, 0, 0, 0, 1, 1], dtype=np.bool_)
    assert runs(mask, t) == [(1, 2), (4, 4), (8, 9)]
    assert runs(mask, t, gap=2.0) == [(1, 4), (8, 9)]
    assert END > 0


def with_command(step: str, **changes: float) -> Motion:
    original = motion()
    return replace(original, commands=tuple(replace(c, **changes) if c.step_id == step else c for c in original.commands))  # type: ignore[arg-type]


def test_a_step_of_one_row_owns_it_however_a_file_rounded_the_time() -> None:
    given = evidence()
    span = replace(given.spans[0], start=1.0, end=1.0)
    given = replace(given, recording=replace(given.recording, steps=(span,)))
    for rounding in (-1e-9, 0.0, 1e-9):
        assert given.owners(np.array([0.9, 1.0 + rounding, 1.1])).tolist() == [-1, 0, -1]


@pytest.mark.parametrize(("mass", "code"), [(3.1, None), (4.2, "load.differs"), (1.9, "load.differs")])
def test_a_load_that_is_not_what_the_plan_says_is_found(mass: float, code: str | None) -> None:
    run = recording(motion())
    grasp = next(s for s in run.steps if s.skill == "grasp")
    said: dict[str, str | float] = {"object": "tote", "mass": mass, "declared": 3.0}
    found = load.check(evidence(run=replace(run, events=(RecordedEvent(grasp.start + 0.5, "event.load_measured", said),))))
    assert [f.code for f in found.findings] == ([code] if code else [])
    assert [(c.check, c.step) for c in found.checks] == [("load", grasp.id)]
    assert found.checks[0].measured == pytest.approx(abs(mass - 3.0))


def test_the_plan_and_the_robot_agree_on_low_and_high() -> None:
    stand, size = Pose2(0.0, 0.0, 0.0), (0.3, 0.34, 0.2)
    for height in (0.35, 0.9, 1.2):
        assert reach.reachable(ROBOT, stand, Pose.from_xyz_yaw(0.38, 0.0, height), size, 5.0).ok
    assert not reach.reachable(ROBOT, stand, Pose.from_xyz_yaw(0.38, 0.0, 1.7), size).ok
