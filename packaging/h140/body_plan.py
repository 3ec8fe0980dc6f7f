"""The mechanical design of H140 as numbers: lengths, masses, joints, drives. Everything else is derived from here.

All lengths m, masses kg, angles rad, torques N·m, forces N. In the zero posture the robot stands straight, arms hanging,
palms to the thighs; every body frame is then parallel to the world (x ahead, y left, z up), so a joint axis reads as
written: yaw about z, pitch about y, roll about x. Left is written, right is mirrored (y and the yaw and roll signs).
"""

from __future__ import annotations

from dataclasses import dataclass, field

# --- lengths -----------------------------------------------------------------------------------------------------------
ANKLE_HEIGHT = 0.07
SHANK = 0.30
THIGH = 0.30
HIP_HALF_WIDTH = 0.085
SOLE_SIZE = (0.20, 0.09)
SOLE_AHEAD = 0.03
SOLE_THICKNESS = 0.024
HIP_ABOVE_FLOOR = ANKLE_HEIGHT + SHANK + THIGH
PELVIS_ABOVE_HIP = 0.05
WAIST_ABOVE_PELVIS = 0.08
TORSO_ABOVE_WAIST = 0.05
SHOULDER_ABOVE_TORSO = 0.27
SHOULDER_HALF_WIDTH = 0.185
NECK_ABOVE_TORSO = 0.345
HEAD_ABOVE_NECK = 0.05
HEAD_TOP = 1.40
UPPER_ARM = 0.235
FOREARM = 0.215
WRIST_TO_PALM = 0.10
PALM_INSET = 0.028
PALM_HALF = (0.045, 0.036)
FINGER_STROKE = 0.040
PAD_GAP = 0.003


@dataclass(frozen=True)
class Solid:
    """A uniform solid standing for part of a body's mass: ``box`` (full sizes) or ``rod`` (radius, length along z)."""

    kind: str
    size: tuple[float, ...]
    centre: tuple[float, float, float]
    share: float = 1.0


@dataclass(frozen=True)
class Joint:
    """A drive: axis, range, torque limit, speed limit, servo gains and the reflected losses of motor and gear."""

    axis: tuple[float, float, float]
    range: tuple[float, float]
    torque: float
    speed: float
    kp: float
    kv: float
    armature: float
    damping: float
    friction: float
    kind: str = "hinge"


@dataclass(frozen=True)
class Collision:
    """A collision primitive: ``box`` (half sizes), ``capsule`` (radius, from, to) or ``sphere`` (radius)."""

    name: str
    kind: str
    size: tuple[float, ...]
    position: tuple[float, float, float] = (0.0, 0.0, 0.0)
    ends: tuple[float, ...] = ()
    friction: tuple[float, float, float] = (0.7, 0.005, 0.0001)
    surface: str = "collision"


@dataclass(frozen=True)
class Body:
    """One rigid body: where it hangs on its parent, its joint, mass and the solids that give its inertia."""

    name: str
    parent: str
    offset: tuple[float, float, float]
    mass: float
    solids: tuple[Solid, ...]
    joint: Joint | None = None
    collisions: tuple[Collision, ...] = ()
    extra: tuple[str, ...] = field(default=())


def drive(axis: str, low: float, high: float, size: str) -> Joint:
    """A rotary drive of a named size about an axis.

    Armature is rotor inertia times the gear ratio squared. The sizes stand for quasi-direct drives of that torque class:
    e.g. a 150 N·m drive of 100 mm with a rotor of 1.9e-4 kg·m^2 behind 18:1 gives 0.06 kg·m^2.
    """
    axes = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
    #        torque speed  kp    kv   armature damping friction
    sizes = {
        "hip": (150.0, 14.0, 500.0, 20.0, 0.06, 0.8, 0.6),
        "hip_yaw": (140.0, 14.0, 400.0, 15.0, 0.05, 0.8, 0.6),
        "knee": (180.0, 16.0, 500.0, 20.0, 0.08, 1.0, 0.8),
        "ankle_pitch": (90.0, 14.0, 400.0, 12.0, 0.04, 0.6, 0.5),
        "ankle_roll": (60.0, 14.0, 300.0, 10.0, 0.03, 0.5, 0.4),
        "waist": (140.0, 10.0, 500.0, 20.0, 0.06, 1.0, 0.6),
        "shoulder": (60.0, 10.0, 200.0, 8.0, 0.03, 0.6, 0.4),
        "elbow": (45.0, 10.0, 160.0, 6.0, 0.025, 0.5, 0.3),
        "wrist": (20.0, 12.0, 100.0, 3.0, 0.010, 0.25, 0.12),
        "neck": (8.0, 8.0, 40.0, 1.5, 0.005, 0.2, 0.08),
    }
    return Joint(axes[axis], (low, high), *sizes[size])


