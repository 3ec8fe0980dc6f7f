"""The settings as the window uses them: read once, written whenever one changes."""

from __future__ import annotations

from collections import UserDict
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.settings import Settings, load_settings, save_settings
from workbench.ui.layouts import Sizes


class StoredViews(UserDict[str, Any]):
    """Camera views by cell; each change is written."""

    def __init__(self, store: SettingsStore) -> None:
        self._store: SettingsStore | None = None
        super().__init__(store.settings.views)
        self._store = store

    def __setitem__(self, cell: str, views: Any) -> None:
        super().__setitem__(cell, views)
        if self._store is not None:
            self._store.change(views=dict(self.data))


class SettingsStore:
    """Holds the settings and writes each change.

    Args:
        path: another file than the user's (tests).
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.settings: Settings = load_settings(path)
        self._written = self.settings

    def change(self, **values: Any) -> None:
        """Take over values and write. A folder that cannot be written costs the memory, not the work."""
        self.take(replace(self.settings, **values))

    def take(self, settings: Settings) -> None:
        """Take over settings as a whole and write."""
        self.settings = settings
        try:
            save_settings(settings, self._path)
            self._written = settings
        except OSError:
            return

    def layout(self, key: str) -> Sizes | None:
        """Splitter sizes stored under a key; None where they are missing or not sizes."""
        found = self.settings.layouts.get(key)
        if not isinstance(found, dict):
            return None
        good = all(isinstance(v, list) and all(isinstance(s, int) for s in v) for v in found.values())
        return dict(found) if good else None

    def remember_layout(self, key: str, sizes: Sizes | None) -> None:
        """Store or forget splitter sizes. Not written here: a drag changes them many times; ``flush`` writes."""
        layouts = {k: v for k, v in self.settings.layouts.items() if k != key}
        if sizes is not None:
            layouts[key] = sizes
        self.settings = replace(self.settings, layouts=layouts)

    def flush(self) -> None:
        """Write now what was only remembered; waiting for the disk is felt, so nothing is written twice."""
        if self.settings != self._written:
            self.take(self.settings)
