"""What a user does to a project: open, make, save, recover. A project that cannot be opened is never touched."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from pathlib import Path

import platformdirs

from workbench.errors import WorkbenchError
from workbench.plan.model import Plan
from workbench.project.autosave import FOLDER, Autosave, Recovery, find_recovery
from workbench.project.project import (
    PROJECT_FILE,
    RECORDINGS,
    SIMULATION_FILE,
    LoadedProject,
    ProjectInfo,
    find_cell,
    find_robot,
    is_shipped,
    model_reference,
    read_project,
    reference,
    write_project,
)
from workbench.session import NamedRecording, Session
from workbench.telemetry.mcap_file import read_recording


def open_project(path: Path, robot: str | None = None) -> Session:
    """Open a project (its folder or ``project.json``), for another robot if one is named.

    Raises:
        WorkbenchError, SimError: with what is wrong and where; nothing is written.
    """
    return session_of(read_project(path, robot))


def session_of(loaded: LoadedProject) -> Session:
    """A session over a project that was read (perhaps by a job)."""
    session = Session(loaded.folder, loaded.plan, loaded.robot, loaded.cell)
    session.name = loaded.info.name
    return session


def new_project(name: str, robot: str = "h140", cell: str = "hub_cell") -> Session:
    """A project without steps that lies nowhere yet."""
    here = Path()
    return Session(None, Plan(name), find_robot(robot, here), find_cell(cell, here))


def needs_folder(session: Session) -> bool:
    """Saving needs a folder from the user first: it has none, or it is a shipped example."""
    return session.project_folder is None or is_shipped(session.project_folder)


def save(session: Session) -> None:
    """Save where it lies; ``project.no_folder`` or ``project.shipped`` where a folder must be chosen first."""
    if session.project_folder is None:
        raise WorkbenchError("project.no_folder")
    if is_shipped(session.project_folder):
        raise WorkbenchError("project.shipped", path=str(session.project_folder))
    _write(session, session.project_folder)


def save_as(session: Session, folder: Path) -> None:
    """Save into a new or empty folder (or over another project), which is then the project's; recordings come along."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / PROJECT_FILE).is_file():
        raise WorkbenchError("project.exists", path=str(folder))
    before = session.project_folder
    _write(session, folder)
    if before is not None and before.resolve() != folder.resolve() and (before / RECORDINGS).is_dir():
        try:
            # Not the run: the one of this very plan is being written there.
            skip = shutil.ignore_patterns(Path(SIMULATION_FILE).name, ".*")
            shutil.copytree(before / RECORDINGS, folder / RECORDINGS, dirs_exist_ok=True, ignore=skip)
        except OSError as error:
            raise WorkbenchError("project.not_saved", path=str(folder / RECORDINGS), reason=str(error)) from error
    if session.autosave is not None:
        session.autosave.discard()
        session.autosave.close()
        session.autosave = None
    session.project_folder = folder.resolve()
    session.name = session.name or folder.name
    session.notify("project", "saved")


def autosave_tick(session: Session, now: float | None = None) -> bool:
    """Call on every tick (or each second): changes are written aside within seconds. True when it wrote.

    Raises:
        WorkbenchError: once when something that was being written in the background could not be.
    """
    session.runs.check()
    if session.autosave is None:
        session.autosave = Autosave(session.project_folder, autosave_folder(session))
    clock = time.monotonic() if now is None else now
    wrote = session.autosave.tick(session.plan, session.history.modified, clock)
    if wrote:
        session.notify("saved")
    return wrote


def find_unsaved_work(session: Session) -> Recovery | None:
    """A newer version that an ended program left behind, to be offered to the user."""
    return find_recovery(session.project_folder, autosave_folder(session))


def recover(session: Session) -> None:
    """Take over what was left behind, as an edit that can be undone; ``project.no_recovery`` if there is nothing."""
    found = find_unsaved_work(session)
    if found is None:
        raise WorkbenchError("project.no_recovery", path=str(session.project_folder or session.name))
    session.apply("edit.recover", found.plan)


def discard_recovery(session: Session) -> None:
    """Forget what was left behind."""
    found = find_unsaved_work(session)
    if found is not None:
        found.file.unlink(missing_ok=True)


def close_project(session: Session, *, discard: bool = False) -> None:
    """Finish writing. ``discard``: the user chose not to keep unsaved changes."""
    session.runs.close()
    if session.autosave is not None:
        if discard:
            session.autosave.discard()
        session.autosave.close()
        session.autosave = None


def autosave_folder(session: Session) -> Path:
    """Where unsaved work is put aside: in the project's folder, or with the user's data where that is not the user's."""
    folder = session.project_folder
    if folder is not None and not is_shipped(folder):
        return folder / FOLDER
    key = hashlib.sha256(str(folder or "").encode()).hexdigest()[:16]
    own = os.environ.get("HUMANOID_WORKBENCH_CONFIG")  # as the settings: a second installation, or a test, keeps apart
    data = Path(own) if own else Path(platformdirs.user_data_dir("humanoid-workbench", appauthor=False))
    return data / "recovery" / key


def project_recordings(session: Session) -> tuple[Path, ...]:
    """The recordings that lie with the project, apart from the simulation: read one with ``open_recording``."""
    folder = session.project_folder
    if folder is None or not (folder / RECORDINGS).is_dir():
        return ()
    return tuple(f for f in sorted((folder / RECORDINGS).glob("*.mcap")) if f != folder / SIMULATION_FILE)


def open_recording(session: Session, path: Path) -> NamedRecording:
    """Take a recording into the session (once); WorkbenchError ``log.*`` when it cannot be read."""
    path = path.resolve()
    for known in session.recordings:
        if known.path == path:
            return known
    named = NamedRecording(path.stem, read_recording(path), path)
    session.recordings.append(named)
    session.notify("recordings")
    return named


def _write(session: Session, folder: Path) -> None:
    robot = reference(session.robot.folder, "robots", folder)
    cell_path = session.cell.path or Path(session.cell.id)
    cell = reference(cell_path.parent if cell_path.name == "cell.toml" else cell_path, "cells", folder)
    model = model_reference(session.robot, folder)
    write_project(folder, ProjectInfo(session.name or session.plan.name or folder.name, robot, cell, model), session.plan)
    session.history.mark_saved()
    if session.simulated is not None and not session.simulation_stale:
        session.runs.keep(session.simulated.recording, folder / SIMULATION_FILE)
    if session.autosave is not None:
        session.autosave.discard()
    session.notify("saved")
