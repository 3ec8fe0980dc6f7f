"""Work in the background: warm worker processes, progress and cancel. The window polls; nothing here knows Qt.

Workers are spawned (the same on Windows, macOS and Linux) and kept, so that heavy modules load once. A job's function must be
importable by name; it is called as ``function(*arguments, progress=report)`` where ``report(fraction)`` raises
``sim.errors.Cancelled`` once the job was cancelled. What it returns comes back to ``on_done`` on the polling thread, so only an
operation changes the document.
"""

from __future__ import annotations

import itertools
import multiprocessing
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import Empty, SimpleQueue
from typing import Any, Literal, Protocol, runtime_checkable

from sim.errors import Cancelled, SimError
from workbench.errors import WorkbenchError

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
Progress = Callable[[float], None]


@runtime_checkable
class Remarked(Protocol):
    """Progress that can also say why there is none for a while."""

    def remark(self, key: str) -> None:
        """Show the words of an i18n ``key`` until there is progress again."""
        ...


#: Least time between two progress messages, s.
_PROGRESS_PERIOD = 0.05
#: How long a cancelled job may take to notice before its worker is ended, s.
_CANCEL_GRACE = 2.0


@dataclass(slots=True, eq=False)
class Job:
    """One piece of work.

    Args:
        title_key: i18n key; ``params`` fill it.
        progress: 0..1.
        remark: i18n key of why there is no progress just now, or "".
        error: what went wrong when ``state`` is failed.
    """

    id: int
    title_key: str
    params: Mapping[str, str | float] = field(default_factory=dict)
    state: JobState = "queued"
    progress: float = 0.0
    remark: str = ""
    error: SimError | WorkbenchError | None = None
    detail: str = ""
    result: Any = None
    seconds: float = 0.0

    @property
    def finished(self) -> bool:
        """It will not change any more."""
        return self.state in ("done", "failed", "cancelled")


@dataclass(slots=True, eq=False)
class _Task:
    job: Job
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    on_done: Callable[[Any], None] | None
    on_error: Callable[[Job], None] | None
    started: float = 0.0
    cancelled_at: float | None = None


@dataclass(slots=True, eq=False)
class _Worker:
    """A process, what goes to it and what it sent. Threads send and receive: large things never hold up the thread that polls."""

    process: BaseProcess
    connection: Connection
    arrived: threading.Event
    messages: SimpleQueue[tuple[str, int, Any]] = field(default_factory=SimpleQueue)
    outbox: SimpleQueue[tuple[int, Any]] = field(default_factory=SimpleQueue)
    task: _Task | None = None

    def send(self) -> None:
        """The sending thread's life: until it has sent the end (None) or the process is gone."""
        while True:
            job_id, item = self.outbox.get()
            try:
                self.connection.send(item)
            except OSError:
                self.messages.put(("unsent", job_id, None))
                return
            except Exception as error:  # whatever the arguments cannot be sent for is this job's failure alone
                self.messages.put(("unsendable", job_id, str(error)))
                self.arrived.set()
            if item is None:
                return

    def receive(self) -> None:
        """The thread's life: until the process is gone."""
        while True:
            try:
                message = self.connection.recv()
            except (EOFError, OSError):
                message = ("gone", 0, None)
            except Exception as error:  # a result that cannot be read back; the pipe may be out of step
                message = ("gone", 0, str(error))
            self.messages.put(message)
            self.arrived.set()
            if message[0] == "gone":
                return


