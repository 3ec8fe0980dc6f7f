"""Laws of the delay: predicting undoes it, measuring finds it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.control.prediction import DelayMeter, Prediction
from sim.transforms import matrix_from_quaternion, quaternion_from_matrix, rotation_from_vector

DT = 0.004
LEVEL = np.array([0.0, 0.0, 0.6, 1.0, 0.0, 0.0, 0.0])


def test_no_delay_changes_nothing() -> None:
    q, qd, velocity = np.arange(3.0), np.ones(3), np.ones(6)
    ahead = Prediction(0.0, DT, 3).ahead(q, qd, LEVEL, velocity)
    assert all(np.array_equal(a, b) for a, b in zip(ahead, (q, qd, LEVEL, velocity), strict=True))


@pytest.mark.parametrize("delay", [0.004, 0.006, 0.01])
def test_constant_acceleration_is_predicted_exactly(delay: float) -> None:
    prediction = Prediction(delay, DT, 2)
    a, base = np.array([3.0, -2.0]), np.array([1.0, 0.5, -0.2, 0.0, 0.0, 4.0])
    for _ in range(5):
        prediction.send(a, base)
    q, qd, pose, velocity = prediction.ahead(np.zeros(2), np.ones(2), LEVEL, np.array([0.3, 0, 0, 0, 0, 1.0]))
    assert q == pytest.approx(delay + 0.5 * a * delay**2) and qd == pytest.approx(1 + a * delay)
    assert pose[:3] == pytest.approx(LEVEL[:3] + np.array([0.3, 0, 0]) * delay + 0.5 * base[:3] * delay**2)
    turn = rotation_from_vector(np.array([0.0, 0.0, delay + 0.5 * 4.0 * delay**2]))
    assert matrix_from_quaternion(pose[3:]) == pytest.approx(turn, abs=1e-9)
    assert quaternion_from_matrix(turn) == pytest.approx(pose[3:], abs=1e-9)
    assert velocity == pytest.approx([0.3 + delay, 0.5 * delay, -0.2 * delay, 0, 0, 1.0 + 4.0 * delay])


def test_commands_act_in_their_order() -> None:
    """Of 10 ms on 4 ms periods the oldest command has 2 ms left, the newer ones their whole period."""
    prediction = Prediction(0.01, DT, 1)
    for a in (7.0, 100.0, 10.0, 1.0):
        prediction.send(np.array([a]), np.zeros(6))
    _, qd, _, _ = prediction.ahead(np.zeros(1), np.zeros(1), LEVEL, np.zeros(6))
    assert qd[0] == pytest.approx(100.0 * 0.002 + 10.0 * 0.004 + 1.0 * 0.004)


@pytest.mark.parametrize("delay", [0.0, 0.004, 0.010, 0.016])
def test_the_delay_is_measured(delay: float) -> None:
    rng = np.random.default_rng(1)
    asked = np.cumsum(rng.normal(size=(2000, 4)) * 3.0, axis=0) * 0.3 + 5.0 * rng.normal(size=(2000, 4))
    fine = np.repeat(asked, 4, axis=0)
    shift = round(delay / 0.001)
    acting = np.concatenate([np.zeros((shift, 4)), fine])[: len(fine)]
    speed = np.concatenate([np.zeros((1, 4)), np.cumsum(acting, axis=0) * 0.001])[::4]
    meter = DelayMeter(DT, np.arange(4))
    assert meter.delay is None
    for k in range(1, 2000):
        meter.note(asked[k - 1], speed[k] + 0.01 * rng.normal(size=4))
    assert meter.delay == pytest.approx(delay, abs=0.0012)
