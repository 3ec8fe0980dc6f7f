"""The window: places bars and panels, follows mode, size, language and theme. What the user can do is in ``shell.actions``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QPoint, QSize, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from workbench.i18n import Translator
from workbench.jobs import JobPool
from workbench.session import Change, Mode
from workbench.ui import theme
from workbench.ui.commands import CommandList, KeyGuard
from workbench.ui.connection_bar import ConnectionBar
from workbench.ui.context import Panel, UiContext
from workbench.ui.idle import Idle, dressing
from workbench.ui.jobs_panel import JobsButton
from workbench.ui.later import Place
from workbench.ui.layouts import Density, Panels, Workspace, density_for
from workbench.ui.notifications import Notifications
from workbench.ui.palette import Palette
from workbench.ui.playback import Playback
from workbench.ui.shell.store import SettingsStore, StoredViews
from workbench.ui.start_card import StartCard
from workbench.ui.status_bar import StatusBar
from workbench.ui.stop_button import DoubleEscape
from workbench.ui.tokens import THEMES, ThemeName
from workbench.ui.top_bar import TopBar

BuildPanels = Callable[[UiContext, Playback], Panels]
_CARD_LEFT = 24
_BARS: Mapping[Density, tuple[int, int]] = {"desk": (44, 24), "laptop": (40, 22)}


class MainWindow(QMainWindow):
    """The window.

    Args:
        context: handed to all panels.
        store: settings; layouts are remembered there.
        pool: jobs shown in the status bar.
        languages: translator by language.
        build: makes the panels.
    """

    #: The user wants to close; the actions decide.
    closing = Signal()

    def __init__(
        self, context: UiContext, store: SettingsStore, pool: JobPool, languages: Mapping[str, Translator], build: BuildPanels
    ) -> None:
        super().__init__()
        self.context, self.store, self.languages = context, store, languages
        self.may_close: Callable[[], bool] = lambda: True
        self.setObjectName("workbench")
        self.commands = CommandList(context, self)
        context.run_command = self.commands.run
        context.views = StoredViews(store)
        self.playback = Playback(context, parent=self)
        self.notifications = Notifications(context, self, self._toast_lift)
        self.palette_card = Palette(context, self.commands, languages, self)
        self.panels = build(context, self.playback)
        self.workspace = Workspace(self.panels, store.layout, store.remember_layout)
        self.top_bar = TopBar(context, self.commands, self.palette_card.open)
        self.connection_bar = ConnectionBar(context, self.commands)
        self.jobs = JobsButton(context, pool)
        self.status = StatusBar(context, self.jobs, lambda: self.commands.run("toggle_plots"))
        self.start_card = StartCard(context, self.workspace)
        self.start_card.hide()
        self._start_wanted = False
        self._ahead = Idle(self)

        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top_bar)
        column.addWidget(self.connection_bar)
        column.addWidget(self.workspace, 1)
        column.addWidget(self.status)
        self.setCentralWidget(body)

        self.top_bar.mode_chosen.connect(self._choose_mode)
        self.start_card.chosen.connect(self.commands.run)
        self.start_card.language_chosen.connect(self.set_language)
        self.start_card.theme_chosen.connect(self.set_theme)
        self.key_guard = KeyGuard(self)
        self.double_escape = DoubleEscape(self)
        self.double_escape.pressed_twice.connect(lambda: self.commands.run("stop_request"))
        theme.application().installEventFilter(self.key_guard)
        theme.application().installEventFilter(self.double_escape)
        context.bridge.changed.connect(self._on_changed)
        self.workspace.show_plots(bool(store.settings.layouts.get("author.plots", False)))
        self._retranslate()
        # Never larger than the screen: on a laptop the right and lower edges would lie outside it.
        self.resize(QSize(1600, 1000).boundedTo(self.screen().availableGeometry().size()))

    def add_panel_commands(self) -> None:
        """Collect what the panels offer, after the shell's own."""
        for panel in self.findChildren(Panel):
            self.commands.add(panel.commands())
        self.top_bar.retranslate()
        self.status.retranslate()
        self.connection_bar.retranslate()

    def panel_came(self) -> None:
        """A panel was built after the window: its commands join, its head takes the density's height."""
        self.add_panel_commands()
        self.workspace.fit_heads()
        self._ahead.add(dressing(self.workspace))
        if self.start_card.isVisible():
            self.start_card.raise_()

    @property
    def density(self) -> Density:
        """Desk or laptop, as the window's size or the user's choice wants it."""
        return density_for(self.width(), self.height(), self.store.settings.density)

    def rearrange(self) -> None:
        """Place everything for the current mode and density."""
        density = self.density
        top, status = _BARS[density]
        self.top_bar.setFixedHeight(top)
        self.status.setFixedHeight(status)
        self.workspace.arrange(self.context.session.mode, density)
        self.notifications.reposition()
        self._place_start_card()

    def show_start(self, shown: bool) -> None:
        """Show or hide the first card."""
        self._start_wanted = shown
        self._place_start_card()

    def show_plots(self, shown: bool) -> None:
        """Show or hide the plots in Author, and remember it."""
        self.workspace.show_plots(shown)
        self.status.plots.setChecked(shown)
        self.store.change(layouts={**self.store.settings.layouts, "author.plots": shown})

    def set_language(self, language: str) -> None:
        """Speak another language at once."""
        if language in self.languages and language != self.context.tr.language:
            self.context.tr = self.languages[language]
            self.store.change(language=language)
            self.commands.retranslate()
            self.context.session.notify("language")
            self.context.bridge.flush()

    def set_theme(self, name: str) -> None:
        """Wear another theme at once."""
        if name in ("dark", "light") and name != self.context.tokens.name:
            chosen: ThemeName = "dark" if name == "dark" else "light"
            self.context.tokens = THEMES[chosen]
            self.store.change(theme=chosen)
            theme.apply_theme(theme.application(), self.context.tokens)
            self.context.session.notify("theme")
            self.context.bridge.flush()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size may want another density."""
        super().resizeEvent(event)
        if self.isVisible() and self.density != self.workspace.density:
            self.rearrange()
        self._place_start_card()

    def showEvent(self, event: QShowEvent) -> None:
        """The sizes are known now."""
        super().showEvent(event)
        self.rearrange()
        self.panels.timeline.setFocus()

    def changeEvent(self, event: QEvent) -> None:
        """Splitters need their sizes again after the window was maximised."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange and self.isVisible():
            self._place_start_card()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask the actions; then let go of the application-wide filters."""
        if not self.may_close():
            event.ignore()
            return
        self._ahead.clear()
        self.store.flush()
        self.closing.emit()
        theme.application().removeEventFilter(self.key_guard)
        theme.application().removeEventFilter(self.double_escape)
        event.accept()

    def _choose_mode(self, mode: str) -> None:
        chosen: Mode = "compare" if mode == "compare" else "operate" if mode == "operate" else "author"
        self.context.session.set_mode(chosen)
        self.context.bridge.flush()

    def _on_changed(self, kinds: frozenset[Change]) -> None:
        if "mode" in kinds:
            self.rearrange()
            self.store.flush()
        if "language" in kinds:
            self._retranslate()
        if "project" in kinds:
            self._retitle()
        if kinds & {"selection", "simulation", "plan", "project", "source", "report"}:
            self.commands.update()

    def _retranslate(self) -> None:
        tr = self.context.tr
        self.workspace.set_tab_texts(tr("findings.title"), tr("inspector.title"))
        self._retitle()

    def _retitle(self) -> None:
        self.setWindowTitle(f"{self.context.session.plan.name or self.context.tr('shell.no_process')} - humanoid-workbench")

    def _toast_lift(self) -> int:
        timeline = self.panels.timeline
        above = timeline.height() if timeline.isVisible() else 0
        return self.status.height() + above

    def _place_start_card(self) -> None:
        shown = self._start_wanted and self.context.session.mode == "author"
        self.start_card.setVisible(shown)
        twin = self.panels.twin
        if isinstance(twin, (Panel, Place)):
            twin.cover(_CARD_LEFT + self.start_card.width() if shown else 0)
        if shown:
            room = self.panels.twin.height()
            self.start_card.fit(room)
            self.start_card.move(self.panels.twin.mapTo(self.workspace, QPoint(_CARD_LEFT, 32 if room > 470 else 8)))
            self.start_card.raise_()
