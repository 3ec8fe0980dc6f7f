"""The first simulation of an installation compiles the control loop, which takes about a minute: whoever waits is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from workbench.jobs import Remarked

REMARK = "job.compiling"


@contextmanager
def compiling_remarked(progress: Callable[[float], None] | None) -> Iterator[None]:
    """While inside, ``progress`` gets the remark ``job.compiling`` for each function that has to be compiled in this thread."""
    if not isinstance(progress, Remarked):
        yield
        return
    # Named, not imported above: numba costs the window a second of its start, and only workers need it.
    events: Any = import_module("numba.core.event")
    told = progress

    class Told(events.Listener):  # type: ignore[misc]
        def on_start(self, event: object) -> None:
            told.remark(REMARK)

        def on_end(self, event: object) -> None:
            pass

    with events.install_listener("numba:compile", Told()):
        yield
