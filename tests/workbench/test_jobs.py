"""Background jobs: results, progress, cancel, failures and lost workers; the pool outlives all of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from workbench.errors import WorkbenchError
from workbench.jobs import Job, JobPool, Remarked


def add(a: int, b: int, *, progress: Callable[[float], None]) -> int:
    progress(0.5)
    progress(1.0)
    return a + b


def length(data: bytes, *, progress: Callable[[float], None]) -> int:
    return len(data)


def big(n: int, *, progress: Callable[[float], None]) -> np.ndarray:  # type: ignore[type-arg]
    return np.arange(n, dtype=np.float64)


def endless(*, progress: Callable[[float], None]) -> None:
    while True:
        progress(0.25)


def deaf(*, progress: Callable[[float], None]) -> None:
    progress(0.1)
    while True:
        pass


def busy(*, progress: Remarked) -> None:
    progress.remark("job.compiling")
    while True:
        pass


def remarking(*, progress: Remarked) -> int:
    progress.remark("job.compiling")
    return 1


def refuse(*, progress: Callable[[float], None]) -> None:
    raise WorkbenchError("plan.no_such_step", step="x")


def fail(*, progress: Callable[[float], None]) -> None:
    raise ZeroDivisionError("oops")


def die(*, progress: Callable[[float], None]) -> None:
    os._exit(7)


def unsendable(*, progress: Callable[[float], None]) -> object:
    return lambda: 0


@pytest.fixture(scope="module")
def pool() -> Iterator[JobPool]:
    made = JobPool(1)
    yield made
    made.close()


def test_a_result_is_delivered_by_polling_with_its_progress(pool: JobPool) -> None:
    results: list[int] = []
    seen: list[float] = []
    job = pool.submit("job.simulate", add, 2, 3, on_done=results.append, params={"name": "x"})
    assert job.state in ("queued", "running")
    pool.wait(job, 60.0, seen.append)
    assert (job.state, job.progress, results) == ("done", 1.0, [5])
    assert seen == sorted(seen)


def test_a_large_result_comes_back_whole(pool: JobPool) -> None:
    job = pool.wait(pool.submit("job.simulate", big, 500_000), 60.0)
    assert job.result[-1] == 499_999


def test_large_arguments_do_not_hold_up_who_asks(pool: JobPool) -> None:
    # Far more than a pipe takes before somebody reads: the worker has not even started when submit returns.
    job = pool.submit("job.simulate", length, b"x" * 30_000_000)
    assert not job.finished
    assert pool.wait(job, 60.0).result == 30_000_000


def test_jobs_wait_their_turn_and_can_be_cancelled_while_waiting(pool: JobPool) -> None:
    first = pool.submit("job.simulate", endless)
    second = pool.submit("job.simulate", add, 1, 1)
    assert second.state == "queued"
    pool.cancel(second)
    assert second.state == "cancelled"
    pool.cancel(first)
    assert pool.wait(first, 60.0).state == "cancelled"
    assert pool.wait(pool.submit("job.simulate", add, 1, 1), 60.0).result == 2


@pytest.mark.parametrize(
    ("function", "code"), [(refuse, "plan.no_such_step"), (fail, "jobs.unexpected"), (unsendable, "jobs.not_sendable")]
)
def test_a_failure_says_what_it_was_and_the_worker_goes_on(pool: JobPool, function: Callable[..., object], code: str) -> None:
    told: list[Job] = []
    job = pool.wait(pool.submit("job.simulate", function, on_error=told.append), 60.0)
    assert job.state == "failed"
    assert job.error is not None
    assert job.error.code == code
    assert told == [job]
    assert pool.wait(pool.submit("job.simulate", add, 1, 2), 60.0).result == 3


def test_what_cannot_be_sent_fails_at_once(pool: JobPool) -> None:
    job = pool.wait(pool.submit("job.simulate", lambda progress: 0), 60.0)
    assert job.error is not None
    assert job.error.code == "jobs.not_sendable"


def test_a_lost_worker_fails_its_job_and_is_replaced(pool: JobPool) -> None:
    job = pool.wait(pool.submit("job.simulate", die), 60.0)
    assert job.error is not None
    assert (job.state, job.error.code, job.error.params["exit_code"]) == ("failed", "jobs.worker_lost", "7")
    assert pool.wait(pool.submit("job.simulate", add, 4, 4), 60.0).result == 8


def test_a_job_that_does_not_heed_a_cancel_is_ended(pool: JobPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.jobs._CANCEL_GRACE", 0.05)
    job = pool.submit("job.simulate", deaf)
    while job.progress == 0.0:
        pool.poll()
    pool.cancel(job)
    assert pool.wait(job, 60.0).state == "cancelled"


def test_a_remark_says_why_there_is_no_progress_and_goes_with_the_job(pool: JobPool, monkeypatch: pytest.MonkeyPatch) -> None:
    job = pool.submit("job.simulate", busy)
    while not job.remark:
        pool.poll()
    assert job.remark == "job.compiling"
    monkeypatch.setattr("workbench.jobs._CANCEL_GRACE", 0.05)
    pool.cancel(job)
    assert pool.wait(job, 60.0).state == "cancelled"
    done = pool.wait(pool.submit("job.simulate", remarking), 60.0)
    assert (done.state, done.remark) == ("done", "")


def test_a_closed_pool_takes_no_more_work() -> None:
    closed = JobPool(1)
    closed.close()
    with pytest.raises(WorkbenchError, match=r"jobs\.closed"):
        closed.submit("job.simulate", add, 1, 1)
