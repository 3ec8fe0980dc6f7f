"""Exported bundles: canonical and checked; anything changed, oversized or with a strange path is refused."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path

import pytest

from sim.preflight.verified import from_data
from workbench.errors import WorkbenchError
from workbench.export import bundle
from workbench.export.bundle import MANIFEST, read_bundle, write_bundle
from workbench.jobs import JobPool
from workbench.operations import export_ops, plan_ops, project_ops, simulate_ops

ENTRIES = {"plan.json": b"{}", "evidence/report.json": b"[1]"}
ABOUT = {"name": "test", "verdict": "pass"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_bundle(tmp_path / "b.zip", ABOUT, ENTRIES)
    return tmp_path / "b.zip"


def rewritten(file: Path, changes: dict[str, bytes | None], kind: int = stat.S_IFREG) -> Path:
    """The bundle with entries changed, added or taken out."""
    out = file.with_name("changed.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            if info.filename not in changes:
                new.writestr(info, old.read(info))
        for name, data in changes.items():
            if data is not None:
                info = zipfile.ZipInfo(name)
                info.external_attr = (kind | 0o644) << 16
                new.writestr(info, data)
    return out


def refusal(file: Path) -> str:
    with pytest.raises(WorkbenchError) as refused:
        read_bundle(file)
    return refused.value.code


def test_what_was_written_reads_back_and_is_the_same_every_time(file: Path) -> None:
    found = read_bundle(file)
    assert found.entries == ENTRIES
    assert found.about["name"] == "test"
    again = file.with_name("again.zip")
    assert write_bundle(again, ABOUT, dict(reversed(ENTRIES.items()))) == write_bundle(file, ABOUT, ENTRIES)
    assert again.read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"plan.json": b"{ }"}, "export.hash"),
        ({"plan.json": None}, "export.missing"),
        ({"more.txt": b"x"}, "export.hash"),
        ({MANIFEST: None}, "export.missing"),
        ({MANIFEST: b"{"}, "export.not_a_bundle"),
        ({MANIFEST: b'{"schema": "humanoid-workbench/bundle/9"}'}, "export.not_a_bundle"),
        ({"../evil": b"x"}, "export.unsafe_path"),
        ({"/etc/evil": b"x"}, "export.unsafe_path"),
        ({"a//b": b"x"}, "export.unsafe_path"),
        ({"C:evil": b"x"}, "export.unsafe_path"),
        ({"PLAN.json": b"{}"}, "export.duplicate"),
    ],
)
def test_a_changed_bundle_is_refused(file: Path, changes: dict[str, bytes | None], code: str) -> None:
    assert refusal(rewritten(file, changes)) == code


def test_a_link_in_a_bundle_is_refused(file: Path) -> None:
    assert refusal(rewritten(file, {"link": b"/etc/passwd"}, stat.S_IFLNK)) == "export.unsafe_path"


def test_limits_of_size_and_count(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MAX_ENTRY_BYTES", 100)
    assert refusal(rewritten(file, {"bomb": b"0" * 10_000})) == "export.too_large"
    monkeypatch.setattr(bundle, "MAX_ENTRIES", 2)
    assert refusal(file) == "export.too_large"


def test_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"hello")
    assert refusal(tmp_path / "x.zip") == "export.not_a_bundle"
    assert refusal(tmp_path / "none.zip") == "export.not_a_bundle"


@pytest.mark.slow
def test_an_exported_project_carries_its_evidence(tmp_path: Path) -> None:
    session = project_ops.new_project("short")
    plan_ops.add_step(session, "wait", 0.0, {"duration": 0.2})
    project_ops.save_as(session, tmp_path / "p")
    before = export_ops.export_project(session, tmp_path / "before.zip")
    assert (before.verdict, before.released) == ("not_assessed", False)

    session, _ = simulate_ops.simulate_project(tmp_path / "p", seed=2)
    result = export_ops.export_project(session, tmp_path / "b.zip")
    assert result.released
    found = read_bundle(tmp_path / "b.zip")
    assert set(found.entries) == set(result.entries)
    released = from_data(found.json(export_ops.RELEASE))
    assert released.motion.robot_hash == session.robot.content_hash
    assert found.json(export_ops.LOCK)["robot"]["files"]["profile.toml"]
    assert json.loads(found.entries[export_ops.MOTION])["robot_id"] == "h140"
    assert export_ops.RECORDING in found.entries

    pool, done = JobPool(1), []
    try:
        pool.wait(export_ops.export_in_background(session, tmp_path / "c.zip", pool, done.append), 60.0)
    finally:
        pool.close()
    assert done[0].content_hash == result.content_hash
