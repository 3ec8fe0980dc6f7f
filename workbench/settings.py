"""The user's settings: a small JSON under the platform's configuration folder. A broken file is set aside, never lost."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

_RECENT_LIMIT = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user chose. ``layouts``: splitter sizes by mode; ``views``: saved cameras by cell; empty language: the system's."""

    language: str = ""
    theme: str = "dark"
    scale_percent: int = 100
    density: str = "auto"
    reduced_motion: bool = False
    recent: tuple[str, ...] = ()
    layouts: dict[str, Any] = field(default_factory=dict)
    views: dict[str, Any] = field(default_factory=dict)
    first_start: bool = True

    def with_recent(self, project: Path) -> Settings:
        """The same with ``project`` as the newest recent one."""
        path = str(project)
        return replace(self, recent=(path, *(p for p in self.recent if p != path))[:_RECENT_LIMIT])


def settings_path() -> Path:
    """Where the settings lie; ``HUMANOID_WORKBENCH_CONFIG`` names another folder (tests, several installations)."""
    folder = os.environ.get("HUMANOID_WORKBENCH_CONFIG") or platformdirs.user_config_dir("humanoid-workbench", appauthor=False)
    return Path(folder) / "settings.json"


def robots_folder() -> Path:
    """Where robots that the user added lie, one folder each."""
    folder = os.environ.get("HUMANOID_WORKBENCH_CONFIG") or platformdirs.user_data_dir("humanoid-workbench", appauthor=False)
    return Path(folder) / "robots"


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings; the defaults where there are none. A file that cannot be read is renamed to ``.broken``."""
    file = path or settings_path()
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        return _from_data(data)
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError, TypeError, AttributeError):
        try:
            file.replace(file.with_suffix(".broken"))
        except OSError:
            return Settings()
        return Settings()


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write the settings whole or not at all."""
    file = path or settings_path()
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=".tmp")
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(asdict(settings), out, indent=2, ensure_ascii=False)
    os.replace(name, file)


def _from_data(data: dict[str, Any]) -> Settings:
    """Known fields of the right type; anything else keeps its default, so an older or newer file still opens."""
    default = Settings()
    known: dict[str, Any] = {}
    for entry in fields(Settings):
        value = data.get(entry.name)
        if entry.name == "recent" and isinstance(value, list):
            value = tuple(str(v) for v in value)
        if isinstance(value, type(getattr(default, entry.name))):
            known[entry.name] = value
    return Settings(**known)
