"""The whole-body programme: at rest the soles carry the weight, joint torques are those of gravity."""

from __future__ import annotations

import numpy as np
import pytest

from sim.control.body import Body, standing_height
from sim.control.whole_body import GRAVITY, Tasks, WholeBody
from tests.sim.examples import h140


@pytest.fixture(scope="module")
def standing() -> Body:
    """The reference robot in its home posture, soles on the floor."""
    body = Body(h140())
    height = standing_height(body, body.home)
    body.update(np.array([0.0, 0, height, 1, 0, 0, 0]), np.zeros(6), body.home, np.zeros(len(body.home)))
    return body


def at_rest(body: Body) -> Tasks:
    """Nothing moves."""
    n = len(body.home)
    return Tasks((True, True), np.zeros(3), np.zeros(3), np.zeros((2, 6)), np.zeros(len(body.waist)), np.zeros(n))


def test_wrenches_carry_the_weight(standing: Body) -> None:
    solution = WholeBody(standing, 0.5).solve(at_rest(standing))
    total = solution.wrench[:, :3].sum(axis=0)
    assert total == pytest.approx([0.0, 0.0, standing.mass * GRAVITY], abs=1.0)
    assert solution.wrench[0, 2] == pytest.approx(solution.wrench[1, 2], rel=0.01)
    assert np.abs(solution.acceleration).max() < 0.5


def test_symmetric_posture_has_symmetric_torques(standing: Body) -> None:
    torque = WholeBody(standing, 0.5).solve(at_rest(standing)).torque
    profile = standing.robot.profile
    for left, right in zip(profile.legs["left"].joints, profile.legs["right"].joints):
        a, b = torque[standing.robot.index(left)], torque[standing.robot.index(right)]
        assert abs(abs(a) - abs(b)) < 0.5


def test_payload_adds_its_weight(standing: Body) -> None:
    bare = standing.mass
    standing.set_payload(3.0)
    assert standing.mass == pytest.approx(bare + 3.0)
    standing.set_payload(0.0)
    assert standing.mass == pytest.approx(bare)


def test_forces_stay_in_cone_and_sole(standing: Body) -> None:
    tasks = at_rest(standing)
    tasks.com = np.array([6.0, 3.0, 0.0])
    solution = WholeBody(standing, 0.5).solve(tasks)
    for i in range(2):
        force = standing.sole_rotation[i].T @ solution.wrench[i, :3]
        moment = standing.sole_rotation[i].T @ solution.wrench[i, 3:]
        assert np.hypot(force[0], force[1]) <= 0.5 * force[2] + 1e-6
        assert abs(moment[1]) <= standing.sole_half[i, 0] * force[2] + 1e-6
        assert abs(moment[0]) <= standing.sole_half[i, 1] * force[2] + 1e-6
