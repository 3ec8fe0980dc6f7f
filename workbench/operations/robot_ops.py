"""Adding a robot: a model file in, a robot folder, a self-test and a report out."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import SimError
from sim.robot import RobotModel, read_profile
from sim.robot_add.add import Added, Reading, add_robot, check_id, id_from, read_model
from sim.robot_add.pictures import draw
from sim.robot_add.self_test import Check, self_test
from workbench.errors import WorkbenchError
from workbench.i18n import Translator
from workbench.resources import resource
from workbench.settings import robots_folder

__all__ = [
    "Addition",
    "KnownRobot",
    "Reading",
    "add_file",
    "add_model",
    "answers_from",
    "known_robots",
    "read_model",
    "report",
    "report_lines",
]


@dataclass(frozen=True)
class Addition:
    """A robot that was added, what was tried with it, the folder it lies in, and why it has no pictures ("": it has, or none were
    wanted)."""

    added: Added
    checks: tuple[Check, ...]
    folder: Path
    no_pictures: str = ""

    @property
    def passed(self) -> bool:
        """What its profile declares went well."""
        return all(c.passed or not c.needed for c in self.checks)


def answers_from(file: Path) -> dict[str, Any]:
    """Answers by question from a TOML file; ``robot_add.answers_unreadable``."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WorkbenchError("robot_add.answers_unreadable", path=str(file), reason=str(error)) from error


def add_model(
    reading: Reading,
    name: str = "",
    out: Path | None = None,
    answers: Mapping[str, Any] | None = None,
    *,
    replace: bool = False,
    test: bool = True,
    pictures: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Addition:
    """Write the robot and try it.

    Args:
        reading: From ``read_model``.
        name: Its id; by default made from the file's name.
        out: Its folder; by default one of that id among the user's robots.
        answers: By question; defaults for the rest.
        replace: Write over a robot that was added before.
        test: Run the self-test.
        pictures: Draw what was found.
        progress: Called with the id of each check as it begins.

    Raises:
        SimError: ``robot_add.*``.
    """
    robot_id = check_id(name or id_from(reading.source.path))
    folder = out if out is not None else robots_folder() / robot_id
    added = add_robot(reading, robot_id, folder, answers or {}, replace=replace)
    missing = draw(added.robot, folder / "pictures") if pictures else ""
    checks = tuple(self_test(added.robot, progress=progress)) if test else ()
    return Addition(added, checks, folder, missing)


@dataclass(frozen=True)
class KnownRobot:
    """A robot that can be chosen: id, name by language, folder of its profile."""

    id: str
    name: Mapping[str, str]
    profile: Path


def known_robots() -> list[KnownRobot]:
    """The shipped robots, then those the user added; a profile that cannot be read is left out."""
    out = []
    for root in (resource("robots"), robots_folder()):
        for file in sorted(root.glob("*/profile.toml")):
            with suppress(SimError):
                profile = read_profile(file)
                out.append(KnownRobot(profile.id, profile.name, file.parent))
    return out


def add_file(model: Path) -> RobotModel:
    """Add the robot of a model file under a free id, with defaults for what it cannot say and without the self-test."""
    wanted = id_from(model)
    taken = {known.id for known in known_robots()}
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted[:36]}_{number}", number + 1
    addition = add_model(read_model(model), name, test=False)
    return addition.added.robot


