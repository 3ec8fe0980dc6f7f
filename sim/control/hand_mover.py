"""Moving one palm to full poses along smooth ways while the feet stand, and trimming what friction and weight leave as error."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.control.arms import RANGE_RESERVE, PalmGoal
from sim.control.hand_kinematics import hand_rate
from sim.control.loop import BodyLoop
from sim.control.palm_kinematics import follow
from sim.control.palms import PEAK_OF_MEAN, Tick, unit

Array = NDArray[np.float64]

#: How fast the reference follows the goal, 1/s.
RATE = 20.0
#: How fast measured errors are taken out, 1/s, and how far, m.
TRIM_RATE, TRIM_MOST = 1.5, 0.05


class HandMover:
    """The goal of one palm and how it moves.

    ``trim``: (3, 3) projector of the directions in which the measured palm is brought to the goal; elsewhere the arm yields.
    """

    def __init__(self, loop: BodyLoop, arm: int) -> None:
        self.loop, self.arm = loop, arm
        self.index = loop.body.arms[arm]
        self._columns = loop.body.dofs[self.index]
        self.trim = np.zeros((3, 3))
        self.offset = np.zeros(3)
        position, rotation = loop.arms.palm_pose(arm)
        self.goal = PalmGoal(position, rotation[:, 2].copy(), rotation[:, 0].copy())

    def track(self) -> tuple[float, float]:
        """One tick towards the goal; distance (m) and angle (rad) of the reference from it."""
        loop = self.loop
        loop.hands_busy = True
        if self.trim.any():
            missing = self.trim @ (self.goal.position - loop.body.hand_position[self.arm])
            self.offset += TRIM_RATE * loop.dt * missing
            size = float(np.linalg.norm(self.offset))
            if size > TRIM_MOST:
                self.offset *= TRIM_MOST / size
        loop.arms.refresh_picture()
        distance, angle, dq = self._rate(self.goal.position + self.offset, RATE)
        a, b = loop.arms, loop.body
        follow(a.q, a.qd, a.qdd, self.index, dq, a.speed_limit, b.lower, b.upper, RANGE_RESERVE, loop.dt)
        return distance, angle

    def _rate(self, position: Array, rate: float) -> tuple[float, float, Array]:
        body, arms = self.loop.body, self.loop.arms
        d, site, g = arms.picture, body.hands[self.arm], self.goal
        turn = np.column_stack([g.fingers, np.cross(g.normal, g.fingers), g.normal])
        found: tuple[float, float, Array] = hand_rate(
            arms.q,
            self.index,
            self._columns,
            arms.comfort,
            d.cdof,
            d.subtree_com[body.base_body],
            d.site_xpos[site],
            d.site_xmat[site],
            position,
            turn,
            rate,
            *arms.elbow_of(self.arm),
        )
        return found

    def solve(self, goal: PalmGoal, rounds: int = 120) -> tuple[float, float]:
        """How far from ``goal`` the arm stays at best from its present reference: m and rad. Nothing moves."""
        arms, body = self.loop.arms, self.loop.body
        keep, present = arms.q.copy(), self.goal
        self.goal = goal
        distance = angle = np.inf
        for _ in range(rounds):
            arms.refresh_picture()
            distance, angle, dq = self._rate(goal.position, 1.0)
            moved = arms.q[self.index] + 0.5 * dq
            lower, upper = body.lower[self.index] + RANGE_RESERVE, body.upper[self.index] - RANGE_RESERVE
            arms.q[self.index] = np.minimum(np.maximum(moved, lower), upper)
        arms.q[:], self.goal = keep, present
        return distance, angle

    def move(self, target: PalmGoal, speed: float, shortest: float = 0.3) -> Tick:
        """Move to ``target`` with at most ``speed`` m/s at mid-way, then let the reference settle."""
        g = self.goal
        start = PalmGoal(g.position.copy(), g.normal.copy(), g.fingers.copy())
        length = float(np.linalg.norm(target.position - start.position))
        turn = max(1.0 - float(target.fingers @ start.fingers), 1.0 - float(target.normal @ start.normal))
        duration = max(PEAK_OF_MEAN * length / max(speed, 0.02), shortest, 1.2 * min(turn, 1.0))
        ticks = max(int(duration / self.loop.dt), 1)
        for k in range(1, ticks + 1):
            s = k / ticks
            b = s**3 * (10 - 15 * s + 6 * s * s)
            g.position = start.position + b * (target.position - start.position)
            fingers = unit(start.fingers + b * (target.fingers - start.fingers))
            normal = start.normal + b * (target.normal - start.normal)
            g.fingers, g.normal = fingers, unit(normal - (normal @ fingers) * fingers)
            self.track()
            yield
        for _ in range(int(0.4 / self.loop.dt)):
            distance, angle = self.track()
            if distance < 0.003 and angle < 0.02:
                break
            yield

    def wait(self, seconds: float) -> Tick:
        """Keep the goal for a time."""
        for _ in range(int(seconds / self.loop.dt)):
            self.track()
            yield

    def settle(self, error: float = 0.0025, seconds: float = 2.0) -> Tick:
        """Trim in all directions until the measured palm is at the goal, or for ``seconds``."""
        keep, self.trim = self.trim, np.eye(3)
        quiet = 0.0
        for _ in range(int(seconds / self.loop.dt)):
            self.track()
            off = float(np.linalg.norm(self.goal.position - self.loop.body.hand_position[self.arm]))
            quiet = quiet + self.loop.dt if off < error else 0.0
            if quiet > 0.1:
                break
            yield
        self.trim = keep
