"""Where the panels sit in each mode. One persistent tree of splitters: columns are shown, hidden and sized, and no panel ever

gets another parent (a QOpenGLWidget would lose its GL context, and a panel full of widgets takes its style anew, which is a
stall). Sizes are remembered per mode and density.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import QSplitter, QTabBar, QVBoxLayout, QWidget

from workbench.session import Mode
from workbench.ui.widgets import PanelHead

Density = Literal["desk", "laptop"]
Sizes = dict[str, list[int]]
_FINDINGS, _INSPECTOR = 0, 1

#: Default px per splitter, mode and density. -1 takes what is left.
_DEFAULTS: Mapping[tuple[Mode, Density], Mapping[str, tuple[int, ...]]] = {
    ("author", "desk"): {"main": (-1, 354), "columns": (288, -1, 430, 336), "twin": (-1, 0)},
    ("author", "laptop"): {"main": (-1, 300), "columns": (0, -1, 380, 320), "twin": (-1, 0)},
    ("compare", "desk"): {"main": (-1, 0), "columns": (0, -1, 828, 0), "twin": (-1, 364), "results": (-1, 360)},
    ("compare", "laptop"): {"main": (-1, 0), "columns": (0, -1, 700, 0), "twin": (-1, 280), "results": (-1, 240)},
    ("operate", "desk"): {"main": (-1, 112), "columns": (0, 392, -1, 280), "twin": (-1, 420)},
    ("operate", "laptop"): {"main": (-1, 112), "columns": (0, 392, -1, 280), "twin": (-1, 300)},
}


def density_for(width: int, height: int, pinned: str = "") -> Density:
    """Laptop at 1440 wide or less or under 850 high, unless pinned."""
    if pinned in ("desk", "laptop"):
        return "desk" if pinned == "desk" else "laptop"
    return "laptop" if width <= 1440 or height < 850 else "desk"


@dataclass(slots=True)
class Panels:
    """The panels of the window, each built once."""

    twin: QWidget
    transport: QWidget
    timeline: QWidget
    findings: QWidget
    inspector: QWidget
    plots: QWidget
    chooser: QWidget
    heatmap: QWidget
    joint_table: QWidget
    overlay: QWidget
    health: QWidget
    live_plots: QWidget
    events: QWidget


class Pages(QWidget):
    """Shows one of its pages; unlike a QStackedWidget the hidden ones ask for no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages: dict[str, QWidget] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def add(self, name: str, page: QWidget) -> None:
        """One more page, hidden."""
        self._pages[name] = page
        self._column.addWidget(page)
        page.hide()

    def set_head(self, head: QWidget) -> None:
        """Something above whichever page is shown."""
        self._column.insertWidget(0, head)

    def choose(self, name: str) -> None:
        """Show the page of that name; an unknown name hides the whole."""
        for key, page in self._pages.items():
            page.setVisible(key == name)
        self.setVisible(name in self._pages)


