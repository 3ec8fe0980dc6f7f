"""The timeline panel: toolbar, canvas or step table, and every command on steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QStackedLayout, QVBoxLayout, QWidget

from sim.preflight.finding import Finding
from workbench.errors import WorkbenchError
from workbench.operations import plan_ops, timeline_ops
from workbench.session import Change
from workbench.ui import theme
from workbench.ui.context import Command, Panel, UiContext
from workbench.ui.icons import icon
from workbench.ui.timeline.accessible import AccessibleSteps
from workbench.ui.timeline.input import TimelineCanvas
from workbench.ui.timeline.scene import Scene
from workbench.ui.timeline.step_table import StepTable
from workbench.ui.timeline.toolbar import TimelineToolbar
from workbench.ui.timeline.walk import Direction, in_time, neighbour

_COMPACT_WIDTH = 1440
_WALKS: Mapping[Qt.Key, Direction] = {
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
}


class TimelinePanel(Panel):
    """Tracks, steps, dependencies, margin strip and playhead of the open plan.

    Args:
        context: session, words, colours.
        slim: read only, legs and both hands, for Operate; ``set_slim`` changes it later.
    """

    interests = frozenset[Change]({"project", "plan", "selection", "playhead", "simulation", "report", "mode"})

    #: A step was opened (double click, Enter): the shell brings the inspector forward.
    step_activated = Signal(str)
    #: An edit was refused: the sentence, for the status bar; it is also shown beside the step.
    refused = Signal(str)

    def __init__(self, context: UiContext, parent: QWidget | None = None, slim: bool = False) -> None:
        super().__init__(context, parent)
        self._fixed_slim = slim
        self._followed: tuple[str, ...] = ()
        self.toolbar = TimelineToolbar(self)
        self.canvas = TimelineCanvas(context, slim, self)
        self.table = StepTable(context, self)
        self.accessible = AccessibleSteps(self.canvas)
        self.empty = _EmptyTimeline(self.canvas)
        stack = QWidget(self)
        self._stack = QStackedLayout(stack)
        self._stack.addWidget(self.canvas)
        self._stack.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.toolbar)
        column.addWidget(stack, 1)
        self.setFocusProxy(self.canvas)
        self._connect()
        self.set_slim(slim)
        self.retranslate()
        self.refresh(self.interests)

    def _connect(self) -> None:
        bar, canvas = self.toolbar, self.canvas
        bar.play_pressed.connect(lambda: self.context.run_command("play"))
        bar.simulate_pressed.connect(lambda: self.context.run_command("simulate"))
        bar.add.clicked.connect(lambda: bar.open_palette(self.context))
        bar.skill_chosen.connect(self.add_step)
        bar.snap_toggled.connect(lambda on: setattr(canvas, "snap", on))
        bar.fit_pressed.connect(canvas.fit)
        bar.zoom_pressed.connect(canvas.zoom)
        bar.table_pressed.connect(self.show_table)
        canvas.play_pressed.connect(lambda: self.context.run_command("play"))
        canvas.activated.connect(self.step_activated)
        canvas.refusal.connect(self.refused)
        canvas.dropped.connect(self._on_dropped)
        canvas.menu_requested.connect(self._open_menu)
        canvas.walk = self.next_step
        self.table.refusal.connect(self.refused)

    # -- what is shown --------------------------------------------------------------------------------------------------------

    def refresh(self, kinds: frozenset[Change]) -> None:
        """Show what changed; a playhead alone repaints two thin strips."""
        session, canvas = self.context.session, self.canvas
        slim = self._fixed_slim or session.mode == "operate"
        if "mode" in kinds and slim != canvas.slim:
            self.set_slim(slim)
        if kinds & {"project", "plan", "simulation", "report"}:
            self._rebuild("project" in kinds)
        elif "selection" in kinds:
            canvas.invalidate()
        if "selection" in kinds:
            self._follow_selection()
        if "playhead" in kinds or "project" in kinds:
            canvas.playhead_moved()
            if session.playing:
                self._follow_playhead()
        self.toolbar.show_time(session, canvas.end)
        self.toolbar.show_simulation(self.context)

    def _rebuild(self, other_project: bool) -> None:
        canvas = self.canvas
        if canvas.gesture is not None and (other_project or canvas.feedback.plan is not None):
            canvas.cancel()
        canvas.rebuild()
        self.accessible.renew()
        self.table.show_scene(canvas.scene)
        steps = self.context.session.plan.steps
        self.empty.setVisible(not steps and not canvas.slim)
        if other_project or (canvas.fitted and canvas.scale.x(canvas.end) > canvas.width()):
            canvas.fit()

    def _follow_selection(self) -> None:
        selection, canvas = self.context.session.selection, self.canvas
        views = [canvas.scene.by_id[i] for i in selection.steps if i in canvas.scene.by_id]
        if views and canvas.gesture is None:
            canvas.reveal(views[0].start, views[0].end)
            canvas.reveal_row(views[0].box.track)
        self.table.show_selection(selection.steps)
        texts = [canvas.describe(v) for v in views[:3]]
        canvas.setAccessibleDescription("; ".join(texts))
        name = self.context.tr("timeline.name")
        canvas.setAccessibleName(f"{name}: {texts[0]}" if len(views) == 1 else name)
        if selection.steps != self._followed:
            self._followed = selection.steps
            self.accessible.say_focus()
            self.context.session.history.end_coalescing()

    def _follow_playhead(self) -> None:
        """While playing, turn the page when the playhead leaves the view."""
        canvas = self.canvas
        time = self.context.session.playhead
        if canvas.gesture is None and not canvas.lanes.left() <= canvas.scale.x(time) <= canvas.lanes.right():
            canvas.set_scale(replace(canvas.scale, origin=time - 1.0))

    def retranslate(self) -> None:
        """Words of the language in force."""
        tr = self.context.tr
        self.toolbar.retranslate(self.context)
        self.canvas.setAccessibleName(tr("timeline.name"))
        self.empty.set(tr("timeline.empty.title"), tr("timeline.empty.text"))
        self.table.retranslate()
        self._rebuild(False)

    def apply_theme(self) -> None:
        """Colours of the theme in force."""
        self.canvas.invalidate()
        self.empty.update()

    def set_slim(self, slim: bool) -> None:
        """Slim and read only (Operate), or the whole editor."""
        self.canvas.slim = slim
        self.canvas.setAcceptDrops(not slim)
        self.toolbar.setVisible(not slim)
        if slim:
            self._stack.setCurrentWidget(self.canvas)
        self._rebuild(False)
        self.canvas.fit()

    def show_table(self, shown: bool) -> None:
        """The steps as a table that edits the same plan."""
        self.toolbar.table.setChecked(shown)
        self._stack.setCurrentWidget(self.table if shown else self.canvas)
        (self.table if shown else self.canvas).setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Narrow heads on a laptop."""
        self.canvas.set_compact(self.width() <= _COMPACT_WIDTH)
        super().resizeEvent(event)

    # -- steps ----------------------------------------------------------------------------------------------------------------

    def attempt(self, edit: Callable[[], object]) -> bool:
        """Do an edit; a refused one is explained beside the step. True if it was done."""
        try:
            edit()
        except WorkbenchError as error:
            self.canvas.refuse(error)
            return False
        return True

    def add_step(self, skill: str) -> None:
        """A step of a skill behind the selected one, else at the playhead. It is selected."""
        session = self.context.session
        chosen = [s for s in session.plan.steps if s.id in session.selection.steps]
        if chosen:
            behind = max(s.end for s in chosen)
            self.attempt(lambda: plan_ops.insert_step(session, skill, behind))
        else:
            self.attempt(lambda: plan_ops.add_step(session, skill))

    def _on_dropped(self, kind: str, thing: str, track: str, time: float) -> None:
        """A thing of the 3D view let go on a track: the step that makes sense there."""
        session = self.context.session
        skill, parameters = timeline_ops.step_for(session.plan, kind, thing, track, self.canvas.planned_time("grasp", time))
        at = self.canvas.planned_time(skill, time)
        self.attempt(lambda: plan_ops.add_step(session, skill, at, parameters))

    def delete(self) -> None:
        """Delete the selected steps."""
        self.attempt(lambda: plan_ops.delete_selection(self.context.session))

    def duplicate(self) -> None:
        """Copies of the selected steps behind them."""
        self.attempt(lambda: plan_ops.duplicate_selection(self.context.session))

    def copy(self) -> None:
        """Remember the selected steps."""
        plan_ops.copy_selection(self.context.session)

    def cut(self) -> None:
        """Remember the selected steps and delete them."""
        self.attempt(lambda: plan_ops.cut_selection(self.context.session))

    def paste(self) -> None:
        """Copies of the remembered steps at the playhead."""
        self.attempt(lambda: plan_ops.paste(self.context.session))

    def select_all(self) -> None:
        """Select all steps."""
        self.context.session.select_steps(*(s.id for s in self.context.session.plan.steps))

    def next_step(self, forward: bool) -> bool:
        """Select the next step in time; False at the end of the plan."""
        session, ordered = self.context.session, [v.id for v in in_time(self.canvas.scene)]
        if not ordered:
            return False
        current = session.selection.steps[-1] if session.selection.steps else ""
        i = ordered.index(current) + (1 if forward else -1) if current in ordered else (0 if forward else len(ordered) - 1)
        if not 0 <= i < len(ordered):
            return False
        self._walk_to(ordered[i])
        return True

    def walk(self, direction: Direction) -> bool:
        """Select the step beside the selected one; False where there is none."""
        selected = self.context.session.selection.steps
        found = neighbour(self.canvas.scene, self.canvas.tracks, selected[-1] if selected else "", direction)
        if found:
            self._walk_to(found)
        return bool(found)

    def _walk_to(self, step_id: str) -> None:
        self.context.session.select_steps(step_id)
        self.canvas.focused = step_id

    def to_step_end(self, end: bool) -> None:
        """Playhead to the start or end of the selected steps, else to the next edge in that direction."""
        session, scene = self.context.session, self.canvas.scene
        views = [scene.by_id[i] for i in session.selection.steps if i in scene.by_id]
        if views:
            session.set_playhead(max(v.end for v in views) if end else min(v.start for v in views))
            return
        moments = sorted({v.start for v in scene.steps} | {v.end for v in scene.steps})
        now = session.playhead
        found = next((m for m in (moments if end else reversed(moments)) if (m > now + 1e-6 if end else m < now - 1e-6)), None)
        if found is not None:
            session.set_playhead(found)

    def to_finding(self, forward: bool) -> None:
        """Select the next finding in time, its step, and go there."""
        report, session = self.context.session.report, self.context.session
        if report is None or not report.findings:
            return
        ordered = sorted(report.findings, key=lambda f: (_moment(f, self.canvas.scene), f.code))
        current = session.selection.finding
        i = ordered.index(current) + (1 if forward else -1) if current in ordered else (0 if forward else -1)
        timeline_ops.show_finding(session, ordered[i % len(ordered)])

    def nudge(self, seconds: float, *, length: bool) -> None:
        """Arrow keys: move the selected steps, or change the length of the first, by seconds. Presses in a row are one undo."""
        session, ids = self.context.session, self.context.session.selection.steps
        if length and ids:
            wanted = round(self.canvas.scene.by_id[ids[0]].box.length + seconds, 3)
            self.attempt(lambda: plan_ops.resize_step(session, ids[0], wanted, coalesce_key=f"length.{ids[0]}"))
        elif ids:
            self.attempt(lambda: plan_ops.move_steps(session, ids, seconds, coalesce_key="move." + ".".join(ids)))

    def planning_keys(self, event: QKeyEvent) -> bool:
        """Keys on the selected steps; True if the key was one of them.

        Left and right move the step, with Alt they change its length; up and down, and with Ctrl left and right, go to the step
        beside it.
        """
        shift, alt = event.modifiers() & Qt.KeyboardModifier.ShiftModifier, event.modifiers() & Qt.KeyboardModifier.AltModifier
        key, ctrl = Qt.Key(event.key()), event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if key in _WALKS and (ctrl or key in (Qt.Key.Key_Up, Qt.Key.Key_Down)) and not (shift or alt):
            self.walk(_WALKS[key])
            return True
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not self.canvas.slim:
            seconds = (1.0 if shift else 0.1) * (1 if key == Qt.Key.Key_Right else -1)
            if self.context.session.selection.steps:
                self.nudge(seconds, length=bool(alt))
            else:
                self.context.session.set_playhead(self.context.session.playhead + seconds)
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.context.session.selection.steps:
            self.step_activated.emit(self.context.session.selection.steps[0])
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys the canvas did not take: steps first, then the commands by their shortcut."""
        if self.planning_keys(event):
            return
        pressed = QKeySequence(event.keyCombination()).toString()
        for command in self.commands():
            if command.shortcut and QKeySequence(command.shortcut).toString() == pressed and command.enabled():
                command.run()
                return
        super().keyPressEvent(event)

    # -- commands -------------------------------------------------------------------------------------------------------------

    def commands(self) -> list[Command]:
        """Actions on steps and on the view."""
        canvas = self.canvas

        def some() -> bool:
            return bool(self.context.session.selection.steps) and not canvas.slim

        def editable() -> bool:
            return not canvas.slim

        def found() -> bool:
            report = self.context.session.report
            return report is not None and bool(report.findings)

        return [
            Command("timeline.add", lambda: self.toolbar.open_palette(self.context), "A", "plus", editable, menu="plan"),
            Command("timeline.delete", self.delete, "Del", "trash", some, menu="edit/steps"),
            Command("timeline.duplicate", self.duplicate, "Ctrl+D", "copy", some, menu="edit/steps"),
            Command("timeline.copy", self.copy, "Ctrl+C", "copy", some, menu="edit/steps"),
            Command("timeline.cut", self.cut, "Ctrl+X", "", some, menu="edit/steps"),
            Command(
                "timeline.paste",
                self.paste,
                "Ctrl+V",
                "",
                lambda: bool(self.context.session.clipboard) and editable(),
                menu="edit/steps",
            ),
            Command("timeline.select_all", self.select_all, "Ctrl+A", "", editable, menu="edit/steps"),
            Command("timeline.next_finding", lambda: self.to_finding(True), "N", "finding", found, menu="plan/findings"),
            Command(
                "timeline.previous_finding", lambda: self.to_finding(False), "Shift+N", "finding", found, menu="plan/findings"
            ),
            Command("timeline.to_start", lambda: self.to_step_end(False), "[", "", menu="view/timeline"),
            Command("timeline.to_end", lambda: self.to_step_end(True), "]", "", menu="view/timeline"),
            Command("timeline.fit", canvas.fit, "F", "fit", menu="view/timeline"),
            Command("timeline.zoom_step", canvas.zoom_to_selection, "Z", "zoom_in", some, menu="view/timeline"),
            Command("timeline.zoom_in", lambda: canvas.zoom(1.25), "Ctrl+=", "zoom_in", menu="view/timeline"),
            Command("timeline.zoom_out", lambda: canvas.zoom(0.8), "Ctrl+-", "zoom_out", menu="view/timeline"),
            Command(
                "timeline.snap", self.toolbar.snap.toggle, "", "", editable, checked=self.toolbar.snap.isChecked, menu="plan"
            ),
            Command(
                "timeline.table",
                lambda: self.show_table(self._stack.currentWidget() is self.canvas),
                "Ctrl+T",
                "table",
                editable,
                checked=lambda: self._stack.currentWidget() is self.table,
                menu="view/timeline",
            ),
        ]

    def _open_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for command in self.commands()[:7]:
            action = menu.addAction(self.context.tr(f"command.{command.id}"))
            if command.icon:
                action.setIcon(icon(command.icon, self.context.tokens.tx2))
            action.setEnabled(command.enabled())
            action.triggered.connect(lambda _checked=False, run=command.run: run())
        menu.popup(at)


def _moment(finding: Finding, scene: Scene) -> float:
    if finding.start is not None:
        return finding.start
    view = scene.by_id.get(finding.step)
    return view.start if view else 0.0


class _EmptyTimeline(QWidget):
    """What an empty timeline says, over the lanes."""

    def __init__(self, canvas: TimelineCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._title = self._text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        canvas.installEventFilter(self)

    def set(self, title: str, text: str) -> None:
        """New words."""
        self._title, self._text = title, text
        self.setAccessibleName(f"{title}. {text}")
        self._place()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Stay in the middle of the lanes."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        self.setGeometry(self._canvas.lanes.toRect())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words on a calm ground."""
        tokens = theme.current()
        painter = QPainter(self)
        strong, plain = theme.font(13, 600), theme.font(12)
        painter.setFont(plain)
        width = painter.fontMetrics().horizontalAdvance(self._text) + 48
        box = QRectF((self.width() - width) / 2, self.height() / 2 - 32, width, 58)
        painter.fillRect(box, QColor(tokens.lane))
        painter.setPen(QColor(tokens.tx2))
        painter.drawText(box.adjusted(0, 26, 0, -6), Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, self._text)
        painter.setFont(strong)
        painter.setPen(QColor(tokens.tx))
        painter.drawText(box.adjusted(0, 4, 0, 0), Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, self._title)
        painter.end()
