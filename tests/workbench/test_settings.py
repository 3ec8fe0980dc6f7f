"""Settings survive closing, newer versions and broken files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.settings import Settings, load_settings, save_settings, settings_path


def test_saved_settings_come_back(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "settings.json"
    settings = Settings(language="ko", theme="light", scale_percent=150, layouts={"author": {"main": [1, 2]}}).with_recent(
        tmp_path
    )
    save_settings(settings, file)
    assert load_settings(file) == settings


def test_there_are_defaults_without_a_file(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "settings.json") == Settings()


@pytest.mark.parametrize("content", ["{", "[1, 2]", "null", "", '"x"'])
def test_a_broken_file_is_set_aside(tmp_path: Path, content: str) -> None:
    file = tmp_path / "settings.json"
    file.write_text(content)
    assert load_settings(file) == Settings()
    assert not file.exists()
    assert (tmp_path / "settings.broken").read_text() == content


def test_unknown_and_wrong_values_do_not_cost_the_others(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"language": "ko", "theme": 7, "from_the_future": [1]}))
    assert load_settings(file) == Settings(language="ko")


def test_recent_projects_are_few_and_newest_first(tmp_path: Path) -> None:
    settings = Settings()
    for i in (*range(15), 3):
        settings = settings.with_recent(tmp_path / str(i))
    assert len(settings.recent) == 10
    assert settings.recent[0] == str(tmp_path / "3")
    assert len(set(settings.recent)) == 10


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    save_settings(Settings(), tmp_path / "settings.json")
    assert [f.name for f in tmp_path.iterdir()] == ["settings.json"]


def test_the_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUMANOID_WORKBENCH_CONFIG", str(tmp_path))
    assert settings_path() == tmp_path / "settings.json"
