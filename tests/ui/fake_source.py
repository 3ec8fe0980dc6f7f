"""A source that only says what the test wants, for tests of bars and panels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from sim.recording import RecordedEvent
from sim.snapshot import Snapshot
from sim.timeseries import Channel, TimeSeries
from workbench.telemetry.source import Capability, SourceState


class FakeSource:
    """Remembers what it was asked."""

    def __init__(
        self,
        name: str = "H140-07",
        kind: Literal["simulation", "robot", "log"] = "robot",
        capabilities: frozenset[Capability] = frozenset({"run", "stop"}),
        state: SourceState = SourceState(True, False, 0.0, latency=0.012),
    ) -> None:
        self.name, self.kind, self.capabilities = name, kind, capabilities
        self.now = state
        self.shown: Snapshot | None = None
        self.asked: list[tuple[str, object]] = []
        self.closed = False

    @property
    def channels(self) -> tuple[Channel, ...]:
        """None."""
        return ()

    def change(self, **values: object) -> None:
        """Another state from now on."""
        self.now = replace(self.now, **values)  # type: ignore[arg-type]

    def state(self) -> SourceState:
        """What the test set."""
        return self.now

    def snapshot(self) -> Snapshot | None:
        """What the test set."""
        return self.shown

    def drain(self) -> Mapping[str, TimeSeries]:
        """Nothing."""
        return {}

    def events(self) -> tuple[RecordedEvent, ...]:
        """Nothing."""
        return ()

    def command(self, name: Capability, value: object = None) -> None:
        """Remember it."""
        self.asked.append((name, value))

    def close(self) -> None:
        """Remember it."""
        self.closed = True
