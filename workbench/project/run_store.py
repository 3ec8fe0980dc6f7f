"""Keeps a project's last simulation beside its plan. Written on a thread: it is megabytes, and saving the plan must not wait for it."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from sim.recording import Recording
from workbench.telemetry.mcap_file import write_recording


class RunStore:
    """Writes runs, each once for each place. A run that is cut short by a crash leaves the older file as it was."""

    def __init__(self) -> None:
        self._writer: ThreadPoolExecutor | None = None
        self._pending: Future[None] | None = None
        self._kept: tuple[Recording, Path] | None = None

    def keep(self, recording: Recording, file: Path) -> None:
        """Begin to write a run, unless this very run lies there already."""
        if self._kept is not None and self._kept[0] is recording and self._kept[1] == file and file.is_file():
            return
        if self._writer is None:
            self._writer = ThreadPoolExecutor(1, thread_name_prefix="run-store")
        self._kept = (recording, file)
        self._pending = self._writer.submit(write_recording, recording, file)

    def loaded(self, recording: Recording, file: Path) -> None:
        """The run was read from there, so it need not be written."""
        self._kept = (recording, file)

    def check(self) -> None:
        """Raise what went wrong with the last writing, once."""
        if self._pending is not None and self._pending.done():
            self.flush()

    def flush(self) -> None:
        """Wait until the last run is on the disk; WorkbenchError ``recording.write_failed`` if it is not."""
        pending, self._pending = self._pending, None
        if pending is not None:
            try:
                pending.result()
            except Exception:
                self._kept = None
                raise

    def close(self) -> None:
        """Finish writing."""
        if self._writer is not None:
            self._writer.shutdown(wait=True)
            self._writer = None
