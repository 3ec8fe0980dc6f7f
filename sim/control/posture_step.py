"""One round of the search for a posture, compiled: weighted rows of all wishes as normal equations, and their bounded solution.

The unknowns (c,) are the base's six velocities, then the moving joints. A row says ``weight * jacobian @ step = weight * error``;
rows are added to ``lhs`` (c, c), of which only the upper triangle is kept, and ``rhs`` (c,) as they come.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from sim.rotations import cross, wrapped

Array = NDArray[np.float64]
Index = NDArray[np.intp]

#: Largest step of one round: m or rad; damping of the least squares.
STRIDE, DAMPING = 0.15, 1e-4
#: The elbow keeps this far outside of the palm, m.
ELBOW_OUT = 0.11
#: The pelvis leans at most so far ahead and back, rad: more is left to the waist.
MOST_LEAN, LEAST_LEAN = 0.50, -0.12
#: Weights of a base that shall keep its height, its lean, and of a lean beyond its bounds.
FIRM_HEIGHT, FIRM_TRUNK, LEAN_BOUND = 10.0, 3.0, 10.0


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def add_row(lhs: Array, rhs: Array, row: Array, weight: float, error: float) -> None:
    """Take one row (c,) into the normal equations."""
    c = row.shape[0]
    w = weight * weight
    for i in range(c):
        a = w * row[i]
        if a != 0.0:
            rhs[i] += a * error
            for k in range(i, c):
                lhs[i, k] += a * row[k]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def point_jacobian(jac: Array, point: Array, com: Array, cdof: Array, dofs: Index, column_of: Index) -> None:
    """How a point (3,) and its body move with the unknowns, into the zeros ``jac`` (6, c), linear and angular.

    Args:
        com: (3,) what ``cdof`` (nv, 6: turn, then line) is about. dofs: (k,) that move the body. column_of: (nv,) -1 if fixed.
    """
    x, y, z = point[0] - com[0], point[1] - com[1], point[2] - com[2]
    for n in range(dofs.shape[0]):
        k = dofs[n]
        i = column_of[k]
        if i < 0:
            continue
        a, b, c = cdof[k, 0], cdof[k, 1], cdof[k, 2]
        jac[0, i] = cdof[k, 3] + b * z - c * y
        jac[1, i] = cdof[k, 4] + c * x - a * z
        jac[2, i] = cdof[k, 5] + a * y - b * x
        jac[3, i], jac[4, i], jac[5, i] = a, b, c


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def rotation_of(flat: Array) -> Array:
    """A row (9,) as matrix (3, 3)."""
    out = np.empty((3, 3))
    for i in range(3):
        for k in range(3):
            out[i, k] = flat[3 * i + k]
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def add_soles(
    lhs: Array,
    rhs: Array,
    weight: float,
    position: Array,
    yaw: Array,
    at: Array,
    turned: Array,
    com: Array,
    cdof: Array,
    chains: Index,
    lengths: Index,
    column_of: Index,
) -> None:
    """Soles to their places: ``position`` (2, 3), ``yaw`` (2,) wanted, ``at`` (2, 3), ``turned`` (2, 9) as they are."""
    error = np.empty(6)
    for i in range(2):
        jac = np.zeros((6, rhs.shape[0]))
        point_jacobian(jac, at[i], com, cdof, chains[i, : lengths[i]], column_of)
        r = rotation_of(turned[i])
        error[:3] = position[i] - at[i]
        error[3], error[4], error[5] = r[1, 2], -r[0, 2], wrapped(yaw[i] - np.arctan2(r[1, 0], r[0, 0]))
        for k in range(6):
            add_row(lhs, rhs, jac[k], weight, error[k])


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def add_palm(
    lhs: Array,
    rhs: Array,
    weights: tuple[float, float, float, float],
    goal: Array,
    at: Array,
    turned: Array,
    elbow: Array,
    elbow_dofs: Index,
    outward: Array,
    com: Array,
    cdof: Array,
    dofs: Index,
    column_of: Index,
    jac: Array,
) -> float:
    """A palm to its goal, and the elbow outside of it; the palm's distance from the goal, m.

    Args:
        weights: of the palm's position, normal and fingers, and of the elbow.
        goal: (3, 3) position, outward normal, fingers. at, turned: (3,), (9,) of the palm. elbow: (3,).
        elbow_dofs: that move the elbow. outward: (3,) to the side of the arm, unit.
        jac: (6, c) of the palm, out.
    """
    jac[:] = 0.0
    point_jacobian(jac, at, com, cdof, dofs, column_of)
    r = rotation_of(turned)
    fingers, normal = r[:, 0].copy(), r[:, 2].copy()
    off = 0.0
    for k in range(3):
        add_row(lhs, rhs, jac[k], weights[0], goal[0, k] - at[k])
        off += (goal[0, k] - at[k]) ** 2
    turn = cross(normal, goal[1])
    if (normal * goal[1]).sum() < 0.0:
        turn += fingers
    along = (goal[1] * turn).sum()
    for k in range(3):
        add_row(lhs, rhs, jac[3 + k], weights[1], turn[k] - goal[1, k] * along)
    spin = cross(fingers, goal[2])
    row = goal[1, 0] * jac[3] + goal[1, 1] * jac[4] + goal[1, 2] * jac[5]
    add_row(lhs, rhs, row, weights[2], (goal[1] * spin).sum())
    lag = (outward * (at - elbow)).sum() + ELBOW_OUT
    bend = np.zeros_like(jac)
    point_jacobian(bend, elbow, com, cdof, elbow_dofs, column_of)
    row = np.zeros_like(row)
    for k in range(3):
        row += outward[k] * (bend[k] - jac[k])
    add_row(lhs, rhs, row, weights[3], min(max(lag, -0.1), 0.1))
    distance: float = np.sqrt(off)
    return distance


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def com_jacobian(subtree_com: Array, base: int, cdof: Array, dof_body: Index, mass: Array, column_of: Index, c: int) -> Array:
    """How the centre of mass moves with the unknowns, (3, c): each dof moves the part of the body that it carries.

    Args:
        subtree_com, mass: (nbody, 3) and (nbody,) of the body with all that hangs on it. base: the root. dof_body: (nv,).
    """
    jac = np.zeros((3, c))
    com = subtree_com[base]
    for k in range(cdof.shape[0]):
        i = column_of[k]
        if i < 0:
            continue
        body = dof_body[k]
        share = mass[body] / mass[base]
        x, y, z = subtree_com[body, 0] - com[0], subtree_com[body, 1] - com[1], subtree_com[body, 2] - com[2]
        a, b, g = cdof[k, 0], cdof[k, 1], cdof[k, 2]
        jac[0, i] = share * (cdof[k, 3] + b * z - g * y)
        jac[1, i] = share * (cdof[k, 4] + g * x - a * z)
        jac[2, i] = share * (cdof[k, 5] + a * y - b * x)
    return jac


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def add_base(
    lhs: Array,
    rhs: Array,
    weights: tuple[float, float, float],
    upright: bool,
    height: float,
    heading: float,
    floor: float,
    at: Array,
    turned: Array,
    com: Array,
    cdof: Array,
    dofs: Index,
    column_of: Index,
) -> float:
    """The base high enough, turned about its heading not at all, leaning about its left softly and within bounds; its lean, rad.

    Args:
        weights: of height, turn and lean. height: wanted over ``floor``, m. at, turned: (3,), (9,) of the base.
    """
    jac = np.zeros((6, rhs.shape[0]))
    point_jacobian(jac, at, com, cdof, dofs, column_of)
    add_row(lhs, rhs, jac[2], FIRM_HEIGHT if upright else weights[0], height - (at[2] - floor))
    r = rotation_of(turned)
    c, s = np.cos(heading), np.sin(heading)
    zx, zy, zz = r[0, 2], r[1, 2], r[2, 2]
    lean: float = np.arctan2(zx * c + zy * s, zz)
    roll = np.arctan2(-(-zx * s + zy * c), zz)
    yaw = wrapped(heading - np.arctan2(r[1, 0], r[0, 0]))
    add_row(lhs, rhs, c * jac[3] + s * jac[4], weights[1], -roll)
    add_row(lhs, rhs, jac[5], weights[1], yaw)
    left = c * jac[4] - s * jac[3]
    add_row(lhs, rhs, left, FIRM_TRUNK if upright else weights[2], -lean)
    over = lean - min(max(lean, LEAST_LEAN), MOST_LEAN)
    if over != 0.0:
        add_row(lhs, rhs, left, LEAN_BOUND, -over)
    return lean


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def factored(lhs: Array, free: NDArray[np.bool_], rhs: Array) -> Array:
    """Solve the free rows and columns of symmetric ``lhs`` (upper triangle) for ``rhs``; zero elsewhere (Cholesky)."""
    index = np.flatnonzero(free)
    n = index.shape[0]
    low = np.empty((n, n))
    x = np.empty(n)
    for i in range(n):
        for k in range(i + 1):
            v = lhs[index[k], index[i]]
            for j in range(k):
                v -= low[i, j] * low[k, j]
            low[i, k] = np.sqrt(v) if i == k else v / low[k, k]
    for i in range(n):
        v = rhs[index[i]]
        for j in range(i):
            v -= low[i, j] * x[j]
        x[i] = v / low[i, i]
    for i in range(n - 1, -1, -1):
        v = x[i]
        for j in range(i + 1, n):
            v -= low[j, i] * x[j]
        x[i] = v / low[i, i]
    out = np.zeros(rhs.shape[0])
    for i in range(n):
        out[index[i]] = x[i]
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def bounded_step(lhs: Array, rhs: Array, q: Array, low: Array, high: Array) -> Array:
    """Damped least squares step (c,); joints (c - 6,) at ``q`` that it would carry over their limits go to them, the others again."""
    n = rhs.shape[0]
    for i in range(n):
        lhs[i, i] += DAMPING
    free = np.ones(n, dtype=np.bool_)
    fixed_at = np.zeros(n)
    step = factored(lhs, free, rhs)
    for _ in range(3):
        changed = False
        for i in range(6, n):
            new = q[i - 6] + step[i]
            if free[i] and (new < low[i - 6] or new > high[i - 6]):
                free[i], changed = False, True
                fixed_at[i] = min(max(new, low[i - 6]), high[i - 6]) - q[i - 6]
        if not changed:
            break
        rest = rhs.copy()
        for i in range(n):
            for k in range(6, n):
                if not free[k]:
                    rest[i] -= (lhs[i, k] if i <= k else lhs[k, i]) * fixed_at[k]
        step = factored(lhs, free, rest) + fixed_at
    peak = np.abs(step).max()
    bounded: Array = step * min(1.0, STRIDE / max(peak, 1e-9))
    return bounded


class Frame(NamedTuple):
    """What stays the same from round to round.

    Args:
        column_of: (nv,) unknown of each dof, -1 if it stands still. dof_body: (nv,) body that each dof moves.
        sites: (2 + h,) soles, then palms. elbows: (h,) joint ids. chains, lengths: (2 + 2 h + 1, k), (2 + 2 h + 1,) dofs that
            move soles, palms, elbows and base. sides: (h,) 1 for a left arm, -1 for a right one.
        moving: (c - 6,) joints among the unknowns, their positions ``qadr``, and ``low`` and ``high`` of their ranges.
        waist, arms: unknowns of the waist's and of the arms' joints. base: body id of the base.
    """

    column_of: Index
    dof_body: Index
    sites: Index
    elbows: Index
    chains: Index
    lengths: Index
    sides: Array
    qadr: Index
    low: Array
    high: Array
    waist: Index
    arms: Index
    base: int


class Wishes(NamedTuple):
    """What a posture is asked for.

    Args:
        feet, yaw: (2, 3), (2,) of the soles. heading: between them, rad. hands: (k,) arms with a goal.
        goals: (k, 3, 3) position, normal, fingers. height: of the base, m. home, liked: (c - 6,) of the moving joints.
        load: share of the palms' load in all that is carried. upright: height, lean and waist are firm.
        soles, palm, balance, base, waist, arms: weights; of a palm's position, normal, fingers and elbow, of the base's height,
            turn and lean.
    """

    feet: Array
    yaw: Array
    heading: float
    hands: Index
    goals: Array
    height: float
    home: Array
    liked: Array
    load: float
    upright: bool
    soles: float
    palm: tuple[float, float, float, float]
    balance: float
    base: tuple[float, float, float]
    waist: float
    arms: float


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def improve(
    frame: Frame,
    wish: Wishes,
    mass: Array,
    qpos: Array,
    cdof: Array,
    subtree_com: Array,
    xpos: Array,
    xmat: Array,
    anchors: Array,
    site_xpos: Array,
    site_xmat: Array,
) -> tuple[Array, Array, Array, float, float]:
    """One round from the kinematics of a model's data.

    Args:
        mass: (nbody,) of subtrees.

    Returns:
        The step (c,); palms' distances (k,) m, missing balance (2,) m, lean rad and height of the centre of mass over the soles, m,
        all before it.
    """
    n = 6 + frame.qadr.shape[0]
    lhs, rhs = np.zeros((n, n)), np.zeros(n)
    com, trunk = subtree_com[frame.base], rotation_of(xmat[frame.base])
    at, turned = np.empty((2, 3)), np.empty((2, 9))
    for i in range(2):
        at[i], turned[i] = site_xpos[frame.sites[i]], site_xmat[frame.sites[i]]
    add_soles(lhs, rhs, wish.soles, wish.feet, wish.yaw, at, turned, com, cdof, frame.chains, frame.lengths, frame.column_of)
    count, hands = wish.hands.shape[0], frame.sides.shape[0]
    off, jac = np.zeros(count), np.zeros((6, n))
    carried, carried_jac = np.zeros(3), np.zeros((3, n))
    for k in range(count):
        arm = wish.hands[k]
        site, elbow = frame.sites[2 + arm], 2 + hands + arm
        off[k] = add_palm(
            lhs,
            rhs,
            wish.palm,
            wish.goals[k],
            site_xpos[site],
            site_xmat[site],
            anchors[frame.elbows[arm]],
            frame.chains[elbow, : frame.lengths[elbow]],
            frame.sides[arm] * trunk[:, 1],
            com,
            cdof,
            frame.chains[2 + arm, : frame.lengths[2 + arm]],
            frame.column_of,
            jac,
        )
        carried += site_xpos[site] / count
        carried_jac += jac[:3] / count
    centre, centre_jac = com.copy(), com_jacobian(subtree_com, frame.base, cdof, frame.dof_body, mass, frame.column_of, n)
    if wish.load > 0.0 and count > 0:
        centre = (1.0 - wish.load) * centre + wish.load * carried
        centre_jac = (1.0 - wish.load) * centre_jac + wish.load * carried_jac
    balance = np.empty(2)
    for i in range(2):
        balance[i] = 0.5 * (wish.feet[0, i] + wish.feet[1, i]) - centre[i]
        add_row(lhs, rhs, centre_jac[i], wish.balance, balance[i])
    floor = 0.5 * (wish.feet[0, 2] + wish.feet[1, 2])
    last = frame.lengths.shape[0] - 1
    lean = add_base(
        lhs,
        rhs,
        wish.base,
        wish.upright,
        wish.height,
        wish.heading,
        floor,
        xpos[frame.base],
        xmat[frame.base],
        com,
        cdof,
        frame.chains[last, : frame.lengths[last]],
        frame.column_of,
    )
    q = qpos[frame.qadr]
    weight = (FIRM_TRUNK if wish.upright else wish.waist) ** 2
    for i in frame.waist:
        lhs[i, i] += weight
        rhs[i] += weight * (wish.home[i - 6] - q[i - 6])
    weight = wish.arms**2
    for i in frame.arms:
        lhs[i, i] += weight
        rhs[i] += weight * (wish.liked[i - 6] - q[i - 6])
    return bounded_step(lhs, rhs, q, frame.low, frame.high), off, balance, lean, centre[2] - floor
