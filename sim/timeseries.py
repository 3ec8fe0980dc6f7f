"""Named, united, timed arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.errors import SimError

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Channel:
    """What a series holds: dotted name, unit in SI ("rad", "N·m", "1"), frame ("world", "pelvis", ""), column names."""

    name: str
    unit: str
    columns: tuple[str, ...]
    frame: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class TimeSeries:
    """Samples of a channel: ``t`` (N,) s on the recording's monotonic clock, ``values`` (N, len(columns))."""

    channel: Channel
    t: Array
    values: Array

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape != (len(self.t), len(self.channel.columns)):
            raise SimError(
                "timeseries.shape",
                channel=self.channel.name,
                t=len(self.t),
                values=self.values.shape,
                columns=len(self.channel.columns),
            )

    def column(self, name: str) -> Array:
        """Samples (N,) of one column; SimError naming the valid columns if there is none such."""
        try:
            return self.values[:, self.channel.columns.index(name)]
        except ValueError:
            raise SimError(
                "timeseries.no_such_column", channel=self.channel.name, column=name, valid=", ".join(self.channel.columns)
            ) from None

    def at(self, time: float) -> Array:
        """The newest sample (k,) at or before ``time``; the first sample before the start."""
        i = int(np.searchsorted(self.t, time, side="right")) - 1
        newest: Array = self.values[max(i, 0)]
        return newest
