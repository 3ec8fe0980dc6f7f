"""The reference robot's socket: streams what it senses, takes commands, keeps the physics on the wall clock. One event loop, one thread."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from plugins.reference_robot import protocol
from plugins.reference_robot.protocol import EVENTS_TOPIC, OUTCOME_TOPIC, SERVICES, STATUS_TOPIC, SUBPROTOCOL, refusal
from plugins.reference_robot.robot import ReferenceRobot
from sim.cell import WorkCell
from sim.control.loop import CONTROL_PERIOD
from sim.robot import RobotModel
from workbench.api import SCHEMAS, ChannelCodec, TimeSeries, WorkbenchError, codec_of, encode_string, event_to_json

PUBLISH_S = 0.02
STATUS_S = 0.1
#: Control periods in a row before the socket gets its turn.
BURST = 4
MAX_BEHIND_S = 0.2
#: What may wait for a slow reader before samples are dropped for it, frames.
QUEUE_FRAMES = 20_000
_TEXT = "std_msgs/msg/String"


@dataclass(eq=False)
class _Client:
    socket: ServerConnection
    session: str
    control: bool
    subscriptions: dict[int, int] = field(default_factory=dict)
    queue: asyncio.Queue[list[bytes]] = field(default_factory=asyncio.Queue)
    waiting: int = 0
    dropped: int = 0
    sequence: int = -1


class RobotServer:
    """Serves one robot on an address.

    Args:
        robot: the robot.
        speed: robot seconds per second; less where the machine is too slow.
    """

    def __init__(self, robot: ReferenceRobot, speed: float = 1.0) -> None:
        self.robot = robot
        self.speed = speed
        self._clients: dict[ServerConnection, _Client] = {}
        self._sessions = 0
        self._attended = asyncio.Event()
        self._codecs: dict[str, tuple[int, ChannelCodec]] = {}
        for number, channel in enumerate(robot.info().channels, start=1):
            self._codecs[channel.name] = (number, codec_of(channel))
        first = len(self._codecs) + 1
        self._texts = {topic: first + i for i, topic in enumerate((STATUS_TOPIC, EVENTS_TOPIC, OUTCOME_TOPIC))}
        self._newest_text: dict[str, str] = {}

    async def run(self, host: str, port: int, listening: asyncio.Future[int] | None = None) -> None:
        """Serve until cancelled; ``listening`` gets the port."""
        async with serve(
            self._attend,
            host,
            port,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,
            max_size=protocol.MAX_MESSAGE,
            ping_interval=None,
            server_header=None,
        ) as server:
            if listening is not None:
                listening.set_result(_port(server))
            await self._live()

    # -- physics -----------------------------------------------------------------------------------------------------

    async def _live(self) -> None:
        published = told = 0.0
        while True:
            if not self._clients and self.robot.state not in ("running", "stopping"):
                # Nobody looks and nothing moves: time stands, as with a robot that is switched off.
                self._attended.clear()
                await self._attended.wait()
            zero, start = time.monotonic(), self.robot.time
            while self._clients or self.robot.state in ("running", "stopping"):
                now = time.monotonic()
                due = start + (now - zero) * self.speed
                if due - self.robot.time > MAX_BEHIND_S * max(self.speed, 1.0):
                    zero, start = now, self.robot.time
                    due = start
                for _ in range(BURST):
                    if self.robot.time > due:
                        break
                    self.robot.tick()
                now = time.monotonic()
                if now - published >= PUBLISH_S:
                    published = now
                    self._publish()
                if now - told >= STATUS_S:
                    told = now
                    self._text(STATUS_TOPIC, protocol.status_to_json(self.robot.status()))
                ahead = zero + (self.robot.time + CONTROL_PERIOD - start) / self.speed - time.monotonic()
                await asyncio.sleep(max(0.0, ahead))

    def _publish(self) -> None:
        outcome = self.robot.take_outcome()
        samples = self.robot.take_samples()
        events = self.robot.take_events()
        if samples:
            self._samples(samples)
        for event in events:
            self._text(EVENTS_TOPIC, event_to_json(event))
        if outcome is not None:
            text, final = outcome
            if final:
                self._text(STATUS_TOPIC, protocol.status_to_json(self.robot.status()))
            self._text(OUTCOME_TOPIC, json.dumps({"final": final, "outcome": text}))

    def _samples(self, samples: Mapping[str, TimeSeries]) -> None:
        ready: dict[int, tuple[np.ndarray[Any, np.dtype[np.int64]], list[bytes]]] = {}
        for name, series in samples.items():
            number, codec = self._codecs[name]
            stamps = np.rint(series.t * 1e9).astype(np.int64)
            ready[number] = (stamps, [row.tobytes() for row in codec.encode(stamps, series.values)])
        for client in self._clients.values():
            frames = [
                protocol.data_frame(subscription, int(stamp), payload)
                for subscription, number in client.subscriptions.items()
                if number in ready
                for stamp, payload in zip(*ready[number], strict=True)
            ]
            if client.waiting + len(frames) > QUEUE_FRAMES:
                client.dropped += len(frames)
                continue
            self._put(client, frames)

    def _text(self, topic: str, text: str) -> None:
        """A text message; never dropped."""
        number = self._texts[topic]
        if topic != EVENTS_TOPIC:
            self._newest_text[topic] = text
        stamp = round(self.robot.time * 1e9)
        for client in self._clients.values():
            found = [s for s, n in client.subscriptions.items() if n == number]
            if found:
                self._put(client, [protocol.data_frame(s, stamp, encode_string(text)) for s in found])

    def _put(self, client: _Client, frames: list[bytes]) -> None:
        if frames:
            client.waiting += len(frames)
            client.queue.put_nowait(frames)

    # -- one client --------------------------------------------------------------------------------------------------

    async def _attend(self, socket: ServerConnection) -> None:
        self._sessions += 1
        control = not any(c.control for c in self._clients.values())
        client = _Client(socket, f"{id(self):x}-{self._sessions}", control)
        writer = asyncio.ensure_future(self._write(client))
        try:
            for greeting in self._greeting(client):
                await socket.send(json.dumps(greeting))
            self._clients[socket] = client
            self._attended.set()
            async for message in socket:
                await self._take(client, message)
        except ConnectionClosed:
            pass
        finally:
            self._clients.pop(socket, None)
            writer.cancel()

    async def _write(self, client: _Client) -> None:
        try:
            while True:
                for frame in await client.queue.get():
                    client.waiting -= 1
                    await client.socket.send(frame)
        except ConnectionClosed:
            pass

    def _greeting(self, client: _Client) -> list[dict[str, Any]]:
        info = self.robot.info()
        server_info = {
            "op": "serverInfo",
            "name": info.name,
            "capabilities": ["services"],
            "supportedEncodings": ["json"],
            "sessionId": client.session,
            "metadata": {
                "protocol": protocol.VERSION,
                "robot": json.dumps(protocol.info_to_data(info)),
                "control": json.dumps(client.control),
            },
        }
        channels = [(number, codec.topic, codec.schema) for number, codec in self._codecs.values()]
        channels += [(number, topic, _TEXT) for topic, number in self._texts.items()]
        advertised = [
            {"id": n, "topic": t, "encoding": "cdr", "schemaName": s, "schema": SCHEMAS[s], "schemaEncoding": "ros2msg"}
            for n, t, s in channels
        ]
        kind = {"encoding": "json", "schemaName": "object", "schemaEncoding": "jsonschema", "schema": '{"type": "object"}'}
        services = [
            {"id": i, "name": name, "type": name, "request": kind, "response": kind} for i, name in enumerate(SERVICES, start=1)
        ]
        return [server_info, {"op": "advertise", "channels": advertised}, {"op": "advertiseServices", "services": services}]

    async def _take(self, client: _Client, message: str | bytes) -> None:
        try:
            if isinstance(message, bytes):
                service, call, body = protocol.read_call(message, 2)
                await self._serve(client, service, call, body)
                return
            data = json.loads(message)
            if data["op"] == "subscribe":
                for s in data["subscriptions"]:
                    client.subscriptions[int(s["id"])] = int(s["channelId"])
                for topic, text in self._newest_text.items():
                    self._text(topic, text)
            elif data["op"] == "unsubscribe":
                for s in data["subscriptionIds"]:
                    client.subscriptions.pop(int(s), None)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            await client.socket.send(json.dumps({"op": "status", "level": 2, "message": f"not understood: {error}"}))

    async def _serve(self, client: _Client, service: int, call: int, body: dict[str, Any]) -> None:
        try:
            answer = self._obey(client, SERVICES[service - 1] if 0 < service <= len(SERVICES) else "", body)
        except WorkbenchError as error:
            said = {"code": error.code, "params": {k: str(v) for k, v in error.params.items()}}
            failure = {"op": "serviceCallFailure", "serviceId": service, "callId": call, "message": json.dumps(said)}
            await client.socket.send(json.dumps(failure))
            return
        await client.socket.send(protocol.call_frame(3, service, call, answer))

    def _obey(self, client: _Client, service: str, body: Mapping[str, Any]) -> dict[str, Any]:
        now = time.monotonic()
        if service == "beat":
            if client.control:
                self.robot.beat()
            return {"mono": now, "robot": self.robot.time, "dropped": client.dropped}
        if service == "stop":  # anyone, at any time, however late
            self.robot.request_stop(str(body.get("who", "")), str(body.get("reason", "")))
            return {}
        sequence = int(body.get("seq", -1))
        if sequence <= client.sequence:
            raise refusal("old_command", seq=sequence)
        if now - float(body.get("issued_at", 0.0)) > float(body.get("ttl_s", protocol.TTL_S)):
            raise refusal("expired")
        client.sequence = sequence
        if not client.control:
            raise refusal("watch_only")
        match service:
            case "upload":
                self.robot.upload(dict(body.get("bundle", {})))
            case "start":
                self.robot.start()
            case "clear_stop":
                self.robot.clear_stop(str(body.get("who", "")), str(body.get("why", "")))
            case "restore":
                self.robot.restore()
            case _:
                raise refusal("unknown_service", service=service)
        self._text(STATUS_TOPIC, protocol.status_to_json(self.robot.status()))
        return {}


async def serve_robot(
    model: RobotModel,
    cell: WorkCell,
    *,
    seed: int,
    host: str = "127.0.0.1",
    port: int = 0,
    speed: float = 1.0,
    watchdog_s: float = 0.3,
    listening: asyncio.Future[int] | None = None,
) -> None:
    """Build a reference robot and serve it until cancelled; ``listening`` gets the port once a client may come."""
    logging.getLogger("websockets").setLevel(logging.ERROR)
    robot = ReferenceRobot(model, cell, seed, watchdog_s)
    robot.speed = speed
    await RobotServer(robot, speed).run(host, port, listening)


def serve_process(pipe: Connection, options: Mapping[str, Any]) -> None:
    """Entry of a spawned process: sends ``("listening", address)`` or ``("failed", code, params)``; ends with its owner."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        listening: asyncio.Future[int] = loop.create_future()
        work = asyncio.ensure_future(serve_robot(listening=listening, **options))
        both: list[asyncio.Future[Any]] = [work, listening]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if listening.done():
            pipe.send(("listening", f"ws://{options.get('host', '127.0.0.1')}:{listening.result()}"))
        await work

    try:
        asyncio.run(run())
    except OSError as error:
        pipe.send(("failed", "robot.port_taken", {"reason": str(error)}))


def _port(server: Server) -> int:
    return int(next(iter(server.sockets)).getsockname()[1])
