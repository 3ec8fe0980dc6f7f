"""Words and figures that several panels show alike: names of steps, stations and objects, quantities, findings, refusals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from sim.cell import WorkCell
from sim.preflight.finding import Finding
from workbench.errors import WorkbenchError
from workbench.i18n import Translator
from workbench.plan.model import ParameterValue, Plan, Step
from workbench.plan.skills import DEVICE_KINDS, SKILLS, ParameterSpec
from workbench.session import Session
from workbench.ui.channel_names import joint_name

#: SI unit -> (shown unit, factor); lengths below one metre are shown in mm.
_SHOWN: Mapping[str, tuple[str, float]] = {
    "rad": ("°", 180.0 / math.pi),
    "rad/s": ("°/s", 180.0 / math.pi),
    "ratio": ("%", 100.0),
    "1": ("%", 100.0),
    "": ("", 1.0),
}
_Params = dict[str, object]


@dataclass(frozen=True, slots=True)
class Wording:
    """Names in one language for one cell."""

    tr: Translator
    cell: WorkCell

    @staticmethod
    def of(tr: Translator, session: Session) -> Wording:
        """The wording for what a session has open."""
        return Wording(tr, session.cell)

    def station(self, station_id: str) -> str:
        """Name of a station; its id where the cell has none such."""
        found = self.cell.stations.get(station_id)
        return self.tr.named(found.name) or station_id if found else station_id

    def slot(self, slot_id: str) -> str:
        """A slot as the user knows it: its id in spaced words."""
        return self.tr(f"slot.{slot_id}") if self.tr.has(f"slot.{slot_id}") else slot_id.replace("_", " ")

    def object(self, object_id: str) -> str:
        """Name of a workpiece; its id where the cell has none such."""
        found = self.cell.objects.get(object_id)
        return self.tr.named(found.name) or object_id if found else object_id

    def device(self, device_id: str) -> str:
        """Name of a button, door or fixture; its id where the cell has none such."""
        found = self.cell.devices.get(device_id)
        return self.tr.named(found.name) or device_id if found else device_id

    def hand(self, side: str) -> str:
        """Name of a hand; of "" the nearer one."""
        return self.tr(f"hand.{side or 'nearer'}")

    def objects_named(self, text: str) -> str:
        """A text such as "tote 3.00 kg, housing 1.20 kg" with the names of the workpieces for their ids."""
        parts = (part.strip().partition(" ") for part in text.split(","))
        return ", ".join(f"{self.object(first)}{space}{rest}" for first, space, rest in parts)

    def assumptions(self, assumptions: Mapping[str, str]) -> list[tuple[str, str]]:
        """Names and values of what a verdict assumes; a key without a word in spaced words."""
        tr, found = self.tr, []
        for key, value in assumptions.items():
            name = (
                tr(f"assumption.{key}") if tr.has(f"assumption.{key}") else key.replace("_", " ").replace(".", " ").capitalize()
            )
            shown = tr(f"assumption.value.{value}") if tr.has(f"assumption.value.{value}") else value
            found.append((name, self.objects_named(shown) if key == "objects" else shown))
        return found

    def skill(self, skill: str) -> str:
        """Name of a skill."""
        return self.tr(f"skill.{skill}")

    def track(self, track: str) -> str:
        """Name of a track."""
        return self.tr(f"track.{track}")

    def body(self, body: str) -> str:
        """A joint, object or station as the user knows it; its id in spaced words where there is no name."""
        if body in self.cell.objects:
            return self.object(body)
        if body in self.cell.stations:
            return self.station(body)
        return self.joint(body)

    def joint(self, joint: str) -> str:
        """Name of a joint."""
        return joint_name(self.tr, joint)

    def step(self, step: Step) -> str:
        """The user's own name, or one made of skill and what it acts on: "Walk to rack", "Grasp tote"."""
        if step.name:
            return step.name
        station, thing = str(step.parameters.get("station", "")), str(step.parameters.get("object", ""))
        back = step.parameters.get("step_back", 0.0)
        if step.skill == "walk" and isinstance(back, int | float) and back > 0:
            return self.tr("timeline.step.walk_back", distance=number(back))
        key = f"timeline.step.{step.skill}"
        if not self.tr.has(key):
            return self.skill(step.skill)
        values: dict[str, str] = {
            "station": self._inside(self.station(station)),
            "object": self._inside(self.object(thing)),
            "name": str(step.parameters.get("name", "")),
        }
        for kind in DEVICE_KINDS:
            values[kind] = self._inside(self.device(str(step.parameters.get(kind, ""))))
        missing = any("{" + k + "}" in self.tr.words[key] and not v for k, v in values.items())
        return self.skill(step.skill) if missing else self.tr(key, **values)

    def _inside(self, name: str) -> str:
        """A name as it stands within an English sentence: "Pallet rack" small, "CNC mill" as it is."""
        if self.tr.language == "en" and len(name) > 1 and name[0].isupper() and name[1].islower():
            return name[0].lower() + name[1:]
        return name

    def step_by_id(self, plan: Plan, step_id: str) -> str:
        """Name of a step of a plan; the id where it has none such."""
        return next((self.step(s) for s in plan.steps if s.id == step_id), step_id)

    def finding(self, finding: Finding) -> str:
        """What is wrong, in one sentence without the step."""
        text = self.tr(f"finding.{finding.code}", **self._params(finding))
        return text[:1].upper() + text[1:]

    def hint(self, finding: Finding) -> str:
        """What to do about it; "" where the finding names nothing."""
        if not finding.hint:
            return ""
        return self.tr(f"hint.{finding.hint}", **self._params(finding))

    def check(self, check: str, body: str = "") -> str:
        """Name of a check, with the body it concerns."""
        name = self.tr(f"check.{check}")
        return f"{name}, {self.body(body)}" if body else name

    def refusal(self, error: WorkbenchError, plan: Plan) -> str:
        """Why an edit was refused, with steps called by their shown names."""
        params = dict(error.params)
        for key in ("step", "other"):
            step_id = params.get(f"{key}_id")
            if isinstance(step_id, str):
                params[key] = self.step_by_id(plan, step_id)
        parameter, skill, resource = params.get("parameter"), params.get("skill"), params.get("resource")
        if isinstance(parameter, str):
            params["parameter"] = self.tr(f"parameter.{parameter}")
        if isinstance(skill, str):
            params["skill"] = self.skill(skill)
        if isinstance(resource, str):
            params["resource"] = self.track(resource)
        return self.tr(f"error.{error.code}", **params)

    def parameter_value(self, spec: ParameterSpec, value: ParameterValue) -> str:
        """A parameter's value with its unit."""
        if spec.kind == "station":
            return self.station(str(value))
        if spec.kind == "object":
            return self.object(str(value))
        if spec.kind in DEVICE_KINDS:
            return self.device(str(value))
        if spec.kind == "hand":
            return self.hand(str(value))
        if spec.kind != "number":
            return str(value)
        return f"{number(float(value) * spec.shown_factor)} {spec.shown_unit or spec.unit}".strip()

    def parameters(self, step: Step) -> str:
        """All parameters of a step in one line: "Speed 0.35 m/s, Station Bench"."""
        spec = SKILLS.get(step.skill)
        if spec is None:
            return ""
        shown = ((p, step.parameters.get(p.name, p.default)) for p in spec.parameters)
        return ", ".join(f"{self.tr(f'parameter.{p.name}')} {self.parameter_value(p, v)}" for p, v in shown if v != "")

    def _params(self, finding: Finding) -> _Params:
        params: _Params = {"body": self._inside(self.body(finding.body)) if finding.body else "", **finding.params}
        for name, value in params.items():
            if isinstance(value, str) and name in ("station", "object", "device", "other", "first", "second"):
                params[name] = self._inside(self.body(value))
        for name, shown in (("measured", finding.measured), ("limit", finding.limit)):
            if name not in finding.params and shown is not None:
                params[name] = quantity(shown, finding.unit, finding.limit)
        parameter = params.get("parameter")
        if isinstance(parameter, str):
            spec = _parameter_spec(finding, parameter, params)
            params["parameter"] = self.tr(f"parameter.{parameter}")
            value = params.get("value")
            if spec is not None and isinstance(value, int | float | str):
                params["value"] = self.parameter_value(spec, value)
        return params


