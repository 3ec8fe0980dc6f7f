"""What can be dragged from one panel to another: workpieces and stations of the cell, by their ids."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QByteArray, QMimeData, QPoint, QRectF, Qt
from PySide6.QtGui import QDrag, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from workbench.ui import theme

CarriedKind = Literal["object", "station"]
OBJECT_MIME = "application/x-humanoid-workbench-object"
STATION_MIME = "application/x-humanoid-workbench-station"
_MIMES: dict[CarriedKind, str] = {"object": OBJECT_MIME, "station": STATION_MIME}
_PAD, _HEIGHT = 10, 26


def carried_data(kind: CarriedKind, thing: str) -> QMimeData:
    """The data of a drag: an id in UTF-8."""
    data = QMimeData()
    data.setData(_MIMES[kind], QByteArray(thing.encode()))
    return data


def carried(data: QMimeData) -> tuple[CarriedKind, str] | None:
    """Kind and id of what a drag carries; None where it is nothing of ours."""
    for kind, mime in _MIMES.items():
        if data.hasFormat(mime):
            return kind, bytes(data.data(mime).data()).decode("utf-8", "replace")
    return None


def carry(source: QWidget, kind: CarriedKind, thing: str, name: str) -> None:
    """Drag a thing out of ``source`` until it is let go; its name goes with the pointer."""
    drag = QDrag(source)
    drag.setMimeData(carried_data(kind, thing))
    drag.setPixmap(_chip(source, name))
    drag.setHotSpot(QPoint(-12, -8))
    drag.exec(Qt.DropAction.CopyAction)


def _chip(source: QWidget, name: str) -> QPixmap:
    tokens, font = theme.current(), theme.font(12, 600)
    painter = QPainter()
    probe = QPixmap(1, 1)
    painter.begin(probe)
    painter.setFont(font)
    width = painter.fontMetrics().horizontalAdvance(name) + 2 * _PAD
    painter.end()
    ratio = source.devicePixelRatioF()
    chip = QPixmap(round(width * ratio), round(_HEIGHT * ratio))
    chip.setDevicePixelRatio(ratio)
    chip.fill(Qt.GlobalColor.transparent)
    painter.begin(chip)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme.color(tokens.ac))
    painter.setBrush(theme.color(tokens.acbg))
    painter.drawRoundedRect(QRectF(0.5, 0.5, width - 1, _HEIGHT - 1), 3, 3)
    painter.setFont(font)
    painter.setPen(theme.color(tokens.tx))
    painter.drawText(QRectF(0, 0, width, _HEIGHT), Qt.AlignmentFlag.AlignCenter, name)
    painter.end()
    return chip
