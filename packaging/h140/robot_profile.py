"""The robot profile of H140 as text, with the limits and gains taken from ``body_plan``."""

from __future__ import annotations

from collections.abc import Callable

from body_plan import FINGER_STROKE, HIP_HALF_WIDTH, KNEE, PALM_HALF, SOLE_SIZE, Body, Joint, joint_name

LEG = ("hip_yaw", "hip_roll", "hip_pitch", "knee", "ankle_pitch", "ankle_roll")
ARM = ("shoulder_pitch", "shoulder_roll", "shoulder_yaw", "elbow", "wrist_yaw", "wrist_pitch", "wrist_roll")

# The crouch leans this much at the ankles, so that the centre of mass is over the middle of the soles.
LEAN = -0.0192
HOME_SIDE = {
    "hip_pitch": -KNEE / 2 - LEAN,
    "knee": KNEE,
    "ankle_pitch": -KNEE / 2 + LEAN,
    "shoulder_pitch": 0.25,
    "shoulder_roll": 0.12,
    "elbow": -1.35,
    "finger_1": 0.02,
    "finger_2": 0.02,
}
MIRRORED = ("hip_yaw", "hip_roll", "ankle_roll", "shoulder_roll", "shoulder_yaw", "wrist_yaw", "wrist_roll")

HEAD = f"""# Robot profile of H140. Written by packaging/h140/generate.py from packaging/h140/body_plan.py.
# Lengths m, angles rad, masses kg, forces N, torques N·m, speeds rad/s (m/s for slides).
schema = "humanoid-workbench/robot-profile/1"
id = "h140"
model = "h140.xml"
base_body = "pelvis"
height = 1.40
payload = 5.0
maker = "humanoid-workbench"
capabilities = ["walk", "carry", "look", "grasp", "place", "press", "pick", "put", "handover", "insert", "open_door", "wait", "signal"]
notes = "Reference humanoid of the workbench: 50 kg, 6-joint legs, 7-joint arms, parallel grippers, palms for totes."

[name]
en = "H140 humanoid"
ko = "H140 휴머노이드"

[waist]
joints = ["waist_yaw", "waist_pitch"]

[head]
joints = ["neck_yaw", "neck_pitch"]
camera = "head_camera"

[imu]
gyro = "imu_gyro"
accel = "imu_accel"
orientation = "imu_quat"

[gait]
com_height = 0.68
foot_spacing = {2 * HIP_HALF_WIDTH:g}
step_forward = 0.38
step_backward = 0.12
step_sideways = 0.08
step_yaw = 0.20
single_support_s = 0.38
double_support_s = 0.08
clearance = 0.045
max_speed = 0.8

[control]
floor_friction = 0.5  # what the controller may count on; never more than the floor gives
delay = 0.0
"""


def profile_toml(plan: list[Body]) -> str:
    """The whole ``profile.toml``."""
    joints = {joint_name(body.name): body.joint for body in plan if body.joint is not None}
    lines = [HEAD]
    for side in ("left", "right"):
        lines += [
            f"[legs.{side}]",
            f"joints = {_names(side, LEG)}",
            f'knee = "{side}_knee"',
            f'ankle_pitch = "{side}_ankle_pitch"',
            f'sole_site = "{side}_sole"',
            f"sole_half_size = [{SOLE_SIZE[0] / 2:g}, {SOLE_SIZE[1] / 2:g}]",
            f'force_sensor = "{side}_foot_force"',
            "",
        ]
    for side in ("left", "right"):
        lines += [
            f"[arms.{side}]",
            f"joints = {_names(side, ARM)}",
            f'hand_site = "{side}_palm"',
            f"palm_half_size = [{PALM_HALF[0]:g}, {PALM_HALF[1]:g}]",
            "",
            f"[arms.{side}.gripper]",
            f"joints = {_names(side, ('finger_1', 'finger_2'))}",
            f"open = [{FINGER_STROKE:g}, {FINGER_STROKE:g}]",
            "closed = [0.0, 0.0]",
            f"max_force = {joints[f'{side}_finger_1'].torque:g}",
            "",
        ]
    home = {name: _home(name) for name in joints}
    lines += _table("home", "The working posture: crouched, soles flat, arms ready.", joints, lambda name, _: home[name])
    lines += _table("velocity_limits", "", joints, lambda _, joint: joint.speed)
    lines += _table("torque_limits", "", joints, lambda _, joint: joint.torque)
    lines += _table("stiffness", "Servo gains, as in the model: N·m/rad and N·m·s/rad.", joints, lambda _, joint: joint.kp)
    lines += _table("damping", "", joints, lambda _, joint: joint.kv)
    return "\n".join(lines).rstrip("\n") + "\n"


def _home(name: str) -> float:
    side, _, joint = name.partition("_")
    value = HOME_SIDE.get(joint, 0.0)
    return -value if side == "right" and joint in MIRRORED else value


def _names(side: str, joints: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{side}_{joint}"' for joint in joints) + "]"


def _table(title: str, comment: str, joints: dict[str, Joint], value: Callable[[str, Joint], float]) -> list[str]:
    lines = [f"# {comment}"] if comment else []
    lines.append(f"[{title}]")
    for name, joint in joints.items():
        number = f"{value(name, joint) + 0.0:.6g}"
        lines.append(f"{name} = {number if '.' in number else number + '.0'}")
    return [*lines, ""]
