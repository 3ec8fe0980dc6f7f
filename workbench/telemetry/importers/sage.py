"""SAGE logs: ``*_control.csv`` (commands), ``*_state_motor.csv`` (measured) and ``*_joint_list.txt`` side by side."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.recording import Recording, RecordingHeader
from sim.timeseries import Channel, TimeSeries
from workbench.errors import WorkbenchError
from workbench.telemetry.importers.timing import stamp_problems, to_seconds

Array = NDArray[np.float64]
_ENDINGS = ("control.csv", "state_motor.csv", "event.csv")


def read(path: Path) -> Recording:
    """Read a log by any of its files.

    Raises:
        WorkbenchError: ``log.unreadable`` (file and what is wrong).
    """
    ending = next((e for e in _ENDINGS if path.name.endswith(e)), None)
    if ending is None:
        raise WorkbenchError("log.unreadable", path=str(path), reason="a CSV log is named *_control.csv or *_state_motor.csv")
    prefix = path.name.removesuffix(ending)
    control, motor = path.with_name(prefix + "control.csv"), path.with_name(prefix + "state_motor.csv")
    listed = path.with_name(prefix + "joint_list.txt")
    tables = {p: _table(p) for p in (control, motor) if p.is_file()}
    if not tables:
        raise WorkbenchError("log.unreadable", path=str(path), reason="neither commands nor measurements lie beside it")
    names = listed.read_text(encoding="utf-8").split() if listed.is_file() else []
    zero = min(float(t[0]) for t, _ in tables.values())
    series: dict[str, TimeSeries] = {}
    problems: list[str] = []
    for file, (stamps, columns) in tables.items():
        t, notes = to_seconds(np.concatenate(([zero], stamps)))
        problems += [n for n in notes if n not in problems]
        wanted = {"positions": "joint.command"} if file == control else _MEASURED
        for key, channel in wanted.items():
            if key in columns:
                values = columns[key]
                series[channel] = TimeSeries(Channel(channel, _UNITS[channel], _joints(names, values.shape[1])), t[1:], values)
        problems += stamp_problems("joint.command" if file == control else "joint.position", t[1:])
    joints = next(iter(series.values())).channel.columns if series else ()
    header = RecordingHeader(
        "log", "", joints, assumptions={"unit": "rad, rad/s; torque as the motor reports it"}, problems=tuple(problems)
    )
    return Recording(header, series, completed=True)


_MEASURED = {"positions": "joint.position", "velocities": "joint.velocity", "torques": "joint.torque"}
_UNITS = {"joint.command": "rad", "joint.position": "rad", "joint.velocity": "rad/s", "joint.torque": "N·m"}


def _table(path: Path) -> tuple[Array, dict[str, Array]]:
    stamps: list[float] = []
    lists: dict[str, list[list[float]]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                stamps.append(float(row["timestamp"]))
                for key in _MEASURED:
                    if row.get(key):
                        lists.setdefault(key, []).append([float(v) for v in json.loads(row[key])])
        columns = {key: np.array(rows, dtype=np.float64).reshape(len(stamps), -1) for key, rows in lists.items()}
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        raise WorkbenchError("log.unreadable", path=str(path), reason=str(error)) from error
    if not stamps:
        raise WorkbenchError("log.unreadable", path=str(path), reason="it holds no rows")
    return np.array(stamps), columns


def _joints(names: list[str], width: int) -> tuple[str, ...]:
    """The listed names; a column beyond them (a gripper, usually) is numbered."""
    return tuple(names[i] if i < len(names) else f"joint_{i}" for i in range(width))
