"""ROS 2 CDR bytes of a channel's samples: the same bytes go into an MCAP file and on the wire, so wire = log.

A channel's messages all have one size: everything but the time stamp and the numbers is constant. So samples are encoded and decoded as
arrays, without a Python loop over messages.

====================================  ====================================================================
channel                               message
====================================  ====================================================================
``joint.*``                           sensor_msgs/msg/JointState (position, velocity or effort filled)
columns x y z qw qx qy qz             geometry_msgs/msg/PoseStamped
columns x y z                         geometry_msgs/msg/Vector3Stamped
anything else                         std_msgs/msg/Float64MultiArray, column names in the dimension's label
====================================  ====================================================================
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.timeseries import Channel

Array = NDArray[np.float64]
Bytes = NDArray[np.uint8]

_LINE = "=" * 80
_TIME = f"{_LINE}\nMSG: builtin_interfaces/Time\nint32 sec\nuint32 nanosec\n"
_HEADER = f"{_LINE}\nMSG: std_msgs/Header\nbuiltin_interfaces/Time stamp\nstring frame_id\n" + _TIME
_POSE = (
    f"{_LINE}\nMSG: geometry_msgs/Pose\ngeometry_msgs/Point position\ngeometry_msgs/Quaternion orientation\n"
    f"{_LINE}\nMSG: geometry_msgs/Point\nfloat64 x\nfloat64 y\nfloat64 z\n"
    f"{_LINE}\nMSG: geometry_msgs/Quaternion\nfloat64 x\nfloat64 y\nfloat64 z\nfloat64 w\n"
)
_LAYOUT = (
    f"{_LINE}\nMSG: std_msgs/MultiArrayLayout\nstd_msgs/MultiArrayDimension[] dim\nuint32 data_offset\n"
    f"{_LINE}\nMSG: std_msgs/MultiArrayDimension\nstring label\nuint32 size\nuint32 stride\n"
)

#: schema name -> ros2msg text, with the definitions of everything it names.
SCHEMAS: Mapping[str, str] = {
    "sensor_msgs/msg/JointState": "std_msgs/Header header\nstring[] name\nfloat64[] position\nfloat64[] velocity\nfloat64[] effort\n"
    + _HEADER,
    "geometry_msgs/msg/PoseStamped": "std_msgs/Header header\ngeometry_msgs/Pose pose\n" + _HEADER + _POSE,
    "geometry_msgs/msg/Vector3Stamped": "std_msgs/Header header\ngeometry_msgs/Vector3 vector\n"
    + _HEADER
    + f"{_LINE}\nMSG: geometry_msgs/Vector3\nfloat64 x\nfloat64 y\nfloat64 z\n",
    "std_msgs/msg/Float64MultiArray": "std_msgs/MultiArrayLayout layout\nfloat64[] data\n" + _LAYOUT,
    "std_msgs/msg/String": "string data\n",
}

POSE_COLUMNS = ("x", "y", "z", "qw", "qx", "qy", "qz")
_ROS_POSE = (0, 1, 2, 4, 5, 6, 3)  # ROS keeps quaternions as xyzw, the program as wxyz
_NS = 1_000_000_000


class _Builder:
    """Writes CDR (little endian); alignment counts from behind the 4 byte encapsulation header."""

    def __init__(self) -> None:
        self.data = bytearray(b"\x00\x01\x00\x00")

    def align(self, size: int) -> None:
        self.data += bytes(-(len(self.data) - 4) % size)

    def u32(self, value: int) -> None:
        self.align(4)
        self.data += struct.pack("<I", value)

    def string(self, text: str) -> None:
        raw = text.encode("utf-8") + b"\x00"
        self.u32(len(raw))
        self.data += raw

    def floats(self, count: int) -> int:
        """Room for ``count`` doubles; where they begin."""
        if count:
            self.align(8)
        at = len(self.data)
        self.data += bytes(8 * count)
        return at


@dataclass(frozen=True, slots=True)
class ChannelCodec:
    """How the samples of one channel become message bytes and back.

    Args:
        channel: What is encoded.
        schema: Key of SCHEMAS.
        template: A whole message with zeros where time and values go.
        values_at: Byte offset of the block of doubles.
        stamped: The message carries sec and nanosec at byte 4.
        order: Column of the channel for each double of the block.
    """

    channel: Channel
    schema: str
    template: bytes
    values_at: int
    stamped: bool
    order: tuple[int, ...]

    @property
    def topic(self) -> str:
        """The topic other tools see: ``/joint/position`` for ``joint.position``."""
        return "/" + self.channel.name.replace(".", "/")

    @property
    def metadata(self) -> dict[str, str]:
        """What the message itself cannot say; makes ``codec_of_metadata`` give this codec back."""
        c = self.channel
        return {"series": c.name, "unit": c.unit, "frame": c.frame, "columns": json.dumps(list(c.columns), ensure_ascii=False)}

    def encode(self, stamps_ns: NDArray[np.int64], values: Array) -> Bytes:
        """Messages of samples: ``stamps_ns`` (N,) and ``values`` (N, columns) -> bytes (N, len(template))."""
        rows = np.empty((len(stamps_ns), len(self.template)), np.uint8)
        rows[:] = np.frombuffer(self.template, np.uint8)
        if self.stamped:
            rows[:, 4:8] = (stamps_ns // _NS).astype("<i4").reshape(-1, 1).view(np.uint8)
            rows[:, 8:12] = (stamps_ns % _NS).astype("<u4").reshape(-1, 1).view(np.uint8)
        block = np.ascontiguousarray(values[:, self.order], dtype="<f8")
        rows[:, self.values_at : self.values_at + 8 * len(self.order)] = block.view(np.uint8)
        return rows

    def decode(self, messages: Sequence[bytes]) -> Array:
        """The values (N, columns) of messages; ValueError where one is of another size."""
        size = len(self.template)
        if any(len(m) != size for m in messages):
            raise ValueError(f"a message of {self.channel.name} has not {size} bytes")
        rows = np.frombuffer(b"".join(messages), np.uint8).reshape(len(messages), size)
        block = np.ascontiguousarray(rows[:, self.values_at : self.values_at + 8 * len(self.order)]).view("<f8")
        values = np.empty((len(messages), len(self.order)))
        values[:, self.order] = block
        return values


@lru_cache(maxsize=512)
def codec_of(channel: Channel) -> ChannelCodec:
    """The codec of a channel, chosen by its name and columns (table above)."""
    n = len(channel.columns)
    out = _Builder()
    order = tuple(range(n))
    if channel.name.startswith("joint."):
        _header(out, channel.frame)
        out.u32(n)
        for name in channel.columns:
            out.string(name)
        field = {"rad/s": 1, "m/s": 1, "N·m": 2, "N": 2}.get(channel.unit, 0)
        at = 0
        for i in range(3):
            out.u32(n if i == field else 0)
            if i == field:
                at = out.floats(n)
        return ChannelCodec(channel, "sensor_msgs/msg/JointState", bytes(out.data), at, True, order)
    if channel.columns in (POSE_COLUMNS, ("x", "y", "z")):
        _header(out, channel.frame)
        at = out.floats(n)
        if n == 3:
            return ChannelCodec(channel, "geometry_msgs/msg/Vector3Stamped", bytes(out.data), at, True, order)
        return ChannelCodec(channel, "geometry_msgs/msg/PoseStamped", bytes(out.data), at, True, _ROS_POSE)
    out.u32(1)
    out.string(",".join(channel.columns))
    out.u32(n)
    out.u32(n)
    out.u32(0)
    out.u32(n)
    at = out.floats(n)
    return ChannelCodec(channel, "std_msgs/msg/Float64MultiArray", bytes(out.data), at, False, order)


def codec_of_metadata(metadata: Mapping[str, str]) -> ChannelCodec | None:
    """The codec that ``ChannelCodec.metadata`` came from; None where the metadata is of another program.

    Raises:
        ValueError: the metadata names a series and is broken.
    """
    if "series" not in metadata or "columns" not in metadata:
        return None
    columns = json.loads(metadata["columns"])
    if not isinstance(columns, list) or not all(isinstance(c, str) for c in columns):
        raise ValueError(f"columns of {metadata['series']} are no list of names")
    return codec_of(Channel(metadata["series"], metadata.get("unit", "1"), tuple(columns), metadata.get("frame", "")))


def encode_string(text: str) -> bytes:
    """A std_msgs/msg/String message."""
    out = _Builder()
    out.string(text)
    return bytes(out.data)


def decode_string(message: bytes) -> str:
    """The text of a std_msgs/msg/String message; ValueError where it is none."""
    if len(message) < 9:
        raise ValueError("a string message is cut short")
    (length,) = struct.unpack_from("<I", message, 4)
    raw = message[8 : 8 + length]
    if len(raw) != length or length == 0:
        raise ValueError("a string message is cut short")
    return raw[:-1].decode("utf-8")


def nanoseconds(t: Array, epoch_ns: int) -> NDArray[np.int64]:
    """Whole nanoseconds (N,) since the epoch of times (N,) in s on a recording's clock."""
    return np.rint(t * 1e9).astype(np.int64) + epoch_ns


def _header(out: _Builder, frame: str) -> None:
    out.u32(0)
    out.u32(0)
    out.string(frame)
