"""LeRobot v2.1 episodes: a Parquet file of ``action`` (command) and ``observation.state`` (measured), names in ``info.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
from numpy.typing import NDArray

from sim.recording import Recording, RecordingHeader
from sim.timeseries import Channel, TimeSeries
from workbench.errors import WorkbenchError
from workbench.telemetry.importers.timing import stamp_problems

#: feature -> channel. Units are rad: LeRobot stores what the robot's driver gives, and humanoid drivers give rad.
CHANNELS = {"observation.state": "joint.position", "action": "joint.command"}


def read(path: Path) -> Recording:
    """Read an episode.

    Raises:
        WorkbenchError: ``log.unreadable`` (what is wrong) or ``log.lerobot_no_info`` (no info.json with the joint names near it).
    """
    info = _info(path)
    try:
        table = pyarrow.parquet.read_table(path, columns=None)
        t = np.asarray(table.column("timestamp").to_numpy(), dtype=np.float64)
        t = np.round(t - t[0], 6)  # stored as float32; the sixth digit is the last that means something
        series = {}
        for feature, channel in CHANNELS.items():
            if feature in table.column_names:
                values = _matrix(table.column(feature))
                names = _names(info, feature, values.shape[1])
                series[channel] = TimeSeries(Channel(channel, "rad", names), t, values)
    except (pyarrow.ArrowException, KeyError, ValueError, IndexError, OSError) as error:
        raise WorkbenchError("log.unreadable", path=str(path), reason=str(error)) from error
    if "joint.position" not in series:
        raise WorkbenchError("log.unreadable", path=str(path), reason="there is no observation.state in it")
    header = RecordingHeader(
        "log",
        str(info.get("robot_type", "")),
        series["joint.position"].channel.columns,
        assumptions={"unit": "rad as LeRobot stores it", "fps": str(info.get("fps", ""))},
        problems=tuple(stamp_problems("joint.position", t)),
    )
    return Recording(header, series, completed=True)


def _info(path: Path) -> dict[str, Any]:
    """info.json beside the episode, or in ``meta`` above it as in a whole data set."""
    places = [path.parent / "info.json", *(parent / "meta" / "info.json" for parent in path.parents[:4])]
    for place in places:
        if place.is_file():
            try:
                data = json.loads(place.read_text(encoding="utf-8"))
            except ValueError as error:
                raise WorkbenchError("log.unreadable", path=str(place), reason=str(error)) from error
            if isinstance(data, dict):
                return data
    raise WorkbenchError("log.lerobot_no_info", path=str(path), looked=str(places[0]))


def _names(info: dict[str, Any], feature: str, width: int) -> tuple[str, ...]:
    names = info.get("features", {}).get(feature, {}).get("names") or []
    if isinstance(names, dict):
        names = next(iter(names.values()), [])
    if len(names) == 1 and isinstance(names[0], list):
        names = names[0]
    if len(names) != width:
        raise ValueError(f"info.json names {len(names)} columns of {feature}, the file holds {width}")
    return tuple(str(n) for n in names)


def _matrix(column: Any) -> NDArray[np.float64]:
    rows = column.to_pylist()
    if len({len(r) for r in rows}) > 1:
        raise ValueError("rows have different lengths")
    return np.array(rows, dtype=np.float64)
