"""From the joint names of a log to those of a robot, by a file beside the robot's profile; no robot is known here by name.

``log_names.toml``::

    schema = "humanoid-workbench/log-names/1"
    [joints]
    kLeftElbow = "left_elbow_joint"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sim.recording import Recording
from sim.robot import RobotModel
from sim.timeseries import Channel, TimeSeries
from workbench.errors import WorkbenchError
from workbench.telemetry.problems import problem

SCHEMA = "humanoid-workbench/log-names/1"


def log_names(robot: RobotModel) -> dict[str, str]:
    """Log name -> joint of the robot; the robot's own names are always among them.

    Raises:
        WorkbenchError: ``log.names_invalid`` (file and what is wrong).
    """
    names = {j: j for j in robot.joint_names}
    path = robot.folder / "log_names.toml"
    if not path.is_file():
        return names
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WorkbenchError("log.names_invalid", path=str(path), reason=str(error)) from error
    joints = data.get("joints")
    if data.get("schema") != SCHEMA or not isinstance(joints, Mapping):
        raise WorkbenchError("log.names_invalid", path=str(path), reason=f"schema {SCHEMA} with a table [joints] is needed")
    for log_name, joint in joints.items():
        if joint not in robot.joint_names:
            raise WorkbenchError("log.names_invalid", path=str(path), reason=f"{log_name} = {joint}: the robot has no such joint")
        names[str(log_name)] = str(joint)
    return names


def with_robot_names(recording: Recording, robot: RobotModel, path: Path) -> Recording:
    """The recording with its joint channels named by the robot's joints; other columns go to ``other.*`` channels.

    Nothing is dropped and nothing is made up: joints that the log does not hold are not in the result either.

    Raises:
        WorkbenchError: ``log.no_joint_known`` or ``log.names_invalid``.
    """
    names = log_names(robot)
    series: dict[str, TimeSeries] = {}
    unmapped: dict[str, None] = {}
    mapped: dict[str, None] = {}
    for s in recording.series.values():
        columns = s.channel.columns
        if not s.channel.name.startswith("joint."):
            series[s.channel.name] = s
            continue
        known = [i for i, c in enumerate(columns) if c in names]
        known.sort(key=lambda i: robot.index(names[columns[i]]))
        rest = [i for i, c in enumerate(columns) if c not in names]
        if known:
            taken = tuple(names[columns[i]] for i in known)
            series[s.channel.name] = TimeSeries(
                Channel(s.channel.name, s.channel.unit, taken, s.channel.frame), s.t, s.values[:, known]
            )
            mapped.update(dict.fromkeys(taken))
        if rest:
            other = "other." + s.channel.name.removeprefix("joint.")
            left = tuple(columns[i] for i in rest)
            # What these are is not known here, so neither is their unit.
            series[other] = TimeSeries(Channel(other, "1", left), s.t, s.values[:, rest])
            unmapped.update(dict.fromkeys(left))
    if not mapped:
        raise WorkbenchError("log.no_joint_known", path=str(path), robot=robot.id, names=", ".join(unmapped) or "-")
    problems = list(recording.header.problems)
    if unmapped:
        problems.append(problem("log.unmapped", count=len(unmapped), names=", ".join(unmapped)))
    missing = [j for j in robot.joint_names if j not in mapped]
    assumptions = dict(recording.header.assumptions)
    if missing:
        assumptions["joints_not_logged"] = ", ".join(missing)
    position = series.get("joint.position")
    joints = position.channel.columns if position is not None else tuple(sorted(mapped, key=robot.index))
    header = replace(
        recording.header,
        robot_id=robot.id,
        robot_hash=robot.content_hash,
        joint_names=joints,
        assumptions=assumptions,
        problems=tuple(problems),
    )
    return replace(recording, header=header, series=series)
