"""The skills a plan is made of: each declares its track, family and parameters once; forms, checks and help come from here."""

from __future__ import annotations

import math
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
_FIXTURE = ParameterSpec("fixture", "fixture", default="")
_DOOR = ParameterSpec("door", "door", default="")
_SLOT = ParameterSpec("slot", "slot", default="")
_LIFT = ParameterSpec(
    "height", unit="m", default=0.08, minimum=0.03, maximum=0.25, increment=0.01, shown_unit="mm", shown_factor=1000.0
)
_GRIP = ParameterSpec("grip", unit="N", default=40.0, minimum=10.0, maximum=54.0, increment=1.0, shown_unit="N")
_PUSH_IN = ParameterSpec("push", unit="N", default=15.0, minimum=5.0, maximum=40.0, increment=1.0, shown_unit="N")
_OPENING = ParameterSpec(
    "angle",
    unit="rad",
    default=math.radians(60.0),
    minimum=math.radians(15.0),
    maximum=math.radians(90.0),
    increment=math.radians(5.0),
    shown_unit="°",
    shown_factor=180.0 / math.pi,
)
#: What steps of one hand occupy: they lie on the track of both hands, for the other rests meanwhile, and the feet stand.
_ONE_HAND = ("both_hands", "legs")
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
            _ONE_HAND,
            6.0,
        ),
        SkillSpec("pick", "both_hands", (_OBJECT, _HAND, _HAND_SPEED, _LIFT, _GRIP), "speed", 14.0, _ONE_HAND, 8.0),
        SkillSpec("put", "both_hands", (_OBJECT, _STATION, _SLOT, _HAND_SPEED), "speed", 14.0, _ONE_HAND, 9.0),
        SkillSpec("handover", "both_hands", (_OBJECT, _HAND, _HAND_SPEED, _GRIP), "speed", 23.0, _ONE_HAND, 15.0),
        SkillSpec("open_door", "both_hands", (_DOOR, _HAND, _HAND_SPEED, _OPENING), "speed", 17.0, _ONE_HAND, 12.0),
        SkillSpec("insert", "both_hands", (_OBJECT, _FIXTURE, _HAND_SPEED, _PUSH_IN), "speed", 17.0, _ONE_HAND, 11.0),
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
