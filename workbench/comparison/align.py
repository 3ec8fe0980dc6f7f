"""Two recordings on one clock: resampling that invents nothing, the lag between two courses, the offset between two clocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.recording import Recording
from sim.timeseries import TimeSeries

Array = NDArray[np.float64]

#: Longest delay between command and motion that is searched for, s. More is a difference of clocks.
MAX_LAG = 0.5
#: Longest difference of clocks that is searched for, s.
MAX_OFFSET = 30.0
#: A lag counts where the shifted courses correlate at least so well.
MIN_CORRELATION = 0.8
#: Courses are held against each other about their mean over this long, s: a joint that creeps into place is not late.
WINDOW = 4.0
#: Joints tell the same difference of clocks when their lags are within this, s.
AGREEMENT = 0.1
#: Equal to within this, the nearer of two correlation peaks is taken (a periodic motion repeats its peak).
PEAK_TOLERANCE = 0.005


@dataclass(frozen=True, slots=True)
class Lag:
    """Where two courses agree best: ``seconds`` > 0 when b comes after a, and the correlation there."""

    seconds: float
    correlation: float


@dataclass(frozen=True, slots=True, eq=False)
class ClockMap:
    """From a's clock to b's: in each segment ``b_time = a_time - offset``.

    Args:
        starts: (K,) s on a's clock, rising; the first segment reaches back to the beginning.
        offsets: (K,) s, added to b's clock to meet a's.
        note: i18n key of how it was found.
    """

    starts: Array
    offsets: Array
    note: str

    @property
    def offset(self) -> float:
        """The offset at the beginning, s."""
        return float(self.offsets[0])

    def to_b(self, time: Array) -> Array:
        """b's clock (N,) at times (N,) of a's clock."""
        i = np.clip(np.searchsorted(self.starts, time + 1e-9, side="right") - 1, 0, len(self.starts) - 1)
        return np.asarray(time - self.offsets[i], dtype=np.float64)


def sample_period(t: Array) -> float:
    """The usual distance of samples, s; 0 where there are fewer than two."""
    return float(np.median(np.diff(t))) if len(t) > 1 else 0.0


def resample(t: Array, values: Array, clock: Array) -> Array:
    """Values (N, k) at the times of ``clock`` (N,), linear between samples; NaN outside and inside gaps.

    A gap is a distance of more than five usual ones and 50 ms: nothing is made up across it.
    """
    out = np.full((len(clock), values.shape[1]), np.nan)
    if not len(t):
        return out
    period = sample_period(t)
    right = np.searchsorted(t, clock, side="left")
    left = np.clip(np.searchsorted(t, clock, side="right") - 1, 0, len(t) - 1)
    slack = 1e-6 + 1e-3 * period
    inside = (clock >= t[0] - slack) & (clock <= t[-1] + slack)
    right = np.clip(right, 0, len(t) - 1)
    width = t[right] - t[left]
    inside &= width <= max(5.0 * period, 0.05)
    share = np.divide(clock - t[left], width, out=np.zeros_like(clock), where=width > 0)
    share = np.clip(share, 0.0, 1.0)[:, None]
    blended = values[left] * (1.0 - share) + values[right] * share
    # A sample that is met exactly must not be spoilt by a NaN in its neighbour.
    blended = np.where(share == 0.0, values[left], blended)
    out[inside] = blended[inside]
    return out


def correlation_by_lag(a: Array, b: Array, most: int) -> Array:
    """Pearson correlation (2 * most + 1,) of a[i] with b[i + k] for k = -most..most over where both are finite.

    Means and variances are those of the overlap at each lag, so neither an offset nor the windows' ends pull the peak.
    """
    n = len(a)
    size = 1 << (2 * n - 1).bit_length()  # zero padding, so that the correlation is not circular
    mask_a, mask_b = np.isfinite(a), np.isfinite(b)
    x = np.where(mask_a, a - np.mean(a[mask_a]), 0.0) if mask_a.any() else np.zeros(n)
    y = np.where(mask_b, b - np.mean(b[mask_b]), 0.0) if mask_b.any() else np.zeros(n)
    stack = np.stack((mask_a.astype(float), x, x * x, mask_b.astype(float), y, y * y))
    spectra = np.fft.rfft(stack, size, axis=1)

    def correlate(i: int, j: int) -> Array:
        full = np.fft.irfft(np.conj(spectra[i]) * spectra[j], size)
        return np.concatenate((full[size - most :], full[: most + 1])) if most else np.asarray(full[:1])

    count = np.rint(correlate(0, 3))
    enough = count >= max(8.0, 0.5 * min(mask_a.sum(), mask_b.sum()))
    safe = np.where(enough, count, 1.0)
    sum_a, sum_b = correlate(1, 3), correlate(0, 4)
    var_a = correlate(2, 3) - sum_a**2 / safe
    var_b = correlate(0, 5) - sum_b**2 / safe
    product = var_a * var_b
    floor = 1e-18 + 1e-12 * float(np.sum(x * x)) * float(np.sum(y * y))
    good = enough & (product > floor)
    out = np.full(2 * most + 1, -1.0)
    out[good] = (correlate(1, 4) - sum_a * sum_b / safe)[good] / np.sqrt(product[good])
    return np.asarray(np.clip(out, -1.0, 1.0), dtype=np.float64)


def without_drift(x: Array, width: int) -> Array:
    """x (N,) less its mean over ``width`` samples around each; NaN at both ends, where those are not all there."""
    known = np.isfinite(x)
    total = np.concatenate(([0.0], np.cumsum(np.where(known, x, 0.0))))
    count = np.concatenate(([0], np.cumsum(known)))
    half = width // 2
    out = np.full(len(x), np.nan)
    low, high = np.arange(0, len(x) - 2 * half), np.arange(2 * half + 1, len(x) + 1)
    out[half : len(x) - half] = x[half : len(x) - half] - (total[high] - total[low]) / np.maximum(count[high] - count[low], 1)
    return out


def find_lag(a: Array, b: Array, period: float, longest: float = MAX_LAG) -> Lag | None:
    """How much later b (N,) runs than a (N,), both sampled every ``period`` s; None where no lag stands out.

    The peak of the correlation by lag of both courses without their drift, with a parabola through the peak and its neighbours; of
    equal peaks the nearest to zero. Where the search is for clocks that are far apart, the drift stays in: it tells one second
    from another.
    """
    most = min(int(round(longest / period)) + 1, len(a) // 2) if period > 0 else 0
    if most < 1 or len(a) < 16:
        return None
    width = round(WINDOW / period)
    if longest <= MAX_LAG and 3 * width <= len(a):
        a, b = without_drift(a, width), without_drift(b, width)
    r = correlation_by_lag(a, b, most)
    inner = np.arange(1, 2 * most)
    peaks = inner[(r[inner] >= r[inner - 1]) & (r[inner] >= r[inner + 1])]
    if not len(peaks) or r[peaks].max() < MIN_CORRELATION:
        return None
    near = peaks[r[peaks] >= r[peaks].max() - PEAK_TOLERANCE]
    k = int(near[np.argmin(np.abs(near - most))])
    bend = r[k - 1] - 2.0 * r[k] + r[k + 1]
    part = 0.5 * (r[k - 1] - r[k + 1]) / bend if bend < 0 else 0.0
    return Lag(float((k - most + np.clip(part, -0.5, 0.5)) * period), float(r[k]))


def clock_map(a: Recording, b: Recording, channel: str) -> ClockMap:
    """How b's clock meets a's, by what the two have in common, best first.

    1. Steps: each step is aligned at its start, so that one step that took longer does not spoil all after it.
    2. Commands: the same commands are in both, so what they are apart is clocks, and what remains in the motion is delay.
    3. The motion itself, where it is apart by more than any delay could be. Less than that is left to be reported as lag.
    """
    anchors = _step_anchors(a, b)
    if anchors is not None:
        return anchors
    if "joint.command" in a.series and "joint.command" in b.series:
        lag = _common_lag(a["joint.command"], b["joint.command"])
        if lag is not None and lag.correlation > 0.9:
            # Less than a sample is no offset: a command that is held until the next one looks half a sample late.
            apart = -lag.seconds if abs(lag.seconds) > _coarser(a["joint.command"], b["joint.command"]) else 0.0
            return ClockMap(np.zeros(1), np.array([apart]), "comparison.clock.commands")
    lag = _common_lag(a[channel], b[channel])
    if lag is not None and abs(lag.seconds) > MAX_LAG and lag.correlation > 0.9:
        return ClockMap(np.zeros(1), np.array([-lag.seconds]), "comparison.clock.motion")
    return ClockMap(np.zeros(1), np.zeros(1), "comparison.clock.same")


def _step_anchors(a: Recording, b: Recording) -> ClockMap | None:
    starts_b = {s.id: s.start for s in b.steps}
    pairs = sorted({(s.start, starts_b[s.id]) for s in a.steps if s.id in starts_b})
    starts: list[float] = []
    offsets: list[float] = []
    newest = -np.inf
    for time_a, time_b in pairs:
        if time_b < newest or (starts and time_a - starts[-1] < 1e-6):
            continue  # steps side by side that started in another order: the first of them decides
        newest = time_b
        starts.append(time_a)
        offsets.append(time_a - time_b)
    return ClockMap(np.array(starts), np.array(offsets), "comparison.clock.steps") if starts else None


def _coarser(a: TimeSeries, b: TimeSeries) -> float:
    return max(sample_period(a.t), sample_period(b.t))


def _common_lag(a: TimeSeries, b: TimeSeries) -> Lag | None:
    """The lag that the columns which move most agree on; None where they do not."""
    names = [c for c in a.channel.columns if c in b.channel.columns]
    period = max(_coarser(a, b), 0.005)
    if not names or len(a.t) < 16 or len(b.t) < 16:
        return None
    start, end = min(a.t[0], b.t[0]), max(a.t[-1], b.t[-1])
    clock = np.arange(start, end + 0.5 * period, period)
    x = resample(a.t, np.stack([a.column(c) for c in names], axis=1), clock)
    y = resample(b.t, np.stack([b.column(c) for c in names], axis=1), clock)
    spread = np.nan_to_num(np.nanstd(x, axis=0))
    column = int(np.argmax(spread))
    moving = [int(i) for i in np.argsort(-spread)[:6] if spread[i] > 0.25 * spread[column]]
    found = [find_lag(x[:, i], y[:, i], period, MAX_OFFSET) for i in moving]
    lags = sorted((lag for lag in found if lag is not None), key=lambda lag: lag.seconds)
    if not lags:
        return None
    middle = lags[len(lags) // 2]
    # Clocks are apart alike for all joints. Joints that disagree moved differently, and that must not be shifted away.
    agreeing = sum(abs(lag.seconds - middle.seconds) <= AGREEMENT for lag in lags)
    return middle if agreeing >= max(2, round(0.6 * len(moving))) else None
