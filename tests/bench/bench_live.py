"""Live simulation: how late its control periods run while a busy window pulls from it; how soon the loss of a robot is known;
how long files take.

    python tests/bench/bench_live.py [seconds]

Needs no display. Prints one line a figure.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from sim.cell import load_cell
from sim.live.messages import Setup
from sim.recording import Recording, RecordingHeader
from sim.robot import load_robot
from sim.timeseries import Channel, TimeSeries
from workbench.connection.runner import RobotSource
from workbench.operations.connection_ops import RobotProcess
from workbench.registry import plugin_for
from workbench.resources import resource
from workbench.telemetry.live_source import LiveSource
from workbench.telemetry.mcap_file import read_recording, write_recording


def bench_live(seconds: float) -> None:
    """A standing robot live for some seconds, read at 30 Hz by an owner that is busy half of the time."""
    source = LiveSource(Setup(load_robot(resource("robots", "h140")), None, running=True))
    begun = time.perf_counter()
    while source.snapshot() is None:
        time.sleep(0.01)
    print(f"live.first_state_s {time.perf_counter() - begun:.2f}")
    t: list[np.ndarray] = []
    end = time.perf_counter() + seconds
    tick = time.perf_counter()
    while tick < end:
        while time.perf_counter() < tick + 0.016:
            np.linalg.svd(np.ones((20, 20)))
        source.state()
        source.snapshot()
        drained = source.drain()
        if drained:
            t.append(drained["joint.position"].t)
        tick += 1 / 30
        time.sleep(max(0.0, tick - time.perf_counter()))
    stamps = np.concatenate(t)
    state = source.state()
    steps = np.diff(stamps)
    missing = int(np.count_nonzero(np.abs(steps - np.median(steps)) > 1e-6))
    print(f"live.lateness_p99_ms {1e3 * (state.latency or 0.0):.2f}")
    print(f"live.achieved_speed {source.achieved_speed:.3f}")
    print(f"live.samples_missing {missing} of {len(stamps)}")
    source.close()


def bench_loss(times: int = 4) -> None:
    """A robot process killed, and one that only falls silent (a cable pulled): ms until the state says so, asked at 30 Hz."""
    robot, cell = load_robot(resource("robots", "h140")), load_cell(resource("cells", "hub_cell"))
    for name, sign, notes in (("killed", signal.SIGKILL, ("lost",)), ("silent", signal.SIGSTOP, ("silent", "lost"))):
        took = []
        for seed in range(times):
            process = RobotProcess(robot, cell, seed=seed)
            process.wait()
            source = RobotSource(process.address, plugin_for(process.address).connection)
            source.wait("connected", 30.0)
            while source.snapshot() is None or (source.state().age or 0.0) > 0.1:
                time.sleep(0.01)
            begun = time.perf_counter()
            os.kill(process.process.pid or 0, sign)
            while source.state().note.rpartition(".")[2] not in notes:
                time.sleep(1 / 30)
            took.append(time.perf_counter() - begun)
            if sign == signal.SIGSTOP:
                os.kill(process.process.pid or 0, signal.SIGCONT)
            source.close()
            process.stop()
        print(f"robot.{name}_ms {1e3 * np.median(took):.0f} median, {1e3 * max(took):.0f} worst of {times} (goal 500)")


def bench_files() -> None:
    """A minute of 40 joints at 250 Hz, written and read."""
    random = np.random.default_rng(0)
    t = np.arange(15_000) / 250.0
    joints = tuple(f"left_joint_name_{i}" for i in range(40))
    units = {"position": "rad", "velocity": "rad/s", "torque": "N·m", "command": "rad", "torque_command": "N·m"}
    series = {
        f"joint.{n}": TimeSeries(Channel(f"joint.{n}", u, joints), t, np.cumsum(random.normal(size=(len(t), 40)), axis=0))
        for n, u in units.items()
    }
    recording = Recording(RecordingHeader("simulation", "r", joints), series)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.mcap"
        begun = time.perf_counter()
        write_recording(recording, path)
        wrote = time.perf_counter()
        read_recording(path)
        print(f"file.write_s {wrote - begun:.2f}")
        print(f"file.read_s {time.perf_counter() - wrote:.2f}")
        print(f"file.size_mb {path.stat().st_size / 1e6:.1f}")


if __name__ == "__main__":
    bench_live(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
    if hasattr(signal, "SIGSTOP"):
        bench_loss()
    bench_files()
