"""The wheel holds what the program needs and nothing else, and starts from a clean environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

#: A project small enough to be run in a moment, with the shipped robot and cell.
PLAN = {
    "schema": "humanoid-workbench/plan/1",
    "name": "wait",
    "limits": {},
    "steps": [{"id": "wait-1", "skill": "wait", "track": "io", "start": 0.0, "duration": 0.5, "parameters": {"duration": 0.5}}],
    "markers": [],
}
PROJECT = {"schema": "humanoid-workbench/project/1", "name": "wait", "robot": "h140", "cell": "hub_cell"}


def run(command: list[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run without anything of this checkout on the path."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment["HUMANOID_WORKBENCH_CONFIG"] = str(folder / "config")
    return subprocess.run(
        [str(c) for c in command], cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """The built wheel."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(repository)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=out, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the commands of a clean environment with the wheel; the other packages are lent from this one."""
    home = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(home, with_pip=False)
    commands = home / ("Scripts" if os.name == "nt" else "bin")
    python = commands / ("python.exe" if os.name == "nt" else "python")
    base = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python), "install", "--quiet"]
    done = subprocess.run([*base, "--no-deps", "--no-index", str(wheel)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    packages = run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], home).stdout.strip()
    # A plain path: what makes this checkout importable here (its own .pth) is not read from there.
    (Path(packages) / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return commands


def test_the_wheel_holds_packages_and_resources_alone(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {t for t in tops if not t.endswith(".dist-info")} == {"workbench", "sim", "plugins"}
    for needed in ("i18n/ko/cli.toml", "robots/h140/h140.xml", "cells/hub_cell/cell.toml", "projects/part_transfer/plan.json"):
        assert f"workbench/_resources/{needed}" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert [n for n in names if n.endswith(".pyc")] == []


def test_it_starts_from_a_clean_environment(installed: Path, tmp_path: Path) -> None:
    said = run([installed / "humanoid-workbench", "--version"], tmp_path)
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("humanoid-workbench 0.")
    where = run([installed / "python", "-c", "import workbench, sim; print(workbench.__file__, sim.__file__)"], tmp_path).stdout
    assert all(str(installed.parent.resolve()) in str(Path(path).resolve()) for path in where.split())
    for absent in ("tests", "packaging.setup_environment"):
        assert run([installed / "python", "-c", f"import {absent}"], tmp_path).returncode != 0


def test_it_finds_its_resources(installed: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "plan.json").write_text(json.dumps(PLAN), encoding="utf-8")
    (project / "project.json").write_text(json.dumps(PROJECT), encoding="utf-8")
    done = run([installed / "humanoid-workbench", "--lang", "ko", "simulate", project, "--json"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["success"] is True
    assert "시뮬레이션" in done.stderr
