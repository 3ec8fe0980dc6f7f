"""From a plan to a motion: names become goals, gaps become pauses, and every fault is found with what would be valid."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sim.cell import Part
from sim.preflight.finding import Finding
from sim.transforms import Pose
from workbench.operations import project_ops
from workbench.plan import edits
from workbench.plan.compile import compile_plan
from workbench.plan.model import Plan
from workbench.plan.schema import plan_hash
from workbench.resources import resource

PROJECT = project_ops.open_project(resource("projects", "part_transfer"))
ROBOT, CELL = PROJECT.robot, PROJECT.cell


def findings(plan: Plan) -> list[Finding]:
    return list(compile_plan(plan, ROBOT, CELL).findings)


def changed(step: str, name: str, value: float | str) -> Plan:
    return edits.set_parameter(PROJECT.plan, step, name, value)


def test_the_example_compiles_without_a_finding() -> None:
    result = compile_plan(PROJECT.plan, ROBOT, CELL)
    assert result.findings == ()
    assert result.motion is not None
    assert result.motion.plan_hash == plan_hash(PROJECT.plan)
    assert (result.motion.robot_hash, result.motion.cell_hash) == (ROBOT.content_hash, CELL.content_hash)
    assert dict(result.motion.limits) == {"cycle_time": 90.0}
    assert [c.step_id for c in result.motion.commands] == [s.id for s in PROJECT.plan.steps]
    commands = {c.step_id: c for c in result.motion.commands}
    assert commands["walk-1"].goal == CELL.stations["rack"].stand_in_world()
    assert commands["grasp-1"].object_pose == CELL.object_start("tote")
    place = commands["place-1"].object_pose
    assert place is not None
    assert place.position[2] == pytest.approx(0.75 + CELL.objects["tote"].size[2] / 2)
    back, stand = commands["walk-2"].goal, CELL.stations["bench"].stand_in_world()
    assert back is not None
    assert stand.distance(back) == pytest.approx(0.3)
    assert abs((stand.inverse() @ back).y) < 1e-9
    look = commands["look-2"].target
    assert look == place.position  # looks where the tote is by then


def test_the_same_plan_makes_the_same_motion() -> None:
    first, second = compile_plan(PROJECT.plan, ROBOT, CELL).motion, compile_plan(PROJECT.plan, ROBOT, CELL).motion
    assert first is not None
    assert second is not None
    assert first.content_hash == second.content_hash
    other = compile_plan(changed("grasp-1", "force", 60.0), ROBOT, CELL).motion
    assert other is not None
    assert other.content_hash != first.content_hash


def test_a_gap_is_a_pause_and_steps_wait_for_shared_resources() -> None:
    plan = edits.move_step(PROJECT.plan, "carry-1", PROJECT.plan.step("carry-1").start + 1.5, ripple=True)
    motion = compile_plan(plan, ROBOT, CELL).motion
    assert motion is not None
    commands = {c.step_id: c for c in motion.commands}
    assert commands["carry-1"].delay == pytest.approx(1.5)
    assert {"grasp-1", "wait-1"} <= set(commands["carry-1"].after)
    free = edits.disconnect(PROJECT.plan, "carry-1", "place-1")
    motion = compile_plan(free, ROBOT, CELL).motion
    assert motion is not None
    assert "carry-1" in next(c for c in motion.commands if c.step_id == "place-1").after  # both need the legs


@pytest.mark.parametrize(
    ("step", "name", "value", "code", "valid"),
    [
        ("walk-1", "station", "moon", "plan.unknown_station", "rack"),
        ("walk-1", "station", "", "plan.no_station", "rack"),
        ("grasp-1", "object", "moon", "plan.unknown_object", "tote"),
        ("place-1", "slot", "moon", "plan.unknown_slot", "drop"),
        ("place-1", "slot", "", "plan.no_slot", "drop"),
        ("signal-1", "name", " ", "plan.no_signal_name", ""),
    ],
)
def test_unknown_names_leave_no_motion_and_name_the_valid_ones(step: str, name: str, value: str, code: str, valid: str) -> None:
    result = compile_plan(changed(step, name, value), ROBOT, CELL)
    assert result.motion is None
    found = next(f for f in result.findings if f.code == code)
    assert (found.step, found.severity) == (step, "fail")
    assert valid in str(found.params.get("valid", ""))


@pytest.mark.parametrize(
    ("removed", "code", "at"),
    [
        (["grasp-1"], "plan.nothing_to_carry", "carry-1"),
        (["grasp-1", "carry-1", "walk-1"], "plan.hands_empty", "place-1"),
        (["walk-1"], "plan.not_at_station", "grasp-1"),
        (["carry-1"], "plan.not_at_place", "place-1"),
        (["place-1"], "plan.walk_with_load", "walk-2"),
    ],
)
def test_what_the_hands_and_feet_cannot_do_is_found(removed: list[str], code: str, at: str) -> None:
    result = compile_plan(edits.delete_steps(PROJECT.plan, removed), ROBOT, CELL)
    assert result.motion is None
    assert (code, at) == (result.findings[0].code, result.findings[0].step)
    assert len(result.findings) == 1 or "walk-1" in removed  # what only follows from a fault is not reported again


def test_grasping_twice_is_found() -> None:
    plan = edits.insert_step(
        PROJECT.plan, edits.new_step(PROJECT.plan, "grasp", PROJECT.plan.step("carry-1").start, {"object": "housing"})
    )
    assert "plan.hands_full" in {f.code for f in findings(plan)}


def test_too_fast_too_heavy_and_too_far_still_make_a_motion() -> None:
    gait = replace(ROBOT.profile.gait, max_speed=0.45)
    slow = replace(ROBOT, profile=replace(ROBOT.profile, gait=gait))
    fast = compile_plan(changed("walk-1", "speed", 0.8), slow, CELL)
    assert fast.motion is not None
    found = fast.findings[0]
    assert (found.code, found.measured, found.limit, found.unit) == ("plan.speed", 0.8, 0.45, "m/s")
    assert found.params["value"] == 0.45
    heavy = replace(CELL, objects={**CELL.objects, "tote": replace(CELL.objects["tote"], mass=20.0)})
    result = compile_plan(PROJECT.plan, ROBOT, heavy)
    assert result.motion is not None
    assert [(f.code, f.body, f.measured) for f in result.findings] == [("plan.payload", "tote", 20.0)]
    far = compile_plan(changed("place-1", "slot", "side"), ROBOT, CELL)
    assert far.motion is not None
    assert [f.code for f in far.findings] == ["plan.reach"]


def test_a_taken_slot_is_found() -> None:
    blocked = replace(CELL.objects["housing"], station="bench", slot="drop")
    cell = replace(CELL, objects={**CELL.objects, "housing": blocked})
    assert [f.code for f in compile_plan(PROJECT.plan, ROBOT, cell).findings] == ["plan.slot_taken"]


def test_a_robot_that_cannot_do_a_step_is_named() -> None:
    robot = replace(ROBOT, profile=replace(ROBOT.profile, capabilities=("walk", "look", "wait")))
    result = compile_plan(PROJECT.plan, robot, CELL)
    assert result.motion is None
    assert {"grasp-1", "carry-1", "place-1", "signal-1"} <= {f.step for f in result.findings if f.code == "plan.capability"}


def test_faults_of_a_file_are_found() -> None:
    steps = tuple(replace(s, start=0.0) if s.id == "grasp-1" else s for s in PROJECT.plan.steps)
    codes = {f.code for f in findings(replace(PROJECT.plan, steps=steps))}
    assert {"plan.before_dependency", "plan.overlap"} <= codes
    assert [f.code for f in findings(Plan("empty"))] == ["plan.empty"]


def test_the_first_lesson_differs_from_the_example_in_one_parameter() -> None:
    lesson = project_ops.open_project(resource("projects", "first_lesson")).plan
    differing = [
        (a.id, name)
        for a, b in zip(lesson.steps, PROJECT.plan.steps, strict=True)
        for name in a.parameters
        if a.parameters[name] != b.parameters[name]
    ]
    assert differing == [("grasp-1", "force")]
    assert Path(resource("projects", "first_lesson", "plan.json")).read_text(encoding="utf-8").count("\n") < 20


def test_a_walled_in_station_is_a_finding_at_once_and_names_the_place() -> None:
    rack = CELL.stations["rack"]
    x, y = rack.stand.x, rack.stand.y
    across, along = (0.05, 1.4, 0.9), (1.4, 0.05, 0.9)
    wall = tuple(Part("box", Pose((x + d, y, 0.9)), across) for d in (1.35, -1.35))
    wall += tuple(Part("box", Pose((x, y + d, 0.9)), along) for d in (1.35, -1.35))
    cell = replace(CELL, stations={**CELL.stations, "rack": replace(rack, parts=(*rack.parts, *wall))})
    found = [f for f in compile_plan(PROJECT.plan, ROBOT, cell).findings if f.code == "plan.no_way"]
    assert found and found[0].step == "walk-1" and found[0].hint == "no_way"
    assert str(found[0].params["x"]).endswith(" m")
