"""The joint table: every figure of the comparison per joint, sortable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from workbench.comparison.comparison import Comparison, JointError
from workbench.i18n import Translator
from workbench.session import Change
from workbench.ui.compare.view import joint_words, selected_joint, unit_of, worst_time
from workbench.ui.context import Panel, UiContext
from workbench.ui.plot_marks import number
from workbench.ui.theme import font
from workbench.ui.widgets import EmptyState, PanelHead, fill_column

Index = QModelIndex | QPersistentModelIndex

COLUMNS = ("joint", "bias", "rmse", "rmse_without_lag", "p95", "lag", "correlation")
_SORT = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    texts: tuple[str, ...]
    keys: tuple[float | str, ...]


def row_of(error: JointError, words: str, factor: float, tr: Translator) -> _Row:
    """Texts and sort keys of a joint; what is undefined sorts last and is said in words."""
    far = float("inf")
    values = (error.bias * factor, error.rmse * factor, error.rmse_without_lag * factor, error.p95 * factor)
    lag = "–" if error.lag_s is None else f"{1000 * error.lag_s:.0f}"
    correlation = tr("compare.static") if error.is_static or error.correlation is None else f"{error.correlation:.3f}"
    texts = (words, *(number(v) for v in values), lag, correlation)
    keys: tuple[float | str, ...] = (
        words.casefold(),
        *(abs(v) if np.isfinite(v) else far for v in values),
        far if error.lag_s is None else error.lag_s,
        far if error.correlation is None else error.correlation,
    )
    return _Row(error.name, texts, keys)


class JointModel(QAbstractTableModel):
    """The comparison's joints as a table."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[_Row] = []
        self.titles: tuple[str, ...] = COLUMNS
        self.tips: tuple[str, ...] = ("",) * len(COLUMNS)

    def fill(self, found: Comparison | None, tr: Translator) -> None:
        """New contents and titles."""
        self.beginResetModel()
        unit, factor = unit_of(found) if found is not None else ("", 1.0)
        self.rows = [row_of(j, joint_words(tr, j.name), factor, tr) for j in found.joints] if found is not None else []
        self.titles = tuple(tr(f"compare.column.{c}", unit=unit) for c in COLUMNS)
        self.tips = tuple(tr(f"compare.column_tip.{c}") for c in COLUMNS)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Joints."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """Figures."""
        return len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, sort key, alignment, font."""
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.texts[index.column()]
        if role == _SORT:
            return row.keys[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if index.column() == 0 else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole:
            return font(12)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles with their unit."""
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.titles[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tips[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if section == 0 else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class JointTablePanel(Panel):
    """Figures per joint of the session's comparison.

    Args:
        context: session, words, colours.
        parent: Qt parent.
    """

    interests: frozenset[Change] = frozenset({"project", "comparison", "selection"})

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._marking = False
        self._shown: Comparison | None = None
        self.head = PanelHead()
        self.model = JointModel()
        self.proxy = QSortFilterProxyModel(self)
        self.proxy.setSourceModel(self.model)
        self.proxy.setSortRole(_SORT)
        self.table = QTableView()
        self.table.setModel(self.proxy)
        self.table.setSortingEnabled(True)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        # Room for the sort arrow at the right of a title, and the same room in the cells.
        self.table.setStyleSheet(
            "QHeaderView::section { padding: 4px 18px 4px 0; } QHeaderView::section:first { padding-left: 12px; } "
            "QTableView::item { padding: 0 14px 0 10px; }"
        )
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(26)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setMinimumSectionSize(56)
        self.table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.empty = EmptyState()
        fill_column(self, self.head, self.table, self.empty)
        self.retranslate()

    def refresh(self, kinds: frozenset[Change]) -> None:
        """Another comparison or another joint."""
        if kinds - {"selection"}:
            self._fill()
        self._mark()

    def retranslate(self) -> None:
        """New words."""
        self._fill()
        self._mark()

    def _fill(self) -> None:
        tr, found = self.context.tr, self.context.session.comparison
        self._marking = True
        self._shown = found
        self.model.fill(found, tr)
        self._marking = False
        pair = tr("compare.difference") if found is not None else ""
        self.head.set(tr("compare.table_title"), pair)
        self.table.setVisible(found is not None)
        self.empty.setVisible(found is None)
        if found is None:
            self.empty.set("", tr("compare.empty"))

    def _mark(self) -> None:
        found = self.context.session.comparison
        if found is None:
            return
        joint = selected_joint(found, self.context.session)
        row = next((i for i, r in enumerate(self.model.rows) if r.name == joint), -1)
        if row < 0:
            return
        index = self.proxy.mapFromSource(self.model.index(row, 0))
        if index.row() == self.table.currentIndex().row():
            return
        self._marking = True
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.table.selectionModel().setCurrentIndex(index, flags)
        self.table.scrollTo(index)
        self._marking = False

    def _choose(self, current: QModelIndex, _before: QModelIndex) -> None:
        if self._marking or not current.isValid() or self._shown is None:
            return
        session = self.context.session
        joint = self.model.rows[self.proxy.mapToSource(current).row()].name
        session.select(replace(session.selection, joint=joint, station="", object="", finding=None))
        spans = [s for s in self._shown.steps if s.id in session.selection.steps]
        time = self._shown.time
        if len(time):
            start, end = (spans[0].start, spans[0].end) if spans else (float(time[0]), float(time[-1]))
            session.set_playhead(worst_time(self._shown, joint, start, end))
