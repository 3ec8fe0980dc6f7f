"""What is open now: one project, one selection, one playhead through all modes. Panels meet here; none knows another.

The session holds; ``workbench.operations`` acts. It knows no Qt: the UI subscribes and is told what kind of thing changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from sim.cell import WorkCell
from sim.motion import Motion
from sim.preflight.finding import Finding, PreflightReport
from sim.preflight.verified import VerifiedMotion
from sim.recording import Recording
from sim.robot import RobotModel
from workbench.comparison.comparison import Comparison
from workbench.plan.history import History
from workbench.plan.layout import does_the_same
from workbench.plan.model import Plan, Step
from workbench.project.autosave import Autosave
from workbench.project.run_store import RunStore
from workbench.telemetry.source import TelemetrySource

Mode = Literal["author", "compare", "operate"]
#: What may have changed. A panel refreshes only for the kinds it shows.
Change = Literal[
    "project",  # another project, robot or cell is open
    "plan",  # the plan has another version (edit, undo, redo)
    "saved",  # modified flag, autosave, saved time
    "selection",
    "playhead",
    "mode",
    "simulation",  # session.simulated (the twin's recording) is another
    "report",  # preflight report or its staleness
    "recordings",  # session.recordings list
    "comparison",
    "source",  # the live source came, went or changed state
    "jobs",
    "language",
    "theme",
]


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user points at, in all modes alike. Empty string or tuple: nothing."""

    steps: tuple[str, ...] = ()
    joint: str = ""
    station: str = ""
    object: str = ""
    finding: Finding | None = None


@dataclass(frozen=True, slots=True, eq=False)
class NamedRecording:
    """A recording in the session: shown name, where its file lies (None: not saved)."""

    name: str
    recording: Recording
    path: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """The last simulation: the plan it was made of, its motion and its recording."""

    plan: Plan
    motion: Motion
    recording: Recording


class Session:
    """The open project and everything the panels share.

    Args:
        project_folder: where the project lies, None for a new one.
        plan: the first version.
        robot: what it is compiled for.
        cell: where it takes place.
    """

    def __init__(self, project_folder: Path | None, plan: Plan, robot: RobotModel, cell: WorkCell) -> None:
        self.project_folder = project_folder
        self.history = History(plan)
        self.robot = robot
        self.cell = cell
        self.mode: Mode = "author"
        self.selection = Selection()
        self.playhead = 0.0
        self.playing = False
        self.simulated: Simulated | None = None
        self.report: PreflightReport | None = None
        self.report_plan: Plan | None = None
        self.recordings: list[NamedRecording] = []
        self.compare_pair: tuple[NamedRecording | None, NamedRecording | None] = (None, None)
        self.comparison: Comparison | None = None
        self.source: TelemetrySource | None = None
        self.name = plan.name
        self.autosave: Autosave | None = None
        self.runs = RunStore()
        self.clipboard: tuple[Step, ...] = ()
        self.verified: VerifiedMotion | None = None
        self._listeners: list[Callable[[frozenset[Change]], None]] = []

    @property
    def plan(self) -> Plan:
        """The plan as it is now."""
        return self.history.current

    @property
    def report_stale(self) -> bool:
        """The report speaks of an older version of the plan (one that does something else; names do not count)."""
        return self.report is not None and (self.report_plan is None or not does_the_same(self.report_plan, self.plan))

    @property
    def simulation_stale(self) -> bool:
        """The simulation was made of a version of the plan that does something else."""
        return self.simulated is not None and not does_the_same(self.simulated.plan, self.plan)

    def subscribe(self, listener: Callable[[frozenset[Change]], None]) -> Callable[[], None]:
        """Call ``listener`` with the kinds of each change, on the thread that changed; returns how to unsubscribe."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def notify(self, *changes: Change) -> None:
        """Tell the listeners. Called by operations after they changed the session."""
        kinds = frozenset(changes)
        for listener in tuple(self._listeners):
            listener(kinds)

    def apply(self, label: str, plan: Plan, coalesce_key: str = "") -> None:
        """A new version of the plan; the selection drops steps that are gone."""
        if plan is self.plan:
            return
        self.history.push(label, plan, coalesce_key)
        self._plan_changed()

    def undo(self) -> str:
        """One version back; the label of what was undone, "" if nothing."""
        label = self.history.undo_label
        if self.history.undo():
            self._plan_changed()
            return label
        return ""

    def redo(self) -> str:
        """One version on; the label of what was redone, "" if nothing."""
        label = self.history.redo_label
        if self.history.redo():
            self._plan_changed()
            return label
        return ""

    def select(self, selection: Selection) -> None:
        """Point at something else."""
        if selection != self.selection:
            self.selection = selection
            self.notify("selection")

    def select_steps(self, *step_ids: str) -> None:
        """Select steps, keep the joint."""
        self.select(replace(self.selection, steps=step_ids, station="", object="", finding=None))

    def set_playhead(self, time: float) -> None:
        """Move the playhead (s, never negative)."""
        time = max(0.0, time)
        if time != self.playhead:
            self.playhead = time
            self.notify("playhead")

    def set_mode(self, mode: Mode) -> None:
        """Author, compare or operate."""
        if mode != self.mode:
            self.mode = mode
            self.notify("mode")

    def _plan_changed(self) -> None:
        ids = {s.id for s in self.plan.steps}
        kept = tuple(s for s in self.selection.steps if s in ids)
        self.selection = replace(self.selection, steps=kept)
        self.notify("plan", "saved", "report", "selection")
