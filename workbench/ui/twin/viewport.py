"""The picture as a widget: OpenGL in the window where there is a display, an off-screen renderer's image where there is none."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any, Protocol

import pyvista as pv
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import (
    QGuiApplication,
    QImage,
    QOffscreenSurface,
    QOpenGLContext,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QWidget
from pyvistaqt import QtInteractor
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray
from vtkmodules.vtkRenderingCore import vtkRenderer

_GL_RENDERER = 0x1F01
#: What a picture in software may take while things move, and once they rest, s.
_MOVE_SECONDS, _REST_SECONDS = 0.030, 0.050
#: Fewest pixels of a moving picture, as a share of width and height.
_LEAST_SCALE = 0.5
#: A picture costs as much as that many pixels before its first pixel is drawn.
_FIXED_POINTS = 180_000.0
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


class PictureViewport:
    """An off-screen renderer whose image is painted.

    For machines without a display, and for those that draw OpenGL in software: there a QOpenGLWidget costs twice, because Qt then
    puts the whole window together in OpenGL whenever anything in it is painted. What moves is drawn with fewer pixels, as many as
    the machine manages in time, and no more than half of the time goes into drawing; what rests is drawn sharper.
    """

    def __init__(self, parent: QWidget) -> None:
        self._plotter = pv.Plotter(off_screen=True, lighting="none", window_size=(800, 500))
        self._plotter.ren_win.SetMultiSamples(0)
        self._bytes = vtkUnsignedCharArray()
        self._widget = _Picture(self, parent)
        self._later = QTimer(self._widget)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._render)
        self._finished = False
        self._moves, self._sharp, self._scale = True, False, 0.0
        self._cost = 1.0e-7  # s per pixel; measured from the first picture on
        self._ended, self._took = 0.0, 0.0

    @property
    def paint_seconds(self) -> float:
        """How long a picture with all pixels takes, s."""
        return self._cost * (self._points() + _FIXED_POINTS)

    @property
    def widget(self) -> QWidget:
        """The widget that paints the image."""
        return self._widget

    @property
    def renderer(self) -> vtkRenderer:
        """The off-screen renderer."""
        return self._plotter.renderer

    @property
    def pixel_ratio(self) -> float:
        """Pixels of the renderer for a point of the widget."""
        return float(self._plotter.ren_win.GetSize()[0]) / max(1, self._widget.width())

    def redraw(self) -> None:
        """Render soon, in a turn of the event loop of its own, and leave the window as long for itself as the last picture took."""
        if not self._finished and not self._later.isActive():
            wait = self._ended + self._took - time.perf_counter()
            self._later.start(max(0, round(1000 * wait)))

    @property
    def behind(self) -> bool:
        """The next picture waits for its turn."""
        return self._later.isActive()

    @property
    def coarse(self) -> bool:
        """The last picture had fewer pixels than the widget."""
        return self._scale < 1.0

    def rest(self, still: bool) -> None:
        """Nothing moves, so there is time for more pixels."""
        self._moves = not still

    def sharpen(self, on: bool) -> None:
        """All pixels and smooth edges."""
        self._sharp = on
        self._plotter.renderer.SetUseFXAA(on)

    def picture(self) -> QImage:
        """Render now."""
        wanted = _REST_SECONDS if not self._moves else _MOVE_SECONDS
        share = (wanted / self._cost - _FIXED_POINTS) / max(1.0, self._points())
        scale = 1.0 if self._sharp else min(1.0, max(_LEAST_SCALE, math.sqrt(max(0.0, share))))
        self._scale = scale
        scale *= self._widget.devicePixelRatioF()
        width, height = (max(1, round(side * scale / 8) * 8) for side in (self._widget.width(), self._widget.height()))
        if scale >= 1.0:  # to the pixel
            width, height = max(1, round(self._widget.width() * scale)), max(1, round(self._widget.height() * scale))
        window = self._plotter.ren_win
        began = time.perf_counter()
        if tuple(window.GetSize()) != (width, height):
            window.SetSize(width, height)
        window.Render()
        # Four bytes a pixel: what a painter takes as it is.
        window.GetRGBACharPixelData(0, 0, width - 1, height - 1, 0, self._bytes, 0)
        pixels = vtk_to_numpy(self._bytes).reshape(height, width, 4)[::-1]
        image = QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBX8888).convertToFormat(
            QImage.Format.Format_RGB32
        )
        self._ended = time.perf_counter()
        self._took = self._ended - began
        if not self._sharp:
            cost = self._took / (width * height + _FIXED_POINTS)
            self._cost += 0.3 * (cost - self._cost)
        return image

    def finish(self) -> None:
        """Free the renderer."""
        if not self._finished:
            self._finished = True
            self._later.stop()
            self._plotter.close()

    def _render(self) -> None:
        if self._widget.isVisible():
            self._widget.put(self.picture())

    def _points(self) -> float:
        return self._widget.width() * self._widget.height() * self._widget.devicePixelRatioF() ** 2


class _Picture(QWidget):
    def __init__(self, owner: PictureViewport, parent: QWidget) -> None:
        super().__init__(parent)
        self._owner = owner
        self._image = QImage()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def put(self, image: QImage) -> None:
        """Show another picture."""
        self._image = image
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size needs another picture; until it is there the last one is stretched."""
        super().resizeEvent(event)
        self._owner.redraw()

    def showEvent(self, event: QShowEvent) -> None:
        """What changed meanwhile was not drawn."""
        super().showEvent(event)
        self._owner.redraw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the newest picture."""
        if self._image.isNull():
            self._image = self._owner.picture()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self.rect(), self._image)
        painter.end()


def render_image(plotter: pv.Plotter, width: int, height: int) -> QImage:
    """Render an off-screen plotter at a size in pixels."""
    plotter.window_size = [width, height]
    plotter.render()
    pixels = plotter.screenshot(return_img=True)
    height, width = pixels.shape[:2]
    return QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def save_image(image: QImage, path: Path) -> None:
    """Write a picture; the folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(str(path))
