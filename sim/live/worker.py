"""The simulation process: owns one Execution, keeps it on the wall clock, obeys commands between control periods."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection

import numpy as np

from sim.control.loop import CONTROL_PERIOD
from sim.errors import SimError
from sim.live.messages import (
    MAX_SPEED,
    MIN_SPEED,
    Chunk,
    Close,
    Command,
    Failed,
    Happened,
    LiveState,
    Load,
    Outcome,
    Pause,
    Push,
    Ready,
    RequestStop,
    Reset,
    Run,
    SetSpeed,
    Setup,
    Shown,
    Step,
)
from sim.live.outbox import Outbox
from sim.recording import RecordedEvent
from sim.rollout import Execution
from sim.scene import build_scene

CHUNK_S = 0.04
SHOWN_S = 1 / 60
#: Further behind than this and the clock is set anew: slower than wished, but never in leaps.
MAX_BEHIND_S = 0.1
_LATENESS_KEPT = 2500
#: How far it stands back behind the window's process: at its usual pace it needs a third of a processor.
NICENESS = 5


class LiveLoop:
    """Runs a Setup in real time. One object per process; ``serve`` returns when it was closed or its owner is gone."""

    def __init__(self, setup: Setup, receive: Callable[[float], Command | None], outbox: Outbox) -> None:
        self.setup = setup
        self._receive = receive
        self._outbox = outbox
        self._scene = build_scene(setup.cell, setup.robot, variation=setup.variation)
        self._generation = 0
        self._running = setup.running
        self._speed = setup.speed
        self._lateness: deque[float] = deque(maxlen=_LATENESS_KEPT)
        self._begin()
        outbox.send(Ready(tuple(self._run.recorder.channels)))
        self._rebase()

    def serve(self) -> None:
        """Until closed."""
        self._show()
        while True:
            command = self._receive(self._patience())
            while command is not None:
                if isinstance(command, Close):
                    return
                self._obey(command)
                command = self._receive(0.0)
            if self._running:
                self._advance()

    def _begin(self) -> None:
        setup = self.setup
        delay = setup.robot.profile.control_delay if setup.delay is None else setup.delay
        self._run = Execution(self._scene, setup.motion, seed=setup.seed, noise=setup.noise, delay=delay)
        self._told = 0
        self._finished = False
        self._chunk_at = self._shown_at = 0.0

    def _rebase(self) -> None:
        """The wall clock and the run agree from now on."""
        self._wall_zero = time.perf_counter()
        self._run_zero = self._run.time
        self._paced = deque([(self._wall_zero, self._run_zero)], maxlen=60)

    def _patience(self) -> float:
        """How long the next control period may be waited for, s."""
        if not self._running:
            return 0.5
        due = self._wall_zero + (self._run.time + CONTROL_PERIOD - self._run_zero) / self._speed
        return max(0.0, due - time.perf_counter())

    def _advance(self) -> None:
        now = time.perf_counter()
        due = self._wall_zero + (self._run.time + CONTROL_PERIOD - self._run_zero) / self._speed
        if now < due:
            return
        if now - due > MAX_BEHIND_S:
            self._rebase()
        self._lateness.append(now - due)
        self._run.step()
        if self._run.done and not self._finished:
            self._finished = True
            if self._run.motion is not None:
                self._running = False
                self._tell()
                self._outbox.send(Outcome(self._generation, self._run.recording(with_series=False)))
                self._show()
                return
        if now - self._chunk_at >= CHUNK_S:
            self._chunk_at = now
            self._tell()
        if now - self._shown_at >= SHOWN_S:
            self._shown_at = now
            self._show()

    def _obey(self, command: Command) -> None:
        try:
            match command:
                case Run():
                    if self._finished and self._run.motion is not None:
                        self._reset()
                    self._running = True
                    self._rebase()
                case Pause():
                    self._running = False
                case Step(count):
                    self._running = False
                    for _ in range(max(1, min(count, 250))):
                        self._run.step()
                case Reset():
                    self._reset()
                case SetSpeed(speed):
                    self._speed = min(max(speed, MIN_SPEED), MAX_SPEED)
                    self._rebase()
                case Push(force, duration):
                    self._run.push(np.array(force), duration)
                case Load(motion):
                    self._run.load(motion)
                    self._finished = False
                case RequestStop():
                    self._run.request_stop()
                case Close():
                    pass
        except SimError as error:
            self._outbox.send(Failed(error.code, {k: str(v) for k, v in error.params.items()}))
        self._tell()
        self._show()

    def _reset(self) -> None:
        self._tell()
        self._generation += 1
        self._begin()
        self._rebase()
        self._outbox.send(Happened(self._generation, (RecordedEvent(0.0, "event.reset"),)))

    def _tell(self) -> None:
        series = self._run.drain()
        if series:
            self._outbox.send(Chunk(self._generation, series))
        events = self._run.events
        if len(events) > self._told:
            self._outbox.send(Happened(self._generation, events[self._told :]))
            self._told = len(events)

    def _show(self) -> None:
        now = time.perf_counter()
        self._paced.append((now, self._run.time))
        wall, run = self._paced[0]
        achieved = (self._run.time - run) / (now - wall) if now - wall > 0.02 and self._running else 0.0
        late = float(np.percentile(list(self._lateness), 99)) if self._lateness and self._told_late() else self._late
        self._late = late
        snapshot = self._run.snapshot()
        state = LiveState(self._generation, self._run.time, self._running, self._finished, self._speed, achieved, late)
        self._outbox.show(Shown(self._generation, snapshot, state))

    _late = 0.0
    _late_count = 0

    def _told_late(self) -> bool:
        """The percentile of thousands of numbers is worked out about once a second, not at each picture."""
        self._late_count += 1
        return self._late_count % 60 == 1


def main(connection: Connection, setup: Setup) -> None:
    """Entry of the spawned process."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    outbox = Outbox(connection)

    def receive(timeout: float) -> Command | None:
        try:
            if connection.poll(timeout):
                command: Command = connection.recv()
                return command
        except (EOFError, OSError):
            return Close()
        return None

    try:
        LiveLoop(setup, receive, outbox).serve()
    except SimError as error:
        outbox.send(Failed(error.code, {k: str(v) for k, v in error.params.items()}, fatal=True))
    outbox.close()
