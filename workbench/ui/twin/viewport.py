"""The picture as a widget: OpenGL in the window where there is a display, an off-screen renderer's image where there is none."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QOffscreenSurface, QOpenGLContext
from PySide6.QtWidgets import QWidget
from vtkmodules.vtkRenderingCore import vtkRenderer

from workbench.ui.twin.picture import PictureViewport

_GL_RENDERER = 0x1F01
_SOFTWARE = ("llvmpipe", "softpipe", "swrast", "swiftshader", "software", "gdi generic", "microsoft basic")


class Viewport(Protocol):
    """What the panel needs of either kind."""

    @property
    def widget(self) -> QWidget:
        """To lay out, and where the mouse is."""

    @property
    def renderer(self) -> vtkRenderer:
        """Where the stage puts its actors."""

    def redraw(self) -> None:
        """Draw once when Qt next paints."""

    @property
    def paint_seconds(self) -> float:
        """How long the last plain picture took, s."""

    @property
    def pixel_ratio(self) -> float:
        """Pixels of the renderer for a point of the widget."""

    @property
    def behind(self) -> bool:
        """A picture is due and not drawn yet; a newer state may as well wait for it."""

    @property
    def coarse(self) -> bool:
        """The last picture had fewer pixels than the widget."""

    @property
    def patience(self) -> float:
        """What a still picture with smooth edges may take, s."""

    def when_idle(self, name: str, change: Callable[[], object]) -> None:
        """Change what is drawn: now, or right after the picture being drawn. Of several waiting by one name the newest is done."""

    def wait(self) -> None:
        """Return when nothing is being drawn, so that the scene may be changed or asked."""

    def rest(self, still: bool) -> None:
        """Whether anything moves: a picture that stays may take longer."""

    def sharpen(self, on: bool) -> None:
        """Smooth edges (for a still picture) or not."""

    def picture(self) -> QImage:
        """What is shown now."""

    def finish(self) -> None:
        """Let go of the graphics resources; harmless when repeated."""


def gl_renderer_name() -> str:
    """What draws OpenGL on this machine, "" where there is none."""
    app = QGuiApplication.instance()
    if app is None or QGuiApplication.platformName() in ("offscreen", "minimal", "vnc"):
        return ""
    context = QOpenGLContext()
    if not context.create():
        return ""
    surface = QOffscreenSurface()
    surface.setFormat(context.format())
    surface.create()
    if not surface.isValid() or not context.makeCurrent(surface):
        return ""
    raw: Any = context.functions().glGetString(_GL_RENDERER)
    context.doneCurrent()
    return raw.decode() if isinstance(raw, bytes) else str(raw or "unknown")


def is_software(renderer: str) -> bool:
    """The name is that of a software renderer (or of none)."""
    return not renderer or any(word in renderer.lower() for word in _SOFTWARE)


def make_viewport(parent: QWidget) -> tuple[Viewport, str]:
    """The viewport that works on this machine and its quality tier ("low" or "high")."""
    name = gl_renderer_name()
    quality = "low" if is_software(name) else "high"
    if quality == "low":
        return PictureViewport(parent), quality
    return GlViewport(parent, 4), quality


class GlViewport:
    """OpenGL inside the window. It draws when Qt paints and never by itself."""

    def __init__(self, parent: QWidget, multi_samples: int) -> None:
        from pyvistaqt import QtInteractor  # takes a second to load, and only hardware drawing needs it

        self._plotter = QtInteractor(parent, auto_update=False, multi_samples=multi_samples, lighting="none")
        self._plotter.reset_key_events()
        self._plotter.iren.interactor.SetInteractorStyle(None)
        self._plotter.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._plotter.setAcceptDrops(False)
        self._multi_samples = multi_samples
        self._finished = False
        self._sharp, self._began, self._seconds = False, 0.0, 0.0
        self._plotter.renderer.AddObserver("StartEvent", self._on_start)
        self._plotter.renderer.AddObserver("EndEvent", self._on_end)

    @property
    def paint_seconds(self) -> float:
        """How long the last plain picture took, s."""
        return self._seconds

    def _on_start(self, *_: object) -> None:
        self._began = time.perf_counter()

    def _on_end(self, *_: object) -> None:
        if not self._sharp:
            self._seconds = time.perf_counter() - self._began

    @property
    def widget(self) -> QWidget:
        """The OpenGL widget."""
        widget: QWidget = self._plotter
        return widget

    @property
    def renderer(self) -> vtkRenderer:
        """Its renderer."""
        return self._plotter.renderer

    def redraw(self) -> None:
        """Ask Qt to paint; painting renders. (Rendering here as well would draw twice.)"""
        if not self._finished:
            self._plotter.update()

    @property
    def pixel_ratio(self) -> float:
        """Pixels of the renderer for a point of the widget."""
        return float(self._plotter.devicePixelRatioF())

    @property
    def behind(self) -> bool:
        """Qt says when it paints."""
        return False

    @property
    def coarse(self) -> bool:
        """Never: the hardware draws every pixel."""
        return False

    @property
    def patience(self) -> float:
        """As long as leaves the window responsive: it waits for the picture."""
        return 0.06

    def when_idle(self, name: str, change: Callable[[], object]) -> None:
        """Now: pictures are drawn in between events."""
        change()

    def wait(self) -> None:
        """Nothing is ever being drawn beside the event loop."""

    def rest(self, still: bool) -> None:
        """All the same here."""

    def sharpen(self, on: bool) -> None:
        """FXAA where there is no multi-sampling."""
        self._sharp = on
        if self._multi_samples == 0:
            self._plotter.renderer.SetUseFXAA(on)

    def picture(self) -> QImage:
        """What is shown."""
        image: QImage = self._plotter.grabFramebuffer()
        return image

    def finish(self) -> None:
        """Free the graphics resources while their context still lives."""
        if not self._finished:
            self._finished = True
            self._plotter.close()
