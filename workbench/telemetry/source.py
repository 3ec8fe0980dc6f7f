"""One interface for a live robot, a running simulation and a log: panels never ask which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from sim.recording import RecordedEvent
from sim.snapshot import Snapshot
from sim.timeseries import Channel, TimeSeries

Capability = Literal["seek", "speed", "pause", "step", "reset", "push", "run", "stop"]


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source is doing. ``latency`` and ``age`` (of the newest sample) in s; ``note`` is an i18n key."""

    connected: bool
    running: bool
    time: float
    speed: float = 1.0
    latency: float | None = None
    age: float | None = None
    dropped: int = 0
    note: str = ""


class TelemetrySource(Protocol):
    """Something that delivers state and channels. Every method returns at once; the UI pulls at 30-60 Hz."""

    @property
    def name(self) -> str:
        """Shown to the user."""

    @property
    def kind(self) -> Literal["simulation", "robot", "log"]:
        """What it is; for words and colours only."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What can be asked of it."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels it delivers."""

    def state(self) -> SourceState:
        """How it is doing now."""

    def snapshot(self) -> Snapshot | None:
        """The newest state; None before the first."""

    def drain(self) -> Mapping[str, TimeSeries]:
        """Samples since the last call, by channel name: nothing lost, nothing repeated."""

    def events(self) -> tuple[RecordedEvent, ...]:
        """Events since the last call, in order."""

    def command(self, name: Capability, value: object = None) -> None:
        """Ask for something declared in ``capabilities``; WorkbenchError ``source.cannot`` otherwise."""

    def close(self) -> None:
        """Let go of processes and sockets."""
