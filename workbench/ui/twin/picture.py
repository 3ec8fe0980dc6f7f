"""The picture drawn without OpenGL in the window: an off-screen renderer on a thread of its own, whose image a widget paints."""

from __future__ import annotations

import math
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import vtkmodules.vtkRenderingOpenGL2  # noqa: F401  registers what draws
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow

from workbench.ui import theme

#: An off-screen context may be drawn with on any thread of an X11 or EGL system; elsewhere nobody has tried.
THREADED = sys.platform.startswith("linux")
#: What a picture may take while things move, and once they rest, s. Beside a thread the window waits for neither.
_MOVE_SECONDS, _REST_SECONDS = (0.040, 0.300) if THREADED else (0.030, 0.050)
#: A still picture with smooth edges may take so long, s.
_PATIENCE = 0.300 if THREADED else 0.060
#: Fewest pixels of a moving picture, as a share of width and height.
_LEAST_SCALE = 0.5
#: A picture costs as much as that many pixels before its first pixel is drawn.
_FIXED_POINTS = 180_000.0
#: How far the drawing thread stands back behind the window's (Linux counts niceness per thread).
_NICENESS = 10


@dataclass(frozen=True, slots=True)
class _Drawn:
    """An image, its size in pixels, how long it took in s, and whether its edges were smoothed."""

    image: QImage
    width: int
    height: int
    seconds: float
    sharp: bool


