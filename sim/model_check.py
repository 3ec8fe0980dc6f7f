"""Safety of MJCF files from outside: read as text first, then compiled in a process of its own with limits.

MuJoCo's compiler follows paths wherever they lead and grows as large as a file asks. A robot a user adds by path may come
from anywhere, so it is looked at before the compiler sees it.
"""

from __future__ import annotations

import math
import multiprocessing
import sys
import xml.parsers.expat
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import mujoco
import numpy as np

from sim.errors import SimError
from sim.robot import RobotModel

MAX_XML_BYTES = 20_000_000
MAX_ASSET_BYTES = 200_000_000
MAX_ELEMENTS = 200_000
MAX_INCLUDES = 64
MAX_DEPTH = 256
MAX_HEIGHT_FIELD = 1_000_000
MAX_TEXTURE = 16_777_216
MAX_COPIES = 10_000
COMPILE_SECONDS = 60.0
COMPILE_BYTES = 6 * 1024**3

# Where a file is named, by element; the folder attribute of <compiler> that goes before it.
_FILES = {
    "include": "",
    "model": "",
    "mesh": "meshdir",
    "skin": "meshdir",
    "flexcomp": "meshdir",
    "hfield": "assetdir",
    "texture": "texturedir",
}
_FILE_ATTRIBUTES = ("file", "fileright", "fileleft", "fileup", "filedown", "filefront", "fileback")
# Attributes that hold words, in which "nan" or "inf" would be a name.
_WORDS = {
    *("name", "class", "childclass", "file", "model", "type", "mesh", "material", "texture", "hfield", "prefix", "content_type"),
    *("body", "body1", "body2", "geom", "geom1", "geom2", "site", "site1", "site2", "joint", "joint1", "joint2", "jointinparent"),
    *("actuator", "tendon", "tendon1", "tendon2", "sensor", "objname", "refname", "objtype", "reftype", "target", "mode"),
    *("sidesite", "slidersite", "cranksite", "refsite", "plugin", "instance", "key", "value", "data", "info", "meshdir"),
    *("texturedir", "assetdir", "input", "gridlayout", "builtin", "mark", "dyntype", "gaintype", "biastype", "shape"),
}


@dataclass(frozen=True)
class ModelFacts:
    """What the compiled file holds; enough to say what was added. Mass kg."""

    joints: tuple[str, ...]
    bodies: tuple[str, ...]
    actuators: tuple[str, ...]
    mass: float


@dataclass
class _Reading:
    """State of one look through a file and what it includes: ``base`` is the file's folder, ``root`` what nothing may leave."""

    base: Path
    root: Path
    folders: dict[str, str] = field(default_factory=dict)
    asset_files: list[tuple[str, str, str, str, int]] = field(default_factory=list)
    elements: int = 0
    includes: int = 0
    copies: int = 0
    asset_bytes: int = 0


def check_model_file(path: Path, root: Path | None = None, *, assets: bool = True) -> None:
    """Look through an MJCF file and all it includes, without compiling it.

    Args:
        path: The file.
        root: Folder that nothing named may lie outside of; the file's own if not given.
        assets: Look for meshes and textures too.

    Raises:
        SimError: ``model.not_found``, ``model.unreadable`` (file, line, reason), ``model.not_mjcf``, ``model.has_dtd``,
            ``model.outside_folder`` (element, attribute, value), ``model.file_missing``, ``model.not_a_number``
            (element, attribute, value, line), ``model.too_large`` (what, found, limit), ``model.nested_replicate`` or
            ``model.include_loop``.
    """
    if not path.is_file():
        raise SimError("model.not_found", path=str(path))
    base = path.resolve().parent
    reading = _Reading(base, base if root is None else root.resolve())
    _read(path, reading, ())
    if not assets:
        return
    for file, element, attribute, value, line in reading.asset_files:
        kind = _FILES[element]
        folder = reading.folders.get(kind) or reading.folders.get("assetdir", "")
        target = _inside(
            reading.root, reading.base / folder / value, element, attribute, f"{folder}/{value}".strip("/"), file, line
        )
        if not target.is_file():
            # MuJoCo may find it without the folder; then that place must be inside too.
            target = _inside(reading.root, reading.base / Path(value).name, element, attribute, value, file, line)
            if not target.is_file():
                raise SimError("model.file_missing", file=file, line=line, element=element, value=value)
        reading.asset_bytes += target.stat().st_size
        _limit("asset files, bytes", reading.asset_bytes, MAX_ASSET_BYTES, file, line)


