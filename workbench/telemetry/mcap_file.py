"""Recordings as MCAP files that other MCAP tools open (ROS 2 profile, CDR, ros2msg schemas).

Numbers are messages on one topic per channel; events are JSON text on ``/events``; header and outcome are metadata records, and a
newer record of the same name replaces the older, so a recording in progress can be read at any time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

from sim.errors import SimError
from sim.recording import Recording
from sim.timeseries import TimeSeries
from workbench.errors import WorkbenchError
from workbench.telemetry import content
from workbench.telemetry.cdr import codec_of
from workbench.telemetry.mcap_chunks import CHUNK_BYTES, ChunkedFile
from workbench.telemetry.mcap_read import EVENTS_TOPIC, HEADER_RECORD, OUTCOME_RECORD, McapContent, assemble, read_content

__all__ = ["EVENTS_TOPIC", "HEADER_RECORD", "OUTCOME_RECORD", "McapContent", "read_recording", "start_file", "write_recording"]


def write_recording(recording: Recording, path: Path) -> None:
    """Write a recording; the file appears whole or not at all.

    Raises:
        WorkbenchError: ``recording.bad_time`` (a time stamp is negative or no number), ``recording.write_failed``.
    """
    check_times(recording)
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as stream:
            file = start_file(ChunkedFile(stream, epoch_ns(recording)), recording)
            for window in _windows(recording):
                file.write(window)
            file.write((), [(e.time, EVENTS_TOPIC, content.event_to_json(e)) for e in recording.events])
            file.metadata(OUTCOME_RECORD, {"json": content.outcome_to_json(recording)})
            file.finish()
            os.fsync(stream.fileno())
        os.replace(partial, path)
    except OSError as error:
        with suppress(OSError):  # where the folder is none, there is nothing to take away
            partial.unlink()
        raise WorkbenchError("recording.write_failed", path=str(path), reason=error.strerror or str(error)) from error


def read_recording(path: Path) -> Recording:
    """Read a recording, ours or another program's, finished or not.

    What could not be read is named in ``header.problems`` (see ``workbench.telemetry.problems``).

    Raises:
        WorkbenchError: ``log.not_found``, ``log.not_mcap``, ``log.unreadable`` or ``log.newer``.
    """
    try:
        return assemble(read_content(path), path)
    except SimError as error:
        raise WorkbenchError("log.unreadable", path=str(path), reason=str(error)) from error


def start_file(file: ChunkedFile, recording: Recording) -> ChunkedFile:
    """Write the header of a recording into a fresh file and give the file back."""
    data = {"schema": content.SCHEMA, "epoch_ns": str(epoch_ns(recording)), "json": content.header_to_json(recording.header)}
    file.metadata(HEADER_RECORD, data)
    return file


def epoch_ns(recording: Recording) -> int:
    """Unix nanoseconds of the recording's t = 0; 0 where unknown."""
    return round(recording.header.wall_start * 1e9)


def check_times(recording: Recording) -> None:
    """WorkbenchError ``recording.bad_time`` where a time stamp cannot be written."""
    for s in recording.series.values():
        if len(s.t) and not (np.isfinite(s.t).all() and float(s.t.min()) >= 0.0):
            raise WorkbenchError("recording.bad_time", channel=s.channel.name)
    for event in recording.events:
        if not (np.isfinite(event.time) and event.time >= 0.0):
            raise WorkbenchError("recording.bad_time", channel="events")


def _windows(recording: Recording) -> Iterator[list[TimeSeries]]:
    """The samples in order of time, about one chunk at once."""
    series = [s for s in recording.series.values() if len(s.t)]
    if not series:
        return
    size = sum(len(s.t) * (len(codec_of(s.channel).template) + 31) for s in series)
    start = min(float(s.t[0]) for s in series)
    count = max(1, -(-size // CHUNK_BYTES))
    edges = np.linspace(start, recording.duration, count + 1)[1:]
    # Stamps are written in whole nanoseconds: an edge that falls on a sample must cut on the same side once it was read again.
    edges = (np.round(edges * 1e6) - 0.5) * 1e-6
    edges[-1] = np.inf
    cuts = [np.concatenate(([0], np.searchsorted(s.t, edges, side="left"))) for s in series]
    for i in range(count):
        window = [
            TimeSeries(s.channel, s.t[c[i] : c[i + 1]], s.values[c[i] : c[i + 1]])
            for s, c in zip(series, cuts, strict=True)
            if c[i + 1] > c[i]
        ]
        if window:
            yield window
