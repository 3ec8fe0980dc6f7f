"""Time of one redraw of the telemetry panel with 64 channels at 1 kHz: live (20 s window) and a minute afterwards.

Goal: a redraw well inside the 50 ms of 20 Hz. Run by ``make bench``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sim.recording import Recording, RecordingHeader
from sim.timeseries import Channel, TimeSeries
from tests.ui.run_example import PlayedSource, context, session
from workbench.session import Simulated
from workbench.ui import theme
from workbench.ui.plots.panel import PlotsPanel
from workbench.ui.plots.selection import Column
from workbench.ui.tokens import DARK

CHANNELS, RATE, SECONDS, PER_PLOT = 64, 1000.0, 60.0, 16
GOAL_MS = 50.0


def wide_recording() -> Recording:
    """64 noisy columns in groups of 16."""
    random = np.random.default_rng(1)
    t = np.arange(0.0, SECONDS, 1.0 / RATE)
    series = {}
    for group in range(CHANNELS // PER_PLOT):
        names = tuple(f"c{i}" for i in range(PER_PLOT))
        values = np.sin(t[:, None] * (1 + np.arange(PER_PLOT))) + 0.1 * random.standard_normal((len(t), PER_PLOT))
        channel = Channel(f"bench.group{group}", "N", names)
        series[channel.name] = TimeSeries(channel, t, values)
    return Recording(RecordingHeader("robot", "bench", ()), series)


def main() -> int:
    """Measure and print."""
    app = QApplication(sys.argv[:1])
    theme.apply_theme(app, DARK)
    recording = wide_recording()
    made = context(session())
    panel = PlotsPanel(made)
    panel.resize(1200, 800)
    panel.show()
    app.processEvents()
    columns = [Column(n, c) for n, s in recording.series.items() for c in s.channel.columns]

    def frames(count: int, change: Callable[[int], object]) -> list[float]:
        times = []
        for i in range(count):
            began = time.perf_counter()
            change(i)
            panel.board.viewport().repaint()
            times.append(time.perf_counter() - began)
            app.processEvents()
        return times

    assert made.session.simulated is not None
    old = made.session.simulated
    made.session.simulated = Simulated(old.plan, old.motion, recording)
    made.session.notify("simulation")
    made.bridge.flush()
    panel._arrange("overlaid")
    began = time.perf_counter()
    panel.show_columns(columns)
    panel.fit_time()
    first = time.perf_counter() - began
    scrub = frames(30, lambda i: (made.session.set_playhead(2.0 * i), made.bridge.flush()))

    def zoom(i: int) -> None:
        panel.board.set_x(0.5 * i, 0.5 * i + 10.0)
        panel._draw()

    zoomed = frames(30, zoom)
    source = PlayedSource(recording)
    source.snapshot = lambda: None
    made.session.simulated, made.session.source, made.session.mode = None, source, "operate"
    made.session.notify("simulation", "source", "mode")
    source.time = 20.0
    made.bridge.flush()
    panel.show_columns(columns)

    def live(i: int) -> None:
        source.time = 20.0 + 0.1 * i
        for _ in range(3):  # one redraw in three ticks with so many curves
            made.bridge.flush()

    moving = frames(60, live)
    drawn = sum(len(curve.getData()[0]) for plot in panel.board.plots for curve in plot.curves.values())
    result = {
        "live_points_drawn": drawn,
        "channels": len(columns),
        "rate_hz": RATE,
        "first_draw_ms": round(1000 * first, 1),
        "scrub_ms": round(1000 * float(np.median(scrub)), 1),
        "zoom_ms": round(1000 * float(np.median(zoomed)), 1),
        "live_ms": round(1000 * float(np.median(moving)), 1),
        "live_p95_ms": round(1000 * float(np.percentile(moving, 95)), 1),
        "goal_ms": GOAL_MS,
    }
    print(json.dumps(result, indent=1))
    return 0 if result["live_ms"] <= GOAL_MS else 1


if __name__ == "__main__":
    sys.exit(main())
