"""What the window's process and the connection's process say to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sim.recording import RecordedEvent
from sim.timeseries import TimeSeries
from workbench.connection.connection import RobotInfo, RobotStatus

RequestName = Literal["upload", "start", "stop", "clear_stop", "restore"]


@dataclass(frozen=True, slots=True)
class Request:
    """Something to be asked of the robot; the answer carries the same number."""

    number: int
    name: RequestName
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alive:
    """The window's event loop runs."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Let go and end the process."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The robot answered."""

    info: RobotInfo


@dataclass(frozen=True, slots=True)
class Answer:
    """How a request ended: ``code`` is empty where it was done."""

    number: int
    code: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What came from the robot since the last message: samples, events, the newest status and outcome."""

    series: Mapping[str, TimeSeries] = field(default_factory=dict)
    events: tuple[RecordedEvent, ...] = ()
    status: RobotStatus | None = None
    outcome: str = ""
    final: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """Figures of the wire: s there and back, and s since the robot last said anything. The newest wins."""

    round_trip: float
    silent: float


@dataclass(frozen=True, slots=True)
class Gone:
    """The connection was not made, or is no more."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)