def finger(axis_sign: float) -> Joint:
    """A finger slide: a screw drive, 60 N, about 100 mm/s."""
    return Joint((axis_sign, 0.0, 0.0), (0.0, FINGER_STROKE), 60.0, 0.12, 2500.0, 60.0, 0.15, 8.0, 1.0, "slide")


def bodies() -> list[Body]:
    """All bodies, parents before children, left and right written out."""
    out = [
        Body(
            "pelvis",
            "",
            (0.0, 0.0, HIP_ABOVE_FLOOR + PELVIS_ABOVE_HIP),
            6.0,
            (Solid("box", (0.15, 0.22, 0.14), (-0.01, 0.0, 0.0)),),
            None,
            (Collision("pelvis", "box", (0.065, 0.085, 0.065), (-0.01, 0.0, 0.015)),),
            ('<site name="imu" pos="-0.02 0 0.03" size="0.01" group="4"/>',),
        )
    ]
    for side, s in (("left", 1.0), ("right", -1.0)):
        out += _leg(side, s)
    out += [
        Body(
            "waist",
            "pelvis",
            (0.0, 0.0, WAIST_ABOVE_PELVIS),
            1.0,
            (Solid("rod", (0.06, 0.08), (0.0, 0.0, 0.01)),),
            drive("z", -1.6, 1.6, "waist"),
        ),
        Body(
            "torso",
            "waist",
            (0.0, 0.0, TORSO_ABOVE_WAIST),
            12.2,
            (
                Solid("box", (0.16, 0.25, 0.24), (0.0, 0.0, 0.19), 0.62),
                # Battery and computer sit low in the back, as in every machine of this class.
                Solid("box", (0.07, 0.18, 0.20), (-0.05, 0.0, 0.13), 0.38),
            ),
            drive("y", -0.5, 0.9, "waist"),
            (
                Collision("chest", "box", (0.085, 0.115, 0.085), (0.0, 0.0, 0.235)),
                Collision("belly", "box", (0.07, 0.085, 0.06), (-0.005, 0.0, 0.085)),
                Collision("back", "box", (0.025, 0.09, 0.10), (-0.10, 0.0, 0.21)),
            ),
        ),
    ]
    for side, s in (("left", 1.0), ("right", -1.0)):
        out += _arm(side, s)
    out += [
        Body(
            "neck",
            "torso",
            (0.0, 0.0, NECK_ABOVE_TORSO),
            0.5,
            (Solid("rod", (0.035, 0.06), (0.0, 0.0, 0.02)),),
            drive("z", -1.4, 1.4, "neck"),
        ),
        Body(
            "head",
            "neck",
            (0.0, 0.0, HEAD_ABOVE_NECK),
            1.7,
            (Solid("box", (0.14, 0.13, 0.15), (0.01, 0.0, 0.08)),),
            drive("y", -0.6, 0.9, "neck"),
            (Collision("head", "capsule", (0.068,), ends=(0.008, 0.0, 0.05, 0.008, 0.0, 0.097)),),
            ('<camera name="head_camera" pos="0.085 0 0.075" xyaxes="0 -1 0 0.26 0 0.966" fovy="62"/>',),
        ),
    ]
    return out


