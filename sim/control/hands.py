"""Hands as tools: where fingertips and grip are on a hand, grippers that open, close and press, and what a hand feels.

What is felt comes from the drives' measured torques less what the robot's own model explains, so it needs no sensor in the wrist; it is
worth about a newton with the friction of the joints, less after :meth:`Touch.tare`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.control.arms import Arms, PalmGoal
from sim.control.body import Body

Array = NDArray[np.float64]
Index = NDArray[np.intp]

#: Fingers that close on nothing yet press with no more than this, N, so that they do not tip what stands there.
GENTLE = 10.0
#: How fast fingers go, m/s (rad/s), and how hard they follow, 1/s.
FINGER_SPEED, FINGER_RATE = 0.06, 12.0
#: Open fingers keep off the end of their stroke; a grip is let go at this rate, N/s, so that they do not spring open.
OPEN_SHARE, RELEASE = 0.94, 400.0
#: Fingers that turn are taken to press at least this far from their axis, m.
LEAST_LEVER = 0.01
#: Time constant of what is felt, s.
TOUCH_TIME = 0.03
#: Fingers slower than this rest, m/s (rad/s), measured with this time constant, s: what encoders say of one moment is as large.
AT_REST, SPEED_TIME = 0.02, 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Tool:
    """A hand in the frame of its palm (x along the fingers, z out of the palm), m.

    Args:
        tip: (3,) middle of the fingertips, gripper closed. grip: (3,) middle between the finger pads.
        closing: (3,) unit axis along which the fingers close. gap: greatest opening between the pads, m; 0 without gripper.
        levers: (k,) m from the axis of each finger to its pad; 1 where it slides.
    """

    tip: Array
    grip: Array
    closing: Array
    gap: float
    levers: Array


class Gripper:
    """One hand's fingers. Without fingers all of it does nothing."""

    def __init__(self, body: Body, arms: Arms, arm: int, tool: Tool) -> None:
        self.body, self.arms, self._tool = body, arms, tool
        robot = body.robot
        profile = robot.profile.arms[body.arm_sides[arm]].gripper
        names = profile.joints if profile else ()
        self.index: Index = np.array([robot.index(n) for n in names], dtype=np.intp)
        self.open_at = np.array(profile.open if profile else ())
        self.closed_at = np.array(profile.closed if profile else ())
        self.max_force = profile.max_force if profile else 0.0
        #: Torque N·m (force N) of each finger for one newton of its pad inwards.
        self._inwards = np.sign(self.closed_at - self.open_at) * tool.levers
        self._home = body.home[self.index]
        self._stiffness = np.array([robot.profile.stiffness.get(n, 50.0) for n in names])
        self._goal = self._home.copy()
        self._press = 0.0
        self._limit = math.inf
        self._holding = False
        self._speed = np.zeros(len(self.index))

    @property
    def there(self) -> bool:
        """Whether the hand has fingers."""
        return len(self.index) > 0

    def rest(self) -> None:
        """Fingers to their home."""
        self._go(self._home, np.inf)

    def open(self, share: float = OPEN_SHARE) -> None:
        """Fingers apart, by a share of their stroke."""
        self._go(self.closed_at + share * (self.open_at - self.closed_at), np.inf)

    def close(self, force: float = GENTLE) -> None:
        """Fingers together, pressing with at most ``force`` N each."""
        self._go(self.closed_at, force)

    def hold(self, force: float) -> None:
        """Keep the fingers where they are and press them together with ``force`` N each."""
        if not self._holding:
            self.arms.anchor(self.index, self.body.q[self.index])
        self._holding = True
        self._press = min(force, 0.9 * self.max_force)

    def _go(self, goal: Array, limit: float) -> None:
        self._goal, self._limit = goal, limit
        self._holding = False

    @property
    def width(self) -> float:
        """Distance between the pads, m, as the encoders have it."""
        return self._tool.gap - float((self._tool.levers * np.abs(self.open_at - self.body.q[self.index])).sum())

    @property
    def resting(self) -> bool:
        """The fingers do not move."""
        return float(np.abs(self._speed).max(initial=0.0)) < AT_REST

    def pressing(self, torque: Array) -> Array:
        """(k,) force with which each finger presses inwards, N, from the drives' measured ``torque`` (n,)."""
        return np.asarray(torque[self.index] / self._inwards)

    def tick(self) -> None:
        """Move the references."""
        if not self.there:
            return
        arms, index = self.arms, self.index
        self._speed += min(arms.dt / SPEED_TIME, 1.0) * (self.body.qd[index] - self._speed)
        if self._holding:
            arms.hold(index)
            arms.torque[index] = self._press * self._inwards
            return
        if self._press > 0.0:
            self._press = max(self._press - RELEASE * arms.dt, 0.0)
            arms.torque[index] = self._press * self._inwards
        if self._press > 0.0:
            arms.hold(index)
            return
        arms.track(index, self._goal, rate=FINGER_RATE, speed=FINGER_SPEED)
        if self._limit < math.inf:
            away = self._limit * np.abs(self._inwards) / self._stiffness
            measured = self.body.q[index]
            arms.q[index] = np.minimum(np.maximum(arms.q[index], measured - away), measured + away)


