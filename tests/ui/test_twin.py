"""The 3D twin: what it shows, what a click selects, and that it draws."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvista as pv
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from sim.geometry import Kinematics, scene_geometry, start_snapshot
from tests.ui.run_example import GRASP_S, WALK_S, PlayedSource, context, recording, scene, session
from workbench.i18n import load
from workbench.session import NamedRecording, Selection
from workbench.ui.tokens import DARK, LIGHT
from workbench.ui.twin.camera import View, preset, project
from workbench.ui.twin.follow import StateFollower
from workbench.ui.twin.marks import SHORT, footholds
from workbench.ui.twin.menus import LAYERS
from workbench.ui.twin.offscreen import render_offscreen
from workbench.ui.twin.panel import TwinPanel
from workbench.ui.twin.picture import THREADED, PictureViewport
from workbench.ui.twin.props import body_parts
from workbench.ui.twin.pushing import PUSH_LIMIT
from workbench.ui.twin.stage import Picked, Stage
from workbench.ui.twin.viewport import is_software


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[TwinPanel]:
    made = TwinPanel(context())
    qtbot.addWidget(made)
    made.resize(800, 500)
    with qtbot.waitExposed(made):
        made.show()
    made.arrive()
    # Nothing is being drawn then, so the tests' changes are taken at once.
    qtbot.waitUntil(lambda: not made.viewport.behind, timeout=60_000)
    yield made
    made.finish()


def pixel_of(panel: TwinPanel, point: np.ndarray) -> QPointF:
    area = panel.viewport.widget
    panel.view.apply(panel.viewport.renderer.GetActiveCamera())
    x, y, depth = project(panel.viewport.renderer.GetActiveCamera(), point, area.width(), area.height())
    assert depth > 0
    return QPointF(x, y)


def test_another_robot_is_set_up_while_the_window_goes_on(panel: TwinPanel, qtbot: QtBot) -> None:
    session, before = panel.context.session, panel.stage
    session.robot = replace(session.robot, content_hash="another")
    session.notify("project")
    panel.context.bridge.flush()
    assert panel.stage is None and panel.note.text()  # asked for, and said so; nothing waited

    def there() -> bool:
        panel.context.bridge.tick.emit()
        return panel.stage is not None

    qtbot.waitUntil(there, timeout=60_000)
    assert panel.stage is not before
    panel.context.bridge.flush()


def test_a_workpiece_is_dragged_out_of_the_picture(panel: TwinPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[tuple[str, str]] = []
    monkeypatch.setattr("workbench.ui.twin.carrying.carry", lambda _source, kind, thing, _name: taken.append((kind, thing)))
    monkeypatch.setattr(panel, "pick_at", lambda _at: Picked(object="tote"))
    panel.viewport.wait()
    area, at = panel.viewport.widget, QPointF(300, 200)
    before = panel.view
    for kind, where in ((QEvent.Type.MouseButtonPress, at), (QEvent.Type.MouseMove, at + QPointF(30, 0))):
        QApplication.sendEvent(
            area,
            QMouseEvent(kind, where, where, Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier),
        )
        panel.viewport.wait()
    assert taken == [("object", "tote")]
    assert panel.view == before  # taken along, not orbited


def test_the_robot_stands_beside_what_covers_the_pane(panel: TwinPanel) -> None:
    assert panel.stage is not None
    panel.cover(400)
    panel.picture()
    camera, area, centre = panel.viewport.renderer.GetActiveCamera(), panel.viewport.widget, panel.stage.robot_centre()
    assert project(camera, centre, area.width(), area.height())[0] == pytest.approx(600, abs=40)
    panel.cover(0)
    panel.picture()
    assert project(camera, centre, area.width(), area.height())[0] == pytest.approx(400, abs=40)


# --- what to show (no window) ---------------------------------------------------------------------------------------
def follower() -> StateFollower:
    return StateFollower(start_snapshot(scene()), scene().robot.joint_names)


def test_before_a_simulation_the_start_is_shown() -> None:
    shown = follower().shown(session(simulated=False))
    assert shown.origin == "start" and shown.ghost is None
    assert "tote" in shown.snapshot.objects


def test_the_playhead_chooses_the_state_and_the_selected_step_the_ghost() -> None:
    made = session()
    made.playhead = 5.0
    made.selection = Selection(steps=("grasp-1",))
    shown = follower().shown(made)
    assert shown.snapshot.time == pytest.approx(5.0)
    assert shown.ghost is not None and shown.ghost.time == pytest.approx(WALK_S)
    assert shown.ghost_caption == ("twin.ghost.step_start", {"time": WALK_S})


def test_beyond_the_end_the_last_state_stays() -> None:
    made = session()
    made.playhead = 99.0
    assert follower().shown(made).snapshot.time == pytest.approx(recording().duration)


def test_a_live_robot_is_shown_with_the_planned_moment_of_its_step() -> None:
    made = session()
    made.mode = "operate"
    source = PlayedSource(recording("robot", lag=0.5))
    made.source = source
    watcher = follower()
    source.time = WALK_S + 0.2
    watcher.shown(made)
    source.time = WALK_S + 0.7
    shown = watcher.shown(made)
    assert shown.origin == "robot" and shown.latency == pytest.approx(0.038)
    assert shown.ghost is not None and shown.ghost.time == pytest.approx(WALK_S + 0.5)


def test_authoring_keeps_its_twin_while_a_robot_is_connected() -> None:
    made = session()
    made.source = PlayedSource(recording("robot"))
    assert follower().shown(made).origin == "twin"


def test_comparing_shows_both_recordings_on_one_clock() -> None:
    made = session()
    made.mode = "compare"
    made.compare_pair = (NamedRecording("run", recording("robot")), NamedRecording("twin", recording()))
    made.playhead = 5.0
    shown = follower().shown(made)
    assert shown.origin == "real" and shown.ghost is not None
    assert np.allclose(shown.ghost.joint_position, shown.snapshot.joint_position)


def test_its_own_commands_are_the_ghost_when_compared_with_them() -> None:
    made = session()
    made.mode = "compare"
    one = NamedRecording("run", recording("robot"))
    made.compare_pair = (one, one)
    shown = follower().shown(made)
    assert shown.ghost is not None
    assert np.allclose(shown.ghost.joint_position - shown.snapshot.joint_position, 0.01)


def test_joints_of_a_log_are_put_where_the_robot_has_them() -> None:
    whole = recording("log")
    few = ("right_elbow", "left_knee")
    series = whole["joint.position"]
    part = np.column_stack([series.column(n) for n in few])
    channel = replace(series.channel, columns=few)
    log = replace(
        whole,
        header=replace(whole.header, joint_names=few),
        series={"joint.position": replace(series, channel=channel, values=part)},
    )
    frame = follower().frame(log, 5.0)
    names = scene().robot.joint_names
    assert len(frame.joint_position) == len(names)
    assert frame.joint_position[names.index("left_knee")] == pytest.approx(series.column("left_knee")[500])
    assert np.array_equal(frame.base_pose, start_snapshot(scene()).base_pose)


# --- camera ----------------------------------------------------------------------------------------------------------
def test_orbiting_keeps_the_distance_and_easing_ends_at_the_target() -> None:
    view = View()
    turned = view.orbited(0.7, 0.2)
    assert np.linalg.norm(turned.eye() - turned.focal) == pytest.approx(view.distance)
    assert view.towards(turned, 0.0) == view
    end = view.towards(turned, 1.0)
    assert end.eye() == pytest.approx(turned.eye())


@pytest.mark.parametrize("name", ["front", "side", "top", "iso"])
def test_presets_look_at_the_robot(name: str) -> None:
    stage_view = preset(name, np.array([1.0, 2.0, 0.7]), 0.3, View())
    assert stage_view.focal[:2] == (1.0, 2.0)


def test_the_point_looked_at_is_in_the_middle() -> None:
    plotter = pv.Plotter(off_screen=True)
    view = View()
    view.apply(plotter.camera)
    x, y, depth = project(plotter.camera, np.array(view.focal), 800, 600)
    plotter.close()
    assert (x, y) == pytest.approx((400, 300), abs=0.5) and depth == pytest.approx(view.distance)


def test_software_renderers_are_known() -> None:
    assert is_software("llvmpipe (LLVM 15.0.6, 256 bits)") and is_software("")
    assert not is_software("NVIDIA GeForce RTX 4070/PCIe/SSE2")


# --- stage -----------------------------------------------------------------------------------------------------------
def test_budget_of_actors_and_triangles() -> None:
    plotter = pv.Plotter(off_screen=True)
    stage = Stage(
        plotter.renderer, Kinematics(scene()), scene_geometry(scene()), DARK, body_parts(scene_geometry(scene()), "high")
    )
    robot, cell = stage.triangles
    actors = plotter.renderer.GetActors().GetNumberOfItems()
    plotter.close()
    assert robot <= 14_500 and cell <= 30_000 and actors <= 75


def test_footholds_come_in_order_and_once_each() -> None:
    found = footholds(recording())
    assert len(found) >= 8 and [t for t, _, _ in found] == sorted(t for t, _, _ in found)
    assert {side for _, side, _ in found} == {0, 1}


@pytest.mark.slow
def test_pictures_without_a_window_differ_by_theme_and_state(tmp_path: Path) -> None:
    made = session()
    pictures = []
    for name, tokens, time in (("a", DARK, 0.0), ("b", LIGHT, 0.0), ("c", DARK, 6.0)):
        made.playhead = time
        path = render_offscreen(
            made, None, tmp_path / "out" / f"{name}.png", (240, 160), tokens=tokens, view=View(), smooth=False
        )
        pictures.append(np.asarray(pv.read(path).active_scalars))
    assert all(p.shape == (240 * 160, 3) for p in pictures)
    assert pictures[0].mean() < 100 < pictures[1].mean()
    assert np.abs(pictures[0].astype(int) - pictures[2]).max() > 60


# --- panel -----------------------------------------------------------------------------------------------------------
def test_words_say_what_is_solid_and_what_is_the_ghost(panel: TwinPanel) -> None:
    bridge, made = panel.context.bridge, panel.context.session
    made.set_playhead(5.0)
    made.select_steps("grasp-1")
    bridge.flush()
    assert panel.caption.solid.text() == "Twin at 5.00 s"
    assert panel.caption.ghost.text() == "Ghost: step start 4.00 s"
    panel.context.tr = load("ko")
    made.notify("language")
    bridge.flush()
    assert panel.caption.solid.text() == "트윈 5.00 s"
    panel.toggle_layer("ghost")
    assert panel.caption.ghost.text() == ""


def test_a_short_margin_gets_a_callout(panel: TwinPanel) -> None:
    panel.context.session.set_playhead(5.0)
    panel.context.bridge.flush()
    assert panel.stage is not None and panel.stage.marks.is_short and panel.stage.marks.margin is not None
    assert panel.stage.marks.margin < SHORT
    shown = panel._shown
    assert shown is not None
    in_a_step = replace(shown.snapshot, foot_force=np.array([[0.0, 0.0, 490.0], [0.0, 0.0, 0.0]]))
    panel.stage.marks.show(in_a_step, panel.layers)
    assert not panel.stage.marks.is_short  # one foot in the air: the capture point may leave the other
    panel.context.session.set_playhead(2.0)
    panel.context.bridge.flush()
    assert not panel.stage.marks.is_short


def test_a_click_selects_object_station_and_joint(panel: TwinPanel) -> None:
    panel.context.session.set_playhead(0.0)
    panel.context.bridge.flush()
    assert panel.stage is not None and panel.stage.snapshot is not None
    tote = panel.stage.snapshot.objects["tote"][:3] + np.array([0, 0, 0.03])
    panel.view = View(tuple(tote), 2.6, 0.5, 1.6)
    panel._click(pixel_of(panel, tote))
    assert panel.context.session.selection.object == "tote"
    chest = panel.stage.robot_centre() + np.array([0, 0, 0.25])
    panel.view = View(tuple(chest), 0.0, 0.1, 1.6)
    panel._click(pixel_of(panel, chest))
    assert panel.context.session.selection.joint in panel.context.session.robot.joint_names
    assert panel.context.session.selection.object == ""
    panel.view = View((0, 0, 30.0), 0.0, 1.2, 1.0)
    panel._click(QPointF(5, 5))
    assert panel.context.session.selection == Selection()


def test_layers_switch_and_views_move_the_camera(panel: TwinPanel) -> None:
    assert panel.stage is not None
    for name in LAYERS:
        before = panel.layer_shown(name)
        panel.toggle_layer(name)
        assert panel.layer_shown(name) is not before
    panel.go_to("top")
    assert panel.view.elevation > 1.5
    panel.save_view()
    panel.go_to("front")
    assert panel.view != panel.saved_views[0]
    ids = [c.id for c in panel.commands()]
    assert len(ids) == len(set(ids)) and all(panel.context.tr.has(f"command.{i}") for i in ids)


def test_the_camera_goes_with_the_robot_unless_told_to_stay(panel: TwinPanel) -> None:
    made, bridge = panel.context.session, panel.context.bridge
    start = panel.view.focal[0]
    made.set_playhead(GRASP_S)
    bridge.flush()
    assert panel.view.focal[0] == pytest.approx(start + 1.0, abs=0.02)
    panel.toggle_follow()
    made.set_playhead(0.0)
    bridge.flush()
    assert panel.view.focal[0] == pytest.approx(start + 1.0, abs=0.02)


def test_a_push_goes_to_a_live_simulation_and_nowhere_else(panel: TwinPanel) -> None:
    made, bridge = panel.context.session, panel.context.bridge
    assert panel.stage is not None
    chest = panel.stage.robot_centre() + np.array([0, 0, 0.25])
    panel.view = View(tuple(chest), 0.0, 0.1, 1.6)
    spot = pixel_of(panel, chest)
    assert panel.push.begin(spot)
    assert panel.note.text() == panel.context.tr("twin.push_needs_simulation")
    source = PlayedSource(recording(), "simulation")
    made.mode, made.source = "operate", source
    made.notify("source", "mode")
    bridge.flush()
    panel.view = View(tuple(chest), 0.0, 0.1, 1.6)
    spot = pixel_of(panel, chest)
    assert panel.push.begin(spot)
    panel.push.drag(spot + QPointF(4000, 0))
    panel.push.end(True)
    ((name, value),) = source.commands
    assert name == "push" and isinstance(value, tuple)
    force, seconds = value
    assert np.linalg.norm(force) == pytest.approx(PUSH_LIMIT) and 0 < seconds <= 2
    made.source = None


def test_themes_change_at_once(panel: TwinPanel) -> None:
    dark = panel.viewport.renderer.GetBackground()
    panel.context.tokens = LIGHT
    panel.context.session.notify("theme")
    panel.context.bridge.flush()
    assert panel.viewport.renderer.GetBackground() != dark


def test_a_coarse_still_picture_is_tried_again_until_it_is_fine(panel: TwinPanel) -> None:
    viewport = panel.viewport
    if not isinstance(viewport, PictureViewport):
        pytest.skip("this machine draws OpenGL in hardware: every picture has all pixels")
    panel._changed()
    viewport._cost = 1.0  # as if the last pictures had been very slow
    viewport.picture()
    assert viewport.coarse
    panel._still.stop()
    panel._settle()
    assert panel._still.isActive()  # it will try again
    viewport._cost = 1e-9
    viewport.picture()
    panel._still.stop()
    panel._settle()
    assert not viewport.coarse and not panel._still.isActive()


def test_the_window_lives_on_while_a_picture_is_drawn(panel: TwinPanel, qtbot: QtBot) -> None:
    viewport = panel.viewport
    if not isinstance(viewport, PictureViewport) or not THREADED:
        pytest.skip("this machine draws in the window")
    draw, may_draw, threads = viewport._draw, threading.Event(), []

    def slow(*order: Any) -> Any:
        threads.append(threading.get_ident())
        may_draw.wait(20.0)
        return draw(*order)

    viewport._draw = slow  # type: ignore[assignment, method-assign]
    panel._changed()
    qtbot.waitUntil(lambda: bool(threads), timeout=5000)
    before = panel.stage.snapshot if panel.stage is not None else None
    panel.context.session.set_playhead(4.0)
    panel.context.bridge.flush()  # comes back at once, and leaves the scene alone
    panel._orbit(0.2, 0.0)
    assert viewport.behind and panel.stage is not None and panel.stage.snapshot is before
    may_draw.set()
    qtbot.waitUntil(lambda: len(threads) > 1, timeout=5000)
    viewport.wait()
    assert panel.stage.snapshot is not None and panel.stage.snapshot.time == pytest.approx(4.0)
    assert threading.get_ident() not in threads


def test_another_scene_after_the_first_was_drawn_is_drawn_too(panel: TwinPanel) -> None:
    panel.picture()
    for _ in range(3):  # its graphics are freed on one thread and made on another
        panel._scene_of = None
        panel._load_scene()
        panel.picture()
        panel.context.tokens = LIGHT if panel.context.tokens is DARK else DARK
        panel.apply_theme()
        image = panel.picture()
    middle, edge = image.pixel(image.width() // 2, image.height() // 2), image.pixel(2, 2)
    assert middle != edge  # the robot before the sky


def test_a_still_picture_has_all_pixels_and_smooth_edges(panel: TwinPanel) -> None:
    viewport = panel.viewport
    if not isinstance(viewport, PictureViewport):
        pytest.skip("this machine draws OpenGL in hardware")
    viewport._cost = 1e-9
    panel._changed()
    panel._still.stop()
    panel._settle()
    assert viewport.renderer.GetUseFXAA()
    image = viewport.picture()
    assert image.size() == viewport.widget.size() and not viewport.coarse
