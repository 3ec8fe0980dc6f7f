"""Compiled steps of the arms' references: one tick of a joint spring, and damped least squares towards a palm goal.

``q``, ``qd``, ``qdd`` are the references of all joints, changed in place; ``index`` names the joints at work.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]

MAX_ACCELERATION = 25.0
#: Elbows keep this far outside of the palms, m; weight against the palms' position.
ELBOW_OUT = 0.13
ELBOW_WEIGHT = 0.2
#: Weight of the palm's normal and of its fingers' direction against its position, m.
NORMAL_WEIGHT, FINGER_WEIGHT = 0.3, 0.08
#: A goal further than this is approached as if it were so far, m.
NEAR = 0.06
#: Weight of the comfortable posture, of the damping of the least squares, and how fast the posture is sought, 1/s.
POSTURE_WEIGHT, DAMPING, POSTURE_RATE = 4e-4, 1e-4, 2.0


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def track(
    q: Array,
    qd: Array,
    qdd: Array,
    index: Index,
    target: Array,
    lower: Array,
    upper: Array,
    limit: Array,
    rate: float,
    speed: float,
    dt: float,
) -> None:
    """Move joints towards ``target`` (k,), critically damped, inside ``lower``, ``upper``; speeds inside ``limit`` (n,)."""
    for n in range(index.shape[0]):
        j = index[n]
        goal = min(max(target[n], lower[j]), upper[j])
        # The spring is limited so that the damper balances it at the speed limit.
        top = min(speed, limit[j]) * (2.0 * rate)
        a = min(max(rate * rate * (goal - q[j]), -top), top) - 2.0 * rate * qd[j]
        a = min(max(a, -MAX_ACCELERATION), MAX_ACCELERATION)
        qdd[j] = a
        qd[j] += a * dt
        q[j] += qd[j] * dt


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def hold(q: Array, qd: Array, qdd: Array, index: Index, dt: float) -> None:
    """Come to rest."""
    for n in range(index.shape[0]):
        j = index[n]
        a = min(max(-15.0 * qd[j], -MAX_ACCELERATION), MAX_ACCELERATION)
        qdd[j] = a
        qd[j] += a * dt
        q[j] += qd[j] * dt


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def cross(a: Array, b: Array) -> Array:
    """Cross product of two (3,) vectors."""
    out = np.empty(3)
    out[0] = a[1] * b[2] - a[2] * b[1]
    out[1] = a[2] * b[0] - a[0] * b[2]
    out[2] = a[0] * b[1] - a[1] * b[0]
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def dot(a: Array, b: Array) -> float:
    """Inner product of two (3,) vectors."""
    product: float = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    return product


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def palm_rate(
    q: Array,
    index: Index,
    columns: Index,
    bends: int,
    side: float,
    comfort: Array,
    cdof: Array,
    com: Array,
    palm: Array,
    palm_turn: Array,
    elbow: Array,
    base: Array,
    base_turn: Array,
    position: Array,
    normal: Array,
    fingers: Array,
    rate: float,
) -> tuple[float, Array]:
    """Joint rates (k,) towards a palm goal by damped least squares, a comfortable posture beneath.

    Args:
        index, columns: (k,) joints of the arm from the shoulder on, and their dofs. bends: so many of them move the elbow.
        side: 1 for a left arm, -1 for a right one. comfort: (n,) posture.
        cdof: (nv, 6) spatial axes (turn, line) about ``com`` (3,). palm, palm_turn: (3,), (9,) where the palm is.
        elbow, base: (3,) positions. base_turn: (9,).
        position, normal, fingers: (3,) the goal. rate: 1/s.

    Returns:
        Distance of the palm from its goal, m, and the rates.
    """
    k = index.shape[0]
    n, f = np.empty(3), np.empty(3)
    for r in range(3):
        n[r], f[r] = palm_turn[3 * r + 2], palm_turn[3 * r]
    turn = cross(n, normal)
    if dot(n, normal) < 0.0:
        # Facing the other way the cross product vanishes: turn about the fingers.
        turn += f
    spin = dot(normal, cross(f, fingers - normal * dot(fingers, normal)))
    away = position - palm
    distance = np.sqrt(dot(away, away))
    # Eight rows: position, turn across the normal, spin about it, elbow outside of the palm.
    jac = np.zeros((8, k))
    task = np.zeros(8)
    task[:3] = away
    lean = dot(normal, turn)
    for r in range(3):
        task[3 + r] = NORMAL_WEIGHT * (turn[r] - normal[r] * lean)
    task[6] = FINGER_WEIGHT * spin
    if distance > NEAR:
        task *= NEAR / distance
    outward = np.empty(3)
    for r in range(3):
        outward[r] = side * base_turn[3 * r + 1]
    arm = palm - com
    for j in range(k):
        w, v = cdof[columns[j], :3], cdof[columns[j], 3:]
        line = v + cross(w, arm)
        about = dot(normal, w)
        for r in range(3):
            jac[r, j] = line[r]
            jac[3 + r, j] = NORMAL_WEIGHT * (w[r] - normal[r] * about)
        jac[6, j] = FINGER_WEIGHT * about
        if j < bends:
            jac[7, j] = ELBOW_WEIGHT * dot(outward, v + cross(w, elbow - com))
    lag = dot(palm - base, outward) + ELBOW_OUT - dot(elbow - base, outward)
    task[7] = ELBOW_WEIGHT * min(max(lag, -0.1), 0.1)
    lhs = np.zeros((k, k))
    rhs = np.zeros(k)
    for j in range(k):
        for i in range(k):
            for r in range(8):
                lhs[j, i] += jac[r, j] * jac[r, i]
        lhs[j, j] += POSTURE_WEIGHT + DAMPING
        rhs[j] = POSTURE_WEIGHT * POSTURE_RATE * (comfort[index[j]] - q[index[j]])
        for r in range(8):
            rhs[j] += jac[r, j] * rate * task[r]
    rates = np.empty(k)
    rates[:] = np.linalg.solve(lhs, rhs)
    return distance, rates


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def follow(
    q: Array, qd: Array, qdd: Array, index: Index, dq: Array, limit: Array, lower: Array, upper: Array, reserve: float, dt: float
) -> None:
    """Let references move with the rates ``dq`` (k,), scaled into ``limit`` (n,), inside the ranges less ``reserve``."""
    peak = 1.0
    for n in range(index.shape[0]):
        peak = max(peak, abs(dq[n]) / limit[index[n]])
    for n in range(index.shape[0]):
        j = index[n]
        a = min(max((dq[n] / peak - qd[j]) / dt, -2.0 * MAX_ACCELERATION), 2.0 * MAX_ACCELERATION)
        qdd[j] = a
        qd[j] += a * dt
        q[j] += qd[j] * dt
        inside = min(max(q[j], lower[j] + reserve), upper[j] - reserve)
        if inside != q[j]:
            # A reference at the end of its range stands still: its speed must not go on pushing the drive into the stop.
            qd[j] = 0.0
            qdd[j] = 0.0
        q[j] = inside


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def place(qpos: Array, base: int, pose: Array, positions: Index, q: Array, prescribed: Index, reference: Array) -> None:
    """Write a state into a model's ``qpos``: the base at ``pose`` (7,), joints at ``q`` (n,), the ``prescribed`` of them at
    ``reference`` (n,)."""
    for i in range(7):
        qpos[base + i] = pose[i]
    for i in range(positions.shape[0]):
        qpos[positions[i]] = q[i]
    for i in range(prescribed.shape[0]):
        qpos[positions[prescribed[i]]] = reference[prescribed[i]]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def aim(camera: Array, camera_turn: Array, point: Array, cdof: Array, dofs: Index) -> tuple[Array, float]:
    """Steps (k,) of the head's joints towards a look at ``point`` (3,), by damped least squares, and the angle still off, rad.

    Args:
        camera, camera_turn: (3,), (9,) of a camera that looks along -z. cdof: (nv, 6). dofs: (k,), -1 of what does not move it.
    """
    k = dofs.shape[0]
    toward = point - camera
    toward /= max(np.sqrt(dot(toward, toward)), 1e-6)
    forward = np.empty(3)
    for i in range(3):
        forward[i] = -camera_turn[3 * i + 2]
    turn = cross(forward, toward)
    lhs, rhs = np.zeros((k, k)), np.zeros(k)
    for i in range(k):
        lhs[i, i] = 1e-3
        for j in range(k):
            if dofs[i] >= 0 and dofs[j] >= 0:
                lhs[i, j] += dot(cdof[dofs[i], :3], cdof[dofs[j], :3])
        if dofs[i] >= 0:
            rhs[i] = dot(cdof[dofs[i], :3], turn)
    step: Array = np.asarray(np.linalg.solve(lhs, rhs), dtype=np.float64)
    return step, np.arccos(min(max(dot(forward, toward), -1.0), 1.0))
