"""Cost of a timeline frame with 400 steps: scrubbing (cached) against painting everything, panning, dragging."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from tests.ui.process_example import example_context, example_session
from workbench.plan.model import Plan, Step
from workbench.resources import resource
from workbench.ui import theme
from workbench.ui.timeline.gestures import MoveSteps
from workbench.ui.timeline.input import TimelineCanvas
from workbench.ui.timeline.panel import TimelinePanel

STEPS = 400
FRAMES = 60
BUDGET_MS = 8.0


def long_plan(count: int) -> Plan:
    """Walks, grasps, looks and waits in turns, each waiting for the one before."""
    steps: list[Step] = []
    for i in range(count // 4):
        t = 10.0 * i
        steps += [
            Step(f"walk-{i}", "walk", "legs", t, 4.0, {"station": "rack", "speed": 0.35}, (f"grasp-{i - 1}",) if i else ()),
            Step(f"look-{i}", "look", "head", t + 2.0, 1.0, {"object": "tote"}),
            Step(f"wait-{i}", "wait", "io", t + 1.0, 2.0, {"duration": 2.0}),
            Step(
                f"grasp-{i}", "grasp", "both_hands", t + 4.0, 5.0, {"object": "tote", "speed": 0.15}, (f"look-{i}", f"wait-{i}")
            ),
        ]
    return Plan("long", tuple(sorted(steps, key=lambda s: (s.start, s.id))))


def milliseconds(frame: Callable[[int], None], frames: int = FRAMES) -> float:
    """Median time of a frame, painted at once."""
    took = []
    for i in range(frames):
        before = time.perf_counter()
        frame(i)
        took.append((time.perf_counter() - before) * 1000.0)
    return median(took)


def measure(canvas: TimelineCanvas) -> dict[str, float]:
    """ms per frame of each kind at the zoom in force."""
    app = QApplication.instance()
    assert app is not None

    def scrub(i: int) -> None:
        canvas.scrub(canvas.lanes.left() + 40 + i * 7)
        app.processEvents()

    def whole(_: int) -> None:
        canvas.invalidate()
        canvas.repaint()

    def pan(i: int) -> None:
        canvas.set_scale(canvas.scale.panned(5.0 if i % 2 else -5.0))
        canvas.repaint()

    canvas.repaint()
    found = {"scrub": milliseconds(scrub), "whole": milliseconds(whole, 20), "pan": milliseconds(pan, 20)}
    view = canvas.scene.by_id["look-2"]
    gesture = MoveSteps(canvas, view, ("look-2",), 0.0)
    canvas.gesture = gesture

    def drag(i: int) -> None:
        gesture.move(QPointF((0.1 + 0.1 * (i % 8)) * canvas.scale.pixels, 0.0), Qt.KeyboardModifier.NoModifier)
        canvas.invalidate()
        canvas.repaint()

    found["drag"] = milliseconds(drag, 20)
    canvas.gesture = None
    return found


def main() -> int:
    """Print the figures; 1 if a scrub frame is over its budget."""
    app = QApplication.instance() or QApplication(sys.argv)
    assert isinstance(app, QApplication)
    theme.load_fonts(resource("fonts"))
    context = example_context(example_session(simulated=False, plan=long_plan(STEPS)))
    theme.apply_theme(app, context.tokens)
    panel = TimelinePanel(context)
    panel.resize(1600, 354)
    panel.show()
    app.processEvents()
    worst = 0.0
    for name, prepare in (("all 400 in view", panel.canvas.fit), ("40 s in view", lambda: panel.canvas.zoom(20.0, 900.0))):
        prepare()
        found = measure(panel.canvas)
        worst = max(worst, found["scrub"])
        figures = ", ".join(f"{k} {v:.1f} ms" for k, v in found.items())
        print(f"timeline, {name}: {figures}; whole / scrub = {found['whole'] / found['scrub']:.0f}")
    print(f"scrub frame {worst:.1f} ms, budget {BUDGET_MS:.0f} ms: {'ok' if worst < BUDGET_MS else 'OVER'}")
    panel.close()
    return 0 if worst < BUDGET_MS else 1


if __name__ == "__main__":
    sys.exit(main())
