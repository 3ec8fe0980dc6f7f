"""Files that are whole or not there: written beside, flushed to the disk, then put in place."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from workbench.errors import WorkbenchError


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file. After a crash at any moment the path holds the old or the new content, never a mixture.

    Raises:
        WorkbenchError: ``project.not_saved``; the old content is as it was.
    """
    # A name of this process: two programs that save at once never share a temporary file.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise WorkbenchError("project.not_saved", path=str(path), reason=error.strerror or str(error)) from error


def read_text(path: Path) -> str:
    """A UTF-8 file's text; WorkbenchError ``project.unreadable`` says why not."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WorkbenchError("project.unreadable", path=str(path), reason=str(error)) from error


def _flush_folder(folder: Path) -> None:
    """Make the renaming itself survive a power cut. Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
