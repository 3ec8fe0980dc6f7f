"""A recording played as a source: by its clock, each sample once, and sought at will. Plugins come through one door."""

from __future__ import annotations

import numpy as np
import pytest

from plugins.log_replay.source import LogSource
from sim.recording import RecordedEvent, Recording, RecordingHeader
from sim.timeseries import Channel, TimeSeries
from workbench.errors import WorkbenchError
from workbench.registry import find_plugins, plugin_by_id, plugin_for


def source() -> tuple[LogSource, list[float]]:
    t = np.arange(0.0, 10.0, 0.01)
    series = TimeSeries(Channel("joint.position", "rad", ("a",)), t, t[:, None].copy())
    recording = Recording(
        RecordingHeader("log", "", ("a",)), {"joint.position": series}, events=(RecordedEvent(0.5, "event.push"),)
    )
    now = [100.0]
    return LogSource(recording, "log", clock=lambda: now[0]), now


def test_it_plays_each_sample_once() -> None:
    log, now = source()
    log.command("run")
    parts = []
    for _ in range(30):
        now[0] += 0.033
        parts += [s.t for s in log.drain().values()]
    t = np.concatenate(parts)
    np.testing.assert_allclose(t, np.arange(len(t)) * 0.01)
    assert len(t) == pytest.approx(99, abs=1)
    assert [e.code for e in log.events()] == ["event.push"]
    snapshot = log.snapshot()
    assert snapshot is not None and snapshot.joint_position[0] == pytest.approx(0.98, abs=0.011)


def test_it_is_paused_sought_and_sped_up() -> None:
    log, now = source()
    log.command("run")
    log.command("speed", 2.0)
    now[0] += 1.0
    assert log.state().time == pytest.approx(2.0)
    log.command("pause")
    now[0] += 1.0
    assert log.state().time == pytest.approx(2.0) and not log.state().running
    log.drain()
    log.command("seek", 7.0)
    assert log.state().time == 7.0
    assert [e.code for e in log.events()] == ["event.reset"]
    log.command("run")
    now[0] += 0.1
    assert log.drain()["joint.position"].t[0] == pytest.approx(7.0)
    now[0] += 60.0
    assert not log.state().running and log.state().time == pytest.approx(9.99)


def test_what_it_cannot_do_is_said() -> None:
    log, _ = source()
    with pytest.raises(WorkbenchError, match="source.cannot"):
        log.command("push")
    with pytest.raises(WorkbenchError, match="source.bad_value"):
        log.command("seek", "soon")


def test_plugins_come_through_one_door() -> None:
    plugins, broken = find_plugins()
    assert not broken and {p.id for p in plugins} >= {"log_replay", "reference_robot"}
    assert plugin_for("127.0.0.1:1").id == plugin_for("ws://127.0.0.1:1").id == "reference_robot"
    with pytest.raises(WorkbenchError, match="connection.no_plugin"):
        plugin_for("carrier-pigeon://x")
    with pytest.raises(WorkbenchError, match="plugin.not_found"):
        plugin_by_id("x")
