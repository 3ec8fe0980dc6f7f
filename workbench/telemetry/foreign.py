"""Channels of other programs' MCAP logs: the ROS 2 messages that robots commonly log, as series."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from mcap.exceptions import McapError
from mcap.records import Channel as McapChannel
from mcap.records import Schema
from mcap_ros2.decoder import DecoderFactory
from numpy.typing import NDArray

from sim.timeseries import Channel, TimeSeries
from workbench.telemetry.cdr import POSE_COLUMNS
from workbench.telemetry.problems import problem

Array = NDArray[np.float64]
_XYZ = ("x", "y", "z")


def decode_foreign(
    channel: McapChannel, schema: Schema | None, t: Array, messages: Sequence[bytes], problems: list[str]
) -> Iterator[TimeSeries]:
    """The series in a channel that another program wrote; what cannot be read is named in ``problems``."""
    short = "" if schema is None else schema.name.replace("/msg/", "/")
    reader = _READERS.get(short)
    name = channel.topic.strip("/").replace("/", ".") or f"channel{channel.id}"
    if schema is None or reader is None or channel.message_encoding != "cdr":
        problems.append(problem("log.channel_unread", channel=channel.topic, kind=short or channel.message_encoding or "?"))
        return
    decode = DecoderFactory().decoder_for("cdr", schema)
    if decode is None:
        problems.append(problem("log.channel_unread", channel=channel.topic, kind=short))
        return
    decoded: list[Any] = []
    try:
        decoded.extend(decode(m) for m in messages)
    except (McapError, AttributeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    yield from reader(name, t, decoded, problems)


def _joint_state(name: str, t: Array, messages: Sequence[Any], problems: list[str]) -> Iterator[TimeSeries]:
    names = tuple(str(n) for n in messages[0].name)
    same = [i for i, m in enumerate(messages) if tuple(m.name) == names]
    if len(same) < len(messages):
        problems.append(problem("log.joints_changed", channel=name, count=len(messages) - len(same)))
    main = name in ("joint_states", "joint_state", "robot.joint_states")
    for part, unit, ours in (("position", "rad", "position"), ("velocity", "rad/s", "velocity"), ("effort", "N·m", "torque")):
        rows = [i for i in same if names and len(getattr(messages[i], part)) == len(names)]
        if rows:
            values = np.array([list(getattr(messages[i], part)) for i in rows], dtype=np.float64)
            yield TimeSeries(Channel(f"joint.{ours}" if main else f"{name}.{ours}", unit, names), t[rows], values)


def _plain(columns: tuple[str, ...], unit: str, pick: Callable[[Any], list[float]]) -> Callable[..., Iterator[TimeSeries]]:
    def read(name: str, t: Array, messages: Sequence[Any], problems: list[str]) -> Iterator[TimeSeries]:
        yield TimeSeries(Channel(name, unit, columns), t, np.array([pick(m) for m in messages], dtype=np.float64))

    return read


def _array(name: str, t: Array, messages: Sequence[Any], problems: list[str]) -> Iterator[TimeSeries]:
    width = len(messages[0].data)
    rows = [i for i, m in enumerate(messages) if len(m.data) == width]
    if len(rows) < len(messages):
        problems.append(problem("log.width_changed", channel=name, count=len(messages) - len(rows)))
    if width:
        values = np.array([list(messages[i].data) for i in rows], dtype=np.float64)
        yield TimeSeries(Channel(name, "1", tuple(str(i) for i in range(width))), t[rows], values)


def _imu(name: str, t: Array, messages: Sequence[Any], problems: list[str]) -> Iterator[TimeSeries]:
    for part, unit, ours in (("angular_velocity", "rad/s", "gyro"), ("linear_acceleration", "m/s²", "accel")):
        values = np.array([_vector(getattr(m, part)) for m in messages], dtype=np.float64)
        yield TimeSeries(Channel(f"{name}.{ours}", unit, _XYZ, "imu"), t, values)


def _vector(v: Any) -> list[float]:
    return [v.x, v.y, v.z]


def _pose(p: Any) -> list[float]:
    return [*_vector(p.position), p.orientation.w, *_vector(p.orientation)]


_READERS: dict[str, Callable[..., Iterator[TimeSeries]]] = {
    "sensor_msgs/JointState": _joint_state,
    "sensor_msgs/Imu": _imu,
    "std_msgs/Float64": _plain(("value",), "1", lambda m: [m.data]),
    "std_msgs/Float32": _plain(("value",), "1", lambda m: [m.data]),
    "std_msgs/Float64MultiArray": _array,
    "std_msgs/Float32MultiArray": _array,
    "geometry_msgs/Vector3Stamped": _plain(_XYZ, "1", lambda m: _vector(m.vector)),
    "geometry_msgs/PoseStamped": _plain(POSE_COLUMNS, "1", lambda m: _pose(m.pose)),
    "geometry_msgs/WrenchStamped": _plain(
        ("fx", "fy", "fz", "tx", "ty", "tz"), "1", lambda m: [*_vector(m.wrench.force), *_vector(m.wrench.torque)]
    ),
}
