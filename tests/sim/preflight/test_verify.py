"""The verdict is the worst of all checks; only a pass or marginal run releases a motion, and a changed release is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sim.errors import SimError
from sim.preflight.evidence import worst
from sim.preflight.finding import Finding
from sim.preflight.verified import VerifiedMotion, from_data, to_data
from sim.preflight.verify import CHECKS, verify
from tests.sim.preflight.synthetic import CELL, ROBOT, motion, recording, spoiled


def release() -> VerifiedMotion:
    _, verified = verify(motion(), recording(motion()), ROBOT, CELL)
    assert verified is not None
    return verified


def test_a_good_run_passes_with_its_assumptions() -> None:
    report, verified = verify(motion(), recording(motion()), ROBOT, CELL)
    assert (report.verdict, report.findings, report.cycle_time, report.recording_seed) == ("pass", (), 19.0, 7)
    assert verified is not None
    assert verified.verdict == "pass"
    assert report.assumptions["parameters"] == "nominal"
    assert report.assumptions["state"] == "truth"
    assert "tote 3.00 kg" in report.assumptions["objects"]
    assert {"twin", "floor_friction", "seed"} <= report.assumptions.keys()


def test_the_worst_wins_and_what_was_not_assessed_is_never_a_pass() -> None:
    assert worst(["pass", "marginal", "not_assessed"]) == "not_assessed"
    assert worst(["not_assessed", "fail"]) == "fail"
    assert worst([]) == "pass"
    run = recording(motion())
    blind = replace(run, series={k: v for k, v in run.series.items() if k != "balance.margin"})
    report, verified = verify(motion(), blind, ROBOT, CELL)
    assert (report.verdict, verified) == ("not_assessed", None)


def test_marginal_releases_and_fail_does_not() -> None:
    report, verified = verify(motion(), spoiled("balance.margin", "margin", 0.006, 8.0, 8.5), ROBOT, CELL)
    assert report.verdict == "marginal"
    assert verified is not None
    report, verified = verify(motion(), spoiled("balance.margin", "margin", -0.006, 8.0, 8.5), ROBOT, CELL)
    assert (report.verdict, verified) == ("fail", None)


def test_a_fault_of_the_plan_fails_a_good_run() -> None:
    report, verified = verify(motion(), recording(motion()), ROBOT, CELL, [Finding("plan.reach", "fail", "grasp-1")])
    assert (report.verdict, verified) == ("fail", None)


@pytest.mark.parametrize("case", ["no_motion", "no_run", "other_run", "other_robot"])
def test_without_a_run_of_this_motion_nothing_is_assessed(case: str) -> None:
    given = None if case == "no_motion" else motion()
    run = None if case == "no_run" else recording(motion(cycle_time=1.0) if case == "other_run" else motion())
    robot = replace(ROBOT, content_hash="other") if case == "other_robot" else ROBOT
    report, verified = verify(given, run, robot, CELL)
    assert (report.verdict, verified) == ("not_assessed", None)
    assert [f.code for f in report.findings] == [f"run.{'other_run' if case == 'other_robot' else case}"]
    assert {c.check for c in report.checks} == CHECKS.keys() - {"cycle_time"}


def test_a_release_survives_json() -> None:
    original = release()
    again = from_data(json.loads(json.dumps(to_data(original))))
    assert again.content_hash == original.content_hash
    assert again.motion == original.motion
    assert again.report.checks == original.report.checks


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("motion", "commands", 0, "speed"), 9.0, "verified.forged"),
        (("report", "cycle_time"), 1.0, "verified.forged"),
        (("report", "verdict"), "fail", "verified.refused"),
        (("recording_hash",), "00", "verified.forged"),
        (("seal",), "00", "verified.forged"),
        (("schema",), "other", "verified.invalid"),
        (("motion", "commands", 0, "skill"), "fly", "verified.invalid"),
        (("report", "findings"), 3, "verified.invalid"),
    ],
)
def test_a_changed_release_is_refused(path: tuple[str | int, ...], value: object, code: str) -> None:
    data = json.loads(json.dumps(to_data(release())))
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(SimError) as refused:
        from_data(data)
    assert refused.value.code == code


def test_a_release_cannot_be_made_without_its_seal() -> None:
    good = release()
    with pytest.raises(SimError, match=r"verified\.forged"):
        VerifiedMotion(replace(good.motion, robot_id="other"), good.report, good.recording_hash, good.seal)
