"""From a model file to a robot folder: read, find, derive, pose, propose, write."""

from __future__ import annotations

import math
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import SimError
from sim.robot import RobotModel, load_robot
from sim.robot_add.anatomy import Anatomy, find_anatomy
from sim.robot_add.derive import derive, exclude_overlaps, write_model
from sim.robot_add.feet import gather_foot, give_soles
from sim.robot_add.places import Place, find_palms, find_soles, held_by_ankles
from sim.robot_add.posture import Home, find_home
from sim.robot_add.proposal import Question, profile_text, propose, questions
from sim.robot_add.source import Source, read_source
from sim.robot_add.tree import BodyTree
from sim.scene import build_scene

#: A home posture is none if the weight is further from over the soles than this share of their length, or they tilt so, rad.
MOST_OFF, MOST_TILT = 0.5, 0.05
#: All that a robot's folder holds.
WRITTEN = {"profile.toml", "model.xml", "meshes", "pictures", "report.json", "report.txt"}


@dataclass(frozen=True, eq=False)
class Reading:
    """What was found in a model file, before anything is asked or written."""

    source: Source
    anatomy: Anatomy
    soles: Mapping[str, Place]
    palms: Mapping[str, Place]
    asked: tuple[Question, ...]


@dataclass(frozen=True, eq=False)
class Added:
    """A robot that was written, and what was found, changed and assumed on the way."""

    robot: RobotModel
    reading: Reading
    home: Home
    profile: Mapping[str, Any]
    answers: Mapping[str, float | str]


def read_model(path: Path, forward: str = "") -> Reading:
    """Read a model and find its parts; SimError ``model.*`` or ``robot_add.*``.

    Args:
        path: MJCF or URDF file.
        forward: Which way it faces, where the user has said so.
    """
    source = read_source(path)
    tree = _tree(source)
    if give_soles(source, tree):
        tree = _tree(source)
    if gather_foot(source, tree):
        tree = _tree(source)
    anatomy = find_anatomy(tree, forward)
    asked = tuple(questions(source, anatomy))
    return Reading(source, anatomy, find_soles(anatomy), find_palms(anatomy), asked)


def _tree(source: Source) -> BodyTree:
    model = source.compile()
    return BodyTree(model, int(model.body(source.root).id))


def _say_held(source: Source, soles: Mapping[str, Place], held: Mapping[str, Place]) -> None:
    """A note for each size of sole that the ankles do not hold whole; as a rule one for both feet."""
    sizes: dict[tuple[str, str], list[str]] = {}
    for side, sole in held.items():
        if sole is not soles[side]:
            before, after = (f"{2e3 * p.half[0]:.0f} x {2e3 * p.half[1]:.0f}" for p in (soles[side], sole))
            sizes.setdefault((before, after), []).append(sole.body)
    for (before, after), feet in sizes.items():
        source.note("sole_held", feet=", ".join(feet), before=before, after=after)


def check_id(robot_id: str) -> str:
    """The id, if it can name a folder; SimError ``robot_add.id_wrong``."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,40}", robot_id):
        raise SimError("robot_add.id_wrong", id=robot_id)
    return robot_id


def id_from(path: Path) -> str:
    """An id made from a file's name."""
    made = re.sub(r"[^a-z0-9_-]+", "_", path.stem.lower()).strip("_-")[:40]
    return made or "robot"


def add_robot(reading: Reading, robot_id: str, folder: Path, answers: Mapping[str, object], *, replace: bool = False) -> Added:
    """Write the robot's folder: derived model, meshes, profile.

    Args:
        reading: From :func:`read_model`; its source is edited, so it serves once.
        robot_id: Name of the robot in plans and commands.
        folder: Where to; made. It must be empty, or with ``replace`` hold a robot that was added before.
        answers: By question key; what is not answered takes its default.

    Raises:
        SimError: ``robot_add.exists``, ``robot_add.id_wrong``, ``robot_add.answer_*``, ``robot_add.no_stance`` (no crouch holds
            the weight over flat soles), or as :func:`sim.scene.build_scene`.
    """
    check_id(robot_id)
    there = {p.name for p in folder.iterdir()} if folder.is_dir() else set()
    if there and not (replace and there <= WRITTEN and "profile.toml" in there):
        # What holds anything but a robot written here is never cleared away.
        raise SimError("robot_add.exists", path=str(folder))
    asked = {q.key: q for q in reading.asked}
    unknown = set(answers) - set(asked)
    if unknown:
        raise SimError("robot_add.answer_unknown", key=min(unknown), valid=", ".join(asked))
    taken = {key: q.check(answers[key]) if key in answers else q.default for key, q in asked.items()}
    source, anatomy, soles, palms = reading.source, reading.anatomy, reading.soles, reading.palms
    down = math.radians(float(taken["camera_down"])) if taken.get("camera") == "head" else None
    derived = derive(source, anatomy, down)
    held = held_by_ankles(anatomy, soles, derived.torque)
    _say_held(source, soles, held)
    soles = held
    model = source.compile()
    home = find_home(model, anatomy, derived.base_body, dict(soles), dict(palms))
    length = 2 * min(float(s.half[0]) for s in soles.values())
    if home.off > MOST_OFF * length or home.tilt > MOST_TILT:
        raise SimError("robot_add.no_stance", off=f"{1e3 * home.off:.0f}", tilt=f"{np.degrees(home.tilt):.1f}")
    exclude_overlaps(source, [home.qpos])
    profile = propose(robot_id, source, anatomy, derived, soles, palms, home, taken)
    heading = f"Proposed for {source.path.name}. Lengths m, angles rad, masses kg, torques N·m, speeds rad/s. Correct what you know better."
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        write_model(source, made)
        (made / "profile.toml").write_text(profile_text(profile, heading), encoding="utf-8")
        build_scene(None, load_robot(made))
        if folder.exists():
            shutil.rmtree(folder)
        made.replace(folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return Added(load_robot(folder), reading, home, profile, taken)
