"""Many runs of one function over named jobs: side by side, to be resumed, with results that do not depend on how many at once.

The results file has one JSON object a line: ``{"job": id, "result": ...}``, or ``{"job": id, "error": text}`` where the work
raised; jobs with a result are not run again, those with an error are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from sim.errors import Cancelled

A = TypeVar("A")
Result = Mapping[str, Any]
POLL_S = 0.5


def run_campaign(
    jobs: Mapping[str, A],
    work: Callable[[A], Result],
    *,
    processes: int = 1,
    results: Path | None = None,
    progress: Callable[[str, Result, int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Result]:
    """Run ``work`` on every job's argument.

    Args:
        jobs: Arguments (picklable) by id; an id names everything that the result depends on.
        work: A function of a module (picklable); gives JSON data. Whatever it needs of chance comes from its argument.
        processes: At most this many at once; 1 runs in this process, which then compiles nothing twice.
        results: JSON lines file that is read first and appended to; None keeps nothing.
        progress: Called after each job with its id, its result, and how many of how many are done.
        cancelled: Asked between jobs; true ends the campaign with :class:`sim.errors.Cancelled`. What is done stays in the file.

    Returns:
        Results by id, in the order of ``jobs``. A job whose work raised has ``{"error": text}``.
    """
    known = read_results(results) if results is not None else {}
    if results is not None and results.is_file() and not results.read_bytes().endswith(b"\n"):
        with results.open("a", encoding="utf-8") as file:  # a line that a crash cut off must not swallow the next one
            file.write("\n")
    done: dict[str, Result] = {job: known[job] for job in jobs if job in known}
    left = [job for job in jobs if job not in done]

    def keep(job: str, result: Result, failed: bool) -> None:
        done[job] = {"error": str(result["error"])} if failed else result
        if results is not None:
            line = {"job": job, "error": result["error"]} if failed else {"job": job, "result": result}
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        if progress is not None:
            progress(job, done[job], len(done), len(jobs))

    if processes <= 1:
        for job in left:
            _ask(cancelled)
            keep(job, *_guarded(work, jobs[job]))
    elif left:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            waiting: dict[Future[tuple[Result, bool]], str] = {pool.submit(_guarded, work, jobs[job]): job for job in left}
            try:
                while waiting:
                    ready, _ = wait(waiting, timeout=POLL_S, return_when=FIRST_COMPLETED)
                    for future in ready:
                        keep(waiting.pop(future), *future.result())
                    _ask(cancelled)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    return {job: done[job] for job in jobs}


def read_results(file: Path) -> dict[str, Result]:
    """Results by job id; errors, and a last line cut off by a crash, are left out."""
    out: dict[str, Result] = {}
    if not file.is_file():
        return out
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            data = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(data, dict) and "job" in data and "result" in data:
            out[str(data["job"])] = data["result"]
    return out


def _guarded(work: Callable[[A], Result], argument: A) -> tuple[Result, bool]:
    """The result, or what was raised: one bad run must not end a night's campaign."""
    try:
        return work(argument), False
    except Exception as error:  # noqa: BLE001
        return {"error": f"{type(error).__name__}: {error}"}, True


def _ask(cancelled: Callable[[], bool] | None) -> None:
    if cancelled is not None and cancelled():
        raise Cancelled
