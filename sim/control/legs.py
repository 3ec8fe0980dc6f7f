"""How low the body must be for its legs to reach: a straight knee can neither push nor lift a foot."""

from __future__ import annotations

import math

import mujoco
import numba
import numpy as np
from numpy.typing import NDArray

from sim.control.body import Body, object_id
from sim.robot import SIDES

Array = NDArray[np.float64]

#: Share of its straight length that a leg may be planned to have, and from which on a leg pulls the body down.
PLANNED, LONGEST = 0.97, 0.965
#: The body is this far past the middle of a stride when the trailing foot leaves the floor, m a metre of leg.
TRAILING = 0.10
#: Lowering for each metre that a leg is longer than it should be, m.
PULL = 2.0


class Legs:
    """Lengths of a robot's legs, from hip to ankle.

    Args:
        body: The controller's picture of the robot; it is put into its home posture.
    """

    def __init__(self, body: Body) -> None:
        self._body = body
        model, profile, robot = body.model, body.robot.profile, body.robot
        joint = mujoco.mjtObj.mjOBJ_JOINT
        legs = [profile.legs[s] for s in SIDES]
        self._hips = np.array([object_id(model, joint, leg.joints[leg.joints.index(leg.knee) - 1], robot) for leg in legs])
        self._ankles = np.array([object_id(model, joint, leg.ankle_pitch, robot) for leg in legs])
        knees = [object_id(model, joint, leg.knee, robot) for leg in legs]
        body.update(np.array([0.0, 0, 0, 1, 0, 0, 0]), np.zeros(6), body.home, np.zeros(len(body.home)))
        self._anchors = anchors = body.data.xanchor
        #: hip to ankle with a straight knee, m
        self.straight = min(
            float(np.linalg.norm(anchors[h] - anchors[k]) + np.linalg.norm(anchors[k] - anchors[a]))
            for h, k, a in zip(self._hips, knees, self._ankles, strict=True)
        )
        self._usual = float(np.mean(anchors[self._hips, 2] - anchors[self._ankles, 2]))

    def lowering(self, stride: float) -> float:
        """How much lower than usual the body must be, m, for a stride (distance of the feet along the way, m) and as it is now."""
        half = min(stride / 2 + TRAILING * self.straight, 0.9 * PLANNED * self.straight)
        planned = self._usual - math.sqrt((PLANNED * self.straight) ** 2 - half**2)
        longest: float = longest_leg(self._anchors, self._hips, self._ankles)
        return max(planned, PULL * (longest - LONGEST * self.straight), 0.0)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def longest_leg(anchors: Array, hips: NDArray[np.int64], ankles: NDArray[np.int64]) -> float:
    """Length of the longest leg from hip to ankle, m; ``anchors`` (k, 3) of all joints, ``hips`` and ``ankles`` among them."""
    longest = 0.0
    for i in range(hips.shape[0]):
        h, a = anchors[hips[i]], anchors[ankles[i]]
        longest = max(longest, np.sqrt((h[0] - a[0]) ** 2 + (h[1] - a[1]) ** 2 + (h[2] - a[2]) ** 2))
    return longest
