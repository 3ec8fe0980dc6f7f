"""The panels that need 3D and plotting libraries. Imported after the window is shown: those take longer to load than all the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workbench.ui.compare.chooser import ChooserBar
from workbench.ui.compare.heatmap import HeatmapPanel
from workbench.ui.compare.overlay import OverlayPanel
from workbench.ui.compare.table import JointTablePanel
from workbench.ui.context import Panel, UiContext
from workbench.ui.operate.events import EventsPanel
from workbench.ui.operate.health import JointHealthPanel
from workbench.ui.operate.live_plots import LivePlotsPanel
from workbench.ui.plots.panel import PlotsPanel
from workbench.ui.twin.panel import TwinPanel

#: Name in ``layouts.Panels`` -> what makes the panel, in the order the user wants to see them.
HEAVY: Mapping[str, Callable[[UiContext], Panel]] = {
    "twin": TwinPanel,
    "plots": PlotsPanel,
    "chooser": ChooserBar,
    "heatmap": HeatmapPanel,
    "joint_table": JointTablePanel,
    "overlay": OverlayPanel,
    "health": JointHealthPanel,
    "live_plots": LivePlotsPanel,
    "events": EventsPanel,
}
