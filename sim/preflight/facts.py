"""What the checks need to know of a robot's model beyond its profile: joint ranges, which joints slide, how far the arms reach."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.robot import SIDES, RobotModel
from sim.scene import build_scene

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RobotFacts:
    """Facts of one robot model.

    Args:
        ranges: (n, 2) joint limits, rad or m, in joint order; infinite where the model sets none.
        slides: (n,) true where a joint slides (m, m/s, N) instead of turning.
        shoulders: by side, (3,) shoulder position over the middle of the feet in the home posture, m (x ahead, y left, z up).
        arm_length: by side, shoulder to palm with the arm stretched, m.
    """

    ranges: Array
    slides: NDArray[np.bool_]
    shoulders: dict[str, Array]
    arm_length: dict[str, float]


_known: dict[str, RobotFacts] = {}


def robot_facts(robot: RobotModel) -> RobotFacts:
    """The facts of a robot, read from its model once for each content hash; SimError ``scene.*`` when that is at fault."""
    if robot.content_hash not in _known:
        _known[robot.content_hash] = _read(robot)
    return _known[robot.content_hash]


def _read(robot: RobotModel) -> RobotFacts:
    scene = build_scene(None, robot)
    model, profile = scene.model, robot.profile
    ids = [int(model.joint(name).id) for name in robot.joint_names]
    limited = np.array([bool(model.jnt_limited[i]) for i in ids])
    ranges = np.where(limited[:, None], model.jnt_range[ids], [[-np.inf, np.inf]])
    slides = np.array([model.jnt_type[i] == mujoco.mjtJoint.mjJNT_SLIDE for i in ids])
    data = scene.initial_data()
    middle = np.mean([data.site(profile.legs[s].sole_site).xpos for s in SIDES], axis=0)
    shoulders = {side: data.xanchor[model.joint(arm.joints[0]).id] - middle for side, arm in profile.arms.items()}
    arm_length = {}
    for side, arm in profile.arms.items():
        points = [data.xanchor[model.joint(j).id].copy() for j in arm.joints] + [data.site(arm.hand_site).xpos.copy()]
        arm_length[side] = float(sum(np.linalg.norm(b - a) for a, b in pairwise(points)))
    return RobotFacts(ranges, slides, shoulders, arm_length)