def report(addition: Addition) -> dict[str, Any]:
    """What was found, changed, assumed and tried, as plain data."""
    added = addition.added
    anatomy, profile = added.reading.anatomy, added.profile
    tree = anatomy.tree
    return {
        "success": addition.passed,
        "robot": added.robot.id,
        "folder": str(addition.folder),
        "model": str(added.reading.source.path),
        "found": {
            "base": profile["base_body"],
            "forward": [round(float(v), 4) for v in anatomy.forward],
            "mass": round(tree.mass(tree.root), 3),
            "height": profile["height"],
            "leg_length": round(anatomy.leg_length, 3),
            "legs": profile["legs"],
            "arms": profile["arms"],
            "waist": profile["waist"]["joints"],
            "head": profile["head"]["joints"],
            "camera": profile["head"]["camera"],
            "imu": profile["imu"],
            "com_height": profile["gait"]["com_height"],
        },
        "pictures": sorted(str(p) for p in (addition.folder / "pictures").glob("*.png")),
        "no_pictures": addition.no_pictures,
        "answers": dict(added.answers),
        "notes": [{"code": code, **params} for code, params in added.reading.source.notes],
        "checks": [
            {
                "id": c.id,
                "passed": c.passed,
                "measured": c.measured,
                "limit": c.limit,
                "unit": c.unit,
                "least": c.least,
                "reason": c.reason,
                "needed": c.needed,
            }
            for c in addition.checks
        ],
    }


def report_lines(addition: Addition, tr: Translator) -> list[str]:
    """The report for people."""
    added = addition.added
    anatomy, profile = added.reading.anatomy, added.profile
    none = tr("robot_add.none")

    def names(joints: Any) -> str:
        return ", ".join(joints) or none

    mass = f"{anatomy.tree.mass(anatomy.tree.root):.1f}"
    lines = [
        tr("robot_add.added", id=added.robot.id, folder=addition.folder),
        tr("robot_add.body", base=profile["base_body"], height=f"{anatomy.height:.2f}", mass=mass),
    ]
    for side in profile["legs"]:
        leg = profile["legs"][side]
        size = [f"{2e3 * v:.0f}" for v in leg["sole_half_size"]]
        lines.append(tr(f"robot_add.leg.{side}", joints=names(leg["joints"]), knee=leg["knee"], length=size[0], width=size[1]))
    for side in profile["arms"]:
        arm = profile["arms"][side]
        lines.append(
            tr(f"robot_add.arm.{side}", joints=names(arm["joints"]), gripper=names(arm.get("gripper", {}).get("joints", ())))
        )
    lines.append(tr("robot_add.trunk", waist=names(profile["waist"]["joints"]), head=names(profile["head"]["joints"])))
    lines += [tr(f"robot_add.note.{code}", **params) for code, params in added.reading.source.notes]
    units = {question.key: question.unit for question in added.reading.asked}
    for key, value in added.answers.items():
        shown = f"{value} {units[key]}".strip() if value != "" else none
        lines.append(tr("robot_add.taken", question=tr(f"robot_add.question.{key}"), value=shown))
    if addition.no_pictures:
        lines.append(tr("robot_add.no_pictures", reason=addition.no_pictures))
    elif (addition.folder / "pictures").is_dir():
        lines.append(tr("robot_add.pictures", folder=addition.folder / "pictures"))
    lines += [check_line(c, tr) for c in addition.checks]
    return lines


def check_line(check: Check, tr: Translator) -> str:
    """One line about one thing tried."""
    line = _tried(check, tr)
    return line if check.passed or check.needed else tr("robot_add.not_needed", line=line)


def _tried(check: Check, tr: Translator) -> str:
    name = tr(f"robot_add.check.{check.id}")
    verdict = tr("robot_add.passed" if check.passed else "robot_add.failed")
    if check.reason:
        known = ("fell", "gave_up", "no_arms")
        why = tr(f"robot_add.reason.{check.reason}") if check.reason in known else check.reason
        return tr("robot_add.check_ended", name=name, verdict=verdict, reason=why)
    bound = tr("robot_add.least" if check.least else "robot_add.most")
    measured, limit = (f"{v:.3f} {check.unit}".strip() for v in (check.measured, check.limit))
    return tr("robot_add.check_line", name=name, verdict=verdict, measured=measured, bound=bound, limit=limit)


def write_report(addition: Addition, tr: Translator, data: Mapping[str, Any]) -> None:
    """``report.json`` and ``report.txt`` in the robot's folder."""
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    (addition.folder / "report.json").write_text(text, encoding="utf-8")
    (addition.folder / "report.txt").write_text("\n".join(report_lines(addition, tr)) + "\n", encoding="utf-8")
