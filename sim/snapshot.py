"""The newest state of a run, for a viewport: one small value, made alike from a live simulation, a robot or a recording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.recording import Recording

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
    )
