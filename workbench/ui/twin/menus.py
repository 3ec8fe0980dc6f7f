"""Menus and commands of the twin: views, layers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from workbench.ui.context import Command

if TYPE_CHECKING:
    from workbench.ui.twin.panel import TwinPanel

VIEWS = ("iso", "front", "side", "top")
LAYERS = ("ghost", "footprints", "com", "polygon", "forces", "zones", "grid", "shadow")
_LAYER_ICONS = {"footprints": "legs", "forces": "force", "zones": "zone", "shadow": "layers"}
_KEYS = {"front": "1", "side": "3", "top": "7", "iso": "5"}


def commands(panel: TwinPanel) -> list[Command]:
    """Views and layers for palette and shortcuts."""
    items = [Command(f"twin.view_{n}", partial(panel.go_to, n), _KEYS[n], "camera", menu="view") for n in VIEWS]
    items += [
        Command("twin.follow", panel.toggle_follow, "C", "follow", checked=lambda: panel.following, menu="view"),
        Command("twin.save_view", panel.save_view, "", "camera", menu="view"),
        Command("twin.view_selected", panel.view_selected, "V", "fit", menu="view"),
    ]
    for name in LAYERS:
        toggle, key, icon = partial(panel.toggle_layer, name), "G" if name == "ghost" else "", _LAYER_ICONS.get(name, name)
        items.append(Command(f"twin.layer_{name}", toggle, key, icon, checked=partial(panel.layer_shown, name), menu="view"))
    return items


def fill_views(panel: TwinPanel, menu: QMenu) -> None:
    """Presets, the user's own views, and what the camera can do."""
    tr = panel.context.tr
    for name in VIEWS:
        menu.addAction(tr(f"twin.view.{name}"), partial(panel.go_to, name))
    menu.addSeparator()
    for number, view in enumerate(panel.saved_views, 1):
        menu.addAction(tr("twin.saved_view", number=number), partial(panel.move_to, view))
    menu.addAction(tr("command.twin.save_view"), panel.save_view)
    menu.addAction(tr("command.twin.view_selected"), panel.view_selected)
    follow = menu.addAction(tr("command.twin.follow"), panel.toggle_follow)
    follow.setCheckable(True)
    follow.setChecked(panel.following)


def fill_layers(panel: TwinPanel, menu: QMenu) -> None:
    """What is drawn."""
    for name in LAYERS:
        action = menu.addAction(panel.context.tr(f"twin.layer.{name}"), partial(panel.toggle_layer, name))
        action.setCheckable(True)
        action.setChecked(panel.layer_shown(name))
