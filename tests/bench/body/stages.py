"""What the rows stage: cells, robots, plants, motions and disturbances, drawn from a seed."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from sim.cell import WorkCell, load_cell
from sim.device_bodies import device_pose
from sim.motion import SkillCommand
from sim.robot import RobotModel, load_robot
from sim.scene import Variation, draw_variation
from sim.transforms import Pose, Pose2
from tests.bench.body.trial import Push, Stage, delayed
from tests.sim.examples import ROOT, h140, hub_cell, motion_of, part_transfer

CELLS = Path(__file__).parents[1] / "cells"
DELAY = 0.010


@cache
def cell(name: str) -> WorkCell:
    """One of the bench's cells."""
    return load_cell(CELLS / f"{name}.toml")


@cache
def reference() -> RobotModel:
    """H140 with the declared delay."""
    return delayed(h140(), DELAY)


@cache
def g1() -> RobotModel:
    """Unitree G1 with the declared delay."""
    return delayed(load_robot(ROOT / "resources" / "robots" / "unitree_g1", _g1_model()), DELAY)


def _g1_model() -> Path:
    """The shared folder beside the checkout, wherever the checkout is."""
    places = ROOT.parents
    found = (p / "shared" / "robots" / "unitree_g1" for p in places)
    return next((p for p in found if p.is_dir()), ROOT.parent / "shared" / "robots" / "unitree_g1")


def plant(seed: int, *, floor_friction: float = 0.25, patch: float | None = None) -> Variation:
    """The randomised plant: masses +-5 %, centres +-3 mm, joint friction +-50 %, damping +-30 %, floor 0.8 +-25 %.

    ``patch``: what the zone of that name really has, whatever the plan's cell says.
    """
    zones = {} if patch is None else {"patch": patch}
    return draw_variation(seed, joint_friction=0.5, damping=0.3, floor_friction=floor_friction, zone_friction=zones)


