"""Whether a window can be opened here, told without Qt: Qt ends the program where it finds no screen."""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path


def has_display(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Windows and macOS have one; elsewhere an X or Wayland server must answer."""
    if platform in ("win32", "darwin"):
        return True
    wanted = environment.get("QT_QPA_PLATFORM", "").split(":")[0]
    if wanted not in ("", "xcb", "wayland"):
        return wanted not in ("offscreen", "minimal")
    return (wanted != "xcb" and _wayland_answers(environment)) or (
        wanted != "wayland" and _x_answers(environment.get("DISPLAY", ""))
    )


def _wayland_answers(environment: Mapping[str, str]) -> bool:
    name = environment.get("WAYLAND_DISPLAY", "")
    return bool(name) and _connects(Path(environment.get("XDG_RUNTIME_DIR", "/")) / name)


def _x_answers(display: str) -> bool:
    """``:1``, ``:1.0`` and ``unix:1`` are sockets of this machine, ``host:1`` is port 6001 there."""
    found = re.fullmatch(r"(?:(?P<host>.*):)(?P<number>\d+)(?:\.\d+)?", display)
    if found is None:
        return False
    host, number = found["host"], int(found["number"])
    if host in ("", "unix"):
        return _connects(Path(f"/tmp/.X11-unix/X{number}")) or _connects(f"\0/tmp/.X11-unix/X{number}")
    try:
        socket.create_connection((host.strip("[]"), 6000 + number), timeout=2.0).close()
    except OSError:
        return False
    return True


def _connects(address: Path | str) -> bool:
    family = getattr(socket, "AF_UNIX", None)
    if family is None:
        return False
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(address))
        except OSError:
            return False
    return True
