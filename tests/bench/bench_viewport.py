"""Cost of a frame of the 3D pane with everything that the panel does, against VTK's bare render of the same scene.

Goal: at most 1.3 times. Frames of both kinds alternate, so that a busy machine slows both alike. Run by ``make bench``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.ui.run_example import END_S, context, session
from workbench.session import Selection
from workbench.ui import theme
from workbench.ui.tokens import DARK
from workbench.ui.twin.panel import TwinPanel
from workbench.ui.twin.viewport import gl_renderer_name

GOAL = 1.3


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--size", default="974x558")
    arguments, _ = parser.parse_known_args()
    app = QApplication(sys.argv[:1])
    theme.apply_theme(app, DARK)
    made = context(session())
    panel = TwinPanel(made)
    panel.arrive()
    panel.resize(*map(int, arguments.size.split("x")))
    panel.show()
    made.session.select(Selection(steps=("grasp-1",), object="tote"))
    made.bridge.flush()
    app.processEvents()
    widget = panel.viewport.widget
    window = panel.viewport.renderer.GetRenderWindow()
    full, bare, update = [], [], []
    for i in range(arguments.frames):
        panel.viewport.wait()  # for the picture that the event loop may have begun
        began = time.perf_counter()
        made.session.set_playhead(END_S * i / arguments.frames)
        made.bridge.flush()
        panel._still.stop()  # no sharpening in between: it is not part of a moving frame
        update.append(time.perf_counter() - began)
        panel.viewport.picture()
        widget.repaint()
        full.append(time.perf_counter() - began)
        panel.viewport.wait()
        began = time.perf_counter()
        window.Render()
        window.ReleaseCurrent()  # the next picture is drawn on the viewport's thread
        bare.append(time.perf_counter() - began)
        app.processEvents()
        panel._still.stop()
    ratio = float(np.median(full) / np.median(bare))
    robot, cell = panel.stage.triangles if panel.stage is not None else (0, 0)
    result = {
        "renderer": gl_renderer_name(),
        "size": arguments.size,
        "robot_triangles": robot,
        "cell_triangles": cell,
        "actors": panel.viewport.renderer.GetActors().GetNumberOfItems(),
        "bare_render_ms": round(1000 * float(np.median(bare)), 1),
        "update_ms": round(1000 * float(np.median(update)), 1),
        "frame_ms": round(1000 * float(np.median(full)), 1),
        "ratio": round(ratio, 2),
        "goal": GOAL,
    }
    print(json.dumps(result, indent=1))
    panel.finish()
    return 0 if ratio <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
