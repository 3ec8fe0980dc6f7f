"""The bar above the timeline: play, time, add, simulate, legend, snap, fit, zoom."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from workbench.plan.skills import SKILLS, TRACKS
from workbench.session import Session
from workbench.ui import theme
from workbench.ui.context import UiContext
from workbench.ui.icons import icon
from workbench.ui.timeline import geometry
from workbench.ui.timeline.look import Look
from workbench.ui.widgets import Button, Hairline, IconButton, label


class LegendKey(QWidget):
    """A sample box with its meaning: the estimate inside the simulated length, or a step that was not simulated."""

    def __init__(self, pending: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pending = pending
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_text(self, text: str) -> None:
        """The meaning."""
        self._text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Box and words."""
        return QSize(22 + 8 + self.fontMetrics().horizontalAdvance(self._text) + 2, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint box and words."""
        tokens = theme.current()
        look = Look(tokens, self.devicePixelRatioF())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill, _ = look.family("hand")
        box = QRectF(0.5, 5.5, 21, 13)
        if self._pending:
            fill.setAlphaF(0.55)
        pen = look.pen(tokens.hand[1])
        if self._pending:
            pen.setDashPattern([3.0, 2.0])
        painter.setPen(pen)
        painter.setBrush(fill)
        painter.drawRoundedRect(box, 3, 3)
        if not self._pending:
            painter.fillRect(QRectF(13, 6, 8, 12), look.step_hatch)
            dotted = look.pen(tokens.tx)
            dotted.setDashPattern([1.0, 2.0])
            painter.setPen(dotted)
            painter.drawLine(13, 6, 13, 18)
        painter.setPen(QColor(tokens.tx2))
        painter.setFont(look.text_font)
        painter.drawText(QRectF(30, 0, self.width() - 30, self.height()), Qt.AlignmentFlag.AlignVCenter, self._text)
        painter.end()


class TimelineToolbar(QWidget):
    """36 px. Emits what was pressed; knows how to show a session's state."""

    play_pressed = Signal()
    simulate_pressed = Signal()
    skill_chosen = Signal(str)
    snap_toggled = Signal(bool)
    fit_pressed = Signal()
    zoom_pressed = Signal(float)
    table_pressed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(geometry.TOOLBAR)
        self.play = IconButton("play")
        self.time = label("00:00.00")
        self.time.setFont(theme.font(15, 600))
        self.total = label("", "hint")
        self.add = Button("", "plus")
        self.simulate = Button("")
        self.legend_estimate = LegendKey(False)
        self.legend_pending = LegendKey(True)
        self.snap = IconButton("grid", checkable=True)
        self.snap.setChecked(True)
        self.fit = IconButton("fit")
        self.zoom_out = IconButton("zoom_out")
        self.zoom_in = IconButton("zoom_in")
        self.table = IconButton("table", checkable=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        for part in (self.play, self.time, self.total, self._divider(), self.add, self.simulate):
            row.addWidget(part)
        row.addStretch(1)
        for part in (self.legend_estimate, self.legend_pending):
            row.addWidget(part)
            row.addSpacing(8)
        for part in (self.snap, self.fit, self.zoom_out, self.zoom_in, self.table):
            row.addWidget(part)
        self.play.clicked.connect(self.play_pressed)
        self.simulate.clicked.connect(self.simulate_pressed)
        self.snap.toggled.connect(self.snap_toggled)
        self.fit.clicked.connect(self.fit_pressed)
        self.zoom_in.clicked.connect(lambda: self.zoom_pressed.emit(1.25))
        self.zoom_out.clicked.connect(lambda: self.zoom_pressed.emit(0.8))
        self.table.toggled.connect(self.table_pressed)

    def show_time(self, session: Session, end: float) -> None:
        """Playhead, end, playing or not."""
        self.time.setText(geometry.clock(session.playhead))
        self.total.setText(f"/ {geometry.clock(end)}")
        self.play.set_icon("pause" if session.playing else "play")

    def retranslate(self, context: UiContext) -> None:
        """Words of the language in force."""
        tr = context.tr
        self.play.set_tip(f"{tr('timeline.play')}  Space")
        self.time.setAccessibleName(tr("timeline.playhead"))
        self.add.setText(tr("timeline.add"))
        self.add.setToolTip(f"{tr('timeline.add')}  A")
        self.legend_estimate.set_text(tr("timeline.legend.estimate"))
        self.legend_pending.set_text(tr("timeline.legend.pending"))
        self.snap.set_label(tr("timeline.snap"))
        self.snap.set_tip(tr("timeline.snap.tip"))
        self.fit.set_label(tr("timeline.fit"))
        self.fit.set_tip(f"{tr('command.timeline.fit')}  F")
        self.zoom_in.set_tip(f"{tr('command.timeline.zoom_in')}  Ctrl+=")
        self.zoom_out.set_tip(f"{tr('command.timeline.zoom_out')}  Ctrl+-")
        self.table.set_tip(tr("command.timeline.table"))
        self.show_simulation(context)

    def show_simulation(self, context: UiContext) -> None:
        """The word on the simulate button: again, where the plan was edited since."""
        session, tr = context.session, context.tr
        again = session.simulated is not None
        self.simulate.setText(tr("timeline.simulate_again" if again else "timeline.simulate"))
        self.simulate.setEnabled(bool(session.plan.steps))

    def open_palette(self, context: UiContext, at: QPoint | None = None) -> None:
        """The menu of skills, in track order."""
        menu = self.palette_menu(context)
        first = next((a for a in menu.actions() if not a.isSeparator()), None)
        if first is not None:
            menu.setActiveAction(first)
        menu.popup(at if at is not None else self.add.mapToGlobal(QPoint(0, self.add.height() + 2)))

    def palette_menu(self, context: UiContext) -> QMenu:
        """A menu with one entry per skill, grouped by track."""
        tr = context.tr
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for track in TRACKS:
            skills = [s for s in SKILLS.values() if s.track == track]
            if not skills:
                continue
            menu.addSeparator()
            for skill in skills:
                action = menu.addAction(icon(skill.id, context.tokens.tx), f"{tr(f'skill.{skill.id}')}\t{tr(f'track.{track}')}")
                if tr.has(f"skill.{skill.id}.about"):
                    action.setToolTip(tr(f"skill.{skill.id}.about"))
                action.triggered.connect(lambda _checked=False, chosen=skill.id: self.skill_chosen.emit(chosen))
        return menu

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where narrow, the legend goes."""
        super().resizeEvent(event)
        self.legend_estimate.setVisible(self.width() >= 1240)
        self.legend_pending.setVisible(self.width() >= 960)

    @staticmethod
    def _divider() -> QWidget:
        line = Hairline(vertical=True)
        line.setFixedHeight(20)
        line.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        return line
