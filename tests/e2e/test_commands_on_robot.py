"""``robot serve`` and ``run`` as a user types them: two processes and a socket between them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.cli.main import main
from workbench.cli.output import FAULT, SUCCESS

pytestmark = pytest.mark.slow

PLAN = {
    "schema": "humanoid-workbench/plan/1",
    "name": "wait",
    "limits": {},
    "steps": [{"id": "wait-1", "skill": "wait", "track": "io", "start": 0.0, "duration": 0.5, "parameters": {"duration": 0.5}}],
    "markers": [],
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose robot stands for a moment."""
    folder = tmp_path / "project"
    folder.mkdir()
    head = {"schema": "humanoid-workbench/project/1", "name": "wait", "robot": "h140", "cell": "hub_cell"}
    (folder / "plan.json").write_text(json.dumps(PLAN), encoding="utf-8")
    (folder / "project.json").write_text(json.dumps(head), encoding="utf-8")
    return folder


@pytest.fixture
def server(project: Path, repository: Path) -> Iterator[subprocess.Popen[str]]:
    """A served reference robot."""
    command = [
        sys.executable,
        "-m",
        "workbench",
        "robot",
        "serve",
        "--project",
        str(project),
        "--port",
        "0",
        "--seed",
        "3",
        "--json",
    ]
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell starts what runs in its background
    try:
        started = subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    finally:
        signal.signal(signal.SIGINT, before)
    with started as process:
        yield process
        process.kill()


def test_a_project_runs_on_a_served_robot(
    server: subprocess.Popen[str], project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert server.stdout is not None
    address = json.loads(server.stdout.readline())["address"]
    file = tmp_path / "run.mcap"
    assert main(["run", str(project), "--on", address, "--out", str(file), "--json"]) == SUCCESS
    found = json.loads(capsys.readouterr().out)
    assert found["success"] is True
    assert [s["id"] for s in found["steps"]] == ["wait-1"]
    assert found["comparison"]["joints"]
    assert main(["compare", str(file), "--json"]) == SUCCESS
    if sys.platform != "win32":
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == SUCCESS


def test_nobody_at_the_address_is_a_clear_fault(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "run.mcap"
    assert main(["--lang", "en", "run", str(project), "--on", "ws://127.0.0.1:9", "--out", str(file), "--json"]) == FAULT
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"].startswith("robot.")
    assert not file.exists()
