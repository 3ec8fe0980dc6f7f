"""The commands end to end on small inputs: what they print, write and return."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mcap.reader import make_reader

from workbench.cli.display import has_display
from workbench.cli.main import main
from workbench.cli.output import FAULT, NO_SUCCESS, SUCCESS

STEP = {"id": "wait-1", "skill": "wait", "track": "io", "start": 0.0, "duration": 0.4, "parameters": {"duration": 0.4}}


def make_project(folder: Path, steps: list[dict[str, Any]], version: int = 1) -> Path:
    """A project for the shipped robot and cell."""
    folder.mkdir()
    plan = {"schema": f"humanoid-workbench/plan/{version}", "name": "small", "limits": {}, "steps": steps, "markers": []}
    head = {"schema": "humanoid-workbench/project/1", "name": "small", "robot": "h140", "cell": "hub_cell"}
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    (folder / "project.json").write_text(json.dumps(head), encoding="utf-8")
    return folder


@pytest.fixture
def waiting(tmp_path: Path) -> Path:
    """A project whose robot stands for a moment."""
    return make_project(tmp_path / "waiting", [STEP])


@pytest.fixture
def lost(tmp_path: Path) -> Path:
    """A project that names a station that is not there."""
    step = {"id": "walk-1", "skill": "walk", "track": "legs", "start": 0.0, "duration": 3.0, "parameters": {"station": "moon"}}
    return make_project(tmp_path / "lost", [step])


def call(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict[str, Any], str]:
    """Exit code, the one object on standard output, and standard error."""
    code = main(["--lang", "en", *map(str, words), "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out), said.err


def test_simulate_tells_all_and_writes_a_recording(waiting: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "run.mcap"
    code, data, beside = call(capsys, "simulate", waiting, "--seed", 3, "--out", file)
    assert code == SUCCESS
    assert data["success"] is True
    assert {"cycle_time_s", "real_time_factor", "falls", "placements", "findings"} <= data.keys()
    assert data["falls"] == 0
    assert data["steps"][0].items() >= {"id": "wait-1", "skill": "wait", "success": True}.items()
    assert 0.35 < data["steps"][0]["end_s"] - data["steps"][0]["start_s"] < 0.5
    assert all(f.keys() >= {"code", "severity", "step", "time_s", "measured", "limit"} for f in data["findings"])
    assert "100 %" in beside
    with file.open("rb") as stream:
        topics = {c.topic for c in make_reader(stream).get_summary().channels.values()}  # type: ignore[union-attr]
    assert any("joint" in topic for topic in topics)


def test_the_same_seed_gives_the_same_run(waiting: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (call(capsys, "simulate", waiting, "--seed", 5)[1] for _ in range(2))
    assert {**first, "real_time_factor": 0} == {**second, "real_time_factor": 0}


def test_a_plan_with_faults_is_no_success_and_says_where(lost: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("simulate", "preflight"):
        code, data, _ = call(capsys, command, lost)
        assert code == NO_SUCCESS
        assert any(f["step"] == "walk-1" and f["severity"] == "fail" for f in data["findings"])
    assert data["verdict"] == "fail"


def test_a_newer_project_is_refused_and_untouched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = make_project(tmp_path / "newer", [STEP], version=99)
    before = {f.name: f.read_bytes() for f in project.iterdir()}
    code, data, _ = call(capsys, "simulate", project)
    assert code == FAULT
    assert data["error"]["code"] == "plan.schema_newer"
    assert "99" in data["error"]["message"]
    assert {f.name: f.read_bytes() for f in project.iterdir()} == before


def test_an_unknown_robot_is_named_with_the_known_ones(waiting: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, data, _ = call(capsys, "preflight", waiting, "--robot", "tin_man")
    assert code == FAULT
    assert "tin_man" in data["error"]["message"]
    assert "h140" in data["error"]["message"]


def test_people_get_lines_in_their_language(lost: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "ko", "preflight", str(lost)]) == NO_SUCCESS
    said = capsys.readouterr().out
    assert said.startswith("사전 점검 판정: 불합격")
    assert "{" not in said
    assert "[" not in said


def test_import_then_compare_finds_the_delay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    t = np.arange(0.0, 12.0, 0.01)
    wanted = 0.4 * np.sin(2.0 * t) + 0.2 * np.sin(5.1 * t)
    reached = np.interp(t - 0.15, t, wanted)
    log, file = tmp_path / "log.npz", tmp_path / "log.mcap"
    np.savez(log, time=t, dof_pos=reached[:, None], des_dof_pos=wanted[:, None])
    code, data, _ = call(capsys, "import", log, "--out", file)
    assert code == SUCCESS
    assert data.keys() >= {"channels", "duration_s", "problems"}
    assert data["duration_s"] == pytest.approx(t[-1], abs=0.02)
    code, data, _ = call(capsys, "compare", file)
    assert code == SUCCESS
    joint = data["joints"][0]
    assert joint.keys() >= {"name", "bias", "rmse", "rmse_without_lag", "p95", "lag_s", "correlation", "is_static"}
    assert joint["lag_s"] == pytest.approx(0.15, abs=0.01)
    assert joint["rmse_without_lag"] < 0.2 * joint["rmse"]
    assert main(["--lang", "ko", "compare", str(file)]) == SUCCESS
    assert "지연" in capsys.readouterr().out


def test_export_writes_the_plan_with_its_evidence(waiting: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "small.bundle"
    code, data, _ = call(capsys, "export", waiting, "--out", file)
    assert code == SUCCESS
    assert data["released"] is (data["verdict"] in ("pass", "marginal"))
    assert {"plan.json", "evidence/report.json"} <= set(data["entries"])
    assert file.stat().st_size > 1000


def test_without_a_display_open_leaves_recording_and_pictures(
    waiting: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    code, data, _ = call(capsys, "open", waiting, "--out", tmp_path / "out")
    assert code == SUCCESS
    assert Path(data["recording"]).parent == tmp_path / "out" / "waiting"
    assert Path(data["recording"]).stat().st_size > 1000
    assert [Path(p).read_bytes()[:8] for p in data["pictures"]] == [b"\x89PNG\r\n\x1a\n"]


@pytest.fixture
def served() -> Iterator[tuple[str, int]]:
    """Something that listens, as a screen elsewhere does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield "127.0.0.1", server.getsockname()[1]


def test_a_display_is_one_that_answers(served: tuple[str, int], tmp_path: Path) -> None:
    host, port = served
    assert has_display({}, "win32")
    assert not has_display({}, "linux")
    assert not has_display({"DISPLAY": ":4711"}, "linux")
    assert not has_display({"DISPLAY": "nonsense"}, "linux")
    assert not has_display({"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)}, "linux")
    assert not has_display({"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0"}, "linux")
    if port >= 6000:
        assert has_display({"DISPLAY": f"{host}:{port - 6000}"}, "linux")
