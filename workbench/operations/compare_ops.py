"""What a user does to compare: choose two recordings, or one against its own commands. The same code serves the window and the commands."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from sim.recording import Recording
from workbench.comparison.compare import compare, compare_commands
from workbench.comparison.comparison import Comparison, JointError, Quantity
from workbench.session import NamedRecording, Session
from workbench.telemetry.mcap_file import read_recording as read_recording
from workbench.telemetry.problems import parse_problem


def compare_recordings(session: Session, a: NamedRecording, b: NamedRecording, quantity: Quantity = "position") -> Comparison:
    """Hold b against the reference a and show it; the session changes only when the comparison succeeded.

    Raises:
        WorkbenchError: ``comparison.*``.
    """
    found = compare(a.recording, b.recording, quantity, a.name, b.name)
    session.compare_pair = (a, b)
    session.comparison = found
    session.notify("comparison")
    return found


def compare_with_commands(session: Session, a: NamedRecording) -> Comparison:
    """Hold a recording's measured positions against its own commands and show it.

    Raises:
        WorkbenchError: ``comparison.*``.
    """
    found = compare_commands(a.recording)
    session.compare_pair = (a, a)
    session.comparison = found
    session.notify("comparison")
    return found


def show_comparison(session: Session, a: NamedRecording, b: NamedRecording, found: Comparison) -> None:
    """Show a comparison that was made elsewhere, such as in a worker thread (b is a: with its own commands)."""
    session.compare_pair = (a, b)
    session.comparison = found
    session.notify("comparison")


def set_quantity(session: Session, quantity: Quantity) -> Comparison | None:
    """The shown comparison in another quantity; None where no pair is chosen."""
    a, b = session.compare_pair
    if a is None or b is None:
        return None
    if a is b:
        return compare_with_commands(session, a)
    return compare_recordings(session, a, b, quantity)


def clear_comparison(session: Session) -> None:
    """Show none."""
    session.compare_pair = (None, None)
    session.comparison = None
    session.notify("comparison")


def compare_files(a: Path, b: Path | None, quantity: Quantity = "position") -> Comparison:
    """Compare two files, or one file's commands with its measurements.

    Raises:
        WorkbenchError: ``log.*`` or ``comparison.*``.
    """
    first = read_recording(a)
    if b is None:
        return compare_commands(first)
    return compare(first, read_recording(b), quantity, a.stem, b.stem)


def comparison_to_data(found: Comparison) -> dict[str, Any]:
    """Plain JSON data: SI units, seconds; null where a value is undefined."""
    return {
        "quantity": found.quantity,
        "unit": found.unit,
        "a": found.a_name,
        "b": found.b_name,
        "clock_offset_s": _number(found.clock_offset_s),
        "joints": [_joint(j) for j in found.joints],
        "steps": [
            {
                "id": s.id,
                "skill": s.skill,
                "start_s": s.start,
                "end_s": s.end,
                "duration_difference_s": _number(s.duration_difference),
                "rmse": _number(_mean_square([j.rmse for j in s.joints])),
                "joints": [_joint(j) for j in s.joints],
            }
            for s in found.steps
        ],
        "notes": problems_to_data(found.notes),
    }


def problems_to_data(problems: tuple[str, ...]) -> list[dict[str, Any]]:
    """Problems or notes as JSON data: code and parameters."""
    out: list[dict[str, Any]] = []
    for text in problems:
        code, params = parse_problem(text)
        out.append({"code": code, **params})
    return out


def recording_problems(recording: Recording) -> list[dict[str, Any]]:
    """The problems of a recording as JSON data."""
    return problems_to_data(recording.header.problems)


def _joint(error: JointError) -> dict[str, Any]:
    return {
        "name": error.name,
        "bias": _number(error.bias),
        "mae": _number(error.mae),
        "rmse": _number(error.rmse),
        "rmse_without_lag": _number(error.rmse_without_lag),
        "p95": _number(error.p95),
        "max": _number(error.maximum),
        "lag_s": _number(error.lag_s),
        "correlation": _number(error.correlation),
        "is_static": error.is_static,
    }


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _mean_square(values: list[float]) -> float | None:
    finite = [v for v in values if math.isfinite(v)]
    return math.sqrt(sum(v * v for v in finite) / len(finite)) if finite else None
