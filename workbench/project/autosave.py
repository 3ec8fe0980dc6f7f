"""Autosave and recovery: changes are on the disk within seconds, beside the saved version and never over it.

No locks and no clocks decide: an autosave remembers which saved version it was made on top of. If that is still what the disk holds
and the content differs, the program ended before saving, and the newer version is offered.
"""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.plan.model import Plan
from workbench.plan.schema import parse_json, plan_from_text, plan_to_text, upgrade
from workbench.project.project import PLAN_FILE
from workbench.project.storage import read_text, write_atomically

SCHEMA_NAME = "humanoid-workbench/autosave"
SCHEMA_VERSION = 1
FOLDER = ".autosave"
#: Seconds from a change until it is written at the latest. With the writing itself this stays below the promised 30 s.
PERIOD = 10.0


@dataclass(frozen=True, slots=True)
class Recovery:
    """An autosaved version newer than the saved one. ``disk_changed``: the saved version was replaced in the meantime."""

    plan: Plan
    file: Path
    disk_changed: bool = False


class Autosave:
    """Writes the plan of one project aside.

    Args:
        saved_folder: the project's folder, None for a project that has none yet.
        folder: where the autosave goes.
        period: s from a change to its writing.
    """

    def __init__(self, saved_folder: Path | None, folder: Path, period: float = PERIOD) -> None:
        self.file = folder / PLAN_FILE
        self._saved_folder = saved_folder
        self._period = period
        self._written: Plan | None = None
        self._changed_at: float | None = None
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="autosave")
        self._pending: Future[None] | None = None

    def tick(self, plan: Plan, modified: bool, now: float) -> bool:
        """Call often; writes on a thread when changes are due. True when it began to write.

        Raises:
            WorkbenchError: ``project.not_saved`` when the last writing failed (once; it is tried again).
        """
        if self._pending is not None and self._pending.done():
            pending, self._pending = self._pending, None
            if pending.exception() is not None:
                self._written = None
                pending.result()
        if not modified or plan is self._written:
            self._changed_at = None
            return False
        if self._changed_at is None:
            self._changed_at = now
        if now - self._changed_at < self._period or self._pending is not None:
            return False
        self._changed_at = None
        self._written = plan
        self._pending = self._writer.submit(write_autosave, self.file, self._saved_folder, plan)
        return True

    def flush(self) -> None:
        """Wait until what is being written is on the disk."""
        if self._pending is not None:
            pending, self._pending = self._pending, None
            pending.result()

    def discard(self) -> None:
        """The plan is saved (or given up): what lies aside is of no use any more."""
        with suppress(WorkbenchError):
            self.flush()
        with suppress(OSError):
            self.file.unlink()
        self._changed_at, self._written = None, None

    def close(self) -> None:
        """Finish writing. What was autosaved stays, so that unsaved work outlives the program."""
        self._writer.shutdown(wait=True)


def write_autosave(file: Path, saved_folder: Path | None, plan: Plan) -> None:
    """Put a version aside, with the hash of the saved version it builds on."""
    head = {"schema": f"{SCHEMA_NAME}/{SCHEMA_VERSION}", "base": _saved_hash(saved_folder), "plan": plan_to_text(plan)}
    write_atomically(file, (json.dumps(head, ensure_ascii=False) + "\n").encode())


def find_recovery(saved_folder: Path | None, folder: Path) -> Recovery | None:
    """The autosaved version if it is newer than the saved one. A damaged autosave counts as none."""
    file = folder / PLAN_FILE
    if not file.is_file():
        return None
    try:
        data = upgrade(parse_json(read_text(file), str(file)), SCHEMA_NAME, SCHEMA_VERSION, {}, str(file))
        text = str(data.get("plan", ""))
        plan = plan_from_text(text, str(file))
    except WorkbenchError:
        return None
    saved = saved_folder / PLAN_FILE if saved_folder is not None else None
    if saved is None or not saved.is_file():
        return Recovery(plan, file)
    if saved.read_bytes() == text.encode():
        return None
    if data.get("base") == _saved_hash(saved_folder):
        return Recovery(plan, file)
    # Saved after this was put aside, and only the tidying up was cut short; unless the aside one is the younger file.
    if file.stat().st_mtime_ns > saved.stat().st_mtime_ns:
        return Recovery(plan, file, disk_changed=True)
    return None


def _saved_hash(saved_folder: Path | None) -> str:
    file = saved_folder / PLAN_FILE if saved_folder is not None else None
    return hashlib.sha256(file.read_bytes()).hexdigest() if file is not None and file.is_file() else ""
