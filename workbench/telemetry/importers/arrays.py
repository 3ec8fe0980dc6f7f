"""NumPy archives with ``time`` (N,), ``dof_pos`` (N, k) measured and ``des_dof_pos`` (N, k) commanded, rad."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from sim.errors import SimError
from sim.recording import Recording, RecordingHeader
from sim.timeseries import Channel, TimeSeries
from workbench.errors import WorkbenchError
from workbench.telemetry.importers.timing import stamp_problems, to_seconds

_KEYS = {"dof_pos": ("joint.position", "rad"), "des_dof_pos": ("joint.command", "rad"), "dof_vel": ("joint.velocity", "rad/s")}
MAX_BYTES = 2 * 2**30


def read(path: Path) -> Recording:
    """Read an archive. Object arrays are refused: they would run code.

    Raises:
        WorkbenchError: ``log.unreadable`` (what is wrong).
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(i.file_size for i in archive.infolist()) > MAX_BYTES:
                raise ValueError("it unpacks to more than 2 GiB")
        with np.load(path, allow_pickle=False) as data:
            t, problems = to_seconds(np.asarray(data["time"], dtype=np.float64))
            series = {}
            for key, (channel, unit) in _KEYS.items():
                if key in data.files:
                    values = np.asarray(data[key], dtype=np.float64)
                    names = tuple(f"joint_{i}" for i in range(values.shape[1]))
                    series[channel] = TimeSeries(Channel(channel, unit, names), t, values)
    except (OSError, KeyError, ValueError, IndexError, EOFError, zipfile.BadZipFile, SimError) as error:
        raise WorkbenchError("log.unreadable", path=str(path), reason=str(error)) from error
    if not series:
        raise WorkbenchError("log.unreadable", path=str(path), reason=f"none of {', '.join(_KEYS)} is in it")
    joints = next(iter(series.values())).channel.columns
    return Recording(
        RecordingHeader("log", "", joints, problems=(*problems, *stamp_problems("joint.position", t))), series, completed=True
    )
