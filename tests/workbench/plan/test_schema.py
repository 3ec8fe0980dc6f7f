"""Plan files: what is written reads back equal, old versions open, bad files are refused with what and where."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from workbench.errors import WorkbenchError
from workbench.plan.layout import does_the_same
from workbench.plan.model import Marker, Plan, Step
from workbench.plan.schema import SCHEMA, plan_from_text, plan_hash, plan_to_text

PLAN = Plan(
    "부품 이송",
    (
        Step("walk-1", "walk", "legs", 0.0, 6.0, {"station": "rack", "speed": 0.35, "step_back": 0.0}),
        Step("look-1", "look", "head", 6.0, 1.0, {"object": "tote"}, ("walk-1",), "토트 보기"),
    ),
    (Marker(3.0, "door"),),
    {"cycle_time": 60.0},
)


def edited(**changes: object) -> str:
    data = json.loads(plan_to_text(PLAN))
    data["steps"][0].update(changes)
    return json.dumps(data)


def refusal(text: str) -> WorkbenchError:
    with pytest.raises(WorkbenchError) as refused:
        plan_from_text(text, "here/plan.json")
    assert refused.value.params["path"] == "here/plan.json"
    return refused.value


def test_a_plan_reads_back_equal_and_the_text_is_stable() -> None:
    text = plan_to_text(PLAN)
    assert plan_from_text(text, "") == PLAN
    assert plan_to_text(plan_from_text(text, "")) == text
    assert plan_hash(PLAN) == plan_hash(plan_from_text(text, ""))


def test_names_do_not_change_what_a_plan_does() -> None:
    renamed = replace(PLAN, name="x", markers=(), steps=tuple(replace(s, name="y") for s in PLAN.steps))
    assert plan_hash(renamed) == plan_hash(PLAN)
    assert does_the_same(renamed, PLAN)
    slower = replace(PLAN, steps=(replace(PLAN.steps[0], duration=7.0), PLAN.steps[1]))
    assert plan_hash(slower) != plan_hash(PLAN)
    assert not does_the_same(slower, PLAN)
    assert not does_the_same(replace(PLAN, limits={}), PLAN)


def test_changing_one_step_changes_one_line() -> None:
    before, after = plan_to_text(PLAN).splitlines(), plan_to_text(plan_from_text(edited(start=0.5), "")).splitlines()
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_a_version_0_file_opens() -> None:
    old = {
        "schema": "humanoid-workbench/plan/0",
        "name": "old",
        "tracks": {
            "legs": [{"id": "a", "skill": "walk", "start": 0, "duration": 5, "parameters": {"station": "rack"}}],
            "head": [
                {"id": "b", "skill": "look", "start": 5, "duration": 1, "parameters": {"object": "tote"}, "depends_on": ["a"]}
            ],
        },
    }
    plan = plan_from_text(json.dumps(old), "")
    assert plan.step("b").after == ("a",)
    assert plan.step("a").parameters["speed"] == 0.35
    assert plan_to_text(plan).count(SCHEMA) == 1


def test_a_newer_file_names_found_and_supported() -> None:
    error = refusal(plan_to_text(PLAN).replace("plan/1", "plan/7"))
    assert error.code == "plan.schema_newer"
    assert (error.params["found"], error.params["supported"]) == ("humanoid-workbench/plan/7", SCHEMA)
    assert refusal('{"schema": "otherthing/1"}').code == "plan.no_schema"


def test_a_truncated_file_names_line_and_column() -> None:
    error = refusal(plan_to_text(PLAN)[:150])
    assert error.code == "plan.not_json"
    assert int(str(error.params["line"])) >= 2
    assert int(str(error.params["column"])) >= 1


@pytest.mark.parametrize(
    ("changes", "code", "named"),
    [
        ({"skill": "fly"}, "plan.file_unknown_skill", "walk"),
        ({"track": "wings"}, "plan.file_unknown_track", "legs"),
        ({"track": "head"}, "plan.field", "legs"),
        ({"parameters": {"sped": 1}}, "plan.file_unknown_parameter", "speed"),
        ({"parameters": {"speed": 9}}, "plan.file_parameter", "0.8"),
        ({"parameters": {"speed": "fast"}}, "plan.file_parameter", "number"),
        ({"parameters": {"speed": [1]}}, "plan.field", "speed"),
        ({"afer": ["look-1"]}, "plan.field", "after"),
        ({"start": -1}, "plan.field", "start"),
        ({"start": None}, "plan.field", "start"),
        ({"duration": 0}, "plan.field", "duration"),
        ({"after": ["nobody"]}, "plan.file_unknown_step", "look-1"),
        ({"id": "look-1"}, "plan.file_duplicate_id", "look-1"),
    ],
)
def test_faults_are_named_with_what_is_valid(changes: dict[str, object], code: str, named: str) -> None:
    error = refusal(edited(**changes))
    assert error.code == code
    assert named in " ".join(map(str, error.params.values()))


def test_not_a_number_is_refused() -> None:
    assert refusal(plan_to_text(PLAN).replace('"start": 0.0', '"start": NaN')).code == "plan.field"
    assert refusal("[]").code == "plan.field"
    assert refusal("[" * 100_000).code == "plan.not_json"