def _leg(side: str, s: float) -> list[Body]:
    def m(low: float, high: float) -> tuple[float, float]:
        return (low, high) if s > 0 else (-high, -low)

    h = ANKLE_HEIGHT
    return [
        Body(
            f"{side}_hip_yaw",
            "pelvis",
            (0.0, s * HIP_HALF_WIDTH, -PELVIS_ABOVE_HIP),
            1.2,
            (Solid("rod", (0.045, 0.06), (0.0, 0.0, 0.045)),),
            drive("z", *m(-0.8, 1.0), "hip_yaw"),
        ),
        Body(
            f"{side}_hip_roll",
            f"{side}_hip_yaw",
            (0.0, 0.0, 0.0),
            1.3,
            (Solid("box", (0.09, 0.07, 0.08), (-0.02, 0.0, 0.0)),),
            drive("x", *m(-0.45, 0.8), "hip"),
        ),
        Body(
            f"{side}_thigh",
            f"{side}_hip_roll",
            (0.0, 0.0, 0.0),
            3.8,
            (Solid("rod", (0.06, 0.22), (0.0, 0.0, -0.11), 0.7), Solid("rod", (0.05, 0.10), (0.0, 0.0, -0.28), 0.3)),
            drive("y", -2.2, 0.9, "hip"),
            (Collision(f"{side}_thigh", "capsule", (0.060,), ends=(0.0, 0.0, -0.05, 0.0, 0.0, -0.25)),),
        ),
        Body(
            f"{side}_shank",
            f"{side}_thigh",
            (0.0, 0.0, -THIGH),
            2.6,
            (Solid("rod", (0.045, 0.26), (-0.004, 0.0, -0.13)),),
            drive("y", 0.0, 2.35, "knee"),
            (Collision(f"{side}_shank", "capsule", (0.048,), ends=(-0.004, 0.0, -0.03, -0.004, 0.0, -0.235)),),
        ),
        Body(
            f"{side}_ankle",
            f"{side}_shank",
            (0.0, 0.0, -SHANK),
            0.4,
            (Solid("box", (0.05, 0.05, 0.04), (0.0, 0.0, 0.0)),),
            drive("y", -0.95, 0.6, "ankle_pitch"),
        ),
        Body(
            f"{side}_foot",
            f"{side}_ankle",
            (0.0, 0.0, 0.0),
            0.9,
            (Solid("box", (0.19, 0.085, 0.035), (SOLE_AHEAD - 0.005, 0.0, -h + 0.022)),),
            drive("x", *m(-0.45, 0.45), "ankle_roll"),
            (
                Collision(
                    f"{side}_sole",
                    "box",
                    (SOLE_SIZE[0] / 2, SOLE_SIZE[1] / 2, SOLE_THICKNESS / 2),
                    (SOLE_AHEAD, 0.0, -h + SOLE_THICKNESS / 2),
                    friction=(0.9, 0.005, 0.0001),
                ),
            ),
            (
                f'<site name="{side}_sole" pos="{SOLE_AHEAD} 0 {-h}" size="0.008" group="4"/>',
                f'<site name="{side}_foot_touch" type="box" pos="{SOLE_AHEAD} 0 {-h}" '
                f'size="{SOLE_SIZE[0] / 2 + 0.005:g} {SOLE_SIZE[1] / 2 + 0.005:g} 0.006" group="4" rgba="0 0 0 0"/>',
                # Turned by pi about x: a loaded foot then reads a positive z (the sensor reports the parent's push).
                f'<site name="{side}_foot_force" pos="0 0 0" quat="0 1 0 0" size="0.008" group="4"/>',
            ),
        ),
    ]


