"""The process of one robot connection: runs the plugin's connection, heartbeats, forwards what the robot says in chunks.

Heartbeats begin in the window's event loop: while it gives no sign of life the robot gets none either, and holds. A window that builds
a scene may be busy for a second, so it is given two; the robot's own watchdog on the wire is far shorter.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from multiprocessing.connection import Connection

import numpy as np

from sim.errors import SimError
from sim.live.outbox import Outbox
from sim.recording import RecordedEvent
from sim.timeseries import TimeSeries
from workbench.connection.connection import RobotConnection, RobotStatus
from workbench.connection.messages import Alive, Answer, Connected, Disconnect, Gone, Health, Request, Said
from workbench.errors import WorkbenchError

BEAT_S = 0.05
FORWARD_S = 0.03
OWNER_ALIVE_S = 2.0
OPEN_S = 5.0


class _Collector:
    """Gathers what the robot says between two messages to the window."""

    def __init__(self) -> None:
        self.heard = time.monotonic()
        self._series: dict[str, list[TimeSeries]] = {}
        self._events: list[RecordedEvent] = []
        self._status: RobotStatus | None = None
        self._outcome = ""
        self._final = False

    def samples(self, series: Mapping[str, TimeSeries]) -> None:
        self.heard = time.monotonic()
        for name, s in series.items():
            self._series.setdefault(name, []).append(s)

    def events(self, events: Sequence[RecordedEvent]) -> None:
        self.heard = time.monotonic()
        self._events += events

    def status(self, status: RobotStatus) -> None:
        self.heard = time.monotonic()
        self._status = status

    def outcome(self, outcome: str, final: bool) -> None:
        self._outcome, self._final = outcome, final

    @property
    def final(self) -> bool:
        return self._final

    def take(self) -> Said | None:
        if not (self._series or self._events or self._status or self._outcome):
            return None
        said = Said(
            {n: joined(s) for n, s in self._series.items()}, tuple(self._events), self._status, self._outcome, self._final
        )
        self._series, self._events, self._status, self._outcome, self._final = {}, [], None, "", False
        return said


def joined(parts: list[TimeSeries]) -> TimeSeries:
    """Chunks of one channel as one."""
    if len(parts) == 1:
        return parts[0]
    return TimeSeries(parts[0].channel, np.concatenate([p.t for p in parts]), np.vstack([p.values for p in parts]))


class _Worker:
    def __init__(self, pipe: Connection, connection: RobotConnection, address: str) -> None:
        self._pipe = pipe
        self._connection = connection
        self._address = address
        self._outbox = Outbox(pipe)
        self._collector = _Collector()
        self._owner_alive = time.monotonic()
        self._requests: asyncio.Queue[Request] = asyncio.Queue()
        self._leave = asyncio.Event()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._listen, args=(loop,), name="requests", daemon=True).start()
        try:
            info = await asyncio.wait_for(self._connection.open(self._address, self._collector), OPEN_S)
        except WorkbenchError as error:
            self._end(Gone(error.code, _texts(error.params)))
            return
        except (OSError, TimeoutError) as error:
            self._end(Gone("robot.unreachable", {"address": self._address, "reason": str(error) or "no answer"}))
            return
        self._outbox.send(Connected(info))
        gone = asyncio.ensure_future(self._connection.closed())
        tasks = [asyncio.ensure_future(work) for work in (self._beats(), self._forward(), self._ask(), self._leave.wait())]
        await asyncio.wait([gone, tasks[-1]], return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        said = self._collector.take()
        if said is not None:
            self._outbox.send(said)
        if gone.done():
            self._end(Gone("robot.lost", {"name": info.name, "reason": gone.result()}))
        else:
            gone.cancel()
            await self._connection.close()
            self._end(Gone("", {}))

    def _end(self, message: Gone) -> None:
        self._outbox.send(message)
        self._outbox.close()

    async def _beats(self) -> None:
        while True:
            begun = time.monotonic()
            if begun - self._owner_alive < OWNER_ALIVE_S:
                try:
                    beat = await asyncio.wait_for(self._connection.beat(), 1.0)
                    self._collector.heard = time.monotonic()
                    self._outbox.show(Health(beat.round_trip, 0.0))
                except (WorkbenchError, TimeoutError):
                    self._outbox.show(Health(-1.0, time.monotonic() - self._collector.heard))
            await asyncio.sleep(max(0.005, BEAT_S - (time.monotonic() - begun)))

    async def _forward(self) -> None:
        while True:
            await asyncio.sleep(FORWARD_S)
            said = self._collector.take()
            if said is not None:
                self._outbox.send(said)

    async def _ask(self) -> None:
        while True:
            request = await self._requests.get()
            try:
                await asyncio.wait_for(self._call(request), 5.0)
                self._outbox.send(Answer(request.number))
            except (WorkbenchError, SimError) as error:
                self._outbox.send(Answer(request.number, error.code, _texts(error.params)))
            except TimeoutError:
                self._outbox.send(Answer(request.number, "robot.no_answer", {"asked": request.name}))

    async def _call(self, request: Request) -> None:
        params, connection = request.params, self._connection
        match request.name:
            case "upload":
                await connection.upload(params["bundle"])
            case "start":
                await connection.start()
            case "stop":
                await connection.request_stop(params["who"], params["reason"])
            case "clear_stop":
                await connection.clear_stop(params["who"], params["why"])
            case "restore":
                await connection.restore()

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                message = Disconnect()
            if isinstance(message, Alive):
                self._owner_alive = time.monotonic()
                continue
            try:
                if isinstance(message, Request):
                    loop.call_soon_threadsafe(self._requests.put_nowait, message)
                else:
                    loop.call_soon_threadsafe(self._leave.set)
                    return
            except RuntimeError:
                return  # the loop has ended already


def main(pipe: Connection, reference: str, address: str) -> None:
    """Entry of the spawned process. ``reference``: ``module:name`` of the plugin's connection."""
    module, _, name = reference.partition(":")

    async def run() -> None:
        connection: RobotConnection = getattr(import_module(module), name)()
        await _Worker(pipe, connection, address).run()

    asyncio.run(run())


def _texts(params: Mapping[str, object]) -> dict[str, str]:
    return {k: str(v) for k, v in params.items()}
