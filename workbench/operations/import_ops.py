"""What a user does with data from outside: bring in a log, add a robot by path, replay a log's commands in simulation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.model_check import checked
from sim.recording import Recording
from sim.replay import replay
from sim.robot import RobotModel, load_robot
from workbench.operations.compare_ops import compare_recordings, recording_problems
from workbench.session import NamedRecording, Session
from workbench.telemetry.importers import import_log
from workbench.telemetry.mcap_file import write_recording


def import_recording(session: Session, path: Path, robot: RobotModel | None = None) -> NamedRecording:
    """Bring a log into the session; nothing changes where it cannot be read.

    Args:
        path: see ``workbench.telemetry.importers.import_log``.
        robot: whose joints it holds; None: the session's.

    Raises:
        WorkbenchError: ``log.*``; ``log.no_joint_known`` where it is another robot's.
    """
    return add_recording(session, import_log(path, robot or session.robot), path.stem)


def add_recording(session: Session, recording: Recording, name: str, path: Path | None = None) -> NamedRecording:
    """A recording in the session's list, with a name no other has."""
    taken = {r.name for r in session.recordings}
    free, number = name, 2
    while free in taken:
        free, number = f"{name} {number}", number + 1
    named = NamedRecording(free, recording, path)
    session.recordings.append(named)
    session.notify("recordings")
    return named


def remove_recording(session: Session, named: NamedRecording) -> None:
    """Take a recording out of the list; its file stays. A comparison that showed it goes too."""
    session.recordings = [r for r in session.recordings if r is not named]
    if named in session.compare_pair:
        session.compare_pair = (None, None)
        session.comparison = None
        session.notify("comparison")
    session.notify("recordings")


def add_robot(session: Session, profile: Path, model_path: Path | None = None) -> RobotModel:
    """A robot by path: its profile, and its MJCF (or the folder with it) where that lies elsewhere. It becomes the session's.

    What was simulated for another robot is taken away; the plan, being free of robots, stays.

    Raises:
        SimError: as ``checked_robot``; the session is then as before.
    """
    robot = checked_robot(profile, model_path)
    use_robot(session, robot)
    return robot


def checked_robot(profile: Path, model_path: Path | None = None) -> RobotModel:
    """A robot by path, once its model is found safe and to hold what the profile names. Takes seconds; needs no session.

    Raises:
        SimError: ``robot.*``, ``model.*`` or ``scene.element_missing``.
    """
    return checked(load_robot(profile, model_path))


def use_robot(session: Session, robot: RobotModel) -> None:
    """Work with another robot. The same robot at another place is no other robot: what was simulated for it stays."""
    same = robot.content_hash == session.robot.content_hash
    session.robot = robot
    if same:
        return
    session.simulated = None
    session.report = None
    session.report_plan = None
    session.notify("project", "plan", "simulation", "report")


def replay_recording(session: Session, named: NamedRecording, simulated: Recording | None = None) -> NamedRecording:
    """Add the replay of a recording's commands through the session's robot (base held) and compare it with what was measured.

    Args:
        named: holds ``joint.command`` and ``joint.position``.
        simulated: the replay, where a job made it already (``sim.replay.replay``).

    Raises:
        SimError: ``replay.*``; WorkbenchError: ``comparison.*``.
    """
    out = simulated if simulated is not None else replay(named.recording, session.robot)
    added = add_recording(session, out, f"{named.name} (sim)")
    compare_recordings(session, named, added)
    return added


def import_file(path: Path, out: Path, robot: RobotModel | None = None) -> dict[str, Any]:
    """Read a log and write it as MCAP; JSON data of what was found: channels, duration and problems.

    Raises:
        WorkbenchError: ``log.*`` or ``recording.*``.
    """
    recording = import_log(path, robot)
    write_recording(recording, out)
    return {
        "channels": [
            {"name": s.channel.name, "unit": s.channel.unit, "columns": list(s.channel.columns), "samples": len(s.t)}
            for s in recording.series.values()
        ],
        "duration_s": recording.duration,
        "problems": recording_problems(recording),
        "joints": list(recording.header.joint_names),
    }


def replay_file(path: Path, robot: RobotModel, out: Path) -> Recording:
    """Replay the commands of an MCAP file or log (base held) and write what came of it."""
    simulated = replay(import_log(path, robot), robot)
    write_recording(simulated, out)
    return simulated
