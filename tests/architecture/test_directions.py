"""The import directions of pyproject.toml hold, and each contract is broken once to see that it can be."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

#: Modules without which the layers are not complete.
NEEDED = (
    "workbench/session.py",
    *(f"workbench/{n}.py" for n in ("comparison", "errors", "i18n", "plan", "resources", "settings", "telemetry")),
    *(f"sim/{n}.py" for n in ("cell", "control", "errors", "geometry", "motion", "preflight", "recording", "robot", "scene")),
    *(f"sim/{n}.py" for n in ("shapes", "snapshot", "timeseries", "transforms")),
)
#: Contract -> a module and the import that breaks it.
VIOLATIONS = {
    "workbench-layers": ("workbench/plan.py", "import workbench.session"),
    "whole-layers": ("sim/control.py", "import workbench.errors"),
    "sim-layers": ("sim/robot.py", "import sim.scene"),
    "qt-in-ui": ("workbench/session.py", "import PySide6.QtCore"),
    "mujoco-in-sim": ("workbench/telemetry.py", "import mujoco"),
    "plugins-through-api": ("plugins/robot.py", "import workbench.session"),
}


def contracts(repository: Path) -> dict[str, str]:
    """Id -> name of every contract."""
    data = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    return {c["id"]: c["name"] for c in data["tool"]["importlinter"]["contracts"]}


def lint(folder: Path) -> str:
    """What import-linter says of the packages in a folder."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)
    return done.stdout + done.stderr


@pytest.fixture
def small_house(tmp_path: Path, repository: Path) -> Path:
    """Packages with the modules that the contracts name, empty, under the project's own contracts."""
    (tmp_path / "pyproject.toml").write_bytes((repository / "pyproject.toml").read_bytes())
    for package in ("sim", "workbench", "plugins"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    for module in NEEDED:
        (tmp_path / module).touch()
    return tmp_path


def test_the_directions_hold(repository: Path) -> None:
    said = lint(repository)
    assert [f"{name} KEPT" for name in contracts(repository).values() if f"{name} KEPT" not in said] == [], said


def test_a_house_that_keeps_them_passes(small_house: Path, repository: Path) -> None:
    said = lint(small_house)
    assert all(f"{name} KEPT" in said for name in contracts(repository).values()), said


def test_every_contract_can_be_broken(small_house: Path, repository: Path) -> None:
    assert set(VIOLATIONS) == set(contracts(repository))
    for module, line in VIOLATIONS.values():
        with (small_house / module).open("a") as file:
            file.write(line + "\n")
    said = lint(small_house)
    assert all(f"{name} BROKEN" in said for name in contracts(repository).values()), said
