"""The look as code: palette, style sheet and fonts, made from the colour tokens. Widgets ask ``current()`` when they paint."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Template

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from workbench.resources import resource
from workbench.ui.tokens import THEMES, Tokens

_FAMILIES = ["Inter", "Noto Sans CJK KR", "Noto Sans KR"]
_MONO = ["JetBrains Mono", "DejaVu Sans Mono", "Noto Sans CJK KR"]
_PROPERTY = "workbenchTheme"
_WEIGHTS = {400: QFont.Weight.Normal, 500: QFont.Weight.Medium, 600: QFont.Weight.DemiBold, 700: QFont.Weight.Bold}


def load_fonts(folder: Path) -> int:
    """Make the shipped font files known to Qt; how many were taken. A missing folder leaves the system's fonts."""
    if not folder.is_dir():
        return 0
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in {".otf", ".ttf", ".ttc"})
    return sum(1 for p in files if QFontDatabase.addApplicationFont(str(p)) >= 0)


def font(px: int = 12, weight: int = 400, mono: bool = False) -> QFont:
    """A font of the interface: size in px at 100 %, weight 400, 500, 600 or 700, digits of equal width."""
    return QFont(_font(px, weight, mono))


@cache
def _font(px: int, weight: int, mono: bool) -> QFont:
    """Made once: copies share what Qt has looked up for it, which takes longer than a line of text."""
    made = QFont()
    made.setFamilies(_MONO if mono else _FAMILIES)
    made.setPixelSize(px)
    made.setWeight(_WEIGHTS.get(weight, QFont.Weight.Normal))
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def application() -> QApplication:
    """The running application."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app


def current() -> Tokens:
    """The tokens in force (dark before the first ``apply_theme``)."""
    app = QApplication.instance()
    name = app.property(_PROPERTY) if app is not None else None
    return THEMES["light" if name == "light" else "dark"]


def color(value: str, alpha: float = 1.0) -> QColor:
    """A token as QColor with an opacity of 0 to 1."""
    made = QColor(value)
    made.setAlphaF(alpha)
    return made


def palette(tokens: Tokens) -> QPalette:
    """The Fusion palette of a theme."""
    made = QPalette()
    role = QPalette.ColorRole
    for which, value in (
        (role.Window, tokens.bg1),
        (role.WindowText, tokens.tx),
        (role.Base, tokens.bg2),
        (role.AlternateBase, tokens.bg1),
        (role.Text, tokens.tx),
        (role.PlaceholderText, tokens.tx3),
        (role.Button, tokens.bg2),
        (role.ButtonText, tokens.tx),
        (role.BrightText, tokens.tx),
        (role.Highlight, tokens.ac),
        (role.HighlightedText, tokens.onac),
        (role.ToolTipBase, tokens.bg3),
        (role.ToolTipText, tokens.tx),
        (role.Link, tokens.ac),
        (role.Light, tokens.bg3),
        (role.Midlight, tokens.bg3),
        (role.Mid, tokens.line),
        (role.Dark, tokens.line),
        (role.Shadow, tokens.bg0),
    ):
        made.setColor(which, QColor(value))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(tokens.tx3))
    return made


def apply_theme(app: QApplication, tokens: Tokens) -> None:
    """Give the whole application the look of ``tokens``. Widgets that paint themselves hear it as a palette change."""
    if app.property(_PROPERTY) is None:
        # Once: under a style sheet Qt no longer tells which style it wraps, and setting it again polishes every widget.
        app.setStyle("Fusion")
        app.setFont(font(12))
    app.setProperty(_PROPERTY, tokens.name)
    # Palette first: the style sheet resolves against it.
    app.setPalette(palette(tokens))
    pictures = {name: resource("icons", f"{name}_{tokens.name}.svg").as_posix() for name in ("chevron", "check")}
    app.setStyleSheet(Template(_QSS).substitute({n: getattr(tokens, n) for n in _NAMES} | pictures))


_NAMES = ("bg0", "lane", "bg1", "bg2", "bg3", "line", "ctl", "tx", "tx2", "tx3", "ac", "acbg", "onac", "fa", "scrim")

_QSS = """
QToolTip { background: $bg3; color: $tx; border: 1px solid $ctl; padding: 4px 6px; }
QMainWindow, QDialog { background: $bg1; }
QSplitter::handle { background: $line; }
QSplitter::handle:hover { background: $ac; }
QLabel { background: transparent; color: $tx; }
QLabel[role="title"] { color: $tx; font-size: 13px; font-weight: 600; }
QLabel[role="object"] { color: $tx; font-size: 15px; font-weight: 600; }
QLabel[role="strong"] { color: $tx; font-weight: 600; }
QLabel[role="secondary"] { color: $tx2; }
QLabel[role="hint"] { color: $tx3; }
QLabel[role="small"] { color: $tx2; font-size: 11px; }
QLabel[role="fail"] { color: $fa; }
QLabel[role="key"] { color: $tx2; border: 1px solid $ctl; border-radius: 3px; padding: 0px 4px; font-size: 11px; }
QPushButton, QComboBox { background: $bg2; color: $tx; border: 1px solid $ctl; border-radius: 4px; padding: 0 10px; min-height: 24px; }
QPushButton:hover, QComboBox:hover { background: $bg3; }
QPushButton:pressed { background: $line; }
QPushButton:focus, QComboBox:focus { border: 2px solid $ac; padding: 0 9px; min-height: 22px; }
QPushButton:disabled, QComboBox:disabled { color: $tx3; border-color: $line; background: $bg1; }
QPushButton[primary="true"] { background: $ac; color: $onac; border-color: $ac; font-weight: 600; }
QPushButton[primary="true"]:focus { border: 2px solid $tx; }
QPushButton[primary="true"]:disabled { background: $bg3; color: $tx3; border-color: $line; }
QPushButton[flat="true"], QToolButton { background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 0 6px;
  min-height: 24px; color: $tx; }
