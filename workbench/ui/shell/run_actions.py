"""Simulate and preflight from the window: jobs are polled on the tick, their end is told, what came of them is played."""

from __future__ import annotations

from workbench.jobs import Job, JobPool
from workbench.operations import simulate_ops
from workbench.ui.context import Command
from workbench.ui.main_window import MainWindow


class RunActions:
    """Commands that run jobs, over one window."""

    def __init__(self, window: MainWindow, pool: JobPool) -> None:
        self._window, self._context, self._pool = window, window.context, pool
        self._watched: dict[int, Job] = {}
        self._plays: set[int] = set()
        self._context.bridge.tick.connect(self.poll)

    def commands(self) -> list[Command]:
        """Simulate, preflight, jobs."""
        return [
            Command("simulate", self.simulate, "F5", "simulate", self._can_run, menu="run"),
            Command("preflight", self.preflight, "Ctrl+Return", "check", self._can_run, menu="run"),
            Command("show_jobs", self._window.jobs.open, "", "clock", lambda: bool(self._pool.jobs), menu="run/jobs"),
            Command("cancel_jobs", self.cancel, "", "close", lambda: self._pool.busy, menu="run/jobs"),
        ]

    def simulate(self) -> None:
        """Simulate the plan as it is now; then play it."""
        self._supersede()
        job = simulate_ops.simulate(self._context.session, self._pool)
        self._watched[job.id] = job
        self._plays.add(job.id)

    def preflight(self) -> None:
        """Check the plan; it is simulated for that where no run of it is at hand."""
        self._supersede()
        job = simulate_ops.preflight(self._context.session, self._pool)
        if job is not None:
            self._watched[job.id] = job

    def cancel(self) -> None:
        """Cancel all work in the background."""
        for job in list(self._pool.jobs):
            if not job.finished:
                self._pool.cancel(job)

    def watch(self, job: Job) -> None:
        """Tell of a job's failure when it ends."""
        self._watched[job.id] = job

    def poll(self) -> None:
        """Deliver what arrived; tell how watched jobs ended."""
        self._pool.poll()
        for job in [j for j in self._watched.values() if j.finished]:
            del self._watched[job.id]
            played = job.id in self._plays
            self._plays.discard(job.id)
            if job.state == "failed" and job.error is not None:
                self._window.notifications.error(job.error)
            elif job.state == "done" and played:
                self._show_run()

    def _supersede(self) -> None:
        # A run of an older plan is worth nothing once a newer one is asked for.
        for job in list(self._watched.values()):
            if not job.finished:
                self._pool.cancel(job)

    def _can_run(self) -> bool:
        return bool(self._context.session.plan.steps)

    def _show_run(self) -> None:
        session, window = self._context.session, self._window
        if session.simulated is None:
            return
        recording = session.simulated.recording
        if recording.fell_at is not None:
            window.notifications.info("shell.simulation_fell", time=f"{recording.fell_at:.1f}")
        else:
            window.notifications.info("shell.simulated", time=f"{recording.duration:.1f}", steps=len(recording.steps))
        if "author.plots" not in window.store.settings.layouts and window.density == "desk":
            window.show_plots(True)
        if session.source is None:
            session.set_playhead(0.0)
            session.playing = True
            session.notify("playhead")
