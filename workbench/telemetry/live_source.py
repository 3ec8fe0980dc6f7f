"""A live simulation as a telemetry source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from sim.errors import SimError
from sim.live.host import LiveSimulation
from sim.live.messages import Command, Failed, Load, Pause, Push, RequestStop, Reset, Run, SetSpeed, Setup, Step
from sim.motion import Motion
from sim.recording import RecordedEvent, Recording
from sim.snapshot import Snapshot
from sim.timeseries import Channel, TimeSeries
from workbench.errors import WorkbenchError
from workbench.telemetry.source import Capability, SourceState

CAPABILITIES: frozenset[Capability] = frozenset({"run", "pause", "step", "reset", "speed", "push", "stop"})


class LiveSource:
    """A simulation in its own process, seen as a source.

    Values of commands: ``speed`` a number 0.1 to 10, ``step`` a number of control periods (1), ``push`` a force (x, y, z) in N, world,
    or ``(force, seconds)``.

    After a reset the time of samples and snapshots begins anew at 0; the event ``event.reset`` comes before the first of them.
    """

    kind: Literal["simulation", "robot", "log"] = "simulation"
    capabilities = CAPABILITIES

    def __init__(self, setup: Setup, name: str = "live simulation") -> None:
        self.name = name
        self.setup = setup
        self.simulation = LiveSimulation(setup)
        self._failures: list[Failed] = []
        self._closed = False

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels it delivers; empty while the scene is being built."""
        return self.simulation.channels

    def state(self) -> SourceState:
        """How it is doing now."""
        self._failures += self.simulation.take_failures()
        alive = self.simulation.alive and not self._closed
        state = self.simulation.state
        if not alive:
            return SourceState(False, False, state.time if state else 0.0, note="source.note.died" if not self._closed else "")
        if state is None:
            return SourceState(True, False, 0.0, note="source.note.starting")
        note = "source.note.done" if state.done and not state.running else ""
        if state.running and state.achieved and state.achieved < 0.9 * state.speed:
            note = "source.note.slow"
        return SourceState(True, state.running, state.time, state.speed, latency=state.lateness_p99, note=note)

    @property
    def achieved_speed(self) -> float:
        """Simulated seconds per second of late."""
        state = self.simulation.state
        return state.achieved if state is not None else 0.0

    @property
    def outcome(self) -> Recording | None:
        """Steps, placements and contacts of the motion once it has ended (no series)."""
        return self.simulation.outcome

    def snapshot(self) -> Snapshot | None:
        """The newest state; None before the first."""
        return self.simulation.snapshot

    def drain(self) -> Mapping[str, TimeSeries]:
        """Samples since the last call."""
        return self.simulation.drain()

    def events(self) -> tuple[RecordedEvent, ...]:
        """Events since the last call."""
        return self.simulation.take_events()

    def take_errors(self) -> tuple[SimError, ...]:
        """What failed since the last call, to be shown to the user."""
        self._failures += self.simulation.take_failures()
        failures, self._failures = self._failures, []
        return tuple(SimError(f.code, **f.params) for f in failures)

    def load(self, motion: Motion) -> None:
        """Run a motion from here on."""
        self.simulation.send(Load(motion))

    def command(self, name: Capability, value: object = None) -> None:
        """Ask for something; WorkbenchError ``source.cannot`` or ``source.bad_value``."""
        if name not in CAPABILITIES:
            raise WorkbenchError("source.cannot", name=self.name, asked=name, valid=", ".join(sorted(CAPABILITIES)))
        try:
            self.simulation.send(_command(name, value))
        except (TypeError, ValueError) as error:
            raise WorkbenchError("source.bad_value", asked=name, value=str(value)) from error

    def close(self) -> None:
        """End the process."""
        if not self._closed:
            self._closed = True
            self.simulation.close()


def _command(name: Capability, value: object) -> Command:
    match name:
        case "run":
            return Run()
        case "pause":
            return Pause()
        case "step":
            return Step(1 if value is None else int(str(value)))
        case "reset":
            return Reset()
        case "speed":
            return SetSpeed(float(str(value)))
        case "stop":
            return RequestStop()
        case "push":
            return _push(value)
    raise ValueError(name)


def _push(value: object) -> Push:
    duration = 0.15
    given: object = value
    if isinstance(value, tuple) and len(value) == 2:
        given, duration = value[0], float(value[1])
    force = np.asarray(given, dtype=np.float64)
    if force.shape != (3,) or not np.isfinite(force).all() or not 0.0 < duration <= 2.0:
        raise ValueError("a push is three finite numbers and up to 2 s")
    return Push((float(force[0]), float(force[1]), float(force[2])), duration)