def _arm(side: str, s: float) -> list[Body]:
    def m(low: float, high: float) -> tuple[float, float]:
        return (low, high) if s > 0 else (-high, -low)

    # The palm faces the thigh: out of the palm is -y on the left hand and +y on the right; fingers point down.
    palm = (0.0, -s * PALM_INSET, -WRIST_TO_PALM)
    grip = (1.2, 0.02, 0.0005)
    hand = Body(
        f"{side}_hand",
        f"{side}_wrist_pitch",
        (0.0, 0.0, 0.0),
        0.45,
        (Solid("box", (0.075, 0.045, 0.10), (0.0, 0.0, -0.085)),),
        drive("x", *m(-0.9, 0.9), "wrist"),
        (
            Collision(f"{side}_hand", "box", (0.034, 0.020, 0.045), (0.0, 0.0, -WRIST_TO_PALM)),
            # The palm pad: rubber, 8 mm, standing proud of the housing so that it alone touches a load.
            Collision(
                f"{side}_palm",
                "box",
                (PALM_HALF[1], 0.005, PALM_HALF[0]),
                (0.0, -s * (PALM_INSET - 0.005), -WRIST_TO_PALM),
                friction=grip,
                surface="pad",
            ),
        ),
        (
            # Columns of the site's rotation: x along the fingers (down), z out of the palm, y = z cross x.
            f'<site name="{side}_palm" pos="0 {palm[1]:g} {palm[2]:g}" xyaxes="0 0 -1 {s:g} 0 0" size="0.008" group="4"/>',
            f'<site name="{side}_grip" pos="0 0 -0.195" xyaxes="0 0 -1 {s:g} 0 0" size="0.008" group="4"/>',
        ),
    )
    fingers = []
    for number, sign in ((1, 1.0), (2, -1.0)):
        # Fingers run on rails at the end of the hand, open outwards along x, pads facing each other.
        fingers.append(
            Body(
                f"{side}_finger_{number}",
                f"{side}_hand",
                (sign * PAD_GAP / 2, 0.0, -0.150),
                0.1,
                (Solid("box", (0.014, 0.03, 0.075), (sign * 0.007, 0.0, -0.03)),),
                finger(sign),
                (
                    Collision(
                        f"{side}_finger_{number}",
                        "box",
                        (0.006, 0.013, 0.034),
                        (sign * 0.006, 0.0, -0.036),
                        friction=grip,
                        surface="pad",
                    ),
                ),
            )
        )
    return [
        Body(
            f"{side}_shoulder",
            "torso",
            (0.0, s * SHOULDER_HALF_WIDTH, SHOULDER_ABOVE_TORSO),
            0.7,
            (Solid("rod", (0.04, 0.05), (0.0, -s * 0.03, 0.0)),),
            drive("y", -2.9, 1.2, "shoulder"),
        ),
        Body(
            f"{side}_shoulder_roll",
            f"{side}_shoulder",
            (0.0, 0.0, 0.0),
            0.7,
            (Solid("box", (0.07, 0.06, 0.08), (0.0, 0.0, -0.01)),),
            drive("x", *m(-0.35, 2.4), "shoulder"),
        ),
        Body(
            f"{side}_upper_arm",
            f"{side}_shoulder_roll",
            (0.0, 0.0, 0.0),
            0.8,
            (Solid("rod", (0.035, 0.16), (0.0, 0.0, -0.14)),),
            drive("z", -1.6, 1.6, "shoulder"),
            (Collision(f"{side}_upper_arm", "capsule", (0.040,), ends=(0.0, 0.0, -0.01, 0.0, 0.0, -0.20)),),
        ),
        Body(
            f"{side}_forearm",
            f"{side}_upper_arm",
            (0.0, 0.0, -UPPER_ARM),
            0.7,
            (Solid("rod", (0.035, 0.15), (0.0, 0.0, -0.07)),),
            drive("y", -2.4, 0.05, "elbow"),
            (Collision(f"{side}_forearm", "capsule", (0.036,), ends=(0.0, 0.0, -0.02, 0.0, 0.0, -0.15)),),
        ),
        Body(
            f"{side}_wrist_yaw",
            f"{side}_forearm",
            (0.0, 0.0, -FOREARM),
            0.35,
            (Solid("rod", (0.03, 0.06), (0.0, 0.0, 0.02)),),
            drive("z", -1.8, 1.8, "wrist"),
        ),
        Body(
            f"{side}_wrist_pitch",
            f"{side}_wrist_yaw",
            (0.0, 0.0, 0.0),
            0.2,
            (Solid("box", (0.05, 0.05, 0.05), (0.0, 0.0, -0.01)),),
            drive("y", -1.2, 1.2, "wrist"),
        ),
        hand,
        *fingers,
    ]


# Joint names by body; the feet and hands take the joint's own name.
JOINT_OF_BODY = {
    "hip_yaw": "hip_yaw",
    "hip_roll": "hip_roll",
    "thigh": "hip_pitch",
    "shank": "knee",
    "ankle": "ankle_pitch",
    "foot": "ankle_roll",
    "shoulder": "shoulder_pitch",
    "shoulder_roll": "shoulder_roll",
    "upper_arm": "shoulder_yaw",
    "forearm": "elbow",
    "wrist_yaw": "wrist_yaw",
    "wrist_pitch": "wrist_pitch",
    "hand": "wrist_roll",
    "finger_1": "finger_1",
    "finger_2": "finger_2",
}
TRUNK_JOINTS = {"waist": "waist_yaw", "torso": "waist_pitch", "neck": "neck_yaw", "head": "neck_pitch"}

# Neighbours across a two- or three-axis joint: their housings share space by design.
NEIGHBOURS = (
    ("pelvis", "{side}_thigh"),
    ("{side}_shank", "{side}_foot"),
    ("torso", "{side}_upper_arm"),
    ("{side}_forearm", "{side}_hand"),
    ("{side}_finger_1", "{side}_finger_2"),
)
TRUNK_NEIGHBOURS = (("pelvis", "torso"), ("torso", "head"))


def joint_name(body: str) -> str:
    """The joint a body hangs on."""
    if body in TRUNK_JOINTS:
        return TRUNK_JOINTS[body]
    side, _, rest = body.partition("_")
    return f"{side}_{JOINT_OF_BODY[rest]}"


# The working posture: crouched with the soles flat, arms ready in front of the body.
KNEE = 0.97
