"""The rows of the table: what each stages, how many runs it takes and how many of them may fail."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from sim.transforms import Pose2
from tests.bench.body.stages import (
    AHEAD,
    button,
    carried,
    chance,
    door,
    g1,
    gripper_part,
    known_slippery,
    palmed_part,
    pushed_standing,
    pushed_walking,
    transfer,
    walk,
)
from tests.bench.body.trial import Outcome, Stage, Stop

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


def done(o: Outcome) -> str:
    """Every step did what it should, as a true measure of the work says."""
    return "" if o.completed and not o.fell else o.reason or "not completed"


def fast(least: float) -> Judge:
    """And the average speed over the lap reached, m/s."""
    there = arrived()
    return lambda o: there(o) or (f"{o.speed:.2f} m/s" if not o.speed >= least else "")


def steady(o: Outcome) -> str:
    """A stopped robot ends stable and has let nothing fall."""
    return fell(o) or (o.reason if "object_lost" in o.reason else "")


# --- rows ---------------------------------------------------------------------------------------------------------------


def stopped(seed: int) -> Stage:
    """A protective stop at a random moment of one of the other rows."""
    r = chance(seed, "stop")
    name = STOPPED[int(r.integers(len(STOPPED)))]
    stage = CONDITIONS[name].stage
    assert stage is not None
    return replace(stage(seed), disturbances=(Stop(float(r.uniform(1.0, 20.0 if name.startswith("tote") else 12.0))),))


def _tote_rows() -> tuple[Condition, ...]:
    return tuple(
        Condition(
            f"tote-{mass}-{height}",
            f"tote {mass} kg from {height / 100:.2f} m, 2 m with a 90 deg turn, placed; <= 2 cm, 3 deg, no touch",
            50,
            1,
            partial(carried, height=height, mass=float(mass)),
            untouched(EXACT_TOTE),
        )
        for mass in (2, 3, 5)
        for height in (25, 80, 110)
    )


def _row(name: str, text: str, runs: int, allowed: int, stage: Callable[[int], Stage], judge: Judge | None = None) -> Condition:
    return Condition(name, text, runs, allowed, stage, judge or arrived())


AISLE_GOAL = Pose2(5.5, -0.4, -math.pi / 2)
GOAL = Pose2(3.0, 1.5, math.pi / 2)
FAR = Pose2(7.0, 0.0)
UP = Pose2(1.9, 0.0)
EXACT = arrived(0.02, math.radians(2.0))
EXACT_TOTE = arrived(0.02, math.radians(3.0))
SHIPPED = untouched(arrived(0.03, math.radians(5.0)))
STOPPED = ("walk", "goal", "aisle", "tiles", "ramp", "mu-0.3", "stairs-15", "tote-3-80")

_ROWS = (
    _row("walk", "5 m at 0.45 m/s", 200, 0, lambda s: walk(s, AHEAD, speed=0.45, lap=(1.0, 4.0))),
    _row(
        "fast",
        "5 m commanded 0.8 m/s, average >= 0.7 over 5 m, after 1 m to get under way",
        100,
        1,
        lambda s: walk(s, FAR, speed=0.8, lap=(1.0, 6.0)),
        fast(0.7),
    ),
    _row("goal", "goal pose (3 m, 1.5 m, 90 deg) on the free floor; <= 2 cm, 2 deg", 100, 0, lambda s: walk(s, GOAL), EXACT),
    _row(
        "aisle",
        "goal pose among obstacles, 0.75 m aisle, door frame; <= 2 cm, 2 deg, no touch",
        100,
        0,
        lambda s: walk(s, AISLE_GOAL, where="aisle"),
        untouched(EXACT),
    ),
    _row("tiles", "tiles +-2 cm at 0.3 m/s", 50, 1, lambda s: walk(s, AHEAD, speed=0.3, where="tiles")),
    _row(
        "tiles-blind",
        "tiles +-2 cm at 0.3 m/s, of which the plan knows nothing",
        50,
        5,
        lambda s: walk(s, AHEAD, speed=0.3, where="tiles_blind"),
    ),
    _row("ramp", "ramp 6 deg, up and down, at 0.3 m/s", 50, 1, lambda s: walk(s, AHEAD, speed=0.3, where="ramp")),
    _row("mu-0.3", "floor mu 0.3 known", 50, 0, known_slippery),
    _row("wet", "wet patch mu 0.2, 1 m long, unknown: no fall", 50, 5, lambda s: walk(s, AHEAD, where="wet", patch=0.2), fell),
    _row("push-lateral", "push walking: lateral 14 N·s", 50, 1, pushed_walking("push-lateral", 0.0, 14.0)),
    _row("push-forward", "push walking: forward 30 N·s", 50, 1, pushed_walking("push-forward", 30.0, 0.0)),
    _row("push-back", "push walking: back 30 N·s", 50, 1, pushed_walking("push-back", -30.0, 0.0)),
    _row("push-standing", "push standing: 30 N·s any side", 50, 1, pushed_standing, fell),
    _row("stairs-15", "stairs 3 x 15 cm up and down", 50, 1, lambda s: walk(s, AHEAD, where="stairs_15")),
    _row("stairs-17", "stairs 3 x 17 cm up and down", 50, 3, lambda s: walk(s, AHEAD, where="stairs_17")),
    _row("platform", "10 cm platform up and down", 50, 1, lambda s: walk(s, AHEAD, where="platform")),
    _row("threshold", "over a door sill of 3 cm and a cable of 2 cm", 50, 1, lambda s: walk(s, AHEAD, where="threshold")),
    *_tote_rows(),
    _row("tote-3-120", "tote 3 kg from 1.20 m, likewise", 50, 1, lambda s: carried(s, 120, 3.0), untouched(EXACT_TOTE)),
    _row("load-shift", "tote 3 kg from 0.80 m, half of it loose", 50, 1, lambda s: carried(s, 80, 3.0, 1.5), SHIPPED),
    _row(
        "person", "a person steps into the way, stays 5 s", 50, 1, lambda s: walk(s, AHEAD, where="person"), untouched(arrived())
    ),
    _row("stop", "protective stop at a random moment: ends stable, load kept", 50, 2, stopped, steady),
    _row("part-transfer", "part transfer as shipped: <= 3 cm, 5 deg, no touch", 20, 0, transfer, SHIPPED),
    _row(
        "gripper-part",
        "gripper part 0.2-1.5 kg pick, handover, insert with 5 mm play; <= 6 mm, no touch",
        50,
        2,
        gripper_part,
        untouched(arrived(0.006, math.radians(10.0))),
    ),
    _row("door", "open a hinged machine door by 60 deg, no touch", 50, 1, door, untouched(arrived(1.0, math.radians(10.0)))),
    _row("button", "push a button", 50, 1, button, untouched(done)),
    _row("g1-walk", "Unitree G1: 5 m at 0.4 m/s", 50, 1, lambda s: walk(s, AHEAD, robot=g1())),
    _row("g1-goal", "Unitree G1: goal pose; <= 2 cm, 2 deg", 50, 1, lambda s: walk(s, GOAL, robot=g1()), EXACT),
    _row("g1-stairs", "Unitree G1: stairs up 3 x 12 cm", 50, 1, lambda s: walk(s, UP, robot=g1(), where="stairs_12")),
    _row(
        "g1-part",
        "Unitree G1: part 0.2-1.5 kg picked with both palms, carried round a corner, placed; <= 2 cm, 3 deg, no touch",
        50,
        1,
        palmed_part,
        untouched(arrived(0.02, math.radians(3.0))),
    ),
)
CONDITIONS: Mapping[str, Condition] = {row.id: row for row in _ROWS}