def chance(seed: int, name: str) -> np.random.Generator:
    """Chance of a row's own, independent of plant and sensors."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def walk(
    seed: int,
    *goals: Pose2,
    speed: float = 0.4,
    where: str = "floor",
    robot: RobotModel | None = None,
    friction: float = 0.25,
    lap: tuple[float, float] | None = None,
    disturbances: tuple[Push, ...] = (),
    patch: float | None = None,
) -> Stage:
    """A walk over goals."""
    who, here = robot or reference(), cell(where)
    commands = [SkillCommand(f"walk_{n + 1}", "walk", goal=g, speed=speed, estimate=20.0) for n, g in enumerate(goals)]
    motion = motion_of(who, here, *commands)
    return Stage(here, who, motion, plant(seed, floor_friction=friction, patch=patch), disturbances, delay=DELAY, lap=lap)


AHEAD = Pose2(5.0, 0.0, 0.0)


def pushed_walking(name: str, ahead: float, left: float) -> Callable[[int], Stage]:
    """A push at a random phase of a steady walk; a lateral one to either side."""

    def stage(seed: int) -> Stage:
        r = chance(seed, name)
        side = 1.0 if r.random() < 0.5 else -1.0
        push = Push(float(r.uniform(4.0, 8.0)), (ahead, side * left))
        return walk(seed, AHEAD, disturbances=(push,))

    return stage


def pushed_standing(seed: int) -> Stage:
    """30 N·s from any side while standing."""
    angle = chance(seed, "push-standing").uniform(-math.pi, math.pi)
    push = Push(2.0, (30.0 * math.cos(angle), 30.0 * math.sin(angle)))
    here = cell("floor")
    motion = motion_of(reference(), here, SkillCommand("wait_1", "wait", duration=8.0, estimate=8.0))
    return Stage(here, reference(), motion, plant(seed), (push,), delay=DELAY)


def transfer(seed: int) -> Stage:
    """The example project as the workbench simulates it: the plant of a job's own draws, the profile's own delay."""
    robot, here = h140(), hub_cell()
    return Stage(here, robot, part_transfer(robot, here), draw_variation(seed), delay=robot.profile.control_delay)


def known_slippery(seed: int) -> Stage:
    """Floor friction 0.3, and the profile says 0.25: what the controller may count on."""
    robot = reference()
    careful = replace(robot, profile=replace(robot.profile, floor_friction=0.25))
    return walk(seed, AHEAD, where="slippery", robot=careful, friction=0.0)


def carried(seed: int, height: int, mass: float, loose: float = 0.0) -> Stage:
    """A tote of ``mass`` kg from ``height`` cm, 2 m and 90 degrees away put down at 0.80 m."""
    robot, bare = reference(), cell(f"tote_{height}")
    here = replace(bare, objects={"tote": replace(bare.object("tote"), mass=mass, loose_mass=loose)})
    tote, start = here.object("tote"), here.object_start("tote")
    goal = here.station("target").slot_in_world("drop") @ Pose.from_xyz_yaw(0.0, 0.0, tote.size[2] / 2)
    source, target = here.station("source").stand_in_world(), here.station("target").stand_in_world()
    motion = motion_of(
        robot,
        here,
        SkillCommand("walk_1", "walk", goal=source, speed=0.4, estimate=7.0),
        SkillCommand("look_1", "look", target=start.position, estimate=1.0),
        SkillCommand("grasp_1", "grasp", object_id="tote", object_pose=start, height=0.12, force=55.0, speed=0.3, estimate=9.0),
        SkillCommand("carry_1", "carry", goal=target, speed=0.38, estimate=14.0),
        SkillCommand("place_1", "place", object_id="tote", object_pose=goal, speed=0.3, estimate=9.0),
    )
    return Stage(here, robot, motion, plant(seed), delay=DELAY)


def button(seed: int) -> Stage:
    """Walk to a machine and press its button, whose place differs by 1 cm from what the plan has; nobody else says it was pressed."""
    robot, here = reference(), displaced(cell("button"), seed, 0.01)
    planned = cell("button")
    pose = device_pose(planned, planned.buttons["start"])
    motion = motion_of(
        robot,
        here,
        SkillCommand("walk_1", "walk", goal=planned.station("machine").stand_in_world(), speed=0.4, estimate=7.0),
        SkillCommand(
            "press_1",
            "press",
            device="start",
            device_pose=pose,
            speed=0.3,
            estimate=9.0,
        ),
    )
    return Stage(here, robot, motion, plant(seed), delay=DELAY)


def gripper_part(seed: int) -> Stage:
    """A part of random mass is picked with the right hand, given to the left and put into a fixture 1 cm beside where the plan has it.

    The insert step's object pose is where the part truly belongs: only the outcome is measured by it.
    """
    robot, bare = reference(), cell("part")
    mass = float(chance(seed, "part").uniform(0.2, 1.5))
    planned = replace(bare, objects={"part": replace(bare.object("part"), mass=mass)})
    here = displaced(planned, seed, 0.01, level=True)
    part, fixture = here.object("part"), here.fixtures["fixture"]
    seated = here.device_in_world(fixture.id) @ Pose((0.0, 0.0, part.size[2] / 2))
    rim = device_pose(planned, planned.devices[fixture.id])
    picked = SkillCommand("pick_1", "pick", object_id="part", object_pose=here.object_start("part"), speed=0.3, estimate=14.0)
    given = SkillCommand("handover_1", "handover", object_id="part", hand="left", speed=0.3, estimate=22.0)
    inserted = SkillCommand("insert_1", "insert", object_id="part", device=fixture.id, device_pose=rim, speed=0.3, estimate=17.0)
    motion = motion_of(
        robot,
        here,
        SkillCommand("walk_1", "walk", goal=planned.station("table").stand_in_world(), speed=0.4, estimate=5.0),
        replace(picked, force=40.0, height=0.08, hand="right"),
        replace(given, force=40.0),
        replace(inserted, force=15.0, object_pose=seated),
    )
    return Stage(here, robot, motion, plant(seed), delay=DELAY)


def palmed_part(seed: int) -> Stage:
    """A part of random mass, taken by a robot without grippers between its palms, carried round a corner and put down elsewhere."""
    robot, bare = g1(), cell("g1_part")
    mass = float(chance(seed, "part").uniform(0.2, 1.5))
    here = replace(bare, objects={"part": replace(bare.object("part"), mass=mass)})
    part, start = here.object("part"), here.object_start("part")
    goal = here.station("target").slot_in_world("drop") @ Pose.from_xyz_yaw(0.0, 0.0, part.size[2] / 2)
    source, target = here.station("source").stand_in_world(), here.station("target").stand_in_world()
    motion = motion_of(
        robot,
        here,
        SkillCommand("walk_1", "walk", goal=source, speed=0.3, estimate=7.0),
        SkillCommand("grasp_1", "grasp", object_id="part", object_pose=start, height=0.10, force=25.0, speed=0.3, estimate=12.0),
        SkillCommand("carry_1", "carry", goal=target, speed=0.3, estimate=14.0),
        SkillCommand("place_1", "place", object_id="part", object_pose=goal, speed=0.3, estimate=12.0),
    )
    return Stage(here, robot, motion, plant(seed), delay=DELAY)


def door(seed: int) -> Stage:
    """Walk to a machine and open its door by 60 degrees; door and hinge are up to 1 cm beside where the plan has them."""
    robot, planned = reference(), cell("door")
    here = displaced(planned, seed, 0.01)
    motion = motion_of(
        robot,
        here,
        SkillCommand("walk_1", "walk", goal=planned.station("machine").stand_in_world(), speed=0.4, estimate=6.0),
        SkillCommand(
            "open_1",
            "open_door",
            device="door",
            device_pose=device_pose(planned, planned.devices["door"]),
            speed=0.3,
            value=math.radians(60.0),
            estimate=17.0,
        ),
    )
    return Stage(here, robot, motion, plant(seed), delay=DELAY)


def displaced(here: WorkCell, seed: int, spread: float, level: bool = False) -> WorkCell:
    """The cell with its devices up to ``spread`` m beside where the plan believes them, in every direction (``level``: not in height)."""
    devices = {}
    for name, device in here.devices.items():
        x, y, z = (float(v) for v in chance(seed, f"device {name}").uniform(-spread, spread, 3))
        devices[name] = replace(device, pose=Pose((x, y, 0.0 if level else z)) @ device.pose)
    return replace(here, devices=devices)
