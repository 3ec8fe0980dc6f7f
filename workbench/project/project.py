"""A project: a folder with ``project.json`` (name, robot, cell), ``plan.json``, ``recordings/`` and ``.autosave/``."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.cell import WorkCell, load_cell
from sim.model_check import check_model_file
from sim.robot import RobotModel, load_robot, read_profile
from workbench.errors import WorkbenchError
from workbench.plan.model import Plan
from workbench.plan.schema import parse_json, plan_from_text, plan_to_text, upgrade
from workbench.project.storage import read_text, write_atomically
from workbench.resources import resource, resource_root
from workbench.settings import robots_folder

SCHEMA_NAME = "humanoid-workbench/project"
SCHEMA_VERSION = 1
PROJECT_FILE = "project.json"
PLAN_FILE = "plan.json"
RECORDINGS = "recordings"
SIMULATION_FILE = f"{RECORDINGS}/simulation.mcap"


@dataclass(frozen=True, slots=True)
class ProjectInfo:
    """What ``project.json`` says.

    Args:
        robot, cell: the id of a shipped one, or a path (relative: to the project).
        model: path of the robot's MJCF where it does not lie beside its profile (relative: to the project), else empty.
    """

    name: str
    robot: str
    cell: str
    model: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class LoadedProject:
    """A project as read from the disk."""

    folder: Path
    info: ProjectInfo
    plan: Plan
    robot: RobotModel
    cell: WorkCell


def project_folder(path: Path) -> Path:
    """The folder of a project named by its folder or its ``project.json``; ``project.not_found`` where there is none."""
    folder = path.parent if path.name == PROJECT_FILE else path
    if not (folder / PROJECT_FILE).is_file():
        raise WorkbenchError("project.not_found", path=str(folder))
    return folder.resolve()


def read_project(path: Path, robot: str | None = None) -> LoadedProject:
    """Read a project; nothing is written.

    Args:
        path: its folder or its ``project.json``.
        robot: id or path of another robot to open it for; see ``find_robot``.

    Raises:
        WorkbenchError: ``project.*`` and ``plan.*`` (what and where).
        SimError: ``robot.*`` or ``cell.*`` when those files are at fault.
    """
    folder = project_folder(path)
    info = _info(folder / PROJECT_FILE)
    plan_file = folder / PLAN_FILE
    plan = plan_from_text(read_text(plan_file), str(plan_file))
    model = info.model if robot in (None, "", info.robot) else ""
    return LoadedProject(folder, info, plan, find_robot(robot or info.robot, folder, model), find_cell(info.cell, folder))


def write_project(folder: Path, info: ProjectInfo, plan: Plan) -> None:
    """Save both files, each whole or not at all; ``project.json`` only where it differs."""
    head: dict[str, Any] = {
        "schema": f"{SCHEMA_NAME}/{SCHEMA_VERSION}",
        "name": info.name,
        "robot": info.robot,
        "cell": info.cell,
    }
    if info.model:
        head["model"] = info.model
    data = (json.dumps(head, indent=2, ensure_ascii=False) + "\n").encode()
    file = folder / PROJECT_FILE
    if not file.is_file() or file.read_bytes() != data:
        write_atomically(file, data)
    write_atomically(folder / PLAN_FILE, plan_to_text(plan).encode())


def find_robot(name: str, folder: Path, model: str = "", *, model_needed: bool = True) -> RobotModel:
    """A robot by id or path.

    Args:
        name: id of a shipped or an added one, path of a folder with ``profile.toml``, or path of an MJCF file (or the
            folder with it) that a shipped profile is for.
        folder: what relative paths are relative to.
        model: the MJCF where it lies elsewhere than its profile says.
        model_needed: False where the joints' names are enough.

    Raises:
        WorkbenchError: ``project.no_robot`` names the shipped ones.
        SimError: ``robot.*`` or ``model.*`` when profile or model are at fault.
    """
    shipped = resource("robots")
    found = _find(name, folder, shipped, "profile.toml") or _find(name, folder, robots_folder(), "profile.toml")
    if found is not None:
        robot = load_robot(found, folder / Path(model).expanduser() if model else None, model_needed=model_needed)
        return robot if robot.model_path.is_relative_to(shipped.resolve()) else _looked_through(robot)
    for place in (folder / Path(name).expanduser(), Path(name).expanduser()):
        for profile in sorted(shipped.glob("*/profile.toml")) if name and place.exists() else ():
            file = place / read_profile(profile).model if place.is_dir() else place
            if file.is_file() and file.name == read_profile(profile).model:
                return _looked_through(load_robot(profile, file))
    valid = ", ".join([*shipped_ids("robots", "profile.toml"), *added_ids()])
    raise WorkbenchError("project.no_robot", path=str(folder), robot=name, valid=valid)


def find_cell(name: str, folder: Path) -> WorkCell:
    """A shipped cell by id, or one by path (relative: to ``folder``); ``project.no_cell`` names the shipped ones."""
    found = _find(name, folder, resource("cells"), "cell.toml")
    if found is None:
        raise WorkbenchError("project.no_cell", path=str(folder), cell=name, valid=", ".join(shipped_ids("cells", "cell.toml")))
    return load_cell(found)


def shipped_ids(kind: str, file: str) -> list[str]:
    """Ids of the shipped ``robots`` or ``cells``."""
    root = resource(kind)
    return sorted(p.parent.name for p in root.glob(f"*/{file}")) if root.is_dir() else []


def added_ids() -> list[str]:
    """Ids of the robots that the user added."""
    return sorted(p.parent.name for p in robots_folder().glob("*/profile.toml") if not p.parent.name.startswith("."))


def shipped_projects() -> list[Path]:
    """Folders of the shipped example projects."""
    return sorted(p.parent for p in resource("projects").glob(f"*/{PROJECT_FILE}"))


def is_shipped(folder: Path) -> bool:
    """It is an example that came with the program: not a place for the user's work."""
    return folder.resolve().is_relative_to(resource_root().resolve())


