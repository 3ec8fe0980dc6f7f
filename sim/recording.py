"""A run of a robot, simulated or real: the same type for both.

Standard channels (columns in brackets; joint columns are ``header.joint_names``):

========================  ======  =======================================================
name                      unit    columns
========================  ======  =======================================================
joint.position            rad     measured by encoder
joint.velocity            rad/s   measured
joint.torque              N·m     delivered by the actuator
joint.command             rad     position the controller asked for
joint.torque_command      N·m     torque the controller asked for
base.pose                 1       x y z qw qx qy qz, world: physical in a simulation, as estimated by a robot
base.velocity             1       vx vy vz wx wy wz, world
imu.gyro / imu.accel      rad/s, m/s²  x y z, IMU frame
foot.force                N       left right (vertical load)
foot.contact_force        N       lx ly lz rx ry rz, world
foot.target               1       lx ly lz lyaw rx ry rz ryaw, world (planned footholds)
com.position              m       x y z, world
dcm.position              m       x y, world
cop.position              m       x y, world
balance.margin            m       margin (signed distance of the capture point to the support polygon's edge)
estimate.base_pose        1       as base.pose, what the controller ran on: ``header.state_source`` says truth or estimate
estimate.base_velocity    1       as base.velocity, likewise
estimate.quality          1       tilt_sd velocity_sd position_sd yaw_sd (standard deviations, rad m/s m rad), consistency (mean normalised
                                  innovation squared per degree of freedom), slipping (1 left + 2 right), fix_age s, trusted 0/1
estimate.position_error   m       x y z, world: estimate less physical (simulation only)
estimate.rotation_error   rad     roll pitch yaw, about world axes, likewise
object.<id>.pose          1       x y z qw qx qy qz, world (simulation, or a robot that can see it)
========================  ======  =======================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sim.errors import SimError
from sim.timeseries import TimeSeries

Source = Literal["simulation", "robot", "log"]
#: What a controller of a simulated robot may run on.
StateSource = Literal["estimate", "truth"]


@dataclass(frozen=True, slots=True)
class StepSpan:
    """What happened to one step of the plan. ``end`` is None while it had not ended when the recording did."""

    id: str
    skill: str
    start: float
    end: float | None
    success: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """Something at a moment: ``code`` is an i18n key under ``event.``; params name the culprit."""

    time: float
    code: str
    params: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an object ended against where the plan wanted it, measured at the end of the run."""

    object: str
    position_error: float
    yaw_error: float


@dataclass(frozen=True, slots=True)
class RecordingHeader:
    """Where a recording comes from. Hashes are of content; ``wall_start`` is Unix seconds at t = 0 (0: unknown)."""

    source: Source
    robot_id: str
    joint_names: tuple[str, ...]
    robot_hash: str = ""
    cell_id: str = ""
    cell_hash: str = ""
    motion_hash: str = ""
    seed: int = 0
    state_source: Literal["truth", "estimate", "none"] = "none"
    wall_start: float = 0.0
    assumptions: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A run: header, series by channel name, step spans, events, placements."""

    header: RecordingHeader
    series: Mapping[str, TimeSeries]
    steps: tuple[StepSpan, ...] = ()
    events: tuple[RecordedEvent, ...] = ()
    placements: tuple[Placement, ...] = ()
    contacts: tuple[ContactNote, ...] = ()
    completed: bool = False
    fell_at: float | None = None
    wall_time: float = 0.0

    def __getitem__(self, name: str) -> TimeSeries:
        try:
            return self.series[name]
        except KeyError:
            raise SimError("recording.no_such_channel", channel=name, valid=", ".join(sorted(self.series))) from None

    @property
    def duration(self) -> float:
        """Last time stamp of any series, s."""
        return max((float(s.t[-1]) for s in self.series.values() if len(s.t)), default=0.0)

    @property
    def success(self) -> bool:
        """Every step of the motion was done and nobody fell."""
        return self.completed and self.fell_at is None and all(s.success for s in self.steps)


@dataclass(frozen=True, slots=True)
class ContactNote:
    """A contact that the motion did not plan: who touched whom (geom or body names), when, and how hard (largest, N)."""

    start: float
    end: float
    kind: Literal["self", "cell", "load", "object"]
    first: str
    second: str
    peak_force: float
    step: str = ""
