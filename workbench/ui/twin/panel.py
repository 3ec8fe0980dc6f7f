"""The 3D twin panel: follows the playhead or the live source, picks, pushes, and says in words what is drawn."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QTimer
from PySide6.QtGui import QCloseEvent, QImage, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sim.errors import SimError
from sim.geometry import Kinematics, start_snapshot
from sim.recording import Recording
from sim.snapshot import Snapshot
from workbench.session import Change
from workbench.ui.context import Command, Panel, UiContext
from workbench.ui.twin import menus
from workbench.ui.twin.camera import View, ease_out, preset, project, view_from_data
from workbench.ui.twin.carrying import DragOut
from workbench.ui.twin.follow import Shown, StateFollower
from workbench.ui.twin.hud import CaptionChip, FigureChip, MenuChip, PointLabel, lay_out
from workbench.ui.twin.mouse import MouseActions, MouseControl
from workbench.ui.twin.offscreen import heading
from workbench.ui.twin.props import PropMaker
from workbench.ui.twin.pushing import PushGesture, metres_per_pixel
from workbench.ui.twin.stage import Layers, Picked, Stage
from workbench.ui.twin.viewport import Viewport, make_viewport
from workbench.ui.twin.words import caption_words, figure_words, note_words, same_picture, selection_label
from workbench.ui.widgets import Chip

Array = NDArray[np.float64]

_EASE_MS, _SETTLE_MS = 180, 200
_HINT_TICKS = 60
_NARROW = 620  # px: below this the caption takes two lines
#: A still picture that is coarse, because the first ones were slow or the machine busy, is tried again so often.
_REFINEMENTS = 8


class TwinPanel(Panel):
    """Robot, cell and load in three dimensions.

    Args:
        context: session, words, colours.
        parent: Qt parent.
    """

    interests: frozenset[Change] = frozenset(
        {"project", "plan", "selection", "playhead", "mode", "simulation", "recordings", "comparison", "source"}
    )

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.setMinimumSize(240, 180)
        viewport, self.quality = make_viewport(self)
        self.viewport: Viewport = viewport
        self.stage: Stage | None = None
        self.view = View()
        self.following = True
        self._forced = False
        self._refined = 0
        self.layers = Layers()
        self._aside, self._meeting = 0, False
        self.error_text = ""
        self._scene_of: tuple[str, str] | None = None
        self._props = PropMaker()
        self._follower: StateFollower | None = None
        self._shown: Shown | None = None
        self._history: Recording | None = None
        self._view_name = "iso"
        self._ease: tuple[View, View, int] | None = None
        self._label_point: Array | None = None
        self._label_text = ""
        self._hint_ticks = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.viewport.widget)
        area = self.viewport.widget
        self.view_chip = MenuChip("eye", partial(menus.fill_views, self), area)
        self.layer_chip = MenuChip("layers", partial(menus.fill_layers, self), area)
        self.caption = CaptionChip(area)
        self.figures = FigureChip(area)
        self.note = Chip("", area)
        self._label, self._callout = PointLabel(area), PointLabel(area, "fa")
        self._timer = QTimer(self)
        self._timer.setInterval(16)
        self._timer.timeout.connect(self._ease_on)
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.setInterval(_SETTLE_MS)
        self._still.timeout.connect(self._settle)
        self.push = PushGesture(self, lambda: self.context.session, self._push_refused, self._push_shown)
        self._out = DragOut(self)
        push, out = self.push, self._out
        actions = MouseActions(
            self._orbit, self._pan, self._zoom, self._click, push.begin, push.drag, push.end, out.hold, out.begin
        )
        self._mouse = MouseControl(area, actions)
        context.bridge.tick.connect(self._on_tick)
        self._load_scene()
        self.retranslate()

    # --- what the shell calls ----------------------------------------------------------------------------------------
    def refresh(self, kinds: frozenset[Change]) -> None:
        """Show another state, selection or scene."""
        if "project" in kinds:
            self._load_scene()
        if "mode" in kinds or "source" in kinds or "project" in kinds:
            self._words()
        self._update_state()
        if "selection" in kinds or "project" in kinds:
            self._update_selection()

    def retranslate(self) -> None:
        """New words."""
        self._words()
        self._update_selection()

    def apply_theme(self) -> None:
        """New colours."""
        self.viewport.wait()
        if self.stage is not None:
            self.stage.recolour(self.context.tokens)
        for item in (self._label, self._callout):
            item.colour()
        self._words()
        self._changed()

    def commands(self) -> list[Command]:
        """Views and layers."""
        return menus.commands(self)

    def finish(self) -> None:
        """Free the graphics resources (the window is closing)."""
        self._timer.stop()
        self._still.stop()
        self._props.close()
        self.viewport.finish()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Free the graphics resources while their context lives."""
        self.finish()
        super().closeEvent(event)

    # --- views and layers --------------------------------------------------------------------------------------------
    def go_to(self, name: str) -> None:
        """Ease to a preset view of the robot."""
        if self.stage is None:
            return
        self._view_name = name
        self.move_to(preset(name, self.stage.robot_centre(), heading(self.stage), self.view))
        self._words()

    def cover(self, left: int) -> None:
        """Show the robot beside what stands over the left of the pane, face to face."""
        if bool(left) != bool(self._aside):
            self._meeting = bool(left) or self._meeting
            for chip in (self.view_chip, self.layer_chip, self.figures):
                chip.setVisible(not left)
            if self._meeting and self.stage is not None:
                self.view = preset("meet" if left else "iso", self.stage.robot_centre(), heading(self.stage), self.view)
            self._meeting = bool(left)
        if left != self._aside:
            self._aside = left
            self._changed()

    def toggle_follow(self) -> None:
        """The camera goes with the robot, or stays."""
        self.following = not self.following
        self._update_state(force=True)

    def save_view(self) -> None:
        """Keep where the viewer stands now; it appears in the view menu."""
        views = [*self.saved_views, self.view]
        self.context.views[self.context.session.cell.id] = [asdict(v) for v in views]

    @property
    def saved_views(self) -> list[View]:
        """The views the user kept in this cell."""
        stored = self.context.views.get(self.context.session.cell.id, ())
        return [view for view in map(view_from_data, stored) if view is not None]

    def view_selected(self) -> None:
        """Look at the selected thing, else at the robot."""
        if self.stage is not None:
            point = self._label_point if self._label_point is not None else self.stage.robot_centre()
            self.move_to(replace(self.view.looking_at(point), distance=2.6))

    def toggle_layer(self, name: str) -> None:
        """Switch a layer."""
        self.viewport.wait()
        setattr(self.layers, name, not getattr(self.layers, name))
        if self.stage is not None:
            self.stage.apply_layers()
        self._update_state(force=True)
        self._changed()

    def layer_shown(self, name: str) -> bool:
        """The layer is switched on."""
        return bool(getattr(self.layers, name))

    def picture(self) -> QImage:
        """The 3D pane as it is."""
        return self.viewport.picture()

    # --- state -------------------------------------------------------------------------------------------------------
    def _load_scene(self) -> None:
        session = self.context.session
        identity = (session.robot.content_hash, session.cell.content_hash)
        if identity == self._scene_of:
            return
        self._scene_of, self.error_text = identity, ""
        self.viewport.wait()
        self.stage, self._shown = None, None  # the last picture stays until the next scene is there
        self._props.ask(session.cell, session.robot, self.quality)

    def arrive(self) -> None:
        """Wait for the scene that is being made."""
        self._set_up(wait=True)

    def _set_up(self, wait: bool = False) -> None:
        """Put a scene that is ready on the stage."""
        try:
            props = self._props.take(wait=wait)
        except SimError as error:
            self.error_text = self.context.tr.error(error)
            self._words()
            return
        if props is None:
            return
        self.viewport.wait()
        self.viewport.renderer.RemoveAllViewProps()
        scene = props.scene
        self.stage = Stage(
            self.viewport.renderer, Kinematics(scene), props.geometry, self.context.tokens, props.bodies, self.quality
        )
        self.stage.layers = self.layers
        self._follower = StateFollower(start_snapshot(scene), scene.robot.joint_names)
        self._history, self._shown = None, None
        self._update_state(force=True)
        self._meeting = bool(self._aside)
        self.view = preset("meet" if self._meeting else "iso", self.stage.robot_centre(), heading(self.stage), self.view)
        self._words()
        self._update_selection()

    def _on_tick(self) -> None:
        if self._props.coming:
            self._set_up()
        if self._hint_ticks:
            self._hint_ticks -= 1
            if not self._hint_ticks:
                self._words()
        source = self.context.session.source
        if source is not None and self.isVisible() and not self.viewport.behind:
            self._update_state()

    def _update_state(self, force: bool = False) -> None:
        self._forced |= force
        self.viewport.when_idle("state", self._take_state)

    def _take_state(self) -> None:
        force, self._forced = self._forced, False
        if self.stage is None or self._follower is None:
            return
        shown = self._follower.shown(self.context.session)
        before = self._shown
        if before is not None and not force and same_picture(before, shown):
            self._caption(shown)
            return
        self._shown = shown
        if shown.history is not self._history:
            self._history = shown.history
            self.stage.marks.set_history(self._history)
        self.stage.show_ghost(shown.ghost)
        self.stage.show(shown.snapshot)
        if self.following and self._ease is None and before is not None:
            way = shown.snapshot.base_pose[:2] - before.snapshot.base_pose[:2]
            if np.all(np.isfinite(way)):
                self.view = self.view.looking_at(np.array(self.view.focal) + np.array([way[0], way[1], 0.0]))
        self._caption(shown)
        self._figures(shown.snapshot)
        if self.context.session.selection.object or self.context.session.selection.joint:
            self._point_at_selection()
        self._changed()

    def _changed(self) -> None:
        """Something in the picture is different: draw once, and sharpen when it has been still for a while."""
        self._refined = 0
        self._still.start()
        self.viewport.when_idle("camera", self._draw)

    def _draw(self) -> None:
        if self.stage is None:
            return
        self.view.apply(self.viewport.renderer.GetActiveCamera(), self._aside / max(1, self.viewport.widget.width()))
        self.stage.stir()
        self.viewport.rest(False)
        self.viewport.sharpen(False)
        self._place_labels()
        self.viewport.redraw()

    def _settle(self) -> None:
        self.viewport.when_idle("still", self._draw_still)

    def _draw_still(self) -> None:
        if self.stage is None or self._still.isActive():  # it moves again
            return
        self.stage.settle()
        self.viewport.rest(True)
        sharp = self.viewport.paint_seconds < self.viewport.patience
        self.viewport.sharpen(sharp)
        self.viewport.redraw()
        if not sharp and self.viewport.coarse and self._refined < _REFINEMENTS:
            self._refined += 1
            self._still.start()

    # --- words -------------------------------------------------------------------------------------------------------
    def _words(self) -> None:
        tr = self.context.tr
        self.view_chip.set(tr(f"twin.view.{self._view_name}"), tr("twin.view_tip"))
        self.layer_chip.set(tr("twin.layers"), tr("twin.layers_tip"))
        self.note.setText(
            self.error_text
            or note_words(self.context, self.quality if self.width() >= _NARROW else "", coming=self._props.coming)
        )
        self.note.setVisible(bool(self.note.text()))
        if self._shown is not None:
            self._caption(self._shown)
            self._figures(self._shown.snapshot)
        self._lay_out()

    def _caption(self, shown: Shown) -> None:
        tr = self.context.tr
        solid = caption_words(tr, shown.caption)
        if shown.latency is not None:
            solid += "  " + tr("twin.latency", ms=f"{1000 * shown.latency:.0f}")
        ghost = caption_words(tr, shown.ghost_caption) if self.layers.ghost else ""
        before = (self.caption.solid.text(), self.caption.ghost.text())
        if before != (solid, ghost) and self.caption.set(solid, ghost):
            self._lay_out()

    def _figures(self, snapshot: Snapshot) -> None:
        tr, stage = self.context.tr, self.stage
        if stage is None:
            return
        first, second = figure_words(tr, stage.marks, snapshot, in_operation=self.context.session.mode == "operate")
        before = (self.figures.first.text(), self.figures.second.text())
        if (first, second) != before and self.figures.set(first, second):
            self._lay_out()

    def _update_selection(self) -> None:
        self.viewport.when_idle("selection", self._take_selection)

    def _take_selection(self) -> None:
        self._point_at_selection()
        self._changed()

    def _point_at_selection(self) -> None:
        if self.stage is None:
            return
        session = self.context.session
        selection = session.selection
        self._label_point, self._label_text = self.stage.outline(selection.station, selection.object, selection.joint), ""
        if self._label_point is not None:
            self._label_text = selection_label(session, self._shown.snapshot if self._shown else None, self.context.tr)

    def _place_labels(self) -> None:
        if self.stage is None:
            return
        marks = self.stage.marks
        self._place(self._label, self._label_point if self._label_text else None, 6, -30, self._label_text)
        short = self.layers.com and marks.is_short and marks.margin is not None
        words = self.context.tr("twin.to_edge", mm=f"{1000 * marks.margin:.0f}") if short and marks.margin is not None else ""
        self._place(self._callout, marks.edge_point if short else None, 40, -6, words)

    def _place(self, label: PointLabel, point: Array | None, right: int, down: int, words: str) -> None:
        """A label beside a point of the scene, where there is one before the viewer."""
        area, depth = self.viewport.widget, -1.0
        if point is not None:
            x, y, depth = project(self.viewport.renderer.GetActiveCamera(), point, area.width(), area.height())
            if depth > 0:
                label.place(x + right, y + down, words)
        label.setVisible(depth > 0)

    def _lay_out(self) -> None:
        narrow = self.viewport.widget.width() < _NARROW
        self.caption.set_stacked(narrow)
        for chip in (self.view_chip, self.layer_chip):
            chip.set_compact(narrow)
        lay_out(self.viewport.widget, (self.view_chip, self.layer_chip), (self.caption,), (self.figures,), (self.note,))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Chips keep to their corners."""
        super().resizeEvent(event)
        layout = self.layout()
        if layout is not None:
            layout.activate()
        self._lay_out()
        self._changed()

    # --- camera ------------------------------------------------------------------------------------------------------
    def move_to(self, target: View) -> None:
        """Ease to a view."""
        if self.context.reduced_motion or not self.isVisible():
            self.view = target
            self._changed()
            return
        self._ease = (self.view, target, 0)
        self._timer.start()

    def _ease_on(self) -> None:
        if self._ease is None:
            self._timer.stop()
            return
        start, target, elapsed = self._ease
        elapsed += self._timer.interval()
        share = elapsed / _EASE_MS
        self.view = start.towards(target, ease_out(share)) if share < 1 else target
        self._ease = (start, target, elapsed) if share < 1 else None
        self._changed()

    def _orbit(self, azimuth: float, elevation: float) -> None:
        self.view = self.view.orbited(azimuth, elevation)
        self._free_view()

    def _pan(self, right: float, up: float) -> None:
        metres = metres_per_pixel(self.view, self.viewport.widget.height())
        self.view = self.view.panned(right * metres, up * metres)
        self._free_view()

    def _zoom(self, factor: float) -> None:
        self.view = self.view.zoomed(factor)
        self._free_view()

    def _free_view(self) -> None:
        self._ease, self._meeting = None, False
        if self._view_name != "free":
            self._view_name = "free"
            self._words()
        self._changed()

    # --- pointing and pushing ----------------------------------------------------------------------------------------
    def pick_at(self, position: QPointF) -> Picked | None:
        """What lies under a point of the pane."""
        if self.stage is None:
            return None
        self.viewport.wait()
        ratio = self.viewport.pixel_ratio
        return self.stage.pick(position.x() * ratio, (self.viewport.widget.height() - position.y()) * ratio)

    def _click(self, position: QPointF) -> None:
        self.viewport.when_idle("click", partial(self._choose, position))

    def _choose(self, position: QPointF) -> None:
        session, picked = self.context.session, self.pick_at(position)
        selection = session.selection
        if picked is None:
            session.select(replace(selection, station="", object="", joint=""))
        elif picked.joint:
            session.select(replace(selection, station="", object="", joint=picked.joint))
        else:
            session.select(replace(selection, station=picked.station, object=picked.object, joint=""))

    def _push_refused(self) -> None:
        self.note.setText(self.context.tr("twin.push_needs_simulation"))
        self.note.show()
        self._lay_out()
        self._hint_ticks = _HINT_TICKS

    def _push_shown(self, start: Array | None, newton: float) -> None:
        if start is None:
            self._update_selection()
            return
        self._label_point, self._label_text = start, self.context.tr("twin.push", newton=f"{newton:.0f}")
        self._changed()
