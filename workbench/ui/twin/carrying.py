"""Dragging out of the picture: a workpiece at once, a station once it is selected (it fills too much of the view to orbit by)."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from PySide6.QtCore import QPointF

from workbench.ui.carried import CarriedKind, carry
from workbench.ui.context import UiContext
from workbench.ui.twin.stage import Picked
from workbench.ui.twin.viewport import Viewport
from workbench.ui.wording import Wording


class CarryPane(Protocol):
    """What the drag needs of the panel it belongs to."""

    context: UiContext
    viewport: Viewport

    def pick_at(self, position: QPointF) -> Picked | None:
        """What lies under a point."""


class DragOut:
    """What the pressed button holds, and the drag that begins with it."""

    def __init__(self, pane: CarryPane) -> None:
        self._pane = pane
        self._held: tuple[CarriedKind, str] | None = None

    def hold(self, position: QPointF) -> None:
        """The button went down. Looked up when no picture is being drawn; a drag that is quicker orbits."""
        self._held = None
        if self._pane.context.session.mode == "author":
            self._pane.viewport.when_idle("hold", partial(self._look, position))

    def begin(self) -> bool:
        """Drag what is held, until it is let go; False where nothing is."""
        held, self._held = self._held, None
        if held is None:
            return False
        words = Wording.of(self._pane.context.tr, self._pane.context.session)
        carry(self._pane.viewport.widget, *held, words.object(held[1]) if held[0] == "object" else words.station(held[1]))
        return True

    def _look(self, position: QPointF) -> None:
        picked = self._pane.pick_at(position)
        if picked is None:
            return
        if picked.object:
            self._held = ("object", picked.object)
        elif picked.station and picked.station == self._pane.context.session.selection.station:
            self._held = ("station", picked.station)
