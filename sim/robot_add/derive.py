"""The model the program works with: the source with what a walking robot needs and the file lacks, each change noted."""

from __future__ import annotations

import math
import shutil
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.robot import SIDES
from sim.robot_add.anatomy import UP, Anatomy
from sim.robot_add.source import Inertial, Source
from sim.transforms import quaternion_from_matrix

Array = NDArray[np.float64]

#: Torque limits where the file states none, as shares of weight times leg length (those of robots of 30 to 50 kg).
LEG_SHARE, KNEE_SHARE, ANKLE_SHARE, WAIST_SHARE, ARM_SHARE = 0.42, 0.55, 0.25, 0.30, 0.07
#: Rotor inertia and damping of a joint where the file has none, per N·m of its limit.
ARMATURE, DAMPING = 1.5e-4, 1e-3
#: A servo or force limit above this share of weight times leg length is no limit.
NO_LIMIT = 20.0
#: How high the picture of a camera is that the model lacks, degrees.
FIELD_OF_VIEW = 62.0
#: A part without an inertia of its own is worth a word above this share of the robot's mass.
WEIGHED = 0.01


@dataclass(frozen=True)
class Derived:
    """What the profile needs of the derived model: its base body, torque limits by joint, IMU, foot force sensors by side."""

    base_body: str
    torque: dict[str, float]
    imu: Inertial
    forces: dict[str, str]
    camera: str


def derive(source: Source, anatomy: Anatomy, camera_down: float | None = None) -> Derived:
    """Edit the source's tree in place; a head without a camera gets one that looks down by ``camera_down`` rad, unless none."""
    tree = anatomy.tree
    names = set(_driven(anatomy))
    for joint in anatomy.locked:
        _remove(source, joint)
    if anatomy.locked:
        source.note("locked", names=", ".join(anatomy.locked), count=len(anatomy.locked))
    if not anatomy.ankles_roll:
        source.note("no_ankle_roll")
    weighed = [b.get("name", "") for b in source.xml.iter("body") if b.find("inertial") is None]
    weighed = [n for n in weighed if float(tree.model.body(n).mass[0]) > WEIGHED * tree.mass(tree.root)]
    if weighed:
        mass = sum(float(tree.model.body(n).mass[0]) for n in weighed)
        names_of_some = ", ".join(weighed[:6]) + (", ..." if len(weighed) > 6 else "")
        source.note("mass_from_shapes", names=names_of_some, count=len(weighed), mass=f"{mass:.1f}")
    base = _turn_base(source, anatomy)
    torque = _torques(source, anatomy)
    _joints(source, names, torque)
    motors = ET.SubElement(source.xml, "actuator")
    for name in _driven(anatomy):
        limit = f"{torque[name]:.6g}"
        ET.SubElement(motors, "motor", {"name": name, "joint": name, "ctrlrange": f"-{limit} {limit}", "ctrllimited": "true"})
    if any(d.stiffness for d in source.drives.values()):
        source.note("servos_replaced")
    imu, forces = _sensors(source, anatomy, base)
    seeing = head_camera(anatomy)
    if not seeing and camera_down is not None:
        seeing = _add_camera(source, anatomy, camera_down)
    return Derived(base, torque, imu, forces, seeing)


def head_camera(anatomy: Anatomy) -> str:
    """Name of the model's own camera in the head, "" if there is none."""
    if anatomy.head_group < 0 or not anatomy.head:
        return ""
    tree, m = anatomy.tree, anatomy.tree.model
    group = set(tree.below(tree.path(anatomy.head_group, anatomy.torso)[0]))
    names = [str(m.camera(c).name) for c in range(m.ncam) if tree.owner[int(m.cam_bodyid[c])] in group]
    return next((n for n in names if n), "")