class Workspace(QWidget):
    """Places the panels.

    Args:
        panels: built by the composition.
        remembered: returns sizes stored under a key, None if none.
        remember: stores them; None forgets.
    """

    def __init__(
        self,
        panels: Panels,
        remembered: Callable[[str], Sizes | None],
        remember: Callable[[str, Sizes | None], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.panels = panels
        self._remembered, self._remember = remembered, remember
        self.mode: Mode = "author"
        self.density: Density = "desk"
        self._plots_shown = False
        self._tab = _FINDINGS
        self._covered: list[QWidget] = []
        self._uncover = QTimer(self)
        self._uncover.setInterval(0)
        self._uncover.timeout.connect(self._uncover_next)
        self._laid_out = False

        self.main = self._splitter(Qt.Orientation.Vertical)
        self.columns = self._splitter(Qt.Orientation.Horizontal)
        self.twin_column = self._splitter(Qt.Orientation.Vertical)
        self.results = self._splitter(Qt.Orientation.Vertical)

        view = QWidget()
        stacked = QVBoxLayout(view)
        stacked.setContentsMargins(0, 0, 0, 0)
        stacked.setSpacing(0)
        stacked.addWidget(panels.twin, 1)
        stacked.addWidget(panels.transport)
        self.below = Pages()
        self.below.add("compare", panels.overlay)
        self.below.add("operate", panels.health)
        self.twin_column.addWidget(view)
        self.twin_column.addWidget(self.below)

        self.results.addWidget(panels.heatmap)
        self.results.addWidget(panels.joint_table)
        self.middle = Pages()
        self.middle.add("author", panels.plots)
        self.middle.add("compare", self.results)
        self.middle.add("operate", panels.live_plots)

        # In a narrow window both stand in the same place, one of them hidden, each under a tab bar that says which is there.
        self.left = Pages()
        self.left.add("findings", panels.findings)
        self.right = Pages()
        self.right.add("inspector", panels.inspector)
        self.right.add("operate", panels.events)
        self._tab_bars = (self._tab_bar(_FINDINGS), self._tab_bar(_INSPECTOR))
        self.left.set_head(self._tab_bars[_FINDINGS])
        self.right.set_head(self._tab_bars[_INSPECTOR])

        for part in (self.left, self.twin_column, self.middle, self.right):
            self.columns.addWidget(part)
        self.main.addWidget(self.columns)
        self.main.addWidget(panels.timeline)
        for splitter in (self.main, self.columns, self.twin_column, self.results):
            splitter.setChildrenCollapsible(False)
            splitter.splitterMoved.connect(self._on_moved)

        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(panels.chooser)
        column.addWidget(self.main, 1)

    @property
    def plots_shown(self) -> bool:
        """The plots stand beside the 3D view in Author."""
        return self._plots_shown

    def show_inspector(self) -> None:
        """Bring the inspector forward where it shares a column."""
        self._choose_tab(_INSPECTOR)

    @property
    def tabbed(self) -> bool:
        """Findings and inspector share a column."""
        return self.mode == "author" and self.density == "laptop"

    def show_plots(self, shown: bool) -> None:
        """Show or hide the plots in Author."""
        if shown != self._plots_shown:
            self._plots_shown = shown
            if self._laid_out:
                self.arrange(self.mode, self.density)

    def set_tab_texts(self, findings: str, inspector: str) -> None:
        """Words of the tabs that the narrow layout uses."""
        for bar in self._tab_bars:
            bar.setTabText(_FINDINGS, findings)
            bar.setTabText(_INSPECTOR, inspector)

    def arrange(self, mode: Mode, density: Density) -> None:
        """Show what a mode shows, in the sizes last used there."""
        again = self._laid_out
        self.mode, self.density = mode, density
        self._laid_out = True
        # Painted when all have their places: each intermediate size would be a frame of the 3D view.
        self.setUpdatesEnabled(False)
        try:
            self._arrange(mode, density)
        finally:
            if again and self.isVisible():
                self._paint_in_turn()
            self.setUpdatesEnabled(True)

    def _paint_in_turn(self) -> None:
        """One panel each time the event loop comes round: all of them in one go would be felt."""
        for part in self._covered:
            part.setUpdatesEnabled(True)
        parts = (self.panels.twin, self.left, self.middle, self.below, self.right, self.panels.timeline)
        self._covered = [part for part in parts if part.isVisible()]
        for part in self._covered:
            part.setUpdatesEnabled(False)
        self._uncover.start()

    def _uncover_next(self) -> None:
        if self._covered:
            self._covered.pop(0).setUpdatesEnabled(True)
        if not self._covered:
            self._uncover.stop()

    def _arrange(self, mode: Mode, density: Density) -> None:
        author, compare = mode == "author", mode == "compare"
        self.panels.chooser.setVisible(compare)
        self.panels.transport.setVisible(compare)
        self.panels.timeline.setVisible(not compare)
        self._arrange_sides()
        self.below.choose(mode)
        self.middle.choose(mode if not author or self._plots_shown else "")
        self.fit_heads()
        self._apply_sizes()

    def fit_heads(self) -> None:
        """Panel heads in the height of the density."""
        for head in self.findChildren(PanelHead):
            head.setFixedHeight(28 if self.density == "laptop" else 32)

    def reset(self) -> None:
        """The default sizes in all modes."""
        for mode, density in _DEFAULTS:
            self._remember(f"{mode}.{density}", None)
        self._apply_sizes()

    def _arrange_sides(self) -> None:
        author, tabbed = self.mode == "author", self.tabbed
        place = self.columns.count() - 2 if tabbed else 0
        if self.columns.indexOf(self.left) != place:
            self.columns.insertWidget(place, self.left)
        for bar in self._tab_bars:
            bar.setVisible(tabbed)
        self.left.choose("findings" if author and not (tabbed and self._tab == _INSPECTOR) else "")
        inspector = author and not (tabbed and self._tab == _FINDINGS)
        self.right.choose("operate" if self.mode == "operate" else "inspector" if inspector else "")

    def _tab_bar(self, own: int) -> QTabBar:
        bar = QTabBar()
        bar.setDocumentMode(True)
        bar.setDrawBase(False)
        bar.setExpanding(False)
        for index in (_FINDINGS, _INSPECTOR):
            bar.insertTab(index, "")
        bar.setCurrentIndex(own)
        bar.hide()
        bar.currentChanged.connect(self._choose_tab)
        return bar

    def _choose_tab(self, tab: int) -> None:
        focused = any(bar.hasFocus() for bar in self._tab_bars)
        for own, bar in enumerate(self._tab_bars):  # each stands above its own panel
            with QSignalBlocker(bar):
                bar.setCurrentIndex(own)
        if tab == self._tab:
            return
        self._tab = tab
        if not (self._laid_out and self.tabbed):
            return
        self.setUpdatesEnabled(False)
        try:
            self._arrange_sides()
            self._apply_sizes()
        finally:
            self.setUpdatesEnabled(True)
        if focused:
            self._tab_bars[tab].setFocus()

    def _splitter(self, orientation: Qt.Orientation) -> QSplitter:
        made = QSplitter(orientation)
        made.setHandleWidth(1)
        return made

    def _named(self) -> dict[str, QSplitter]:
        named = {"main": self.main, "columns": self.columns, "twin": self.twin_column}
        if self.mode == "compare":
            named["results"] = self.results
        return named

    def _apply_sizes(self) -> None:
        stored = self._remembered(f"{self.mode}.{self.density}") or {}
        for name, splitter in self._named().items():
            default = _DEFAULTS[self.mode, self.density][name]
            wanted = stored.get(name, [])
            if len(wanted) != len(default):
                wanted = list(default)
            flexible = default.index(-1)
            wanted = [d if w <= 0 else w for w, d in zip(wanted, default, strict=True)]
            total = splitter.width() if splitter.orientation() == Qt.Orientation.Horizontal else splitter.height()
            parts = self._parts(splitter)
            shown = [not part.isHidden() for part in parts]
            others = sum(w for i, w in enumerate(wanted) if i != flexible and shown[i] and w > 0)
            wanted[flexible] = max(160, total - others)
            sizes = [0] * splitter.count()
            for i, part in enumerate(parts):
                splitter.setStretchFactor(splitter.indexOf(part), 1 if i == flexible else 0)
                sizes[splitter.indexOf(part)] = max(wanted[i], 0) if shown[i] else 0
            splitter.setSizes(sizes)

    def _parts(self, splitter: QSplitter) -> list[QWidget]:
        """What a splitter's default sizes are for, in that order."""
        if splitter is not self.columns:
            parts = (splitter.widget(i) for i in range(splitter.count()))
            return [part for part in parts if part is not None]
        away, side = (self.right, self.left) if self.tabbed and self._tab == _FINDINGS else (self.left, self.right)
        return [away, self.twin_column, self.middle, side]

    def _on_moved(self) -> None:
        key = f"{self.mode}.{self.density}"
        stored: Sizes = dict(self._remembered(key) or {})
        for name, splitter in self._named().items():
            default = list(_DEFAULTS[self.mode, self.density][name])
            before = stored.get(name, default)
            before = before if len(before) == len(default) else default
            # A hidden part keeps the size it had when it was last seen.
            sizes, parts = splitter.sizes(), self._parts(splitter)
            stored[name] = [
                old if part.isHidden() else sizes[splitter.indexOf(part)] for old, part in zip(before, parts, strict=True)
            ]
        self._remember(key, stored)
