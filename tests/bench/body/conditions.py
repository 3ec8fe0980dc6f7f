"""The rows of the table: what each stages, how many runs it takes and how many of them may fail."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from sim.cell import WorkCell, load_cell
from sim.motion import SkillCommand
from sim.robot import RobotModel, load_robot
from sim.scene import Variation, draw_variation
from sim.transforms import Pose2
from tests.bench.body.trial import Outcome, Push, Stage, delayed
from tests.sim.examples import ROOT, h140, hub_cell, motion_of, part_transfer

CELLS = Path(__file__).parents[1] / "cells"
DELAY = 0.010
Judge = Callable[[Outcome], str]


@dataclass(frozen=True)
class Condition:
    """A row.

    Args:
        id: What ``--rows`` names it by. text: as the table says it.
        runs: How many runs the goal is stated for. allowed: how many of these may fail.
        stage: What a seed stages; None where the body cannot do it yet (``missing`` says what it lacks).
        judge: Why an outcome is a failure, "" if it is none.
    """

    id: str
    text: str
    runs: int
    allowed: int
    stage: Callable[[int], Stage] | None
    judge: Judge
    missing: str = ""


# --- judges -------------------------------------------------------------------------------------------------------------


def fell(o: Outcome) -> str:
    """Falling alone is a failure; stopping upright is an answer."""
    return (o.reason or "fell") if o.fell else ""


def arrived(position: float = 0.05, yaw: float = 0.1) -> Judge:
    """It must end where it was sent (m and rad, true), without falling."""

    def judge(o: Outcome) -> str:
        if o.fell or not o.completed:
            return o.reason or "not completed"
        if not o.position_error <= position:
            return f"{o.position_error * 1e3:.0f} mm off"
        return f"{math.degrees(o.yaw_error):.1f} deg off" if not o.yaw_error <= yaw else ""

    return judge


def untouched(judge: Judge) -> Judge:
    """And nothing touched that was not to be."""
    return lambda o: judge(o) or ("touched " + o.touched[0] if o.touched else "")


def fast(least: float) -> Judge:
    """And the average speed over the lap reached, m/s."""
    there = arrived()
    return lambda o: there(o) or (f"{o.speed:.2f} m/s" if not o.speed >= least else "")


def survived(o: Outcome) -> str:
    """After a push the walk goes on to its goal."""
    return arrived()(o)


# --- stages -------------------------------------------------------------------------------------------------------------


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
    places = [ROOT.parent, *ROOT.parents, Path("/work")]
    found = (p / "shared" / "robots" / "unitree_g1" for p in places)
    return next((p for p in found if p.is_dir()), ROOT.parent / "shared" / "robots" / "unitree_g1")


def plant(seed: int, *, floor_friction: float = 0.25) -> Variation:
    """The randomised plant: masses +-5 %, centres +-3 mm, joint friction +-50 %, damping +-30 %, floor 0.8 +-25 %."""
    return draw_variation(seed, joint_friction=0.5, damping=0.3, floor_friction=floor_friction)


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
) -> Stage:
    """A walk over goals."""
    who, here = robot or reference(), cell(where)
    commands = [SkillCommand(f"walk_{n + 1}", "walk", goal=g, speed=speed, estimate=20.0) for n, g in enumerate(goals)]
    motion = motion_of(who, here, *commands)
    return Stage(here, who, motion, plant(seed, floor_friction=friction), disturbances, delay=DELAY, lap=lap)


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


_ROWS = (
    Condition("walk", "5 m at 0.45 m/s", 200, 0, lambda s: walk(s, AHEAD, speed=0.45), arrived()),
    Condition(
        "fast",
        "5 m commanded 0.8 m/s, average >= 0.7 over 5 m after 1 m to get under way",
        100,
        1,
        lambda s: walk(s, Pose2(7.0, 0.0, 0.0), speed=0.8, lap=(1.0, 6.0)),
        fast(0.7),
    ),
    Condition(
        "goal", "goal pose (3, 1.5, 90 deg)", 100, 0, lambda s: walk(s, Pose2(3.0, 1.5, math.pi / 2)), arrived(0.02, 0.035)
    ),
    Condition("mu-0.3", "floor mu 0.3 known", 50, 0, known_slippery, arrived()),
    Condition("push-lateral", "push walking: lateral 14 N·s", 50, 1, pushed_walking("push-lateral", 0.0, 14.0), survived),
    Condition("push-forward", "push walking: forward 30 N·s", 50, 1, pushed_walking("push-forward", 30.0, 0.0), survived),
    Condition("push-back", "push walking: back 30 N·s", 50, 1, pushed_walking("push-back", -30.0, 0.0), survived),
    Condition("push-standing", "push standing: 30 N·s any side", 50, 1, pushed_standing, fell),
    Condition(
        "part-transfer", "part transfer as shipped: <= 3 cm, 5 deg, no touch", 20, 0, transfer, untouched(arrived(0.03, 0.0873))
    ),
    Condition("g1-walk", "Unitree G1: 5 m at 0.4 m/s", 50, 1, lambda s: walk(s, AHEAD, robot=g1()), arrived()),
    Condition(
        "g1-goal",
        "Unitree G1: goal pose",
        50,
        1,
        lambda s: walk(s, Pose2(3.0, 1.5, math.pi / 2), robot=g1()),
        arrived(0.02, 0.035),
    ),
)
CONDITIONS: Mapping[str, Condition] = {row.id: row for row in _ROWS}
