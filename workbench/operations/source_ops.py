"""What a user does with live sources: start and end a live simulation, play a recording, ask the source for something."""

from __future__ import annotations

from typing import cast

from sim.live.messages import Setup
from sim.motion import Motion
from workbench.errors import WorkbenchError
from workbench.plan.compile import compile_plan
from workbench.registry import load, plugin_by_id
from workbench.session import NamedRecording, Session
from workbench.telemetry.live_source import LiveSource
from workbench.telemetry.source import Capability, TelemetrySource


def start_live(session: Session, *, running: bool = True, seed: int = 0) -> LiveSource:
    """Simulate live the plan as it is now; a plan that cannot be compiled leaves the robot standing. Another source is closed first.

    The first state comes some seconds later (``source.state().note`` is ``source.note.starting`` until then).
    """
    close_source(session)
    motion = _motion(session)
    name = session.robot.profile.name.get("en", session.robot.id)
    source = LiveSource(Setup(session.robot, session.cell, motion, seed=seed, running=running), name)
    session.source = source
    session.notify("source")
    return source


def stop_live(session: Session) -> None:
    """End the live simulation, if there is one."""
    if session.source is not None and session.source.kind == "simulation":
        close_source(session)


def restart_live(session: Session) -> LiveSource:
    """Simulate live again from the start, with the plan as it is now."""
    return start_live(session)


def play_recording(session: Session, named: NamedRecording) -> TelemetrySource:
    """A recording as the live source, paused at its start."""
    close_source(session)
    make = load(plugin_by_id("log_replay").log_source)
    source = cast(TelemetrySource, make(named.recording, named.name))
    session.source = source
    session.notify("source")
    return source


def ask_source(session: Session, name: Capability, value: object = None) -> None:
    """Ask the source for something it is capable of.

    Raises:
        WorkbenchError: ``source.none``, ``source.cannot`` or ``source.bad_value``.
    """
    if session.source is None:
        raise WorkbenchError("source.none")
    session.source.command(name, value)
    session.notify("source")


def close_source(session: Session) -> None:
    """Let go of the live source, whatever it is."""
    source, session.source = session.source, None
    if source is not None:
        source.close()
        session.notify("source")


def _motion(session: Session) -> Motion | None:
    if session.simulated is not None and not session.simulation_stale:
        return session.simulated.motion
    return compile_plan(session.plan, session.robot, session.cell).motion