def _add_camera(source: Source, anatomy: Anatomy, down: float) -> str:
    """A camera in the middle of the face, looking ahead and ``down`` rad down, as said; its name."""
    tree, head = anatomy.tree, anatomy.head_group
    points = tree.points([head])
    frame = np.column_stack((anatomy.forward, anatomy.left, UP))
    place = tree.data.xpos[head].copy()
    if len(points):
        low, high = (points @ frame).min(axis=0), (points @ frame).max(axis=0)
        place = frame @ np.array([high[0], (low[1] + high[1]) / 2, (low[2] + high[2]) / 2])
    turn = tree.data.xmat[head].reshape(3, 3)
    up = np.cos(down) * UP + np.sin(down) * anatomy.forward
    name, taken = "head_camera", {c.get("name") for c in source.xml.iter("camera")}
    while name in taken:
        name += "_added"
    ET.SubElement(
        source.body(tree.name(head)),
        "camera",
        {
            "name": name,
            "pos": numbers(turn.T @ (place - tree.data.xpos[head])),
            "xyaxes": numbers(np.concatenate((turn.T @ -anatomy.left, turn.T @ up))),
            "fovy": f"{FIELD_OF_VIEW:g}",
        },
    )
    source.note("camera_added", body=tree.name(head), down=f"{np.degrees(down):.0f}", wide=f"{FIELD_OF_VIEW:g}")
    return name


def _driven(anatomy: Anatomy) -> list[str]:
    out: list[str] = []
    for side in SIDES:
        out += anatomy.legs[side].joints
    out += anatomy.waist
    for arm in anatomy.arms.values():
        out += arm.joints
    out += anatomy.head
    for arm in anatomy.arms.values():
        out += arm.fingers
    return out


def _remove(source: Source, joint: str) -> None:
    for body in source.xml.iter("body"):
        for element in body.findall("joint"):
            if element.get("name") == joint:
                body.remove(element)


def _turn_base(source: Source, anatomy: Anatomy) -> str:
    """A base whose x axis looks ahead and z axis up: the root, or a frame around it where the root is turned."""
    tree = anatomy.tree
    turn = tree.data.xmat[tree.root].reshape(3, 3)
    if float(turn[:, 0] @ anatomy.forward) > 0.999 and float(turn[:, 2] @ UP) > 0.999:
        return source.root
    root = source.body(source.root)
    world = source.xml.find("worldbody")
    assert world is not None
    taken = {b.get("name") for b in source.xml.iter("body")}
    name = "base"
    while name in taken:
        name += "_frame"
    frame = np.column_stack((anatomy.forward, anatomy.left, UP))
    for key in ("pos", "quat", "euler", "axisangle", "xyaxes", "zaxis"):
        root.attrib.pop(key, None)
    root.set("quat", numbers(quaternion_from_matrix(frame.T @ turn)))
    free = root.find("freejoint")
    assert free is not None
    root.remove(free)
    world.remove(root)
    outer = ET.SubElement(world, "body", {"name": name, "quat": numbers(quaternion_from_matrix(frame))})
    outer.append(free)
    outer.append(root)
    source.note("base_turned", body=source.root, base=name)
    return name


def numbers(values: Array) -> str:
    """Numbers as MJCF has them."""
    return " ".join(f"{float(v):.9g}" for v in values)


def _torques(source: Source, anatomy: Anatomy) -> dict[str, float]:
    """Torque limit of every driven joint: the file's, or a guess from weight and size."""
    weight = anatomy.tree.mass(anatomy.tree.root) * 9.81
    scale = weight * anatomy.leg_length
    shares: dict[str, float] = {}
    for leg in anatomy.legs.values():
        for k, name in enumerate(leg.joints):
            after_knee = k > leg.joints.index(leg.knee)
            shares[name] = KNEE_SHARE if name == leg.knee else ANKLE_SHARE if after_knee else LEG_SHARE
    shares |= dict.fromkeys(anatomy.waist, WAIST_SHARE)
    for arm in anatomy.arms.values():
        for k, name in enumerate(arm.joints):
            shares[name] = ARM_SHARE if k < 4 else ARM_SHARE / 3
        shares |= dict.fromkeys(arm.fingers, ARM_SHARE / 3)
    shares |= dict.fromkeys(anatomy.head, ARM_SHARE / 3)
    out, guessed = {}, []
    for name in _driven(anatomy):
        stated = source.drives[name].limit if name in source.drives else math.inf
        if not 0.0 < stated < NO_LIMIT * scale:
            guessed.append(name)
            stated = shares[name] * scale
        out[name] = float(f"{stated:.4g}")
    if guessed:
        source.note("torque_guessed", names=", ".join(guessed), count=len(guessed))
    return out


