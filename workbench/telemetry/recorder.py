"""Writes a recording while it happens, in a thread of its own: compression must not hold up whoever delivers the samples."""

from __future__ import annotations

import queue
import shutil
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from sim.recording import RecordedEvent, Recording, RecordingHeader
from sim.timeseries import TimeSeries
from workbench.errors import WorkbenchError
from workbench.telemetry import content
from workbench.telemetry.cdr import codec_of
from workbench.telemetry.mcap_chunks import CHUNK_BYTES, ChunkedFile
from workbench.telemetry.mcap_file import EVENTS_TOPIC, OUTCOME_RECORD, start_file

#: Below this much free disk recording stops, so that the machine that controls a robot keeps working.
MIN_FREE_BYTES = 200 * 2**20


class RecordingWriter:
    """A recording in progress. ``append`` and ``event`` return at once; a killed process loses what it was given in the last 200 ms.

    Args:
        path: the MCAP file; readable at any time.
        header: what is recorded.
        flush_s: longest time samples wait in memory.

    Raises:
        WorkbenchError: ``recording.write_failed`` where the file cannot be opened.
    """

    def __init__(self, path: Path, header: RecordingHeader, flush_s: float = 0.1) -> None:
        self.path = path
        self.error: WorkbenchError | None = None
        self._flush_s = flush_s
        self._queue: queue.SimpleQueue[tuple[Sequence[TimeSeries], Sequence[RecordedEvent], str | None]] = queue.SimpleQueue()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._stream: BinaryIO = path.open("wb")
        except OSError as error:
            raise self._failed(error) from error
        empty = Recording(header, {})
        self._file = start_file(ChunkedFile(self._stream, round(header.wall_start * 1e9)), empty)
        self._thread = threading.Thread(target=self._work, name=f"recorder {path.name}", daemon=True)
        self._thread.start()

    def append(self, series: Mapping[str, TimeSeries]) -> None:
        """Samples by channel name, newer than those before."""
        self._queue.put((tuple(series.values()), (), None))

    def event(self, *events: RecordedEvent) -> None:
        """Something happened."""
        self._queue.put(((), events, None))

    def finish(self, outcome: Recording) -> None:
        """Write steps, placements, contacts and how it ended (the series of ``outcome`` are ignored), and close.

        Raises:
            WorkbenchError: ``recording.write_failed`` or ``recording.disk_full`` where the file is not whole.
        """
        self._queue.put(((), (), content.outcome_to_json(outcome)))
        self._thread.join()
        if self.error is not None:
            raise self.error

    def _work(self) -> None:
        waiting: list[TimeSeries] = []
        events: list[RecordedEvent] = []
        size = 0
        while True:
            outcome: str | None = None
            try:
                series, happened, outcome = self._queue.get(timeout=self._flush_s)
                waiting += series
                events += happened
                size += sum(len(s.t) * (len(codec_of(s.channel).template) + 31) for s in series)
                due = size >= CHUNK_BYTES or outcome is not None
            except queue.Empty:
                due = bool(waiting or events)
            if due and self.error is None:
                self._write(waiting, events, outcome)
            if due:
                waiting, events, size = [], [], 0
            if outcome is not None:
                self._stream.close()
                return

    def _write(self, series: Sequence[TimeSeries], events: Sequence[RecordedEvent], outcome: str | None) -> None:
        try:
            if shutil.disk_usage(self.path.parent).free < MIN_FREE_BYTES:
                self.error = WorkbenchError("recording.disk_full", path=str(self.path), free_mb=MIN_FREE_BYTES // 2**20)
            else:
                self._file.write(series, [(e.time, EVENTS_TOPIC, content.event_to_json(e)) for e in events])
            if outcome is not None:
                self._file.metadata(OUTCOME_RECORD, {"json": outcome})
                self._file.finish()
            self._file.flush()
        except OSError as error:
            self.error = self._failed(error)

    def _failed(self, error: OSError) -> WorkbenchError:
        return WorkbenchError("recording.write_failed", path=str(self.path), reason=error.strerror or str(error))
