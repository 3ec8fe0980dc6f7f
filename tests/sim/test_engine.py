"""Laws of the simulator: drives deliver what is asked, momentum obeys gravity, standing torque is gravity's."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest

from sim.actuators import JointCommand
from sim.engine import Simulator
from sim.rollout import Execution
from sim.scene import Scene, build_scene
from sim.sensors import NOISELESS
from tests.sim.examples import h140, hub_cell


@pytest.fixture(scope="module")
def scene() -> Scene:
    """The reference robot on a bare floor."""
    return build_scene(None, h140())


def relaxed(scene: Scene, torque: np.ndarray) -> JointCommand:
    """A command of pure torque."""
    zero = np.zeros(len(scene.robot.joint_names))
    return JointCommand(zero, zero, zero, zero, torque)


def test_drives_deliver_the_torque_asked(scene: Scene) -> None:
    simulator = Simulator(scene)
    wanted = np.zeros(len(scene.robot.joint_names))
    arm = [scene.robot.index(j) for j in scene.robot.profile.arms["left"].joints]
    wanted[arm] = [2.0, -1.5, 1.0, 3.0, 0.2, -0.3, 0.1]
    simulator.apply(relaxed(scene, wanted))
    simulator.advance(1)
    assert simulator.joint_torque[arm] == pytest.approx(wanted[arm], abs=1e-9)


def test_torque_never_exceeds_the_profile_limit(scene: Scene) -> None:
    simulator = Simulator(scene)
    simulator.apply(relaxed(scene, np.full(len(scene.robot.joint_names), 1e4)))
    limits = np.array([scene.robot.profile.torque_limits[n] for n in scene.robot.joint_names])
    simulator.advance(1)
    assert np.all(np.abs(simulator.joint_torque) <= limits + 1e-9)


def test_delay_holds_a_command_back(scene: Scene) -> None:
    simulator = Simulator(scene, delay=0.008)
    knee = scene.robot.index(scene.robot.profile.legs["left"].knee)
    wanted = np.zeros(len(scene.robot.joint_names))
    wanted[knee] = 7.0
    simulator.apply(relaxed(scene, wanted))
    simulator.advance(4)
    assert simulator.asked[knee] == 0.0
    simulator.advance(1)
    assert simulator.asked[knee] == 7.0


def test_momentum_in_free_fall(scene: Scene) -> None:
    """Internal torques change neither the fall of the centre of mass nor the angular momentum about it."""
    simulator = Simulator(scene)
    data, model = simulator.data, simulator.model
    data.qpos[scene.base_qposadr + 2] += 1.5
    data.qvel[scene.base_dofadr + 3 : scene.base_dofadr + 6] = (0.3, 0.5, -0.2)
    mujoco.mj_forward(model, data)
    base = int(model.body(scene.robot.profile.base_body).id)
    before = simulator.com_velocity().copy()
    spin = data.subtree_angmom[base].copy()
    for _ in range(50):
        simulator.apply(relaxed(scene, np.sin(np.arange(len(scene.robot.joint_names)) + data.time * 20)))
        simulator.advance(2)
    mujoco.mj_forward(model, data)
    after = simulator.com_velocity()
    assert after - before == pytest.approx([0.0, 0.0, -9.81 * simulator.time], abs=2e-3)
    assert data.subtree_angmom[base] == pytest.approx(spin, abs=0.02)


def test_standing_torque_is_gravity(scene: Scene) -> None:
    """At rest the drives of the arms carry exactly the gravity torque, and the floor carries the weight."""
    run = Execution(scene, noise=NOISELESS)
    for _ in range(500):
        run.step()
    simulator = run.simulator
    arms = [scene.robot.index(j) for arm in scene.robot.profile.arms.values() for j in arm.joints]
    gravity = simulator.data.qfrc_bias[scene.joint_dofadr[arms]]
    friction = scene.model.dof_frictionloss[scene.joint_dofadr[arms]]
    assert np.all(np.abs(simulator.joint_torque[arms] - gravity) <= friction + 0.05)
    feet, _ = simulator.foot_forces(*simulator.contacts())
    weight = float(scene.model.body_subtreemass[simulator.model.body(scene.robot.profile.base_body).id]) * 9.81
    assert feet[:, 2].sum() == pytest.approx(weight, rel=0.01)
    assert feet[0, 2] == pytest.approx(feet[1, 2], rel=0.02)


def test_no_welds_in_the_scene() -> None:
    """Nothing holds a workpiece but contact: no equality constraint of any kind, every workpiece on its own free joint."""
    cell = hub_cell()
    scene = build_scene(cell, h140())
    assert scene.model.neq == 0
    for name in cell.objects:
        body = scene.object_body(name)
        assert scene.model.body_parentid[body] == 0
        assert scene.model.jnt_type[scene.model.body_jntadr[body]] == mujoco.mjtJoint.mjJNT_FREE
