"""What the controller and the checks need to know of a robot: a model file and a profile beside it.

Nothing in the code knows a robot by name; a robot is a folder with ``profile.toml`` and the MJCF it names. The profile of
a robot whose model lies elsewhere (added by path) gives ``model`` as a path relative to the profile or absolute.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import SimError

PROFILE_SCHEMA = "humanoid-workbench/robot-profile/1"
SIDES = ("left", "right")


@dataclass(frozen=True, slots=True)
class LegProfile:
    """One leg: joints from hip to ankle, sole site (z up, x to the toe) and the sole's half lengths in m."""

    joints: tuple[str, ...]
    knee: str
    ankle_pitch: str
    sole_site: str
    sole_half_size: tuple[float, float]
    force_sensor: str = ""


@dataclass(frozen=True, slots=True)
class GripperProfile:
    """A gripper: its joints, with the joint values (m or rad) when open and closed, and the largest grip force in N."""

    joints: tuple[str, ...]
    open: tuple[float, ...]
    closed: tuple[float, ...]
    max_force: float


@dataclass(frozen=True, slots=True)
class ArmProfile:
    """One arm: joints from shoulder to wrist and the hand site.

    The hand site sits in the middle of the palm surface: z points out of the palm (the squeezing direction), x along the
    fingers. Two-palm grasps press along z; a gripper closes about x.
    """

    joints: tuple[str, ...]
    hand_site: str
    palm_half_size: tuple[float, float]
    gripper: GripperProfile | None = None


@dataclass(frozen=True, slots=True)
class GaitProfile:
    """Walking limits. Lengths m, angles rad, times s, speeds m/s, per step where it says step."""

    com_height: float
    foot_spacing: float
    step_forward: float = 0.20
    step_backward: float = 0.12
    step_sideways: float = 0.08
    step_yaw: float = 0.20
    single_support_s: float = 0.34
    double_support_s: float = 0.08
    clearance: float = 0.05
    max_speed: float = 0.45


@dataclass(frozen=True, slots=True)
class SiteProfile:
    """A site the program needs and the model file lacks: body, position m and quaternion wxyz in the body frame."""

    body: str
    pos: tuple[float, float, float]
    quat: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class CameraProfile:
    """A camera that the robot has and the model file lacks: where it is in the body frame, and its height of view, degrees.

    As MuJoCo has it, it looks along its -z, with y up.
    """

    body: str
    pos: tuple[float, float, float]
    quat: tuple[float, float, float, float]
    fovy: float


@dataclass(frozen=True, slots=True)
class TouchProfile:
    """A mesh that the model file only draws, and that touches as its convex hull: of this body."""

    body: str
    mesh: str


@dataclass(frozen=True, slots=True)
class RobotProfile:
    """The declared facts of a robot. Joint values rad (or m for slides), keyed by joint name."""

    id: str
    name: Mapping[str, str]
    model: str
    base_body: str
    legs: Mapping[str, LegProfile]
    arms: Mapping[str, ArmProfile]
    waist_joints: tuple[str, ...]
    head_joints: tuple[str, ...]
    head_camera: str
    home: Mapping[str, float]
    gait: GaitProfile
    imu: Mapping[str, str]
    velocity_limits: Mapping[str, float]
    torque_limits: Mapping[str, float]
    stiffness: Mapping[str, float]
    damping: Mapping[str, float]
    floor_friction: float = 0.5
    control_delay: float = 0.0
    payload: float = 0.0
    capabilities: tuple[str, ...] = ()
    height: float = 0.0
    maker: str = ""
    notes: str = ""
    sites: Mapping[str, SiteProfile] = field(default_factory=dict)
    cameras: Mapping[str, CameraProfile] = field(default_factory=dict)
    touching: Mapping[str, TouchProfile] = field(default_factory=dict)

    @property
    def added_to(self) -> tuple[str, ...]:
        """Bodies that something of the profile is added to."""
        return tuple(part.body for kind in (self.sites, self.cameras, self.touching) for part in kind.values())


