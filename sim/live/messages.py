"""What a live simulation and its owner say to each other, across a process border.

From the simulation come two kinds: state (``Snapshot``, ``LiveState``), of which the newest wins and any may be dropped, and what is
ordered and never lost (``Chunk``, ``Happened``, ``Outcome``, ``Failed``). ``generation`` counts resets: samples of an older one are past.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.cell import WorkCell
from sim.motion import Motion
from sim.recording import RecordedEvent, Recording
from sim.robot import RobotModel
from sim.sensors import DEFAULT, SensorNoise
from sim.snapshot import Snapshot
from sim.timeseries import Channel, TimeSeries
from sim.variation import NOMINAL, Variation

MIN_SPEED, MAX_SPEED = 0.1, 10.0


@dataclass(frozen=True)
class Setup:
    """What is simulated. ``speed`` is simulated seconds per second; ``delay`` of the drives in s, None: the profile's."""

    robot: RobotModel
    cell: WorkCell | None
    motion: Motion | None = None
    seed: int = 0
    variation: Variation = NOMINAL
    noise: SensorNoise = DEFAULT
    delay: float | None = None
    speed: float = 1.0
    running: bool = False


# -- to the simulation ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """Let time advance."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Hold time."""


@dataclass(frozen=True, slots=True)
class Step:
    """Advance by so many control periods, then hold."""

    count: int = 1


@dataclass(frozen=True, slots=True)
class Reset:
    """Begin again at t = 0 with the same seed."""


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Simulated seconds per second, 0.1 to 10."""

    speed: float


@dataclass(frozen=True, slots=True)
class Push:
    """A disturbance: force (x, y, z) N world on the base for ``duration`` s."""

    force: tuple[float, float, float]
    duration: float = 0.15


@dataclass(frozen=True, slots=True)
class Load:
    """A motion to run from here on."""

    motion: Motion


@dataclass(frozen=True, slots=True)
class RequestStop:
    """Stop in balance."""


@dataclass(frozen=True, slots=True)
class Close:
    """End the process."""


Command = Run | Pause | Step | Reset | SetSpeed | Push | Load | RequestStop | Close


# -- from the simulation --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    """The scene is built; these channels will come."""

    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True)
class LiveState:
    """How the simulation does: ``achieved`` simulated seconds per second of late, ``lateness_p99`` s of the control periods."""

    generation: int
    time: float
    running: bool
    done: bool
    speed: float
    achieved: float
    lateness_p99: float


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The newest state."""

    generation: int
    snapshot: Snapshot
    state: LiveState


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Samples, each once and in order."""

    generation: int
    series: Mapping[str, TimeSeries]


@dataclass(frozen=True, slots=True)
class Happened:
    """Events, each once and in order."""

    generation: int
    events: tuple[RecordedEvent, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """The motion has ended: a recording without series."""

    generation: int
    recording: Recording


@dataclass(frozen=True, slots=True)
class Failed:
    """A command or the whole simulation failed; ``fatal``: it ends here."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    fatal: bool = False


Message = Ready | Shown | Chunk | Happened | Outcome | Failed
