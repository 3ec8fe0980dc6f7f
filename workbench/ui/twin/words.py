"""Words over the picture and the question whether anything in it changed. No widgets."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from sim.snapshot import Snapshot
from workbench.i18n import Translator
from workbench.session import Session
from workbench.ui.channel_names import joint_name
from workbench.ui.context import UiContext
from workbench.ui.twin.follow import Shown
from workbench.ui.twin.marks import Marks
from workbench.ui.wording import Wording


def caption_words(tr: Translator, caption: tuple[str, Mapping[str, object]] | None) -> str:
    """A caption with its numbers to the hundredth; "" for none."""
    if caption is None:
        return ""
    key, params = caption
    return tr(key, **{k: f"{v:.2f}" if isinstance(v, float) else v for k, v in params.items()})


def figure_words(tr: Translator, marks: Marks, snapshot: Snapshot, *, in_operation: bool) -> tuple[str, str]:
    """Two lines of figures: support polygon (margin while a robot moves) and the loads of the feet, "" where unknown."""
    first, second = tr("twin.support_polygon", area=f"{marks.area:.3f}"), ""
    if snapshot.foot_force is not None:
        left, right = (max(0.0, float(f[2])) for f in snapshot.foot_force)
        second = tr("twin.feet", left=f"{left:.0f}", right=f"{right:.0f}")
    if in_operation and marks.margin is not None:
        first = tr("twin.margin", mm=f"{1000 * marks.margin:.0f}")
    return first, second


def note_words(context: UiContext, quality: str, *, coming: bool) -> str:
    """What is to be known of the picture as a whole, "" for nothing."""
    tr, session = context.tr, context.session
    if coming:
        return tr("twin.loading", name=tr.named(session.robot.profile.name))
    return tr("twin.software") if quality == "low" and session.simulated is None else ""


def selection_label(session: Session, snapshot: Snapshot | None, tr: Translator) -> str:
    """The words on the chip of the selected thing."""
    selection, wording = session.selection, Wording.of(tr, session)
    if selection.object in session.cell.objects:
        return f"{wording.object(selection.object)}, {session.cell.objects[selection.object].mass:.1f} kg"
    if selection.station:
        return wording.station(selection.station)
    names = session.robot.joint_names
    if selection.joint in names and snapshot is not None and len(snapshot.joint_position) == len(names):
        value = float(snapshot.joint_position[names.index(selection.joint)])
        return f"{joint_name(tr, selection.joint)}  {math.degrees(value):.1f}°"
    return ""


def same_picture(a: Shown, b: Shown) -> bool:
    """Nothing has to be drawn anew."""
    return a.history is b.history and _equal(a.snapshot, b.snapshot) and _equal(a.ghost, b.ghost)


def _equal(a: Snapshot | None, b: Snapshot | None) -> bool:
    if a is None or b is None:
        return a is b
    return (
        a.time == b.time
        and np.array_equal(a.base_pose, b.base_pose)
        and np.array_equal(a.joint_position, b.joint_position)
        and a.objects.keys() == b.objects.keys()
    )
