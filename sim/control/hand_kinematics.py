"""Compiled step of one hand's reference: damped least squares towards a full pose, a comfortable posture beneath."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]

#: Weight of the turn against the position, m/rad; a goal further than this is approached as if it were so far, m and rad.
TURN_WEIGHT, NEAR, NEAR_TURN = 0.2, 0.06, 0.5
#: Weight of the comfortable posture, of the damping, and how fast the posture is sought, 1/s.
POSTURE_WEIGHT, DAMPING, POSTURE_RATE = 6e-5, 1e-4, 2.0
#: The elbow keeps this far outside of the shoulder, m, as far as the pose leaves it free; weight against the position.
ELBOW_OUT, ELBOW_WEIGHT = 0.09, 0.07


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def hand_rate(
    q: Array,
    index: Index,
    columns: Index,
    comfort: Array,
    cdof: Array,
    com: Array,
    palm: Array,
    palm_turn: Array,
    position: Array,
    turn: Array,
    rate: float,
    bends: int,
    elbow: Array,
    shoulder: Array,
    outward: Array,
) -> tuple[float, float, Array]:
    """Joint rates (k,) of an arm towards a pose of its palm.

    Args:
        index, columns: (k,) joints of the arm, and their dofs. comfort: (n,) posture. cdof: (nv, 6) about ``com`` (3,).
        palm, palm_turn: (3,), (9,) where the palm is. position, turn: (3,), (3, 3) where it shall be. rate: 1/s.
        bends: so many joints move the elbow. elbow, shoulder: (3,) where they are. outward: (3,) to the side of the arm, unit.

    Returns:
        Distance m and angle rad from the goal, and the rates.
    """
    k = index.shape[0]
    away = position - palm
    distance = np.sqrt(away[0] ** 2 + away[1] ** 2 + away[2] ** 2)
    spin = np.zeros(3)
    trace = 0.0
    for c in range(3):
        a0, a1, a2 = palm_turn[c], palm_turn[3 + c], palm_turn[6 + c]
        b0, b1, b2 = turn[0, c], turn[1, c], turn[2, c]
        spin[0] += 0.5 * (a1 * b2 - a2 * b1)
        spin[1] += 0.5 * (a2 * b0 - a0 * b2)
        spin[2] += 0.5 * (a0 * b1 - a1 * b0)
        trace += a0 * b0 + a1 * b1 + a2 * b2
    angle = np.arccos(min(max(0.5 * (trace - 1.0), -1.0), 1.0))
    size = np.sqrt(spin[0] ** 2 + spin[1] ** 2 + spin[2] ** 2)
    if size > 1e-6:
        # Of a rotation vector the skew part has the sine of the angle as its length.
        spin *= angle / size
    if angle > NEAR_TURN:
        spin *= NEAR_TURN / angle
    if distance > NEAR:
        away = away * (NEAR / distance)
    jac = np.zeros((7, k))
    task = np.zeros(7)
    for r in range(3):
        task[r] = rate * away[r]
        task[3 + r] = rate * TURN_WEIGHT * spin[r]
    lag = ELBOW_OUT
    for r in range(3):
        lag -= outward[r] * (elbow[r] - shoulder[r])
    task[6] = rate * ELBOW_WEIGHT * min(max(lag, -0.1), 0.1)
    arm, bend = palm - com, elbow - com
    for j in range(k):
        w, v = cdof[columns[j], :3], cdof[columns[j], 3:]
        jac[0, j] = v[0] + w[1] * arm[2] - w[2] * arm[1]
        jac[1, j] = v[1] + w[2] * arm[0] - w[0] * arm[2]
        jac[2, j] = v[2] + w[0] * arm[1] - w[1] * arm[0]
        for r in range(3):
            jac[3 + r, j] = TURN_WEIGHT * w[r]
        if j < bends:
            jac[6, j] = ELBOW_WEIGHT * (
                outward[0] * (v[0] + w[1] * bend[2] - w[2] * bend[1])
                + outward[1] * (v[1] + w[2] * bend[0] - w[0] * bend[2])
                + outward[2] * (v[2] + w[0] * bend[1] - w[1] * bend[0])
            )
    lhs = np.zeros((k, k))
    rhs = np.zeros(k)
    for j in range(k):
        for i in range(k):
            for r in range(7):
                lhs[j, i] += jac[r, j] * jac[r, i]
        lhs[j, j] += POSTURE_WEIGHT + DAMPING
        rhs[j] = POSTURE_WEIGHT * POSTURE_RATE * (comfort[index[j]] - q[index[j]])
        for r in range(7):
            rhs[j] += jac[r, j] * task[r]
    rates = np.empty(k)
    rates[:] = np.linalg.solve(lhs, rhs)
    return distance, angle, rates
