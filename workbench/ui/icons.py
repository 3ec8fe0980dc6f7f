"""All icons from one table: outlines on a 16 px grid, 1.4 px stroke, drawn with QPainterPath in any colour and size.

A shape is a string of strokes in a small path language: ``M x y`` move, ``L x y`` line, ``C x1 y1 x2 y2 x y`` cubic, ``Z`` close,
``O x y r`` circle, ``R x y w h r`` rounded rectangle, ``A x y r start sweep`` arc (degrees, counter-clockwise). A shape that begins
with ``!`` is filled, one with ``~`` dashed.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPainterPath, QPen, QPixmap

from sim.preflight.finding import Verdict
from workbench.ui.tokens import Tokens

ICONS: dict[str, tuple[str, ...]] = {
    # the house
    "robot": (
        "R 4 2.2 8 5.6 1.8",
        "M6.2 5 L6.2 5.2 M9.8 5 L9.8 5.2",
        "M3.5 14 L3.5 12 C3.5 10.6 4.6 9.8 6 9.8 L10 9.8 C11.4 9.8 12.5 10.6 12.5 12 L12.5 14",
        "M8 7.8 L8 9.8",
    ),
    "undo": ("M3 6 L9.5 6 C12 6 13.5 7.7 13.5 9.7 C13.5 11.8 12 13.4 9.5 13.4 L6.5 13.4", "M6 2.8 L2.8 6 L6 9.2"),
    "redo": ("M13 6 L6.5 6 C4 6 2.5 7.7 2.5 9.7 C2.5 11.8 4 13.4 6.5 13.4 L9.5 13.4", "M10 2.8 L13.2 6 L10 9.2"),
    "search": ("O 7 7 4.4", "M10.3 10.3 L14 14"),
    "menu": ("M2.5 4 L13.5 4 M2.5 8 L13.5 8 M2.5 12 L13.5 12",),
    "plus": ("M8 2.8 L8 13.2 M2.8 8 L13.2 8",),
    "minus": ("M2.8 8 L13.2 8",),
    "close": ("M3.5 3.5 L12.5 12.5 M12.5 3.5 L3.5 12.5",),
    "check": ("M3 8.5 L6.5 12 L13 4.5",),
    "folder": ("M2 12.8 L2 3.6 L6.2 3.6 L7.8 5.4 L14 5.4 L14 12.8 Z",),
    "file": ("M4 2 L9.5 2 L12.5 5 L12.5 14 L4 14 Z", "M9.2 2.2 L9.2 5.3 L12.3 5.3"),
    "save": (
        "M2.5 2.5 L11 2.5 L13.5 5 L13.5 13.5 L2.5 13.5 Z",
        "M5 13.3 L5 9 L11 9 L11 13.3",
        "M5.2 2.6 L5.2 5.4 L9.6 5.4 L9.6 2.6",
    ),
    "export": ("M8 10 L8 2 M5 4.8 L8 1.8 L11 4.8", "M2.5 9 L2.5 13.5 L13.5 13.5 L13.5 9"),
    "import": ("M8 2 L8 10 M5 7.2 L8 10.2 L11 7.2", "M2.5 9 L2.5 13.5 L13.5 13.5 L13.5 9"),
    "trash": (
        "M2.5 4.2 L13.5 4.2 M6 4 L6 2.2 L10 2.2 L10 4",
        "M4 4.4 L4.7 14 L11.3 14 L12 4.4",
        "M6.7 7 L6.9 11.5 M9.3 7 L9.1 11.5",
    ),
    "copy": ("R 5.5 5.5 8 8 1.2", "M3.8 10.5 L2.5 10.5 L2.5 2.5 L10.5 2.5 L10.5 3.8"),
    "settings": ("M2 4.5 L8 4.5 M11.6 4.5 L14 4.5 M2 11.5 L4.4 11.5 M8 11.5 L14 11.5", "O 9.8 4.5 1.8", "O 6.2 11.5 1.8"),
    "globe": ("O 8 8 6", "M2 8 L14 8", "M8 2 C5 4.6 5 11.4 8 14 C11 11.4 11 4.6 8 2"),
    "sun": (
        "O 8 8 2.8",
        "M8 1.4 L8 2.8 M8 13.2 L8 14.6 M1.4 8 L2.8 8 M13.2 8 L14.6 8",
        "M3.4 3.4 L4.3 4.3 M11.7 11.7 L12.6 12.6 M12.6 3.4 L11.7 4.3 M4.3 11.7 L3.4 12.6",
    ),
    "moon": (
        "M13 9.6 C12 10.1 10.8 10.2 9.6 9.8 C6.9 8.9 5.4 6 6.3 3.3 C6.4 3 6.5 2.7 6.7 2.4 "
        "C4.6 2.9 2.8 4.5 2.3 6.7 C1.5 9.9 3.5 13 6.6 13.7 C9.4 14.3 12.1 12.6 13 9.6 Z",
    ),
    "help": ("O 8 8 6", "M6.2 6.4 C6.2 4 9.9 4 9.9 6.4 C9.9 7.8 8 7.9 8 9.4", "M8 11.4 L8 11.6"),
    "info": ("O 8 8 6", "M8 7.2 L8 11.2 M8 4.7 L8 4.9"),
    "filter": ("M2 4 L14 4 M4.2 8 L11.8 8 M6.4 12 L9.6 12",),
    "list": ("M5.5 4 L14 4 M5.5 8 L14 8 M5.5 12 L14 12", "M2.3 4 L2.5 4 M2.3 8 L2.5 8 M2.3 12 L2.5 12"),
    "chevron_down": ("M4 6 L8 10 L12 6",),
    "chevron_up": ("M4 10 L8 6 L12 10",),
    "chevron_right": ("M6 4 L10 8 L6 12",),
    "chevron_left": ("M10 4 L6 8 L10 12",),
    "fit": ("M2.5 6 L2.5 2.5 L6 2.5 M10 2.5 L13.5 2.5 L13.5 6 M13.5 10 L13.5 13.5 L10 13.5 M6 13.5 L2.5 13.5 L2.5 10",),
    "zoom_in": ("O 7 7 4.4", "M10.3 10.3 L14 14", "M5 7 L9 7 M7 5 L7 9"),
    "zoom_out": ("O 7 7 4.4", "M10.3 10.3 L14 14", "M5 7 L9 7"),
    "layout": ("R 2 2.5 12 11 1", "M6 2.5 L6 9.5 M2 9.5 L14 9.5"),
    "tag": ("M2.5 2.5 L8 2.5 L13.8 8.3 L8.3 13.8 L2.5 8 Z", "M5.2 5.2 L5.3 5.3"),
    # running
    "play": ("M4.5 2.8 L12.8 8 L4.5 13.2 Z",),
    "pause": ("M5.2 3 L5.2 13 M10.8 3 L10.8 13",),
    "step": ("M3.5 3 L10 8 L3.5 13 Z", "M12.5 3 L12.5 13"),
    "reset": (
        "M3 3 L3 6.6 L6.6 6.6",
        "M3.2 6.4 C4.3 4 6.4 2.6 8.8 2.8 C11.6 3.1 13.6 5.4 13.5 8.2 C13.3 11.1 11 13.4 8 13.4 C5.6 13.4 3.7 12 2.9 9.9",
    ),
    "stop": ("!R 4 4 8 8 0.8",),
    "record": ("O 8 8 4.6",),
    "clock": ("O 8 8 5.8", "M8 4.6 L8 8.2 L10.4 9.8"),
    "simulate": ("M2.5 12.5 C5 12.5 5 4 8 4 C11 4 10.5 9 13.5 9", "M11.3 6.8 L13.6 9 L11.3 11.2"),
    "speed": ("A 8 10 6 -20 220", "M8 10 L11 6.2"),
    "connect": (
        "M6.6 9.4 L9.4 6.6",
        "M7.2 4.6 L9 2.8 C10.2 1.6 12 1.6 13.2 2.8 C14.4 4 14.4 5.8 13.2 7 L11.4 8.8",
        "M8.8 11.4 L7 13.2 C5.8 14.4 4 14.4 2.8 13.2 C1.6 12 1.6 10.2 2.8 9 L4.6 7.2",
    ),
    "disconnect": (
        "M7.2 4.6 L9 2.8 C10.2 1.6 12 1.6 13.2 2.8 C14.4 4 14.4 5.8 13.2 7 L11.4 8.8",
        "M8.8 11.4 L7 13.2 C5.8 14.4 4 14.4 2.8 13.2 C1.6 12 1.6 10.2 2.8 9 L4.6 7.2",
        "M2.5 2.5 L13.5 13.5",
    ),
    "lock": ("R 3 7 10 7 1.2", "M5 7 L5 5 C5 1 11 1 11 5 L11 7"),
    "unlock": ("R 3 7 10 7 1.2", "M5 7 L5 5 C5 1 10.6 1 11 4.2"),
    "push": ("M1.8 8 L9 8 M6 5 L9 8 L6 11", "R 11 3 3 10 0.8"),
    "battery": ("R 1.8 4.5 11 7 1", "M14.5 7 L14.5 9"),
    "send": ("M8 13.5 L8 3 M4 6.8 L8 2.8 L12 6.8",),
    # views
    "eye": (
        "M1.5 8 C3.8 4.4 5.8 3.6 8 3.6 C10.2 3.6 12.2 4.4 14.5 8 C12.2 11.6 10.2 12.4 8 12.4 C5.8 12.4 3.8 11.6 1.5 8 Z",
        "O 8 8 2",
    ),
    "grid": ("R 2.5 2.5 11 11 0.5", "M6.2 2.5 L6.2 13.5 M9.8 2.5 L9.8 13.5 M2.5 6.2 L13.5 6.2 M2.5 9.8 L13.5 9.8"),
    "camera": ("R 2 4.5 12 8.6 1.2", "M5.5 4.4 L6.5 2.6 L9.5 2.6 L10.5 4.4", "O 8 8.7 2.3"),
    "ghost": ("~M4 14 L4 6.5 C4 1 12 1 12 6.5 L12 14 L10 12.4 L8 14 L6 12.4 Z",),
    "follow": ("O 8 8 3", "M8 1.5 L8 4 M8 12 L8 14.5 M1.5 8 L4 8 M12 8 L14.5 8"),
    "com": ("O 8 8 5.2", "!M8 8 L8 2.8 A 8 8 5.2 90 -90 L8 8 Z", "!M8 8 L8 13.2 A 8 8 5.2 270 -90 L8 8 Z"),
    "polygon": ("M2.5 6 L8 2.5 L13.5 5.5 L12 12.5 L4.5 13 Z",),
    "force": ("M8 14 L8 2.5 M4.6 6 L8 2.5 L11.4 6", "M3 14 L13 14"),
    "layers": ("M8 2.2 L14 5.6 L8 9 L2 5.6 Z", "M2.4 9 L8 12.2 L13.6 9"),
    "cube": ("M8 1.8 L13.6 5 L13.6 11 L8 14.2 L2.4 11 L2.4 5 Z", "M2.6 5.1 L8 8.2 L13.4 5.1 M8 8.2 L8 14"),
    "station": ("M2 5.5 L14 5.5 M3.5 5.5 L3.5 13.5 M12.5 5.5 L12.5 13.5", "R 6 2.2 4 3.2 0.4"),
    "plot": ("M2.5 2.5 L2.5 13.5 L13.5 13.5", "M4.5 10.5 L7 6.5 L9.5 8.5 L13 3.8"),
    "wave": ("M1.8 8 C3.8 2 5.8 2 8 8 C10.2 14 12.2 14 14.2 8",),
    "table": ("R 2 3 12 10 0.8", "M2 6.4 L14 6.4 M6 6.4 L6 13"),
    "heat": ("R 2.5 2.5 4.6 4.6 0.6", "!R 8.9 2.5 4.6 4.6 0.6", "!R 2.5 8.9 4.6 4.6 0.6", "R 8.9 8.9 4.6 4.6 0.6"),
    "compare": ("M2 10.5 C5 10.5 5 4 8 4 C11 4 11 7 14 7", "~M2 13 C5 13 6 8 9 8 C11 8 12 10.4 14 10.4"),
    "joint": ("O 8 8 2.4", "M2 13.6 L6.2 9.6 M9.8 6.4 L13.8 2.4"),
    "finding": ("M8 2 L14.2 13 L1.8 13 Z", "M8 6.4 L8 9.4 M8 11.1 L8 11.3"),
    # tracks
    "legs": ("R 3 2.2 3.6 6.2 1.7", "R 3.2 10 3.2 3.6 1.5", "R 9.4 3.6 3.6 6.2 1.7", "R 9.6 11.2 3.2 3 1.4"),
    "both_hands": ("M5 2.5 L2.5 2.5 L2.5 13.5 L5 13.5 M11 2.5 L13.5 2.5 L13.5 13.5 L11 13.5", "R 5.8 5.6 4.4 4.8 0.4"),
    "left_hand": ("M1.5 8 L9.4 8 M6.8 5.2 L9.6 8 L6.8 10.8", "O 12.4 8 1.9"),
    "right_hand": ("M14.5 8 L6.6 8 M9.2 5.2 L6.4 8 L9.2 10.8", "O 3.6 8 1.9"),
    "head": (
        "M1.5 8 C3.8 4.4 5.8 3.6 8 3.6 C10.2 3.6 12.2 4.4 14.5 8 C12.2 11.6 10.2 12.4 8 12.4 C5.8 12.4 3.8 11.6 1.5 8 Z",
        "O 8 8 2",
    ),
    "io": ("M1.8 8 L10 8 M7 5 L10 8 L7 11", "M13.2 3 L13.2 13"),
    # skills
    "walk": ("R 3 2.2 3.6 6.2 1.7", "R 3.2 10 3.2 3.6 1.5", "R 9.4 3.6 3.6 6.2 1.7", "R 9.6 11.2 3.2 3 1.4"),
    "carry": ("R 5 2 8 5.6 0.5", "M3 2 L3 10.4 L11 10.4", "M2.5 13.4 L12 13.4 M9.8 11.4 L12.2 13.4 L9.8 15.2"),
    "look": (
        "M1.5 8 C3.8 4.4 5.8 3.6 8 3.6 C10.2 3.6 12.2 4.4 14.5 8 C12.2 11.6 10.2 12.4 8 12.4 C5.8 12.4 3.8 11.6 1.5 8 Z",
        "O 8 8 2",
    ),
    "grasp": ("M5 2.5 L2.5 2.5 L2.5 13.5 L5 13.5 M11 2.5 L13.5 2.5 L13.5 13.5 L11 13.5", "R 5.8 5.6 4.4 4.8 0.4"),
    "place": ("M8 1.8 L8 9.4 M5 6.4 L8 9.4 L11 6.4", "M2.5 9.5 L2.5 13.5 L13.5 13.5 L13.5 9.5"),
    "pick": ("M8 1.8 L8 5 M4.4 12 L4.4 7.4 C4.4 4 11.6 4 11.6 7.4 L11.6 12", "R 6.3 8.4 3.4 5.2 0.4"),
    "put": ("M8 1.8 L8 6.4 M5.6 4.2 L8 6.6 L10.4 4.2", "R 6 7.6 4 4.4 0.4", "M2.5 13.5 L13.5 13.5"),
    "insert": ("R 6.2 2 3.6 7.2 0.4", "M3 8.4 L3 13.6 L13 13.6 L13 8.4"),
    "handover": ("M1.8 5 L9 5 M6.6 2.8 L9 5 L6.6 7.2", "M14.2 11 L7 11 M9.4 8.8 L7 11 L9.4 13.2"),
    "open_door": ("M3 13.8 L3 2.2 L9 2.2", "M3 2.2 L11.5 4.4 L11.5 15.2 L3 13.8", "M9.4 9.4 L9.6 9.4"),
    "press": ("M8 1.8 L8 8 M5.2 5.4 L8 8.2 L10.8 5.4", "R 4 10.4 8 3.4 0.8"),
    "wait": ("O 8 8 5.8", "M8 4.6 L8 8.2 L10.4 9.8"),
    "signal": ("M1.8 8 L10 8 M7 5 L10 8 L7 11", "M13.2 3 L13.2 13"),
    "reach": ("M1.5 8 L9.4 8 M6.8 5.2 L9.6 8 L6.8 10.8", "O 12.4 8 1.9"),
    "lift": ("M8 10.6 L8 2.6 M5 5.6 L8 2.6 L11 5.6", "M2.8 13.4 L13.2 13.4"),
    "turn": (
        "M12.9 9.6 C12.2 12 10 13.6 7.6 13.4 C4.7 13.2 2.6 10.8 2.7 8 C2.9 5.2 5.2 3 8 3 C9.8 3 11.3 3.8 12.3 5.2",
        "M12.8 2.2 L12.6 5.4 L9.4 5.2",
    ),
    "stance": ("M8 2 L8 7 M8 7 L3.2 13.4 M8 7 L12.8 13.4",),
    "zone": ("~R 2.5 2.5 11 11 0.5",),
}


def parse(shape: str) -> QPainterPath:
    """The path of one shape of the table (without its ``!`` or ``~``)."""
    words = _words(shape.lstrip("!~"))
    path, i = QPainterPath(), 0

    def take(n: int) -> list[float]:
        nonlocal i
        numbers = [float(w) for w in words[i : i + n]]
        i += n
        return numbers

    while i < len(words):
        op = words[i]
        i += 1
        if op == "M":
            path.moveTo(*take(2))
        elif op == "L":
            path.lineTo(*take(2))
        elif op == "C":
            path.cubicTo(*take(6))
        elif op == "O":
            x, y, r = take(3)
            path.addEllipse(x - r, y - r, 2 * r, 2 * r)
        elif op == "R":
            x, y, w, h, r = take(5)
            path.addRoundedRect(x, y, w, h, r, r)
        elif op == "A":
            x, y, r, start, sweep = take(5)
            if path.elementCount() == 0:
                path.arcMoveTo(x - r, y - r, 2 * r, 2 * r, start)
            path.arcTo(x - r, y - r, 2 * r, 2 * r, start, sweep)
        elif op == "Z":
            path.closeSubpath()
        else:
            raise ValueError(f"{op!r} is no path command in {shape!r}")
    return path


def _words(shape: str) -> list[str]:
    for op in "MLCORAZ":
        shape = shape.replace(op, f" {op} ")
    return shape.split()


def paint_icon(painter: QPainter, rect: QRectF, name: str, color: QColor | str, width: float = 1.4) -> None:
    """Paint an icon into ``rect`` (square; the grid is scaled to it). Unknown names paint nothing."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 16.0, rect.height() / 16.0)
    pen = QPen(QColor(color), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    for shape in ICONS.get(name, ()):
        path = parse(shape)
        if shape.startswith("!"):
            painter.fillPath(path, QColor(color))
        elif shape.startswith("~"):
            dashed = QPen(pen)
            dashed.setDashPattern([2.2, 1.8])
            painter.strokePath(path, dashed)
        else:
            painter.strokePath(path, pen)
    painter.restore()


def paint_verdict(painter: QPainter, rect: QRectF, verdict: Verdict, tokens: Tokens) -> None:
    """Paint a verdict's mark: ring with tick, filled triangle, filled square with cross, dashed ring with dash."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 16.0, rect.height() / 16.0)
    cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    if verdict == "pass":
        pen = QPen(QColor(tokens.ok), 1.6, Qt.PenStyle.SolidLine, cap, join)
        painter.strokePath(parse("O 8 8 6.2"), pen)
        painter.strokePath(parse("M5 8.3 L7.2 10.5 L11.2 5.9"), pen)
    elif verdict == "marginal":
        painter.setPen(QPen(QColor(tokens.wa), 1.2, Qt.PenStyle.SolidLine, cap, join))
        painter.setBrush(QColor(tokens.wa))
        painter.drawPath(parse("M8 2 L14.6 13.6 L1.4 13.6 Z"))
        painter.strokePath(parse("M8 6.2 L8 9.8 M8 11.8 L8 11.9"), QPen(QColor(tokens.bg1), 1.6, Qt.PenStyle.SolidLine, cap))
    elif verdict == "fail":
        painter.fillPath(parse("R 1.4 1.4 13.2 13.2 1.8"), QColor(tokens.fa))
        painter.strokePath(
            parse("M5.2 5.2 L10.8 10.8 M10.8 5.2 L5.2 10.8"), QPen(QColor(tokens.bg1), 1.9, Qt.PenStyle.SolidLine, cap)
        )
    else:
        pen = QPen(QColor(tokens.na), 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, join)
        pen.setDashPattern([1.9, 1.35])
        painter.strokePath(parse("O 8 8 6.2"), pen)
        painter.strokePath(parse("M5.6 8 L10.4 8"), QPen(QColor(tokens.na), 1.7, Qt.PenStyle.SolidLine, cap))
    painter.restore()


def _pixmap(size: int, pad: int = 0) -> QPixmap:
    screen = QGuiApplication.primaryScreen()
    ratio = max(2.0, screen.devicePixelRatio() if screen else 1.0)
    pixmap = QPixmap(round((size + pad) * ratio), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


def icon(name: str, color: QColor | str, size: int = 16, pad: int = 0) -> QIcon:
    """An icon as QIcon in one colour, with ``pad`` px free at its right (before a word)."""
    pixmap = _pixmap(size, pad)
    painter = QPainter(pixmap)
    paint_icon(painter, QRectF(0, 0, size, size), name, color)
    painter.end()
    return QIcon(pixmap)


def verdict_icon(verdict: Verdict, tokens: Tokens, size: int = 16) -> QIcon:
    """A verdict's mark as QIcon."""
    pixmap = _pixmap(size)
    painter = QPainter(pixmap)
    paint_verdict(painter, QRectF(0, 0, size, size), verdict, tokens)
    painter.end()
    return QIcon(pixmap)
