"""What every test stands on: settings of its own, no display of the user's, words of a known language."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples every time, and no clock in them: machines are slow in different ways.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")
os.environ.setdefault("QT_API", "pyside6")


@pytest.fixture(autouse=True)
def _own_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's settings."""
    monkeypatch.setenv("HUMANOID_WORKBENCH_CONFIG", str(tmp_path_factory.mktemp("config")))


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root of the checkout."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real recordings and robots beside the checkout; the test is skipped where it is absent."""
    folder = Path(os.environ.get("HUMANOID_WORKBENCH_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no folder of real recordings at {folder}")
    return folder
