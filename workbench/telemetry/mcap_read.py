"""Reads MCAP files from front to back: needs no summary, so unfinished files open, and one damaged chunk loses that chunk alone."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import lz4.frame
import numpy as np
import zstandard
from mcap.data_stream import ReadDataStream
from mcap.exceptions import EndOfFile, McapError
from mcap.opcode import Opcode
from mcap.records import Channel, Chunk, Footer, Message, Metadata, Schema
from mcap.stream_reader import StreamReader

from sim.recording import RecordedEvent, Recording, RecordingHeader
from sim.timeseries import TimeSeries
from workbench.errors import WorkbenchError
from workbench.telemetry import content
from workbench.telemetry.cdr import codec_of_metadata, decode_string
from workbench.telemetry.foreign import decode_foreign
from workbench.telemetry.problems import problem

HEADER_RECORD = "humanoid-workbench.recording"
OUTCOME_RECORD = "humanoid-workbench.outcome"
EVENTS_TOPIC = "/events"

#: A chunk that claims to grow beyond this is refused, not allocated.
MAX_CHUNK = 512 * 2**20
#: What damaged bytes make the libraries raise. Their documentation promises McapError alone; mutated files show the rest.
DAMAGE = (
    McapError,
    struct.error,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    OverflowError,
    EOFError,
    MemoryError,
    RuntimeError,
)
_CHUNK_DAMAGE = (*DAMAGE, zstandard.ZstdError)
_MESSAGE = struct.Struct("<HIQQ")


@dataclass(slots=True)
class McapContent:
    """The records of a file: channels, their messages as (log time ns, bytes), metadata by name (the newest), problems."""

    channels: dict[int, Channel] = field(default_factory=dict)
    schemas: dict[int, Schema] = field(default_factory=dict)
    messages: dict[int, list[tuple[int, bytes]]] = field(default_factory=dict)
    metadata: dict[str, dict[str, str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read_content(path: Path) -> McapContent:
    """All records of a file that can be read.

    Raises:
        WorkbenchError: ``log.not_found``, ``log.not_mcap`` (not one record is there), ``log.unreadable`` (the disk refuses).
    """
    out = McapContent()
    try:
        with path.open("rb") as stream:
            finished = _read_records(stream, path.stat().st_size, out)
    except FileNotFoundError:
        raise WorkbenchError("log.not_found", path=str(path)) from None
    except OSError as error:
        raise WorkbenchError("log.unreadable", path=str(path), reason=error.strerror or str(error)) from error
    except _CHUNK_DAMAGE as error:
        raise WorkbenchError("log.not_mcap", path=str(path), reason=_reason(error)) from error
    if not finished:
        out.problems.append(problem("log.unfinished"))
    return out


def assemble(found: McapContent, path: Path) -> Recording:
    """A recording of the records of a file.

    Raises:
        WorkbenchError: ``log.newer`` (written by a newer version), ``log.unreadable`` (its header is broken).
    """
    ours = found.metadata.get(HEADER_RECORD)
    times = [m[0] for messages in found.messages.values() for m in messages[:1]]
    header = RecordingHeader("log", "", ())
    epoch = min(times, default=0)
    if ours is not None:
        if ours.get("schema") != content.SCHEMA:
            raise WorkbenchError("log.newer", path=str(path), found=ours.get("schema", "?"), supported=content.SCHEMA)
        try:
            header = content.header_from_json(ours["json"])
            epoch = int(ours["epoch_ns"])
        except (ValueError, TypeError, KeyError) as error:
            raise WorkbenchError("log.unreadable", path=str(path), reason=_reason(error)) from error
    elif epoch:
        header = replace(header, wall_start=epoch / 1e9)

    problems = list(header.problems) + found.problems
    series: dict[str, TimeSeries] = {}
    events: list[RecordedEvent] = []
    for number, channel in found.channels.items():
        messages = found.messages.get(number, [])
        if not messages:
            continue
        if channel.topic == EVENTS_TOPIC and ours is not None:
            events += _events(messages, problems)
            continue
        try:
            for s in _series(channel, found.schemas.get(channel.schema_id), messages, epoch, problems):
                series[s.channel.name] = s if s.channel.name not in series else _appended(series[s.channel.name], s)
        except _CHUNK_DAMAGE as error:
            problems.append(problem("log.channel_damaged", channel=channel.topic, reason=_reason(error)))
    joints = header.joint_names
    if not joints and "joint.position" in series:
        joints = series["joint.position"].channel.columns
    ordered = {name: _in_order(s, problems) for name, s in series.items()}
    outcome = found.metadata.get(OUTCOME_RECORD, {}).get("json", "")
    header = replace(header, joint_names=joints, problems=tuple(dict.fromkeys(problems)))
    try:
        return content.recording_from(header, ordered, tuple(events), outcome)
    except (ValueError, TypeError, KeyError) as error:
        raise WorkbenchError("log.unreadable", path=str(path), reason=_reason(error)) from error


# -- records ------------------------------------------------------------------------------------------------------------


def _read_records(stream: BinaryIO, size: int, out: McapContent) -> bool:
    """Read until the end or until nothing more can be read; True if the file ends as it should."""
    reader = StreamReader(stream, emit_chunks=True, record_size_limit=max(size, 1))
    records = iter(reader.records)
    count = 0
    while True:
        try:
            record = next(records)
        except StopIteration:
            return True
        except EndOfFile:
            if count == 0:
                raise
            return False
        except DAMAGE as error:
            if count == 0:
                raise
            out.problems.append(problem("log.damaged", reason=_reason(error)))
            return False
        count += 1
        if isinstance(record, Schema):
            out.schemas[record.id] = record
        elif isinstance(record, Channel):
            out.channels[record.id] = record
        elif isinstance(record, Message):
            out.messages.setdefault(record.channel_id, []).append((record.log_time, record.data))
        elif isinstance(record, Metadata):
            out.metadata[record.name] = record.metadata
        elif isinstance(record, Chunk):
            try:
                _read_chunk(record, out)
            except _CHUNK_DAMAGE as error:
                out.problems.append(problem("log.chunk_damaged", reason=_reason(error)))
        elif isinstance(record, Footer):
            return True


def _read_chunk(chunk: Chunk, out: McapContent) -> None:
    if chunk.uncompressed_size > MAX_CHUNK:
        raise ValueError(f"a chunk claims {chunk.uncompressed_size} bytes")
    if chunk.compression == "zstd":
        claimed = zstandard.frame_content_size(chunk.data)
        if claimed > chunk.uncompressed_size:
            raise ValueError(f"a chunk claims {claimed} bytes")
        data = zstandard.ZstdDecompressor().decompress(chunk.data, max_output_size=max(chunk.uncompressed_size, 1))
    elif chunk.compression == "lz4":
        data = lz4.frame.LZ4FrameDecompressor().decompress(chunk.data, max_length=max(chunk.uncompressed_size, 1))
    elif chunk.compression == "":
        data = chunk.data
    else:
        raise ValueError(f"compression {chunk.compression!r} is unknown")
    if chunk.uncompressed_crc and zlib.crc32(data) != chunk.uncompressed_crc:
        raise ValueError("the check sum is wrong")
    at = 0
    end = len(data)
    while at + 9 <= end:
        opcode = data[at]
        length = int.from_bytes(data[at + 1 : at + 9], "little")
        begin = at + 9
        at = begin + length
        if at > end:
            raise ValueError("a record reaches beyond its chunk")
        if opcode == Opcode.MESSAGE:
            number, _, log_time, _ = _MESSAGE.unpack_from(data, begin)
            out.messages.setdefault(number, []).append((log_time, data[begin + _MESSAGE.size : at]))
        elif opcode == Opcode.SCHEMA:
            schema = Schema.read(_stream(data[begin:at]))
            out.schemas[schema.id] = schema
        elif opcode == Opcode.CHANNEL:
            channel = Channel.read(_stream(data[begin:at]))
            out.channels[channel.id] = channel


def _stream(data: bytes) -> ReadDataStream:
    return ReadDataStream(BytesIO(data))


# -- samples ------------------------------------------------------------------------------------------------------------


def _series(
    channel: Channel, schema: Schema | None, messages: list[tuple[int, bytes]], epoch: int, problems: list[str]
) -> Iterator[TimeSeries]:
    t = np.array([m[0] - epoch for m in messages], dtype=np.int64) / 1e9
    codec = codec_of_metadata(channel.metadata)
    if codec is not None:
        yield TimeSeries(codec.channel, t, codec.decode([m[1] for m in messages]))
        return
    yield from decode_foreign(channel, schema, t, [m[1] for m in messages], problems)


def _events(messages: list[tuple[int, bytes]], problems: list[str]) -> list[RecordedEvent]:
    out: list[RecordedEvent] = []
    for _, message in messages:
        try:
            out.append(content.event_from_json(decode_string(message)))
        except (ValueError, TypeError, KeyError) as error:
            problems.append(problem("log.channel_damaged", channel=EVENTS_TOPIC, reason=_reason(error)))
    return out


def _appended(first: TimeSeries, second: TimeSeries) -> TimeSeries:
    """Two channels of one name (a bag split and merged again) as one series."""
    if first.channel.columns != second.channel.columns:
        raise ValueError(f"two channels {first.channel.name} have different columns")
    return TimeSeries(first.channel, np.concatenate((first.t, second.t)), np.vstack((first.values, second.values)))


def _in_order(s: TimeSeries, problems: list[str]) -> TimeSeries:
    """Samples by time. Nothing is dropped; that the log held them out of order is said."""
    backward = int(np.count_nonzero(np.diff(s.t) < 0.0))
    if not backward:
        return s
    problems.append(problem("log.out_of_order", channel=s.channel.name, count=backward))
    order = np.argsort(s.t, kind="stable")
    return TimeSeries(s.channel, s.t[order], s.values[order])


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__
