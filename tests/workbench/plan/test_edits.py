"""Laws of the plan's edits: whatever is done, undoing all of it gives the first plan, and no accepted edit breaks a rule."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.plan import edits
from workbench.plan.edits import EditRejected
from workbench.plan.history import History
from workbench.plan.layout import layout, planned_start
from workbench.plan.model import Plan, Step
from workbench.plan.schedule import TOLERANCE, occupies, pauses
from workbench.plan.schema import plan_from_text, plan_to_text
from workbench.plan.skills import SKILLS


def transfer() -> Plan:
    plan = Plan("test")
    for skill, values in (
        ("walk", {"station": "rack"}),
        ("grasp", {"object": "tote"}),
        ("carry", {"station": "bench"}),
        ("place", {"object": "tote", "station": "bench", "slot": "drop"}),
    ):
        step = edits.new_step(plan, skill, plan.end, values)
        plan = edits.add_step(plan, step)
        if len(plan.steps) > 1:
            plan = edits.connect(plan, plan.steps[-2].id, step.id)
    return edits.add_step(plan, edits.new_step(plan, "look", 1.0, {"object": "tote"}))


def assert_lawful(plan: Plan) -> None:
    by_id = {s.id: s for s in plan.steps}
    assert len(by_id) == len(plan.steps)
    assert list(plan.steps) == sorted(plan.steps, key=lambda s: (s.start, s.id))
    busy: dict[str, float] = {}
    for step in plan.steps:
        assert step.start >= 0 and step.duration > 0
        for key in occupies(step):
            assert step.start >= busy.get(key, 0.0) - TOLERANCE
            busy[key] = step.end
        for a in step.after:
            assert step.start >= by_id[a].end - TOLERANCE
        spec = SKILLS[step.skill]
        for p in spec.parameters:
            if p.kind == "number":
                assert p.minimum - 1e-6 <= float(step.parameters[p.name]) <= p.maximum + 1e-6


OPERATIONS = st.tuples(
    st.sampled_from(
        ["add", "insert", "move", "moves", "resize", "speed", "delete", "duplicate", "paste", "rename", "connect", "disconnect"]
    ),
    st.integers(0, 30),
    st.integers(0, 30),
    st.floats(-5, 40, allow_nan=False),
    st.booleans(),
)


def apply(plan: Plan, operation: tuple[str, int, int, float, bool]) -> Plan:
    name, i, j, x, ripple = operation
    skill = list(SKILLS)[i % len(SKILLS)]
    if name == "add":
        return edits.add_step(plan, edits.new_step(plan, skill, max(0.0, x)))
    if name == "insert":
        return edits.insert_step(plan, edits.new_step(plan, skill, max(0.0, x)))
    if not plan.steps:
        return plan
    a, b = plan.steps[i % len(plan.steps)], plan.steps[j % len(plan.steps)]
    if name == "move":
        return edits.move_step(plan, a.id, x, ripple=ripple)
    if name == "moves":
        return edits.move_steps(plan, (a.id, b.id), x / 10, ripple=ripple)
    if name == "resize":
        return edits.resize_step(plan, a.id, x, ripple=ripple)
    if name == "speed":
        return edits.set_parameter(plan, a.id, SKILLS[a.skill].paced_by or "object", abs(x) / 40 + 0.05, ripple=ripple)
    if name == "delete":
        return edits.delete_steps(plan, {a.id, b.id}, ripple=ripple)
    if name == "duplicate":
        return edits.duplicate_steps(plan, dict.fromkeys((a.id, b.id)))[0]
    if name == "paste":
        return edits.paste_steps(plan, (a,), max(0.0, x))[0]
    if name == "rename":
        return edits.rename_step(plan, a.id, f"name {j}")
    if name == "connect":
        return edits.connect(plan, a.id, b.id, ripple=ripple)
    return edits.disconnect(plan, a.id, b.id)


@settings(max_examples=120, deadline=None)
@given(st.lists(OPERATIONS, max_size=25))
def test_any_edits_keep_the_rules_and_undo_to_the_first_plan(operations: list[tuple[str, int, int, float, bool]]) -> None:
    first = transfer()
    history = History(first)
    for operation in operations:
        before = plan_to_text(history.current)
        try:
            history.push(operation[0], apply(history.current, operation))
        except EditRejected as error:
            assert plan_to_text(history.current) == before
            assert error.code.startswith("plan.")
        assert_lawful(history.current)
    last = history.current
    assert plan_from_text(plan_to_text(last), "plan.json") == last
    for box in layout(last, None):
        assert box.start == pytest.approx(box.planned_start, abs=1e-3)
        assert planned_start(last, layout(last, None), box.step_id, box.start) == pytest.approx(box.planned_start, abs=2e-3)
    while history.undo():
        pass
    assert history.current == first
    while history.redo():
        pass
    assert history.current == last


def test_a_refused_move_names_the_other_step_and_where_it_would_fit() -> None:
    plan = transfer()
    with pytest.raises(EditRejected) as refused:
        edits.move_step(plan, "grasp-1", 2.0)
    assert refused.value.code in ("plan.before_dependency", "plan.resource_busy")
    assert refused.value.params["other_id"] == "walk-1"
    with pytest.raises(EditRejected) as refused:
        edits.move_step(plan, "walk-1", 1.0)
    assert refused.value.params["step_id"] in ("walk-1", "grasp-1")
    assert refused.value.params["by"] == pytest.approx(1.0)


def test_ripple_keeps_what_follows_attached() -> None:
    plan = edits.move_step(transfer(), "walk-1", 2.0, ripple=True)
    gaps = pauses(plan)
    assert [s.start for s in plan.steps if s.id == "grasp-1"] == [9.0]
    assert all(gaps[i] == 0 for i in ("grasp-1", "carry-1", "place-1"))


def test_a_longer_walk_is_a_slower_walk() -> None:
    plan = edits.resize_step(transfer(), "walk-1", 11.5, ripple=True)
    # 2.5 s of the 7 s are no walking: twice the time for the way is half the speed.
    assert plan.step("walk-1").parameters["speed"] == pytest.approx(0.175)
    back = edits.set_parameter(plan, "walk-1", "speed", 0.35)
    assert back.step("walk-1").duration == pytest.approx(7.0)
    assert back.step("grasp-1").start == pytest.approx(7.0)


def test_a_length_out_of_range_says_what_speed_it_would_need() -> None:
    with pytest.raises(EditRejected) as refused:
        edits.resize_step(transfer(), "walk-1", 4.0)
    assert refused.value.code == "plan.pace_range"
    assert refused.value.params["needed"] == pytest.approx(1.05)
    assert refused.value.params["maximum"] == pytest.approx(0.8)
    shortest, longest = refused.value.params["shortest"], refused.value.params["longest"]
    assert (shortest, longest) == (pytest.approx(4.5), pytest.approx(34.0))
    with pytest.raises(EditRejected) as refused:
        edits.resize_step(transfer(), "walk-1", 1.0)
    assert refused.value.params["needed"] == "∞"


def test_deleting_a_step_bridges_what_waited_for_it() -> None:
    plan = edits.delete_steps(transfer(), ["grasp-1", "carry-1"])
    assert plan.step("place-1").after == ("walk-1",)


def test_a_circle_of_dependencies_is_refused() -> None:
    with pytest.raises(EditRejected) as refused:
        edits.connect(transfer(), "place-1", "walk-1")
    assert refused.value.code == "plan.cycle"


def test_a_copy_keeps_its_inner_dependencies() -> None:
    plan, ids = edits.duplicate_steps(transfer(), ["carry-1", "place-1"])
    assert ids == ("carry-2", "place-2")
    assert plan.step("place-2").after == ("carry-2",)
    assert plan.step("carry-2").after == ()


def test_values_out_of_range_or_of_the_wrong_type_are_refused() -> None:
    plan = transfer()
    for name, value, code in (
        ("force", 500.0, "plan.parameter_range"),
        ("force", "x", "plan.parameter_type"),
        ("forse", 1.0, "plan.unknown_parameter"),
    ):
        with pytest.raises(EditRejected) as refused:
            edits.set_parameter(plan, "grasp-1", name, value)
        assert refused.value.code == code
    assert "force" in str(refused.value.params["valid"])


def test_a_faulty_plan_can_still_be_mended() -> None:
    plan = Plan(
        "faulty",
        (
            Step("a", "wait", "io", 0, 5, {"duration": 5.0}),
            Step("b", "wait", "io", 2, 5, {"duration": 5.0}),
            Step("c", "look", "head", 0, 1),
        ),
    )
    assert edits.move_step(plan, "c", 4.0).step("c").start == 4.0
    assert edits.move_step(plan, "b", 5.0).step("b").start == 5.0
