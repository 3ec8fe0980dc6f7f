"""Figures that Operate shows, made from the newest samples. No Qt. Where a source delivers nothing, there is nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.robot import SIDES, RobotModel
from workbench.ui.channel_names import side_of, without_side
from workbench.ui.live_samples import Tail

Array = NDArray[np.float64]

#: From this share of its limit a torque is worth a look; the reserve that preflight wants too.
ATTENTION = 0.85
_RECENT_S = 0.3


@dataclass(frozen=True, slots=True)
class JointValue:
    """A joint's newest figures: |torque| over its limit (0..1 and more), tracking error rad (or m); None: not delivered."""

    joint: str
    load: float | None
    error: float | None


@dataclass(frozen=True, slots=True)
class HealthRow:
    """One line: the joint's name without its side, and its left, right or middle values."""

    base: str
    left: JointValue | None = None
    right: JointValue | None = None
    middle: JointValue | None = None


def health_rows(robot: RobotModel, tails: Mapping[str, Tail]) -> list[HealthRow]:
    """All joints of the robot that the source sends torques or positions of, paired left and right, in the robot's order."""
    load, error = newest_loads(robot, tails), newest_errors(tails)
    rows: dict[str, dict[str, JointValue]] = {}
    for joint in robot.joint_names:
        value = JointValue(joint, load.get(joint), error.get(joint))
        if value.load is None and value.error is None:
            continue
        rows.setdefault(without_side(joint), {})[side_of(joint) or "middle"] = value
    return [HealthRow(base, v.get("left"), v.get("right"), v.get("middle")) for base, v in rows.items()]


def newest_loads(robot: RobotModel, tails: Mapping[str, Tail]) -> dict[str, float]:
    """Largest |torque| over limit of the last 0.3 s by joint, for joints with a limit."""
    tail, limits = tails.get("joint.torque"), robot.profile.torque_limits
    if tail is None or not len(tail.t):
        return {}
    recent = tail.values[int(np.searchsorted(tail.t, tail.t[-1] - _RECENT_S)) :]
    if np.all(np.isnan(recent)):
        return {}
    peaks = np.nanmax(np.abs(recent), axis=0, initial=0.0)
    return {name: float(peaks[i]) / limits[name] for i, name in enumerate(tail.channel.columns) if limits.get(name, 0.0) > 0}


def newest_errors(tails: Mapping[str, Tail]) -> dict[str, float]:
    """|command - measured| now by joint, rad or m."""
    found = tracking_error(tails, newest_only=True)
    if found is None:
        return {}
    names, _, errors = found
    return {name: float(e) for name, e in zip(names, errors[-1], strict=True) if np.isfinite(e)} if len(errors) else {}


def tracking_error(tails: Mapping[str, Tail], newest_only: bool = False) -> tuple[tuple[str, ...], Array, Array] | None:
    """Joint names, times (N,) and |command - measured| (N, joints), the command being the newest one at each measurement."""
    command, measured = tails.get("joint.command"), tails.get("joint.position")
    if command is None or measured is None or not len(command.t) or not len(measured.t):
        return None
    names = tuple(n for n in measured.channel.columns if n in command.channel.columns)
    if not names:
        return None
    t = measured.t[-1:] if newest_only else measured.t
    rows = measured.values[-1:] if newest_only else measured.values
    at = np.clip(np.searchsorted(command.t, t, side="right") - 1, 0, len(command.t) - 1)
    mine = [measured.channel.columns.index(n) for n in names]
    theirs = [command.channel.columns.index(n) for n in names]
    return names, t, np.abs(command.values[at][:, theirs] - rows[:, mine])


def knee_loads(robot: RobotModel, torque: Tail) -> dict[str, Array]:
    """|torque| of the knees in % of their limit (N,), by side; absent where there is no knee or no limit."""
    out: dict[str, Array] = {}
    for side in SIDES:
        leg = robot.profile.legs.get(side)
        if leg is None or leg.knee not in torque.channel.columns:
            continue
        limit = robot.profile.torque_limits.get(leg.knee, 0.0)
        if limit > 0:
            out[side] = np.asarray(100.0 * np.abs(torque.values[:, torque.channel.columns.index(leg.knee)]) / limit)
    return out
