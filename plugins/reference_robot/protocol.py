"""Words and frames on the wire: the shape of the Foxglove WebSocket protocol (``foxglove.sdk.v1``), so that its tools can look on.

Data are channels of ROS 2 CDR messages, the same bytes as in a recording. Commands are services with JSON. What the protocol has no
place for (unit, frame and columns of a channel, who the robot is) lies in the ``metadata`` of ``serverInfo``.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from workbench.api import Channel, RobotInfo, RobotStatus, WorkbenchError

SUBPROTOCOL = "foxglove.sdk.v1"
VERSION = "humanoid-workbench/reference-robot/1"
STATUS_TOPIC, EVENTS_TOPIC, OUTCOME_TOPIC = "/robot/status", "/events", "/robot/outcome"
SERVICES = ("upload", "start", "stop", "clear_stop", "restore", "beat")
#: Largest message either side accepts, bytes.
MAX_MESSAGE = 16 * 2**20
#: A command that arrives later than this after it was issued is not obeyed, s.
TTL_S = 2.0

_DATA = struct.Struct("<BIQ")
_CALL = struct.Struct("<BIII")
_ENCODING = b"json"


def data_frame(subscription: int, stamp_ns: int, payload: bytes) -> bytes:
    """Server to client: a message on a subscribed channel."""
    return _DATA.pack(1, subscription, stamp_ns) + payload


def read_data(frame: bytes) -> tuple[int, int, bytes]:
    """Subscription, stamp and payload; ValueError where it is no data frame."""
    if len(frame) < _DATA.size or frame[0] != 1:
        raise ValueError("no data frame")
    _, subscription, stamp = _DATA.unpack_from(frame)
    return subscription, stamp, frame[_DATA.size :]


def call_frame(opcode: int, service: int, call: int, body: Mapping[str, Any]) -> bytes:
    """A service request (opcode 2, client to server) or response (opcode 3)."""
    return _CALL.pack(opcode, service, call, len(_ENCODING)) + _ENCODING + json.dumps(body).encode()


def read_call(frame: bytes, opcode: int) -> tuple[int, int, dict[str, Any]]:
    """Service, call number and body; ValueError where the frame is something else or broken."""
    if len(frame) < _CALL.size or frame[0] != opcode:
        raise ValueError("no service frame")
    _, service, call, length = _CALL.unpack_from(frame)
    start = _CALL.size + length
    if frame[_CALL.size : start] != _ENCODING:
        raise ValueError("services speak JSON")
    body = json.loads(frame[start:])
    if not isinstance(body, dict):
        raise ValueError("a service's body is an object")
    return service, call, body


def info_to_data(info: RobotInfo) -> dict[str, Any]:
    """Plain JSON data."""
    return asdict(info)


def info_from_data(data: Mapping[str, Any], control: bool) -> RobotInfo:
    """The inverse; KeyError, TypeError or ValueError where the data is none."""
    fields = dict(data)
    fields["channels"] = tuple(Channel(c["name"], c["unit"], tuple(c["columns"]), c["frame"]) for c in fields["channels"])
    fields["joint_names"] = tuple(fields["joint_names"])
    fields["control"] = control
    return RobotInfo(**fields)


def status_to_json(status: RobotStatus) -> str:
    """JSON text."""
    return json.dumps(asdict(status))


def status_from_json(text: str) -> RobotStatus:
    """The inverse; ValueError or TypeError where the text is none."""
    return RobotStatus(**json.loads(text))


def refusal(code: str, **params: object) -> WorkbenchError:
    """The robot's no, with its reason."""
    return WorkbenchError(f"robot.refused.{code}", **params)
