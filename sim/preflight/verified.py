"""A motion that passed preflight. Only ``verify`` makes one; data that was changed on the way is refused.

The seal is a checksum over motion, report and run, so that nothing can be exchanged unnoticed by mistake. It holds no secret: it is no
signature, and a robot that must not trust the sender needs one besides.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sim.errors import SimError
from sim.motion import Motion, motion_from_data, motion_to_data
from sim.preflight.finding import CheckResult, Finding, PreflightReport, Verdict
from sim.recording import Recording

SCHEMA = "humanoid-workbench/verified-motion/1"
RELEASED: tuple[Verdict, ...] = ("pass", "marginal")


@dataclass(frozen=True, slots=True, eq=False)
class VerifiedMotion:
    """A motion released for a robot, with its report and the hash of the run that proves it.

    Raises:
        SimError: ``verified.refused`` when the verdict releases nothing, ``verified.forged`` when the seal does not match.
    """

    motion: Motion
    report: PreflightReport
    recording_hash: str
    seal: str

    def __post_init__(self) -> None:
        if self.report.verdict not in RELEASED:
            raise SimError("verified.refused", verdict=self.report.verdict, valid=", ".join(RELEASED))
        if self.report.motion_hash != self.motion.content_hash or self.seal != seal(
            self.motion, self.report, self.recording_hash
        ):
            raise SimError("verified.forged", motion=self.motion.content_hash[:12])

    @property
    def verdict(self) -> Verdict:
        """pass or marginal."""
        return self.report.verdict

    @property
    def content_hash(self) -> str:
        """SHA-256 that names this very release."""
        return self.seal


def seal(motion: Motion, report: PreflightReport, run_hash: str) -> str:
    """SHA-256 over motion, report and run."""
    body = {"schema": SCHEMA, "motion": motion.content_hash, "report": report_to_data(report), "run": run_hash}
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def recording_hash(recording: Recording) -> str:
    """SHA-256 over what a run's verdict rests on: origin, samples, steps, contacts, placements. Not the wall clock."""
    digest = hashlib.sha256()
    header = recording.header
    head = [header.robot_hash, header.cell_hash, header.motion_hash, header.seed, recording.completed, recording.fell_at]
    parts = [head, *(list(map(asdict, items)) for items in (recording.steps, recording.contacts, recording.placements))]
    digest.update(json.dumps(parts, sort_keys=True).encode())
    for name in sorted(recording.series):
        series = recording.series[name]
        digest.update(name.encode())
        # Whole nanoseconds, as a file keeps them: the same run has the same hash before it was saved and after.
        digest.update(np.round(series.t * 1e9).astype(np.int64).tobytes())
        digest.update(np.ascontiguousarray(series.values).tobytes())
    return digest.hexdigest()


def to_data(verified: VerifiedMotion) -> dict[str, Any]:
    """Plain JSON data."""
    return {
        "schema": SCHEMA,
        "motion": motion_to_data(verified.motion),
        "report": report_to_data(verified.report),
        "recording_hash": verified.recording_hash,
        "seal": verified.seal,
    }


def from_data(data: Mapping[str, Any]) -> VerifiedMotion:
    """The inverse of ``to_data``; SimError ``verified.invalid``, ``verified.refused`` or ``verified.forged``."""
    if not isinstance(data, Mapping) or data.get("schema") != SCHEMA:
        raise SimError(
            "verified.invalid", reason=f"schema {data.get('schema') if isinstance(data, Mapping) else '?'}; supported {SCHEMA}"
        )
    try:
        motion, report = motion_from_data(data["motion"]), report_from_data(data["report"])
        run, stamp = str(data["recording_hash"]), str(data["seal"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SimError("verified.invalid", reason=f"{type(error).__name__}: {error}") from error
    return VerifiedMotion(motion, report, run, stamp)


def report_to_data(report: PreflightReport) -> dict[str, Any]:
    """Plain JSON data of a report."""
    return asdict(report)


def report_from_data(data: Mapping[str, Any]) -> PreflightReport:
    """The inverse of ``report_to_data``; KeyError, TypeError or ValueError where the data is no report."""
    fields = dict(data)
    fields["findings"] = tuple(Finding(**f) for f in fields["findings"])
    fields["checks"] = tuple(CheckResult(**c) for c in fields["checks"])
    fields["assumptions"] = dict(fields["assumptions"])
    return PreflightReport(**fields)
