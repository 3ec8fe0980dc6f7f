"""What the four comparison panels share: names of rows and steps, shown units, the selected cell. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.robot import SIDES, RobotModel
from workbench.comparison.comparison import Comparison
from workbench.i18n import Translator
from workbench.session import Session
from workbench.ui.channel_names import joint_name
from workbench.ui.wording import Wording

Array = NDArray[np.float64]

GROUPS = ("legs", "body", "arms", "other")
_SHOWN = {"position": ("°", 180.0 / math.pi), "velocity": ("°/s", 180.0 / math.pi), "torque": ("N·m", 1.0)}


@dataclass(frozen=True, slots=True)
class StepColumn:
    """A column of the heat map: step id ("" for the whole run), number, words, span in s."""

    id: str
    number: str
    words: str
    start: float
    end: float


def unit_of(found: Comparison) -> tuple[str, float]:
    """Shown unit and factor from SI."""
    return _SHOWN[found.quantity]


def grouped_joints(found: Comparison, robot: RobotModel) -> list[tuple[str, list[int]]]:
    """Row indices of the comparison's joints by group, each in the robot's order; joints it does not have come last."""
    profile = robot.profile
    member: dict[str, str] = {}
    for side in SIDES:
        if side in profile.legs:
            member |= dict.fromkeys(profile.legs[side].joints, "legs")
        if side in profile.arms:
            member |= dict.fromkeys(profile.arms[side].joints, "arms")
            gripper = profile.arms[side].gripper
            if gripper is not None:
                member |= dict.fromkeys(gripper.joints, "arms")
    member |= dict.fromkeys((*profile.waist_joints, *profile.head_joints), "body")
    rows: dict[str, list[int]] = {group: [] for group in GROUPS}
    for i, name in enumerate(found.joint_names):
        rows[member.get(name, "other")].append(i)
    order = {name: i for i, name in enumerate(robot.joint_names)}
    for indices in rows.values():
        indices.sort(key=lambda i: order.get(found.joint_names[i], 10_000 + i))
    return [(group, indices) for group, indices in rows.items() if indices]


def columns_of(found: Comparison, session: Session, tr: Translator) -> list[StepColumn]:
    """The steps; one column for the whole run where there are none."""
    if not found.steps:
        start = float(found.time[0]) if len(found.time) else 0.0
        end = float(found.time[-1]) if len(found.time) else 0.0
        return [StepColumn("", "", tr("compare.whole_run"), start, end)]
    wording = Wording.of(tr, session)
    known = {s.id for s in session.plan.steps}
    out = []
    for i, step in enumerate(found.steps, 1):
        words = wording.step_by_id(session.plan, step.id) if step.id in known else wording.skill(step.skill)
        out.append(StepColumn(step.id, str(i), words, step.start, step.end))
    return out


def heat_of(found: Comparison) -> Array:
    """(joints, columns) RMSE over tolerance; NaN where nothing is known."""
    if found.steps:
        return found.heat()
    rmse = np.array([j.rmse for j in found.joints])
    return np.asarray((rmse / np.array(found.tolerance))[:, None])


def selected_joint(found: Comparison, session: Session) -> str:
    """The joint that all panels show: the selected one, else the one with the largest error over its tolerance."""
    if session.selection.joint in found.joint_names:
        return session.selection.joint
    share = np.array([j.rmse for j in found.joints]) / np.array(found.tolerance)
    if not len(share) or np.all(np.isnan(share)):
        return found.joint_names[0] if found.joint_names else ""
    return found.joint_names[int(np.nanargmax(share))]


def selected_span(found: Comparison, session: Session) -> StepColumn | None:
    """The selected step's span, None where no step of the comparison is selected."""
    chosen = session.selection.steps[0] if session.selection.steps else ""
    step = next((s for s in found.steps if s.id == chosen), None)
    return StepColumn(step.id, "", "", step.start, step.end) if step is not None else None


def select_cell(session: Session, found: Comparison, joint: str, column: StepColumn) -> None:
    """Select joint and step everywhere and go to the moment of the largest difference within the step."""
    steps = (column.id,) if column.id else session.selection.steps
    session.select(replace(session.selection, joint=joint, steps=steps, station="", object="", finding=None))
    session.set_playhead(worst_time(found, joint, column.start, column.end))


def worst_time(found: Comparison, joint: str, start: float, end: float) -> float:
    """When a joint differs most between ``start`` and ``end``, s; ``start`` where nothing is known."""
    if joint not in found.joint_names:
        return start
    i = found.joint_names.index(joint)
    inside = (found.time >= start) & (found.time <= end)
    error = np.abs(found.b[inside, i] - found.a[inside, i])
    if not len(error) or np.all(np.isnan(error)):
        return start
    return float(found.time[inside][int(np.nanargmax(error))])


def series_names(tr: Translator, found: Comparison) -> tuple[str, str]:
    """Names of both sides: command and measurement, else real and twin (the chooser above names the recordings)."""
    names = []
    for name, role in ((found.a_name, "real"), (found.b_name, "twin")):
        known = name in ("command", "measured")
        names.append(tr(f"compare.series.{name}") if known else tr(f"compare.{role}"))
    return names[0], names[1]


def joint_words(tr: Translator, joint: str) -> str:
    """A joint in words."""
    return joint_name(tr, joint)