def load_outside_model(path: Path, seconds: float = COMPILE_SECONDS, memory: int = COMPILE_BYTES) -> ModelFacts:
    """Check a file, then compile it in a process of its own and say what it holds.

    Args:
        path: The MJCF file.
        seconds: Time the compiler may take.
        memory: Address space of the process, bytes; enforced where the system can (not on Windows).

    Raises:
        SimError: As ``check_model_file``; then ``model.invalid`` (the compiler's reason), ``model.too_slow`` or
            ``model.crashed``.
    """
    check_model_file(path)
    return compile_apart(path, path, seconds, memory)


def compile_apart(path: Path, shown: Path, seconds: float = COMPILE_SECONDS, memory: int = COMPILE_BYTES) -> ModelFacts:
    """Compile a checked file in a process of its own; errors name ``shown``. As ``load_outside_model`` without its check."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_compile_in_child, args=(str(path), theirs, seconds, memory), daemon=True)
    process.start()
    theirs.close()
    try:
        answer = ours.recv() if ours.poll(seconds) else None
    except EOFError:
        process.join(5.0)
        raise SimError("model.crashed", path=str(shown), exit_code=process.exitcode) from None
    finally:
        ours.close()
        if process.is_alive():
            process.join(0.5)
        if process.is_alive():
            process.kill()
        process.join(5.0)
    if answer is None:
        raise SimError("model.too_slow", path=str(shown), seconds=seconds)
    if isinstance(answer, str):
        raise SimError("model.invalid", path=str(shown), reason=answer)
    joints, bodies, actuators, mass = answer
    return ModelFacts(tuple(joints), tuple(bodies), tuple(actuators), float(mass))


def checked(robot: RobotModel) -> RobotModel:
    """The same robot, once its model file is found safe and to hold what the profile names.

    Raises:
        SimError: As ``load_outside_model``, or ``scene.element_missing`` for a joint or body that is not there.
    """
    facts = load_outside_model(robot.model_path)
    for joint in robot.joint_names:
        if joint not in facts.joints:
            raise SimError("scene.element_missing", robot=robot.id, kind="joint", name=joint)
    for body in (robot.profile.base_body, *robot.profile.added_to):
        if body not in facts.bodies:
            raise SimError("scene.element_missing", robot=robot.id, kind="body", name=body)
    return robot


def _read(path: Path, reading: _Reading, above: tuple[Path, ...]) -> None:
    file = path.name
    size = path.stat().st_size
    _limit("file size, bytes", size, MAX_XML_BYTES, file, 0)
    parser = xml.parsers.expat.ParserCreate()
    stack: list[str] = []
    includes: list[tuple[str, int]] = []

    def doctype(*_: object) -> None:
        raise SimError("model.has_dtd", file=file, line=parser.CurrentLineNumber)

    def start(element: str, attributes: dict[str, str]) -> None:
        line = parser.CurrentLineNumber
        if not stack and element not in ("mujoco", "mujocoinclude"):
            raise SimError("model.not_mjcf", file=file, element=element)
        if element == "replicate" and "replicate" in stack:
            raise SimError("model.nested_replicate", file=file, line=line)
        stack.append(element)
        _limit("nesting", len(stack), MAX_DEPTH, file, line)
        reading.elements += 1
        _limit("elements", reading.elements, MAX_ELEMENTS, file, line)
        _check_numbers(element, attributes, file, line)
        _check_amounts(element, attributes, reading, file, line)
        if element == "compiler":
            for folder in ("meshdir", "texturedir", "assetdir"):
                if folder in attributes:
                    _inside(reading.root, reading.base / attributes[folder], element, folder, attributes[folder], file, line)
                    reading.folders[folder] = attributes[folder]
        if element == "include" and "file" in attributes:
            includes.append((attributes["file"], line))
        elif element in _FILES:
            for attribute in _FILE_ATTRIBUTES:
                if attributes.get(attribute):
                    reading.asset_files.append((file, element, attribute, attributes[attribute], line))

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: stack.pop()
    try:
        parser.Parse(path.read_bytes(), True)
    except xml.parsers.expat.ExpatError as error:
        reason = xml.parsers.expat.ErrorString(error.code)
        raise SimError("model.unreadable", file=file, line=error.lineno, reason=reason) from error
    for value, line in includes:
        reading.includes += 1
        _limit("included files", reading.includes, MAX_INCLUDES, file, line)
        places = [reading.base / value, path.parent / value]
        targets = [_inside(reading.root, place, "include", "file", value, file, line) for place in places]
        found = [target for target in targets if target.is_file()]
        if not found:
            raise SimError("model.file_missing", file=file, line=line, element="include", value=value)
        if found[0] in (*above, path.resolve()):
            raise SimError("model.include_loop", file=file, line=line, value=value)
        _read(found[0], reading, (*above, path.resolve()))


def _inside(root: Path, place: Path, element: str, attribute: str, value: str, file: str, line: int) -> Path:
    """The resolved place, links followed, if it lies in the model's folder."""
    absolute = Path(value).is_absolute() or value.startswith(("/", "\\")) or value[1:2] == ":"
    target = place.resolve()
    if absolute or not target.is_relative_to(root):
        raise SimError("model.outside_folder", file=file, line=line, element=element, attribute=attribute, value=value)
    return target


