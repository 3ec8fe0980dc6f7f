"""All that a plugin may import of the workbench."""

from __future__ import annotations

from sim.errors import SimError
from sim.preflight.verified import VerifiedMotion
from sim.preflight.verified import from_data as verified_from_data
from sim.recording import RecordedEvent, Recording, RecordingHeader, StepSpan
from sim.snapshot import Snapshot, frame_at
from sim.timeseries import Channel, TimeSeries
from workbench.connection.connection import Beat, RobotConnection, RobotInfo, RobotState, RobotStatus, Sink
from workbench.errors import WorkbenchError
from workbench.plugin import Plugin
from workbench.telemetry.cdr import SCHEMAS, ChannelCodec, codec_of, codec_of_metadata, decode_string, encode_string
from workbench.telemetry.content import event_from_json, event_to_json, outcome_to_json, shifted
from workbench.telemetry.source import Capability, SourceState, TelemetrySource

__all__ = [
    "SCHEMAS",
    "Beat",
    "Capability",
    "Channel",
    "ChannelCodec",
    "Plugin",
    "RecordedEvent",
    "Recording",
    "RecordingHeader",
    "RobotConnection",
    "RobotInfo",
    "RobotState",
    "RobotStatus",
    "SimError",
    "Sink",
    "Snapshot",
    "SourceState",
    "StepSpan",
    "TelemetrySource",
    "TimeSeries",
    "VerifiedMotion",
    "WorkbenchError",
    "codec_of",
    "codec_of_metadata",
    "decode_string",
    "encode_string",
    "event_from_json",
    "event_to_json",
    "frame_at",
    "outcome_to_json",
    "shifted",
    "verified_from_data",
]