def _joints(source: Source, names: set[str], torque: dict[str, float]) -> None:
    """Rotor inertia and damping where there is none: a joint without any shakes at every step of the physics."""
    model = source.compile()
    light, undamped = [], []
    elements = {j.get("name", ""): j for j in source.xml.iter("joint")}
    for name in sorted(names):
        dof = int(model.jnt_dofadr[model.joint(name).id])
        if model.dof_armature[dof] <= 0.0:
            elements[name].set("armature", f"{max(ARMATURE * torque[name], 1e-4):.4g}")
            light.append(name)
        if model.dof_damping[dof] <= 0.0:
            elements[name].set("damping", f"{max(DAMPING * torque[name], 1e-3):.4g}")
            undamped.append(name)
    if light:
        source.note("armature_guessed", count=len(light))
    if undamped:
        source.note("damping_guessed", count=len(undamped))


def _sensors(source: Source, anatomy: Anatomy, base: str) -> tuple[Inertial, dict[str, str]]:
    """IMU and foot force sensors: the file's, by where they sit; an IMU is added to the base where there is none."""
    tree = anatomy.tree
    m = tree.model
    sensors = ET.SubElement(source.xml, "sensor")

    def group(site: str) -> int:
        return tree.owner[int(m.site_bodyid[m.site(site).id])]

    on_base = [i for i in source.imus if group(i.site) == tree.root]
    found = next(iter(on_base or source.imus), None)
    if found is None:
        body = source.body(base)
        ET.SubElement(body, "site", {"name": "imu_assumed", "pos": "0 0 0"})
        found = Inertial("imu_assumed", "imu_gyro", "imu_accel", "imu_orientation")
        source.note("imu_added", body=base)
    ET.SubElement(sensors, "gyro", {"name": found.gyro, "site": found.site})
    ET.SubElement(sensors, "accelerometer", {"name": found.accel, "site": found.site})
    if found.orientation:
        ET.SubElement(sensors, "framequat", {"name": found.orientation, "objtype": "site", "objname": found.site})
    forces: dict[str, str] = {}
    for side in SIDES:
        mine = next((f for f in source.forces if group(f[0]) == anatomy.legs[side].foot), None)
        if mine is not None:
            ET.SubElement(sensors, "force", {"name": mine[1], "site": mine[0]})
            forces[side] = mine[1]
    if len(forces) < 2:
        source.note("foot_force_assumed")
    return found, forces


def exclude_overlaps(source: Source, postures: list[Array]) -> None:
    """Body pairs that overlap though nothing moves them together: shapes that are larger than the parts they stand for.

    Args:
        postures: Full positions (nq,) in which nothing may touch itself.
    """
    model = source.compile()
    data = mujoco.MjData(model)
    pairs: set[tuple[str, str]] = set()
    for q in postures:
        data.qpos[:] = q
        mujoco.mj_forward(model, data)
        for contact in data.contact:
            a, b = sorted(str(model.body(int(model.geom_bodyid[g])).name) for g in contact.geom)
            if contact.dist < 0.0:
                pairs.add((a, b))
    if not pairs:
        return
    element = source.xml.find("contact")
    if element is None:
        element = ET.SubElement(source.xml, "contact")
    for a, b in sorted(pairs):
        ET.SubElement(element, "exclude", {"body1": a, "body2": b})
    source.note("overlaps_excluded", count=len(pairs), pairs="; ".join(f"{a} - {b}" for a, b in sorted(pairs)[:6]))


def write_model(source: Source, folder: Path) -> Path:
    """Write the model and copies of its meshes and textures into ``folder``; the path of the model."""
    meshes = folder / "meshes"
    taken: dict[str, str] = {}
    for element in source.xml.iter():
        file = element.get("file")
        if not file:
            continue
        if file not in taken:
            origin = Path(file)
            name, number = origin.name, 2
            while name in taken.values():
                name, number = f"{origin.stem}_{number}{origin.suffix}", number + 1
            taken[file] = name
            meshes.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(origin, meshes / name)
        element.set("file", f"meshes/{taken[file]}")
    ET.indent(source.xml)
    path = folder / "model.xml"
    path.write_text(source.text() + "\n", encoding="utf-8")
    return path
