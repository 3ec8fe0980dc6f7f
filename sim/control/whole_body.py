"""Inverse dynamics of the whole body as one quadratic programme a tick.

Unknowns: accelerations of base (6), legs and waist, and a 6-d wrench at every sole that carries load, in the sole's
frame. Arms, neck and fingers are prescribed accelerations. The six rows of the base are equalities; tasks are weighted
least squares; friction, centre of pressure and joint limits are inequalities. The centre of mass follows from the sum
of forces, so its task needs no Jacobian.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import daqp
import numba
import numpy as np
from numpy.typing import NDArray

from sim.control.body import Body
from sim.errors import SimError

Array = NDArray[np.float64]

GRAVITY = 9.81
ROWS_PER_SOLE = 10
UNBOUNDED = 1e30
#: Yaw moment that a sole may use, per vertical load, m. A sole loaded at its edge gives little.
YAW_SHARE = 0.035
#: Ticks in a row that may go on with the last solution.
MOST_FAILURES = 25


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the tasks (squared errors of accelerations, m/s² and rad/s²)."""

    stance: float = 1000.0
    com_xy: float = 50.0
    com_z: float = 100.0
    base: float = 10.0
    # A strong yaw task throws the body upward when the swing leg's yaw torque meets the sole's yaw friction limit.
    base_yaw: float = 10.0 * 0.05**2
    base_yaw_standing: float = 1.0
    swing: float = 30.0
    swing_rotation: float = 30.0 * 0.4**2
    waist: float = 3.0
    acceleration: float = 1e-3
    wrench: float = 1e-5

    def array(self, standing: bool) -> Array:
        """The order that ``_assemble`` reads."""
        yaw = self.base_yaw_standing if standing else self.base_yaw
        return np.array(
            [
                self.stance,
                self.com_xy,
                self.com_z,
                self.base,
                yaw,
                self.swing,
                self.swing_rotation,
                self.waist,
                self.acceleration,
                self.wrench,
            ]
        )


@dataclass(slots=True)
class Tasks:
    """What the body shall do this tick. Accelerations in the world frame unless it says otherwise.

    Args:
        contact: (left, right) soles that carry load.
        com: (3,) acceleration of the centre of mass, m/s².
        base: (3,) angular acceleration of the base, world, rad/s².
        sole: (2, 6) acceleration of each sole, linear and angular: near zero in stance, a trajectory in swing.
        waist: (k,) waist joint accelerations.
        joints: (n,) prescribed accelerations of all joints; only arms, head and grippers are read.
    """

    contact: tuple[bool, bool]
    com: Array
    base: Array
    sole: Array
    waist: Array
    joints: Array


@dataclass(slots=True)
class Solution:
    """Joint torques (n,) N·m, accelerations (n,) of every joint, and the sole wrenches (2, 6) in the world frame.

    ``base``: acceleration (6,) of the base, linear in the world and angular in its own frame.
    """

    torque: Array
    acceleration: Array
    wrench: Array
    iterations: int = 0
    base: Array = field(default_factory=lambda: np.zeros(6))


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _assemble(
    M: Array,
    h: Array,
    opt: Array,
    jac: Array,
    rot: Array,
    target: Array,
    contact: Array,
    com: Array,
    base: Array,
    waist: Array,
    mass: float,
    mu: float,
    yaw_share: float,
    half: Array,
    w: Array,
    load_limit: Array,
    qdd_lower: Array,
    qdd_upper: Array,
    H: Array,
    f: Array,
    A: Array,
    lower: Array,
    upper: Array,
) -> None:
    """Fill the programme in place. ``opt``: dofs of the unknown accelerations; ``target``: (2, 6) J qdd wanted."""
    na = opt.shape[0]
    n = H.shape[0]
    nw = waist.shape[0]
    H[:, :] = 0.0
    f[:] = 0.0
    A[:, :] = 0.0
    for i in range(na):
        H[i, i] = w[8]
        lower[i] = qdd_lower[i]
        upper[i] = qdd_upper[i]
    for i in range(na, n):
        H[i, i] = w[9]
        lower[i] = -1e30
        upper[i] = 1e30
    # soles
    for s in range(2):
        for r in range(6):
            weight = w[0] if contact[s] else (w[5] if r < 3 else w[6])
            b = target[s, r]
            for i in range(na):
                ji = jac[s, r, opt[i]]
                if ji == 0.0:
                    continue
                f[i] -= weight * ji * b
                for k in range(i, na):
                    H[i, k] += weight * ji * jac[s, r, opt[k]]
    # base orientation, in the base frame
    for r in range(3):
        weight = w[4] if r == 2 else w[3]
        H[3 + r, 3 + r] += weight
        f[3 + r] -= weight * base[r]
    for i in range(nw):
        k = na - nw + i
        H[k, k] += w[7]
        f[k] -= w[7] * waist[i]
    # centre of mass: sum of forces = mass (acceleration - gravity)
    col = na
    for s in range(2):
        if not contact[s]:
            continue
        col2 = na
        for t in range(2):
            if not contact[t]:
                continue
            for r in range(3):
                weight = (w[2] if r == 2 else w[1]) / (mass * mass)
                for i in range(3):
                    for k in range(3):
                        if col2 + k >= col + i:
                            H[col + i, col2 + k] += weight * rot[s, r, i] * rot[t, r, k]
            col2 += 6
        for r in range(3):
            weight = (w[2] if r == 2 else w[1]) / mass
            b = com[r] + (9.81 if r == 2 else 0.0)
            for i in range(3):
                f[col + i] -= weight * rot[s, r, i] * b
        col += 6
    for i in range(n):
        for k in range(i):
            H[i, k] = H[k, i]
    # base rows
    for r in range(6):
        row = opt[r]
        for i in range(na):
            A[r, i] = M[row, opt[i]]
        col = na
        for s in range(2):
            if not contact[s]:
                continue
            for i in range(3):
                force = 0.0
                moment = 0.0
                for k in range(3):
                    force += jac[s, k, row] * rot[s, k, i]
                    moment += jac[s, 3 + k, row] * rot[s, k, i]
                A[r, col + i] = -force
                A[r, col + 3 + i] = -moment
            col += 6
        lower[n + r] = -h[row]
        upper[n + r] = -h[row]
    # friction pyramid, centre of pressure, yaw moment
    col = na
    row = 6
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
            A[row, col + 2] = -half[s, 0]
            row += 1
            A[row, col + 3] = sign
            A[row, col + 2] = -half[s, 1]
            row += 1
            A[row, col + 5] = sign
            A[row, col + 2] = -yaw_share
            row += 1
        col += 6
    for i in range(6, row):
        lower[n + i] = -1e30
        upper[n + i] = 0.0


