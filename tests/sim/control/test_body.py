"""The controller's picture of the robot agrees with MuJoCo's own functions; the programme obeys the laws of motion."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray

from sim.control.body import Body
from sim.control.whole_body import Tasks, WholeBody
from tests.sim.examples import h140

Array = NDArray[np.float64]


@pytest.fixture(scope="module")
def moving() -> Body:
    """The reference robot with a load, in some posture, turning and moving."""
    random = np.random.default_rng(7)
    body = Body(h140())
    body.set_payload(2.0)
    count = len(body.home)
    turn = np.array([1.0, 0.1, -0.05, 0.3])
    pose = np.concatenate([[0.3, -0.2, 0.7], turn / np.linalg.norm(turn)])
    q = body.home + 0.1 * random.standard_normal(count)
    body.update(pose, 0.4 * random.standard_normal(6), q, 0.8 * random.standard_normal(count))
    return body


def test_points_move_as_mujoco_says(moving: Body) -> None:
    m, d = moving.model, moving.data
    for i, site in enumerate([*moving.soles, *moving.hands]):
        jac, rate = np.zeros((6, m.nv)), np.zeros((6, m.nv))
        mujoco.mj_jacSite(m, d, jac[:3], jac[3:], site)
        mujoco.mj_jacDot(m, d, rate[:3], rate[3:], d.site_xpos[site], m.site_bodyid[site])
        if i >= 2:
            np.testing.assert_allclose(moving.hand_jacobian[i - 2], jac, atol=1e-12)
            continue
        np.testing.assert_allclose(moving.sole_jacobian[i], jac, atol=1e-12)
        np.testing.assert_allclose(moving.sole_drift[i], rate @ d.qvel, atol=1e-11)
        np.testing.assert_allclose(moving.sole_velocity[i], jac @ d.qvel, atol=1e-12)


def test_momentum_over_mass_is_the_velocity_of_the_centre_of_mass(moving: Body) -> None:
    mujoco.mj_subtreeVel(moving.model, moving.data)
    np.testing.assert_allclose(moving.com_velocity, moving.data.subtree_linvel[moving.base_body], atol=1e-12)


@pytest.mark.parametrize("contact", [(True, True), (True, False), (False, True)])
def test_no_force_but_that_of_the_soles_acts_on_the_base(moving: Body, contact: tuple[bool, bool]) -> None:
    random = np.random.default_rng(3)
    joints = random.standard_normal(len(moving.home))
    tasks = Tasks(contact, np.array([0.5, -0.3, 0.2]), np.array([0.2, 0.1, -0.4]), np.zeros((2, 6)), np.zeros(2), joints)
    solution = WholeBody(moving, 0.6).solve(tasks)
    qdd = np.zeros(moving.model.nv)
    base = slice(moving.base_v, moving.base_v + 6)
    qdd[base] = solution.base
    qdd[moving.dofs] = solution.acceleration
    force = moving.M @ qdd + moving.bias
    for i in range(2):
        force -= moving.sole_jacobian[i].T @ solution.wrench[i]
        if not contact[i]:
            assert not solution.wrench[i].any()
    np.testing.assert_allclose(force[base], 0.0, atol=1e-7)
    np.testing.assert_allclose(solution.torque, (force[moving.dofs] + moving.joint_damping * moving.qd), atol=1e-7)
    np.testing.assert_allclose(solution.acceleration[moving.prescribed], joints[moving.prescribed])
