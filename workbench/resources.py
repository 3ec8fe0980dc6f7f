"""Where the shipped data lies: beside the packages in a checkout, inside the package in a wheel."""

from __future__ import annotations

from pathlib import Path


def resource_root() -> Path:
    """The folder of shipped data."""
    package = Path(__file__).resolve().parent
    shipped = package / "_resources"
    return shipped if shipped.is_dir() else package.parent / "resources"


def resource(*parts: str) -> Path:
    """Path of a shipped file or folder, e.g. ``resource("robots", "h140")``."""
    return resource_root().joinpath(*parts)
