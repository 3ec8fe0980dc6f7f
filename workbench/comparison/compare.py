"""Holds two recordings against each other, joint by joint and step by step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.recording import Recording, StepSpan
from sim.timeseries import TimeSeries
from workbench.comparison.align import ClockMap, clock_map, resample, sample_period
from workbench.comparison.comparison import Comparison, JointError, Quantity, StepError
from workbench.comparison.metrics import joint_error, tolerance
from workbench.errors import WorkbenchError
from workbench.telemetry.problems import problem

Array = NDArray[np.float64]

UNITS: dict[Quantity, str] = {"position": "rad", "velocity": "rad/s", "torque": "N·m"}


def compare(a: Recording, b: Recording, quantity: Quantity = "position", a_name: str = "", b_name: str = "") -> Comparison:
    """b held against the reference a, on a's clock.

    Args:
        a: the reference, such as the recording of the robot.
        b: what is held against it, such as the simulation of the same motion.
        quantity: which channel, ``joint.<quantity>``.
        a_name, b_name: shown names; empty: the recordings' sources.

    Raises:
        WorkbenchError: ``comparison.no_channel`` or ``comparison.no_common_joints``.
    """
    channel = f"joint.{quantity}"
    series_a, series_b = _channel(a, channel), _channel(b, channel)
    found = clock_map(a, b, channel)
    spans_b = {s.id: s for s in b.steps}
    return _compare(series_a, series_b, quantity, (a_name or a.header.source, b_name or b.header.source), found, a.steps, spans_b)


def compare_commands(recording: Recording) -> Comparison:
    """The measured joint positions of one recording held against their commands; one clock, so a lag is a lag.

    Raises:
        WorkbenchError: ``comparison.no_channel`` or ``comparison.no_common_joints``.
    """
    command, measured = _channel(recording, "joint.command"), _channel(recording, "joint.position")
    same = ClockMap(np.zeros(1), np.zeros(1), "comparison.clock.one")
    return _compare(command, measured, "position", ("command", "measured"), same, recording.steps, {})


def _compare(
    series_a: TimeSeries,
    series_b: TimeSeries,
    quantity: Quantity,
    names: tuple[str, str],
    clock: ClockMap,
    steps: Sequence[StepSpan],
    spans_b: dict[str, StepSpan],
) -> Comparison:
    joints = tuple(c for c in series_a.channel.columns if c in series_b.channel.columns)
    if not joints:
        raise WorkbenchError("comparison.no_common_joints", a=names[0], b=names[1])
    period = max(sample_period(series_a.t), sample_period(series_b.t))
    if period <= 0.0:
        raise WorkbenchError("comparison.too_short", a=names[0], b=names[1])
    time = np.arange(series_a.t[0], series_a.t[-1] + 0.5 * period, period)
    a = resample(series_a.t, _columns(series_a, joints), time)
    b = resample(series_b.t, _columns(series_b, joints), clock.to_b(time))
    errors = [joint_error(name, time, a[:, i], b[:, i], quantity) for i, name in enumerate(joints)]
    if all(e is None for e in errors):
        raise WorkbenchError("comparison.no_overlap", a=names[0], b=names[1])
    whole = tuple(e if e is not None else _unknown(name) for name, e in zip(joints, errors, strict=True))
    found = []
    for step in steps:
        end = step.end if step.end is not None else float(time[-1])
        other = spans_b.get(step.id)
        if spans_b and other is None:
            continue
        found.append(_step(step, end, other, joints, time, a, b, quantity))
    return Comparison(
        quantity=quantity,
        unit=UNITS[quantity],
        a_name=names[0],
        b_name=names[1],
        clock_offset_s=clock.offset,
        joint_names=joints,
        time=time,
        a=a,
        b=b,
        joints=whole,
        steps=tuple(found),
        tolerance=tuple(tolerance(quantity, a[:, i]) for i in range(len(joints))),
        notes=(problem(clock.note), *_delay_note(whole)),
    )


def _step(
    step: StepSpan, end: float, other: StepSpan | None, joints: Sequence[str], time: Array, a: Array, b: Array, quantity: Quantity
) -> StepError:
    """Errors within one step. Where b's step ended earlier than a's, the rest of a's is not held against b's next step."""
    last = end
    difference: float | None = None
    if other is not None and other.end is not None and step.end is not None:
        difference = (other.end - other.start) - (step.end - step.start)
        last = min(end, step.start + (other.end - other.start))
    inside = (time >= step.start - 1e-9) & (time <= last + 1e-9)
    errors = (
        [joint_error(n, time[inside], a[inside, i], b[inside, i], quantity) for i, n in enumerate(joints)]
        if inside.sum() > 1
        else []
    )
    return StepError(step.id, step.skill, step.start, end, tuple(e for e in errors if e is not None), difference)


def _delay_note(joints: Sequence[JointError]) -> tuple[str, ...]:
    """How much of the error is pure delay: the line a field engineer reads first."""
    lags = [j.lag_s for j in joints if j.lag_s is not None]
    moving = [j for j in joints if j.lag_s is not None]
    total = sum(j.rmse**2 for j in moving)
    if not lags or total == 0.0:
        return ()
    rest = sum(min(j.rmse, j.rmse_without_lag) ** 2 for j in moving)
    share = 1.0 - float(np.sqrt(rest / total))
    return (
        problem("comparison.pure_delay", lag_ms=round(1e3 * float(np.median(lags)), 1), share_percent=round(100.0 * share, 1)),
    )


def _channel(recording: Recording, name: str) -> TimeSeries:
    found = recording.series.get(name)
    if found is None or not len(found.t):
        raise WorkbenchError("comparison.no_channel", channel=name, valid=", ".join(sorted(recording.series)))
    return found


def _columns(series: TimeSeries, names: Sequence[str]) -> Array:
    return np.stack([series.column(n) for n in names], axis=1)


def _unknown(name: str) -> JointError:
    """A joint with no sample in both recordings: not a number is the truth here, and it is static for want of motion."""
    nan = float("nan")
    return JointError(name, nan, nan, nan, nan, nan, nan, None, None, True)