QToolButton { padding: 0 3px; min-width: 20px; }
QPushButton[flat="true"]:hover, QToolButton:hover { background: $bg3; }
QToolButton:pressed { background: $line; }
QToolButton:checked { background: $bg3; border-color: $line; }
QToolButton:focus { border: 2px solid $ac; padding: 0 2px; min-height: 22px; }
QToolButton:disabled { color: $tx3; }
QToolButton[compact="true"] { min-height: 16px; padding: 0 6px; color: $tx2; }
QToolButton[compact="true"]:focus { min-height: 14px; padding: 0 5px; }
QToolButton::menu-indicator { image: none; width: 0; }
QWidget[role="segmented"] { background: $bg0; border: 1px solid $line; border-radius: 4px; }
QPushButton[segment="true"] { background: transparent; border: 1px solid transparent; border-radius: 3px; color: $tx2; padding: 0 12px; }
QPushButton[segment="true"]:hover { color: $tx; background: transparent; }
QPushButton[segment="true"]:checked { background: $bg3; color: $tx; font-weight: 600; }
QPushButton[segment="true"]:focus { border: 2px solid $ac; padding: 0 11px; }
QAbstractItemView:focus { border: none; }
QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox { background: $bg2; color: $tx; border: 1px solid $ctl; border-radius: 4px;
  padding: 0 6px; min-height: 24px; selection-background-color: $ac; selection-color: $onac; }
QLineEdit:focus, QPlainTextEdit:focus, QAbstractSpinBox:focus { border: 2px solid $ac; padding: 0 5px; min-height: 22px; }
QLineEdit:disabled, QAbstractSpinBox:disabled { color: $tx3; border-color: $line; background: $bg1; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0; border: none; subcontrol-origin: border; }
QAbstractSpinBox QLineEdit { border: none; background: transparent; padding: 0; min-height: 0; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url($chevron); width: 14px; height: 14px; }
QComboBox { padding-right: 4px; text-align: left; }
QCheckBox { spacing: 8px; color: $tx; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $ctl; border-radius: 3px; background: $bg2; }
QCheckBox::indicator:checked { background: $ac; border-color: $ac; image: url($check); }
QCheckBox:focus { color: $tx; }
QCheckBox::indicator:focus { border: 2px solid $ac; }
QComboBox QAbstractItemView { background: $bg2; color: $tx; border: 1px solid $ctl; outline: none; selection-background-color: $acbg;
  selection-color: $tx; }
QAbstractItemView { background: $bg1; color: $tx; border: none; outline: none; alternate-background-color: $bg1;
  selection-background-color: $acbg; selection-color: $tx; }
QHeaderView { background: $bg1; border: none; }
QHeaderView::section { background: $bg1; color: $tx2; border: none; border-bottom: 1px solid $line; padding: 4px 8px; font-size: 11px; }
QTableCornerButton::section { background: $bg1; border: none; }
QTabWidget::pane { border: none; }
QTabBar { background: $bg1; border: none; }
QTabBar::tab { background: transparent; color: $tx2; border: none; border-bottom: 2px solid transparent; padding: 6px 12px; }
QTabBar::tab:selected { color: $tx; border-bottom: 2px solid $ac; font-weight: 600; }
QMenu { background: $bg2; color: $tx; border: 1px solid $ctl; padding: 4px; }
QMenu::item { padding: 5px 28px 5px 24px; border-radius: 3px; }
QMenu::item:selected { background: $acbg; }
QMenu::item:disabled { color: $tx3; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QScrollArea { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $ctl; border-radius: 3px; border: 2px solid $bg1; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: $tx3; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { background: $bg3; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: $tx2; border-radius: 2px; }
QFrame[role="card"] { background: $bg2; border: 1px solid $line; border-radius: 6px; }
QFrame[role="popover"] { background: $bg2; border: 1px solid $ctl; border-radius: 6px; }
QFrame[role="bar"] { background: $bg1; border: none; border-bottom: 1px solid $line; }
QFrame[role="footer"] { background: $bg1; border: none; border-top: 1px solid $line; }
QFrame[role="connection"] { background: $bg2; border: none; border-bottom: 1px solid $line; }
QFrame[role="chip"], QLabel[role="chip"], QToolButton[role="chip"], QPushButton[role="chip"] { background: $scrim; color: $tx;
  border: 1px solid transparent; border-radius: 3px; padding: 0 8px; min-height: 24px; }
QToolButton[role="chip"]:hover, QPushButton[role="chip"]:hover { background: $bg3; }
QToolButton[role="chip"]:checked, QPushButton[role="chip"]:checked { border-color: $ac; }
QFrame[role="hairline"] { background: $line; border: none; }
QSlider::groove:horizontal { height: 4px; background: $bg3; border-radius: 2px; }
QSlider::handle:horizontal { width: 12px; margin: -4px 0; border-radius: 6px; background: $tx2; }
QSlider::handle:horizontal:hover { background: $tx; }
"""
