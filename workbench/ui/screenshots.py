"""Pictures of the real window in every mode, language and theme: ``python -m workbench.ui.screenshots --out DIR``.

The examples are simulated for it (or their saved simulation is taken up); nothing in the pictures is made by hand.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtWidgets import QApplication, QWidget
from scipy.spatial import cKDTree

from workbench.operations import compare_ops, import_ops, project_ops
from workbench.resources import resource
from workbench.session import NamedRecording
from workbench.telemetry.mcap_file import read_recording
from workbench.ui.composition import Workbench, compose, make_application
from workbench.ui.shell.store import SettingsStore
from workbench.ui.tokens import Tokens
from workbench.ui.twin.panel import TwinPanel
from workbench.ui.twin.picture import PictureViewport

SIZES = {"desk": (1600, 1000), "laptop": (1366, 768)}
PARTS = ("start", "author", "compare", "operate", "palette")
_SIMULATION_LIMIT = 300.0
_PALETTE = 256
_RESERVED = 208
#: A colour on so many pixels is a surface, such as a cell of the heat map: kept exactly as well.
_SURFACE = 60


def theme_colours(tokens: Tokens) -> list[tuple[int, int, int]]:
    """Every colour that a theme names, once each, in the order of its fields (red, green, blue; 0 to 255)."""
    values = (getattr(tokens, field.name) for field in fields(tokens))
    names = [name for value in values for name in (value if isinstance(value, tuple) else (value,))]
    colours = [
        (int(name[1:3], 16), int(name[3:5], 16), int(name[5:7], 16)) for name in names if len(name) == 7 and name[0] == "#"
    ]
    return list(dict.fromkeys(colours))


def reduce_colours(file: Path, tokens: Tokens) -> None:
    """Rewrite a picture with 256 colours, a third of its size.

    Kept exactly are the theme's own colours and those of plain surfaces: text, status and the heat map must not shift by being
    averaged with the 3D picture, which takes what is left.
    """
    with Image.open(file) as opened:
        picture = opened.convert("RGB")
    colours, where, counts = np.unique(np.asarray(picture).reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    ordered = np.argsort(-counts, kind="stable")
    surfaces = [tuple(colours[i].tolist()) for i in ordered[:_RESERVED] if counts[i] >= _SURFACE]
    kept = list(dict.fromkeys([*theme_colours(tokens), *surfaces]))[:_RESERVED]
    found = picture.quantize(_PALETTE - len(kept), method=Image.Quantize.MEDIANCUT).getpalette() or []
    palette = np.vstack([np.array(kept), np.array(found).reshape(-1, 3)])[:_PALETTE]
    # Pillow's own search for the nearest is four levels coarse; this one leaves what is in the palette as it is.
    nearest = cKDTree(palette.astype(np.float64)).query(colours.astype(np.float64))[1].astype(np.uint8)
    reduced = Image.fromarray(nearest[where.reshape(-1)].reshape(picture.height, picture.width), "P")
    reduced.putpalette(palette.astype(np.uint8).tobytes())
    reduced.save(file, optimize=True)


class Photographer:
    """Drives one window and saves what it shows."""

    def __init__(self, workbench: Workbench, folder: Path) -> None:
        self.workbench, self.folder = workbench, folder
        self.window = workbench.window
        self.taken: list[Path] = []

    def pump(self, seconds: float = 0.4) -> None:
        """Let the window live for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            QApplication.processEvents()
            self.window.context.bridge.flush()
            time.sleep(0.01)

    def wait(self, until: Callable[[], bool], limit: float) -> bool:
        """Let the window live until something is so; whether it became so."""
        end = time.monotonic() + limit
        while not until() and time.monotonic() < end:
            self.pump(0.1)
        return until()

    def shoot(self, name: str, widget: QWidget | None = None) -> None:
        """Save what a widget (the window) shows, named with language and theme."""
        self.pump(0.9)
        self.wait(lambda: not self._drawing(), 10.0)
        context = self.window.context
        file = self.folder / f"{name}-{context.tr.language}-{context.tokens.name}.png"
        (widget or self.window).grab().save(str(file))
        reduce_colours(file, context.tokens)
        self.taken.append(file)
        sys.stderr.write(f"{file}\n")

    def _drawing(self) -> bool:
        """A still picture of the twin is coming."""
        return any(view.behind or view.coarse for view in self._views())

    def _views(self) -> list[PictureViewport]:
        twins = self.window.findChildren(TwinPanel)
        return [t.viewport for t in twins if isinstance(t.viewport, PictureViewport) and t.isVisible()]

    def crisp(self) -> None:
        """Draw still pictures with every pixel, however long it takes."""
        for view in self._views():
            view.crisp = True

    def each_look(self, shoot: Callable[[], None], looks: Sequence[tuple[str, str]]) -> None:
        """Take the same pictures in several languages and themes."""
        for language, theme in looks:
            self.window.set_language(language)
            self.window.set_theme(theme)
            self.pump()
            shoot()

    def simulate(self) -> bool:
        """Simulate what is open and check it; whether there is a recording."""
        session = self.window.context.session
        if session.simulated is None:
            self.window.commands.run("simulate")
            self.wait(lambda: session.simulated is not None or not self.workbench.pool.busy, _SIMULATION_LIMIT)
        if session.simulated is not None and session.report is None:
            self.window.commands.run("preflight")
            self.wait(lambda: session.report is not None, _SIMULATION_LIMIT)
        # Still pictures: while the twin moves it is drawn coarser on slow machines.
        self.window.playback.stop()
        self.window.notifications.clear()
        return session.simulated is not None

    def open(self, project: str) -> None:
        """Open a shipped project."""
        self.workbench.projects.show(project_ops.open_project(resource("projects", project)))
        self.pump()


