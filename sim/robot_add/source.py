"""A model file from outside, MJCF or URDF, as one cleaned MJCF tree of the robot alone, with what was changed about it."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
import xml.parsers.expat
from dataclasses import dataclass, field
from pathlib import Path

import mujoco
import numpy as np

from sim.errors import SimError
from sim.model_check import MAX_XML_BYTES
from sim.robot_add.gather import gather, line_of, roots

#: Elements below <mujoco> that a robot's own model keeps; the rest is scene, view or state of somebody else's.
_KEPT = ("compiler", "size", "default", "asset", "worldbody", "contact", "equality")
#: Spheres without size mark points of contact: they get this radius, m.
POINT_RADIUS = 0.001
#: Mesh files that MuJoCo reads.
READABLE = (".stl", ".obj", ".msh")
FEWEST_JOINTS = 10


@dataclass(frozen=True)
class Drive:
    """What the file says of a joint's actuator: torque limit N·m or N (infinite: none stated), servo gains (zero: a motor)."""

    limit: float
    stiffness: float
    damping: float


@dataclass(frozen=True)
class Inertial:
    """An IMU of the file: site, gyro, accelerometer and (or "") orientation sensor by name."""

    site: str
    gyro: str
    accel: str
    orientation: str


@dataclass
class Source:
    """The robot's model being made.

    Args:
        path: The file it came from.
        xml: <mujoco> with the robot alone in its <worldbody>; every body and joint has a name, meshes absolute paths.
        root: Name of the base body, which has a free joint.
        velocity: Joint speed limits that the file states, rad/s or m/s by name.
        drives: Actuators by joint name.
        imus: In the file's order. forces: (site, sensor name) of force sensors.
        notes: What was changed, as (code, parameters) of ``robot_add.note.*``.
    """

    path: Path
    xml: ET.Element
    root: str
    velocity: dict[str, float] = field(default_factory=dict)
    drives: dict[str, Drive] = field(default_factory=dict)
    imus: list[Inertial] = field(default_factory=list)
    forces: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def note(self, code: str, **params: object) -> None:
        """Say that something was changed or assumed."""
        self.notes.append((code, {k: str(v) for k, v in params.items()}))

    def text(self) -> str:
        """The MJCF as text."""
        return ET.tostring(self.xml, encoding="unicode")

    def compile(self) -> mujoco.MjModel:
        """Compile it; SimError ``model.invalid`` with the compiler's reason."""
        try:
            return mujoco.MjModel.from_xml_string(self.text())
        except (ValueError, mujoco.FatalError) as error:
            raise SimError("model.invalid", path=str(self.path), reason=first_line(error)) from error

    def body(self, name: str) -> ET.Element:
        """A body's element."""
        return next(b for b in self.xml.iter("body") if b.get("name") == name)


def first_line(error: Exception) -> str:
    """MuJoCo's reason without the rest."""
    return " ".join(str(error).strip().splitlines()[:2]) or type(error).__name__


def read_source(path: Path) -> Source:
    """Read a model file.

    Raises:
        SimError: ``model.*`` for a file that is unsafe, incomplete or refused; ``robot_add.not_a_robot`` (too few joints),
            ``robot_add.closed_loop`` (names the constraint), ``robot_add.ball_joint``, ``robot_add.mesh_format``.
    """
    if not path.is_file():
        raise SimError("model.not_found", path=str(path))
    head = _head(path)
    velocity: dict[str, float] = {}
    dangling, left_out, points = 0, list[str](), 0
    if head == "robot":
        spec, velocity, left_out, points = _read_urdf(path)
    else:
        text, dangling = gather(path)  # compiled apart, with limits: it may come from anywhere
        try:
            spec = mujoco.MjSpec.from_string(text)
        except (ValueError, mujoco.FatalError) as error:
            raise SimError("model.invalid", path=str(path), reason=first_line(error)) from error
    source = Source(path.resolve(), _tree(spec, path), "", velocity)
    if left_out:
        source.note("looks_left_out", count=len(left_out), names=", ".join(left_out[:3]), valid=", ".join(READABLE))
    if points:
        source.note("points_sized", count=points, radius=f"{1e3 * POINT_RADIUS:g}")
    if dangling:
        source.note("contacts_left_out", count=dangling)
    _read_drives(source, spec)
    _isolate(source)
    return source


