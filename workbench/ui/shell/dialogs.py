"""Small cards that ask for something: address of a robot, clearing a stop, settings, keys. They return values and do nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QMessageBox,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workbench.settings import Settings
from workbench.ui.commands import MENUS, CommandList
from workbench.ui.context import UiContext
from workbench.ui.widgets import Button, Hairline, Popover, Segmented, label

SCALES = (90, 100, 110, 125, 150, 175, 200)


class ConnectPopover(Popover):
    """Address of a robot, the reference robot here, or a log."""

    def __init__(
        self,
        context: UiContext,
        address: str,
        connect: Callable[[str], None],
        reference: Callable[[], object],
        log: Callable[[], object],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        tr = context.tr
        self.setFixedWidth(380)
        self.column.addWidget(label(tr("connect.title"), "object"))
        note = label(tr("connect.watch_only"), "secondary")
        note.setWordWrap(True)
        self.column.addWidget(note)
        self.address = QLineEdit(address)
        self.address.setAccessibleName(tr("connect.address"))
        self.address.setPlaceholderText(tr("connect.address"))
        self.go = Button(tr("connect.connect"), primary=True)
        row = QHBoxLayout()
        row.addWidget(self.address, 1)
        row.addWidget(self.go)
        self.column.addLayout(row)
        self.column.addWidget(Hairline())
        self.reference = Button(tr("connect.reference"), "robot")
        more = label(tr("connect.reference_more"), "secondary")
        more.setWordWrap(True)
        self.log = Button(tr("connect.log"), "folder")
        for widget in (self.reference, more, self.log):
            self.column.addWidget(widget)

        def on_go() -> None:
            if self.address.text().strip():
                self.hide()
                connect(self.address.text().strip())

        self.go.clicked.connect(on_go)
        self.address.returnPressed.connect(on_go)
        for button, then in ((self.reference, reference), (self.log, log)):
            button.clicked.connect(self.hide)
            button.clicked.connect(then)


class ClearStopDialog(QDialog):
    """Who clears the stop, why, and that the area is clear. OK only when all three are given."""

    def __init__(self, context: UiContext, parent: QWidget) -> None:
        super().__init__(parent)
        tr = context.tr
        self.setWindowTitle(tr("stop.clear_title"))
        self.who, self.why = QLineEdit(), QLineEdit()
        self.area = QCheckBox(tr("stop.area_clear"))
        form = QFormLayout()
        form.addRow(tr("stop.who"), self.who)
        form.addRow(tr("stop.why"), self.why)
        self.ok = Button(tr("stop.clear"), primary=True)
        cancel = Button(tr("shell.cancel"))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.ok)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(12)
        column.addWidget(label(tr("stop.clear_title"), "object"))
        column.addLayout(form)
        column.addWidget(self.area)
        column.addLayout(row)
        self.setMinimumWidth(380)
        for field in (self.who, self.why):
            field.textChanged.connect(self._check)
        self.area.toggled.connect(self._check)
        self.ok.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        self._check()

    def _check(self) -> None:
        self.ok.setEnabled(bool(self.who.text().strip()) and bool(self.why.text().strip()) and self.area.isChecked())


class SettingsDialog(QDialog):
    """Language, theme, size, density, motion. ``result_settings`` is what the user chose."""

    def __init__(self, context: UiContext, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        tr = context.tr
        self._settings = settings
        self.setWindowTitle(tr("shell.settings"))
        self.language = Segmented([("en", "English"), ("ko", "한국어")])
        self.language.set_current(tr.language)
        self.theme = Segmented([("light", tr("shell.light")), ("dark", tr("shell.dark"))])
        self.theme.set_current(context.tokens.name)
        self.scale = QComboBox()
        for percent in SCALES:
            self.scale.addItem(f"{percent} %", percent)
        self.scale.setCurrentIndex(min(range(len(SCALES)), key=lambda i: abs(SCALES[i] - settings.scale_percent)))
        self.density = Segmented([(name, tr(f"shell.density_{name}")) for name in ("auto", "desk", "laptop")])
        self.density.set_current(settings.density)
        self.motion = QCheckBox(tr("shell.reduced_motion"))
        self.motion.setChecked(settings.reduced_motion)
        form = QFormLayout()
        form.setHorizontalSpacing(20)
        form.setVerticalSpacing(12)
        form.addRow(tr("shell.language"), self.language)
        form.addRow(tr("shell.theme"), self.theme)
        form.addRow(tr("shell.scale"), self.scale)
        later = label(tr("shell.scale_later"), "hint")
        form.addRow("", later)
        form.addRow(tr("shell.density"), self.density)
        form.addRow("", self.motion)
        ok, cancel = Button(tr("shell.ok"), primary=True), Button(tr("shell.cancel"))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(ok)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(16)
        column.addWidget(label(tr("shell.settings"), "object"))
        column.addLayout(form)
        column.addLayout(row)
        ok.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)

    @property
    def result_settings(self) -> Settings:
        """The settings with the user's choices."""
        return replace(
            self._settings,
            language=self.language.current(),
            theme=self.theme.current(),
            scale_percent=int(self.scale.currentData()),
            density=self.density.current(),
            reduced_motion=self.motion.isChecked(),
        )


class KeysDialog(QDialog):
    """All shortcuts, from the same list as the menus."""

    def __init__(self, context: UiContext, commands: CommandList, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(context.tr("shell.help_title"))
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(18, 16, 18, 16)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        line = 0
        for menu in (*MENUS, ""):
            wanted = [c for c in commands.all() if c.shortcut and c.menu.split("/")[0] == menu]
            if wanted and menu:
                grid.addWidget(label(context.tr(f"menu.{menu}"), "title"), line, 0, 1, 2)
                line += 1
            for command in wanted:
                keys = QKeySequence(command.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
                grid.addWidget(label(keys, "key"), line, 0, Qt.AlignmentFlag.AlignLeft)
                grid.addWidget(label(commands.title(command), "secondary"), line, 1)
                line += 1
        grid.setColumnStretch(1, 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scroll)
        self.resize(420, min(640, 80 + 28 * line))


def ask_unsaved(context: UiContext, parent: QWidget) -> str:
    """ "save", "discard" or "cancel" for a project with unsaved changes."""
    tr = context.tr
    box = QMessageBox(parent)
    box.setWindowTitle(tr("shell.unsaved_title"))
    box.setText(tr("shell.unsaved", name=context.session.plan.name))
    save = box.addButton(tr("shell.save"), QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton(tr("shell.discard"), QMessageBox.ButtonRole.DestructiveRole)
    box.addButton(tr("shell.cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(save)
    box.exec()
    return "save" if box.clickedButton() is save else "discard" if box.clickedButton() is discard else "cancel"


def system_language() -> str:
    """The language of the computer where the user chose none: "ko" or "en"."""
    return "ko" if QLocale.system().language() == QLocale.Language.Korean else "en"
