"""How plugins are found: the first-party ones by name, everyone else's by entry point. All come through the same door."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any
from urllib.parse import urlsplit

from workbench.errors import WorkbenchError
from workbench.plugin import Plugin

GROUP = "humanoid_workbench.plugins"
BUILT_IN = ("plugins.reference_robot", "plugins.log_replay")


@cache
def find_plugins() -> tuple[tuple[Plugin, ...], tuple[WorkbenchError, ...]]:
    """The plugins that work, and an error ``plugin.broken`` for each that does not; a broken plugin stops nobody."""
    found: dict[str, Plugin] = {}
    broken: list[WorkbenchError] = []
    names = [*BUILT_IN, *(e.value.partition(":")[0] for e in entry_points(group=GROUP))]
    for name in dict.fromkeys(names):
        try:
            plugin = getattr(import_module(name), "plugin", None)
        except (ImportError, AttributeError, SyntaxError, TypeError, ValueError, OSError) as error:
            broken.append(WorkbenchError("plugin.broken", name=name, reason=f"{type(error).__name__}: {error}"))
            continue
        if not isinstance(plugin, Plugin):
            broken.append(WorkbenchError("plugin.broken", name=name, reason="it has no Plugin named plugin"))
        elif plugin.id in found:
            broken.append(WorkbenchError("plugin.broken", name=name, reason=f"there is already a plugin {plugin.id}"))
        else:
            found[plugin.id] = plugin
    return tuple(found.values()), tuple(broken)


def plugin_for(address: str) -> Plugin:
    """The plugin that connects to an address; one without a scheme is taken for ``ws``.

    Raises:
        WorkbenchError: ``connection.bad_address``, or ``connection.no_plugin`` with the schemes there are.
    """
    try:
        well_formed = bool(address) and urlsplit(address if "://" in address else f"ws://{address}").port != 0
    except ValueError:  # a port that is no number or too large, brackets that do not close
        well_formed = False
    if not well_formed:
        raise WorkbenchError("connection.bad_address", address=address)
    scheme = address.partition("://")[0] if "://" in address else "ws"
    plugins, _ = find_plugins()
    for plugin in plugins:
        if scheme in plugin.schemes and plugin.connection:
            return plugin
    valid = ", ".join(sorted({s for p in plugins for s in p.schemes}))
    raise WorkbenchError("connection.no_plugin", address=address, valid=valid)


def plugin_by_id(plugin_id: str) -> Plugin:
    """A plugin by id; WorkbenchError ``plugin.not_found`` with the ids there are."""
    plugins, _ = find_plugins()
    for plugin in plugins:
        if plugin.id == plugin_id:
            return plugin
    raise WorkbenchError("plugin.not_found", id=plugin_id, valid=", ".join(p.id for p in plugins))


def load(reference: str) -> Any:
    """What ``module:name`` names; WorkbenchError ``plugin.broken`` where it cannot be imported."""
    module, _, name = reference.partition(":")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise WorkbenchError("plugin.broken", name=reference, reason=str(error)) from error
