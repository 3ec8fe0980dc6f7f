"""Checked fields of a cell file: each takes raw data and where it stands, and says in a ``ValueError`` what is wrong there."""

from __future__ import annotations

import math
from typing import Any

from sim.transforms import Pose


def pose(values: Any) -> Pose:
    """x, y, z and optionally yaw."""
    x, y, z, *rest = finite(values, "pose")
    return Pose.from_xyz_yaw(x, y, z, rest[0] if rest else 0.0)


def text(value: Any, where: str) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{where}: {value!r} is no text")
    return value


def names(value: Any, where: str) -> dict[str, str]:
    """Names by language, such as ``{en = "Rack", ko = "랙"}``; one text is a name in every language."""
    if isinstance(value, str):
        return {"en": value}
    if not isinstance(value, dict) or not value or not all(isinstance(v, str) for v in value.values()):
        raise ValueError(f"{where}: the name must be a text, or a text for each language")
    return dict(value)


def finite(values: Any, where: str) -> list[float]:
    """Numbers, each finite."""
    numbers = [float(v) for v in values]
    if not all(map(math.isfinite, numbers)):
        raise ValueError(f"{where}: {values} holds a number that is none")
    return numbers


def positive(value: Any, where: str, what: str) -> float:
    """A number above zero."""
    number = float(value)
    if not (math.isfinite(number) and number > 0.0):
        raise ValueError(f"{where}: {what} must be a positive number, not {value}")
    return number


def distinct(what: str, given: list[str]) -> None:
    """Names must differ, and be free of ``/``, which joins names in the physics model."""
    for number, name in enumerate(given):
        if name in given[:number]:
            raise ValueError(f"{what} {name!r} is there twice")
        if not name or "/" in name:
            raise ValueError(f"{what} {name!r}: a name must not be empty or hold '/'")


def one_of(value: str, valid: tuple[str, ...], where: str = "") -> str:
    """One of some words."""
    if value not in valid:
        raise ValueError(f"{where}{': ' if where else ''}{value!r} is none of {', '.join(valid)}")
    return value
