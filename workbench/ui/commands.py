"""One list of commands behind menus, shortcuts and the palette."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu, QWidget

from workbench.ui.context import Command, UiContext
from workbench.ui.icons import icon

#: Menus in their order; title: i18n key ``menu.<id>``. Commands with another menu stay in the palette alone.
MENUS = ("file", "edit", "plan", "run", "view", "robot", "compare", "settings", "help")


class CommandList(QObject):
    """Holds the commands as QActions of the window, so that each shortcut exists once.

    The first command with an id or a shortcut keeps it: the shell comes before the panels.
    """

    def __init__(self, context: UiContext, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._commands: dict[str, Command] = {}
        self._actions: dict[str, QAction] = {}
        self._shortcuts: set[str] = set()

    def add(self, commands: Iterable[Command]) -> None:
        """Take commands into the list."""
        for command in commands:
            if command.id in self._commands:
                continue
            self._commands[command.id] = command
            action = QAction(self._window)
            action.setCheckable(command.checked is not None)
            action.triggered.connect(lambda _checked=False, chosen=command: self.run(chosen.id))
            shown = QKeySequence(command.shortcut).toString()
            if command.shortcut and shown not in self._shortcuts:
                action.setShortcut(QKeySequence(command.shortcut))
                action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
                self._shortcuts.add(shown)
            self._window.addAction(action)
            self._actions[command.id] = action
        self.retranslate()

    def all(self) -> tuple[Command, ...]:
        """All commands in the order they were added."""
        return tuple(self._commands.values())

    def command(self, command_id: str) -> Command | None:
        """The command of that id, None if there is none such."""
        return self._commands.get(command_id)

    def action(self, command_id: str) -> QAction | None:
        """The action of a command."""
        return self._actions.get(command_id)

    def run(self, command_id: str) -> bool:
        """Run a command if it is enabled; whether it ran."""
        command = self._commands.get(command_id)
        if command is None or not command.enabled():
            return False
        command.run()
        self.update()
        return True

    def title(self, command: Command) -> str:
        """A command's name in the user's language."""
        return self._context.tr(f"command.{command.id}")

    def tip(self, command_id: str) -> str:
        """Name and shortcut, for a tooltip."""
        command = self._commands.get(command_id)
        if command is None:
            return ""
        keys = QKeySequence(command.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        return f"{self.title(command)}  {keys}" if keys else self.title(command)

    def update(self) -> None:
        """Take over what is enabled and checked now."""
        for command_id, command in self._commands.items():
            action = self._actions[command_id]
            if command.checked is not None:
                action.setChecked(command.checked())

    def retranslate(self) -> None:
        """Names in the language of the context."""
        for command_id, command in self._commands.items():
            self._actions[command_id].setText(self.title(command))

    def build_menu(self, parent: QWidget) -> QMenu:
        """The whole menu, made anew each time it opens (enabledness and language are of now)."""
        menu = QMenu(parent)
        tone = self._context.tokens.tx2
        for name in MENUS:
            wanted = [c for c in self._commands.values() if c.menu.split("/")[0] == name]
            if not wanted:
                continue
            sub = menu.addMenu(self._context.tr(f"menu.{name}"))
            section = ""
            for command in wanted:
                if sub.actions() and command.menu != section:
                    sub.addSeparator()
                section = command.menu
                # A copy: the window's own action must stay enabled for its shortcut to be answered by run().
                entry = QAction(self.title(command), sub)
                if command.shortcut:
                    entry.setText(
                        f"{self.title(command)}\t{QKeySequence(command.shortcut).toString(QKeySequence.SequenceFormat.NativeText)}"
                    )
                entry.setEnabled(command.enabled())
                if command.checked is not None:
                    entry.setCheckable(True)
                    entry.setChecked(command.checked())
                elif command.icon:
                    entry.setIcon(icon(command.icon, tone))
                entry.triggered.connect(lambda _checked=False, chosen=command.id: self.run(chosen))
                sub.addAction(entry)
        return menu


class KeyGuard(QObject):
    """Leaves Space and Enter to a button that was reached with the keyboard; after a click they stay window shortcuts (Space plays)."""

    _KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
    _KEEPS = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason, Qt.FocusReason.MenuBarFocusReason)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._by_keyboard = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claim the keys, before window shortcuts take them."""
        if isinstance(event, QFocusEvent):
            if event.type() == QEvent.Type.FocusIn and event.reason() not in self._KEEPS:
                self._by_keyboard = event.reason() in self._KEYBOARD
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._by_keyboard:
            focus = QApplication.focusWidget()
            if isinstance(focus, QAbstractButton) and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                event.accept()
                return True
        return False