def reference(target: Path, kind: str, folder: Path) -> str:
    """How ``project.json`` names a robot or cell: id of a shipped one, relative path inside the project, else absolute path."""
    target, shipped = target.resolve(), resource(kind).resolve()
    if target.is_relative_to(shipped):
        return target.relative_to(shipped).parts[0]
    folder = folder.resolve()
    return target.relative_to(folder).as_posix() if target.is_relative_to(folder) else str(target)


def model_reference(robot: RobotModel, folder: Path) -> str:
    """How ``project.json`` names a robot's MJCF: empty where it lies where the profile says, relative inside the project."""
    if robot.model_path == (robot.folder / robot.profile.model).resolve():
        return ""
    folder = folder.resolve()
    inside = robot.model_path.is_relative_to(folder)
    return robot.model_path.relative_to(folder).as_posix() if inside else str(robot.model_path)


def _looked_through(robot: RobotModel) -> RobotModel:
    """The robot, once its model's text is found to lead nowhere outside and to hold numbers only: a project may come from anyone."""
    check_model_file(robot.model_path)
    return robot


def _find(name: str, folder: Path, shipped: Path, file: str) -> Path | None:
    if not name:
        return None
    if os.sep not in name and "/" not in name and (shipped / name / file).is_file():
        return shipped / name
    path = Path(name).expanduser()
    for candidate in (folder / path, path):
        if (candidate / file).is_file() or (candidate.suffix == ".toml" and candidate.is_file()):
            return candidate
    return None


def _info(file: Path) -> ProjectInfo:
    where = str(file)
    data = upgrade(parse_json(read_text(file), where), SCHEMA_NAME, SCHEMA_VERSION, {}, where)
    model = _text(data, "model", where) if "model" in data else ""
    known = ("schema", "name", "robot", "cell", "model")
    for key in data:
        if key not in known:
            raise WorkbenchError("plan.field", path=where, field=key, reason=f"is unknown; valid: {', '.join(known)}")
    return ProjectInfo(_text(data, "name", where), _text(data, "robot", where), _text(data, "cell", where), model)


def _text(data: Mapping[str, Any], key: str, where: str) -> str:
    if not isinstance(data.get(key), str) or not data[key]:
        raise WorkbenchError("plan.field", path=where, field=key, reason="is missing or no text")
    return str(data[key])