def _read_drives(source: Source, spec: mujoco.MjSpec) -> None:
    """Actuators and sensors, which the cleaned tree leaves out, by the names of joints and sites."""
    try:
        model = spec.compile()
    except (ValueError, mujoco.FatalError) as error:
        raise SimError("model.invalid", path=str(source.path), reason=first_line(error)) from error
    for i in range(model.nu):
        joint = str(model.joint(int(model.actuator_trnid[i, 0])).name)
        if int(model.actuator_trntype[i]) != int(mujoco.mjtTrn.mjTRN_JOINT) or not joint:
            continue
        gear, gain, bias = abs(float(model.actuator_gear[i, 0])), float(model.actuator_gainprm[i, 0]), model.actuator_biasprm[i]
        servo = bias[1] != 0.0
        limits = [math.inf]
        if model.actuator_forcelimited[i]:
            limits.append(gear * float(np.abs(model.actuator_forcerange[i]).max()))
        if model.actuator_ctrllimited[i] and not servo:
            limits.append(gear * abs(gain) * float(np.abs(model.actuator_ctrlrange[i]).max()))
        before = source.drives.get(joint, Drive(math.inf, 0.0, 0.0))
        source.drives[joint] = Drive(
            min(*limits, before.limit) if len(limits) > 1 else before.limit,
            max(before.stiffness, -float(bias[1]) * gear * gear),
            max(before.damping, -float(bias[2]) * gear * gear),
        )
    for j in range(model.njnt):
        if model.jnt_actfrclimited[j] and model.joint(j).name:
            name, limit = str(model.joint(j).name), float(np.abs(model.jnt_actfrcrange[j]).max())
            before = source.drives.get(name, Drive(math.inf, 0.0, 0.0))
            if limit > 0.0:
                source.drives[name] = Drive(min(limit, before.limit), before.stiffness, before.damping)
    _read_sensors(source, model)


def _read_sensors(source: Source, model: mujoco.MjModel) -> None:
    kinds = mujoco.mjtSensor
    found: dict[str, dict[int, str]] = {}
    for i in range(model.nsensor):
        if int(model.sensor_objtype[i]) != int(mujoco.mjtObj.mjOBJ_SITE) or not model.sensor(i).name:
            continue
        site = str(model.site(int(model.sensor_objid[i])).name)
        found.setdefault(site, {})[int(model.sensor_type[i])] = str(model.sensor(i).name)
    for site, by_kind in found.items():
        gyro, accel = by_kind.get(int(kinds.mjSENS_GYRO)), by_kind.get(int(kinds.mjSENS_ACCELEROMETER))
        if gyro and accel:
            source.imus.append(Inertial(site, gyro, accel, by_kind.get(int(kinds.mjSENS_FRAMEQUAT), "")))
        if int(kinds.mjSENS_FORCE) in by_kind:
            source.forces.append((site, by_kind[int(kinds.mjSENS_FORCE)]))


def _head(path: Path) -> str:
    """The outermost element; the whole file is read, so that what is cut off is said here."""
    found: list[str] = []
    parser = xml.parsers.expat.ParserCreate()

    def start(element: str, _: dict[str, str]) -> None:
        if not found:
            found.append(element)

    def doctype(*_: object) -> None:
        raise SimError("model.has_dtd", file=path.name, line=parser.CurrentLineNumber)

    parser.StartElementHandler, parser.StartDoctypeDeclHandler = start, doctype
    if path.stat().st_size > MAX_XML_BYTES:
        raise SimError(
            "model.too_large", file=path.name, line=1, what="file size, bytes", found=path.stat().st_size, limit=MAX_XML_BYTES
        )
    try:
        parser.Parse(path.read_bytes(), True)
    except xml.parsers.expat.ExpatError as error:
        reason = xml.parsers.expat.ErrorString(error.code)
        raise SimError("model.unreadable", file=path.name, line=error.lineno, reason=reason) from error
    return found[0]


def _tree(spec: mujoco.MjSpec, path: Path) -> ET.Element:
    """The specification as a tree, assets by absolute path, what is nobody's left out."""
    try:
        root = ET.fromstring(spec.to_xml())
    except (ValueError, mujoco.FatalError) as error:
        raise SimError("model.invalid", path=str(path), reason=first_line(error)) from error
    folder = Path(spec.modelfiledir or path.parent)
    compiler = root.find("compiler")
    places = {"mesh": spec.meshdir or "", "texture": spec.texturedir or "", "hfield": spec.meshdir or ""}
    if compiler is not None:
        for key in ("meshdir", "texturedir", "assetdir"):
            compiler.attrib.pop(key, None)
    for element in root.iter():
        file = element.get("file")
        if file and element.tag in places:
            found = next((p for p in (folder / places[element.tag] / file, folder / file) if p.is_file()), None)
            if found is None:
                raise SimError("model.file_missing", file=path.name, line=line_of(path, file), element=element.tag, value=file)
            if element.tag == "mesh" and not element.get("name"):
                element.set("name", Path(file).stem)
            element.set("file", str(found.resolve()))
    for child in list(root):
        if child.tag not in _KEPT:
            root.remove(child)
    return root