class Touch:
    """The force on one hand at its tool point, estimated each tick."""

    def __init__(self, body: Body, arms: Arms, arm: int, point: Array) -> None:
        self.body, self.arms, self.arm = body, arms, arm
        #: (3,) where the force acts, in the palm's frame, m
        self.point = point
        self.raw = np.zeros(3)
        self._tare = np.zeros(3)
        self._dofs = body.dofs[body.arms[arm]]

    @property
    def force(self) -> Array:
        """(3,) N, world: what presses on the hand, beyond what did when it was tared."""
        return self.raw - self._tare

    def tare(self) -> None:
        """Take what is felt now for nothing."""
        self._tare = self.raw.copy()

    def update(self, torque: Array) -> None:
        """Take in the drives' measured torques (n,), N·m."""
        body, arms = self.body, self.arms
        index, dofs = body.arms[self.arm], self._dofs
        wanted = body.bias[dofs] + body.M[np.ix_(dofs, dofs)] @ arms.qdd[index] + body.joint_damping[index] * body.qd[index]
        missing = wanted - torque[index]
        jac = body.hand_jacobian[self.arm][:, dofs]
        offset = body.hand_rotation[self.arm] @ self.point
        moved = jac[:3] + np.cross(jac[3:].T, offset).T
        found = np.linalg.solve(moved @ moved.T + 1e-4 * np.eye(3), moved @ missing)
        share = min(arms.dt / TOUCH_TIME, 1.0)
        self.raw = self.raw + share * (found - self.raw)


class Hands:
    """Tools, grippers and touch of both hands, by arm number."""

    def __init__(self, body: Body, arms: Arms) -> None:
        self.body = body
        self.tools = tuple(tool_of(body, arm) for arm in range(len(body.hands)))
        self.grippers = tuple(Gripper(body, arms, arm, tool) for arm, tool in enumerate(self.tools))
        self.touch = tuple(
            Touch(body, arms, arm, t.grip if g.there else t.tip)
            for arm, (t, g) in enumerate(zip(self.tools, self.grippers, strict=True))
        )

    def sense(self, torque: Array) -> None:
        """Take in measured torques (n,); none (0,) where a robot does not measure them."""
        if len(torque):
            for touch in self.touch:
                touch.update(torque)

    def tick(self) -> None:
        """Move the fingers' references."""
        for gripper in self.grippers:
            gripper.tick()

    def width(self, arm: int) -> float:
        """Distance between a hand's finger pads, m, as the encoders have it."""
        return self.grippers[arm].width

    def grip_goal(self, arm: int, point: Array, fingers: Array, closing: Array) -> PalmGoal:
        """The palm's goal that brings the grip to ``point`` (3,), fingers and closing axis along unit vectors (3,), world."""
        return self._goal(arm, self.tools[arm].grip, point, fingers, closing)

    def tip_goal(self, arm: int, point: Array, fingers: Array, normal: Array) -> PalmGoal:
        """The palm's goal that brings the closed fingertips to ``point`` (3,), the palm facing ``normal`` (3,), world."""
        return self._place(self.tools[arm].tip, point, fingers, normal)

    def _goal(self, arm: int, at: Array, point: Array, fingers: Array, closing: Array) -> PalmGoal:
        # In the palm's frame fingers are x; the closing axis gives the rest.
        tool = self.tools[arm]
        local = np.column_stack([(1.0, 0.0, 0.0), tool.closing, np.cross((1.0, 0.0, 0.0), tool.closing)])
        world = np.column_stack([fingers, closing, np.cross(fingers, closing)])
        normal = world @ local.T @ np.array([0.0, 0.0, 1.0])
        return self._place(at, point, fingers, normal)

    @staticmethod
    def _place(at: Array, point: Array, fingers: Array, normal: Array) -> PalmGoal:
        turn = np.column_stack([fingers, np.cross(normal, fingers), normal])
        return PalmGoal(point - turn @ at, normal.copy(), fingers.copy())

    def point(self, arm: int, at: Array) -> Array:
        """Where a point (3,) of the palm's frame is, world, measured."""
        return np.asarray(self.body.hand_position[arm] + self.body.hand_rotation[arm] @ at)


