"""What the delay between sensing and acting does, and what is done about it: predicted with what was commanded, and measured.

A command decided now acts ``delay`` later. So the controller works with the state it will act on: the sensed one, moved on by
the accelerations of the commands that are still on their way (a Smith predictor with the whole-body controller's own model).
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from sim.rotations import from_quaternion, from_vector, product, to_quaternion, turned, turned_back

Array = NDArray[np.float64]

#: Lags that the meter looks at, control periods: up to 24 ms at 250 Hz.
LAGS = 8
#: Squared joint acceleration, summed over joints and time, that makes a measurement, rad²/s⁴.
ENOUGH = 3e5


class Prediction:
    """Moves a sensed state on over the declared delay.

    Args:
        delay: s. dt: control period, s. count: number of joints.
    """

    def __init__(self, delay: float, dt: float, count: int) -> None:
        self.delay = delay
        self.dt = dt
        whole = int(delay / dt + 1e-9)
        rest = delay - whole * dt
        spans = [rest] * (rest > 1e-9) + [dt] * whole
        self._spans: Array = np.array(spans)
        #: accelerations on their way, oldest first: joints (k, n), base (k, 6) linear world and angular base frame
        self._joints, self._base = np.zeros((len(spans), count)), np.zeros((len(spans), 6))

    def send(self, joints: Array, base: Array) -> None:
        """The accelerations that the newest command is to make: joints (n,), base (6,) linear world, angular base frame."""
        if len(self._spans):
            _put_last(self._joints, self._base, joints, base)

    def ahead(self, q: Array, qd: Array, pose: Array, velocity: Array) -> tuple[Array, Array, Array, Array]:
        """Joints (n,) and their velocities, base pose (7,) and velocity (6,) world, when the next command will act."""
        if not len(self._spans):
            return q, qd, pose, velocity
        moved: tuple[Array, Array, Array, Array] = _ahead(self._spans, self._joints, self._base, q, qd, pose, velocity)
        return moved


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _put_last(joints: Array, base: Array, newest: Array, newest_base: Array) -> None:
    """Let the rows of ``joints`` (k, n) and ``base`` (k, 6) move up and the newest be the last."""
    last = joints.shape[0] - 1
    for i in range(last):
        joints[i] = joints[i + 1]
        base[i] = base[i + 1]
    joints[last] = newest
    base[last] = newest_base


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _ahead(
    spans: Array, joints: Array, base: Array, q: Array, qd: Array, pose: Array, velocity: Array
) -> tuple[Array, Array, Array, Array]:
    """:meth:`Prediction.ahead` compiled: constant accelerations ``joints`` (k, n), ``base`` (k, 6) over ``spans`` (k,) s."""
    q, qd = q.copy(), qd.copy()
    turn = from_quaternion(pose[3:])
    angular = turned_back(turn, velocity[3:])
    moved, moving = pose.copy(), velocity.copy()
    for k in range(spans.shape[0]):
        dt = spans[k]
        for i in range(q.shape[0]):
            q[i] += dt * qd[i] + (0.5 * dt * dt) * joints[k, i]
            qd[i] += dt * joints[k, i]
        for i in range(3):
            moved[i] += dt * moving[i] + (0.5 * dt * dt) * base[k, i]
            moving[i] += dt * base[k, i]
        turn = product(turn, from_vector(dt * angular + (0.5 * dt * dt) * base[k, 3:]))
        angular += dt * base[k, 3:]
    moved[3:] = to_quaternion(turn)
    moving[3:] = turned(turn, angular)
    return q, qd, moved, moving


class DelayMeter:
    """Measures the delay from what was asked of joints and what they then did.

    The lag at which asked and measured accelerations agree best, by least squares over all lags up to 28 ms and a parabola
    through the best one and its neighbours.

    Args:
        dt: control period, s. joints: indices of the joints that the whole-body controller drives.
    """

    def __init__(self, dt: float, joints: NDArray[np.intp]) -> None:
        self.dt = dt
        self._joints = joints
        self._asked = np.zeros((LAGS, len(joints)))
        self._product = np.zeros(LAGS)
        self._square = np.zeros(LAGS)
        self._energy = 0.0
        self._count = 0
        self._before: Array | None = None

    def note(self, asked: Array, qd: Array) -> None:
        """Each period: accelerations (n,) that the last command asked for, and velocities (n,) sensed now."""
        now = qd[self._joints]
        if self._before is not None:
            self._count += 1
            self._energy += _correlate(
                self._asked, self._product, self._square, asked, now, self._before, self._joints, self.dt, self._count
            )
        self._before = now

    @property
    def delay(self) -> float | None:
        """Measured delay, s; None while the joints have moved too little."""
        if self._energy < ENOUGH:
            return None
        # Correlation at each lag; a command without delay shows in the velocities of the very next period: lag 0.
        score = self._product / np.sqrt(np.maximum(self._square, 1e-12))
        best = int(np.argmax(score))
        shift = 0.0
        if 0 < best < LAGS - 1:
            low, peak, high = score[best - 1 : best + 2]
            bend = low - 2.0 * peak + high
            shift = 0.5 * (low - high) / bend if bend < -1e-12 else 0.0
        return max((best + float(shift)) * self.dt, 0.0)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _correlate(
    ring: Array,
    product: Array,
    square: Array,
    asked: Array,
    now: Array,
    before: Array,
    joints: NDArray[np.intp],
    dt: float,
    count: int,
) -> float:
    """Take one period into the sums over the lags; returns the squared acceleration that was asked for."""
    size = ring.shape[0]
    energy = 0.0
    slot = count % size
    for k in range(joints.shape[0]):
        ring[slot, k] = asked[joints[k]]
        energy += ring[slot, k] ** 2
    if count >= size:
        for lag in range(size):
            row = (count - lag) % size
            for k in range(joints.shape[0]):
                a = (now[k] - before[k]) / dt
                product[lag] += ring[row, k] * a
                square[lag] += ring[row, k] ** 2
    return energy