def _parameter_spec(finding: Finding, parameter: str, params: Mapping[str, object]) -> ParameterSpec | None:
    skill = params.get("skill", finding.step.rsplit("-", 1)[0])
    spec = SKILLS.get(str(skill))
    return spec.parameter(parameter) if spec else None


def shown_unit(unit: str, reference: float | None = None) -> tuple[str, float]:
    """Unit and factor to show an SI value in; lengths whose ``reference`` is below 1 m in mm."""
    if unit == "m" and (reference is None or abs(reference) < 1.0):
        return "mm", 1000.0
    return _SHOWN.get(unit, (unit, 1.0))


def quantity(value: float, unit: str, reference: float | None = None) -> str:
    """ "6 mm", "91 %", "42.5 N·m": an SI value in shown units; ``reference`` keeps measured and limit in one unit."""
    name, factor = shown_unit(unit, value if reference is None else reference)
    return f"{number(value * factor)} {name}".strip() if name != "°" else f"{number(value * factor)}°"


def number(value: float) -> str:
    """Three significant digits at most, no exponent, no trailing zeros, a true minus sign."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "–"
    size = abs(value)
    text = f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 0.1 else f"{value:.3f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text.replace("-", "−")


def seconds_range(start: float | None, end: float | None) -> str:
    """ "15.7–17.1 s", "36.0 s", "" where there is no time."""
    if start is None:
        return ""
    if end is None or abs(end - start) < 0.05:
        return f"{start:.1f} s"
    return f"{start:.1f}–{end:.1f} s"