def tool_of(body: Body, arm: int) -> Tool:
    """Find a hand's tool points from its shapes."""
    m = body.model
    d = mujoco.MjData(m)
    profile = body.robot.profile.arms[body.arm_sides[arm]].gripper
    d.qpos[body.base_q + 3] = 1.0
    d.qpos[body.qadr] = body.home
    fingers: list[int] = []
    if profile:
        index = [body.robot.index(n) for n in profile.joints]
        d.qpos[body.qadr[index]] = profile.closed
        fingers = [int(m.dof_bodyid[body.dofs[i]]) for i in index]
    mujoco.mj_kinematics(m, d)
    site = body.hands[arm]
    turn, origin = d.site_xmat[site].reshape(3, 3), d.site_xpos[site]
    owners = set(fingers) or {int(m.site_bodyid[site])}
    solid = _solid(m, owners)
    if not solid:
        return Tool(np.zeros(3), np.zeros(3), np.array([0.0, 1.0, 0.0]), 0.0, np.ones(len(fingers)))
    centres = np.array([turn.T @ (d.geom_xpos[g] - origin) for g in solid])
    reach = [c[0] + _extent(m, d, g, turn[:, 0]) for c, g in zip(centres, solid, strict=True)]
    middle = centres.mean(axis=0)
    tip = np.array([max(reach), middle[1], middle[2]])
    if not profile:
        return Tool(tip, middle, np.array([0.0, 1.0, 0.0]), 0.0, np.ones(0))
    first = [g for g in solid if int(m.geom_bodyid[g]) == fingers[0]]
    # A single finger closes against the hand that carries it.
    palm = {int(m.body_parentid[fingers[0]]), int(m.site_bodyid[site])}
    others = [g for g in solid if g not in first] or [g for g in _solid(m, palm) if g not in first]
    if not first or not others:
        return Tool(tip, middle, np.array([0.0, 1.0, 0.0]), 0.0, np.ones(len(fingers)))
    apart = turn.T @ (d.geom_xpos[first[0]] - d.geom_xpos[others[0]])
    apart[0] = 0.0
    closing = apart / max(float(np.linalg.norm(apart)), 1e-9)

    shut = min(mujoco.mj_geomDistance(m, d, a, b, 0.3, None) for a in first for b in others)
    pads = [next((g for g in solid if int(m.geom_bodyid[g]) == finger), first[0]) for finger in fingers]
    levers = np.array([_lever(m, d, int(m.dof_jntid[body.dofs[i]]), d.geom_xpos[g]) for i, g in zip(index, pads, strict=True)])
    travel = levers * np.abs(np.array(profile.open) - np.array(profile.closed))
    return Tool(tip, middle, closing, max(shut, 0.0) + float(travel.sum()), levers)


def _lever(m: mujoco.MjModel, d: mujoco.MjData, joint: int, pad: Array) -> float:
    """How far a pad (3,) goes for each m (rad) of its finger's joint, m."""
    if m.jnt_type[joint] == mujoco.mjtJoint.mjJNT_SLIDE:
        return 1.0
    return max(float(np.linalg.norm(np.cross(d.xaxis[joint], pad - d.xanchor[joint]))), LEAST_LEVER)


def _solid(m: mujoco.MjModel, bodies: set[int]) -> list[int]:
    """Shapes of bodies that touch."""
    return [g for g in range(m.ngeom) if int(m.geom_bodyid[g]) in bodies and (m.geom_contype[g] or m.geom_conaffinity[g])]


def _extent(m: mujoco.MjModel, d: mujoco.MjData, geom: int, axis: Array) -> float:
    """Half length of a shape along a unit axis (3,), m; of a mesh its bounding sphere's."""
    if m.geom_type[geom] == mujoco.mjtGeom.mjGEOM_BOX:
        return float(np.abs(axis @ d.geom_xmat[geom].reshape(3, 3)) @ m.geom_size[geom])
    if m.geom_type[geom] == mujoco.mjtGeom.mjGEOM_CAPSULE:
        along = abs(float(axis @ d.geom_xmat[geom].reshape(3, 3)[:, 2]))
        return float(m.geom_size[geom, 0] + along * m.geom_size[geom, 1])
    return float(m.geom_rbound[geom])
