"""Laws of the comparison: zero against itself, known shifts found, no false praise for joints in anti-phase or at rest."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.recording import Recording, RecordingHeader, StepSpan
from sim.timeseries import Channel, TimeSeries
from workbench.comparison.align import find_lag, resample
from workbench.comparison.compare import compare, compare_commands
from workbench.errors import WorkbenchError

Array = NDArray[np.float64]
JOINTS = ("knee", "ankle", "neck")


def course(t: Array) -> Array:
    """A smooth motion about 1 rad, for any time; the third joint is at rest."""
    knee = 1.0 + 0.4 * np.sin(2.1 * t) + 0.2 * np.sin(5.3 * t + 0.4)
    ankle = 1.0 - 0.3 * np.sin(1.3 * t + 1.0) + 0.1 * np.cos(4.1 * t)
    return np.stack((knee, ankle, np.full_like(t, 0.3)), axis=1)


def recording(
    t: Array, values: Array, channel: str = "joint.position", steps: tuple[StepSpan, ...] = (), **more: TimeSeries
) -> Recording:
    series = {channel: TimeSeries(Channel(channel, "rad", JOINTS), t, values)} | {s.channel.name: s for s in more.values()}
    return Recording(RecordingHeader("simulation", "r", JOINTS), series, steps)


T = np.arange(0.0, 20.0, 0.01)


def test_a_recording_equals_itself() -> None:
    a = recording(T, course(T), steps=(StepSpan("s", "walk", 1.0, 5.0, True),))
    found = compare(a, a)
    assert found.clock_offset_s == 0.0
    for error in (*found.joints, *found.steps[0].joints):
        assert error.bias == error.mae == error.rmse == error.maximum == 0.0
        assert error.is_static == (error.name == "neck")
        assert error.lag_s is None if error.is_static else abs(error.lag_s or 0.0) < 1e-6
    assert found.steps[0].duration_difference == 0.0
    assert np.all(found.heat() == 0.0)


@pytest.mark.parametrize("shift", [-0.123, -0.02, 0.0007, 0.0533, 0.15, 0.3])
def test_a_known_shift_is_found_within_a_tenth_of_a_sample(shift: float) -> None:
    found = compare(recording(T, course(T)), recording(T, course(T - shift)))
    for error in found.joints[:2]:
        assert error.lag_s == pytest.approx(shift, abs=0.001)
        assert error.rmse_without_lag < 0.02 * error.rmse + 2e-4
    assert found.clock_offset_s == 0.0


def test_the_mean_does_not_hide_the_lag() -> None:
    lag = find_lag(course(T)[:, 0] + 50.0, course(T - 0.12)[:, 0] + 50.0, 0.01)
    assert lag is not None and lag.seconds == pytest.approx(0.12, abs=0.001)


def test_joints_in_anti_phase_do_not_correlate() -> None:
    values = course(T)
    found = compare(recording(T, values), recording(T, 2.0 - values))
    assert found.joints[0].correlation == pytest.approx(-1.0)


def test_a_joint_at_rest_is_called_static() -> None:
    rng = np.random.default_rng(0)
    found = compare(recording(T, course(T)), recording(T, course(T) + 0.001 * rng.normal(size=(len(T), 3))))
    neck = found.joints[2]
    assert neck.is_static and neck.correlation is None and neck.lag_s is None
    assert found.joints[0].correlation is not None and found.joints[0].correlation > 0.99


def test_a_stuck_joint_is_not_called_static() -> None:
    values = course(T)
    values[:, 0] = 1.0
    knee = compare(recording(T, course(T)), recording(T, values)).joints[0]
    assert not knee.is_static and knee.correlation is None and knee.rmse > 0.2


def test_bias_and_sign() -> None:
    found = compare(recording(T, course(T)), recording(T, course(T) + 0.05))
    assert [e.bias for e in found.joints] == pytest.approx([0.05] * 3)
    assert found.joints[0].lag_s == pytest.approx(0.0, abs=1e-6)


def test_commands_tell_clocks_from_delay() -> None:
    def with_command(clock: float, delay: float) -> Recording:
        command = TimeSeries(Channel("joint.command", "rad", JOINTS), T, course(T - clock))
        return recording(T, course(T - clock - delay), command=command)

    found = compare(with_command(0.0, 0.05), with_command(0.8, 0.15))
    assert found.clock_offset_s == pytest.approx(-0.8, abs=0.002)
    assert found.joints[0].lag_s == pytest.approx(0.1, abs=0.003)


def test_a_longer_step_does_not_spoil_those_after_it() -> None:
    late = np.where(T < 6.0, T, T - 2.0)  # the second step starts 2 s later in b
    a = recording(T, course(T), steps=(StepSpan("one", "walk", 0.0, 4.0, True), StepSpan("two", "walk", 4.0, 10.0, True)))
    b = recording(T, course(late), steps=(StepSpan("one", "walk", 0.0, 6.0, True), StepSpan("two", "walk", 6.0, 12.0, True)))
    found = compare(a, b)
    assert found.steps[0].duration_difference == pytest.approx(2.0)
    assert found.steps[1].duration_difference == pytest.approx(0.0)
    assert all(e.rmse < 1e-3 for s in found.steps for e in s.joints)


def test_command_against_measurement() -> None:
    command = TimeSeries(Channel("joint.command", "rad", JOINTS), T, course(T))
    found = compare_commands(recording(T, course(T - 0.15), command=command))
    assert found.joints[0].lag_s == pytest.approx(0.15, abs=0.001)
    assert any(n.startswith("comparison.pure_delay") for n in found.notes)


def test_nothing_is_made_up_across_a_gap() -> None:
    t = np.concatenate((np.arange(0, 1, 0.01), np.arange(2, 3, 0.01)))
    out = resample(t, t[:, None], np.arange(0, 3, 0.01))[:, 0]
    assert np.isnan(out[120:190]).all() and np.isfinite(out[:99]).all() and np.isfinite(out[201:299]).all()


def test_what_cannot_be_compared_is_named() -> None:
    a = recording(T, course(T))
    with pytest.raises(WorkbenchError, match="comparison.no_channel"):
        compare(a, a, "torque")
    other = TimeSeries(Channel("joint.position", "rad", ("x", "y", "z")), T, course(T))
    with pytest.raises(WorkbenchError, match="comparison.no_common_joints"):
        compare(a, Recording(RecordingHeader("log", "", ()), {"joint.position": other}))
