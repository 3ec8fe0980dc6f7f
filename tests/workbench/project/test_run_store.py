"""The last run beside the plan: written once, on a thread, and a failure is told once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.recording import Recording, RecordingHeader
from sim.timeseries import Channel, TimeSeries
from workbench.errors import WorkbenchError
from workbench.project.run_store import RunStore
from workbench.telemetry.mcap_file import read_recording


def run() -> Recording:
    series = TimeSeries(Channel("x", "1", ("x",)), np.arange(3.0), np.zeros((3, 1)))
    return Recording(RecordingHeader("simulation", "r", ("j",), motion_hash="m"), {"x": series})


def test_a_run_is_written_once_for_each_place(tmp_path: Path) -> None:
    store, recording = RunStore(), run()
    for name in ("a", "a", "b"):
        store.keep(recording, tmp_path / f"{name}.mcap")
        store.flush()
    before = (tmp_path / "b.mcap").stat().st_mtime_ns
    store.keep(recording, tmp_path / "b.mcap")
    store.close()
    assert (tmp_path / "b.mcap").stat().st_mtime_ns == before
    assert read_recording(tmp_path / "a.mcap").header.motion_hash == "m"


def test_a_failed_write_is_told_once_and_tried_again(tmp_path: Path) -> None:
    store, recording = RunStore(), run()
    (tmp_path / "blocked").write_text("")
    store.keep(recording, tmp_path / "blocked" / "run.mcap")
    with pytest.raises(WorkbenchError, match=r"recording\.write_failed"):
        store.flush()
    store.check()
    (tmp_path / "blocked").unlink()
    store.keep(recording, tmp_path / "blocked" / "run.mcap")
    store.close()
    assert (tmp_path / "blocked" / "run.mcap").is_file()