@dataclass(frozen=True, slots=True)
class RobotModel:
    """A robot: profile, model path, joint order and the content hash that names this exact version.

    ``joint_names`` is the order of every joint array in the program: the order in the profile (legs left, right, waist,
    arms left, right, head, grippers left, right).
    """

    profile: RobotProfile
    folder: Path
    model_path: Path
    joint_names: tuple[str, ...]
    content_hash: str
    parent_hash: str = ""
    parameters: Mapping[str, float] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The identifier a plan or a command names the robot by."""
        return self.profile.id

    def index(self, joint: str) -> int:
        """Position of a joint in every joint array; SimError naming the valid joints if there is none such."""
        try:
            return self.joint_names.index(joint)
        except ValueError:
            raise SimError("robot.no_such_joint", joint=joint, valid=", ".join(self.joint_names)) from None


def load_robot(folder: Path, model_path: Path | None = None, *, model_needed: bool = True) -> RobotModel:
    """Read a robot folder (or the path of a ``profile.toml``).

    Args:
        folder: Where the profile is.
        model_path: The MJCF file where it does not lie beside the profile (a robot the user adds by path), or the
            folder that holds a file of the profile's model name.
        model_needed: False where the joints' names are enough (reading a log): a model that is not there is no error, and
            the content hash speaks of the profile alone.

    Raises:
        SimError: ``robot.not_found``, ``robot.profile_unreadable``, ``robot.profile_invalid`` (field and reason),
            ``robot.schema_newer`` or ``robot.model_missing``.
    """
    path = folder if folder.suffix == ".toml" else folder / "profile.toml"
    profile = read_profile(path)
    raw = path.read_bytes()
    if model_path is None:
        model_path = path.parent / profile.model
    elif model_path.is_dir():
        model_path = model_path / profile.model
    model_path = model_path.resolve()
    there = model_path.is_file()
    if model_needed and not there:
        raise SimError("robot.model_missing", path=str(model_path), profile=str(path))
    digest = hashlib.sha256(raw)
    for part in _model_files(model_path) if there else ():
        digest.update(part.read_bytes())
    return RobotModel(profile, path.parent, model_path, joint_order(profile), digest.hexdigest())


def read_profile(path: Path) -> RobotProfile:
    """Read a ``profile.toml`` alone, whether or not its model is there; SimError as ``load_robot``."""
    if not path.is_file():
        raise SimError("robot.not_found", path=str(path))
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SimError("robot.profile_unreadable", path=str(path), reason=str(error)) from error
    try:
        return profile_from_data(data, str(path))
    except (TypeError, ValueError, AttributeError, LookupError) as error:  # a table where a number should be, and the like
        raise SimError("robot.profile_invalid", path=str(path), field="?", reason=str(error)) from error


def joint_order(profile: RobotProfile) -> tuple[str, ...]:
    """The joints of a profile in the program's joint order."""
    names: list[str] = []
    for side in SIDES:
        names += profile.legs[side].joints
    names += profile.waist_joints
    for side in SIDES:
        if side in profile.arms:
            names += profile.arms[side].joints
    names += profile.head_joints
    for side in SIDES:
        gripper = profile.arms[side].gripper if side in profile.arms else None
        if gripper:
            names += gripper.joints
    return tuple(names)