def _isolate(source: Source) -> None:
    """Keep the body with most joints below the world, give every body and joint a name and the base a free joint."""
    world = source.xml.find("worldbody")
    assert world is not None
    bodies = world.findall("body")
    moving = [(sum(1 for _ in _moving(b)), b) for b in bodies]
    most, robot = max(moving, key=lambda m: m[0], default=(0, None))
    if robot is None or most < FEWEST_JOINTS:
        raise SimError("robot_add.not_a_robot", path=str(source.path), count=most, fewest=FEWEST_JOINTS)
    others = [b.get("name", "?") for b in bodies if b is not robot]
    for child in list(world):
        if child is not robot:
            world.remove(child)
    for asset in source.xml.findall("asset"):
        for texture in asset.findall("texture"):
            if texture.get("type") == "skybox":  # the cell has its own
                asset.remove(texture)
    if others:
        source.note("others_left_out", names=", ".join(others))
    taken = {b.get("name") for b in source.xml.iter("body")} | {j.get("name") for j in source.xml.iter("joint")}
    for kind in ("body", "joint"):
        for number, element in enumerate(robot.iter(kind)):
            if not element.get("name"):
                name = f"{kind}_{number}"
                while name in taken:
                    name += "_"
                element.set("name", name)
                taken.add(name)
    source.root = robot.get("name", "")
    if source.root == "world":
        robot.set("name", "base_link")
        source.root = "base_link"
    _prune(source, robot)
    _own_defaults(source, robot)
    _free(source, robot)
    for joint in robot.iter("joint"):
        if joint.get("type") == "ball":
            raise SimError("robot_add.ball_joint", joint=joint.get("name", ""))
    _loops(source)


def _prune(source: Source, robot: ET.Element) -> None:
    """Contact pairs that name what was left out; and free objects of a cell need their mass from their shapes."""
    bodies = {b.get("name") for b in robot.iter("body")}
    geoms = {g.get("name") for g in robot.iter("geom")}
    for contact in source.xml.findall("contact"):
        for entry in list(contact):
            named = [(entry.get(k), geoms) for k in ("geom1", "geom2")] + [(entry.get(k), bodies) for k in ("body1", "body2")]
            if any(name is not None and name not in known for name, known in named):
                contact.remove(entry)
    compiler = source.xml.find("compiler")
    if compiler is not None and compiler.get("inertiafromgeom") == "false":
        compiler.set("inertiafromgeom", "auto")


def _own_defaults(source: Source, robot: ET.Element) -> None:
    """The file's defaults become a class of the robot's: at the top they would be those of floor and cell too."""
    top = source.xml.find("default")
    if top is None:
        return
    taken = {d.get("class") for d in top.iter("default")}
    name = "robot"
    while name in taken:
        name += "_"
    inner = ET.Element("default", {"class": name})
    inner.extend(list(top))
    for child in list(top):
        top.remove(child)
    top.attrib.pop("class", None)
    top.append(inner)
    robot.attrib.setdefault("childclass", name)
    for asset in source.xml.findall("asset"):
        for element in asset:
            if element.tag in ("mesh", "material") and "class" not in element.attrib:
                element.set("class", name)
    for element in source.xml.iter():
        if element.get("class") == "main" and element is not top:
            element.set("class", name)
        if element.get("childclass") == "main":
            element.set("childclass", name)


def _moving(body: ET.Element) -> list[ET.Element]:
    return [j for j in body.iter("joint") if j.get("type", "hinge") != "free"]


def _free(source: Source, robot: ET.Element) -> None:
    """The base moves freely: what else moved it was a stand."""
    own = [j for j in robot if j.tag in ("joint", "freejoint")]
    free = [j for j in own if j.tag == "freejoint" or j.get("type") == "free"]
    for joint in own:
        robot.remove(joint)
    if not free:
        source.note("free_joint_added", body=source.root)
    stand = [j.get("name", "") for j in own if j not in free]
    if stand:
        source.note("stand_removed", names=", ".join(stand))
    element = ET.Element("freejoint", {"name": (free[0].get("name") if free else "") or "floating_base"})
    # Before the body's other elements but after its inertia: MuJoCo does not mind where.
    robot.insert(0, element)


