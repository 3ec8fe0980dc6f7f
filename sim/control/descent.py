"""Down a step: trunk, pelvis and the upper heel.

A flat upper foot with the weight above it leaves no way down: the ankle comes to its limit before the other foot reaches
the tread. So the trunk leans ahead and the hips stay back, the pelvis drops on the side of the swinging leg, and where the
ankle comes to its limit all the same, with the capture point already ahead of the toes, the upper foot rolls over them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.control.body import Body
from sim.control.footsteps import side_sign
from sim.control.walking import Walking

Array = NDArray[np.float64]

#: Lean of the trunk ahead and drop of the pelvis towards the lower foot, rad, and the time constant of both, s.
LEAN, DROP, LAG_S = 0.30, 0.12, 0.25
#: A step up to the first of these, m at H140's size, leaves the pelvis level, one from the second on has all of the drop: it throws the
#: weight aside, which a narrow sole hardly holds.
DROP_FROM, DROP_FULL = 0.12, 0.14
#: The legs may be this much straighter than usual, m a metre of the body's height over its soles.
STRETCH = 0.022
#: The heel lifts where its ankle is this near to its limit, rad, and the capture point this share of the sole's half length ahead
#: of its middle: before, the weight could not follow.
TOE_ROOM, TOES_FROM = 0.03, 1.0


class Descent:
    """How the body bends on the way down.

    Args:
        body: The controller's picture of the robot. dt: control period, s.
    """

    def __init__(self, body: Body, dt: float) -> None:
        self._body = body
        self._share = min(dt / LAG_S, 1.0)
        #: Lean of the trunk ahead and to the left, rad, beyond what its reference says.
        self.lean = 0.0
        self.aside = 0.0
        #: Soles whose heel lifts.
        self.on_toes = (False, False)

    def tick(self, walking: Walking, xi: Array, near_limit: bool) -> None:
        """Advance by one control period.

        Args:
            xi: (2,) capture point, m, world. near_limit: the upper foot's ankle is within ``TOE_ROOM`` of its limit.
        """
        upper = walking.upper
        lean = LEAN if walking.descending else 0.0
        aside = 0.0
        if upper >= 0:
            height = (float(walking.floor[upper]) - walking.lower_floor) / walking.size
            aside = DROP * side_sign(1 - upper) * min(max((height - DROP_FROM) / (DROP_FULL - DROP_FROM), 0.0), 1.0)
        self.lean += self._share * (lean - self.lean)
        self.aside += self._share * (aside - self.aside)
        rolls = upper >= 0 and (self.on_toes[upper] or (near_limit and self._ahead(upper, xi)))
        self.on_toes = (rolls and upper == 0, rolls and upper == 1)

    def _ahead(self, side: int, xi: Array) -> bool:
        body = self._body
        along = body.sole_rotation[side, :2, 0] @ (xi - body.sole_position[side, :2])
        return bool(along > TOES_FROM * body.sole_half[side, 0])