class JobPool:
    """Runs jobs in ``workers`` processes, first come first served.

    Args:
        workers: how many processes at most; each starts with its first job or with ``warm_up``.
        on_change: called (on the polling thread) when any job changed.
        preload: modules a worker imports as it starts.
    """

    def __init__(self, workers: int = 1, on_change: Callable[[], None] | None = None, preload: tuple[str, ...] = ()) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._limit = max(1, workers)
        self._workers: list[_Worker] = []
        self._queue: deque[_Task] = deque()
        self._ids = itertools.count(1)
        self._on_change = on_change or (lambda: None)
        self._preload = preload
        self._closed = False
        self._arrived = threading.Event()
        self.jobs: list[Job] = []

    def warm_up(self) -> None:
        """Start a worker ahead of the first job, so that it has loaded its modules by then."""
        if not self._workers and not self._closed:
            self._workers.append(self._spawn())

    def submit(
        self,
        title_key: str,
        function: Callable[..., Any],
        *arguments: Any,
        params: Mapping[str, str | float] | None = None,
        on_done: Callable[[Any], None] | None = None,
        on_error: Callable[[Job], None] | None = None,
    ) -> Job:
        """Queue work. ``on_done(result)`` or ``on_error(job)`` is called from ``poll`` or ``wait``."""
        if self._closed:
            raise WorkbenchError("jobs.closed")
        job = Job(next(self._ids), title_key, params or {})
        self.jobs.append(job)
        del self.jobs[:-50]
        self._queue.append(_Task(job, function, arguments, on_done, on_error))
        self._start_queued()
        self._on_change()
        return job

    def cancel(self, job: Job) -> None:
        """Stop a job: at once while queued; a running one at its next progress report, or its worker is ended."""
        for task in list(self._queue):
            if task.job is job:
                self._queue.remove(task)
                job.state = "cancelled"
                self._on_change()
                return
        for worker in self._workers:
            if worker.task is not None and worker.task.job is job and worker.task.cancelled_at is None:
                worker.task.cancelled_at = time.monotonic()
                worker.outbox.put((job.id, "cancel"))

    def poll(self) -> bool:
        """Deliver what arrived; True if any job changed. Returns at once: call it on each tick of the window."""
        changed = False
        for worker in list(self._workers):
            changed |= self._drain(worker)
        if self._start_queued() or changed:
            self._on_change()
            return True
        return changed

    def wait(self, job: Job, timeout: float | None = None, on_progress: Progress | None = None) -> Job:
        """Poll until a job has finished (for commands without a window); ``jobs.timeout`` after ``timeout`` s."""
        end = None if timeout is None else time.monotonic() + timeout
        shown = -1.0
        while not job.finished:
            self._arrived.wait(timeout=0.1)
            self._arrived.clear()
            self.poll()
            if on_progress is not None and job.progress != shown:
                shown = job.progress
                on_progress(shown)
            if end is not None and time.monotonic() > end:
                raise WorkbenchError("jobs.timeout", seconds=timeout)
        return job

    @property
    def busy(self) -> bool:
        """Something runs or waits."""
        return bool(self._queue) or any(w.task for w in self._workers)

    def close(self) -> None:
        """End all workers. Jobs that had not finished count as cancelled; nothing is delivered any more."""
        self._closed = True
        for task in self._queue:
            task.job.state = "cancelled"
        self._queue.clear()
        for worker in self._workers:
            if worker.task is not None:
                worker.task.job.state = "cancelled"
                worker.process.terminate()
            else:
                worker.outbox.put((0, None))
        for worker in self._workers:
            worker.process.join(timeout=3.0)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        self._workers.clear()

    def _spawn(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs, self._preload), daemon=True, name="workbench-job")
        process.start()
        theirs.close()
        worker = _Worker(process, ours, self._arrived)
        threading.Thread(target=worker.receive, daemon=True, name="workbench-job-results").start()
        threading.Thread(target=worker.send, daemon=True, name="workbench-job-orders").start()
        return worker

    def _start_queued(self) -> bool:
        started = False
        while self._queue:
            worker = next((w for w in self._workers if w.task is None), None)
            if worker is None:
                if len(self._workers) >= self._limit:
                    break
                worker = self._spawn()
                self._workers.append(worker)
            task = self._queue.popleft()
            task.started = time.monotonic()
            worker.outbox.put((task.job.id, (task.job.id, task.function, task.arguments)))
            worker.task, task.job.state = task, "running"
            started = True
        return started

    def _drain(self, worker: _Worker) -> bool:
        """Take all messages of one worker; notice when it is gone or does not heed a cancel."""
        changed = False
        while True:
            try:
                kind, job_id, value = worker.messages.get_nowait()
            except Empty:
                break
            if kind == "gone":
                self._lost(worker)
                return True
            task = worker.task
            if task is None or task.job.id != job_id:
                continue
            changed = True
            if kind == "unsent":  # it had ended before it was asked: another one does it
                self._remove(worker)
                task.job.state = "queued"
                self._queue.appendleft(task)
                return True
            if kind == "remark":
                task.job.remark = str(value)
                continue
            task.job.remark = ""
            if kind == "progress":
                task.job.progress = min(1.0, max(task.job.progress, float(value)))
                continue
            worker.task = None
            self._finish(task, kind, value)
        task = worker.task
        if task is not None and task.cancelled_at is not None and time.monotonic() - task.cancelled_at > _CANCEL_GRACE:
            worker.process.kill()
            self._lost(worker)
            return True
        return changed

    def _finish(self, task: _Task, kind: str, value: Any) -> None:
        job = task.job
        job.seconds = time.monotonic() - task.started
        if kind == "cancelled" or task.cancelled_at is not None:
            job.state = "cancelled"
        elif kind == "done":
            job.state, job.progress, job.result = "done", 1.0, value
            if task.on_done is not None:
                task.on_done(value)
        elif kind == "unsendable":
            self._fail(task, WorkbenchError("jobs.not_sendable", reason=str(value)))
        else:
            error, detail = value
            job.detail = detail
            self._fail(task, error)

    def _fail(self, task: _Task, error: SimError | WorkbenchError) -> None:
        task.job.state, task.job.error = "failed", error
        if task.on_error is not None:
            task.on_error(task.job)

    def _lost(self, worker: _Worker) -> None:
        """The process ended by itself or was killed: its job failed, the pool goes on with a new one."""
        task = worker.task
        self._remove(worker)
        if task is None:
            return
        task.job.seconds = time.monotonic() - task.started
        if task.cancelled_at is not None:
            task.job.state = "cancelled"
        else:
            self._fail(task, WorkbenchError("jobs.worker_lost", exit_code=str(worker.process.exitcode)))

    def _remove(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        if worker.process.is_alive():
            worker.process.kill()
        worker.process.join(timeout=1.0)


class _Report:
    """What a job's function calls in the worker: with the share done, or with a remark."""

    def __init__(self, connection: Connection, job_id: int) -> None:
        self._connection, self._job_id, self._last = connection, job_id, 0.0

    def __call__(self, fraction: float) -> None:
        if self._connection.poll() and self._connection.recv() == "cancel":
            raise Cancelled
        now = time.monotonic()
        if now - self._last >= _PROGRESS_PERIOD or fraction >= 1.0:
            self._last = now
            self._connection.send(("progress", self._job_id, float(fraction)))

    def remark(self, key: str) -> None:
        self._connection.send(("remark", self._job_id, key))


def _serve(connection: Connection, preload: tuple[str, ...]) -> None:
    """A worker's life: import, then one job after the other until told to stop or the pool is gone."""
    for name in preload:
        with suppress(ImportError):
            __import__(name)
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError, KeyboardInterrupt):
            return
        if message is None:
            return
        if message == "cancel":  # came after its job had ended
            continue
        job_id, function, arguments = message
        try:
            reply = ("done", job_id, function(*arguments, progress=_Report(connection, job_id)))
        except Cancelled:
            reply = ("cancelled", job_id, None)
        except (SimError, WorkbenchError) as error:
            reply = ("failed", job_id, (error, traceback.format_exc()))
        except Exception as error:  # the worker must outlive any fault of a job, and say what it was
            unexpected = WorkbenchError("jobs.unexpected", kind=type(error).__name__, reason=str(error))
            reply = ("failed", job_id, (unexpected, traceback.format_exc()))
        try:
            connection.send(reply)
        except (OSError, KeyboardInterrupt):
            return
        except Exception as error:  # a result that cannot travel is the job's fault, not the worker's end
            connection.send(("failed", job_id, (WorkbenchError("jobs.not_sendable", reason=str(error)), "")))
