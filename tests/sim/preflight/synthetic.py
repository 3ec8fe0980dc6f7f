"""A small made-up run that passes every check; tests spoil one thing at a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.cell import WorkCell, load_cell
from sim.motion import Motion, SkillCommand
from sim.preflight.evidence import Evidence
from sim.preflight.facts import robot_facts
from sim.recording import Placement, Recording, RecordingHeader, StepSpan
from sim.robot import RobotModel, load_robot
from sim.timeseries import Channel, TimeSeries
from sim.transforms import Pose

Array = NDArray[np.float64]
ROOT = Path(__file__).parents[3] / "resources"
END = 20.0
PERIOD = 0.004

ROBOT: RobotModel = load_robot(ROOT / "robots" / "h140")
CELL: WorkCell = load_cell(ROOT / "cells" / "hub_cell")
SPANS = (
    StepSpan("walk-1", "walk", 0.3, 6.0, True),
    StepSpan("grasp-1", "grasp", 6.0, 12.0, True),
    StepSpan("place-1", "place", 13.0, 19.0, True),
)


def motion(**limits: float) -> Motion:
    """Walk to the rack, take the tote, put it back."""
    rack, tote = CELL.stations["rack"], CELL.object_start("tote")
    place = rack.slot_in_world("tote") @ Pose((0.0, 0.0, CELL.objects["tote"].size[2] / 2))
    commands = (
        SkillCommand("walk-1", "walk", goal=rack.stand_in_world(), speed=0.3),
        SkillCommand("grasp-1", "grasp", ("walk-1",), object_id="tote", object_pose=tote, speed=0.15, height=0.06, force=50.0),
        SkillCommand("place-1", "place", ("grasp-1",), object_id="tote", object_pose=place, speed=0.15),
    )
    return Motion(commands, CELL.robot_start, ROBOT.id, ROBOT.content_hash, CELL.id, CELL.content_hash, "plan", dict(limits))


def times() -> Array:
    """The clock of the made-up run."""
    return np.arange(0.0, END, PERIOD)


def recording(of: Motion) -> Recording:
    """A run of ``motion`` in which the robot stands still in its home posture."""
    t = times()
    joints = ROBOT.joint_names
    home = np.array([ROBOT.profile.home[j] for j in joints])
    still = np.zeros((len(t), len(joints)))
    series = {
        "joint.position": (joints, "rad", np.tile(home, (len(t), 1))),
        "joint.velocity": (joints, "rad/s", still),
        "joint.torque": (joints, "N·m", still),
        "joint.torque_command": (joints, "N·m", still),
        "foot.force": (("left", "right"), "N", np.full((len(t), 2), 245.0)),
        "balance.margin": (("margin",), "m", np.full((len(t), 1), 0.05)),
    }
    header = RecordingHeader(
        "simulation", ROBOT.id, joints, ROBOT.content_hash, CELL.id, CELL.content_hash, of.content_hash, 7, "truth"
    )
    return Recording(
        header,
        {name: TimeSeries(Channel(name, unit, columns), t, values) for name, (columns, unit, values) in series.items()},
        SPANS,
        placements=(Placement("tote", 0.004, 0.01),),
        completed=True,
    )


def evidence(of: Motion | None = None, run: Recording | None = None) -> Evidence:
    """The evidence of a run."""
    of = of or motion()
    return Evidence(of, run or recording(of), ROBOT, CELL, robot_facts(ROBOT))


def spoiled(channel: str, column: str, value: float, start: float, end: float) -> Recording:
    """A run in which one column has another value for a while."""
    run = recording(motion())
    series = run[channel]
    values = series.values.copy()
    rows = (series.t >= start) & (series.t < end)
    values[rows, series.channel.columns.index(column)] = value
    return replace(run, series={**run.series, channel: TimeSeries(series.channel, series.t, values)})
