"""The profile that is proposed for a robot, as data and as the text of its ``profile.toml``."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mujoco
import numpy as np

from sim.errors import SimError
from sim.robot import PROFILE_SCHEMA, SIDES
from sim.robot_add.anatomy import Anatomy
from sim.robot_add.derive import Derived, head_camera
from sim.robot_add.places import Place
from sim.robot_add.posture import Home
from sim.robot_add.source import Source

#: The gait of a robot whose centre of mass is 0.68 m high; lengths grow with it, times and speeds with its root.
HEIGHT = 0.68
STEP_FORWARD, STEP_BACKWARD, STEP_SIDEWAYS, STEP_YAW = 0.26, 0.12, 0.08, 0.20
SINGLE_S, DOUBLE_S, CLEARANCE, MAX_SPEED = 0.38, 0.08, 0.048, 0.5
#: Joint gains per N·m of torque limit where the file has no servos: legs, arms and the rest.
LEG_GAINS, ARM_GAINS = (1.1, 0.03), (3.2, 0.12)
#: Gains of a joint that was given the torque of a far larger one would shake what it turns: damping is at most this share of what
#: would stop its inertia within one step of the physics, s, and stiffness is lowered with it.
STEADY, PHYSICS_STEP = 0.3, 0.002
#: Joint speed where the file states none: a hip of a 1.3 m robot, rad/s.
LEG_SPEED, ARM_SPEED = 12.0, 8.0
#: What can be asked and what is taken where nobody answers. Payload is a share of the robot's mass.
PAYLOAD_SHARE = 0.06
DELAY = 0.010
FLOOR = 0.5
#: How far a head's camera looks down with the head upright, degrees.
LOOKS_DOWN = 15.0


@dataclass(frozen=True)
class Question:
    """Something the model cannot say: key, value taken if nobody answers, unit and bounds (numbers) or choices (text)."""

    key: str
    default: float | str
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()

    def check(self, value: object) -> float | str:
        """The answer in its type; SimError ``robot_add.answer_wrong``."""
        if isinstance(self.default, str):
            text = str(value)
            if self.choices and text not in self.choices:
                raise SimError("robot_add.answer_wrong", key=self.key, value=text, valid=", ".join(self.choices))
            return text
        try:
            number = float(str(value))
        except ValueError:
            number = math.nan
        if not self.low <= number <= self.high:
            raise SimError(
                "robot_add.answer_wrong", key=self.key, value=value, valid=f"{self.low:g} ... {self.high:g} {self.unit}".strip()
            )
        return number


def questions(source: Source, anatomy: Anatomy) -> list[Question]:
    """What to ask about this robot."""
    mass = anatomy.tree.mass(anatomy.tree.root)
    out = [
        Question("name", source.path.stem),
        Question("maker", ""),
        Question("payload", float(f"{PAYLOAD_SHARE * mass:.1f}"), "kg", 0.0, mass),
        Question("floor_friction", FLOOR, "", 0.05, 2.0),
        Question("delay", DELAY, "s", 0.0, 0.03),
    ]
    if anatomy.doubts.get("forward"):
        out.append(Question("forward", anatomy.doubts["forward"], choices=("x", "-x", "y", "-y")))
    if anatomy.head and not head_camera(anatomy):
        # Whether the head sees, and so whether the robot can find what it shall grasp, is not in many models.
        out.append(Question("camera", "none", choices=("none", "head")))
        out.append(Question("camera_down", LOOKS_DOWN, "deg", -30.0, 80.0))
    if not source.velocity:
        out.append(Question("leg_speed", float(f"{LEG_SPEED * math.sqrt(1.3 / anatomy.height):.3g}"), "rad/s", 1.0, 60.0))
    return out


def propose(
    robot_id: str,
    source: Source,
    anatomy: Anatomy,
    derived: Derived,
    soles: Mapping[str, Place],
    palms: Mapping[str, Place],
    home: Home,
    answers: Mapping[str, float | str],
) -> dict[str, Any]:
    """The profile as ``sim.robot.profile_from_data`` reads it."""
    s = home.com_height / HEIGHT
    slow = math.sqrt(s)
    name = str(answers["name"])
    data: dict[str, Any] = {
        "schema": PROFILE_SCHEMA,
        "id": robot_id,
        "model": "model.xml",
        "base_body": derived.base_body,
        "height": round(anatomy.height, 3),
        "payload": answers["payload"],
        "maker": answers["maker"],
        "capabilities": _capabilities(anatomy, derived),
        "notes": f"Proposed from {source.path.name}; see report.json.",
        "name": {"en": name, "ko": name},
        "waist": {"joints": list(anatomy.waist)},
        "head": {"joints": list(anatomy.head), "camera": derived.camera},
        "imu": {"gyro": derived.imu.gyro, "accel": derived.imu.accel, "orientation": derived.imu.orientation},
        "gait": {
            "com_height": round(home.com_height, 3),
            "foot_spacing": round(home.spacing, 3),
            "step_forward": round(STEP_FORWARD * s, 3),
            "step_backward": round(STEP_BACKWARD * s, 3),
            "step_sideways": round(STEP_SIDEWAYS * s, 3),
            "step_yaw": STEP_YAW,
            "single_support_s": round(SINGLE_S * slow, 3),
            "double_support_s": round(DOUBLE_S * slow, 3),
            "clearance": round(CLEARANCE * s, 3),
            "max_speed": round(MAX_SPEED * slow, 2),
        },
        "control": {"floor_friction": answers["floor_friction"], "delay": answers["delay"]},
        "sites": {
            p.site: {"body": p.body, "pos": _rounded(p.pos), "quat": _rounded(p.quat, 8)}
            for p in (*soles.values(), *palms.values())
            if not p.own
        },
        "legs": {},
        "arms": {},
    }
    for side in SIDES:
        leg = anatomy.legs[side]
        data["legs"][side] = {
            "joints": list(leg.joints),
            "knee": leg.knee,
            "ankle_pitch": leg.ankle_pitch,
            "sole_site": soles[side].site,
            "sole_half_size": _rounded(soles[side].half, 3),
        } | ({"force_sensor": derived.forces[side]} if side in derived.forces else {})
    for side, arm in anatomy.arms.items():
        table: dict[str, Any] = {
            "joints": list(arm.joints),
            "hand_site": palms[side].site,
            "palm_half_size": _rounded(palms[side].half, 3),
        }
        if arm.fingers:
            table["gripper"] = _gripper(anatomy, arm.fingers, derived)
        data["arms"][side] = table
    return data | _joint_tables(source, anatomy, derived, home, answers)


def _rounded(values: Any, digits: int = 4) -> list[float]:
    return [round(float(v), digits) + 0.0 for v in values]


def _capabilities(anatomy: Anatomy, derived: Derived) -> list[str]:
    """What the body allows. Grasps need eyes on the work and two hands; whoever knows better edits the profile."""
    # Without ankle roll the weight cannot go over one foot while both are flat, which is how the gait begins.
    out = ["walk", "wait", "signal"] if anatomy.ankles_roll else ["wait", "signal"]
    if derived.camera and anatomy.head:
        out.append("look")
        if len(anatomy.arms) == 2 and min(len(a.joints) for a in anatomy.arms.values()) >= 6:
            out += ["carry", "grasp", "place"]
    return out


def _gripper(anatomy: Anatomy, fingers: tuple[str, ...], derived: Derived) -> dict[str, Any]:
    """Open is the end of the range where the fingers are further apart."""
    tree = anatomy.tree
    joints = {j.name: j for js in tree.joints.values() for j in js}
    groups = [next(g for g, js in tree.joints.items() if any(j.name == f for j in js)) for f in fingers]
    centres = [p.mean(axis=0) if len(p := tree.points([g])) else tree.data.xpos[g] for g in groups]
    hand = tree.parent[groups[0]]
    hold = tree.points([hand])
    middle = sum(centres) / len(centres) if len(centres) > 1 else (hold.mean(axis=0) if len(hold) else tree.data.xpos[hand])
    opened, closed, force = [], [], math.inf
    for finger, centre in zip(fingers, centres, strict=True):
        j = joints[finger]
        low, high = max(j.low, -math.pi), min(j.high, math.pi)
        lever = centre - j.anchor
        moves = j.axis if j.slide else np.cross(j.axis, lever)
        outward = float(moves @ (centre - middle)) >= 0.0
        opened.append(round(high if outward else low, 5) + 0.0)
        closed.append(round(low if outward else high, 5) + 0.0)
        reach = 1.0 if j.slide else max(float((lever @ lever) ** 0.5), 0.01)
        force = min(force, derived.torque[finger] / reach)
    return {"joints": list(fingers), "open": opened, "closed": closed, "max_force": float(f"{force:.3g}")}


def _joint_tables(
    source: Source, anatomy: Anatomy, derived: Derived, home: Home, answers: Mapping[str, float | str]
) -> dict[str, dict[str, float]]:
    legs = {n for leg in anatomy.legs.values() for n in leg.joints} | set(anatomy.waist)
    speed = float(answers.get("leg_speed", LEG_SPEED))
    inertia = _inertias(source)
    tables: dict[str, dict[str, float]] = {k: {} for k in ("home", "velocity_limits", "torque_limits", "stiffness", "damping")}
    for name, limit in derived.torque.items():
        stiff, damp = LEG_GAINS if name in legs else ARM_GAINS
        drive = source.drives.get(name)
        lower = min(STEADY * inertia[name] / PHYSICS_STEP / (damp * limit), 1.0)
        kp = drive.stiffness if drive is not None and drive.stiffness > 0.0 else stiff * limit * lower
        kd = drive.damping if drive is not None and drive.damping > 0.0 else damp * limit * lower
        tables["home"][name] = home.joints[name]
        tables["velocity_limits"][name] = source.velocity.get(name, speed if name in legs else speed * ARM_SPEED / LEG_SPEED)
        tables["torque_limits"][name] = limit
        tables["stiffness"][name] = float(f"{kp:.4g}")
        tables["damping"][name] = float(f"{kd:.4g}")
    return tables


def _inertias(source: Source) -> dict[str, float]:
    """What each joint has to turn or move, its own rotor included, kg·m² (kg), in the model's zero posture."""
    model = source.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    whole = np.zeros((model.nv, model.nv))
    mujoco.mj_fullM(model, data, whole)
    return {str(model.joint(j).name): float(whole[d, d]) for j, d in enumerate(model.jnt_dofadr)}


