"""The owner's end of a live simulation: starts the process, collects what it says in a thread, notices when it dies."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection

import numpy as np

from sim.live.messages import Chunk, Close, Command, Failed, Happened, LiveState, Message, Outcome, Ready, Setup, Shown
from sim.recording import RecordedEvent, Recording
from sim.snapshot import Snapshot
from sim.timeseries import Channel, TimeSeries


def main(connection: Connection, setup: Setup) -> None:
    """The process's entry. The worker is named, not imported above: the owner needs no physics, which takes a second to load."""
    import_module("sim.live.worker").main(connection, setup)


@dataclass(slots=True)
class _Inbox:
    channels: tuple[Channel, ...] = ()
    shown: Shown | None = None
    chunks: list[Chunk] = field(default_factory=list)
    events: list[RecordedEvent] = field(default_factory=list)
    failures: list[Failed] = field(default_factory=list)
    outcome: Recording | None = None
    dead: bool = False


class LiveSimulation:
    """A simulation in its own process. Every method returns at once but ``close``.

    Args:
        setup: what is simulated.
        target: the process's entry; another one is for tests of its death.
    """

    def __init__(self, setup: Setup, target: Callable[[Connection, Setup], None] = main) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self.process = context.Process(target=target, args=(theirs, setup), name="live simulation", daemon=True)
        self.process.start()
        theirs.close()
        self._lock = threading.Lock()
        self._inbox = _Inbox()
        self._closing = False
        self._reader = threading.Thread(target=self._read, name="live reader", daemon=True)
        self._reader.start()

    @property
    def ready(self) -> bool:
        """The scene is built and states come."""
        return bool(self._inbox.channels)

    @property
    def alive(self) -> bool:
        """The process answers."""
        return not self._inbox.dead

    @property
    def channels(self) -> tuple[Channel, ...]:
        """What it records; empty until it is ready."""
        return self._inbox.channels

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest state."""
        shown = self._inbox.shown
        return shown.snapshot if shown is not None else None

    @property
    def state(self) -> LiveState | None:
        """How it does; None before the first word."""
        shown = self._inbox.shown
        return shown.state if shown is not None else None

    @property
    def outcome(self) -> Recording | None:
        """What came of the motion (without series), once it has ended."""
        return self._inbox.outcome

    def send(self, command: Command) -> None:
        """Ask for something; nothing happens where the process is gone (``alive`` tells)."""
        try:
            self._connection.send(command)
        except OSError:
            self._inbox.dead = True

    def drain(self) -> dict[str, TimeSeries]:
        """Samples of the newest generation since the last call, each once."""
        with self._lock:
            chunks, self._inbox.chunks = self._inbox.chunks, []
        if not chunks:
            return {}
        newest = chunks[-1].generation
        parts: dict[str, list[TimeSeries]] = {}
        for chunk in chunks:
            if chunk.generation == newest:
                for name, series in chunk.series.items():
                    parts.setdefault(name, []).append(series)
        return {name: _joined(found) for name, found in parts.items()}

    def take_events(self) -> tuple[RecordedEvent, ...]:
        """Events since the last call, in order. ``event.reset``: time began anew, older samples are past."""
        with self._lock:
            events, self._inbox.events = self._inbox.events, []
        return tuple(events)

    def take_failures(self) -> tuple[Failed, ...]:
        """What failed since the last call."""
        with self._lock:
            failures, self._inbox.failures = self._inbox.failures, []
        return tuple(failures)

    def close(self) -> None:
        """End the process; kill it where it does not end by itself within a second."""
        self._closing = True
        self.send(Close())
        self.process.join(timeout=1.0)
        if self.process.is_alive():
            self.process.kill()
            self.process.join(timeout=2.0)
        self._reader.join(timeout=1.0)
        self._connection.close()

    def _read(self) -> None:
        while True:
            try:
                message: Message = self._connection.recv()
            except (EOFError, OSError):
                break
            with self._lock:
                self._take(message)
        with self._lock:
            self._inbox.dead = True
            if not self._closing and not any(f.fatal for f in self._inbox.failures):
                self._inbox.failures.append(Failed("live.died", {"exit": str(self.process.exitcode)}, fatal=True))

    def _take(self, message: Message) -> None:
        inbox = self._inbox
        match message:
            case Shown():
                inbox.shown = message
            case Chunk():
                inbox.chunks.append(message)
            case Happened():
                if any(e.code == "event.reset" for e in message.events):
                    inbox.outcome = None
                    inbox.chunks.clear()
                inbox.events += message.events
            case Outcome():
                inbox.outcome = message.recording
            case Ready():
                inbox.channels = message.channels
            case Failed():
                inbox.failures.append(message)


def _joined(parts: list[TimeSeries]) -> TimeSeries:
    if len(parts) == 1:
        return parts[0]
    return TimeSeries(parts[0].channel, np.concatenate([p.t for p in parts]), np.vstack([p.values for p in parts]))