class PictureViewport:
    """An off-screen renderer whose image is painted.

    For machines without a display, and for those that draw OpenGL in software: there a QOpenGLWidget costs twice, because Qt then
    puts the whole window together in OpenGL whenever anything in it is painted.

    A picture in software takes longer than a window may stand still, so it is drawn on a thread (VTK lets go of the interpreter
    while it renders). The scene belongs to the Qt thread except while a picture is being drawn: every change goes through
    ``when_idle``, or after ``wait``. What moves is drawn with fewer pixels, as many as the machine manages in time, and no more
    than half of the time goes into drawing; what rests is drawn with all of them.
    """

    def __init__(self, parent: QWidget) -> None:
        # VTK's own window and not a pyvista.Plotter, whose module loads matplotlib: a second of the start for nothing drawn here.
        self._window, self._renderer = vtkRenderWindow(), vtkRenderer()
        self._window.SetOffScreenRendering(True)
        self._window.SetMultiSamples(0)
        self._window.SetSize(800, 500)
        self._window.AddRenderer(self._renderer)
        self._bytes = vtkUnsignedCharArray()
        self._widget = _Picture(self.redraw, parent)
        self._widget.arrived.connect(self._arrive, Qt.ConnectionType.QueuedConnection)
        self._later = QTimer(self._widget)
        self._later.setSingleShot(True)
        self._later.setTimerType(Qt.TimerType.PreciseTimer)
        self._later.timeout.connect(self._begin)
        self._thread = ThreadPoolExecutor(1, "twin", _stand_back) if THREADED else None
        self._drawing: Future[_Drawn] | None = None
        self._owed: dict[str, Callable[[], object]] = {}
        self._again = self._finished = False
        self._moves, self._sharp, self._scale = True, False, 0.0
        self._cost = 1.0e-7  # s per pixel; measured from the first picture on
        self._ended, self._took, self._drawn_width = 0.0, 0.0, 0

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
        """The off-screen renderer. Not to be touched while a picture is being drawn."""
        return self._renderer

    @property
    def pixel_ratio(self) -> float:
        """Pixels of the renderer for a point of the widget."""
        width = self._drawn_width or int(self._window.GetSize()[0])
        return width / max(1, self._widget.width())

    @property
    def behind(self) -> bool:
        """The next picture waits for its turn, or is being drawn."""
        return self._later.isActive() or self._drawing is not None

    @property
    def coarse(self) -> bool:
        """The last picture had fewer pixels than the widget."""
        return self._scale < 1.0

    #: Still pictures take the time they need (pictures for print).
    crisp = False

    @property
    def patience(self) -> float:
        """What a still picture with smooth edges may take, s."""
        return math.inf if self.crisp else _PATIENCE

    def redraw(self) -> None:
        """Draw soon, and leave the machine as long for the rest as the last picture took."""
        if self._finished:
            return
        if self._drawing is not None:
            self._again = True
        elif not self._later.isActive():
            wait = self._ended + self._took - time.perf_counter()
            self._later.start(max(0, round(1000 * wait)))

    def when_idle(self, name: str, change: Callable[[], object]) -> None:
        """Do it now, or right after the picture being drawn; of several by one name only the newest."""
        if self._drawing is not None and self._drawing.done():
            self._arrive()
        if self._drawing is None:
            change()
        else:
            self._owed.pop(name, None)
            self._owed[name] = change

    def wait(self) -> None:
        """Wait for the picture being drawn, and do what waited for it."""
        while self._drawing is not None:
            self._drawing.exception()
            self._arrive()

    def rest(self, still: bool) -> None:
        """Nothing moves, so there is time for more pixels."""
        self._moves = not still

    def sharpen(self, on: bool) -> None:
        """All pixels and smooth edges. Only while nothing is being drawn."""
        self._sharp = on
        self._renderer.SetUseFXAA(on)

    def picture(self) -> QImage:
        """Draw now and wait for it."""
        self.wait()
        image = self._submit().result().image
        self._arrive()
        return image

    def finish(self) -> None:
        """Free the renderer."""
        if not self._finished:
            self._finished = True
            self._later.stop()
            self._owed.clear()
            if self._drawing is not None:
                self._drawing.exception()  # ended, well or not
                self._drawing = None
            if self._thread is not None:
                self._thread.shutdown()
            self._renderer.RemoveAllViewProps()
            self._window.Finalize()

    def _begin(self) -> None:
        if self._widget.isVisible() and self._drawing is None and not self._finished:
            self._submit()

    def _submit(self) -> Future[_Drawn]:
        """Hand the scene as it is to the thread. What is asked of Qt is asked here."""
        wanted = _REST_SECONDS if not self._moves else _MOVE_SECONDS
        share = (wanted / self._cost - _FIXED_POINTS) / max(1.0, self._points())
        scale = 1.0 if self._sharp else min(1.0, max(_LEAST_SCALE, math.sqrt(max(0.0, share))))
        self._scale = scale
        scale *= self._widget.devicePixelRatioF()
        width, height = (max(1, round(side * scale / 8) * 8) for side in (self._widget.width(), self._widget.height()))
        if scale >= 1.0:  # to the pixel
            width, height = max(1, round(self._widget.width() * scale)), max(1, round(self._widget.height() * scale))
        self._again = False
        if self._thread is None:
            self._drawing = drawing = Future[_Drawn]()
            drawing.set_result(self._draw(width, height, self._sharp))
            self._arrive()
            return drawing
        window = self._window
        if window.IsCurrent():  # something freed its graphics on this thread; a context belongs to one thread at a time
            window.ReleaseCurrent()
        self._drawing = drawing = self._thread.submit(self._draw, width, height, self._sharp)
        drawing.add_done_callback(self._tell)
        return drawing

    def _tell(self, _done: object) -> None:
        """On the thread: the event loop takes it from here."""
        if not self._finished:
            self._widget.arrived.emit()

    def _draw(self, width: int, height: int, sharp: bool) -> _Drawn:
        """Render and copy the pixels. Runs on the thread, which alone uses the scene meanwhile."""
        window = self._window
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
        window.ReleaseCurrent()  # so that whichever thread frees the window can take its context
        return _Drawn(image, width, height, time.perf_counter() - began, sharp)

    def _arrive(self) -> None:
        """The picture is there: show it, do what waited for it, and draw again where that asks for it."""
        drawing = self._drawing
        if drawing is None or not drawing.done():
            return  # taken already
        self._drawing = None
        drawn = drawing.result()
        self._ended, self._took, self._drawn_width = time.perf_counter(), drawn.seconds, drawn.width
        if not drawn.sharp:
            cost = drawn.seconds / (drawn.width * drawn.height + _FIXED_POINTS)
            self._cost += 0.3 * (cost - self._cost)
        self._widget.put(drawn.image)
        owed, self._owed = self._owed, {}
        for change in owed.values():
            change()
        if self._again:
            self.redraw()

    def _points(self) -> float:
        return self._widget.width() * self._widget.height() * self._widget.devicePixelRatioF() ** 2


class _Picture(QWidget):
    #: A picture was drawn.
    arrived = Signal()

    def __init__(self, redraw: Callable[[], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._redraw = redraw
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
        self._redraw()

    def showEvent(self, event: QShowEvent) -> None:
        """What changed meanwhile was not drawn."""
        super().showEvent(event)
        self._redraw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the newest picture; a quiet ground before the first."""
        painter = QPainter(self)
        if self._image.isNull():
            painter.fillRect(self.rect(), theme.color(theme.current().lane))
        elif self._image.size() == self.size() * self.devicePixelRatioF():
            painter.drawImage(self.rect(), self._image)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.rect(), self._image)
        painter.end()


def _stand_back() -> None:
    """The window's own thread goes first where both want the processor."""
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
