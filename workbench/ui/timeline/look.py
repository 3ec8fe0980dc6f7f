"""Pens, brushes, fonts and icon pixmaps of the timeline for one theme and screen, made once and reused at each repaint."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen, QPixmap

from sim.preflight.finding import Severity
from workbench.plan.skills import Family
from workbench.ui import theme
from workbench.ui.icons import paint_icon, paint_verdict
from workbench.ui.tokens import Tokens


class Look:
    """Drawing material of one theme.

    Args:
        tokens: the theme's colours.
        ratio: device pixels per pixel, for the cached icon pixmaps.
    """

    def __init__(self, tokens: Tokens, ratio: float) -> None:
        self.tokens = tokens
        self.ratio = ratio
        self.label_font = theme.font(12, 500)
        self.text_font = theme.font(12)
        self.strong_font = theme.font(12, 600)
        self.small_font = theme.font(11)
        self.small_strong_font = theme.font(11, 600)
        self.label_metrics = QFontMetricsF(self.label_font)
        self.text_metrics = QFontMetricsF(self.text_font)
        self.small_metrics = QFontMetricsF(self.small_font)
        self.small_strong_metrics = QFontMetricsF(self.small_strong_font)
        self.hatch = self._hatch(QColor(tokens.line), 8.0)
        self.step_hatch = self._hatch(theme.color(tokens.tx3, 0.55), 6.0)
        self.stripe = self._stripe(QColor(tokens.wa))
        self._icons: dict[tuple[str, str, int], QPixmap] = {}
        self._materials: dict[tuple[Family, bool], tuple[QPen, QColor]] = {}
        self._widths: dict[str, float] = {}

    def color(self, value: str, alpha: float = 1.0) -> QColor:
        """A token with an opacity."""
        return theme.color(value, alpha)

    def family(self, family: Family) -> tuple[QColor, QColor]:
        """Fill and edge of a step family."""
        fill, edge = {"legs": self.tokens.legs, "hand": self.tokens.hand, "head": self.tokens.head, "io": self.tokens.io}[family]
        return QColor(fill), QColor(edge)

    def severity(self, severity: Severity) -> QColor:
        """Status colour of a finding."""
        return QColor({"fail": self.tokens.fa, "marginal": self.tokens.wa, "not_assessed": self.tokens.na}[severity])

    def step_material(self, family: Family, pending: bool) -> tuple[QPen, QColor]:
        """Edge pen and fill of a step, made once: dashed and at 55 % where it was not simulated."""
        key = (family, pending)
        found = self._materials.get(key)
        if found is None:
            fill, edge = self.family(family)
            pen = QPen(edge, 1.0)
            if pending:
                fill.setAlphaF(0.55)
                pen.setDashPattern([3.0, 2.0])
            found = self._materials[key] = (pen, fill)
        return found

    def pen(self, value: str, width: float = 1.0, alpha: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
        """A pen in a token colour."""
        return QPen(theme.color(value, alpha), width, style)

    def label_width(self, text: str) -> float:
        """Width of a step label, remembered."""
        width = self._widths.get(text)
        if width is None:
            width = self._widths[text] = self.label_metrics.horizontalAdvance(text)
        return width

    def icon(self, name: str, color: str, size: int) -> QPixmap:
        """An icon of the table as a pixmap in device pixels."""
        key = (name, color, size)
        found = self._icons.get(key)
        if found is None:
            found = self._pixmap(size, size)
            painter = QPainter(found)
            paint_icon(painter, QRectF(0, 0, size, size), name, color)
            painter.end()
            self._icons[key] = found
        return found

    def mark(self, severity: Severity, size: int = 13) -> QPixmap:
        """The mark of a verdict as a pixmap."""
        key = ("verdict", severity, size)
        found = self._icons.get(key)
        if found is None:
            found = self._pixmap(size, size)
            painter = QPainter(found)
            paint_verdict(painter, QRectF(0, 0, size, size), severity, self.tokens)
            painter.end()
            self._icons[key] = found
        return found

    def _pixmap(self, width: float, height: float) -> QPixmap:
        pixmap = QPixmap(round(width * self.ratio), round(height * self.ratio))
        pixmap.setDevicePixelRatio(self.ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        return pixmap

    def _hatch(self, color: QColor, pitch: float) -> QBrush:
        """Diagonal lines as a tile that repeats without seams."""
        pixmap = self._pixmap(pitch, pitch)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color, 1.0))
        for shift in (-pitch, 0.0, pitch):
            painter.drawLine(QPointF(shift - 1, pitch + 1), QPointF(shift + pitch + 1, -1))
        painter.end()
        return QBrush(pixmap)

    def _stripe(self, color: QColor) -> QBrush:
        """Slanted bars for a marginal range."""
        pixmap = self._pixmap(6, 4)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color, 2.6))
        for shift in (-6.0, 0.0, 6.0):
            painter.drawLine(QPointF(shift, 5.0), QPointF(shift + 6.0, -1.0))
        painter.end()
        return QBrush(pixmap)
