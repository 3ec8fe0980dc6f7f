"""What a user does with a robot: start the reference robot, connect, run the verified motion, request a stop and clear it.

``poll`` carries on what happens by itself: it is called on the window's timer, or in a loop without a window.
"""

from __future__ import annotations

import multiprocessing
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import platformdirs

from sim.cell import WorkCell
from sim.errors import SimError
from sim.recording import Recording
from sim.robot import RobotModel
from workbench.comparison.comparison import Comparison
from workbench.connection.runner import RobotSource
from workbench.errors import WorkbenchError
from workbench.operations.compare_ops import compare_recordings, comparison_to_data, recording_problems
from workbench.operations.import_ops import add_recording
from workbench.operations.simulate_ops import simulate_project, verified_motion
from workbench.operations.source_ops import close_source
from workbench.project.project import RECORDINGS, is_shipped
from workbench.registry import load, plugin_by_id, plugin_for
from workbench.session import NamedRecording, Session
from workbench.telemetry.mcap_file import write_recording

REFERENCE = "reference_robot"
DEFAULT_PORT = 8765


class RobotProcess:
    """A reference robot in a process of its own; it ends with this program.

    Args:
        robot, cell: what it is and where it stands. seed: which robot it truly is; None: any, told to nobody.
        port: 0 takes a free one. speed: robot seconds per second, as far as the machine manages.
        watchdog_s: without heartbeats for so long it stops.
    """

    def __init__(
        self,
        robot: RobotModel,
        cell: WorkCell,
        seed: int | None = None,
        port: int = 0,
        speed: float = 1.0,
        watchdog_s: float = 0.3,
    ) -> None:
        options = {
            "model": robot,
            "cell": cell,
            "seed": secrets.randbelow(10_000) if seed is None else seed,
            "port": port,
            "speed": speed,
            "watchdog_s": watchdog_s,
        }
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        serve = load(plugin_by_id(REFERENCE).server)
        self.process = context.Process(target=serve, args=(theirs, options), name="reference robot", daemon=True)
        self.process.start()
        theirs.close()
        self._address = ""

    @property
    def address(self) -> str:
        """Where it listens; "" while it is still starting. WorkbenchError ``robot.*`` where it cannot start."""
        if not self._address:
            self._hear(0.0)
        return self._address

    def wait(self, timeout: float = 60.0) -> str:
        """Its address, waited for; WorkbenchError ``robot.not_started``."""
        if not self._address and not self._hear(timeout):
            raise WorkbenchError("robot.not_started", reason=f"no answer within {timeout:g} s")
        return self._address

    def _hear(self, timeout: float) -> bool:
        try:
            if not self._pipe.poll(timeout):
                return False
            message = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise WorkbenchError("robot.not_started", reason=f"its process ended ({self.process.exitcode})") from error
        if message[0] != "listening":
            raise WorkbenchError(message[1], **message[2])
        self._address = str(message[1])
        return True

    def stop(self) -> None:
        """End the process, as if its power were cut."""
        self.process.kill()
        self.process.join(timeout=5.0)
        self._pipe.close()


def start_reference_robot(session: Session, seed: int | None = None, speed: float = 1.0, port: int = 0) -> RobotProcess:
    """A reference robot of the session's robot in its cell; returns at once (``address`` is filled a few seconds later)."""
    return RobotProcess(session.robot, session.cell, seed, port, speed)


def serve_reference_robot(
    robot: RobotModel, cell: WorkCell, seed: int | None, host: str, port: int, speed: float, on_address: Callable[[str], None]
) -> None:
    """Serve a reference robot in this process until it is interrupted; ``on_address`` is told where."""
    serve = load(plugin_by_id(REFERENCE).server)
    chosen = secrets.randbelow(10_000) if seed is None else seed
    options = {"model": robot, "cell": cell, "seed": chosen, "host": host, "port": port, "speed": speed}
    serve(_Told(on_address), options)


def connect(session: Session, address: str) -> RobotSource:
    """Connect to a robot; returns at once. ``source.state()`` tells when it answered, ``poll`` what went wrong.

    Raises:
        WorkbenchError: ``connection.no_plugin``.
    """
    plugin = plugin_for(address)
    close_source(session)
    source = RobotSource(address, plugin.connection, recordings_folder(session))
    session.source = source
    session.notify("source")
    return source


def disconnect(session: Session) -> None:
    """Let go of the robot. A run in progress is stopped by the robot itself when the heartbeats end; its recording is kept."""
    source = session.source
    if isinstance(source, RobotSource):
        close_source(session)
        _keep_runs(session, source)


def run_on_robot(session: Session) -> None:
    """Send the verified motion to the connected robot and start it. Answers and the recording come by ``poll``.

    Raises:
        WorkbenchError: ``project.not_verified``, ``project.stale``, ``gate.*`` or ``robot.not_connected``.
    """
    robot = connected_robot(session)
    robot.send_motion(verified_motion(session))
    session.notify("source")


