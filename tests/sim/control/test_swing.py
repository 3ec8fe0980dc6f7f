"""The swinging foot: where its way goes, when it meets the ground, and what uneven ground changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.control.body import Body
from sim.control.footsteps import Footsteps, Waypoint
from sim.control.stabiliser import Stabiliser
from sim.control.swing import LATE_SPEED, Swing
from sim.control.walking import EXPECTED_WITHIN, HIGHER, MOST_UNEVEN, FeetMeasured, Walking
from sim.transforms import Pose2
from tests.sim.examples import h140

DT, SPAN = 0.004, 0.4
LANDING = np.array([0.2, 0.0, 0.0, 0.0])


def way(swing: Swing, until: float) -> list[tuple[float, float]]:
    """(time, height) each tick."""
    out = []
    for k in range(1, round(until / DT) + 1):
        swing.advance(LANDING, k * DT, SPAN - k * DT, DT)
        out.append((k * DT, swing.height))
    return out


@given(depth=st.floats(0.0, 0.03), clearance=st.floats(0.04, 0.12))
def test_a_foot_clears_its_height_and_ends_as_deep_as_it_is_told(depth: float, clearance: float) -> None:
    heights = way(Swing(np.zeros(4), clearance, depth=depth), SPAN)
    assert max(z for _, z in heights) == pytest.approx(clearance, abs=1e-3)
    assert heights[-1][1] == pytest.approx(-depth, abs=2 * LATE_SPEED * DT)


def test_a_deeper_way_meets_level_ground_before_its_end_and_lower_ground_no_later() -> None:
    plain, deep = (way(Swing(np.zeros(4), 0.08, depth=d), 0.6) for d in (0.0, 0.02))

    def met(path: list[tuple[float, float]], ground: float) -> float:
        return next(t for t, z in path if t > SPAN / 2 and z <= ground)

    assert met(deep, 0.0) < SPAN - 0.05
    assert met(deep, -0.02) <= SPAN
    assert met(plain, -0.02) > SPAN + 0.02


def test_a_foot_that_finds_no_ground_searches_on() -> None:
    late = way(Swing(np.zeros(4), 0.05), SPAN + 0.1)
    assert late[-1][1] == pytest.approx(-0.1 * LATE_SPEED, abs=LATE_SPEED * DT)


def landed(walking: Walking, off: float) -> None:
    """Take one step that lands ``off`` m higher than expected."""
    feet = np.array([[0.0, 0.085, 0.0], [0.0, -0.085, 0.0]])
    measured = FeetMeasured(feet, np.zeros(2), np.array([245.0, 245.0]), np.zeros(2))
    walking.walk(Footsteps(walking.gait, (Waypoint(Pose2(2.0, 0.0, 0.0)),), 0.3))
    while walking.phase != "single":
        walking.update(measured)
    side = walking.swing_side
    feet[side] = (walking.nominal[0], walking.nominal[1], walking.nominal[2] + off)
    while walking.phase == "single":
        load = 245.0 if walking.elapsed > 0.8 * walking.duration else 0.0
        measured.load[side] = load
        walking.update(measured)


def test_ground_that_is_not_as_expected_makes_the_next_steps_higher_and_deeper_for_a_while() -> None:
    robot = h140()
    body = Body(robot)
    gait = robot.profile.gait
    walking = Walking(gait, Stabiliser(gait.com_height), body.sole_half, DT, 490.0)
    landed(walking, 0.5 * EXPECTED_WITHIN)
    assert walking.uneven == 0.0
    landed(walking, 0.02)
    assert walking.uneven == pytest.approx(0.02)
    while walking.phase != "single":
        walking.update(FeetMeasured(np.zeros((2, 3)), np.zeros(2), np.array([245.0, 245.0]), np.zeros(2)))
    assert walking.swing is not None
    assert walking.swing.clearance == pytest.approx(gait.clearance + HIGHER * 0.02)
    assert walking.swing.depth == pytest.approx(0.02)
    landed(walking, 0.3)
    assert walking.uneven == pytest.approx(MOST_UNEVEN * walking.size)
