"""The window put together: application, session, jobs, panels, actions. The one place that knows them all."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, fields
from pathlib import Path

from PySide6.QtWidgets import QApplication

from workbench.i18n import LANGUAGES, load
from workbench.jobs import JobPool
from workbench.operations import project_ops, simulate_ops
from workbench.resources import resource
from workbench.session import Session
from workbench.ui import theme
from workbench.ui.context import Bridge, UiContext
from workbench.ui.findings.panel import FindingsPanel
from workbench.ui.inspector.panel import InspectorPanel
from workbench.ui.later import PanelLoader, Place
from workbench.ui.layouts import Panels
from workbench.ui.main_window import MainWindow
from workbench.ui.playback import Playback
from workbench.ui.shell.data_actions import DataActions
from workbench.ui.shell.dialogs import system_language
from workbench.ui.shell.live_actions import LiveActions
from workbench.ui.shell.project_actions import ProjectActions
from workbench.ui.shell.robot_actions import RobotActions
from workbench.ui.shell.run_actions import RunActions
from workbench.ui.shell.store import SettingsStore
from workbench.ui.shell.transport import TransportBar
from workbench.ui.shell.view_actions import ViewActions
from workbench.ui.timeline.accessible import install_accessible_timeline
from workbench.ui.timeline.panel import TimelinePanel
from workbench.ui.tokens import THEMES


def build_panels(context: UiContext, playback: Playback) -> Panels:
    """The light panels, and places for the heavy ones, which ``PanelLoader`` fills."""
    return Panels(
        twin=Place(),
        transport=TransportBar(context, playback),
        timeline=TimelinePanel(context),
        findings=FindingsPanel(context),
        inspector=InspectorPanel(context),
        plots=Place(),
        chooser=Place(),
        heatmap=Place(),
        joint_table=Place(),
        overlay=Place(),
        health=Place(),
        live_plots=Place(),
        events=Place(),
    )


@dataclass(slots=True)
class Workbench:
    """The running window with what acts in it."""

    window: MainWindow
    pool: JobPool
    projects: ProjectActions
    runs: RunActions
    data: DataActions
    live: LiveActions
    loader: PanelLoader

    def close(self) -> None:
        """Let go of workers, sources and threads."""
        session = self.window.context.session
        self.window.context.bridge.stop()
        if session.source is not None:
            session.source.close()
            session.source = None
        self.live.close()
        project_ops.close_project(session)
        self.pool.close()


def make_application(store: SettingsStore) -> QApplication:
    """The Qt application with fonts and theme. The scale must be known to Qt before it starts."""
    percent = store.settings.scale_percent
    if percent != 100:
        os.environ.setdefault("QT_SCALE_FACTOR", f"{percent / 100:g}")
    install_accessible_timeline()
    app = QApplication(sys.argv[:1])
    app.setApplicationName("humanoid-workbench")
    app.setApplicationDisplayName("humanoid-workbench")
    theme.load_fonts(resource("fonts"))
    theme.apply_theme(app, THEMES["light" if store.settings.theme == "light" else "dark"])
    return app


def compose(store: SettingsStore, project: Path | None = None) -> Workbench:
    """The window over a project, or over an empty process; not yet shown. WorkbenchError or SimError where it does not open."""
    languages = {name: load(name) for name in LANGUAGES}
    language = store.settings.language if store.settings.language in languages else system_language()
    session: Session = project_ops.open_project(project) if project is not None else project_ops.new_project("")
    bridge = Bridge(session)
    tokens = THEMES["light" if store.settings.theme == "light" else "dark"]
    context = UiContext(session, bridge, languages[language], tokens, store.settings.reduced_motion)
    pool = JobPool(workers=1, on_change=lambda: context.session.notify("jobs"), preload=simulate_ops.PRELOAD)
    window = MainWindow(context, store, pool, languages, build_panels)
    runs = RunActions(window, pool)
    projects = ProjectActions(window, pool, runs)
    data = DataActions(window, pool, runs)
    live = LiveActions(window)
    for actions in (ViewActions(window), projects, data, RobotActions(window), runs, live):
        window.commands.add(actions.commands())
    window.add_panel_commands()
    window.may_close = projects.may_leave
    timeline = window.panels.timeline
    assert isinstance(timeline, TimelinePanel)
    inspector = window.panels.inspector
    assert isinstance(inspector, InspectorPanel)

    def edit_step(_step: str) -> None:
        window.workspace.show_inspector()
        bridge.flush()
        inspector.focus_first_field()

    timeline.step_activated.connect(edit_step)
    places = {f.name: getattr(window.panels, f.name) for f in fields(Panels)}
    loader = PanelLoader(context, {name: place for name, place in places.items() if isinstance(place, Place)}, window)
    loader.built.connect(lambda _name: window.panel_came())
    made = Workbench(window, pool, projects, runs, data, live, loader)
    window.closing.connect(made.close)
    return made
