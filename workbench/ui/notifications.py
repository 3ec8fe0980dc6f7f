"""The only module that speaks to the user: errors, results, the undo toast. Excepthooks, Qt's messages and job failures end here."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QEvent, QMessageLogContext, QObject, QPoint, Qt, QTimer, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from sim.errors import Cancelled, SimError
from workbench.errors import WorkbenchError
from workbench.ui.context import UiContext
from workbench.ui.widgets import Button, IconButton, IconView, VerdictMark

_LOG = logging.getLogger("workbench")
_UNDO_MS = 6000
_INFO_MS = 6000
_MOST = 3


class Toast(QFrame):
    """One message: mark, words, at most one action, a cross."""

    closed = Signal(object)

    def __init__(
        self, kind: str, text: str, action: str, run: Callable[[], object] | None, close_tip: str, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "popover")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(text)
        self.kind = kind
        self.text = text
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 6, 8)
        row.setSpacing(10)

        if kind == "error":
            row.addWidget(VerdictMark("fail", 16), 0, Qt.AlignmentFlag.AlignTop)
        elif kind == "info":
            row.addWidget(IconView("info", "tx2", 16), 0, Qt.AlignmentFlag.AlignTop)
        words = QLabel(text)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(kind != "undo")
        if kind != "undo":
            words.setMinimumWidth(300)
            words.setMaximumWidth(420)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(words, 1, Qt.AlignmentFlag.AlignVCenter)
        if action and run is not None:
            button = Button(action)
            button.clicked.connect(lambda: self.closed.emit(self))
            button.clicked.connect(lambda: run())
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        cross = IconButton("close", close_tip, tone="tx2", size=12)
        cross.clicked.connect(lambda: self.closed.emit(self))
        row.addWidget(cross, 0, Qt.AlignmentFlag.AlignVCenter if kind == "undo" else Qt.AlignmentFlag.AlignTop)


class Notifications(QObject):
    """Shows messages at the bottom left of the window.

    Args:
        context: words and theme.
        window: they lie over it.
        lift: px from the window's bottom edge that they keep free.
    """

    #: A message from any thread: kind, text.
    _posted = Signal(str, str)

    def __init__(self, context: UiContext, window: QWidget, lift: Callable[[], int]) -> None:
        super().__init__(window)
        self._context, self._window, self._lift = context, window, lift
        self._toasts: list[Toast] = []
        self.log: list[str] = []
        self._posted.connect(self._show_posted)
        window.installEventFilter(self)

    def error(self, failure: BaseException) -> None:
        """Tell what went wrong, in the user's words. Stays until closed."""
        if isinstance(failure, Cancelled | KeyboardInterrupt):
            return
        self._posted.emit("error", self.sentence(failure))

    def error_code(self, code: str, **params: object) -> None:
        """Tell of an error by its code."""
        self._posted.emit("error", self._context.tr(f"error.{code}", **params))

    def info(self, key: str, **params: object) -> None:
        """Tell something by i18n key; goes by itself."""
        self._posted.emit("info", self._context.tr(key, **params))

    def offer(self, text: str, action: str, run: Callable[[], object], lasting: bool = False) -> None:
        """Words with one action. ``lasting``: until closed."""
        self._add("info" if lasting else "undo", text, action, run, 0 if lasting else _UNDO_MS)

    def sentence(self, failure: BaseException) -> str:
        """The sentence for an exception: by code where it has one, else its type and words."""
        if isinstance(failure, SimError | WorkbenchError):
            return self._context.tr.error(failure)
        return self._context.tr("shell.unexpected", kind=type(failure).__name__, reason=str(failure))

    def reposition(self) -> None:
        """The window's parts moved: lie above them again."""
        self._place()

    def close_text(self, text: str) -> None:
        """Close the message with these words, if it is still there."""
        for toast in tuple(self._toasts):
            if toast.text == text:
                self._close(toast)

    def close_undo(self) -> None:
        """The edit it offered to take back is taken back."""
        for toast in tuple(self._toasts):
            if toast.kind == "undo":
                self._close(toast)

    def texts(self) -> list[str]:
        """What is shown now, oldest first."""
        return [toast.text for toast in self._toasts]

    def clear(self) -> None:
        """Close all."""
        for toast in tuple(self._toasts):
            self._close(toast)

    def install(self) -> None:
        """Take over excepthooks and Qt's messages. Called by the application, not by tests."""

        def on_exception(kind: type[BaseException], failure: BaseException, trace: TracebackType | None) -> None:
            if issubclass(kind, KeyboardInterrupt):
                sys.__excepthook__(kind, failure, trace)
                return
            _LOG.error("unexpected", exc_info=(kind, failure, trace))
            sys.stderr.write("".join(traceback.format_exception(kind, failure, trace)))
            self.error(failure)

        def on_thread(args: threading.ExceptHookArgs) -> None:
            if args.exc_value is not None:
                on_exception(args.exc_type, args.exc_value, args.exc_traceback)

        sys.excepthook = on_exception
        threading.excepthook = on_thread
        qInstallMessageHandler(self._on_qt)

    def _on_qt(self, kind: QtMsgType, _where: QMessageLogContext, message: str) -> None:
        # Qt's warnings are for developers: to the log. Only what ends the program is shown.
        self.log.append(message)
        del self.log[:-200]
        (_LOG.error if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg) else _LOG.info)("Qt: %s", message)

    def _show_posted(self, kind: str, text: str) -> None:
        _LOG.info("%s: %s", kind, text)
        self._add(kind, text, "", None, 0 if kind == "error" else _INFO_MS)

    def _add(self, kind: str, text: str, action: str, run: Callable[[], object] | None, lasts_ms: int) -> None:
        for toast in tuple(self._toasts):
            # One undo toast at a time, and never the same words twice.
            if toast.text == text or (kind == "undo" and toast.kind == "undo"):
                self._close(toast)
        while len(self._toasts) >= _MOST:
            self._close(self._toasts[0])
        toast = Toast(kind, text, action, run, self._context.tr("shell.close"), self._window)
        toast.closed.connect(self._close)
        self._toasts.append(toast)
        toast.show()
        self._place()
        if lasts_ms:
            QTimer.singleShot(lasts_ms, toast, lambda: self._close(toast))

    def _close(self, toast: Toast) -> None:
        if toast in self._toasts:
            self._toasts.remove(toast)
            toast.hide()
            toast.deleteLater()
            self._place()

    def _place(self) -> None:
        bottom = self._window.height() - self._lift() - 12
        for toast in reversed(self._toasts):
            toast.adjustSize()
            bottom -= toast.height()
            toast.move(QPoint(12, bottom))
            toast.raise_()
            bottom -= 8

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size."""
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)
