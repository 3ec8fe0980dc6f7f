"""Laws of the localisation: late fixes don't lag, corrections don't jerk, outliers don't count."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.estimation.localisation import LIMITS, OUTLIERS, CellFromOdometry
from sim.estimation.period import in_cell

DT = 0.004


def row(x: float, y: float) -> np.ndarray:
    """A history row of an upright base at (x, y)."""
    out = np.zeros(25)
    out[1], out[2] = x, y
    out[4:13] = np.eye(3).ravel()
    return out


def test_a_late_fix_of_a_moving_robot_does_not_lag() -> None:
    """Walking at 0.5 m/s with fixes 60 ms late the transform is found exactly."""
    loc = CellFromOdometry(0.005, 0.005)
    c, s = math.cos(0.7), math.sin(0.7)
    for k in range(500):
        x = 0.5 * k * DT
        if k % 12 == 0:
            then = max(k - 15, 0) * DT * 0.5
            loc.fix(np.array([3 + c * then, 1 + s * then, 0.6]), 0.7, np.array([then, 0.0, 0.6]), 0.0, k * DT)
        state = in_cell(row(x, 0.0), np.array([0.5, 0, 0, 0, 0, 0.0]), loc.estimated, loc.slow, DT, LIMITS)
    assert state[:2] == pytest.approx([3 + c * x, 1 + s * x], abs=1e-9)
    assert state[7:9] == pytest.approx([0.5 * c, 0.5 * s], abs=1e-12)


def test_a_correction_is_slow_and_reaches_its_end() -> None:
    loc = CellFromOdometry(0.005, 0.005)
    here = np.array([10.0, -4.0, 0.6])
    loc.fix(here, 0.0, here, 0.0, 0.0)
    loc.estimated[4] += 0.02
    loc.estimated[0] += 0.02
    last, steps = here[0], []
    for _ in range(2500):
        state = in_cell(row(10.0, -4.0), np.zeros(6), loc.estimated, loc.slow, DT, LIMITS)
        steps.append(abs(float(state[0]) - last))
        last = float(state[0])
    assert max(steps) <= LIMITS[0] * DT + 1e-12
    assert last == pytest.approx(10.02, abs=1e-4) and loc.yaw == pytest.approx(0.02, abs=1e-4)


def test_one_wild_fix_is_ignored_and_many_are_believed() -> None:
    loc = CellFromOdometry(0.005, 0.005)
    here = np.zeros(3)
    for k in range(40):
        loc.fix(here, 0.0, here, 0.0, 0.05 * k)
    loc.fix(np.array([1.0, 0.0, 0.0]), 0.0, here, 0.0, 2.0)
    assert abs(loc.estimated[4]) < 1e-9 and not loc.doubted
    for k in range(OUTLIERS + 30):
        loc.fix(np.array([1.0, 0.0, 0.0]), 0.0, here, 0.0, 2.05 + 0.05 * k)
    assert loc.estimated[4] == pytest.approx(1.0, abs=0.01)


def test_uncertainty_is_that_of_the_errors() -> None:
    """Normalised innovations of fixes as noisy as declared are chi-squared with 4 degrees."""
    rng = np.random.default_rng(1)
    loc = CellFromOdometry(0.005, 0.004)
    nis = []
    for k in range(600):
        x = np.array([0.02 * k, 0.0, 0.6])
        noise = rng.standard_normal(4)
        loc.fix(x + 0.005 * noise[:3], 0.004 * noise[3], x, 0.0, 0.05 * k)
        nis.append(loc.nis)
    assert 3.0 < np.mean(nis[20:]) < 4.6
