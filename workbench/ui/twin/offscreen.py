"""Pictures of the twin without a window: for reports, tests and machines without a display. Imports no Qt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyvista as pv

from sim.geometry import Kinematics, scene_geometry, start_snapshot
from sim.scene import build_scene
from sim.snapshot import Snapshot
from workbench.session import Session
from workbench.ui.tokens import DARK, Tokens
from workbench.ui.twin.camera import View, preset
from workbench.ui.twin.follow import StateFollower
from workbench.ui.twin.props import body_parts
from workbench.ui.twin.stage import Layers, Stage


def render_offscreen(
    session: Session,
    snapshot: Snapshot | None,
    path: Path,
    size: tuple[int, int] = (1280, 720),
    *,
    tokens: Tokens = DARK,
    view: View | str = "iso",
    layers: Layers | None = None,
    smooth: bool = True,
) -> Path:
    """Draw one picture of the session's robot and cell as PNG.

    Args:
        session: what is open; only read.
        snapshot: the state to draw; None: what the session shows at its playhead, with the ghost.
        path: where to write; its folder is made.
        size: width and height in pixels.
        tokens: colours.
        view: a camera, or the name of a preset about the robot (front, side, top, iso).
        layers: what is switched on; None: everything.
        smooth: smooth edges (slower).

    Returns:
        The path written.

    Raises:
        SimError: the scene cannot be built.
    """
    scene = build_scene(session.cell, session.robot)
    start = start_snapshot(scene)
    shown = StateFollower(start, session.robot.joint_names).shown(session)
    plotter = pv.Plotter(off_screen=True, window_size=size, lighting="none")
    try:
        plotter.ren_win.SetMultiSamples(0)
        geometry = scene_geometry(scene)
        stage = Stage(plotter.renderer, Kinematics(scene), geometry, tokens, body_parts(geometry, "high"))
        if layers is not None:
            stage.layers = layers
        stage.marks.set_history(shown.history if snapshot is None else None)
        stage.show_ghost(shown.ghost if snapshot is None else None)
        stage.show(snapshot if snapshot is not None else shown.snapshot)
        stage.apply_layers()
        stage.settle()
        base = stage.robot_centre()
        camera = view if isinstance(view, View) else preset(view, base, heading(stage), View())
        camera.apply(plotter.camera)
        if smooth:
            plotter.enable_anti_aliasing("ssaa")
        path.parent.mkdir(parents=True, exist_ok=True)
        plotter.show(auto_close=False, interactive=False)
        camera.apply(plotter.camera)
        plotter.screenshot(str(path))
    finally:
        plotter.close()
    return path


def heading(stage: Stage) -> float:
    """Yaw of the shown robot's base, rad."""
    if stage.snapshot is None:
        return 0.0
    w, x, y, z = stage.snapshot.base_pose[3:7]
    return float(np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)))
