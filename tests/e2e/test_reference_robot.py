"""The reference robot over its real socket: run and compared, stopped, killed in the middle, watched by a second client, sent nonsense."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from mcap_ros2._dynamic import generate_dynamic
from websockets.asyncio.client import connect

from plugins.reference_robot.protocol import SUBPROTOCOL, read_data
from tests.workbench.connection.released import Released, release_walk
from workbench.comparison.compare import compare
from workbench.connection.runner import RobotSource
from workbench.errors import WorkbenchError
from workbench.operations.connection_ops import RobotProcess
from workbench.registry import plugin_for
from workbench.telemetry.mcap_file import read_recording

pytestmark = pytest.mark.slow
#: A loaded machine must not trip the watchdog in tests of other things.
PATIENT_S = 5.0


@pytest.fixture(scope="module")
def released() -> Released:
    return release_walk()


@pytest.fixture
def process(released: Released) -> Iterator[RobotProcess]:
    process = RobotProcess(released.robot, released.cell, seed=5, watchdog_s=PATIENT_S)
    process.wait()
    yield process
    process.stop()


@pytest.fixture
def source(process: RobotProcess, tmp_path: Path) -> Iterator[RobotSource]:
    source = RobotSource(process.address, plugin_for(process.address).connection, tmp_path)
    assert source.wait("connected", 30.0)
    yield source
    source.close()
    assert not source.process.is_alive()


def until(condition: Callable[[], bool], what: str, timeout: float = 60.0) -> None:
    end, waiter = time.monotonic() + timeout, threading.Event()
    while not condition():
        assert time.monotonic() < end, f"never came: {what}"
        waiter.wait(0.005)


def moving(source: RobotSource) -> bool:
    state = source.state()
    return state.running and state.time > 0.8


def test_a_verified_motion_is_run_recorded_and_compared(source: RobotSource, released: Released) -> None:
    source.wait("answer", 20.0, source.send_motion(released.verified))
    assert source.wait("run", 90.0)
    recording, path = source.take_runs()[0]
    assert recording.success and [s.id for s in recording.steps] == ["walk", "pause"]
    assert recording.header.motion_hash == released.motion.content_hash
    assert recording.header.source == "robot" and recording.header.problems == ()
    t = recording["joint.position"].t
    np.testing.assert_allclose(np.diff(t), 0.008, atol=1e-6)  # nothing lost, nothing twice, nothing out of order
    assert path is not None
    np.testing.assert_array_equal(read_recording(path)["joint.position"].values, recording["joint.position"].values)
    # The hidden parameters show: encoders that read wrong, and joints that follow otherwise than in simulation.
    found = compare(recording, released.simulated)
    assert max(abs(j.bias) for j in found.joints) > 0.002
    assert [s.id for s in found.steps] == ["walk", "pause"]
    same = compare(released.simulated, released.simulated)
    assert max(j.rmse for j in found.joints) > 0.003 > max(j.rmse for j in same.joints)
    # It does not start again from where it stands, unless it was brought back, which ``send_motion`` asks for.
    with pytest.raises(WorkbenchError, match="robot.refused.not_at_start"):
        source.wait("answer", 20.0, source.request("start"))


def test_a_stop_is_confirmed_latched_and_cleared_by_name(source: RobotSource, released: Released) -> None:
    source.wait("answer", 20.0, source.send_motion(released.verified))
    until(lambda: moving(source), "motion")
    source.request_stop("tester", "practice")
    assert source.wait("run", 60.0)
    recording, _ = source.take_runs()[0]
    assert not recording.success and recording.fell_at is None
    until(lambda: source.state().note.endswith("latched"), "the latch")
    with pytest.raises(WorkbenchError, match="robot.clear_needs_name"):
        source.clear_stop(" ", "")
    source.wait("answer", 20.0, source.clear_stop("tester", "area checked"))
    until(lambda: not source.state().note.endswith("latched"), "the latch to go")
    assert not source.state().running


def test_a_robot_that_vanishes_is_said_at_once_and_its_recording_kept(
    source: RobotSource, process: RobotProcess, released: Released
) -> None:
    source.wait("answer", 20.0, source.send_motion(released.verified))
    until(lambda: moving(source), "motion")
    begun = time.monotonic()
    process.stop()
    until(lambda: not source.state().connected, "the loss", 5.0)
    assert time.monotonic() - begun < 2.0  # 0.5 s on a machine that does nothing else
    assert source.state().note == "source.note.lost"
    assert "robot.lost" in [e.code for e in source.take_errors()]
    recording, path = source.take_runs()[0]
    assert recording.duration > 0.5 and not recording.completed
    assert [p.partition("?")[0] for p in recording.header.problems] == ["run.connection_lost"]
    assert path is not None and read_recording(path).header.joint_names == recording.header.joint_names
    with pytest.raises(WorkbenchError, match="robot.not_connected"):
        source.send_motion(released.verified)


def test_a_second_client_watches_with_other_tools_and_nonsense_harms_nobody(source: RobotSource, process: RobotProcess) -> None:
    async def watch() -> None:
        async with connect(process.address, subprotocols=[SUBPROTOCOL], compression=None, proxy=None) as socket:  # type: ignore[list-item]
            info = json.loads(await socket.recv())
            assert info["op"] == "serverInfo" and info["metadata"]["control"] == "false"
            channels = json.loads(await socket.recv())["channels"]
            await socket.recv()
            unfit = '{"op": "subscribe", "subscriptions": [1]}'
            for nonsense in (
                "{",
                "[]",
                '{"op": "subscribe"}',
                b"",
                b"\x02",
                b"\x02" + b"\xff" * 40,
                unfit,
            ):
                await socket.send(nonsense)
            start = b"\x02" + (2).to_bytes(4, "little") + (9).to_bytes(4, "little") + (4).to_bytes(4, "little") + b"json"
            await socket.send(start + json.dumps({"seq": 1, "issued_at": time.monotonic()}).encode())
            chosen = next(c for c in channels if c["topic"] == "/joint/position")
            await socket.send(json.dumps({"op": "subscribe", "subscriptions": [{"id": 77, "channelId": chosen["id"]}]}))
            refused = False
            async with asyncio.timeout(20.0):
                async for message in socket:
                    if isinstance(message, str):
                        refused |= "watch_only" in message
                        continue
                    subscription, _, payload = read_data(message)
                    decoded = generate_dynamic(chosen["schemaName"], chosen["schema"])["sensor_msgs/msg/JointState"](payload)
                    assert subscription == 77 and len(decoded.position) == len(decoded.name) > 20
                    break
            assert refused

    asyncio.run(watch())
    until(lambda: source.state().connected, "the first client, still there")


def test_where_no_robot_is_that_is_said() -> None:
    source = RobotSource("ws://127.0.0.1:9", plugin_for("ws://x").connection)
    with pytest.raises(WorkbenchError, match="robot.unreachable"):
        source.wait("connected", 30.0)
    assert not source.state().connected
    source.close()
