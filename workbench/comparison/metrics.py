"""Errors of one joint between two courses on one clock. Definitions: bias, MAE, RMSE, lag, RMSE once the lag is taken out, correlation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.comparison.align import find_lag, resample
from workbench.comparison.comparison import JointError, Quantity

Array = NDArray[np.float64]

#: A joint that moves less than this, peak to peak, is static: correlation and lag say nothing about it. rad, rad/s, N·m.
STATIC_RANGE: dict[Quantity, float] = {"position": 0.05, "velocity": 0.05, "torque": 0.5}
#: What counts as 1.0 in the heat map: 2 degrees, 20 degrees/s, a tenth of the torque used but at least 1 N·m.
TOLERANCE: dict[Quantity, float] = {"position": 0.055, "velocity": 0.35, "torque": 1.0}


def tolerance(quantity: Quantity, a: Array) -> float:
    """What counts as 1.0 in the heat map for a joint with the reference course a (N,)."""
    if quantity != "torque":
        return TOLERANCE[quantity]
    finite = np.abs(a[np.isfinite(a)])
    return max(TOLERANCE[quantity], 0.1 * float(np.percentile(finite, 99)) if len(finite) else 0.0)


def joint_error(name: str, time: Array, a: Array, b: Array, quantity: Quantity) -> JointError | None:
    """Errors of b (N,) against the reference a (N,) at ``time`` (N,), evenly spaced; None where no sample is in both.

    ``is_static``: both hardly move. Where one alone does (a joint that is stuck), there is no lag and no correlation either.
    """
    both = np.isfinite(a) & np.isfinite(b)
    if not both.any():
        return None
    error = b[both] - a[both]
    absolute = np.abs(error)
    rmse = float(np.sqrt(np.mean(error**2)))
    span_a, span_b = float(np.ptp(a[both])), float(np.ptp(b[both]))
    small = STATIC_RANGE[quantity]
    correlation: float | None = None
    lag_s: float | None = None
    without = rmse
    if min(span_a, span_b) >= small and both.sum() >= 3:
        correlation = float(np.clip(np.corrcoef(a[both], b[both])[0, 1], -1.0, 1.0))
        lag = find_lag(a, b, float(time[1] - time[0]))
        if lag is not None:
            lag_s = lag.seconds
            without = rmse_shifted(time, a, b, lag.seconds)
    return JointError(
        name=name,
        bias=float(np.mean(error)),
        mae=float(np.mean(absolute)),
        rmse=rmse,
        rmse_without_lag=without,
        p95=float(np.percentile(absolute, 95)),
        maximum=float(absolute.max()),
        lag_s=lag_s,
        correlation=correlation,
        is_static=max(span_a, span_b) < small,
    )


def rmse_shifted(time: Array, a: Array, b: Array, lag: float) -> float:
    """RMSE of b pulled forward by ``lag`` s against a, where both are known."""
    moved = resample(time, b[:, None], time + lag)[:, 0]
    both = np.isfinite(a) & np.isfinite(moved)
    return float(np.sqrt(np.mean((moved[both] - a[both]) ** 2))) if both.any() else float("nan")
