"""Moving both palms along straight, smooth ways in the world while the feet stand."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from sim.control.arms import PalmGoal
from sim.control.loop import BodyLoop
from sim.control.posture import Posture
from sim.transforms import Pose2

Array = NDArray[np.float64]

#: A script yields once a tick and returns the reason of its failure, "" on success.
Script = Generator[None, None, str]
Tick = Generator[None, None, None]
UP = np.array([0.0, 0.0, 1.0])
PEAK_OF_MEAN = 1.875
#: Fastest that the trunk sinks and rises, m/s, and that it leans and turns, rad/s; that arms unfold, rad/s.
TRUNK_SPEED, TRUNK_TURN = 0.22, 0.6
ARM_TURN = 1.6


def unit(v: Array) -> Array:
    """The vector scaled to length 1."""
    return v / max(float(np.linalg.norm(v)), 1e-9)


def smooth(s: float) -> tuple[float, float, float]:
    """Minimum jerk from 0 to 1 at the share ``s`` of the time: value, first and second derivative."""
    return s**3 * (10 - 15 * s + 6 * s * s), 30 * s * s * (1 - s) ** 2, 60 * s * (1 - 3 * s + 2 * s * s)


class Palms:
    """Goals of the two palms (arm 0 left, arm 1 right) and how they move."""

    def __init__(self, loop: BodyLoop) -> None:
        self.loop = loop
        self.goals: dict[int, PalmGoal] = {}
        self.refresh()

    def refresh(self) -> None:
        """Take the palms' reference poses as the goals."""
        for arm in range(len(self.loop.body.hands)):
            position, rotation = self.loop.arms.palm_pose(arm)
            self.goals[arm] = PalmGoal(position, rotation[:, 2].copy(), rotation[:, 0].copy())

    def track(self) -> Array:
        """One tick towards the goals; distances (2,) m of the references from them."""
        self.loop.hands_busy = True
        return self.loop.arms.reach(self.goals)

    def pass_by(self, posture: Posture, speed: float = 1.0) -> Tick:
        """Go to a planned posture joint by joint, the trunk with the arms; ``speed``: share of the usual one."""
        loop = self.loop
        arms, body = loop.arms, loop.body
        index = np.concatenate(body.arms)
        start, way = arms.q[index].copy(), posture.q[index] - arms.q[index]
        seconds = max(PEAK_OF_MEAN * float(np.abs(way).max()) / (ARM_TURN * speed), self.trunk_time(posture) / speed, 0.6)
        self.bend(posture, seconds)
        ticks = max(int(seconds / loop.dt), 1)
        for k in range(1, ticks + 1):
            s = k / ticks
            b, v, a = smooth(s)
            loop.hands_busy = True
            arms.along(index, start + b * way, v * way / seconds, a * way / seconds**2)
            yield
        arms.prefer(posture.q)
        self.refresh()

    def trunk_time(self, posture: Posture) -> float:
        """How long the trunk takes to a posture, s."""
        off = np.abs(self._bent(posture) - self.loop.trunk.value)
        return PEAK_OF_MEAN * float(max(off[0] / TRUNK_SPEED, off[1:].max() / TRUNK_TURN))

    def bend(self, posture: Posture, seconds: float) -> None:
        """Let the trunk go to a posture."""
        height, lean, *waist = self._bent(posture)
        self.loop.trunk.go(float(height), float(lean), np.array(waist), seconds)

    def _bent(self, posture: Posture) -> Array:
        """A posture as the trunk's reference has it."""
        waist = posture.q[self.loop.body.waist]
        return np.concatenate([[posture.height - self.loop.gait.com_height, posture.lean], waist])

    def move(self, targets: dict[int, PalmGoal], speed: float, shortest: float = 0.3, posture: Posture | None = None) -> Tick:
        """Move to ``targets`` with at most ``speed`` m/s at mid-way, then let the references settle.

        ``posture``: what the whole body goes to meanwhile.
        """
        start = {arm: PalmGoal(g.position.copy(), g.normal.copy(), g.fingers.copy()) for arm, g in self.goals.items()}
        length = max(float(np.linalg.norm(targets[a].position - start[a].position)) for a in targets)
        turn = max(1.0 - float(targets[a].fingers @ start[a].fingers) for a in targets)
        duration = max(PEAK_OF_MEAN * length / max(speed, 0.02), shortest, 0.9 * min(turn, 1.0))
        if posture is not None:
            duration = max(duration, self.trunk_time(posture))
            self.bend(posture, duration)
            self.loop.arms.prefer(posture.q)
        ticks = max(int(duration / self.loop.dt), 1)
        for k in range(1, ticks + 1):
            b, _, _ = smooth(k / ticks)
            for arm, goal in targets.items():
                g = self.goals[arm]
                g.position = start[arm].position + b * (goal.position - start[arm].position)
                g.normal = unit(start[arm].normal + b * (goal.normal - start[arm].normal))
                g.fingers = unit(start[arm].fingers + b * (goal.fingers - start[arm].fingers))
            self.track()
            yield
        for _ in range(int(0.4 / self.loop.dt)):
            if float(self.track().max()) < 0.003:
                break
            yield

    def wait(self, seconds: float) -> Tick:
        """Keep the goals for a time."""
        for _ in range(int(seconds / self.loop.dt)):
            self.track()
            yield

    def shifted(self, offset: Array) -> dict[int, PalmGoal]:
        """The goals displaced by ``offset`` (3,) m."""
        return {a: PalmGoal(g.position + offset, g.normal.copy(), g.fingers.copy()) for a, g in self.goals.items()}

    def squeeze(self, start: float, end: float, seconds: float) -> Tick:
        """Ramp the force that presses the palms together, N."""
        ticks = max(int(seconds / self.loop.dt), 1)
        for k in range(1, ticks + 1):
            self.loop.squeeze = start + (end - start) * k / ticks
            self.track()
            yield

    def carry(self, start: float, end: float, seconds: float) -> Tick:
        """Ramp the payload in the controller's model, kg."""
        steps = 6
        for k in range(1, steps + 1):
            self.loop.body.set_payload(start + (end - start) * k / steps)
            yield from self.wait(seconds / steps)

    def lag(self) -> float:
        """How much higher the palms are than their references, m."""
        loop = self.loop
        references = [loop.arms.palm_pose(arm)[0][2] for arm in self.goals]
        return float(np.mean(loop.body.hand_position[list(self.goals), 2]) - np.mean(references))

    def measured_frame(self) -> tuple[Array, Array]:
        """Middle (3,) of the measured palms and the horizontal unit vector (3,) from right to left palm."""
        p = self.loop.body.hand_position
        line = p[0] - p[1]
        return (p[0] + p[1]) / 2, unit(np.array([line[0], line[1], 0.0]))


def between(centre: Array, left: Array, half: float, tilt: float = 0.25) -> dict[int, PalmGoal]:
    """Goals of palms that face each other across ``centre`` (3,).

    Args:
        left: (3,) horizontal unit vector towards the left palm. half: distance of each palm from the centre, m.
        tilt: how far the fingers point down.
    """
    forward = np.cross(left, UP)
    fingers = unit(forward - tilt * UP)
    return {
        0: PalmGoal(centre + half * left, -left, fingers.copy()),
        1: PalmGoal(centre - half * left, left.copy(), fingers.copy()),
    }


def in_stance(stance: Pose2, x: float, y: float, z: float) -> Array:
    """A point (3,) in the world from the frame between the feet (x ahead, y left), z from the floor of the world."""
    moved = stance @ Pose2(x, y, 0.0)
    return np.array([moved.x, moved.y, z])


def left_of(stance: Pose2) -> Array:
    """Unit vector (3,) to the left of a stance, world."""
    return np.array([-np.sin(stance.yaw), np.cos(stance.yaw), 0.0])
