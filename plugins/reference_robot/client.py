"""The reference robot's connection: the other end of its socket. Runs in the connection's own process."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.typing import Subprotocol

from plugins.reference_robot import protocol
from plugins.reference_robot.protocol import EVENTS_TOPIC, OUTCOME_TOPIC, SERVICES, STATUS_TOPIC, SUBPROTOCOL
from workbench.api import (
    Beat,
    ChannelCodec,
    RobotInfo,
    Sink,
    TimeSeries,
    WorkbenchError,
    codec_of,
    decode_string,
    event_from_json,
)

#: Samples are handed on in chunks this long, s.
CHUNK_S = 0.03
CALL_S = 3.0


class ReferenceConnection:
    """A RobotConnection over the Foxglove WebSocket protocol."""

    def __init__(self) -> None:
        self._calls: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._number = 0
        self._sequence = 0
        self._codecs: dict[int, ChannelCodec] = {}
        self._texts: dict[int, str] = {}
        self._waiting: dict[int, tuple[list[int], list[bytes]]] = {}
        self._robot_clock = 0.0
        self._best_trip = float("inf")
        self._reason: asyncio.Future[str] | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, address: str, sink: Sink) -> RobotInfo:
        """Connect and learn who is there."""
        self._address, self._sink = address, sink
        self._reason = asyncio.get_running_loop().create_future()
        url = address if "://" in address else f"ws://{address}"
        try:
            self._socket: ClientConnection = await connect(
                url,
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                compression=None,
                max_size=protocol.MAX_MESSAGE,
                ping_interval=None,
                close_timeout=1.0,
                proxy=None,
            )
        except (OSError, InvalidHandshake, InvalidURI, TimeoutError) as error:
            raise WorkbenchError("robot.unreachable", address=address, reason=str(error)) from error
        try:
            info = await self._greet()
        except (ValueError, KeyError, TypeError, ConnectionClosed) as error:
            await self._socket.close()
            raise WorkbenchError("robot.not_understood", address=address, reason=f"{type(error).__name__}: {error}") from error
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._hand_on())]
        return info

    async def _greet(self) -> RobotInfo:
        info: RobotInfo | None = None
        while True:
            message = json.loads(await self._socket.recv())
            match message["op"]:
                case "serverInfo":
                    metadata = message["metadata"]
                    if metadata["protocol"] != protocol.VERSION:
                        raise ValueError(f"it speaks {metadata['protocol']}, we {protocol.VERSION}")
                    info = protocol.info_from_data(json.loads(metadata["robot"]), bool(json.loads(metadata["control"])))
                case "advertise":
                    if info is None:
                        raise ValueError("channels before the server's info")
                    await self._subscribe(info, message["channels"])
                case "advertiseServices":
                    if info is None or {s["name"] for s in message["services"]} < set(SERVICES):
                        raise ValueError("it lacks services")
                    return info

    async def _subscribe(self, info: RobotInfo, advertised: list[dict[str, Any]]) -> None:
        ours = {codec_of(c).topic: codec_of(c) for c in info.channels}
        wanted = []
        for channel in advertised:
            number, topic = int(channel["id"]), str(channel["topic"])
            if topic in ours and ours[topic].schema == channel["schemaName"]:
                self._codecs[number] = ours[topic]
            elif topic in (STATUS_TOPIC, EVENTS_TOPIC, OUTCOME_TOPIC):
                self._texts[number] = topic
            else:
                continue
            wanted.append({"id": number, "channelId": number})
        await self._socket.send(json.dumps({"op": "subscribe", "subscriptions": wanted}))

    # -- what is asked -----------------------------------------------------------------------------------------------

    async def upload(self, bundle: Mapping[str, Any]) -> None:
        """Hand over a verified motion."""
        await self._command("upload", bundle=bundle)

    async def start(self) -> None:
        """Begin the uploaded motion."""
        await self._command("start")

    async def request_stop(self, who: str, reason: str) -> None:
        """Stop in balance."""
        await self._call("stop", {"who": who, "reason": reason})

    async def clear_stop(self, who: str, why: str) -> None:
        """Take the latch away."""
        await self._command("clear_stop", who=who, why=why)

    async def restore(self) -> None:
        """Robot and workpieces stand at the start again."""
        await self._command("restore")

    async def beat(self) -> Beat:
        """A sign of life, and a measurement of clocks: of many round trips the quickest tells the offset best."""
        sent = time.monotonic()
        answer = await self._call("beat", {})
        trip = time.monotonic() - sent
        if trip < self._best_trip:
            self._best_trip = trip
            self._robot_clock = float(answer["mono"]) - (sent + trip / 2)
        return Beat(trip, self._robot_clock)

    async def _command(self, name: str, **params: object) -> None:
        if self._best_trip == float("inf"):
            await self.beat()
        self._sequence += 1
        issued = time.monotonic() + self._robot_clock
        await self._call(name, {**params, "seq": self._sequence, "issued_at": issued, "ttl_s": protocol.TTL_S})

    async def _call(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        self._number += 1
        number = self._number
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._calls[number] = future
        try:
            await self._socket.send(protocol.call_frame(2, SERVICES.index(name) + 1, number, body))
            return await asyncio.wait_for(future, CALL_S)
        except ConnectionClosed as error:
            raise WorkbenchError("robot.lost", name=self._address, reason=str(error)) from error
        except TimeoutError as error:
            raise WorkbenchError("robot.no_answer", asked=name) from error
        finally:
            self._calls.pop(number, None)

    # -- what comes --------------------------------------------------------------------------------------------------

    async def _read(self) -> None:
        reason = "closed"
        try:
            async for message in self._socket:
                try:
                    self._take(message)
                except (ValueError, KeyError, TypeError) as error:
                    reason = f"not understood: {error}"
                    break
            else:
                reason = "the robot closed the connection"
        except ConnectionClosed as error:
            reason = str(error)
        self._flush()
        for future in self._calls.values():
            if not future.done():
                future.set_exception(WorkbenchError("robot.lost", name=self._address, reason=reason))
        if self._reason is not None and not self._reason.done():
            self._reason.set_result(reason)

    def _take(self, message: str | bytes) -> None:
        if isinstance(message, str):
            data = json.loads(message)
            if data["op"] == "serviceCallFailure":
                said = json.loads(data["message"])
                future = self._calls.get(int(data["callId"]))
                if future is not None and not future.done():
                    future.set_exception(WorkbenchError(said["code"], **said["params"]))
            return
        if message[:1] == b"\x03":
            _, call, body = protocol.read_call(message, 3)
            waiting = self._calls.get(call)
            if waiting is not None and not waiting.done():
                waiting.set_result(body)
            return
        number, stamp, payload = protocol.read_data(message)
        if number in self._codecs:
            stamps, payloads = self._waiting.setdefault(number, ([], []))
            stamps.append(stamp)
            payloads.append(payload)
        elif number in self._texts:
            self._flush()  # what was sensed before something happened is handed on before it
            self._text(self._texts[number], decode_string(payload))

    def _text(self, topic: str, text: str) -> None:
        if topic == STATUS_TOPIC:
            self._sink.status(protocol.status_from_json(text))
        elif topic == EVENTS_TOPIC:
            self._sink.events([event_from_json(text)])
        else:
            data = json.loads(text)
            self._sink.outcome(str(data["outcome"]), bool(data["final"]))

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        series = {}
        for number, (stamps, payloads) in waiting.items():
            codec = self._codecs[number]
            series[codec.channel.name] = TimeSeries(codec.channel, np.array(stamps) / 1e9, codec.decode(payloads))
        if series:
            self._sink.samples(series)

    async def _hand_on(self) -> None:
        while True:
            await asyncio.sleep(CHUNK_S)
            self._flush()

    async def closed(self) -> str:
        """Wait until the connection is gone."""
        assert self._reason is not None
        return await asyncio.shield(self._reason)

    async def close(self) -> None:
        """Let go."""
        for task in self._tasks:
            task.cancel()
        await self._socket.close()
