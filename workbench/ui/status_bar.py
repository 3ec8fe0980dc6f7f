"""The bar at the bottom, 24 px: the twin, what was saved when, work in progress, one hint."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from workbench.session import Change
from workbench.ui.context import Panel, UiContext
from workbench.ui.widgets import ElidedLabel, IconButton, label


class StatusBar(Panel):
    """Status bar. ``jobs`` is the button in the bar that shows running work; the window gives it its popover."""

    interests: frozenset[Change] = frozenset({"project", "saved", "simulation", "source", "mode", "plan"})

    def __init__(
        self, context: UiContext, jobs: QWidget, toggle_plots: Callable[[], object], parent: QWidget | None = None
    ) -> None:
        super().__init__(context, parent)
        self.saved_at: float | None = None
        frame = QFrame(self)
        frame.setProperty("role", "footer")
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        row = QHBoxLayout(frame)
        row.setContentsMargins(12, 0, 6, 0)
        row.setSpacing(16)
        self.twin = label("", "secondary")
        self.saved = label("", "secondary")
        self.source = label("", "secondary")
        self.hint = ElidedLabel("", "secondary")
        self.plots = IconButton("plot", tone="tx2", size=14, checkable=True)
        self.plots.setProperty("compact", True)
        self.plots.clicked.connect(toggle_plots)
        for widget in (self.twin, self.saved, self.source, jobs):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.hint)
        row.addWidget(self.plots)
        self.setFixedHeight(24)
        self.retranslate()

    def refresh(self, kinds: frozenset[Change]) -> None:
        """Show what is known."""
        session, tr = self.context.session, self.context.tr
        self.twin.setText(tr("status.twin", robot=tr.named(session.robot.profile.name)))
        self.saved.setText(
            tr("status.saved", time=time.strftime("%H:%M", time.localtime(self.saved_at))) if self.saved_at else ""
        )
        self.saved.setVisible(self.saved_at is not None)
        source = session.source
        text = ""
        if source is not None and source.kind == "robot":
            state = source.state()
            text = tr("status.source", name=source.name, dropped=state.dropped)
        self.source.setText(text)
        self.source.setVisible(bool(text))
        self.plots.setVisible(session.mode == "author")
        key = "status.hint_empty" if not session.plan.steps else f"status.hint_{session.mode}"
        self.hint.setText(tr(key))

    def retranslate(self) -> None:
        """Words of the language."""
        self.plots.set_label(self.context.tr("shell.plots"))
        self.plots.set_tip(self.context.tr("command.toggle_plots") + "  P")
        self.refresh(self.interests)
