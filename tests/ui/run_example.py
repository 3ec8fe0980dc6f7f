"""A run made by arithmetic on the real robot and cell, and a source that plays it: for tests of twin, plots, compare, operate."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.cell import load_cell
from sim.geometry import start_snapshot
from sim.motion import Motion
from sim.recording import RecordedEvent, Recording, RecordingHeader, StepSpan
from sim.robot import load_robot
from sim.scene import Scene, build_scene
from sim.snapshot import Snapshot, frame_at
from sim.timeseries import Channel, TimeSeries
from sim.transforms import Pose2
from workbench.i18n import load
from workbench.plan.model import Plan, Step
from workbench.resources import resource
from workbench.session import Session, Simulated
from workbench.telemetry.source import Capability, SourceState
from workbench.ui.context import Bridge, UiContext
from workbench.ui.tokens import THEMES, ThemeName

Array = NDArray[np.float64]
POSE = ("x", "y", "z", "qw", "qx", "qy", "qz")
WALK_S, GRASP_S, END_S = 4.0, 6.0, 8.0


@cache
def scene() -> Scene:
    """The example robot in the example cell."""
    return build_scene(load_cell(next(resource("cells").glob("*/cell.toml"))), load_robot(resource("robots", "h140")))


def recording(
    source: Literal["simulation", "robot", "log"] = "simulation", lag: float = 0.0, rate: float = 100.0, bias: float = 0.0
) -> Recording:
    """Walks 1 m, then moves the arms. ``lag`` s late, ``bias`` rad on the right knee."""
    start, joints = start_snapshot(scene()), scene().robot.joint_names
    t = np.arange(0.0, END_S, 1.0 / rate)
    late = t - lag
    walking = (late > 0) & (late < WALK_S)
    q = np.tile(start.joint_position, (len(t), 1))
    for i, name in enumerate(joints):
        phase = 0.0 if name.startswith("left") else np.pi
        if name.endswith(("knee", "hip_pitch")):
            q[:, i] += 0.3 * np.maximum(0.0, np.sin(2 * np.pi * late + phase)) * walking
        if name.endswith("shoulder_pitch"):
            q[:, i] -= 0.8 * np.clip(late - WALK_S, 0.0, 1.0)
        if name == "right_knee":
            q[:, i] += bias
    torque = 40.0 * np.sin(2 * np.pi * late[:, None] + np.arange(len(joints))) * walking[:, None]
    base = np.tile(start.base_pose, (len(t), 1))
    base[:, 0] += np.clip(late / WALK_S, 0.0, 1.0)
    foot = np.column_stack([250 + 200 * np.sin(2 * np.pi * late) * walking, 250 - 200 * np.sin(2 * np.pi * late) * walking])
    contact = np.zeros((len(t), 6))
    contact[:, 2], contact[:, 5] = foot[:, 0], foot[:, 1]
    target = np.zeros((len(t), 8))
    target[:, 0], target[:, 4] = np.round(base[:, 0] * 5) / 5, np.round(base[:, 0] * 5 + 0.5) / 5
    target[:, 1], target[:, 5] = 0.085, -0.085
    margin = 0.04 - 0.035 * np.exp(-(((late - 5.0) / 0.4) ** 2))

    def series(name: str, unit: str, columns: tuple[str, ...], values: Array) -> TimeSeries:
        return TimeSeries(Channel(name, unit, columns), t, np.asarray(values, dtype=float).reshape(len(t), -1))

    made = [
        series("joint.position", "rad", joints, q),
        series("joint.velocity", "rad/s", joints, np.gradient(q, t, axis=0)),
        series("joint.torque", "N·m", joints, torque),
        series("joint.command", "rad", joints, q + 0.01),
        series("base.pose", "1", POSE, base),
        series("foot.force", "N", ("left", "right"), foot),
        series("foot.contact_force", "N", ("lx", "ly", "lz", "rx", "ry", "rz"), contact),
        series("foot.target", "1", ("lx", "ly", "lz", "lyaw", "rx", "ry", "rz", "ryaw"), target),
        series("balance.margin", "m", ("margin",), margin),
    ]
    made += [series(f"object.{n}.pose", "1", POSE, np.tile(p, (len(t), 1))) for n, p in start.objects.items()]
    steps = (
        StepSpan("walk-1", "walk", 0.0, WALK_S, True),
        StepSpan("grasp-1", "grasp", WALK_S, GRASP_S, True),
        StepSpan("place-1", "place", GRASP_S, END_S, True),
    )
    events = (
        RecordedEvent(1.0, "event.touchdown", {"side": "left"}),
        RecordedEvent(5.0, "event.signal", {"name": "done", "value": 1.0}),
    )
    header = RecordingHeader(source, scene().robot.id, joints)
    return Recording(header, {s.channel.name: s for s in made}, steps, events, completed=True)


def session(simulated: bool = True) -> Session:
    """The example, simulated or not."""
    tote = "tote"
    plan = Plan(
        "Part transfer",
        (
            Step("walk-1", "walk", "legs", 0.0, 4.0, {"station": "rack"}),
            Step("grasp-1", "grasp", "both_hands", 4.0, 2.0, {"object": tote}),
            Step("place-1", "place", "both_hands", 6.0, 2.0, {"object": tote, "station": "bench"}),
        ),
    )
    cell = scene().cell
    assert cell is not None
    made = Session(None, plan, scene().robot, cell)
    if simulated:
        made.simulated = Simulated(plan, Motion((), Pose2(0.0, 0.0), made.robot.id, "", cell.id, "", ""), recording())
    return made


def context(made: Session | None = None, language: str = "en", theme: ThemeName = "dark") -> UiContext:
    """What a panel is handed. Nothing ticks by itself: tests call ``bridge.flush``."""
    made = made or session()
    return UiContext(made, Bridge(made), load(language), THEMES[theme], reduced_motion=True)


class PlayedSource:
    """Plays a recording as a live source; the test moves ``time``."""

    kind: Literal["simulation", "robot", "log"]

    def __init__(
        self, played: Recording, kind: Literal["simulation", "robot", "log"] = "robot", channels: tuple[str, ...] = ()
    ) -> None:
        self.recording = played
        self.kind = kind
        self.name = "played"
        self.time = 0.0
        self.commands: list[tuple[str, object]] = []
        self.capabilities: frozenset[Capability] = frozenset({"push", "pause"})
        self._delivered = -1.0
        self._names = channels or tuple(played.series)

    @property
    def channels(self) -> tuple[Channel, ...]:
        return tuple(self.recording[name].channel for name in self._names)

    def state(self) -> SourceState:
        return SourceState(True, True, self.time, latency=0.038)

    def snapshot(self) -> Snapshot | None:
        return frame_at(self.recording, self.time)

    def drain(self) -> Mapping[str, TimeSeries]:
        out = {}
        for name in self._names:
            series = self.recording[name]
            new = (series.t > self._delivered) & (series.t <= self.time)
            out[name] = TimeSeries(series.channel, series.t[new], series.values[new])
        self._delivered, before = self.time, self._delivered
        self._events = [e for e in self.recording.events if before < e.time <= self.time]
        return out

    def events(self) -> tuple[RecordedEvent, ...]:
        found, self._events = tuple(self._events), []
        return found

    def command(self, name: Capability, value: object = None) -> None:
        self.commands.append((name, value))

    def close(self) -> None:
        self.commands.append(("close", None))