@dataclass(slots=True)
class _Problem:
    H: Array
    f: Array
    A: Array
    lower: Array
    upper: Array
    sense: NDArray[np.int32]


@dataclass(slots=True)
class WholeBody:
    """Turns tasks into joint torques.

    Args:
        body: The controller's picture of the robot.
        friction: Floor friction that may be used; must not exceed the real one.
        margin: Share of the sole that the centre of pressure may use.
    """

    body: Body
    friction: float
    margin: float = 0.85
    weights: Weights = field(default_factory=Weights)
    failures: int = 0
    _problems: dict[int, _Problem] = field(default_factory=dict)
    _last: Solution | None = None

    def solve(self, tasks: Tasks, load_limit: tuple[float, float] = (UNBOUNDED, UNBOUNDED)) -> Solution:
        """Solve one tick; after 25 failures in a row SimError ``control.no_solution``."""
        body = self.body
        contact = np.array(tasks.contact)
        count = int(contact.sum())
        free = body.free_dofs
        na = len(free)
        n = na + 6 * count
        p = self._problem(na, n, count)
        qdd = np.zeros(body.model.nv)
        qdd[body.dofs[body.prescribed]] = tasks.joints[body.prescribed]
        h = body.M @ qdd + body.bias
        lower, upper = self._joint_bounds()
        standing = count == 2
        _assemble(
            body.M,
            h,
            free,
            body.sole_jacobian,
            body.sole_rotation,
            tasks.sole - body.sole_drift,
            contact,
            tasks.com,
            body.base_rotation.T @ tasks.base,
            tasks.waist,
            body.mass,
            self.friction / np.sqrt(2.0),
            YAW_SHARE,
            body.sole_half * self.margin,
            self.weights.array(standing),
            np.array(load_limit),
            lower,
            upper,
            p.H,
            p.f,
            p.A,
            p.lower,
            p.upper,
        )
        x, _, flag, info = daqp.solve(p.H, p.f, p.A, p.upper, p.lower, p.sense)
        if flag <= 0:
            self.failures += 1
            if self.failures >= MOST_FAILURES or self._last is None:
                raise SimError("control.no_solution", flag=int(flag))
            return self._last
        self.failures = 0
        x = np.asarray(x)
        qdd[free] = x[:na]
        wrench = np.zeros((2, 6))
        generalized = body.M @ qdd + body.bias
        col = na
        for s in range(2):
            if contact[s]:
                wrench[s, :3] = body.sole_rotation[s] @ x[col : col + 3]
                wrench[s, 3:] = body.sole_rotation[s] @ x[col + 3 : col + 6]
                generalized -= body.sole_jacobian[s].T @ wrench[s]
                col += 6
        torque = generalized[body.dofs] + body.joint_damping * body.qd
        self._last = Solution(torque, qdd[body.dofs], wrench, int(info["iterations"]), x[:6].copy())
        return self._last

    def _joint_bounds(self) -> tuple[Array, Array]:
        """Accelerations (na,) that keep legs and waist inside their ranges."""
        body = self.body
        na = len(body.free_dofs)
        lower = np.full(na, -UNBOUNDED)
        upper = np.full(na, UNBOUNDED)
        q, qd = body.q[body.driven], body.qd[body.driven]
        stiff, damp, margin = 2500.0, 100.0, 0.02
        low = np.maximum(stiff * (body.lower[body.driven] + margin - q) - damp * qd, -1000.0)
        high = np.minimum(stiff * (body.upper[body.driven] - margin - q) - damp * qd, 1000.0)
        crossed = low > high
        low[crossed] = high[crossed] = 0.5 * (low[crossed] + high[crossed])
        lower[6:] = np.minimum(low, 900.0)
        upper[6:] = np.maximum(high, -900.0)
        return lower, upper

    def _problem(self, na: int, n: int, count: int) -> _Problem:
        if count not in self._problems:
            rows = 6 + ROWS_PER_SOLE * count
            sense = np.zeros(n + rows, dtype=np.int32)
            sense[n : n + 6] = 5
            self._problems[count] = _Problem(
                np.zeros((n, n)), np.zeros(n), np.zeros((rows, n)), np.zeros(n + rows), np.zeros(n + rows), sense
            )
        return self._problems[count]