#: What stands above the tables of a proposed profile.
_COMMENTS = {
    "gait": "Scaled from the height of the centre of mass in the home posture.",
    "control": "floor_friction: what the controller may count on; never more than the floor gives. delay: from sensing to acting, s.",
    "home": "Crouched, soles flat, centre of mass over the middle of the soles.",
    "velocity_limits": "rad/s (m/s for slides).",
    "torque_limits": "N·m (N for slides).",
}


def profile_text(data: Mapping[str, Any], heading: str) -> str:
    """The TOML text of a profile."""
    lines = [f"# {line}".rstrip() for line in heading.splitlines()]
    _table(lines, (), data)
    return "\n".join(lines) + "\n"


def _table(lines: list[str], path: tuple[str, ...], table: Mapping[str, Any]) -> None:
    plain = {k: v for k, v in table.items() if not isinstance(v, Mapping)}
    inner = {k: v for k, v in table.items() if isinstance(v, Mapping)}
    if path and (plain or not inner):
        lines.append("")
        if path[-1] in _COMMENTS and len(path) == 1:
            lines.append(f"# {_COMMENTS[path[-1]]}")
        lines.append("[" + ".".join(_key(p) for p in path) + "]")
    lines += [f"{_key(k)} = {_value(v)}" for k, v in plain.items()]
    for key, value in inner.items():
        if value:
            _table(lines, (*path, key), value)


def _key(key: str) -> str:
    return key if key and all(c.isascii() and (c.isalnum() or c in "_-") for c in key) else json.dumps(key)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return json.dumps(value)
