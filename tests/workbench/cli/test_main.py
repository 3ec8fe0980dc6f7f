"""The frame of the commands: languages, exit codes, one object on standard output."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path

import numpy as np
import pytest

from workbench.cli.lines import columns, table
from workbench.cli.main import COMMANDS, chosen_language, command_module, main
from workbench.cli.output import FAULT, USAGE, Output, plain
from workbench.errors import WorkbenchError
from workbench.i18n import LANGUAGES, load
from workbench.settings import Settings, save_settings


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, language: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--lang", language, command, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "--json" in said
    assert "[cli." not in said


def test_every_command_has_its_two_functions() -> None:
    assert all(callable(command_module(c).arguments) and callable(command_module(c).run) for c in COMMANDS)


def test_a_wrong_call_is_said_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--lang", "ko", "compare"])
    said = capsys.readouterr()
    assert ended.value.code == USAGE
    assert said.out == ""
    assert "사용법" in said.err


def test_a_fault_is_one_object_and_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["compare", str(tmp_path / "nowhere.mcap"), "--json", "--lang", "en"])
    said = capsys.readouterr()
    answer = json.loads(said.out)
    assert code == FAULT
    assert answer["success"] is False
    assert answer["error"]["code"]
    assert answer["error"]["message"] in said.err
    assert "nowhere.mcap" in said.err


def test_language_comes_from_the_call_then_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locale.getlocale", lambda: ("Korean_Korea", "949"))
    assert chosen_language([]) == "ko"
    monkeypatch.setattr("locale.getlocale", lambda: (None, None))
    assert chosen_language([]) == "en"
    save_settings(Settings(language="ko"))
    assert chosen_language([]) == "ko"
    assert chosen_language(["--lang", "en"]) == "en"
    assert chosen_language(["--lang=en"]) == "en"


def test_plain_data_has_no_infinity_and_no_numpy() -> None:
    data = {"a": math.inf, "b": np.float64(1.5), "c": (np.int64(2), True), "d": None, "e": [math.nan]}
    assert plain(data) == {"a": None, "b": 1.5, "c": [2, True], "d": None, "e": [None]}
    with pytest.raises(WorkbenchError) as caught:
        plain(object())
    assert caught.value.code == "cli.not_plain"


def test_progress_goes_beside_the_result() -> None:
    out, err = io.StringIO(), io.StringIO()
    output = Output(load("en"), True, out, err)
    progress = output.progress("cli.simulate.progress")
    for i in range(101):
        progress(i / 100)
    output.result({"success": True}, ["never shown"])
    assert json.loads(out.getvalue()) == {"success": True}
    shown = err.getvalue().splitlines()
    assert shown[-1].endswith("100 %")
    assert len(shown) < 10


def test_a_remark_is_made_once() -> None:
    err = io.StringIO()
    progress = Output(load("en"), False, io.StringIO(), err).progress("cli.simulate.progress")
    for _ in range(3):
        progress.remark("job.compiling")
    assert err.getvalue().count("Compiling") == 1


def test_tables_line_up_with_wide_letters() -> None:
    lines = table([["관절", "값"], ["knee", "1.5"]])
    assert {columns(line) for line in lines} == {columns(lines[0])}
