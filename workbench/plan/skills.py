"""The skills a plan is made of: each declares its track, family and parameters once; forms, checks and help come from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

DeviceKind = Literal["button", "door", "fixture"]
DEVICE_KINDS: tuple[DeviceKind, ...] = ("button", "door", "fixture")
ParameterKind = Literal["number", "station", "slot", "object", "text", "hand", "button", "door", "fixture"]
#: What a parameter of kind ``hand`` can be; "" is the nearer one.
HANDS = ("", "left", "right")
Family = Literal["legs", "hand", "head", "io"]

#: Track ids in drawing order with their family. Names come from the i18n key ``track.<id>``.
TRACKS: Mapping[str, Family] = {
    "legs": "legs",
    "both_hands": "hand",
    "left_hand": "hand",
    "right_hand": "hand",
    "head": "head",
    "io": "io",
}


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """A parameter of a skill: SI unit, default, inclusive range, and the factor and unit to show it in.

    Name in the user's language: i18n key ``parameter.<name>``.
    """

    name: str
    kind: ParameterKind = "number"
    unit: str = ""
    default: float | str = 0.0
    minimum: float = 0.0
    maximum: float = 0.0
    increment: float = 0.0
    shown_unit: str = ""
    shown_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class SkillSpec:
    """A skill: where its steps live, what they occupy and what can be set. Name: i18n key ``skill.<id>``.

    ``paced_by`` is the parameter that a change of length changes ("speed": inversely; "duration": directly), "" if none.
    ``settle`` is the part of the length in s that no speed shortens: shifting weight, looking, pressing.
    """

    id: str
    track: str
    parameters: tuple[ParameterSpec, ...]
    paced_by: str = ""
    default_duration: float = 2.0
    resources: tuple[str, ...] = ()
    settle: float = 0.0

    def parameter(self, name: str) -> ParameterSpec | None:
        """The parameter of that name, or None."""
        return next((p for p in self.parameters if p.name == name), None)


_STATION = ParameterSpec("station", "station", default="")
_OBJECT = ParameterSpec("object", "object", default="")
_WALK_SPEED = ParameterSpec("speed", unit="m/s", default=0.35, minimum=0.05, maximum=0.8, increment=0.01, shown_unit="m/s")
_HAND_SPEED = ParameterSpec("speed", unit="m/s", default=0.3, minimum=0.03, maximum=0.5, increment=0.01, shown_unit="m/s")
_HAND = ParameterSpec("hand", "hand", default="")
_BUTTON = ParameterSpec("button", "button", default="")
_BACK = ParameterSpec("step_back", unit="m", default=0.0, minimum=0.0, maximum=1.0, increment=0.05, shown_unit="m")

SKILLS: Mapping[str, SkillSpec] = {
    s.id: s
    for s in (
        SkillSpec("walk", "legs", (_STATION, _WALK_SPEED, _BACK), "speed", 7.0, ("legs",), 2.5),
        SkillSpec("carry", "legs", (_STATION, _WALK_SPEED), "speed", 14.0, ("legs", "both_hands"), 2.5),
        SkillSpec("look", "head", (_OBJECT,), "", 1.0, ("head",)),
        SkillSpec(
            "grasp",
            "both_hands",
            (
                _OBJECT,
                _HAND_SPEED,
                ParameterSpec(
                    "height",
                    unit="m",
                    default=0.12,
                    minimum=0.02,
                    maximum=0.3,
                    increment=0.01,
                    shown_unit="mm",
                    shown_factor=1000.0,
                ),
                ParameterSpec("force", unit="N", default=55.0, minimum=10.0, maximum=90.0, increment=1.0, shown_unit="N"),
            ),
            "speed",
            9.0,
            ("both_hands", "legs"),
            4.5,
        ),
        SkillSpec(
            "place",
            "both_hands",
            (_OBJECT, _STATION, ParameterSpec("slot", "slot", default=""), _HAND_SPEED),
            "speed",
            10.0,
            ("both_hands", "legs"),
            5.0,
        ),
        SkillSpec(
            "press",
            "both_hands",
            (
                _BUTTON,
                _HAND,
                _HAND_SPEED,
                ParameterSpec("push", unit="N", default=20.0, minimum=5.0, maximum=40.0, increment=1.0, shown_unit="N"),
            ),
            "speed",
            11.0,
            ("both_hands", "legs"),
            6.0,
        ),
        SkillSpec(
            "wait",
            "io",
            (ParameterSpec("duration", unit="s", default=1.0, minimum=0.1, maximum=600.0, increment=0.1, shown_unit="s"),),
            "duration",
            1.0,
        ),
        SkillSpec("signal", "io", (ParameterSpec("name", "text", default="done"),), "", 0.2),
    )
}
