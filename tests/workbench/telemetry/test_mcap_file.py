"""Laws of recording files: what is written is read back; other tools open it; damage is named, never leaked."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory

from sim.recording import ContactNote, Placement, RecordedEvent, Recording, RecordingHeader, StepSpan
from sim.timeseries import Channel, TimeSeries
from workbench.errors import WorkbenchError
from workbench.telemetry.mcap_file import read_recording, write_recording
from workbench.telemetry.recorder import RecordingWriter

JOINTS = ("left_knee", "right_knee", "왼팔")
POSE = ("x", "y", "z", "qw", "qx", "qy", "qz")


def make_recording(n: int = 500, wall_start: float = 1.7e9) -> Recording:
    rng = np.random.default_rng(3)
    t = np.arange(n) * 0.004
    half = t[::2]
    series = [
        TimeSeries(Channel("joint.position", "rad", JOINTS), t, rng.normal(size=(n, 3))),
        TimeSeries(Channel("joint.velocity", "rad/s", JOINTS), t, rng.normal(size=(n, 3))),
        TimeSeries(Channel("joint.torque", "N·m", JOINTS), half, rng.normal(size=(len(half), 3))),
        TimeSeries(Channel("base.pose", "1", POSE, "world"), t, rng.normal(size=(n, 7))),
        TimeSeries(Channel("imu.gyro", "rad/s", ("x", "y", "z"), "imu"), t, rng.normal(size=(n, 3))),
        TimeSeries(Channel("balance.margin", "m", ("margin",)), t, rng.normal(size=(n, 1))),
        TimeSeries(Channel("empty", "1", ("a",)), np.empty(0), np.empty((0, 1))),
    ]
    series[0].values[7, 1] = np.nan
    return Recording(
        RecordingHeader("simulation", "r", JOINTS, "h", "c", "ch", "m", 7, "truth", wall_start, {"floor": "0.8"}, ("gap?at=1",)),
        {s.channel.name: s for s in series},
        (StepSpan("s1", "walk", 0.0, 1.5, True), StepSpan("s2", "grasp", 1.5, None, False, "why")),
        (RecordedEvent(0.5, "step.started", {"step": "s1", "n": 2.0}),),
        (Placement("tote", 0.01, 0.02),),
        (ContactNote(0.1, 0.2, "self", "a", "b", 12.0, "s1"),),
        True,
        1.9,
        0.7,
    )


def assert_same(a: Recording, b: Recording) -> None:
    assert a.header == b.header
    assert {n for n, s in a.series.items() if len(s.t)} == set(b.series)
    for name, s in b.series.items():
        assert s.channel == a[name].channel
        np.testing.assert_allclose(s.t, a[name].t, rtol=0, atol=1e-9)
        np.testing.assert_array_equal(s.values, a[name].values)
    assert (a.steps, a.events, a.placements, a.contacts) == (b.steps, b.events, b.placements, b.contacts)
    assert (a.completed, a.fell_at, a.wall_time) == (b.completed, b.fell_at, b.wall_time)


@pytest.mark.parametrize("wall_start", [0.0, 1.7e9])
def test_what_is_written_is_read_back(tmp_path: Path, wall_start: float) -> None:
    recording = make_recording(wall_start=wall_start)
    write_recording(recording, tmp_path / "a.mcap")
    assert_same(recording, read_recording(tmp_path / "a.mcap"))
    assert [p.name for p in tmp_path.iterdir()] == ["a.mcap"]


def test_other_mcap_tools_read_it(tmp_path: Path) -> None:
    recording = make_recording()
    write_recording(recording, tmp_path / "a.mcap")
    with (tmp_path / "a.mcap").open("rb") as stream:
        reader = make_reader(stream, validate_crcs=True, decoder_factories=[DecoderFactory()])
        summary = reader.get_summary()
        assert summary is not None and summary.statistics is not None
        assert summary.statistics.message_count == 500 * 5 + 250 + 1
        joints = [d for _, c, _, d in reader.iter_decoded_messages(topics=["/joint/position"])]
        poses = [d for _, c, _, d in reader.iter_decoded_messages(topics=["/base/pose"])]
        margins = [d for _, c, _, d in reader.iter_decoded_messages(topics=["/balance/margin"])]
    np.testing.assert_array_equal([j.position for j in joints], recording["joint.position"].values)
    assert list(joints[0].name) == list(JOINTS)
    assert joints[1].header.stamp.sec == 1_700_000_000 and joints[1].header.stamp.nanosec == 4_000_000
    assert poses[3].pose.orientation.w == recording["base.pose"].values[3, 3]
    assert margins[5].data[0] == recording["balance.margin"].values[5, 0]


def test_a_recording_written_while_it_happens_is_the_same(tmp_path: Path) -> None:
    recording = make_recording()
    writer = RecordingWriter(tmp_path / "live.mcap", recording.header)
    for start in range(0, 500, 5):
        lo, hi = start * 0.004, (start + 5) * 0.004
        part = {}
        for name, s in recording.series.items():
            keep = (s.t >= lo - 1e-9) & (s.t < hi - 1e-9)
            part[name] = TimeSeries(s.channel, s.t[keep], s.values[keep])
        writer.append(part)
    writer.event(*recording.events)
    writer.finish(recording)
    assert_same(recording, read_recording(tmp_path / "live.mcap"))


def test_an_unfinished_file_is_recovered_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    write_recording(make_recording(5000), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    found = read_recording(path)
    assert "log.unfinished" in [p.split("?")[0] for p in found.header.problems]
    assert 0.3 < found.duration / (5000 * 0.004) < 0.7
    assert not found.completed


def test_damaged_files_give_clear_errors_only(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    write_recording(make_recording(100), path)
    whole = path.read_bytes()
    rng = random.Random(5)
    for _ in range(300):
        mutant = bytearray(whole)
        for _ in range(rng.choice((1, 3, 20))):
            mutant[rng.randrange(len(mutant))] = rng.randrange(256)
        path.write_bytes(mutant[: rng.randrange(len(mutant))] if rng.random() < 0.3 else mutant)
        try:
            read_recording(path)
        except WorkbenchError as error:
            assert error.code.startswith("log.")


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="log.not_found"):
        read_recording(tmp_path / "none.mcap")
    (tmp_path / "b.mcap").write_bytes(b"not a log at all")
    with pytest.raises(WorkbenchError, match="log.not_mcap"):
        read_recording(tmp_path / "b.mcap")


def test_a_time_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    bad = TimeSeries(Channel("x", "1", ("a",)), np.array([-1.0]), np.zeros((1, 1)))
    with pytest.raises(WorkbenchError, match="recording.bad_time"):
        write_recording(Recording(RecordingHeader("log", "", ()), {"x": bad}), tmp_path / "a.mcap")
    assert not list(tmp_path.iterdir())


def test_conformance_files_open(shared: Path) -> None:
    files = sorted((shared / "data" / "mcap_conformance").rglob("*.mcap"))
    assert files
    for path in files:
        found = read_recording(path)
        assert not any(p.startswith(("log.damaged", "log.chunk")) for p in found.header.problems), path


def test_ros_bags_open(shared: Path) -> None:
    files = sorted((shared / "data" / "rosbag2_mcap").glob("*.mcap"))
    assert files
    for path in files:
        read_recording(path)
