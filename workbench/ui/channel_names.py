"""Names of joints, channels and columns in the user's language, made from the words they consist of, for any robot."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.timeseries import Channel
from workbench.i18n import Translator

_AXES = {"yaw", "pitch", "roll"}


def joint_name(tr: Translator, joint: str) -> str:
    """A joint in words: its own entry (``joint.<name>``) if there is one, else its parts ("left_knee_joint": "Left knee")."""
    if tr.has(f"joint.{joint}"):
        return tr(f"joint.{joint}")
    parts = [p for p in joint.removesuffix("_joint").split("_") if p]
    words = [tr(f"channel.part.{p}") if tr.has(f"channel.part.{p}") else p for p in parts]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def side_of(joint: str) -> str:
    """ "left", "right" or "" by the parts of a name."""
    parts = joint.split("_")
    return next((side for side in ("left", "right") if side in parts), "")


def without_side(joint: str) -> str:
    """The name without the words left and right, for tables with one column a side."""
    return "_".join(p for p in joint.split("_") if p not in ("left", "right"))


def channel_name(tr: Translator, name: str) -> str:
    """A channel in words; its own name where none are known."""
    if tr.has(f"channel.{name}"):
        return tr(f"channel.{name}")
    if name.startswith("object.") and name.endswith(".pose"):
        return tr("channel.object_pose", object=name.removeprefix("object.").removesuffix(".pose"))
    return name


def column_name(tr: Translator, channel: str, column: str) -> str:
    """A column in words: a joint, a side, or the letter it is."""
    if channel.startswith("joint."):
        return joint_name(tr, column)
    return tr(f"channel.part.{column}") if tr.has(f"channel.part.{column}") else column


@dataclass(frozen=True, slots=True)
class ShownUnit:
    """How a channel's SI values are shown: multiplied by ``factor``, with ``unit``."""

    unit: str
    factor: float = 1.0


def shown_unit(channel: Channel) -> ShownUnit:
    """Degrees for rad, mm for the margin, nothing for ratios and poses; every other unit as it is."""
    if channel.name == "balance.margin":
        return ShownUnit("mm", 1000.0)
    if channel.unit == "rad":
        return ShownUnit("°", 180.0 / math.pi)
    if channel.unit == "rad/s":
        return ShownUnit("°/s", 180.0 / math.pi)
    if channel.unit == "1":
        return ShownUnit("")
    return ShownUnit(channel.unit)
