"""Single hands: where their tools are, what they feel, and that a button, a part and a door are handled by feel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.control.hands import Hands
from sim.control.loop import BodyLoop
from sim.recording import Recording
from sim.rollout import Execution
from sim.scene import build_scene
from tests.bench.body.stages import button, door, gripper_part
from tests.bench.body.trial import Stage
from tests.sim.examples import h140


def started_there(stage: Stage) -> Stage:
    """A stage without its first walk."""
    walk, *rest = stage.motion.commands
    assert stage.cell is not None and walk.goal is not None
    commands = (replace(rest[0], after=()), *rest[1:])
    cell = replace(stage.cell, robot_start=walk.goal)
    return replace(stage, cell=cell, motion=replace(stage.motion, commands=commands, start=walk.goal))


def run(stage: Stage, seed: int) -> tuple[Execution, Recording]:
    made = Execution(build_scene(stage.cell, stage.robot, variation=stage.variation), stage.motion, seed=seed, delay=stage.delay)
    while not made.done:
        made.step()
    return made, made.recording()


def test_tools_of_the_hands_mirror_each_other() -> None:
    loop = BodyLoop(h140())
    left, right = Hands(loop.body, loop.arms).tools
    assert np.allclose(left.tip, right.tip, atol=1e-9) and np.allclose(left.grip, right.grip, atol=1e-9)
    assert left.tip[0] > left.grip[0] > 0.05
    assert left.gap == pytest.approx(0.083, abs=1e-3)
    assert abs(left.closing @ (1.0, 0.0, 0.0)) < 1e-6


def test_a_grip_goal_brings_the_grip_where_it_shall_be() -> None:
    loop = BodyLoop(h140())
    hands = Hands(loop.body, loop.arms)
    point, fingers, closing = np.array([0.4, 0.1, 0.9]), np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
    for arm in range(2):
        goal = hands.grip_goal(arm, point, fingers, closing)
        turn = np.column_stack([goal.fingers, np.cross(goal.normal, goal.fingers), goal.normal])
        assert np.allclose(goal.position + turn @ hands.tools[arm].grip, point)
        assert abs(abs(float(turn @ hands.tools[arm].closing @ closing)) - 1.0) < 1e-6


def test_a_force_on_the_hand_is_felt_by_the_drives() -> None:
    loop = BodyLoop(h140())
    body = loop.body
    hands = Hands(body, loop.arms)
    touch, dofs = hands.touch[0], body.dofs[body.arms[0]]
    force = np.array([7.0, -4.0, 11.0])
    jac = body.hand_jacobian[0][:, dofs]
    offset = body.hand_rotation[0] @ touch.point
    moved = jac[:3] + np.cross(jac[3:].T, offset).T
    torque = np.zeros(len(body.q))
    torque[body.arms[0]] = body.bias[dofs] - moved.T @ force
    for _ in range(200):
        touch.update(torque)
    assert np.allclose(touch.force, force, atol=0.1)
    touch.tare()
    assert np.allclose(touch.force, 0.0)


def test_fingers_at_rest_are_known_to_rest_through_the_noise_of_their_encoders() -> None:
    loop = BodyLoop(h140())
    gripper = Hands(loop.body, loop.arms).grippers[0]
    noise = np.random.default_rng(1)

    def resting(speed: float) -> list[bool]:
        said = []
        for _ in range(500):
            loop.body.qd = np.full(len(loop.robot.joint_names), speed) + 0.012 * noise.standard_normal(
                len(loop.robot.joint_names)
            )
            gripper.tick()
            said.append(gripper.resting)
        return said[50:]

    assert all(resting(0.0))
    assert not any(resting(0.06))


def test_a_button_is_pressed_until_the_cell_says_so() -> None:
    _, recording = run(started_there(button(1)), 1)
    assert recording.success and not recording.contacts
    pressed = next(e for e in recording.events if e.code == "event.pressed")
    assert 5.0 < float(pressed.params["force"]) < 25.0


def test_a_button_that_tells_nothing_is_pressed_by_feel() -> None:
    stage = started_there(button(2))
    assert stage.cell is not None
    silent = {n: replace(b, signal="") for n, b in stage.cell.buttons.items()}
    made = Execution(
        build_scene(replace(stage.cell, devices=silent), stage.robot, variation=stage.variation),
        stage.motion,
        seed=2,
        delay=stage.delay,
    )
    deepest = 0.0
    while not made.done:
        made.step()
        deepest = max(deepest, float(made.simulator.data.joint("device/start").qpos[0]))
    assert made.recording().success
    assert deepest >= silent["start"].switch_at


@pytest.mark.slow
def test_a_part_is_picked_handed_over_and_put_into_its_fixture() -> None:
    _, recording = run(started_there(gripper_part(1)), 1)
    assert recording.success and not recording.contacts
    assert recording.placements[0].position_error < 0.006
    weight = next(e for e in recording.events if e.code == "event.weight")
    assert abs(float(weight.params["felt"]) - float(weight.params["declared"])) < 0.3


@pytest.mark.slow
def test_a_door_is_opened_along_its_arc_without_force_against_the_hinge() -> None:
    made, recording = run(started_there(door(1)), 1)
    assert recording.success and not recording.contacts
    assert np.degrees(float(made.simulator.data.joint("device/door").qpos[0])) > 55.0
    assert float(next(e for e in recording.events if e.code == "event.opened").params["force"]) < 40.0