def _loops(source: Source) -> None:
    """Constraints that close loops cannot be kept out of a serial picture of the robot."""
    equality = source.xml.find("equality")
    if equality is None:
        return
    for constraint in equality:
        if constraint.tag in ("connect", "weld"):
            between = [constraint.get(k, "") for k in ("body1", "body2", "site1", "site2") if constraint.get(k)]
            raise SimError(
                "robot_add.closed_loop", kind=constraint.tag, name=constraint.get("name", "-"), between=", ".join(between)
            )
    source.xml.remove(equality)
    source.note("couplings_removed", count=len(equality))


# --- URDF --------------------------------------------------------------------------------------------------------------------


def _read_urdf(path: Path) -> tuple[mujoco.MjSpec, dict[str, float], list[str], int]:
    """A URDF through MuJoCo's reader with its meshes found; its speed limits, which that reader drops, looks that were left out,
    and how many spheres without size were given one."""
    tree = ET.parse(path).getroot()
    velocity: dict[str, float] = {}
    left_out: list[str] = []
    for element in tree.iter():
        for attribute, value in element.attrib.items():
            for token in value.split() if attribute not in ("name", "filename", "link", "joint", "type") else ():
                _finite(path, element, attribute, token)
    for joint in tree.findall("joint"):
        limit = joint.find("limit")
        if limit is not None and float(limit.get("velocity", "0")) > 0.0:
            velocity[joint.get("name", "")] = float(limit.get("velocity", "0"))
    points = [s for s in tree.iter("sphere") if float(s.get("radius", "0")) == 0.0]
    for sphere in points:
        sphere.set("radius", str(POINT_RADIUS))
    for link in tree.findall("link"):
        for kind in ("visual", "collision"):
            for shape in link.findall(kind):
                mesh = shape.find("geometry/mesh")
                if mesh is None:
                    continue
                found = _mesh_file(path, mesh.get("filename", ""))
                readable = found is not None and found.suffix.lower() in READABLE
                if readable:
                    mesh.set("filename", str(found))
                elif kind == "visual":
                    link.remove(shape)
                    left_out.append(mesh.get("filename", ""))
                elif found is None:
                    raise SimError(
                        "model.file_missing",
                        file=path.name,
                        line=line_of(path, mesh.get("filename", "")),
                        element=f"link {link.get('name')}",
                        value=mesh.get("filename", ""),
                    )
                else:
                    raise SimError(
                        "robot_add.mesh_format",
                        link=link.get("name", ""),
                        value=mesh.get("filename", ""),
                        valid=", ".join(READABLE),
                    )
    settings = tree.find("mujoco")
    if settings is None:
        settings = ET.SubElement(tree, "mujoco")
    compiler = settings.find("compiler")
    if compiler is None:
        compiler = ET.SubElement(settings, "compiler")
    for key, value in (("strippath", "false"), ("fusestatic", "false"), ("discardvisual", "false"), ("balanceinertia", "true")):
        compiler.set(key, value)
    compiler.attrib.pop("meshdir", None)
    try:
        return mujoco.MjSpec.from_string(ET.tostring(tree, encoding="unicode")), velocity, left_out, len(points)
    except (ValueError, mujoco.FatalError) as error:
        raise SimError("model.invalid", path=str(path), reason=first_line(error)) from error


def _finite(path: Path, element: ET.Element, attribute: str, token: str) -> None:
    try:
        number = float(token)
    except ValueError:
        return
    if not math.isfinite(number):
        raise SimError(
            "model.not_a_number",
            file=path.name,
            line=line_of(path, token),
            element=element.tag,
            name=element.get("name", ""),
            attribute=attribute,
            value=token,
        )


def _mesh_file(path: Path, name: str) -> Path | None:
    """Where a URDF's mesh lies: by its path, or by its package path below the model's folder or one of two above it."""
    bare = name.removeprefix("file://")
    inside = name.startswith("package://")
    rest = Path(*Path(name.removeprefix("package://")).parts[1:]) if inside else Path(bare)
    within = roots(path)
    for root in within:
        for place in (root / rest, root / "meshes" / rest.name):
            target = place.resolve()
            if target.is_file() and target.is_relative_to(within[-1]):
                return target
    return None
