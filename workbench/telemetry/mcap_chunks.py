"""Writes MCAP in chunks from arrays: the library's writer takes one message per call, which costs seconds for a run of minutes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, cast

import numpy as np
import zstandard
from mcap.data_stream import RecordBuilder
from mcap.opcode import Opcode
from mcap.records import (
    Attachment,
    AttachmentIndex,
    Channel,
    Chunk,
    ChunkIndex,
    DataEnd,
    Footer,
    Header,
    McapRecord,
    Metadata,
    MetadataIndex,
    Schema,
    Statistics,
    SummaryOffset,
)
from numpy.typing import NDArray

from sim.timeseries import TimeSeries
from workbench.telemetry.cdr import SCHEMAS, ChannelCodec, codec_of, encode_string, nanoseconds

MAGIC = b"\x89MCAP0\r\n"
LIBRARY = "humanoid-workbench"
CHUNK_BYTES = 64 * 1024
_HEAD = 1 + 8 + 2 + 4 + 8 + 8  # opcode, length, channel, sequence, log time, publish time
_STRING_TOPIC = "std_msgs/msg/String"


class ChunkedFile:
    """An MCAP file being written: channels and messages as arrays, metadata, attachments, then ``finish``.

    Args:
        stream: a binary file at its start.
        epoch_ns: added to every time; Unix nanoseconds of t = 0, or 0 where unknown.
    """

    def __init__(self, stream: BinaryIO, epoch_ns: int = 0) -> None:
        self._stream = stream
        self._at = 0
        self._epoch_ns = epoch_ns
        self._codecs: dict[str, tuple[int, ChannelCodec]] = {}
        self._topics: dict[str, int] = {}
        self._schemas: dict[str, Schema] = {}
        self._channels: list[Channel] = []
        self._counts: dict[int, int] = {}
        self._chunks: list[ChunkIndex] = []
        self._metadata: list[MetadataIndex] = []
        self._attachments: list[AttachmentIndex] = []
        self._span: tuple[int, int] | None = None
        self._compressor = zstandard.ZstdCompressor(level=1)
        self._write(MAGIC)
        self._record(Header(profile="ros2", library=LIBRARY))

    def write(self, series: Sequence[TimeSeries], texts: Sequence[tuple[float, str, str]] = ()) -> None:
        """One chunk with samples of several channels and text messages (time, topic, text)."""
        blocks: list[tuple[int, NDArray[np.int64], bytes, int]] = []
        for s in series:
            if not len(s.t):
                continue
            number, codec = self._codec(s)
            stamps = nanoseconds(s.t, self._epoch_ns)
            rows = codec.encode(stamps, s.values)
            blocks.append((number, stamps, self._frame(number, stamps, rows), rows.shape[1] + _HEAD))
        for time, topic, text in texts:
            number = self._text_channel(topic)
            stamp = nanoseconds(np.array([time]), self._epoch_ns)
            row = np.frombuffer(encode_string(text), np.uint8).reshape(1, -1)
            blocks.append((number, stamp, self._frame(number, stamp, row), row.shape[1] + _HEAD))
        if blocks:
            self._chunk(blocks)

    def metadata(self, name: str, data: Mapping[str, str]) -> None:
        """A metadata record."""
        at = self._at
        length = self._record(Metadata(name=name, metadata=dict(data)))
        self._metadata.append(MetadataIndex(offset=at, length=length, name=name))

    def attachment(self, name: str, media_type: str, data: bytes) -> None:
        """An attached file."""
        at = self._at
        length = self._record(Attachment(create_time=0, log_time=self._epoch_ns, name=name, media_type=media_type, data=data))
        self._attachments.append(
            AttachmentIndex(
                offset=at,
                length=length,
                log_time=self._epoch_ns,
                create_time=0,
                data_size=len(data),
                name=name,
                media_type=media_type,
            )
        )

    def flush(self) -> None:
        """Hand everything to the operating system."""
        self._stream.flush()

    def finish(self) -> None:
        """The summary and the end; does not close the stream."""
        self._record(DataEnd(data_section_crc=0))
        start = self._at
        summary = RecordBuilder()
        offsets: list[SummaryOffset] = []
        first, last = self._span or (0, 0)
        statistics = Statistics(
            attachment_count=len(self._attachments),
            channel_count=len(self._channels),
            channel_message_counts=dict(self._counts),
            chunk_count=len(self._chunks),
            message_count=sum(self._counts.values()),
            message_end_time=last,
            message_start_time=first,
            metadata_count=len(self._metadata),
            schema_count=len(self._schemas),
        )
        groups: list[tuple[Opcode, Sequence[McapRecord]]] = [
            (Opcode.SCHEMA, list(self._schemas.values())),
            (Opcode.CHANNEL, self._channels),
            (Opcode.STATISTICS, [statistics]),
            (Opcode.CHUNK_INDEX, self._chunks),
            (Opcode.ATTACHMENT_INDEX, self._attachments),
            (Opcode.METADATA_INDEX, self._metadata),
        ]
        for opcode, records in groups:
            begin = summary.count
            for record in records:
                record.write(summary)
            if records:
                offsets.append(SummaryOffset(group_opcode=opcode, group_start=start + begin, group_length=summary.count - begin))
        offset_start = start + summary.count
        for offset in offsets:
            offset.write(summary)
        data = _bytes(summary)
        crc = zlib.crc32(struct.pack("<BQQQ", Opcode.FOOTER, 20, start, offset_start), zlib.crc32(data))
        self._write(data)
        self._record(Footer(summary_start=start, summary_offset_start=offset_start, summary_crc=crc))
        self._write(MAGIC)
        self.flush()

    # -- inside ---------------------------------------------------------------------------------------------------

    def _frame(self, number: int, stamps: NDArray[np.int64], rows: NDArray[np.uint8]) -> bytes:
        """Message records (opcode, length, channel, sequence, times, data) of rows, one after another."""
        n, size = rows.shape
        out = np.empty((n, _HEAD + size), np.uint8)
        first = self._counts.get(number, 0)
        out[:, 0] = Opcode.MESSAGE
        out[:, 1:9] = np.frombuffer(struct.pack("<Q", size + _HEAD - 9), np.uint8)
        out[:, 9:11] = np.frombuffer(struct.pack("<H", number), np.uint8)
        out[:, 11:15] = np.arange(first, first + n, dtype="<u4").reshape(-1, 1).view(np.uint8)
        time = stamps.astype("<u8").reshape(-1, 1).view(np.uint8)
        out[:, 15:23] = time
        out[:, 23:31] = time
        out[:, 31:] = rows
        self._counts[number] = first + n
        return out.tobytes()

    def _chunk(self, blocks: Sequence[tuple[int, NDArray[np.int64], bytes, int]]) -> None:
        raw = b"".join(block[2] for block in blocks)
        packed = self._compressor.compress(raw)
        first = int(min(b[1].min() for b in blocks))
        last = int(max(b[1].max() for b in blocks))
        self._span = (first, last) if self._span is None else (min(first, self._span[0]), max(last, self._span[1]))
        at = self._at
        chunk = Chunk(
            compression="zstd",
            data=packed,
            message_start_time=first,
            message_end_time=last,
            uncompressed_crc=zlib.crc32(raw),
            uncompressed_size=len(raw),
        )
        length = self._record(chunk)
        index_at = self._at
        offsets: dict[int, int] = {}
        entries: dict[int, list[NDArray[np.uint64]]] = {}
        base = 0
        for number, stamps, data, size in blocks:
            pairs = np.empty((len(stamps), 2), "<u8")
            pairs[:, 0] = stamps
            pairs[:, 1] = base + np.arange(len(stamps), dtype=np.uint64) * np.uint64(size)
            entries.setdefault(number, []).append(pairs)
            base += len(data)
        for number, parts in entries.items():
            offsets[number] = self._at
            data = np.concatenate(parts).tobytes()
            self._write(struct.pack("<BQHI", Opcode.MESSAGE_INDEX, 6 + len(data), number, len(data)) + data)
        self._chunks.append(
            ChunkIndex(
                chunk_length=length,
                chunk_start_offset=at,
                compression="zstd",
                compressed_size=len(packed),
                message_end_time=last,
                message_index_length=self._at - index_at,
                message_index_offsets=offsets,
                message_start_time=first,
                uncompressed_size=len(raw),
            )
        )

    def _codec(self, series: TimeSeries) -> tuple[int, ChannelCodec]:
        known = self._codecs.get(series.channel.name)
        if known is None:
            codec = codec_of(series.channel)
            known = (self._channel(codec.topic, codec.schema, codec.metadata), codec)
            self._codecs[series.channel.name] = known
        return known

    def _text_channel(self, topic: str) -> int:
        if topic not in self._topics:
            self._topics[topic] = self._channel(topic, _STRING_TOPIC, {"content": "application/json"})
        return self._topics[topic]

    def _channel(self, topic: str, schema: str, metadata: Mapping[str, str]) -> int:
        if schema not in self._schemas:
            found = Schema(id=len(self._schemas) + 1, data=SCHEMAS[schema].encode(), encoding="ros2msg", name=schema)
            self._schemas[schema] = found
            self._record(found)
        channel = Channel(
            id=len(self._channels) + 1,
            topic=topic,
            message_encoding="cdr",
            metadata=dict(metadata),
            schema_id=self._schemas[schema].id,
        )
        self._channels.append(channel)
        self._record(channel)
        return int(channel.id)

    def _record(self, record: McapRecord) -> int:
        builder = RecordBuilder()
        record.write(builder)
        data = _bytes(builder)
        self._write(data)
        return len(data)

    def _write(self, data: bytes) -> None:
        self._stream.write(data)
        self._at += len(data)


def _bytes(builder: RecordBuilder) -> bytes:
    # The library's method is not typed.
    return bytes(cast(Any, builder).end())
