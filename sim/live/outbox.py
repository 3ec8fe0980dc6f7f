"""Sends over a pipe from a thread of its own, so that a reader who stalls never stalls the writer."""

from __future__ import annotations

import threading
from collections import deque
from multiprocessing.connection import Connection


class Outbox:
    """Ordered messages wait for their turn and are never lost; of what is shown, the newest overtakes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._ordered: deque[object] = deque()
        self._newest: object | None = None
        self._wake = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="outbox", daemon=True)
        self._thread.start()

    def send(self, message: object) -> None:
        """In order, never lost."""
        with self._wake:
            self._ordered.append(message)
            self._wake.notify()

    def show(self, state: object) -> None:
        """The newest wins."""
        with self._wake:
            self._newest = state
            self._wake.notify()

    def close(self) -> None:
        """Send what waits, then end."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join(timeout=2.0)

    def _work(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._ordered or self._newest is not None or self._closed)
                batch = list(self._ordered)
                self._ordered.clear()
                if self._newest is not None:
                    batch.append(self._newest)
                    self._newest = None
                if not batch and self._closed:
                    return
            try:
                for message in batch:
                    self._connection.send(message)
            except OSError:
                return  # the reader is gone; who writes notices at its next look for commands
