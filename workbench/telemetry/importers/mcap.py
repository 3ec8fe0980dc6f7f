"""MCAP logs: our own and those of ROS 2 robots."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sim.recording import Recording
from workbench.telemetry.importers.timing import stamp_problems
from workbench.telemetry.mcap_file import read_recording


def read(path: Path) -> Recording:
    """Read an MCAP file; gaps in its stamps are among its problems."""
    recording = read_recording(path)
    found = [p for s in recording.series.values() for p in stamp_problems(s.channel.name, s.t)]
    problems = tuple(dict.fromkeys((*recording.header.problems, *found)))
    return replace(recording, header=replace(recording.header, problems=problems))