def profile_from_data(data: Mapping[str, Any], where: str) -> RobotProfile:
    """Build a profile from parsed TOML; SimError ``robot.profile_invalid`` names the field at fault."""
    schema = data.get("schema", "")
    if schema != PROFILE_SCHEMA:
        raise SimError("robot.schema_newer", path=where, found=str(schema), supported=PROFILE_SCHEMA)

    def need(table: Mapping[str, Any], key: str, path: str) -> Any:
        if key not in table:
            raise SimError("robot.profile_invalid", path=where, field=f"{path}{key}", reason="missing")
        return table[key]

    def leg(side: str) -> LegProfile:
        t = need(need(data, "legs", ""), side, "legs.")
        at = f"legs.{side}."
        half = need(t, "sole_half_size", at)
        return LegProfile(
            tuple(need(t, "joints", at)),
            need(t, "knee", at),
            need(t, "ankle_pitch", at),
            need(t, "sole_site", at),
            (float(half[0]), float(half[1])),
            t.get("force_sensor", ""),
        )

    def arm(side: str) -> ArmProfile:
        t = data["arms"][side]
        at = f"arms.{side}."
        grip = t.get("gripper")
        gripper = None
        if grip is not None:
            at_grip = at + "gripper."
            gripper = GripperProfile(
                tuple(need(grip, "joints", at_grip)),
                tuple(map(float, need(grip, "open", at_grip))),
                tuple(map(float, need(grip, "closed", at_grip))),
                float(need(grip, "max_force", at_grip)),
            )
        half = t.get("palm_half_size", (0.04, 0.03))
        return ArmProfile(tuple(need(t, "joints", at)), need(t, "hand_site", at), (float(half[0]), float(half[1])), gripper)

    def site(name: str, table: Mapping[str, Any], kind: str = "sites") -> SiteProfile:
        at = f"{kind}.{name}."
        pos = [float(v) for v in need(table, "pos", at)]
        quat = [float(v) for v in table.get("quat", (1.0, 0.0, 0.0, 0.0))]
        if len(pos) != 3 or len(quat) != 4:
            raise SimError("robot.profile_invalid", path=where, field=at + "pos/quat", reason="3 and 4 numbers are needed")
        return SiteProfile(need(table, "body", at), (pos[0], pos[1], pos[2]), (quat[0], quat[1], quat[2], quat[3]))

    def camera(name: str, table: Mapping[str, Any]) -> CameraProfile:
        placed = site(name, table, "cameras")
        return CameraProfile(placed.body, placed.pos, placed.quat, float(need(table, "fovy", f"cameras.{name}.")))

    def touch(name: str, table: Mapping[str, Any]) -> TouchProfile:
        at = f"touching.{name}."
        return TouchProfile(need(table, "body", at), need(table, "mesh", at))

    def floats(key: str) -> dict[str, float]:
        return {k: float(v) for k, v in data.get(key, {}).items()}

    head = data.get("head", {})
    control = data.get("control", {})
    gait = need(data, "gait", "")
    unknown = set(gait) - set(GaitProfile.__dataclass_fields__)
    if unknown:
        valid = ", ".join(GaitProfile.__dataclass_fields__)
        raise SimError("robot.profile_invalid", path=where, field=f"gait.{min(unknown)}", reason=f"unknown; valid: {valid}")
    try:
        return RobotProfile(
            id=need(data, "id", ""),
            name=dict(need(data, "name", "")),
            model=need(data, "model", ""),
            base_body=need(data, "base_body", ""),
            legs={side: leg(side) for side in SIDES},
            arms={side: arm(side) for side in SIDES if side in data.get("arms", {})},
            waist_joints=tuple(data.get("waist", {}).get("joints", ())),
            head_joints=tuple(head.get("joints", ())),
            head_camera=head.get("camera", ""),
            home=floats("home"),
            gait=GaitProfile(**{k: float(v) for k, v in gait.items()}),
            imu=dict(data.get("imu", {})),
            velocity_limits=floats("velocity_limits"),
            torque_limits=floats("torque_limits"),
            stiffness=floats("stiffness"),
            damping=floats("damping"),
            floor_friction=float(control.get("floor_friction", 0.5)),
            control_delay=float(control.get("delay", 0.0)),
            payload=float(data.get("payload", 0.0)),
            capabilities=tuple(data.get("capabilities", ())),
            height=float(data.get("height", 0.0)),
            maker=str(data.get("maker", "")),
            notes=str(data.get("notes", "")),
            sites={name: site(name, table) for name, table in data.get("sites", {}).items()},
            cameras={name: camera(name, table) for name, table in data.get("cameras", {}).items()},
            touching={name: touch(name, table) for name, table in data.get("touching", {}).items()},
        )
    except (TypeError, ValueError) as error:
        raise SimError("robot.profile_invalid", path=where, field="?", reason=str(error)) from error


def _model_files(model_path: Path) -> list[Path]:
    """The model file and the meshes, textures and parts beside it, in a stable order, for the content hash."""
    folder = model_path.parent
    kinds = {".obj", ".stl", ".png", ".xml"}
    meshes = sorted(p for p in folder.rglob("*") if p.suffix.lower() in kinds and p != model_path)
    return [model_path, *meshes]
