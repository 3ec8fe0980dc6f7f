"""The whole-body programme of one tick, compiled: from dynamics and tasks to a quadratic programme, and back to torques.

The unknowns ``y`` (n,) are the accelerations of the driven joints, then, for each sole that carries load, its wrench in the
sole's frame. The six rows of the base, on which no motor acts, give the base's acceleration ``T y + t``.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]

UNBOUNDED = 1e30
#: Keeping joints inside their ranges: stiffness 1/s², damping 1/s, distance from the end that is kept, rad, and how hard, rad/s².
RANGE_STIFFNESS, RANGE_DAMPING, RANGE_MARGIN = 2500.0, 100.0, 0.02
RANGE_HARDEST, RANGE_LEAST = 1000.0, 900.0
#: Weight of the tilt of a sole on its toes: its heel goes where the rest of the body needs it.
ON_TOES = 0.5
#: Rows of the weighted tasks: two soles (6 each), base (6: acceleration and, of the turn, orientation), centre of mass (3).
TASK_ROWS = 21


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def base_from_unknowns(
    M: Array,
    bias: Array,
    base: int,
    driven: Index,
    rest: Index,
    rest_qdd: Array,
    jac: Array,
    rot: Array,
    contact: tuple[bool, bool],
    T: Array,
) -> Array:
    """Base acceleration as ``T y + t`` of the unknowns ``y``: driven accelerations, then the wrench of each loaded sole.

    Args:
        M, bias: (nv, nv), (nv,). base: first dof of the base. driven, rest: dofs chosen and prescribed.
        rest_qdd: accelerations of ``rest``. jac: (2, 6, nv) of the soles, rot: (2, 3, 3). contact: (2,) loaded soles.
        T: (6, n) out.

    Returns:
        t (6,).
    """
    nd, n = driven.shape[0], T.shape[1]
    t = np.empty(6)
    for r in range(6):
        row = base + r
        h = bias[row]
        for k in range(rest.shape[0]):
            h += M[row, rest[k]] * rest_qdd[k]
        t[r] = -h
        for k in range(nd):
            T[r, k] = -M[row, driven[k]]
        col = nd
        for s in range(2):
            if not contact[s]:
                continue
            for i in range(3):
                force = 0.0
                moment = 0.0
                for k in range(3):
                    force += jac[s, k, row] * rot[s, k, i]
                    moment += jac[s, 3 + k, row] * rot[s, k, i]
                T[r, col + i] = force
                T[r, col + 3 + i] = moment
            col += 6
    # Cholesky factor of the base's own 6 by 6 block, then forward and backward substitution of all columns at once.
    L = np.zeros((6, 6))
    for i in range(6):
        for k in range(i + 1):
            v = M[base + i, base + k]
            for j in range(k):
                v -= L[i, j] * L[k, j]
            L[i, k] = np.sqrt(v) if i == k else v / L[k, k]
    for i in range(6):
        for j in range(i):
            c = L[i, j]
            t[i] -= c * t[j]
            for k in range(n):
                T[i, k] -= c * T[j, k]
        t[i] /= L[i, i]
        for k in range(n):
            T[i, k] /= L[i, i]
    for i in range(5, -1, -1):
        for j in range(i + 1, 6):
            c = L[j, i]
            t[i] -= c * t[j]
            for k in range(n):
                T[i, k] -= c * T[j, k]
        t[i] /= L[i, i]
        for k in range(n):
            T[i, k] /= L[i, i]
    return t


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def task_rows(
    base: int,
    driven: Index,
    jac: Array,
    rot: Array,
    drift: Array,
    sole: Array,
    contact: tuple[bool, bool],
    on_toes: tuple[bool, bool],
    com: Array,
    turn: Array,
    base_rotation: Array,
    mass: float,
    w: Array,
    T: Array,
    t: Array,
    rows: Array,
    wanted: Array,
    weight: Array,
) -> None:
    """Tasks as weighted rows in the unknowns: ``rows`` (21, n), ``wanted`` (21,), ``weight`` (21,) out.

    Args:
        drift, sole: (2, 6) Jdot v and wanted acceleration of the soles, of the front edge of one that is ``on_toes``.
        com, turn: (3,) wanted accelerations of the centre of mass and of the base's turn, world.
        w: ``Weights.array``. T, t: of :func:`base_from_unknowns`.
    """
    nd, n = driven.shape[0], T.shape[1]
    for s in range(2):
        for r in range(6):
            at = 6 * s + r
            weight[at] = w[0] if contact[s] else (w[5] if r < 3 else w[6])
            if on_toes[s] and (r == 3 or r == 4):
                weight[at] = ON_TOES
            b = sole[s, r] - drift[s, r]
            for k in range(n):
                rows[at, k] = 0.0
            for j in range(6):
                c = jac[s, r, base + j]
                if c != 0.0:
                    b -= c * t[j]
                    for k in range(n):
                        rows[at, k] += c * T[j, k]
            for k in range(nd):
                rows[at, k] += jac[s, r, driven[k]]
            wanted[at] = b
    # base: a little of everything, and its turn in its own frame
    for r in range(6):
        at = 12 + r
        weight[at] = w[8]
        wanted[at] = -t[r]
        if r >= 3:
            task = w[4] if r == 5 else w[3]
            goal = base_rotation[0, r - 3] * turn[0] + base_rotation[1, r - 3] * turn[1] + base_rotation[2, r - 3] * turn[2]
            weight[at] += task
            wanted[at] += task * goal / weight[at]
        for k in range(n):
            rows[at, k] = T[r, k]
    # centre of mass: sum of forces = mass (acceleration - gravity)
    for r in range(3):
        at = 18 + r
        weight[at] = w[2] if r == 2 else w[1]
        wanted[at] = com[r] + (9.81 if r == 2 else 0.0)
        for k in range(n):
            rows[at, k] = 0.0
        col = nd
        for s in range(2):
            if contact[s]:
                for i in range(3):
                    rows[at, col + i] = rot[s, r, i] / mass
                col += 6


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def cost(rows: Array, wanted: Array, weight: Array, waist: Array, nd: int, w: Array, H: Array, f: Array) -> None:
    """Hessian ``H`` (n, n) and gradient ``f`` (n,) of the weighted rows, the waist and the regularisation, in place."""
    n = H.shape[0]
    nw = waist.shape[0]
    for i in range(n):
        f[i] = 0.0
        for k in range(i, n):
            H[i, k] = 0.0
    for at in range(rows.shape[0]):
        b = wanted[at]
        for i in range(n):
            c = weight[at] * rows[at, i]
            if c != 0.0:
                f[i] -= c * b
                for k in range(i, n):
                    H[i, k] += c * rows[at, k]
    for i in range(n):
        H[i, i] += w[8] if i < nd else w[9]
    for i in range(nw):
        k = nd - nw + i
        H[k, k] += w[7]
        f[k] -= w[7] * waist[i]
    for i in range(n):
        for k in range(i):
            H[i, k] = H[k, i]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def limits(
    q: Array,
    qd: Array,
    low: Array,
    high: Array,
    index: Index,
    contact: tuple[bool, bool],
    mu: float,
    yaw_share: float,
    half: Array,
    load_limit: tuple[float, float],
    A: Array,
    lower: Array,
    upper: Array,
) -> None:
    """Joint ranges as bounds of the accelerations, friction pyramid, centre of pressure and yaw moment of the soles.

    Args:
        q, qd, low, high: (n,) positions, velocities and ranges of all joints. index: (nd,) the driven ones.
        mu: of one axis of the pyramid. half: (2, 3) usable reach of the soles ahead, aside and back, m. load_limit: N of each.
        A: (10 a sole, n); lower, upper: (n + 10 a sole,), the first n of the unknowns themselves; out.
    """
    nd, n = index.shape[0], A.shape[1]
    for i in range(nd):
        j = index[i]
        least = max(RANGE_STIFFNESS * (low[j] + RANGE_MARGIN - q[j]) - RANGE_DAMPING * qd[j], -RANGE_HARDEST)
        most = min(RANGE_STIFFNESS * (high[j] - RANGE_MARGIN - q[j]) - RANGE_DAMPING * qd[j], RANGE_HARDEST)
        if least > most:
            least = most = 0.5 * (least + most)
        lower[i] = min(least, RANGE_LEAST)
        upper[i] = max(most, -RANGE_LEAST)
    for i in range(nd, n):
        lower[i] = -UNBOUNDED
        upper[i] = UNBOUNDED
    A[:, :] = 0.0
    col, row = nd, 0
    for s in range(2):
        if not contact[s]:
            continue
        lower[col + 2] = 0.0
        upper[col + 2] = load_limit[s]
        for axis in range(2):
            for sign in (-1.0, 1.0):
                A[row, col + axis] = sign
                A[row, col + 2] = -mu
                row += 1
        # moment about y is -x f_z, about x is y f_z
        for sign in (-1.0, 1.0):
            A[row, col + 4] = sign
            A[row, col + 2] = -half[s, 0] if sign < 0.0 else -half[s, 2]
            row += 1
            A[row, col + 3] = sign
            A[row, col + 2] = -half[s, 1]
            row += 1
            A[row, col + 5] = sign
            A[row, col + 2] = -yaw_share
            row += 1
        col += 6
    for i in range(row):
        lower[n + i] = -UNBOUNDED
        upper[n + i] = 0.0


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def moved(jac: Array, drift: Array, s: int, by: Array, turning: Array) -> tuple[Array, Array]:
    """Jacobian (2, 6, nv) and drift (2, 6) with sole ``s``'s own point moved ``by`` (3,) m, world, while it turns (3,) rad/s."""
    jac, drift = jac.copy(), drift.copy()
    x, y, z = by
    for k in range(jac.shape[2]):
        a, b, c = jac[s, 3, k], jac[s, 4, k], jac[s, 5, k]
        jac[s, 0, k] += b * z - c * y
        jac[s, 1, k] += c * x - a * z
        jac[s, 2, k] += a * y - b * x
    a, b, c = drift[s, 3], drift[s, 4], drift[s, 5]
    # the point's own turn: angular drift cross r, and turn cross (turn cross r)
    p, q, r = turning
    u, v, w = q * z - r * y, r * x - p * z, p * y - q * x
    drift[s, 0] += b * z - c * y + q * w - r * v
    drift[s, 1] += c * x - a * z + r * u - p * w
    drift[s, 2] += a * y - b * x + p * v - q * u
    return jac, drift


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def assemble(
    M: Array,
    bias: Array,
    base: int,
    driven: Index,
    rest: Index,
    rest_qdd: Array,
    jac: Array,
    rot: Array,
    sole: Array,
    contact: tuple[bool, bool],
    on_toes: tuple[bool, bool],
    point_jac: Array,
    point_drift: Array,
    com: Array,
    turn: Array,
    base_rotation: Array,
    waist: Array,
    mass: float,
    w: Array,
    q: Array,
    qd: Array,
    low: Array,
    high: Array,
    index: Index,
    mu: float,
    yaw_share: float,
    half: Array,
    load_limit: tuple[float, float],
    H: Array,
    f: Array,
    A: Array,
    lower: Array,
    upper: Array,
    T: Array,
) -> Array:
    """Fill the programme in place by the four functions above; returns the base's ``t`` (6,).

    ``q``, ``qd``, ``low``, ``high`` are (n,) of all joints, ``index`` those of them that are driven. ``jac`` is of the soles'
    middles, where wrenches act, ``point_jac`` and ``point_drift`` of the points whose accelerations ``sole`` gives.
    """
    n = H.shape[0]
    t: Array = base_from_unknowns(M, bias, base, driven, rest, rest_qdd, jac, rot, contact, T)
    rows = np.empty((TASK_ROWS, n))
    wanted = np.empty(TASK_ROWS)
    weight = np.empty(TASK_ROWS)
    task_rows(
        base,
        driven,
        point_jac,
        rot,
        point_drift,
        sole,
        contact,
        on_toes,
        com,
        turn,
        base_rotation,
        mass,
        w,
        T,
        t,
        rows,
        wanted,
        weight,
    )
    cost(rows, wanted, weight, waist, driven.shape[0], w, H, f)
    limits(q, qd, low, high, index, contact, mu, yaw_share, half, load_limit, A, lower, upper)
    return t


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def unpack(
    y: Array,
    T: Array,
    t: Array,
    M: Array,
    bias: Array,
    base: int,
    driven: Index,
    rest: Index,
    rest_qdd: Array,
    jac: Array,
    rot: Array,
    contact: tuple[bool, bool],
    dofs: Index,
    damping: Array,
    qd: Array,
) -> tuple[Array, Array, Array, Array]:
    """Joint torques (n,), joint accelerations (n,), world wrenches (2, 6) and base acceleration (6,) of a solution ``y``.

    ``dofs``, ``damping``, ``qd``: of all joints.
    """
    nv, nd = M.shape[0], driven.shape[0]
    qdd = np.zeros(nv)
    for r in range(6):
        v = t[r]
        for k in range(y.shape[0]):
            v += T[r, k] * y[k]
        qdd[base + r] = v
    for k in range(nd):
        qdd[driven[k]] = y[k]
    for k in range(rest.shape[0]):
        qdd[rest[k]] = rest_qdd[k]
    wrench = np.zeros((2, 6))
    col = nd
    for s in range(2):
        if not contact[s]:
            continue
        for i in range(3):
            for k in range(3):
                wrench[s, i] += rot[s, i, k] * y[col + k]
                wrench[s, 3 + i] += rot[s, i, k] * y[col + 3 + k]
        col += 6
    torque = np.empty(dofs.shape[0])
    acceleration = np.empty(dofs.shape[0])
    for i in range(dofs.shape[0]):
        row = dofs[i]
        v = bias[row] + damping[i] * qd[i]
        for k in range(nv):
            v += M[row, k] * qdd[k]
        for s in range(2):
            if contact[s]:
                for k in range(6):
                    v -= jac[s, k, row] * wrench[s, k]
        torque[i] = v
        acceleration[i] = qdd[row]
    return torque, acceleration, wrench, qdd[base : base + 6].copy()
