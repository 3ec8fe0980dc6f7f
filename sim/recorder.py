"""Collects a run's rows into the standard channels of a recording, in chunks that can be taken while it runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.timeseries import Channel, TimeSeries

Array = NDArray[np.float64]

#: Rows of one table.
ROWS = 512

POSE = ("x", "y", "z", "qw", "qx", "qy", "qz")

#: What the controller ran on, beside the physical state of the simulation.
ESTIMATE_CHANNELS = (
    Channel("estimate.base_pose", "1", POSE, "world"),
    Channel("estimate.base_velocity", "1", ("vx", "vy", "vz", "wx", "wy", "wz"), "world"),
    Channel(
        "estimate.quality",
        "1",
        ("tilt_sd", "velocity_sd", "position_sd", "yaw_sd", "consistency", "slipping", "fix_age", "trusted"),
    ),
)

#: How far off it was; only a simulation knows.
ERROR_CHANNELS = (
    Channel("estimate.position_error", "m", ("x", "y", "z"), "world"),
    Channel("estimate.rotation_error", "rad", ("roll", "pitch", "yaw"), "world"),
)


def standard_channels(joints: Sequence[str], objects: Sequence[str]) -> tuple[Channel, ...]:
    """The channels of ``sim.recording``'s docstring, for these joints and objects."""
    j = tuple(joints)
    return (
        Channel("joint.position", "rad", j),
        Channel("joint.velocity", "rad/s", j),
        Channel("joint.torque", "N·m", j),
        Channel("joint.command", "rad", j),
        Channel("joint.torque_command", "N·m", j),
        Channel("base.pose", "1", POSE, "world"),
        Channel("base.velocity", "1", ("vx", "vy", "vz", "wx", "wy", "wz"), "world"),
        Channel("imu.gyro", "rad/s", ("x", "y", "z"), "imu"),
        Channel("imu.accel", "m/s²", ("x", "y", "z"), "imu"),
        Channel("foot.force", "N", ("left", "right")),
        Channel("foot.contact_force", "N", ("lx", "ly", "lz", "rx", "ry", "rz"), "world"),
        Channel("foot.target", "1", ("lx", "ly", "lz", "lyaw", "rx", "ry", "rz", "ryaw"), "world"),
        Channel("com.position", "m", ("x", "y", "z"), "world"),
        Channel("dcm.position", "m", ("x", "y"), "world"),
        Channel("cop.position", "m", ("x", "y"), "world"),
        Channel("balance.margin", "m", ("margin",)),
        *(Channel(f"object.{o}.pose", "1", POSE, "world") for o in objects),
    )


class Recorder:
    """Rows of all channels on one clock, kept in tables of :data:`ROWS`: one that grew would have to be copied."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self.channels = tuple(channels)
        widths = [len(c.columns) for c in self.channels]
        self._ends = np.cumsum(widths)
        self._tables: list[Array] = []
        self._count = 0
        self._drained = 0
        self._empty = np.empty((0, 1 + int(self._ends[-1])))

    def add(self, time: float, values: Sequence[Array]) -> None:
        """One row: an array for each channel, in their order."""
        if self._count == ROWS * len(self._tables):
            self._tables.append(np.empty((ROWS, 1 + int(self._ends[-1]))))
        row = self._tables[-1][self._count % ROWS]
        row[0] = time
        np.concatenate(values, out=row[1:])
        self._count += 1

    def series(self, start: int = 0) -> dict[str, TimeSeries]:
        """All channels from row ``start`` on."""
        first = start // ROWS
        table = np.concatenate(
            [t[: self._count - ROWS * (first + i)] for i, t in enumerate(self._tables[first:])] or [self._empty]
        )
        table = table[start - ROWS * first :]
        t = table[:, 0].copy()
        out: dict[str, TimeSeries] = {}
        begin = 0
        for channel, end in zip(self.channels, self._ends, strict=True):
            values = table[:, 1 + begin : 1 + int(end)].copy()
            out[channel.name] = TimeSeries(channel, t, values)
            begin = int(end)
        return out

    def drain(self) -> dict[str, TimeSeries]:
        """The rows since the last drain; an empty mapping if there are none."""
        start, self._drained = self._drained, self._count
        return self.series(start) if self._count > start else {}
