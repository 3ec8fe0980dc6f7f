"""What a recording says besides its samples, as JSON: header, steps, events, placements, contacts, outcome."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any, TypeVar, cast

from sim.recording import ContactNote, Placement, RecordedEvent, Recording, RecordingHeader, StepSpan
from sim.timeseries import TimeSeries

SCHEMA = "humanoid-workbench/recording/1"
_T = TypeVar("_T")


def header_to_json(header: RecordingHeader) -> str:
    """JSON text of a header."""
    return json.dumps(asdict(header), ensure_ascii=False)


def header_from_json(text: str) -> RecordingHeader:
    """The header of JSON text; ValueError, TypeError or KeyError where it is none."""
    data = _object(text)
    data["joint_names"] = _strings(data["joint_names"])
    data["problems"] = _strings(data.get("problems", []))
    data["assumptions"] = {str(k): str(v) for k, v in data.get("assumptions", {}).items()}
    data["seed"] = int(data.get("seed", 0))
    data["wall_start"] = float(data.get("wall_start", 0.0))
    return _build(RecordingHeader, data)


def outcome_to_json(recording: Recording) -> str:
    """JSON text of steps, placements, contacts and how it ended."""
    return json.dumps(
        {
            "steps": [asdict(s) for s in recording.steps],
            "placements": [asdict(p) for p in recording.placements],
            "contacts": [asdict(c) for c in recording.contacts],
            "completed": recording.completed,
            "fell_at": recording.fell_at,
            "wall_time": recording.wall_time,
        },
        ensure_ascii=False,
    )


def recording_from(
    header: RecordingHeader, series: Mapping[str, TimeSeries], events: tuple[RecordedEvent, ...], outcome: str
) -> Recording:
    """A recording of its parts; ``outcome`` is JSON text or "" where the file ended before it was written.

    Raises:
        ValueError, TypeError, KeyError: the text is no outcome.
    """
    data = _object(outcome) if outcome else {}
    fell = data.get("fell_at")
    return Recording(
        header=header,
        series=series,
        steps=tuple(_build(StepSpan, _mapping(s)) for s in data.get("steps", [])),
        events=events,
        placements=tuple(_build(Placement, _mapping(p)) for p in data.get("placements", [])),
        contacts=tuple(_build(ContactNote, _mapping(c)) for c in data.get("contacts", [])),
        completed=bool(data.get("completed", False)),
        fell_at=None if fell is None else float(fell),
        wall_time=float(data.get("wall_time", 0.0)),
    )


def shifted(recording: Recording, by: float) -> Recording:
    """Steps, events, contacts and fall ``by`` s later; the series stay."""
    return replace(
        recording,
        steps=tuple(replace(s, start=s.start + by, end=None if s.end is None else s.end + by) for s in recording.steps),
        events=tuple(replace(e, time=e.time + by) for e in recording.events),
        contacts=tuple(replace(c, start=c.start + by, end=c.end + by) for c in recording.contacts),
        fell_at=None if recording.fell_at is None else recording.fell_at + by,
    )


def event_to_json(event: RecordedEvent) -> str:
    """JSON text of an event."""
    return json.dumps({"time": event.time, "code": event.code, "params": dict(event.params)}, ensure_ascii=False)


def event_from_json(text: str) -> RecordedEvent:
    """The event of JSON text; ValueError, TypeError or KeyError where it is none."""
    data = _object(text)
    params = {str(k): v if isinstance(v, (int, float)) else str(v) for k, v in data.get("params", {}).items()}
    return RecordedEvent(float(data["time"]), str(data["code"]), params)


def _build(kind: type[_T], data: Mapping[str, Any]) -> _T:
    """A dataclass of data; fields this version does not know are left out, so that newer files still open."""
    known = {f.name for f in fields(cast(Any, kind))}
    return kind(**{k: v for k, v in data.items() if k in known})


def _object(text: str) -> dict[str, Any]:
    return _mapping(json.loads(text))


def _mapping(data: object) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ValueError("an object was expected")
    return data


def _strings(data: object) -> tuple[str, ...]:
    if not isinstance(data, (list, tuple)) or not all(isinstance(v, str) for v in data):
        raise ValueError("a list of strings was expected")
    return tuple(data)
