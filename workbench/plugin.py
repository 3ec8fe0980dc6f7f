"""What a plugin is: a value that says what it offers. Code behind it is named, and imported where it is needed.

A plugin module has a ``plugin`` of type Plugin. It imports ``workbench.api`` and nothing else of the workbench.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin. What it does not offer stays empty.

    Args:
        id: unique.
        name: shown name by language ("en", "ko").
        schemes: schemes of the addresses it connects to, such as "ws".
        connection: ``module:name`` of a callable without arguments that makes a RobotConnection. It is imported and run in a process
            of its own, so it must not need anything of the application's.
        log_source: ``module:name`` of a callable (Recording, name) that makes a TelemetrySource.
        server: ``module:name`` of a callable (Connection, options) that runs a robot of the plugin's own in a process and sends its
            address once it listens.
    """

    id: str
    name: Mapping[str, str]
    schemes: tuple[str, ...] = ()
    connection: str = ""
    log_source: str = ""
    server: str = ""
