"""Logs of other programs as recordings. One file a format; ``import_log`` chooses by what lies at the path."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from sim.errors import SimError
from sim.recording import Recording
from sim.robot import RobotModel
from workbench.errors import WorkbenchError
from workbench.telemetry.importers.names import with_robot_names

#: ending -> module. Each is imported when first needed: the reader of Parquet alone takes half a second to load.
FORMATS = {".mcap": "mcap", ".parquet": "lerobot", ".csv": "sage", ".npz": "arrays"}


class _Importer(Protocol):
    def read(self, path: Path) -> Recording: ...


def import_log(path: Path, robot: RobotModel | None = None) -> Recording:
    """Read a log.

    Args:
        path: an MCAP file, a LeRobot v2.1 episode (``.parquet``), a SAGE ``*_state_motor.csv`` or ``*_control.csv``, or an ``.npz``
            with ``time`` and joint arrays.
        robot: whose joints it holds; the names of the log become the robot's by ``log_names.toml`` beside its profile. None keeps
            the log's own names.

    Raises:
        WorkbenchError: ``log.not_found``, ``log.unknown_format``, ``log.unreadable``, ``log.no_joint_known`` and those of its format.
    """
    if not path.is_file():
        raise WorkbenchError("log.not_found", path=str(path))
    module = FORMATS.get(path.suffix.lower())
    if module is None:
        raise WorkbenchError("log.unknown_format", path=str(path), valid=", ".join(sorted(FORMATS)))
    importer = cast(_Importer, import_module(f"workbench.telemetry.importers.{module}"))
    try:
        recording = importer.read(path)
    except (ArithmeticError, AttributeError, LookupError, MemoryError, OSError, SimError, TypeError, ValueError) as error:
        # A file from outside may hold anything in any place; whatever its reader stumbles over, the log is what is wrong.
        raise WorkbenchError("log.unreadable", path=str(path), reason=f"{type(error).__name__}: {error}") from error
    return with_robot_names(recording, robot, path) if robot is not None else recording
