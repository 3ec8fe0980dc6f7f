"""``robot add`` from the command line: a folder among the user's robots, a report, and clear words where it cannot be done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.cli.main import main
from workbench.project.project import find_robot
from workbench.settings import robots_folder

MODEL = Path(__file__).parents[3] / "resources" / "robots" / "h140" / "h140.xml"


def call(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict[str, object]]:
    capsys.readouterr()
    code = main(["robot", "add", *(str(w) for w in words), "--json", "--lang", "en"])
    return code, json.loads(capsys.readouterr().out)


def test_an_added_robot_lies_among_the_users_and_is_found_by_its_id(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    answers = tmp_path / "answers.toml"
    answers.write_text('name = "Bolt"\npayload = 4.5\n', encoding="utf-8")
    words = (MODEL, "--name", "bolt", "--answers", answers, "--no-test", "--no-pictures")
    code, data = call(capsys, *words)
    assert code == 0 and data["robot"] == "bolt"
    assert Path(str(data["folder"])) == robots_folder() / "bolt"
    robot = find_robot("bolt", tmp_path)
    assert robot.profile.payload == 4.5
    assert robot.profile.name["en"] == "Bolt"
    assert json.loads((robots_folder() / "bolt" / "report.json").read_text(encoding="utf-8")) == data
    code, data = call(capsys, *words)
    assert code == 3 and data["error"]["code"] == "robot_add.exists"  # type: ignore[index]
    assert call(capsys, *words, "--replace")[0] == 0


@pytest.mark.parametrize(
    ("text", "code"), [("speed = 3", "answer_unknown"), ("payload = -2", "answer_wrong"), ("payload =", "answers_unreadable")]
)
def test_answers_to_nothing_are_named(capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, code: str) -> None:
    answers = tmp_path / "answers.toml"
    answers.write_text(text, encoding="utf-8")
    status, data = call(capsys, MODEL, "--name", "bolt", "--answers", answers, "--no-test", "--no-pictures")
    assert status == 3 and data["error"]["code"] == f"robot_add.{code}"  # type: ignore[index]
    assert not (robots_folder() / "bolt").exists()


def test_a_model_or_id_that_is_none_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert call(capsys)[1]["error"]["code"] == "robot_add.no_model"  # type: ignore[index]
    assert call(capsys, tmp_path / "gone.xml")[1]["error"]["code"] == "model.not_found"  # type: ignore[index]
    assert call(capsys, MODEL, "--name", "../up", "--no-test")[1]["error"]["code"] == "robot_add.id_wrong"  # type: ignore[index]
