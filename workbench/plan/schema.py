"""The plan as a file: JSON with a schema name, one step a line so that it diffs well, older versions upgraded in a chain.

A file that this program cannot read is refused with what was found and what would be valid; the file is never touched.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from workbench.errors import WorkbenchError
from workbench.plan.edits import EditRejected, checked_value
from workbench.plan.model import LIMITS, Marker, ParameterValue, Plan, Step
from workbench.plan.schedule import order
from workbench.plan.skills import SKILLS, TRACKS

SCHEMA_NAME = "humanoid-workbench/plan"
SCHEMA_VERSION = 1
SCHEMA = f"{SCHEMA_NAME}/{SCHEMA_VERSION}"


def _upgrade_0(data: dict[str, Any]) -> dict[str, Any]:
    """Version 0 kept steps in one list per track and named what a step waits for ``depends_on``."""
    steps = []
    for track, items in data.pop("tracks", {}).items():
        for item in items:
            step = dict(item)
            step["after"] = step.pop("depends_on", [])
            steps.append({**step, "track": track})
    return {**data, "steps": steps}


#: Version -> what makes the next version of its data. Every old version stays here for good.
UPGRADES: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {0: _upgrade_0}


def plan_to_text(plan: Plan) -> str:
    """The file's text: stable key order, one step and one marker a line."""

    def line(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)

    def block(name: str, items: list[dict[str, Any]], last: bool = False) -> list[str]:
        end = "" if last else ","
        if not items:
            return [f'  "{name}": []{end}']
        rows = [f"    {line(i)}," for i in items]
        rows[-1] = rows[-1][:-1]
        return [f'  "{name}": [', *rows, f"  ]{end}"]

    lines = ["{", f'  "schema": {line(SCHEMA)},', f'  "name": {line(plan.name)},']
    if plan.limits:
        lines.append(f'  "limits": {line(dict(sorted(plan.limits.items())))},')
    lines += block("steps", [_step_data(s) for s in sorted(plan.steps, key=order)])
    lines += block("markers", [{"time": m.time, "text": m.text} for m in plan.markers], last=True)
    return "\n".join([*lines, "}", ""])


def plan_from_text(text: str, where: str) -> Plan:
    """Read a plan.

    Args:
        text: the file's content.
        where: the file's path, for messages.

    Raises:
        WorkbenchError: ``plan.not_json`` (line, column), ``plan.no_schema``, ``plan.schema_newer`` (found, supported),
            ``plan.field`` (which, why), ``plan.file_unknown_skill``, ``plan.file_unknown_track``,
            ``plan.file_parameter``, ``plan.file_duplicate_id``, ``plan.file_unknown_step``.
    """
    data = upgrade(parse_json(text, where), SCHEMA_NAME, SCHEMA_VERSION, UPGRADES, where)
    reader = _Reader(where)
    reader.known(data, ("schema", "name", "limits", "steps", "markers"), "")
    steps = [_step(reader, raw, f"steps[{i}]") for i, raw in enumerate(reader.items(data, "steps"))]
    ids: set[str] = set()
    for step in steps:
        if step.id in ids:
            raise WorkbenchError("plan.file_duplicate_id", path=where, step=step.id)
        ids.add(step.id)
    for step in steps:
        for a in step.after:
            if a not in ids:
                raise WorkbenchError("plan.file_unknown_step", path=where, step=step.id, other=a, valid=", ".join(sorted(ids)))
    markers = tuple(
        Marker(reader.number(raw, "time", f"markers[{i}]."), reader.text(raw, "text", f"markers[{i}]."))
        for i, raw in enumerate(reader.items(data, "markers", optional=True))
    )
    limits = data.get("limits", {})
    if not isinstance(limits, dict):
        raise reader.fault("limits", "must be an object { ... }")
    for name in limits:
        if name not in LIMITS:
            raise reader.fault(f"limits.{name}", f"is unknown; valid: {', '.join(LIMITS)}")
    bounds = {name: reader.number(limits, name, "limits.") for name in limits}
    return Plan(reader.text(data, "name", ""), tuple(sorted(steps, key=order)), markers, bounds)


def plan_hash(plan: Plan) -> str:
    """SHA-256 of what the plan does: what a motion says it was compiled from. Names and markers do not count."""
    done = replace(plan, name="", markers=(), steps=tuple(replace(s, name="") for s in plan.steps))
    return hashlib.sha256(plan_to_text(done).encode()).hexdigest()


def parse_json(text: str, where: str) -> dict[str, Any]:
    """A JSON object; ``plan.not_json`` with line, column and reason, or ``plan.field`` when it is no object."""

    def refuse_constant(name: str) -> float:
        raise WorkbenchError("plan.field", path=where, field=name, reason=f"{name} is not a number")

    try:
        data = json.loads(text, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        raise WorkbenchError("plan.not_json", path=where, line=error.lineno, column=error.colno, reason=error.msg) from error
    except ValueError as error:  # a whole number of thousands of digits
        raise WorkbenchError("plan.not_json", path=where, line=1, column=1, reason=str(error)) from error
    except RecursionError as error:
        raise WorkbenchError("plan.not_json", path=where, line=1, column=1, reason="nested too deeply") from error
    if not isinstance(data, dict):
        raise WorkbenchError("plan.field", path=where, field="(file)", reason="must be an object { ... }")
    return data


def upgrade(
    data: dict[str, Any], name: str, version: int, upgrades: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]], where: str
) -> dict[str, Any]:
    """Data of the present schema version, older data upgraded step by step; newer or foreign data refused."""
    found = data.get("schema")
    family, _, number = found.rpartition("/") if isinstance(found, str) else ("", "", "")
    if family != name or not number.isdecimal():
        raise WorkbenchError("plan.no_schema", path=where, found=str(found), supported=f"{name}/{version}")
    if int(number) > version:
        raise WorkbenchError("plan.schema_newer", path=where, found=str(found), supported=f"{name}/{version}")
    for v in range(int(number), version):
        try:
            data = upgrades[v](dict(data))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise WorkbenchError("plan.field", path=where, field=f"schema {found}", reason=str(error)) from error
    return {**data, "schema": f"{name}/{version}"}


