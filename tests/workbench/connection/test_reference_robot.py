"""What the reference robot takes, refuses and stops for; its socket is not part of this."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest

from plugins.reference_robot.robot import ReferenceRobot
from sim.preflight.verified import to_data
from tests.workbench.connection.released import Released
from workbench.connection.connection import RobotInfo
from workbench.connection.gate import pass_gate
from workbench.errors import WorkbenchError
from workbench.telemetry import content


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def robot(standing: Released, clock: Clock) -> ReferenceRobot:
    return ReferenceRobot(standing.robot, standing.cell, 11, clock=clock)


@pytest.fixture(autouse=True)
def at_start(robot: ReferenceRobot) -> None:
    while robot.state in ("running", "stopping"):
        robot.beat()
        robot.tick()
    robot.restore()
    robot.clear_stop("test", "next test")
    robot.take_events()


def run(robot: ReferenceRobot, clock: Clock, seconds: float = 30.0) -> None:
    end = robot.time + seconds
    while robot.state in ("running", "stopping") and robot.time < end:
        clock.now += 0.004
        robot.beat()
        robot.tick()


def test_it_executes_what_was_verified(robot: ReferenceRobot, standing: Released, clock: Clock) -> None:
    robot.upload(to_data(standing.verified))
    assert robot.state == "ready"
    before = robot.time
    robot.start()
    run(robot, clock)
    assert robot.state == "done" and robot.status().started_at == before
    told = robot.take_outcome()
    assert told is not None and told[1]
    outcome = content.recording_from(
        content.header_from_json('{"source":"robot","robot_id":"x","joint_names":[]}'), {}, (), told[0]
    )
    assert outcome.completed and [s.id for s in outcome.steps] == ["pause"]
    assert outcome.steps[0].start >= before
    samples = robot.take_samples()["joint.position"]
    assert samples.t[0] >= before - 0.01 and np.all(np.diff(samples.t) > 0)


def test_what_was_not_verified_is_refused(robot: ReferenceRobot, standing: Released) -> None:
    good = to_data(standing.verified)
    changed = copy.deepcopy(good)
    changed["motion"]["commands"][0]["duration"] = 60.0
    unverified = copy.deepcopy(good)
    unverified["report"]["verdict"] = "fail"
    for bundle, reason in (
        (changed, "motion_forged"),
        (unverified, "motion_refused"),
        ({}, "motion_invalid"),
        ({"schema": 3}, "motion_invalid"),
    ):
        with pytest.raises(WorkbenchError, match=f"robot.refused.{reason}"):
            robot.upload(bundle)
    other = ReferenceRobot(replace(standing.robot, content_hash="other"), standing.cell, 1)
    with pytest.raises(WorkbenchError, match="robot.refused.wrong_model"):
        other.upload(good)


def test_it_moves_only_from_the_start_and_only_unlatched(robot: ReferenceRobot, standing: Released, clock: Clock) -> None:
    robot.upload(to_data(standing.verified))
    robot.request_stop("tester", "practice")
    robot.request_stop("other", "second")
    with pytest.raises(WorkbenchError, match="robot.refused.stop_latched"):
        robot.start()
    assert (robot.status().stop_who, robot.state) == ("tester", "holding")
    with pytest.raises(WorkbenchError, match="robot.refused.no_name"):
        robot.clear_stop("", "because")
    robot.clear_stop("tester", "checked")
    robot.start()
    with pytest.raises(WorkbenchError, match="robot.refused.busy"):
        robot.upload(to_data(standing.verified))
    run(robot, clock)
    with pytest.raises(WorkbenchError, match="robot.refused.not_at_start"):
        robot.start()
    at = robot.time
    robot.restore()
    assert robot.time >= at
    robot.start()
    assert robot.state == "running"


def test_its_own_thinking_is_not_its_commanders_silence(
    robot: ReferenceRobot, standing: Released, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot.upload(to_data(standing.verified))
    robot.start()
    step = robot._run.step

    def long_step() -> None:
        clock.now += 2.0
        step()

    monkeypatch.setattr(robot._run, "step", long_step)
    robot.beat()
    robot.tick()
    assert robot.state == "running"


def test_it_holds_when_nobody_gives_a_sign_of_life(robot: ReferenceRobot, standing: Released, clock: Clock) -> None:
    robot.upload(to_data(standing.verified))
    robot.start()
    for _ in range(50):
        clock.now += 0.004
        robot.beat()
        robot.tick()
    silent = clock.now
    while robot.state == "running" and clock.now < silent + 5.0:
        clock.now += 0.004
        robot.tick()
    assert clock.now - silent <= 0.35
    assert robot.status().stop_latched and robot.status().stop_who == "watchdog"
    run(robot, clock)
    robot.beat()
    assert robot.state == "holding"  # heartbeats that come back start nothing
    assert "event.stop_latched" in [e.code for e in robot.take_events()]


def test_nothing_but_a_verified_motion_for_this_robot_passes_the_gate(robot: ReferenceRobot, standing: Released) -> None:
    info: RobotInfo = robot.info()
    assert pass_gate(standing.verified, info) == to_data(standing.verified)
    for thing in (standing.motion, to_data(standing.verified), None):
        with pytest.raises(WorkbenchError, match="gate.not_verified"):
            pass_gate(thing, info)
    for other, code in ((replace(info, robot_hash="x"), "wrong_robot"), (replace(info, cell_hash="x"), "wrong_cell")):
        with pytest.raises(WorkbenchError, match=f"gate.{code}"):
            pass_gate(standing.verified, other)
    with pytest.raises(WorkbenchError, match="gate.watch_only"):
        pass_gate(standing.verified, replace(info, control=False))


def test_it_says_nothing_of_its_hidden_parameters(robot: ReferenceRobot, standing: Released) -> None:
    info = robot.info()
    assert info.robot_hash == standing.robot.content_hash
    assert not any(word in str(info).lower() for word in ("hidden", "friction", "motor", "seed"))
