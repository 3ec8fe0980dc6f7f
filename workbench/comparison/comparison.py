"""The comparison of two recordings (or of the commands and measurements of one) as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Quantity = Literal["position", "torque", "velocity"]


@dataclass(frozen=True, slots=True)
class JointError:
    """Errors of one joint, in the quantity's SI unit; a is the reference (real, or command), b what is held against it.

    ``e = b - a``. ``lag_s`` > 0: b comes after a. ``correlation`` and ``lag_s`` are None for a static joint.
    """

    name: str
    bias: float
    mae: float
    rmse: float
    rmse_without_lag: float
    p95: float
    maximum: float
    lag_s: float | None
    correlation: float | None
    is_static: bool


@dataclass(frozen=True, slots=True)
class StepError:
    """Errors within one step of the plan: span in a's clock, RMSE per joint, difference of duration (b - a)."""

    id: str
    skill: str
    start: float
    end: float
    joints: tuple[JointError, ...]
    duration_difference: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two recordings held against each other.

    Args:
        clock_offset_s: added to b's clock to meet a's.
        time: (N,) common clock, a's seconds.
        a, b: (N, joints) resampled values; NaN where missing.
        tolerance: per joint, what counts as 1.0 in the heat map.
    """

    quantity: Quantity
    unit: str
    a_name: str
    b_name: str
    clock_offset_s: float
    joint_names: tuple[str, ...]
    time: Array
    a: Array
    b: Array
    joints: tuple[JointError, ...]
    steps: tuple[StepError, ...]
    tolerance: tuple[float, ...]
    notes: tuple[str, ...] = ()

    def heat(self) -> Array:
        """(joints, steps) RMSE over tolerance; NaN where a step holds no samples."""
        out = np.full((len(self.joint_names), len(self.steps)), np.nan)
        row = {name: i for i, name in enumerate(self.joint_names)}
        for column, step in enumerate(self.steps):
            for error in step.joints:
                i = row[error.name]
                out[i, column] = error.rmse / self.tolerance[i]
        return out
