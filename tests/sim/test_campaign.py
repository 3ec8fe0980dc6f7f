"""Laws of campaigns: resumed, the same however many at once, errors tried again; and of the interval that counts them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sim.campaign import read_results, run_campaign
from sim.errors import Cancelled
from tests.bench.body.table import wilson

calls: list[int] = []


def square(number: int) -> Mapping[str, Any]:
    calls.append(number)
    if number < 0:
        raise ValueError("negative")
    return {"square": number * number}


def test_results_come_in_the_order_of_the_jobs_and_from_the_file_the_second_time(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    jobs = {f"job:{n}": n for n in (3, 1, 2)}
    first = run_campaign(jobs, square, results=file)
    assert list(first) == list(jobs)
    calls.clear()
    assert run_campaign({**jobs, "job:5": 5}, square, results=file)["job:5"] == {"square": 25}
    assert calls == [5]
    assert read_results(file)["job:3"] == {"square": 9}


def test_an_error_is_a_result_that_is_tried_again(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    assert "negative" in run_campaign({"bad": -1}, square, results=file)["bad"]["error"]
    calls.clear()
    run_campaign({"bad": -1}, square, results=file)
    assert calls == [-1]


def test_a_line_cut_off_by_a_crash_is_no_result(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    whole = json.dumps({"job": "a", "result": {"square": 4}})
    file.write_text(whole + "\n" + whole[:15], encoding="utf-8")
    assert read_results(file) == {"a": {"square": 4}}
    run_campaign({"b": 3}, square, results=file)
    assert list(read_results(file)) == ["a", "b"]


def test_cancelling_keeps_what_is_done(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    seen: list[str] = []
    with pytest.raises(Cancelled):
        run_campaign(
            {"a": 1, "b": 2},
            square,
            results=file,
            progress=lambda job, result, done, total: seen.append(job),
            cancelled=lambda: bool(seen),
        )
    assert seen == ["a"]
    assert list(read_results(file)) == ["a"]


@pytest.mark.slow
def test_side_by_side_gives_the_same_as_one_after_the_other() -> None:
    jobs = {str(n): n for n in range(6)}
    assert run_campaign(jobs, square, processes=2) == run_campaign(jobs, square, processes=1)


def test_wilson_of_none_failed_is_not_certainty() -> None:
    low, high = wilson(0, 24)
    assert low == 0.0
    assert high == pytest.approx(0.138, abs=0.002)
    assert wilson(24, 24)[1] == pytest.approx(1.0)