def _step_data(step: Step) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": step.id,
        "skill": step.skill,
        "track": step.track,
        "start": step.start,
        "duration": step.duration,
    }
    if step.name:
        data["name"] = step.name
    if step.after:
        data["after"] = list(step.after)
    spec = SKILLS.get(step.skill)
    names = [p.name for p in spec.parameters] if spec else sorted(step.parameters)
    data["parameters"] = {n: step.parameters[n] for n in names if n in step.parameters}
    return data


def _step(reader: _Reader, raw: Any, at: str) -> Step:
    if not isinstance(raw, dict):
        raise reader.fault(at, "must be an object { ... }")
    dot = at + "."
    reader.known(raw, ("id", "skill", "track", "start", "duration", "name", "after", "parameters"), dot)
    step_id = reader.text(raw, "id", dot)
    skill, track = reader.text(raw, "skill", dot), reader.text(raw, "track", dot)
    if not step_id:
        raise reader.fault(dot + "id", "is empty")
    if skill not in SKILLS:
        raise WorkbenchError("plan.file_unknown_skill", path=reader.where, step=step_id, skill=skill, valid=", ".join(SKILLS))
    if track not in TRACKS:
        raise WorkbenchError("plan.file_unknown_track", path=reader.where, step=step_id, track=track, valid=", ".join(TRACKS))
    if track != SKILLS[skill].track:
        raise reader.fault(dot + "track", f"{skill} belongs on {SKILLS[skill].track}")
    raw_parameters = raw.get("parameters", {})
    if not isinstance(raw_parameters, dict):
        raise reader.fault(dot + "parameters", "must be an object { ... }")
    parameters: dict[str, ParameterValue] = {p.name: p.default for p in SKILLS[skill].parameters}
    for name, value in raw_parameters.items():
        try:
            parameters[name] = checked_value(SKILLS[skill], name, value)
        except EditRejected as error:
            code = "plan.file_unknown_parameter" if error.code == "plan.unknown_parameter" else "plan.file_parameter"
            raise WorkbenchError(
                code, **{"expected": "number", **error.params, "path": reader.where, "step": step_id, **_allowed(error)}
            ) from error
        except TypeError as error:
            raise reader.fault(f"{dot}parameters.{name}", "must be a number or a text") from error
    after = raw.get("after", [])
    if not isinstance(after, list) or not all(isinstance(a, str) for a in after):
        raise reader.fault(dot + "after", "must be a list of step ids")
    start, duration = reader.number(raw, "start", dot), reader.number(raw, "duration", dot)
    if start < 0 or duration <= 0:
        raise reader.fault(
            dot + ("start" if start < 0 else "duration"), "must be 0 or more" if start < 0 else "must be more than 0"
        )
    name = reader.text(raw, "name", dot) if "name" in raw else ""
    return Step(step_id, skill, track, start, duration, parameters, tuple(after), name)


def _allowed(error: EditRejected) -> dict[str, object]:
    """One param ``allowed`` for both a wrong type and a value out of range."""
    p = error.params
    return {"allowed": f"{p['minimum']} .. {p['maximum']} {p['unit']}" if "minimum" in p else str(p.get("expected", ""))}


class _Reader:
    """Typed access to parsed JSON; every fault names file and field."""

    def __init__(self, where: str) -> None:
        self.where = where

    def fault(self, name: str, reason: str) -> WorkbenchError:
        return WorkbenchError("plan.field", path=self.where, field=name, reason=reason)

    def known(self, data: Mapping[str, Any], names: tuple[str, ...], at: str) -> None:
        """No other fields: a misspelt one would be lost with the next save."""
        for name in data:
            if name not in names:
                raise self.fault(at + str(name), f"is unknown; valid: {', '.join(names)}")

    def text(self, data: Mapping[str, Any], key: str, at: str) -> str:
        if not isinstance(data, Mapping) or key not in data:
            raise self.fault(at + key, "is missing")
        if not isinstance(data[key], str):
            raise self.fault(at + key, "must be a text")
        return str(data[key])

    def number(self, data: Mapping[str, Any], key: str, at: str) -> float:
        if not isinstance(data, Mapping) or key not in data:
            raise self.fault(at + key, "is missing")
        value = data[key]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fault(at + key, "must be a number")
        if not math.isfinite(value):
            raise self.fault(at + key, "must be finite")
        return float(value)

    def items(self, data: Mapping[str, Any], key: str, optional: bool = False) -> list[Any]:
        value = data.get(key, [] if optional else None)
        if not isinstance(value, list):
            raise self.fault(key, "is missing" if value is None else "must be a list")
        return value
