"""Support polygons: hull, signed distance, nearest point."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.control.support import hull, nearest_inside, signed_distance, support_polygon

SQUARE = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])


def test_hull_is_counter_clockwise_and_keeps_corners() -> None:
    polygon = hull(np.concatenate([SQUARE, [[0.0, 0.0], [0.5, -0.2]]]))
    assert len(polygon) == 4
    x, y = polygon[:, 0], polygon[:, 1]
    assert 0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) == pytest.approx(4.0)


@settings(deadline=None)
@given(x=st.floats(-3, 3), y=st.floats(-3, 3))
def test_distance_agrees_with_a_square(x: float, y: float) -> None:
    polygon = hull(SQUARE)
    inside = 1.0 - max(abs(x), abs(y))
    outside = -np.hypot(max(abs(x) - 1.0, 0.0), max(abs(y) - 1.0, 0.0))
    assert signed_distance(polygon, x, y) == pytest.approx(inside if inside > 0 else outside, abs=1e-9)
    nearest = nearest_inside(polygon, x, y)
    assert np.hypot(nearest[0] - x, nearest[1] - y) == pytest.approx(max(-signed_distance(polygon, x, y), 0.0), abs=1e-9)


def test_one_sole_and_two() -> None:
    positions, half = np.array([[0.0, 0.1, 0.0], [0.0, -0.1, 0.0]]), np.array([[0.1, 0.045], [0.1, 0.045]])
    both = support_polygon(positions, np.zeros(2), half, (True, True))
    left = support_polygon(positions, np.zeros(2), half, (True, False))
    assert signed_distance(both, 0.0, 0.0) == pytest.approx(0.1)
    assert signed_distance(left, 0.0, 0.1) == pytest.approx(0.045)
    assert len(support_polygon(positions, np.zeros(2), half, (False, False))) == 0