def request_stop(session: Session, who: str = "operator", reason: str = "asked in the window") -> None:
    """Ask whatever is live to stop in balance: the robot (latched there), or the live simulation. Nothing where nothing is live."""
    source = session.source
    if isinstance(source, RobotSource):
        source.request_stop(who, reason)
    elif source is not None and "stop" in source.capabilities:
        source.command("stop")
    session.notify("source")


def clear_stop(session: Session, who: str, why: str) -> None:
    """Take a latched stop away; the motion does not resume.

    Raises:
        WorkbenchError: ``robot.clear_needs_name`` or ``robot.not_connected``.
    """
    connected_robot(session).clear_stop(who, why)
    session.notify("source")


def poll(session: Session) -> tuple[WorkbenchError | SimError, ...]:
    """Take in what the live source did by itself: runs that ended join the recordings and are compared with the simulation.

    Returns:
        What went wrong since the last call, to be shown to the user.
    """
    source = session.source
    if not isinstance(source, RobotSource):
        take = getattr(source, "take_errors", None)
        return tuple(take()) if take is not None else ()
    errors: list[WorkbenchError | SimError] = list(source.take_errors())
    errors += _keep_runs(session, source)
    if errors:
        session.notify("source")
    return tuple(errors)


def connected_robot(session: Session) -> RobotSource:
    """The robot at the other end; WorkbenchError ``robot.not_connected`` where there is none."""
    if not isinstance(session.source, RobotSource):
        raise WorkbenchError("robot.not_connected", name="-")
    return session.source


def recordings_folder(session: Session) -> Path:
    """Where runs are written: in the project, or with the user's data where the project is an example or lies nowhere."""
    folder = session.project_folder
    if folder is None or is_shipped(folder):
        return platformdirs.user_data_path("humanoid-workbench") / RECORDINGS
    return folder / RECORDINGS


def run_project_on(
    path: Path,
    address: str,
    out: Path,
    *,
    robot: str | None = None,
    seed: int = 1,
    timeout: float = 900.0,
    progress: Callable[[float], None] | None = None,
) -> dict[str, Any]:
    """Simulate and check a project, run it on the robot at an address, compare; the recording goes to ``out``.

    Returns:
        JSON data: success, cycle time, steps, problems and the comparison with the simulation.

    Raises:
        WorkbenchError, SimError: what is wrong with the project, the verdict, the connection or the robot's answer.
    """
    session, _ = simulate_project(path, robot, seed, progress)
    verified = verified_motion(session)
    plugin = plugin_for(address)
    source = RobotSource(address, plugin.connection)
    try:
        if not source.wait("connected", 15.0):
            raise WorkbenchError("robot.unreachable", address=address, reason="no answer")
        source.wait("answer", 15.0, source.send_motion(verified))
        if not source.wait("run", timeout):
            source.request_stop("run", "time is up")
            raise WorkbenchError("robot.run_too_long", seconds=timeout)
        recording = source.take_runs()[0][0]
    finally:
        source.close()
    write_recording(recording, out)
    real = add_recording(session, recording, out.stem, out)
    found: dict[str, Any] | None = None
    with suppress(WorkbenchError):
        found = comparison_to_data(_compare_with_simulation(session, real))
    ends = [s.end for s in recording.steps if s.end is not None]
    return {
        "success": recording.success,
        "cycle_time_s": max(ends, default=None) if recording.completed else None,
        "fell_at_s": recording.fell_at,
        "steps": [
            {"id": s.id, "skill": s.skill, "start_s": s.start, "end_s": s.end, "success": s.success, "reason": s.reason}
            for s in recording.steps
        ],
        "problems": recording_problems(recording),
        "out": str(out),
        "comparison": found,
    }


def _keep_runs(session: Session, source: RobotSource) -> list[WorkbenchError | SimError]:
    errors: list[WorkbenchError | SimError] = []
    for recording, path in source.take_runs():
        stamp = time.strftime("%H:%M:%S", time.localtime(recording.header.wall_start))
        named = add_recording(session, recording, f"{source.name} {stamp}", path)
        try:
            _compare_with_simulation(session, named)
        except WorkbenchError as error:
            errors.append(error)
    return errors


def _compare_with_simulation(session: Session, real: NamedRecording) -> Comparison:
    simulated: Recording | None = session.simulated.recording if session.simulated is not None else None
    if simulated is None or simulated.header.motion_hash != real.recording.header.motion_hash:
        raise WorkbenchError("comparison.no_simulation")
    return compare_recordings(session, real, NamedRecording("simulation", simulated))


class _Told:
    """Looks like the pipe of a robot's process to its server, and tells the address to a function instead."""

    def __init__(self, on_address: Callable[[str], None]) -> None:
        self._on_address = on_address

    def send(self, message: tuple[Any, ...]) -> None:
        """What the server says when it listens, or cannot."""
        if message[0] == "listening":
            self._on_address(str(message[1]))
        else:
            raise WorkbenchError(message[1], **message[2])
