"""Buttons, doors and fixtures: what the file says is what is there, and springs and hinges behave."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import mujoco
import numpy as np
import pytest

from sim.cell import WorkCell, load_cell
from sim.device_bodies import device_pose
from sim.errors import SimError
from sim.geometry import scene_geometry
from sim.inputs import CellInputs
from sim.scene import Scene, build_scene
from tests.sim.examples import ROOT, h140

CELLS = ROOT / "tests" / "bench" / "cells"


@cache
def cell(name: str) -> WorkCell:
    return load_cell(CELLS / f"{name}.toml")


@cache
def scene(name: str) -> Scene:
    return build_scene(cell(name), h140())


def pushed(name: str, device: str, force: float, seconds: float) -> tuple[float, Scene, mujoco.MjData]:
    """Where a device's joint is after a generalised force on it for a time; the robot hangs in the air meanwhile."""
    made = scene(name)
    data = made.initial_data()
    joint = made.model.joint(f"device/{device}")
    for _ in range(round(seconds / made.model.opt.timestep)):
        data.qfrc_applied[int(joint.dofadr[0])] = force
        mujoco.mj_step(made.model, data)
    return float(data.qpos[int(joint.qposadr[0])]), made, data


def test_a_button_yields_at_its_force_and_comes_back() -> None:
    button = cell("button").buttons["start"]
    rest, _, _ = pushed("button", "start", 0.0, 0.2)
    short, _, _ = pushed("button", "start", 0.7 * button.preload, 0.3)
    half, _, _ = pushed("button", "start", button.force - 1.0, 0.3)
    down, _, _ = pushed("button", "start", button.force + 3.0, 0.3)
    assert abs(rest) < 2e-4 and abs(short) < 4e-4
    assert 0.0 < half < button.switch_at < down <= button.travel + 5e-4


def test_the_cell_tells_of_a_pressed_button_after_its_latency() -> None:
    _, made, data = pushed("button", "start", 15.0, 0.3)
    inputs = CellInputs(made, 0.02)
    assert inputs.read(data) == {"start_pressed": False}
    data.time += 0.021
    assert inputs.read(data) == {"start_pressed": True}


def test_a_door_opens_towards_who_stands_before_it() -> None:
    door = cell("door").doors["door"]
    shut = device_pose(cell("door"), door)
    angle, made, data = pushed("door", "door", 3.0, 1.0)
    assert 0.2 < angle <= door.opens + 0.01
    body = made.object_body("door")
    stand = cell("door").station("machine").stand_in_world()
    before = math.hypot(shut.position[0] - stand.x, shut.position[1] - stand.y)
    assert math.hypot(float(data.xpos[body][0]) - stand.x, float(data.xpos[body][1]) - stand.y) < before
    # The drawn handle is where the hinge has it.
    at = cell("door").device_in_world("door") @ door.handle(angle)
    assert np.allclose(data.xpos[body], at.position, atol=2e-3)


def test_what_hinge_friction_holds_stays() -> None:
    assert pushed("door", "door", 0.5, 0.5)[0] < 0.01


def test_devices_are_seen_and_drawn() -> None:
    assert "start" in scene("button").moving and "door" in scene("door").moving
    assert "fixture" in scene("part").seen and "fixture" not in scene("part").moving
    drawn = scene_geometry(scene("door"))
    assert len(drawn.objects["door"]) == 4
    assert any(s.material == "aluminium" for s in scene_geometry(scene("part")).stations)


@pytest.mark.parametrize(
    ("wrong", "field", "reason"),
    [
        ('[[buttons]]\nid = "b"\nname = "B"\nstation = "nowhere"\npose = [0, 0, 1]', "button b", "no station"),
        ('[[buttons]]\nid = "b"\nname = "B"\nstation = "machine"\npose = [0, 0, 1]\nforce = 2.0', "button b", "preload"),
        (
            '[[doors]]\nid = "d"\nname = "D"\nstation = "machine"\npose = [0, 0, 1]\nsize = [1, 1, 0.02]\nhinge = "up"',
            "door d",
            "hinge",
        ),
        (
            '[[fixtures]]\nid = "f"\nname = "F"\nstation = "machine"\npose = [0, 0, 1]\nopening = [0.1, 0.1]\ndepth = -1',
            "fixture f",
            "depth",
        ),
        (
            '[[fixtures]]\nid = "start"\nname = "F"\nstation = "machine"\npose = [0, 0, 1]\nopening = [1, 1]\ndepth = 1',
            "device 'start' is there twice",
            "",
        ),
    ],
)
def test_what_is_wrong_with_a_device_is_named(tmp_path: Path, wrong: str, field: str, reason: str) -> None:
    path = tmp_path / "cell.toml"
    path.write_text((CELLS / "button.toml").read_text("utf-8") + "\n" + wrong, "utf-8")
    with pytest.raises(SimError) as raised:
        load_cell(path)
    assert raised.value.code == "cell.invalid"
    said = f"{raised.value.params['field']}: {raised.value.params['reason']}"
    assert field in said and reason in said
