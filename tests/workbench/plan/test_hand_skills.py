"""Plans with single hands: what they act on becomes world goals, and what cannot be done is found."""

from __future__ import annotations

import pytest

from sim.cell import load_cell
from sim.motion import motion_from_data, motion_to_data
from tests.sim.examples import ROOT, h140
from workbench.plan import edits
from workbench.plan.compile import CompileResult, compile_plan
from workbench.plan.edits import EditRejected
from workbench.plan.model import ParameterValue, Plan

CELLS = ROOT / "tests" / "bench" / "cells"
ROBOT = h140()
INSERT = (
    ("walk", {"station": "table"}),
    ("pick", {"object": "part", "hand": "right"}),
    ("handover", {"object": "part"}),
    ("insert", {"object": "part", "fixture": "fixture"}),
)


def planned(*steps: tuple[str, dict[str, ParameterValue]]) -> Plan:
    plan = Plan("hands")
    for skill, parameters in steps:
        plan = edits.add_step(plan, edits.new_step(plan, skill, plan.end, parameters))
    return plan


def compiled(cell: str, *steps: tuple[str, dict[str, ParameterValue]]) -> CompileResult:
    return compile_plan(planned(*steps), ROBOT, load_cell(CELLS / f"{cell}.toml"))


def codes(result: CompileResult) -> set[str]:
    return {f.code for f in result.findings}


def test_pick_handover_and_insert_compile_to_goals() -> None:
    result = compiled("part", *INSERT)
    assert codes(result) == set() and result.motion is not None
    pick, handover, insert = result.motion.commands[1:]
    assert (pick.hand, handover.hand, pick.force) == ("right", "", 40.0)
    assert insert.device == "fixture" and insert.object_pose is not None and insert.device_pose is not None
    assert insert.device_pose.position[2] - insert.object_pose.position[2] == pytest.approx(0.03 - 0.08)
    assert motion_from_data(motion_to_data(result.motion)) == result.motion


@pytest.mark.parametrize(
    ("cell", "skill", "kind", "name"), [("button", "press", "button", "start"), ("door", "open_door", "door", "door")]
)
def test_devices_are_walked_to_and_worked(cell: str, skill: str, kind: str, name: str) -> None:
    fine = compiled(cell, ("walk", {"station": "machine"}), (skill, {kind: name}))
    assert codes(fine) == set() and fine.motion is not None and fine.motion.commands[1].device == name
    assert codes(compiled(cell, (skill, {kind: name}))) == {"plan.not_at_device"}
    assert codes(compiled(cell, (skill, {kind: "moon"}))) == {"plan.unknown_device"}
    assert codes(compiled(cell, (skill, {}))) == {f"plan.no_{kind}"}


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ((INSERT[0], INSERT[3]), "plan.hands_empty"),
        ((INSERT[0], INSERT[2]), "plan.hands_empty"),
        ((INSERT[0], INSERT[1], INSERT[1]), "plan.hands_full"),
        ((INSERT[0], INSERT[1], ("place", {"object": "part", "station": "table", "slot": "drop"})), "plan.held_by_hand"),
        ((INSERT[0], ("grasp", {"object": "part"}), INSERT[3]), "plan.held_by_palms"),
        ((INSERT[1],), "plan.not_at_station"),
    ],
)
def test_what_a_hand_cannot_do_is_found(steps: tuple[tuple[str, dict[str, ParameterValue]], ...], code: str) -> None:
    assert code in codes(compiled("part", *steps))


def test_a_hand_is_left_right_or_the_nearer_one() -> None:
    plan = planned(("press", {"button": "start"}))
    step = plan.steps[0].id
    assert edits.set_parameter(plan, step, "hand", "left").step(step).parameters["hand"] == "left"
    with pytest.raises(EditRejected):
        edits.set_parameter(plan, step, "hand", "third")
