"""Pushing the robot in a live simulation: Shift-drag from the robot draws the force, letting go sends it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF

from workbench.session import Session
from workbench.ui.twin.camera import ANGLE, View, project
from workbench.ui.twin.follow import can_push
from workbench.ui.twin.stage import Picked, Stage
from workbench.ui.twin.viewport import Viewport

Array = NDArray[np.float64]

#: Push per metre of mouse way, N/m, its limit, N, and how long it lasts, s.
PUSH_PER_METRE, PUSH_LIMIT, PUSH_SECONDS = 250.0, 200.0, 0.15


class PushPane(Protocol):
    """What the gesture needs of the panel it belongs to."""

    viewport: Viewport
    stage: Stage | None
    view: View

    def pick_at(self, position: QPointF) -> Picked | None:
        """What lies under a point."""


class PushGesture:
    """One push at a time.

    Args:
        pane: the panel.
        session: gives the session of now.
        refused: called where nothing can be pushed.
        shown: called with the arrow's start and the force in N while it is drawn, with None when it is over.
    """

    def __init__(
        self,
        pane: PushPane,
        session: Callable[[], Session],
        refused: Callable[[], None],
        shown: Callable[[Array | None, float], None],
    ) -> None:
        self._pane, self._session, self._refused, self._shown = pane, session, refused, shown
        self._held: tuple[Picked, Array] | None = None

    def begin(self, position: QPointF) -> bool:
        """Take hold of the robot; False where the pointer is not on it."""
        picked = self._pane.pick_at(position)
        if picked is None or not picked.body:
            return False
        if can_push(self._session().source):
            self._held = (picked, np.zeros(3))
        else:
            self._refused()
        return True

    def drag(self, position: QPointF) -> None:
        """Draw the force from the point held to the pointer, in the plane of the picture."""
        if self._held is None or self._pane.stage is None:
            return
        self._pane.viewport.wait()
        picked, view, area = self._held[0], self._pane.view, self._pane.viewport.widget
        start = np.array(picked.point)
        x, y, _ = project(self._pane.viewport.renderer.GetActiveCamera(), start, area.width(), area.height())
        metres = metres_per_pixel(view, area.height())
        plane = replace(view, focal=(float(start[0]), float(start[1]), float(start[2])))
        end = np.array(plane.panned((position.x() - x) * metres, (y - position.y()) * metres).focal)
        force = (end - start) * PUSH_PER_METRE
        size = float(np.linalg.norm(force))
        if size > PUSH_LIMIT:
            force *= PUSH_LIMIT / size
        self._held = (picked, force)
        self._pane.stage.marks.show_push(start, start + force / PUSH_PER_METRE)
        self._shown(start, min(size, PUSH_LIMIT))

    def end(self, really: bool) -> None:
        """Let go: send the push, or drop it where the pointer hardly moved."""
        if self._held is None or self._pane.stage is None:
            return
        force, self._held = self._held[1], None
        self._pane.stage.marks.show_push(None, None)
        source = self._session().source
        if really and source is not None and can_push(source):
            source.command("push", (tuple(float(f) for f in force), PUSH_SECONDS))
        self._shown(None, 0.0)


def metres_per_pixel(view: View, height: int) -> float:
    """Size of a pixel at the distance of the point looked at, m."""
    return 2 * view.distance * math.tan(math.radians(ANGLE / 2)) / max(height, 1)
