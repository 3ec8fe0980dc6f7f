"""The gait as a state machine, over feet that go where they are sent and a body that follows its plan."""

from __future__ import annotations

import numpy as np
import pytest

from sim.control.body import Body
from sim.control.footsteps import POSITION_TOLERANCE, Footsteps, Waypoint
from sim.control.stabiliser import Stabiliser
from sim.control.walking import FeetMeasured, Walking
from sim.transforms import Pose2
from tests.sim.examples import h140

DT, HALF_WEIGHT = 0.004, 245.0


def phases(walking: Walking, off: float, seconds: float = 20.0) -> list[str]:
    """Names of the phases one after the other until the robot stands; the step planned as the last lands ``off`` m aside."""
    half = walking.gait.foot_spacing / 2
    feet = np.array([[0.0, half, 0.0], [0.0, -half, 0.0]])
    measured = FeetMeasured(feet, np.zeros(2), np.full(2, HALF_WEIGHT), np.zeros(2))
    seen = ["stand"]
    missed = False
    for _ in range(round(seconds / DT)):
        was = walking.swing_side
        _, xi = walking.update(measured)
        measured.xi = np.array(xi)
        if walking.phase != seen[-1]:
            seen.append(walking.phase)
        measured.load[:] = HALF_WEIGHT
        if walking.phase == "single":
            landing = walking.elapsed > 0.95 * walking.duration
            measured.load[walking.swing_side] = HALF_WEIGHT if landing else 0.0
            feet[walking.swing_side] = walking.nominal[:3]
            if landing and walking._last and not missed:
                feet[was, 1] += off
                missed = True
        if walking.standing:
            return seen
    raise AssertionError(seen)


@pytest.fixture
def walking() -> Walking:
    """A gait that is to go half a metre."""
    robot = h140()
    made = Walking(robot.profile.gait, Stabiliser(robot.profile.gait.com_height), Body(robot).sole_half, DT, 2 * HALF_WEIGHT)
    made.walk(Footsteps(made.gait, (Waypoint(Pose2(0.5, 0.0, 0.0)),), 0.3))
    return made


def test_a_walk_ends_at_rest(walking: Walking) -> None:
    seen = phases(walking, 0.0)
    assert seen[:4] == ["stand", "shift", "single", "double"]
    assert seen[-2:] == ["settle", "stand"]
    assert seen.count("settle") == 1


def test_a_last_step_that_lands_too_far_off_is_corrected_from_standing(walking: Walking) -> None:
    # The body is coming to rest then: to take one step more at once, its weight would have to be over the other foot.
    seen = phases(walking, 3 * POSITION_TOLERANCE)
    first = seen.index("settle")
    assert seen[first : first + 4] == ["settle", "stand", "shift", "single"]
    assert seen[-2:] == ["settle", "stand"]
