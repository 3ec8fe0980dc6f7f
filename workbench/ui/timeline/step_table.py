"""The steps as a table: an equal editor for keyboards and screen readers. Name, start and length are edited in place."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from workbench.errors import WorkbenchError
from workbench.operations import plan_ops
from workbench.ui.context import UiContext
from workbench.ui.icons import icon, verdict_icon
from workbench.ui.timeline.note import Note
from workbench.ui.timeline.scene import Scene, StepView, resizable
from workbench.ui.wording import Wording, number

_COLUMNS = ("step", "track", "start", "length", "parameters", "after", "findings")
_NOTE_MS = 4000
_NAME, _START, _LENGTH = 0, 2, 3
_Index = QModelIndex | QPersistentModelIndex


class _Model(QAbstractTableModel):
    refused = Signal(str)

    def __init__(self, context: UiContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self.views: tuple[StepView, ...] = ()

    def show(self, scene: Scene) -> None:
        """The steps of a scene, in planned order."""
        self.beginResetModel()
        self.views = scene.steps
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        """One row a step."""
        return 0 if parent.isValid() else len(self.views)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:
        """What is shown of each."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Names of the columns, numbers of the steps."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return str(section + 1)
        return self._context.tr(f"timeline.table.{_COLUMNS[section]}")

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Name and start can be edited, the length where the skill lets it."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        column = index.column()
        if column in (_NAME, _START) or (column == _LENGTH and resizable(self.views[index.row()].step)):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, icons and what an editor begins with."""
        view, column = self.views[index.row()], _COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(view, column)
        if role == Qt.ItemDataRole.EditRole:
            return {"step": view.label, "start": number(view.step.start), "length": number(view.step.duration)}.get(column, "")
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icon(view, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in ("start", "length"):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{self._context.tr(f'timeline.table.{column}')}: {self._text(view, column)}"
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Do the edit through the same operations as the timeline; a refused one changes nothing."""
        session, view, text = self._context.session, self.views[index.row()], str(value).strip()
        try:
            if index.column() == _NAME:
                if text != view.label:
                    plan_ops.rename_step(session, view.id, text)
                return True
            seconds = float(text.lower().removesuffix("s").replace(",", ".").strip())
            if index.column() == _START:
                plan_ops.move_steps(session, (view.id,), seconds - view.step.start)
            else:
                plan_ops.resize_step(session, view.id, seconds, ripple=True)
        except ValueError:
            self.refused.emit(self._context.tr("timeline.table.not_a_number", text=text))
            return False
        except WorkbenchError as error:
            self.refused.emit(Wording.of(self._context.tr, session).refusal(error, session.plan))
            return False
        return True

    def _text(self, view: StepView, column: str) -> str:
        session, tr = self._context.session, self._context.tr
        words = Wording.of(tr, session)
        if column == "step":
            return view.label
        if column == "track":
            return words.track(view.box.track)
        if column == "start":
            return f"{view.step.start:.1f} s"
        if column == "length":
            return view.duration
        if column == "parameters":
            return words.parameters(view.step)
        if column == "after":
            return ", ".join(words.step_by_id(session.plan, a) for a in view.step.after)
        return "; ".join(words.finding(f) for f in view.findings)

    def _icon(self, view: StepView, column: str) -> QIcon | None:
        if column == "step":
            return icon(view.step.skill, self._context.tokens.tx2)
        if column == "findings" and view.worst is not None:
            return verdict_icon(view.worst, self._context.tokens, 14)
        return None


class StepTable(QTableView):
    """Table of steps. ``refusal`` carries why an edit was refused."""

    refusal = Signal(str)

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._model = _Model(context, self)
        self._following = False
        self.setModel(self._model)
        self.note = Note(self)
        self._model.refused.connect(self._on_refused)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().setDefaultSectionSize(30)
        self.verticalHeader().setMinimumWidth(30)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        for column, width in enumerate((240, 120, 80, 120, 300, 200)):
            self.setColumnWidth(column, width)
        self.selectionModel().selectionChanged.connect(self._on_selected)

    def show_scene(self, scene: Scene) -> None:
        """Take the steps of a scene."""
        self._following = True
        self._model.show(scene)
        self._following = False
        self.show_selection(self._context.session.selection.steps)

    def show_selection(self, steps: tuple[str, ...]) -> None:
        """Select the rows of the session's selection."""
        if not self.isVisible() and not steps:
            return
        self._following = True
        model = self.selectionModel()
        chosen = QItemSelection()
        for row, view in enumerate(self._model.views):
            if view.id in steps:
                chosen.select(self._model.index(row, 0), self._model.index(row, len(_COLUMNS) - 1))
        model.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._following = False

    def retranslate(self) -> None:
        """Words of the language in force."""
        self.setAccessibleName(self._context.tr("timeline.table.name"))
        self._model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(_COLUMNS) - 1)

    def _on_refused(self, sentence: str) -> None:
        """Say why below the row that was edited."""
        self.note.say(sentence, self.viewport().mapTo(self, self.visualRect(self.currentIndex()).bottomLeft()), _NOTE_MS)
        self.refusal.emit(sentence)

    def _on_selected(self) -> None:
        if self._following:
            return
        rows = sorted({i.row() for i in self.selectionModel().selectedRows()})
        self._context.session.select_steps(*(self._model.views[r].id for r in rows))
