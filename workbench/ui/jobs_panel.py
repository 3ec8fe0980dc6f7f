"""Work in the background: a button in the status bar with the progress, and a card with all jobs and their cancel."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from workbench.jobs import Job, JobPool
from workbench.session import Change
from workbench.ui.context import Panel, UiContext
from workbench.ui.widgets import ElidedLabel, IconButton, Popover, VerdictMark, label

_SHOWN = 6


class JobsButton(Panel):
    """What runs now, with its bar; hidden while nothing has run. A click shows the list."""

    interests: frozenset[Change] = frozenset({"jobs"})

    def __init__(self, context: UiContext, pool: JobPool, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._pool = pool
        self.button = QToolButton()
        self.button.setProperty("compact", True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(QSize(120, 4))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.bar)
        row.addWidget(self.button)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.popover = JobsPopover(context, pool, self)
        self.button.clicked.connect(self.open)
        self.refresh(self.interests)

    def open(self) -> None:
        """Show the list above the button."""
        self.popover.refresh()
        self.popover.open_at(self.button, above=True)

    def refresh(self, kinds: frozenset[Change]) -> None:
        """Show the running job, or the last one's end."""
        tr = self.context.tr
        running = next((j for j in self._pool.jobs if j.state == "running"), None)
        waiting = sum(1 for j in self._pool.jobs if j.state == "queued")
        self.setVisible(bool(self._pool.jobs))
        self.bar.setVisible(running is not None)
        if running is not None:
            show_share(self.bar, running)
            text = (
                tr(running.remark) if running.remark else f"{job_title(self.context, running)} {round(100 * running.progress)} %"
            )
            self.button.setText(f"{text}  +{waiting}" if waiting else text)
        elif self._pool.jobs:
            last = self._pool.jobs[-1]
            self.button.setText(f"{job_title(self.context, last)}: {tr(f'jobs.{last.state}')}")
        self.button.setToolTip(tr("jobs.show"))
        self.button.setAccessibleName(self.button.text())
        if self.popover.isVisible():
            self.popover.refresh()

    def retranslate(self) -> None:
        """Words of the language."""
        self.refresh(self.interests)


class JobsPopover(Popover):
    """The newest jobs with progress, time and cancel."""

    def __init__(self, context: UiContext, pool: JobPool, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._pool = context, pool
        self._rows: list[QWidget] = []
        self._signature: tuple[object, ...] = ()
        self.title = label("", "title")
        self.column.addWidget(self.title)
        self._list = QVBoxLayout()
        self._list.setSpacing(10)
        self.column.addLayout(self._list)
        self.setFixedWidth(360)

    def refresh(self) -> None:
        """Show the state of the jobs; rows are made anew only when a job came or changed state."""
        tr = self._context.tr
        self.title.setText(tr("jobs.title"))
        jobs = self._pool.jobs[-_SHOWN:][::-1]
        signature = (tr.language, *((j.id, j.state) for j in jobs))
        if signature != self._signature:
            self._signature = signature
            for row in self._rows:
                self._list.removeWidget(row)
                row.hide()
                row.deleteLater()
            self._rows = [self._row(j) for j in jobs] or [label(tr("jobs.none"), "secondary")]
            for row in self._rows:
                self._list.addWidget(row)
            self.adjustSize()
        for row, job in zip(self._rows, jobs, strict=False):
            bar = row.findChild(QProgressBar)
            if bar is not None:
                show_share(bar, job)

    def _row(self, job: Job) -> QWidget:
        tr = self._context.tr
        row = QWidget()
        lines = QVBoxLayout(row)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(4)
        first = QHBoxLayout()
        first.setSpacing(8)
        if job.finished:
            first.addWidget(VerdictMark({"done": "pass", "failed": "fail"}.get(job.state, "not_assessed"), 14))  # type: ignore[arg-type]
        first.addWidget(ElidedLabel(job_title(self._context, job)), 1)
        words = tr(f"jobs.{job.state}")
        first.addWidget(label(f"{words} {job.seconds:.1f} s" if job.finished and job.seconds else words, "secondary"))
        lines.addLayout(first)
        if not job.finished:
            cancel = IconButton("close", tr("jobs.cancel"), tone="tx2", size=12)
            cancel.clicked.connect(lambda: self._pool.cancel(job))
            first.addWidget(cancel)
            bar = QProgressBar()
            bar.setTextVisible(False)
            lines.addWidget(bar)
        elif job.error is not None:
            why = label(tr.error(job.error), "secondary")
            why.setWordWrap(True)
            lines.addWidget(why)
        return row

    def cancel_buttons(self) -> list[QPushButton | QToolButton]:
        """The buttons that cancel what runs (for the keyboard and tests)."""
        return [b for row in self._rows for b in row.findChildren(QToolButton)]


def show_share(bar: QProgressBar, job: Job) -> None:
    """How much is done; a bar that only moves while a remark says why nobody knows."""
    bar.setRange(0, 0 if job.remark else 1000)
    bar.setValue(round(1000 * job.progress))


def job_title(context: UiContext, job: Job) -> str:
    """What a job is, in the user's language."""
    return context.tr(job.title_key, **job.params)
