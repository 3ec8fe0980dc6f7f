"""The window's end of a robot connection: a telemetry source, requests with answers, and the recording of each run."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from sim.recording import RecordedEvent, Recording
from sim.snapshot import Snapshot
from sim.timeseries import Channel, TimeSeries
from workbench.connection import worker
from workbench.connection.connection import RobotInfo, RobotStatus
from workbench.connection.gate import pass_gate
from workbench.connection.messages import Alive, Answer, Connected, Disconnect, Gone, Health, Request, RequestName, Said
from workbench.connection.run_log import RunLog
from workbench.errors import WorkbenchError
from workbench.telemetry.source import Capability, SourceState

#: The robot said nothing for so long: what is shown is stale, s.
STALE_S = 0.4
_ALIVE_EVERY_S = 0.05


class RobotSource:
    """A robot, connected through a plugin in a process of its own. Every method but ``wait`` and ``close`` returns at once.

    Args:
        address: where it is. reference: ``module:name`` of the plugin's connection.
        folder: where recordings of runs are written while they happen; None: in memory only.
    """

    kind: Literal["simulation", "robot", "log"] = "robot"

    def __init__(self, address: str, reference: str, folder: Path | None = None) -> None:
        self.address = address
        self.folder = folder
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self.process = context.Process(
            target=worker.main, args=(theirs, reference, address), name=f"robot {address}", daemon=True
        )
        self.process.start()
        theirs.close()
        self._changed = threading.Condition()
        self.info: RobotInfo | None = None
        self.status: RobotStatus | None = None
        self.gone: Gone | None = None
        self._health = Health(-1.0, 0.0)
        self._heard = time.monotonic()
        self._pending: dict[str, list[TimeSeries]] = {}
        self._newest: dict[str, np.ndarray[Any, np.dtype[np.float64]]] = {}
        self._newest_t = 0.0
        self._events: list[RecordedEvent] = []
        self._answers: dict[int, Answer] = {}
        self._errors: list[WorkbenchError] = []
        self._number = 0
        self._alive_sent = 0.0
        self._closing = False
        self._log: RunLog | None = None
        self._runs: list[tuple[Recording, Path | None]] = []
        self._reader = threading.Thread(target=self._read, name="robot reader", daemon=True)
        self._reader.start()

    # -- as a telemetry source ---------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The robot's own name, or the address while it has not answered."""
        return self.info.name if self.info is not None else self.address

    @property
    def capabilities(self) -> frozenset[Capability]:
        """A robot can be run and stopped; one that is only watched can be stopped."""
        if self.info is None or self.gone is not None:
            return frozenset()
        return frozenset({"run", "stop"}) if self.info.control else frozenset({"stop"})

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels it delivers."""
        return self.info.channels if self.info is not None else ()

    def state(self) -> SourceState:
        """How it is doing now. ``note`` ends in ``latched`` while a stop is."""
        self._sign_of_life()
        status, gone = self.status, self.gone
        at = status.time - (status.started_at or 0.0) if status is not None else 0.0
        age = time.monotonic() - self._heard
        if gone is not None:
            return SourceState(False, False, at, age=age, note="source.note.lost" if gone.code else "")
        if self.info is None or status is None:
            return SourceState(False, False, 0.0, note="source.note.connecting")
        note = f"source.note.{status.state}"
        if status.stop_latched:
            note = "source.note.latched"
        elif age > STALE_S:
            note = "source.note.silent"
        trip = self._health.round_trip
        running = status.state in ("running", "stopping")
        return SourceState(True, running, at, status.speed, None if trip < 0 else trip, age, note=note)

    def snapshot(self) -> Snapshot | None:
        """The newest state; None before the first."""
        self._sign_of_life()
        newest, status = self._newest, self.status
        position = newest.get("joint.position")
        if position is None or status is None:
            return None
        base = newest.get("base.pose")
        force, target, margin = newest.get("foot.contact_force"), newest.get("foot.target"), newest.get("balance.margin")
        return Snapshot(
            time=max(self._newest_t - status.started_at, 0.0) if status.started_at is not None else 0.0,
            base_pose=base if base is not None else np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
            joint_position=position,
            objects={n[7:-5]: v for n, v in newest.items() if n.startswith("object.") and n.endswith(".pose")},
            step_id=status.step_id,
            com=newest.get("com.position"),
            foot_force=force.reshape(2, 3) if force is not None else None,
            foot_target=target.reshape(2, 4) if target is not None else None,
            margin=float(margin[0]) if margin is not None and np.isfinite(margin[0]) else None,
            fallen=status.state == "fallen",
            running=status.state in ("running", "stopping"),
        )

    def drain(self) -> Mapping[str, TimeSeries]:
        """Samples since the last call; times on the robot's clock, from the start of the newest run on from there."""
        self._sign_of_life()
        with self._changed:
            pending, self._pending = self._pending, {}
        return {name: worker.joined(parts) for name, parts in pending.items()}

    def events(self) -> tuple[RecordedEvent, ...]:
        """Events since the last call."""
        with self._changed:
            events, self._events = self._events, []
        return tuple(events)

    def command(self, name: Capability, value: object = None) -> None:
        """``stop`` asks for a stop in balance (value: who); ``run`` starts what was uploaded. WorkbenchError ``source.cannot``."""
        if name == "stop":
            self.request_stop(str(value or ""), "asked")
        elif name == "run" and name in self.capabilities:
            self.request("start")
        else:
            raise WorkbenchError("source.cannot", name=self.name, asked=name, valid=", ".join(sorted(self.capabilities)))

    def close(self) -> None:
        """Let go of the robot and end the process."""
        self._closing = True
        with suppress(OSError):
            self._pipe.send(Disconnect())
        self.process.join(timeout=2.0)
        if self.process.is_alive():
            self.process.kill()
            self.process.join(timeout=2.0)
        self._reader.join(timeout=2.0)
        self._pipe.close()

    # -- as a robot --------------------------------------------------------------------------------------------------

    def send_motion(self, verified: object) -> int:
        """Hand over a verified motion and start it; the number of the start's answer.

        Raises:
            WorkbenchError: ``gate.*``, ``robot.not_connected``.
        """
        if self.info is None or self.gone is not None:
            raise WorkbenchError("robot.not_connected", name=self.name)
        bundle = pass_gate(verified, self.info)
        if self.status is not None and not self.status.at_start:
            self.request("restore")
        self.request("upload", bundle=bundle)
        return self.request("start")

    def request_stop(self, who: str, reason: str) -> int:
        """Ask for a stop in balance; it stays latched."""
        return self.request("stop", who=who, reason=reason)

    def clear_stop(self, who: str, why: str) -> int:
        """Take the latch away; WorkbenchError ``robot.clear_needs_name`` where who or why is missing."""
        if not who.strip() or not why.strip():
            raise WorkbenchError("robot.clear_needs_name")
        return self.request("clear_stop", who=who, why=why)

    def request(self, name: RequestName, **params: object) -> int:
        """Ask; the number under which the answer comes. WorkbenchError ``robot.not_connected``."""
        if self.info is None or self.gone is not None:
            raise WorkbenchError("robot.not_connected", name=self.name)
        self._number += 1
        try:
            self._pipe.send(Request(self._number, name, params))
        except OSError as error:
            raise WorkbenchError("robot.not_connected", name=self.name) from error
        return self._number

    def take_errors(self) -> tuple[WorkbenchError, ...]:
        """Refusals and losses since the last call, to be shown to the user."""
        with self._changed:
            errors, self._errors = self._errors, []
        return tuple(errors)

    def take_runs(self) -> tuple[tuple[Recording, Path | None], ...]:
        """Runs that ended since the last call, with the file each was written to."""
        with self._changed:
            runs, self._runs = self._runs, []
        return tuple(runs)

    def wait(self, condition: str, timeout: float, number: int = 0) -> bool:
        """For headless use: wait for ``connected``, ``answer`` (of a number) or ``run`` (one has ended); False when time is up.

        Raises:
            WorkbenchError: the connection failed, or the request was refused.
        """
        end = time.monotonic() + timeout
        while True:
            self._sign_of_life()
            with self._changed:
                if condition == "run" and self._runs:
                    return True
                if condition == "answer" and number in self._answers:
                    answer = self._answers[number]
                    if answer.code:
                        raise WorkbenchError(answer.code, **answer.params)
                    return True
                if condition == "connected" and self.info is not None and self.status is not None:
                    return True
                if self._errors:
                    raise self._errors.pop(0)
                if self.gone is not None:
                    raise WorkbenchError(self.gone.code or "robot.not_connected", **{"name": self.name, **self.gone.params})
                left = end - time.monotonic()
                if left <= 0.0:
                    return False
                self._changed.wait(min(left, _ALIVE_EVERY_S))

    # -- the reader's thread -----------------------------------------------------------------------------------------

    def _read(self) -> None:
        while True:
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                break
            with self._changed:
                self._take(message)
                self._changed.notify_all()
        with self._changed:
            if self.gone is None:
                self._take(Gone("" if self._closing else "robot.connection_died", {"name": self.name}))
            self._changed.notify_all()

    def _take(self, message: object) -> None:
        match message:
            case Said():
                self._heard = time.monotonic()
                self._hear(message)
            case Health():
                self._health = message
                if message.round_trip >= 0:
                    self._heard = time.monotonic()
            case Answer():
                self._answers[message.number] = message
                if message.code:
                    self._errors.append(WorkbenchError(message.code, **message.params))
            case Connected():
                self.info = message.info
            case Gone():
                self.gone = message
                if message.code:
                    self._errors.append(WorkbenchError(message.code, **message.params))
                if self._log is not None:
                    self._finish(lost=True)

    def _hear(self, said: Said) -> None:
        before, status = self.status, said.status or self.status
        if status is not None:
            self.status = status
            fresh = status.started_at is not None and (before is None or before.started_at != status.started_at)
            if fresh and status.state in ("running", "stopping") and self.info is not None:
                self._log = RunLog(self.info, status, self.folder)
                self._events.append(RecordedEvent(0.0, "event.run_started", {"name": self.name}))
        start = status.started_at if status is not None and status.started_at is not None else 0.0
        for name, series in said.series.items():
            if len(series.t):
                self._newest[name] = series.values[-1]
                self._newest_t = float(series.t[-1])
                self._pending.setdefault(name, []).append(TimeSeries(series.channel, series.t - start, series.values))
        self._events += [replace(e, time=e.time - start) for e in said.events]
        if self._log is not None:
            self._log.add(said)
            if said.final:
                self._finish(lost=False)

    def _finish(self, lost: bool) -> None:
        log, self._log = self._log, None
        if log is None:
            return
        try:
            recording, path = log.finish(lost)
        except WorkbenchError as error:
            self._errors.append(error)
            recording, path = log.recording(lost), None
        self._runs.append((recording, path))
        self._events.append(
            RecordedEvent(recording.duration, "event.run_lost" if lost else "event.run_ended", {"name": self.name})
        )

    def _sign_of_life(self) -> None:
        now = time.monotonic()
        if now - self._alive_sent > _ALIVE_EVERY_S and self.gone is None:
            self._alive_sent = now
            with suppress(OSError):  # the reader's thread notices the end and says so
                self._pipe.send(Alive())
