"""An exported project: a zip with a canonical manifest of checksums, the same bytes for the same content.

Whoever reads one need not trust it: paths, sizes, counts and checksums are checked before anything is used, and nothing is unpacked
onto the disk.
"""

from __future__ import annotations

import hashlib
import json
import stat
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from workbench.errors import WorkbenchError

SCHEMA = "humanoid-workbench/bundle/1"
MANIFEST = "manifest.json"
MAX_ENTRIES = 1_000
MAX_ENTRY_BYTES = 500_000_000
MAX_TOTAL_BYTES = 1_000_000_000
_EPOCH = (1980, 1, 1, 0, 0, 0)
_FORBIDDEN = set('<>:"|?*\\') | {chr(c) for c in range(32)}


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a bundle holds: ``about`` (the manifest without the checksums) and the checked bytes by path."""

    about: Mapping[str, Any]
    entries: Mapping[str, bytes]

    def json(self, path: str) -> Any:
        """An entry's JSON; ``export.missing`` or ``export.not_a_bundle`` where there is none."""
        if path not in self.entries:
            raise WorkbenchError("export.missing", path="", entry=path)
        return json.loads(self.entries[path].decode("utf-8"))


def canonical_json(data: object) -> bytes:
    """JSON with sorted keys, no spaces to choose, and a newline at the end."""
    return (json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False) + "\n").encode()


def bundle_bytes(about: Mapping[str, Any], entries: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    """The files of a bundle in order: the manifest with size and SHA-256 of every entry, then the entries."""
    for path in entries:
        if path == MANIFEST or not _safe(path):
            raise WorkbenchError("export.unsafe_path", path="", entry=path)
    listed = {path: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for path, data in entries.items()}
    manifest = canonical_json({**about, "schema": SCHEMA, "entries": listed})
    return [(MANIFEST, manifest), *sorted(entries.items())]


def write_bundle(path: Path, about: Mapping[str, Any], entries: Mapping[str, bytes]) -> str:
    """Write a bundle whole or not at all; the SHA-256 of its manifest, which names its content.

    Raises:
        WorkbenchError: ``export.not_written`` or ``export.unsafe_path``.
    """
    files = bundle_bytes(about, entries)
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files:
                info = zipfile.ZipInfo(name, _EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = (stat.S_IFREG | 0o644) << 16
                archive.writestr(info, data)
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):  # where the folder is none, there is nothing to take away
            partial.unlink()
        raise WorkbenchError("export.not_written", path=str(path), reason=error.strerror or str(error)) from error
    return hashlib.sha256(files[0][1]).hexdigest()


def read_bundle(path: Path) -> Bundle:
    """Read and check a bundle; nothing of it is written anywhere.

    Raises:
        WorkbenchError: ``export.not_a_bundle``, ``export.unsafe_path``, ``export.duplicate``, ``export.too_large``,
            ``export.missing`` or ``export.hash`` with the entry at fault.
    """
    where = str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            data = _read_entries(archive, where)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise WorkbenchError("export.not_a_bundle", path=where, reason=str(error)) from error
    if MANIFEST not in data:
        raise WorkbenchError("export.missing", path=where, entry=MANIFEST)
    manifest = _manifest(data.pop(MANIFEST), where)
    listed = manifest.pop("entries")
    for name in sorted(listed.keys() | data.keys()):
        if name not in data:
            raise WorkbenchError("export.missing", path=where, entry=name)
        wanted = listed.get(name)
        found = {"sha256": hashlib.sha256(data[name]).hexdigest(), "size": len(data[name])}
        if wanted != found:
            raise WorkbenchError("export.hash", path=where, entry=name)
    return Bundle(manifest, data)


def _read_entries(archive: zipfile.ZipFile, where: str) -> dict[str, bytes]:
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES:
        raise WorkbenchError("export.too_large", path=where, entry=f"{len(infos)} entries", size=len(infos), limit=MAX_ENTRIES)
    seen: set[str] = set()
    total = 0
    out: dict[str, bytes] = {}
    for info in infos:
        # Names that differ in case alone are one file on Windows and macOS.
        key = info.filename.casefold()
        if key in seen:
            raise WorkbenchError("export.duplicate", path=where, entry=info.filename)
        seen.add(key)
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir() or not _safe(info.filename) or kind not in (0, stat.S_IFREG):
            raise WorkbenchError("export.unsafe_path", path=where, entry=info.filename)
        allowed = min(MAX_ENTRY_BYTES, MAX_TOTAL_BYTES - total)
        if info.file_size > allowed:
            raise WorkbenchError("export.too_large", path=where, entry=info.filename, size=info.file_size, limit=allowed)
        with archive.open(info) as stream:
            # The size in the directory may lie; what is read is what counts.
            data = stream.read(info.file_size + 1)
        if len(data) != info.file_size:
            raise WorkbenchError("export.too_large", path=where, entry=info.filename, size=len(data), limit=info.file_size)
        total += len(data)
        out[info.filename] = data
    return out


def _manifest(raw: bytes, where: str) -> dict[str, Any]:
    try:
        manifest = json.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise WorkbenchError("export.not_a_bundle", path=where, reason=f"{MANIFEST}: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        found = manifest.get("schema") if isinstance(manifest, dict) else "?"
        raise WorkbenchError("export.not_a_bundle", path=where, reason=f"schema {found}; supported {SCHEMA}")
    if not isinstance(manifest.get("entries"), dict):
        raise WorkbenchError("export.not_a_bundle", path=where, reason=f"{MANIFEST}: no entries")
    return manifest


def _safe(name: str) -> bool:
    """A plain relative path with forward slashes that means the same on every system."""
    if not name or len(name) > 240 or set(name) & _FORBIDDEN:
        return False
    path = PurePosixPath(name)
    return not path.is_absolute() and str(path) == name and not {"..", "."} & set(path.parts)
