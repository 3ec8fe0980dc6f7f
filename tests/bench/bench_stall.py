"""Does the window ever stand still? A minute of edits with mouse and keys while a live simulation runs in its process.

A timer of 5 ms beats in the event loop; what lies between two beats is a gap. A gap of more than 100 ms is a stall. A thread looks
at what the main thread does whenever a beat is late, so each stall comes with its place in the code; the processor time the main
thread used in the gap tells work of ours from a busy machine.

``--seconds 60 --mode author`` change the session, ``--no-run`` skips the simulation that fills plots and twin beforehand.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import os
import random
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from workbench.resources import resource
from workbench.ui.composition import Workbench, compose, make_application
from workbench.ui.inspector.fields import StepNumberField
from workbench.ui.shell.store import SettingsStore
from workbench.ui.timeline.panel import TimelinePanel
from workbench.ui.twin.panel import TwinPanel

BEAT = 0.005
STALL = 0.100
LATE = 0.060
NONE, LEFT = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
NO = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
_ACTS = (
    *("select", "drag", "undo", "resize", "scrub", "wheel", "parameter", "undo", "orbit", "add", "delete", "undo", "undo"),
    *("mode_compare", "scrub", "mode_operate", "orbit", "mode_author", "select", "drag", "redo", "play", "zoom_timeline", "undo"),
    *("hover", "size", "parameter"),
)


@dataclass(slots=True)
class Gap:
    """Time without an event loop: s, processor time of the main thread in it, what the user did, where the thread was."""

    seconds: float
    busy: float
    doing: str
    places: Counter[str] = field(default_factory=Counter)


class Heartbeat:
    """Beats in the event loop and remembers the gaps."""

    def __init__(self) -> None:
        self.gaps: list[Gap] = []
        self.lengths: list[float] = []
        self.doing = ""
        self.recent: list[str] = []
        self._last = time.perf_counter()
        self._busy = time.thread_time()
        self._main = threading.get_ident()
        self._places: Counter[str] = Counter()
        self._ended = threading.Event()
        self.collections: list[float] = []
        self._collecting = 0.0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(round(BEAT * 1000))
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """From now on."""
        self.gaps, self.lengths = [], []
        gc.callbacks.append(self._collects)
        self._last, self._busy = time.perf_counter(), time.thread_time()
        self._timer.start()
        threading.Thread(target=self._watch, daemon=True).start()

    def stop(self) -> None:
        """No more."""
        self._timer.stop()
        gc.callbacks.remove(self._collects)
        self._ended.set()

    def _collects(self, phase: str, _found: object) -> None:
        if phase == "start":
            self._collecting = time.perf_counter()
        else:
            self.collections.append(time.perf_counter() - self._collecting)
            if self.collections[-1] > 0.01:
                self._places[f"collection of garbage, {1000 * self.collections[-1]:.0f} ms"] += 1

    def _beat(self) -> None:
        now, busy = time.perf_counter(), time.thread_time()
        gap = max(0.0, now - self._last - BEAT)
        self.lengths.append(gap)
        if gap > LATE:
            self.gaps.append(Gap(gap, busy - self._busy, " + ".join(dict.fromkeys(self.recent)) or "-", self._places))
        self._places = Counter()
        self.recent.clear()
        self._last, self._busy = now, busy

    def _watch(self) -> None:
        while not self._ended.wait(0.005):
            if time.perf_counter() - self._last < 0.015:
                continue
            frame = sys._current_frames().get(self._main)
            if frame is not None:
                self._places[_place(frame)] += 1


def _place(frame: FrameType) -> str:
    """What was entered from the event loop, and where in it the thread is, innermost first."""
    names = []
    for f, _ in traceback.walk_stack(frame):
        file = Path(f.f_code.co_filename)
        if file.name not in ("bench_stall.py", "thread.py", "threading.py"):
            names.append(f"{file.parent.name}/{file.name}:{f.f_code.co_name}")
    return " < ".join(names if len(names) <= 4 else [*names[:3], "..", names[-1]]) or "Qt"


class User:
    """Clicks, drags and types; each step of a gesture is one event, so that the event loop breathes between them."""

    def __init__(self, workbench: Workbench, heart: Heartbeat) -> None:
        self.window, self.heart = workbench.window, heart
        self.session = workbench.window.context.session
        self.random = random.Random(7)
        self.wheel_at = itertools.cycle([1, 1, -1, -1])

    def acts(self) -> Iterator[tuple[str, Callable[[], Iterator[None]]]]:
        """What is done, over and over."""
        for name in itertools.cycle(_ACTS):
            yield name, getattr(self, name)

    def run(self) -> Iterator[None]:
        """The session, event by event."""
        for name, act in self.acts():
            for _ in act():
                self.heart.doing = name
                self.heart.recent.append(name)
                yield

    @property
    def canvas(self) -> QWidget:
        panel = self.window.findChild(TimelinePanel)
        assert panel is not None
        return panel.canvas

    def mouse(self, widget: QWidget, kind: QEvent.Type, at: QPointF, held: Qt.MouseButton = LEFT) -> None:
        button = NONE if kind == QEvent.Type.MouseMove else LEFT
        buttons = NONE if kind == QEvent.Type.MouseButtonRelease else held
        QApplication.sendEvent(widget, QMouseEvent(kind, at, widget.mapToGlobal(at), button, buttons, NO))

    def drag_over(self, widget: QWidget, start: QPointF, end: QPointF, moves: int = 12) -> Iterator[None]:
        """Press, some moves, release."""
        self.mouse(widget, QEvent.Type.MouseButtonPress, start)
        yield
        for i in range(1, moves + 1):
            self.mouse(widget, QEvent.Type.MouseMove, start + (end - start) * (i / moves))
            yield
        self.mouse(widget, QEvent.Type.MouseButtonRelease, end)
        yield

    def step_rect(self):  # type: ignore[no-untyped-def]
        steps = [s.id for s in self.session.plan.steps]
        self.random.shuffle(steps)
        for step in steps:
            rect = self.canvas.rect_of(step)  # type: ignore[attr-defined]
            if rect is not None and rect.width() > 24:
                return step, rect
        return None, None

    def command(self, name: str) -> None:
        self.window.commands.run(name)

    def select(self) -> Iterator[None]:
        _, rect = self.step_rect()
        if rect is not None:
            QTest.mouseClick(self.canvas, LEFT, NO, rect.center().toPoint())
        yield

    def drag(self) -> Iterator[None]:
        _, rect = self.step_rect()
        if rect is not None:
            yield from self.drag_over(self.canvas, rect.center(), rect.center() + QPointF(self.random.uniform(10, 90), 0))

    def resize(self) -> Iterator[None]:
        _, rect = self.step_rect()
        if rect is not None:
            edge = QPointF(rect.right() - 2, rect.center().y())
            yield from self.drag_over(self.canvas, edge, edge + QPointF(self.random.uniform(-20, 40), 0))

    def scrub(self) -> Iterator[None]:
        ruler = QPointF(self.canvas.width() * 0.2, 12)
        yield from self.drag_over(self.canvas, ruler, QPointF(self.canvas.width() * 0.9, 12), moves=40)

    def undo(self) -> Iterator[None]:
        self.command("undo")
        yield

    def redo(self) -> Iterator[None]:
        self.command("redo")
        yield

    def add(self) -> Iterator[None]:
        self.command("timeline.select_all")
        yield
        self.command("timeline.duplicate")
        yield

    def delete(self) -> Iterator[None]:
        self.command("timeline.delete")
        yield

    def play(self) -> Iterator[None]:
        self.command("play")
        for _ in range(40):
            yield
        self.command("play")
        yield

    def parameter(self) -> Iterator[None]:
        yield from self.select()
        fields = [f for f in self.window.findChildren(StepNumberField) if f.isVisible() and f.isEnabled()]
        for number in fields[:2]:
            number.setFocus()
            yield
            for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Return):
                QTest.keyClick(number, key)
                yield

    def orbit(self) -> Iterator[None]:
        panel = self.window.findChild(TwinPanel)
        if panel is None or not panel.isVisible():
            return
        view = panel.viewport.widget
        middle = QPointF(view.width() / 2, view.height() / 2)
        yield from self.drag_over(view, middle, middle + QPointF(160, 40), moves=20)

    def wheel(self) -> Iterator[None]:
        panel = self.window.findChild(TwinPanel)
        if panel is not None and panel.isVisible():
            yield from self.turn(panel.viewport.widget, NO)

    def zoom_timeline(self) -> Iterator[None]:
        yield from self.turn(self.canvas, CTRL)
        self.command("timeline.fit")
        yield

    def turn(self, widget: QWidget, keys: Qt.KeyboardModifier) -> Iterator[None]:
        middle = QPointF(widget.width() / 2, widget.height() / 2)
        for _ in range(8):
            angle = QPoint(0, 120 * next(self.wheel_at))
            phase = Qt.ScrollPhase.NoScrollPhase
            QApplication.sendEvent(
                widget, QWheelEvent(middle, widget.mapToGlobal(middle), QPoint(), angle, NONE, keys, phase, False)
            )
            yield

    def hover(self) -> Iterator[None]:
        for i in range(20):
            self.mouse(self.canvas, QEvent.Type.MouseMove, QPointF(self.canvas.width() * i / 20, 120.0), NONE)
            yield

    def size(self) -> Iterator[None]:
        for width, height in ((1500, 960), (1400, 900), (1600, 1000)):
            self.window.resize(width, height)
            yield
            yield

    def mode_compare(self) -> Iterator[None]:
        self.session.set_mode("compare")
        for _ in range(6):
            yield

    def mode_operate(self) -> Iterator[None]:
        self.session.set_mode("operate")
        for _ in range(20):
            yield

    def mode_author(self) -> Iterator[None]:
        self.session.set_mode("author")
        for _ in range(6):
            yield


def wait_for(done: Callable[[], bool], seconds: float) -> bool:
    """Turn the event loop until something is so."""
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        QTest.qWait(50)
    return done()


def count_pictures(panel: TwinPanel | None) -> list[float]:
    """When the software picture was shown; empty where the window draws in hardware. A quiet window must not be a still one."""
    shown: list[float] = []
    put = getattr(panel.viewport.widget, "put", None) if panel is not None else None
    if panel is not None and put is not None:

        def counted(image: object) -> None:
            shown.append(time.perf_counter())
            put(image)

        panel.viewport.widget.put = counted  # type: ignore[attr-defined]
    return shown


def report(heart: Heartbeat, seconds: float, shown_places: int) -> int:
    """Print the figures; how many stalls there were."""
    lengths = sorted(heart.lengths)
    stalls = sorted((g for g in heart.gaps if g.seconds > STALL), key=lambda g: -g.seconds)
    p99 = lengths[int(0.99 * (len(lengths) - 1))] if lengths else 0.0
    print(
        f"{seconds:.0f} s, {len(lengths)} beats: worst gap {1000 * lengths[-1]:.0f} ms, p99 {1000 * p99:.0f} ms, "
        f"{len(stalls)} over {1000 * STALL:.0f} ms, {len(heart.gaps)} over {1000 * LATE:.0f} ms (goal: none over 100 ms)"
    )
    for gap in stalls[:20]:
        where = "; ".join(f"{n}x {place}" for place, n in gap.places.most_common(shown_places))
        print(f"  {1000 * gap.seconds:4.0f} ms ({1000 * gap.busy:.0f} busy) while {gap.doing}: {where}")
    total: Counter[str] = Counter()
    for gap in heart.gaps:
        total += gap.places
    for place, n in total.most_common(10):
        print(f"  seen {n:3d} times in gaps over {1000 * LATE:.0f} ms: {place}")
    return len(stalls)


def main() -> int:
    """Open the window, simulate once, start the live simulation, and let the user at it."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=float, default=60.0)
    arguments.add_argument("--no-run", action="store_true")
    arguments.add_argument("--places", type=int, default=2, help="how many places in the code to name for each stall")
    asked = arguments.parse_args()
    folder = Path(tempfile.mkdtemp())
    os.environ["HUMANOID_WORKBENCH_CONFIG"] = str(folder / "config")
    project = shutil.copytree(resource("projects", "part_transfer"), folder / "project")
    store = SettingsStore()
    make_application(store)
    workbench = compose(store, project)
    window = workbench.window
    window.may_close = lambda: True
    window.notifications.install()
    window.show()
    workbench.projects.show(window.context.session)
    window.context.bridge.start()
    workbench.loader.start()
    session = window.context.session
    wait_for(lambda: window.findChild(TwinPanel) is not None, 20.0)
    QTest.qWait(1500)
    if not asked.no_run:
        window.commands.run("simulate")
        if not wait_for(lambda: session.simulated is not None, 240.0):
            print("the simulation did not end; plots and ghost stay empty")
    window.commands.run("live_start")
    source = session.source
    wait_for(lambda: source is not None and source.snapshot() is not None, 60.0)
    session.set_mode("author")
    QTest.qWait(1500)
    pictures = count_pictures(window.findChild(TwinPanel))
    heart = Heartbeat()
    user = User(workbench, heart).run()
    driver = QTimer()
    driver.setInterval(30)
    driver.timeout.connect(lambda: next(user))
    heart.start()
    driver.start()
    QTest.qWait(round(asked.seconds * 1000))
    driver.stop()
    heart.stop()
    stalls = report(heart, asked.seconds, asked.places)
    print(f"longest collection of garbage: {1000 * max(heart.collections, default=0.0):.0f} ms")
    print(f"3D pictures shown: {len(pictures) / asked.seconds:.1f} a second")
    running = session.source is not None and session.source.state().connected
    print(f"live simulation still running: {running}")
    window.close()
    workbench.close()
    shutil.rmtree(folder, ignore_errors=True)
    return int(stalls > 0)


if __name__ == "__main__":
    sys.exit(main())
