"""Commands of the window itself: modes, layout, language, theme, undo, playing, settings."""

from __future__ import annotations

from workbench.session import Mode
from workbench.ui.context import Command
from workbench.ui.main_window import MainWindow
from workbench.ui.playback import playable_end
from workbench.ui.shell.dialogs import KeysDialog, SettingsDialog


class ViewActions:
    """View commands over one window."""

    def __init__(self, window: MainWindow) -> None:
        self._window, self._context = window, window.context
        self._by_history = False
        self._context.bridge.changed.connect(self._on_changed)

    def commands(self) -> list[Command]:
        """Undo to settings."""
        window, context, playback = self._window, self._context, self._window.playback

        def mode_command(mode: Mode, number: int) -> Command:
            return Command(
                f"mode_{mode}",
                lambda: context.session.set_mode(mode),
                f"Ctrl+{number}",
                {"author": "list", "compare": "compare", "operate": "robot"}[mode],
                checked=lambda: context.session.mode == mode,
                menu="view",
            )

        modes: tuple[Mode, ...] = ("author", "compare", "operate")
        return [
            Command("undo", self.undo, "Ctrl+Z", "undo", lambda: bool(context.session.history.undo_label), menu="edit"),
            Command("redo", self.redo, "Ctrl+Shift+Z", "redo", lambda: bool(context.session.history.redo_label), menu="edit"),
            Command("palette", window.palette_card.open, "Ctrl+K", "search", menu="edit"),
            *(mode_command(mode, i + 1) for i, mode in enumerate(modes)),
            Command(
                "toggle_plots",
                lambda: window.show_plots(not window.workspace.plots_shown),
                "P",
                "plot",
                lambda: context.session.mode == "author",
                lambda: window.workspace.plots_shown,
                "view/parts",
            ),
            Command("reset_layout", self.reset_layout, "", "layout", menu="view/parts"),
            Command("play", playback.toggle, "Space", "play", lambda: playable_end(context) > 0, menu="run/play"),
            Command("play_faster", lambda: playback.faster(True), "Ctrl+]", "speed", menu="run/play"),
            Command("play_slower", lambda: playback.faster(False), "Ctrl+[", "speed", menu="run/play"),
            Command("to_start", lambda: playback.jump(0.0), "Home", "", menu="run/play"),
            Command("to_end", lambda: playback.jump(playable_end(context)), "End", "", menu="run/play"),
            Command(
                "language_en", lambda: window.set_language("en"), checked=lambda: context.tr.language == "en", menu="settings"
            ),
            Command(
                "language_ko", lambda: window.set_language("ko"), checked=lambda: context.tr.language == "ko", menu="settings"
            ),
            Command("toggle_theme", self.toggle_theme, "", "sun", menu="settings/theme"),
            Command("settings", self.settings, "Ctrl+,", "settings", menu="settings/theme"),
            Command("help", self.keys, "H", "help", menu="help"),
        ]

    def undo(self) -> None:
        """One edit back."""
        self._by_history = True
        self._window.notifications.close_undo()
        self._context.session.undo()

    def redo(self) -> None:
        """One edit on."""
        self._by_history = True
        self._window.notifications.close_undo()
        self._context.session.redo()

    def toggle_theme(self) -> None:
        """The other theme."""
        self._window.set_theme("light" if self._context.tokens.name == "dark" else "dark")

    def reset_layout(self) -> None:
        """Default sizes in all modes."""
        self._window.workspace.reset()
        self._window.store.flush()
        self._window.notifications.info("shell.layout_reset")

    def settings(self) -> None:
        """Ask for settings and apply them at once, except the scale."""
        window = self._window
        dialog = SettingsDialog(self._context, window.store.settings, window)
        if dialog.exec():
            chosen = dialog.result_settings
            rescaled = chosen.scale_percent != window.store.settings.scale_percent
            window.store.take(chosen)
            self._context.reduced_motion = chosen.reduced_motion
            window.set_language(chosen.language)
            window.set_theme(chosen.theme)
            window.rearrange()
            if rescaled:
                window.notifications.info("shell.scale_later")
        dialog.deleteLater()

    def keys(self) -> None:
        """Show all shortcuts."""
        dialog = KeysDialog(self._context, self._window.commands, self._window)
        dialog.exec()
        dialog.deleteLater()

    def _on_changed(self, kinds: frozenset[str]) -> None:
        """Offer undo after each edit; not after undo itself, and not while another project comes in."""
        if "plan" not in kinds:
            return
        by_history, self._by_history = self._by_history, False
        label = self._context.session.history.undo_label
        if "project" in kinds or by_history or not label:
            return
        tr = self._context.tr
        words = tr(label) if tr.has(label) else label
        self._window.notifications.offer(words, tr("shell.undo"), lambda: self._window.commands.run("undo"))