def _check_numbers(element: str, attributes: dict[str, str], file: str, line: int) -> None:
    for attribute, value in attributes.items():
        if attribute in _WORDS:
            continue
        for token in value.split():
            try:
                number = float(token)
            except ValueError:
                continue
            if not math.isfinite(number):
                raise SimError(
                    "model.not_a_number",
                    file=file,
                    line=line,
                    element=element,
                    name=attributes.get("name", ""),
                    attribute=attribute,
                    value=token,
                )


def _check_amounts(element: str, attributes: dict[str, str], reading: _Reading, file: str, line: int) -> None:
    if element == "hfield":
        points = _product(attributes.get("nrow", "0"), attributes.get("ncol", "0"))
        _limit("height field, points", points, MAX_HEIGHT_FIELD, file, line)
    elif element == "texture":
        _limit("texture, pixels", _product(attributes.get("width", "0"), attributes.get("height", "0")), MAX_TEXTURE, file, line)
    elif element in ("replicate", "composite", "flexcomp"):
        reading.copies += _product(*attributes.get("count", "1").split())
        _limit("copied elements", reading.copies, MAX_COPIES, file, line)


def _product(*numbers: str) -> int:
    total = 1
    for number in numbers:
        try:
            total *= max(0, int(float(number)))
        except (ValueError, OverflowError):
            return sys.maxsize
    return total


def _limit(what: str, found: int, limit: int, file: str, line: int) -> None:
    if found > limit:
        raise SimError("model.too_large", file=file, line=line, what=what, found=found, limit=limit)


def _compile_in_child(path: str, answer: Connection, seconds: float, memory: int) -> None:
    """Runs in the child: compile, look for numbers that are none, and report. The parent judges silence."""
    if sys.platform != "win32":
        import resource  # not on Windows, where the time limit alone protects

        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds) + 1, math.ceil(seconds) + 2))
        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    try:
        model = mujoco.MjModel.from_xml_path(path)
    except (ValueError, MemoryError, mujoco.FatalError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        answer.send(" ".join(lines[:2]))
        return
    for array in (
        "qpos0",
        "body_pos",
        "body_mass",
        "body_inertia",
        "geom_pos",
        "geom_size",
        "mesh_vert",
        "jnt_range",
        "dof_armature",
    ):
        if not np.isfinite(getattr(model, array)).all():
            answer.send(f"{array} holds a number that is none")
            return
    joints = [model.joint(i).name for i in range(model.njnt)]
    bodies = [model.body(i).name for i in range(model.nbody)]
    actuators = [model.actuator(i).name for i in range(model.nu)]
    answer.send((joints, bodies, actuators, float(model.body_mass.sum())))
