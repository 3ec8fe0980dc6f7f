"""The searchable tree of channels and columns with a tick at each that is plotted."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from sim.timeseries import Channel
from workbench.i18n import Translator
from workbench.ui.channel_names import channel_name, column_name
from workbench.ui.plots.selection import Column

_KEY = Qt.ItemDataRole.UserRole


class ChannelTree(QWidget):
    """Channels with their columns. ``chosen`` carries the ticked columns in the order of the tree."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(True)
        self.tree.setIndentation(14)
        self.tree.itemChanged.connect(self._on_item)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 4, 8)
        column.setSpacing(6)
        column.addWidget(self.search)
        column.addWidget(self.tree, 1)
        self._quiet = False

    def fill(self, channels: Mapping[str, Channel], ticked: list[Column], tr: Translator) -> None:
        """Show these channels."""
        self._quiet = True
        open_ones = {i.data(0, _KEY) for i in self._tops() if i.isExpanded()} or {c.channel for c in ticked[:1]}
        self.tree.clear()
        wanted = set(ticked)
        for name, channel in channels.items():
            top = QTreeWidgetItem(self.tree, [channel_name(tr, name)])
            top.setData(0, _KEY, name)
            top.setToolTip(0, f"{name} [{channel.unit}]" if channel.unit != "1" else name)
            for column in channel.columns:
                item = QTreeWidgetItem(top, [column_name(tr, name, column)])
                item.setData(0, _KEY, Column(name, column))
                item.setToolTip(0, f"{name}.{column}")
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(0, Qt.CheckState.Checked if Column(name, column) in wanted else Qt.CheckState.Unchecked)
            top.setExpanded(name in open_ones)
        self._quiet = False
        self._filter(self.search.text())

    def ticked(self) -> list[Column]:
        """The ticked columns."""
        return [
            child.data(0, _KEY)
            for item in self._tops()
            for child in _children(item)
            if child.checkState(0) == Qt.CheckState.Checked
        ]

    def _tops(self) -> list[QTreeWidgetItem]:
        return [item for i in range(self.tree.topLevelItemCount()) if (item := self.tree.topLevelItem(i)) is not None]

    def _on_item(self, _item: QTreeWidgetItem, _column: int) -> None:
        if not self._quiet:
            self.chosen.emit(self.ticked())

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for top in self._tops():
            head = f"{top.text(0)} {top.data(0, _KEY)}".casefold()
            shown = 0
            for child in _children(top):
                whole = f"{head} {child.text(0)} {child.data(0, _KEY).column}".casefold()
                match = all(w in whole for w in words)
                child.setHidden(not match)
                shown += match
            top.setHidden(not shown)
            if words:
                top.setExpanded(bool(shown))


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    return [child for i in range(item.childCount()) if (child := item.child(i)) is not None]
