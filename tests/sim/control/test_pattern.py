"""The capture point plan obeys the pendulum and is continuous."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.control.pattern import plan_capture

point = st.tuples(st.floats(-0.3, 0.3), st.floats(-0.2, 0.2))


@given(points=st.lists(point, min_size=2, max_size=5), duration=st.floats(0.05, 0.8), omega=st.floats(3.0, 5.0))
def test_capture_point_obeys_the_pendulum(points: list[tuple[float, float]], duration: float, omega: float) -> None:
    stretches = [(duration, a, b) for a, b in itertools.pairwise(points)]
    segments = plan_capture(stretches, points[-1], omega)
    dt = 1e-5
    for segment, following in itertools.pairwise(segments):
        assert segment.xi_end == pytest.approx(following.capture(0.0, omega), abs=1e-12)
    for segment in segments:
        for share in (0.1, 0.5, 0.9):
            t = share * duration
            now, later, p = segment.capture(t, omega), segment.capture(t + dt, omega), segment.pressure(t + dt / 2)
            for i in range(2):
                rate = (later[i] - now[i]) / dt
                assert rate == pytest.approx(omega * ((now[i] + later[i]) / 2 - p[i]), abs=1e-4)


def test_plan_ends_where_it_shall() -> None:
    segments = plan_capture([(0.3, (0.0, 0.1), (0.0, 0.1)), (0.4, (0.0, 0.1), (0.1, 0.0))], (0.1, 0.0), 3.9)
    assert segments[-1].capture(0.4, 3.9) == pytest.approx((0.1, 0.0))
