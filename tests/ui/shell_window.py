"""A window with plain panels, for tests of the shell alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from sim.cell import WorkCell, load_cell
from sim.robot import RobotModel, load_robot
from workbench.i18n import Translator, load
from workbench.jobs import JobPool
from workbench.plan.model import Plan, Step
from workbench.resources import resource
from workbench.session import Session
from workbench.ui.context import Bridge, Command, Panel, UiContext
from workbench.ui.layouts import Panels
from workbench.ui.main_window import MainWindow
from workbench.ui.playback import Playback
from workbench.ui.shell.store import SettingsStore
from workbench.ui.shell.transport import TransportBar
from workbench.ui.tokens import THEMES
from workbench.ui.widgets import PanelHead


class PlainPanel(Panel):
    """A head and a word."""

    def __init__(self, context: UiContext, name: str) -> None:
        super().__init__(context)
        self.name = name
        self.ran = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(PanelHead(name))
        column.addWidget(QLabel(name), 1)

    def commands(self) -> list[Command]:
        def run() -> None:
            self.ran += 1

        return [Command(f"plain_{self.name}", run, menu="view")]


def small_plan() -> Plan:
    """Two steps."""
    return Plan(
        "part transfer",
        (
            Step("walk-1", "walk", "legs", 0.0, 6.0, {"station": "rack"}),
            Step("grasp-1", "grasp", "both_hands", 6.0, 5.0, {"object": "tote_1"}, ("walk-1",)),
        ),
    )


@cache
def _robot_and_cell() -> tuple[RobotModel, WorkCell]:
    return load_robot(resource("robots", "h140")), load_cell(next(resource("cells").glob("*/cell.toml")))


@cache
def _languages() -> dict[str, Translator]:
    return {name: load(name) for name in ("en", "ko")}


def make_session() -> Session:
    """The example cell with a small plan."""
    robot, cell = _robot_and_cell()
    return Session(None, small_plan(), robot, cell)


def make_window(folder: Path, session: Session | None = None, language: str = "en") -> MainWindow:
    """The window, not shown."""
    session = session or make_session()
    languages = _languages()
    context = UiContext(session, Bridge(session), languages[language], THEMES["dark"])

    def build(context: UiContext, playback: Playback) -> Panels:
        names = (
            "timeline",
            "findings",
            "inspector",
            "plots",
            "chooser",
            "heatmap",
            "joint_table",
            "overlay",
            "health",
            "live_plots",
            "events",
        )
        made: dict[str, QWidget] = {name: PlainPanel(context, name) for name in names}
        return Panels(twin=PlainPanel(context, "twin"), transport=TransportBar(context, playback), **made)

    return MainWindow(context, SettingsStore(folder / "settings.json"), JobPool(), languages, build)
