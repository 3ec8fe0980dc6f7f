"""What every panel is handed: session, words, colours, the bridge. One value instead of globals."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from workbench.i18n import Translator
from workbench.session import Change, Session
from workbench.ui.tokens import Tokens


class Bridge(QObject):
    """The one timer through which everything outside Qt reaches the window.

    ``changed`` carries the kinds of session change, coalesced to one emission per tick; ``tick`` follows each tick (30 Hz)
    for panels that pull from the live source. Session changes made on the Qt thread arrive in the same tick.
    """

    changed = Signal(object)
    tick = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pending: set[Change] = set()
        self._unsubscribe: Callable[[], None] = lambda: None
        self.session = session
        self._timer = QTimer(self)
        self._timer.setInterval(33)
        self._timer.timeout.connect(self.flush)
        self.watch(session)

    def start(self) -> None:
        """Begin to tick."""
        self._timer.start()

    def stop(self) -> None:
        """Tick no more."""
        self._timer.stop()

    def watch(self, session: Session) -> None:
        """Follow another session (another project was opened)."""
        self._unsubscribe()
        self.session = session
        self._unsubscribe = session.subscribe(self._on_change)

    def flush(self) -> None:
        """Deliver what is pending now (also called by tests instead of waiting)."""
        if self._pending:
            kinds, self._pending = frozenset(self._pending), set()
            self.changed.emit(kinds)
        self.tick.emit()

    def _on_change(self, kinds: frozenset[Change]) -> None:
        self._pending |= kinds


def _no_command(_command_id: str) -> bool:
    return False


@dataclass(slots=True)
class UiContext:
    """Shared by all panels. ``session`` may be replaced when another project opens: read it from here each time.

    ``run_command`` runs a command of the shared list by id ("simulate", "preflight", "connect", "undo" ...; see
    ``workbench.ui.shell.actions``) and says whether it ran: so a panel's button and the menu do the same thing.
    ``views`` are the camera views that the user saved, by cell, as JSON values; the window keeps them in the settings.
    """

    session: Session
    bridge: Bridge
    tr: Translator
    tokens: Tokens
    reduced_motion: bool = False
    run_command: Callable[[str], bool] = _no_command
    views: MutableMapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Command:
    """A user action: the same list feeds menus, palette and shortcuts.

    Title: i18n key ``command.<id>``. ``run`` is called on the Qt thread. ``checked`` marks a toggle.
    """

    id: str
    run: Callable[[], object]
    shortcut: str = ""
    icon: str = ""
    enabled: Callable[[], bool] = field(default=lambda: True)
    checked: Callable[[], bool] | None = None
    menu: str = ""


class Panel(QWidget):
    """Base of all panels: told of session changes, language and theme; offers commands.

    Subclasses build their widgets in ``__init__`` and override the four methods they need. A panel imports no other panel.
    """

    #: Kinds of change that ``refresh`` wants.
    interests: frozenset[Change] = frozenset()

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        context.bridge.changed.connect(self._on_changed)

    def refresh(self, kinds: frozenset[Change]) -> None:
        """Show what changed. Also called with all interests when the panel first appears."""

    def arrive(self) -> None:
        """Wait for what is being made in the background (tests, pictures, the measured start)."""

    def cover(self, left: int) -> None:
        """Something stands over the first ``left`` px of the panel (0: nothing any more): show what matters beside it."""

    def retranslate(self) -> None:
        """The language changed (``context.tr`` is the new one)."""

    def apply_theme(self) -> None:
        """The theme changed (``context.tokens`` are the new ones)."""

    def commands(self) -> list[Command]:
        """Actions this panel offers to menus, palette and shortcuts."""
        return []

    def _on_changed(self, kinds: frozenset[Change]) -> None:
        if "language" in kinds:
            self.retranslate()
        if "theme" in kinds:
            self.apply_theme()
        if kinds & self.interests:
            self.refresh(kinds)
