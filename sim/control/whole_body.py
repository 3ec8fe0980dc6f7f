"""Inverse dynamics of the whole body as one quadratic programme a tick.

Unknowns: accelerations of legs and waist (driven joints), and a 6-d wrench at every sole that carries load, in the
sole's frame. Arms, neck and fingers are prescribed accelerations. The six rows of the base, on which no motor acts, give
the base's acceleration as an affine function of the unknowns, so they need no equality constraints; tasks are weighted
least squares; friction, centre of pressure and joint limits are inequalities. The centre of mass follows from the sum
of forces, so its task needs no Jacobian.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import daqp
import numpy as np
from numpy.typing import NDArray

from sim.control.body import Body
from sim.control.programme import UNBOUNDED, assemble, moved, unpack
from sim.errors import SimError

Array = NDArray[np.float64]
Index = NDArray[np.intp]

GRAVITY = 9.81
ROWS_PER_SOLE = 10
#: Yaw moment that a sole may use, per vertical load and half width of the sole. A sole loaded at its edge gives little, one loaded
#: at a corner nothing: a narrow sole that is asked for more turns on the spot.
YAW_SHARE = 0.4
#: Where a sole on its toes presses, of its half length from the middle.
TOE_FRONT, TOE_BACK = 1.0, 0.95
#: Where the weight of the base's roll and pitch is in :meth:`Weights.array`.
BASE_WEIGHT = 3
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
        """The order that the kernels read."""
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
        sole: (2, 6) acceleration of each sole, linear and angular: near zero in stance, a trajectory in swing; of one on its toes
            that of its front edge.
        waist: (k,) waist joint accelerations.
        joints: (n,) prescribed accelerations of all joints; only arms, head and grippers are read.
        on_toes: soles whose heel lifts: they press with their front edge alone.
        upright: share of its weight that the turn of the base has: little while turning the trunk helps the balance.
        margin: share of the sole that the centre of pressure may use; None for the usual one.
    """

    contact: tuple[bool, bool]
    com: Array
    base: Array
    sole: Array
    waist: Array
    joints: Array
    on_toes: tuple[bool, bool] = (False, False)
    upright: float = 1.0
    margin: float | None = None


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


@dataclass(slots=True)
class _Problem:
    H: Array
    f: Array
    A: Array
    lower: Array
    upper: Array
    T: Array


class WholeBody:
    """Turns tasks into joint torques.

    Args:
        body: The controller's picture of the robot.
        friction: Floor friction that may be used; must not exceed the real one.
        margin: Share of the sole that the centre of pressure may use.
    """

    def __init__(self, body: Body, friction: float, margin: float = 0.7, weights: Weights | None = None) -> None:
        self.body = body
        self.friction = friction
        self.margin = margin
        self.weights = weights or Weights()
        self._yaw_lever = YAW_SHARE * float(body.sole_half[:, 1].min())
        self.failures = 0
        self._problems: dict[int, _Problem] = {}
        self._last: Solution | None = None
        self._weighed: tuple[Weights, Array, Array] | None = None
        self._rest_dofs = body.dofs[body.prescribed]
        self._driven_dofs = body.dofs[body.driven]
        half = body.sole_half
        self._flat = np.column_stack((half, half[:, 0])) * margin

    def solve(self, tasks: Tasks, load_limit: tuple[float, float] = (UNBOUNDED, UNBOUNDED)) -> Solution:
        """Solve one tick; after 25 failures in a row SimError ``control.no_solution``."""
        body = self.body
        contact = tasks.contact
        p = self._problem(sum(tasks.contact))
        rest_qdd = tasks.joints[body.prescribed]
        jac, drift = body.sole_jacobian, body.sole_drift
        for side in range(2):
            if tasks.on_toes[side]:
                to_toe = body.sole_rotation[side, :, 0] * body.sole_half[side, 0]
                jac, drift = moved(jac, drift, side, to_toe, body.sole_velocity[side, 3:])
        t = assemble(
            body.M,
            body.bias,
            body.base_v,
            self._driven_dofs,
            self._rest_dofs,
            rest_qdd,
            body.sole_jacobian,
            body.sole_rotation,
            tasks.sole,
            contact,
            tasks.on_toes,
            jac,
            drift,
            tasks.com,
            tasks.base,
            body.base_rotation,
            tasks.waist,
            body.mass,
            self._weights(all(tasks.contact), tasks.upright),
            body.q,
            body.qd,
            body.lower,
            body.upper,
            body.driven,
            self.friction / math.sqrt(2.0),
            self._yaw_lever,
            self._reach(tasks.on_toes, tasks.margin),
            load_limit,
            p.H,
            p.f,
            p.A,
            p.lower,
            p.upper,
            p.T,
        )
        y, _, flag, info = daqp.solve(p.H, p.f, p.A, p.upper, p.lower)
        if flag <= 0:
            self.failures += 1
            if self.failures >= MOST_FAILURES or self._last is None:
                raise SimError("control.no_solution", flag=int(flag))
            return self._last
        self.failures = 0
        torque, acceleration, wrench, base = unpack(
            y,
            p.T,
            t,
            body.M,
            body.bias,
            body.base_v,
            self._driven_dofs,
            self._rest_dofs,
            rest_qdd,
            body.sole_jacobian,
            body.sole_rotation,
            contact,
            body.dofs,
            body.joint_damping,
            body.qd,
        )
        self._last = Solution(torque, acceleration, wrench, int(info["iterations"]), base)
        return self._last

    def _reach(self, on_toes: tuple[bool, bool], margin: float | None) -> Array:
        """How far (2, 3) the centre of pressure may be from the middle of each sole: ahead, aside, back, m."""
        flat = self._flat if margin is None else self._flat * (margin / self.margin)
        if not any(on_toes):
            return flat
        half, out = self.body.sole_half, flat.copy()
        for side in range(2):
            if on_toes[side]:
                out[side, 0], out[side, 2] = half[side, 0] * TOE_FRONT, -half[side, 0] * TOE_BACK
        return out

    def _weights(self, standing: bool, upright: float) -> Array:
        if self._weighed is None or self._weighed[0] is not self.weights:
            self._weighed = (self.weights, self.weights.array(False), self.weights.array(True))
        weights = self._weighed[2] if standing else self._weighed[1]
        if upright < 1.0:
            weights = weights.copy()
            weights[BASE_WEIGHT] *= upright
        return weights

    def _problem(self, count: int) -> _Problem:
        """Workspace for ``count`` loaded soles."""
        if count not in self._problems:
            n = len(self._driven_dofs) + 6 * count
            rows = ROWS_PER_SOLE * count
            self._problems[count] = _Problem(
                np.zeros((n, n)), np.zeros(n), np.zeros((rows, n)), np.zeros(n + rows), np.zeros(n + rows), np.zeros((6, n))
            )
        return self._problems[count]
