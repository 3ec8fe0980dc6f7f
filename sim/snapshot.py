"""The newest state of a run, for a viewport: one small value, made alike from a live simulation, a robot or a recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.recording import RecordedEvent, Recording
from sim.transforms import Pose2

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """State at ``time``. Latest wins; may be dropped.

    Args:
        time: s since the start of the run.
        base_pose: (7,) x y z qw qx qy qz, world.
        joint_position: (n,) rad, order of RobotModel.joint_names.
        objects: object id -> pose (7,), world.
        step_id: the step being executed, "" if none.
        com: (3,) m world, or None where unknown.
        foot_force: (2, 3) N world, left and right, or None.
        foot_target: (2, 4) x y z yaw of the planned footholds, or None.
        margin: support margin m, or None.
        fallen: the robot lies.
        running: time advances.
        way: (k, 2) of the planned way of the feet's middle, m, world, or None.
    """

    time: float
    base_pose: Array
    joint_position: Array
    objects: Mapping[str, Array] = field(default_factory=dict)
    step_id: str = ""
    com: Array | None = None
    foot_force: Array | None = None
    foot_target: Array | None = None
    margin: float | None = None
    fallen: bool = False
    running: bool = False
    way: Array | None = None


#: The way that a walk has planned: an event with the step and the corners of the way.
WAY_EVENT = "event.way"
#: Points of a way that is told are this far apart, m.
_WAY_SPACING = 0.1


def way_told(step: str, poses: Sequence[Pose2]) -> dict[str, str | float]:
    """Parameters of the event that tells a way."""
    kept = list(poses[:1])
    for pose in poses[1:]:
        if pose.distance(kept[-1]) >= _WAY_SPACING:
            kept.append(pose)
    kept += poses[-1:]
    return {"step": step, "points": ";".join(f"{p.x:.3f},{p.y:.3f}" for p in kept)}


def way_at(events: Sequence[RecordedEvent], step: str, time: float) -> Array | None:
    """The way (k, 2) that a step follows at a time: the last that it told; None where it has told none."""
    told = next((e for e in reversed(events) if e.code == WAY_EVENT and e.time <= time), None)
    if told is None or told.params.get("step") != step:
        return None
    points = [p.split(",") for p in str(told.params.get("points", "")).split(";") if p]
    return np.array(points, dtype=np.float64) if len(points) > 1 and all(len(p) == 2 for p in points) else None


def frame_at(recording: Recording, time: float) -> Snapshot:
    """The recorded state at or before ``time`` (no interpolation: nothing is shown that was not recorded).

    Raises:
        SimError: ``recording.no_such_channel`` where the recording holds no joint positions.
    """
    series = recording.series

    def sample(name: str) -> Array | None:
        found = series.get(name)
        return found.at(time) if found is not None and len(found.t) else None

    base = sample("base.pose")
    margin = sample("balance.margin")
    force = sample("foot.contact_force")
    target = sample("foot.target")
    objects = {
        name.removeprefix("object.").removesuffix(".pose"): s.at(time)
        for name, s in series.items()
        if name.startswith("object.") and name.endswith(".pose") and len(s.t)
    }
    step = next((s.id for s in recording.steps if s.start <= time and (s.end is None or time < s.end)), "")
    return Snapshot(
        time=time,
        base_pose=base if base is not None else np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
        joint_position=recording["joint.position"].at(time),
        objects=objects,
        step_id=step,
        com=sample("com.position"),
        foot_force=force.reshape(2, 3) if force is not None else None,
        foot_target=target.reshape(2, 4) if target is not None else None,
        margin=float(margin[0]) if margin is not None else None,
        fallen=recording.fell_at is not None and time >= recording.fell_at,
        way=way_at(recording.events, step, time),
    )
