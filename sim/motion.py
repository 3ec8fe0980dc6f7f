"""A motion: a plan compiled for one robot and one cell. Skills with world goals and numbers, in execution order.

A biped closes its loops on the robot, so a motion is the list of goals its body controller pursues, not joint angles
fixed in advance; the trajectory that follows from it in the twin is the verified prediction (a Recording).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sim.transforms import Pose, Pose2

#: skill -> resources it occupies. ``legs`` moves the base; ``hands`` the arms and grippers.
SKILLS: Mapping[str, tuple[str, ...]] = {
    "walk": ("legs",),
    "carry": ("legs",),
    "look": ("head",),
    "grasp": ("legs", "both_hands"),
    "place": ("legs", "both_hands"),
    "press": ("legs", "one_hand"),
    "pick": ("legs", "one_hand"),
    "put": ("legs", "one_hand"),
    "insert": ("legs", "one_hand"),
    "handover": ("legs", "both_hands"),
    "open_door": ("legs", "one_hand"),
    "wait": (),
    "signal": (),
}


@dataclass(frozen=True, slots=True)
class SkillCommand:
    """One step for the body controller. It starts ``delay`` s after every step in ``after`` has ended.

    Args:
        step_id: The plan's step.
        skill: A key of SKILLS.
        goal: walk and carry: where the robot's midpoint of the feet shall stand, world.
        object_id: grasp and place: the workpiece.
        object_pose: grasp: where the plan expects it; place: where it shall be put down (pose of its centre), world.
        target: look: the point to look at, world.
        speed: walk and carry m/s; grasp and place hand speed m/s.
        height: grasp: how far to lift, m.
        force: grasp: squeeze per hand, N.
        duration: wait: s.
        text: signal: name of the signal.
        hand: of a one-handed skill: left, right, or "" for the nearer one. handover: the hand that takes.
        device: press, insert, open_door: the device. device_pose: where the plan expects its frame, world.
        value: open_door: how far, rad.
    """

    step_id: str
    skill: str
    after: tuple[str, ...] = ()
    delay: float = 0.0
    estimate: float = 0.0
    goal: Pose2 | None = None
    object_id: str = ""
    object_pose: Pose | None = None
    target: tuple[float, float, float] | None = None
    speed: float = 0.0
    height: float = 0.0
    force: float = 0.0
    duration: float = 0.0
    text: str = ""
    value: float = 0.0
    hand: str = ""
    device: str = ""
    device_pose: Pose | None = None


@dataclass(frozen=True, slots=True)
class Motion:
    """Skill commands in planned order, with the hashes of what they were compiled from."""

    commands: tuple[SkillCommand, ...]
    start: Pose2
    robot_id: str
    robot_hash: str
    cell_id: str
    cell_hash: str
    plan_hash: str
    limits: Mapping[str, float] = field(default_factory=dict)

    @property
    def content_hash(self) -> str:
        """SHA-256 of the canonical JSON."""
        return hashlib.sha256(json.dumps(motion_to_data(self), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def motion_to_data(motion: Motion) -> dict[str, Any]:
    """Plain JSON data of a motion."""
    return asdict(motion)


def motion_from_data(data: Mapping[str, Any]) -> Motion:
    """The inverse of motion_to_data; KeyError, TypeError or ValueError where the data is not a motion."""

    def command(d: Mapping[str, Any]) -> SkillCommand:
        fields = dict(d)
        if fields.get("skill") not in SKILLS:
            raise ValueError(f"unknown skill {fields.get('skill')!r}; valid: {', '.join(SKILLS)}")
        fields["after"] = tuple(fields.get("after", ()))
        if fields.get("goal") is not None:
            fields["goal"] = Pose2(**fields["goal"])
        if fields.get("object_pose") is not None:
            pose = fields["object_pose"]
            fields["object_pose"] = Pose(tuple(pose["position"]), tuple(pose["quaternion"]))
        if fields.get("device_pose") is not None:
            pose = fields["device_pose"]
            fields["device_pose"] = Pose(tuple(pose["position"]), tuple(pose["quaternion"]))
        if fields.get("target") is not None:
            fields["target"] = tuple(fields["target"])
        return SkillCommand(**fields)

    fields = dict(data)
    fields["commands"] = tuple(command(c) for c in fields["commands"])
    fields["start"] = Pose2(**fields["start"])
    return Motion(**fields)