LOOKS = [(language, theme) for language in ("en", "ko") for theme in ("dark", "light")]


def photograph(
    camera: Photographer, looks: Sequence[tuple[str, str]], robot_log: Path | None, parts: Sequence[str] = PARTS
) -> None:
    """All pictures of some parts, each of ``PARTS``."""
    if "start" in parts:
        camera.each_look(lambda: camera.shoot("start"), looks)
    if "author" in parts:
        _author(camera, looks)
    camera.window.resize(*SIZES["desk"])
    camera.open("part_transfer")
    camera.simulate()
    if "compare" in parts:
        _compare(camera, looks, robot_log)
    if "operate" in parts:
        _operate(camera, looks)
    if "palette" in parts:
        _palette(camera, looks)


def _author(camera: Photographer, looks: Sequence[tuple[str, str]]) -> None:
    window = camera.window
    camera.open("first_lesson")
    camera.simulate()
    session = window.context.session
    worst = next((f for f in session.report.findings if f.severity == "fail"), None) if session.report else None
    if worst is not None:
        session.select(replace(session.selection, steps=(worst.step,) if worst.step else (), finding=worst))
        session.set_playhead(worst.start or 0.0)

    def author(density: str) -> None:
        window.resize(*SIZES[density])
        window.show_plots(False)
        camera.shoot(f"author-{density}")
        window.show_plots(True)
        camera.shoot(f"author-plots-{density}")
        window.show_plots(False)

    for density in SIZES:
        camera.each_look(lambda density=density: author(density), looks)  # type: ignore[misc]


def _compare(camera: Photographer, looks: Sequence[tuple[str, str]], robot_log: Path | None) -> None:
    window, context = camera.window, camera.window.context
    session = context.session
    if session.simulated is not None:
        twin = NamedRecording(context.tr("mode.author"), session.simulated.recording)
        if robot_log is not None and robot_log.is_file():
            real = import_ops.add_recording(session, read_recording(robot_log), robot_log.stem, robot_log)
            compare_ops.compare_recordings(session, real, twin)
        else:
            compare_ops.compare_with_commands(session, twin)
        session.set_playhead(0.4 * session.simulated.recording.duration)
    session.set_mode("compare")
    for density in SIZES:
        window.resize(*SIZES[density])
        camera.each_look(lambda density=density: camera.shoot(f"compare-{density}"), looks)  # type: ignore[misc]


def _operate(camera: Photographer, looks: Sequence[tuple[str, str]]) -> None:
    window, session = camera.window, camera.window.context.session
    session.set_mode("operate")
    window.commands.run("live_start")
    camera.wait(lambda: session.source is not None and session.source.snapshot() is not None, 60.0)
    camera.pump(10.0)
    window.commands.run("live_pause")
    for density in SIZES:
        window.resize(*SIZES[density])
        camera.each_look(lambda density=density: camera.shoot(f"operate-{density}"), looks)  # type: ignore[misc]
    window.commands.run("live_stop")


def _palette(camera: Photographer, looks: Sequence[tuple[str, str]]) -> None:
    window = camera.window
    window.resize(*SIZES["desk"])
    window.context.session.set_mode("author")

    def cards() -> None:
        window.palette_card.open()
        camera.shoot("palette", window.palette_card)
        window.palette_card.hide()

    camera.each_look(cards, looks)


def main(argv: Sequence[str] | None = None) -> int:
    """Take the pictures; 0 if all were taken."""
    parser = argparse.ArgumentParser(prog="workbench.ui.screenshots")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--look", action="append", help="only this look, e.g. ko-light; may be given several times")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this part; may be given several times")
    parser.add_argument("--robot-recording", type=Path, help="a run of a robot to compare with the twin")
    arguments = parser.parse_args(argv)
    looks = [tuple(look.split("-", 1)) for look in arguments.look] if arguments.look else LOOKS
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as config:
        os.environ["HUMANOID_WORKBENCH_CONFIG"] = config
        store = SettingsStore()
        app = make_application(store)
        workbench = compose(store)
        camera = Photographer(workbench, arguments.out)
        workbench.window.show()
        workbench.projects.show(workbench.window.context.session)
        workbench.loader.finish()
        workbench.window.context.bridge.start()
        camera.crisp()
        photograph(camera, [(a, b) for a, b in looks], arguments.robot_recording, arguments.part or PARTS)
        workbench.close()
        workbench.window.hide()
        del app
    return 0


if __name__ == "__main__":
    sys.exit(main())
