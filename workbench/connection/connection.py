"""What a robot connection is to the program, whatever the vendor's protocol. A plugin implements RobotConnection; nothing else knows it.

All of it runs in a process of the connection's own, on one event loop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from sim.recording import RecordedEvent
from sim.timeseries import Channel, TimeSeries

RobotState = Literal["idle", "ready", "running", "stopping", "holding", "done", "fallen"]


@dataclass(frozen=True, slots=True)
class RobotInfo:
    """Who answers at an address.

    Args:
        name: shown to the user. robot_id, robot_hash, cell_hash: what its model and cell are, to be compared with the plan's.
        joint_names: order of its joint channels.
        control: this session may command it; False: watch only.
        state_source: where base pose and velocity come from.
        assumptions: what its data rests on, for the recording's header.
    """

    name: str
    robot_id: str
    robot_hash: str
    cell_id: str
    cell_hash: str
    serial: str
    firmware: str
    joint_names: tuple[str, ...]
    channels: tuple[Channel, ...]
    control: bool = True
    state_source: Literal["truth", "estimate", "none"] = "none"
    assumptions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RobotStatus:
    """How the robot does.

    Args:
        state: what it does. ``holding``: it stopped and stands.
        time: robot clock, s. started_at: the clock when the motion started; None before.
        step_id: of the motion, "" if none.
        motion_hash: of the motion it holds, "" if none.
        at_start: robot and workpieces stand where a motion starts.
        stop_latched: no motion starts until someone clears the stop; stop_who and stop_reason say why.
        speed: robot seconds per second.
    """

    state: RobotState
    time: float
    started_at: float | None = None
    step_id: str = ""
    motion_hash: str = ""
    at_start: bool = True
    stop_latched: bool = False
    stop_who: str = ""
    stop_reason: str = ""
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Beat:
    """The answer to a heartbeat: s it took there and back, and robot clock minus ours, s."""

    round_trip: float
    clock_offset: float


class Sink(Protocol):
    """Where a connection puts what the robot says. Times are the robot's clock, s."""

    def samples(self, series: Mapping[str, TimeSeries]) -> None:
        """Samples, each once, in order."""

    def events(self, events: Sequence[RecordedEvent]) -> None:
        """Events, each once, in order."""

    def status(self, status: RobotStatus) -> None:
        """How it does now."""

    def outcome(self, outcome: str, final: bool) -> None:
        """Steps, contacts and how it ends (JSON of ``telemetry.content``), so far or for good."""


class RobotConnection(Protocol):
    """One connection to one robot. A refusal raises WorkbenchError ``robot.refused.<reason>``; a broken wire ``robot.lost``."""

    async def open(self, address: str, sink: Sink) -> RobotInfo:
        """Connect; WorkbenchError ``robot.unreachable`` or ``robot.not_understood``."""

    async def upload(self, bundle: Mapping[str, Any]) -> None:
        """Hand over a verified motion (data of ``sim.preflight.verified``); the robot checks it again."""

    async def start(self) -> None:
        """Begin the uploaded motion."""

    async def request_stop(self, who: str, reason: str) -> None:
        """Stop in balance; stays latched. Anyone may ask."""

    async def clear_stop(self, who: str, why: str) -> None:
        """Take the latch away. Motion does not resume."""

    async def restore(self) -> None:
        """Robot and workpieces have been put back to where a motion starts (by people, with a real robot)."""

    async def beat(self) -> Beat:
        """A sign of life; without them the robot holds."""

    async def closed(self) -> str:
        """Wait until the connection is gone; the reason."""

    async def close(self) -> None:
        """Let go."""
