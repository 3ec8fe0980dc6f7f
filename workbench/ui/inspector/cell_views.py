"""The inspector of a station, a workpiece or a joint: its values, and a joint's at the playhead."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QVBoxLayout, QWidget

from sim.errors import SimError
from sim.preflight.facts import robot_facts
from sim.recording import Recording
from sim.robot import RobotModel
from workbench.ui.context import UiContext
from workbench.ui.inspector.sections import Section
from workbench.ui.wording import Wording, number


class FactsView(QWidget):
    """Sections of name and value, filled by the functions below."""

    def __init__(self, context: UiContext, sections: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.sections = tuple(Section() for _ in range(sections))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for section in self.sections:
            column.addWidget(section)


def show_station(view: FactsView, station_id: str) -> None:
    """Where a station stands, where the robot stands before it, what slots it has."""
    session, tr = view.context.session, view.context.tr
    station, words = session.cell.station(station_id), Wording.of(tr, session)
    section = view.sections[0]
    section.set_title(tr("inspector.station"))
    stand = station.stand_in_world()
    section.set_value("position", tr("inspector.position"), _metres(station.pose.x, station.pose.y))
    section.set_value("heading", tr("inspector.heading"), _degrees(station.pose.yaw))
    section.set_value("stand", tr("inspector.stand"), _metres(stand.x, stand.y), _degrees(stand.yaw))
    section.set_value("slots", tr("inspector.slots"), ", ".join(words.slot(s) for s in station.slots) or tr("inspector.none"))


def show_object(view: FactsView, object_id: str) -> None:
    """Size, mass, friction of a workpiece, and where it stands at the start."""
    session, tr = view.context.session, view.context.tr
    piece, words = session.cell.object(object_id), Wording.of(tr, session)
    section = view.sections[0]
    section.set_title(tr("inspector.object"))
    pose = session.cell.object_start(object_id)
    section.set_value("size", tr("inspector.size"), " × ".join(f"{v * 1000:.0f}" for v in piece.size) + " mm")
    section.set_value("mass", tr("inspector.mass"), f"{number(piece.mass)} kg")
    section.set_value("friction", tr("inspector.friction"), number(piece.friction))
    section.set_value("stands", tr("inspector.stands_on"), f"{words.station(piece.station)}, {words.slot(piece.slot)}")
    section.set_value("position", tr("inspector.position"), _metres(*(float(v) for v in pose.position)))


def show_joint(view: FactsView, joint: str) -> None:
    """What a joint may do, and what it does at the playhead."""
    session, tr = view.context.session, view.context.tr
    limits, now = view.sections[0], view.sections[1]
    limits.set_title(
        f"{tr('inspector.joint')}: {Wording.of(tr, session).joint(joint)}" if session.selection.steps else tr("inspector.joint")
    )
    slide, lowest, highest = _motion_of(session.robot, joint)
    profile = session.robot.profile
    effort, speed = ("N", "m/s") if slide else ("N·m", "°/s")
    if math.isfinite(lowest) and math.isfinite(highest):
        limits.set_value("range", tr("inspector.joint_range"), f"{_angle(lowest, slide)} … {_angle(highest, slide)}")
    if joint in profile.torque_limits:
        limits.set_value("torque", tr("inspector.torque_limit"), f"{number(profile.torque_limits[joint])} {effort}")
    if joint in profile.velocity_limits:
        factor = 1.0 if slide else 180.0 / math.pi
        limits.set_value("speed", tr("inspector.velocity_limit"), f"{number(profile.velocity_limits[joint] * factor)} {speed}")
    if joint in profile.home:
        limits.set_value("home", tr("inspector.home"), _angle(profile.home[joint], slide))
    recording = session.simulated.recording if session.simulated else None
    now.set_title(tr("inspector.now"), "" if recording is not None else tr("inspector.no_recording"))
    if recording is None:
        return
    for key, channel in (("angle", "joint.position"), ("command", "joint.command"), ("torque", "joint.torque")):
        value = sample(recording, channel, joint, session.playhead)
        text = "–" if value is None else f"{number(value)} {effort}" if key == "torque" else _angle(value, slide)
        note = ""
        limit = profile.torque_limits.get(joint)
        if key == "torque" and value is not None and limit:
            note = f"{abs(value) / limit * 100:.0f} %"
        now.set_value(key, tr(f"inspector.{key}"), text, note, strong=True)


def sample(recording: Recording, channel: str, joint: str, time: float) -> float | None:
    """Recorded value of a joint at or before a moment; None where it was not recorded."""
    series = recording.series.get(channel)
    if series is None or joint not in series.channel.columns or not len(series.t):
        return None
    value = float(series.at(time)[series.channel.columns.index(joint)])
    return value if math.isfinite(value) else None


def _motion_of(robot: RobotModel, joint: str) -> tuple[bool, float, float]:
    """Whether a joint slides, and its range (rad or m; infinite where the model sets none or cannot be read)."""
    try:
        facts = robot_facts(robot)
    except SimError:
        return False, -math.inf, math.inf
    index = robot.index(joint)
    return bool(facts.slides[index]), float(facts.ranges[index, 0]), float(facts.ranges[index, 1])


def _angle(value: float, slide: bool) -> str:
    return f"{number(value * 1000)} mm" if slide else f"{number(math.degrees(value))}°"


def _metres(*values: float) -> str:
    return ", ".join(f"{v:.2f}".replace("-", "−") for v in values) + " m"


def _degrees(yaw: float) -> str:
    return f"{number(math.degrees(yaw))}°"
