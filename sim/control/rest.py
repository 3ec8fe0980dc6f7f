"""The posture of free arms, found from the body: hands beside the hips, fingers forward and down."""

from __future__ import annotations

from itertools import pairwise

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.control.arms import PalmGoal
from sim.control.body import Body
from sim.control.footsteps import middle
from sim.control.loop import BodyLoop
from sim.control.outline import Outline, outline_of
from sim.transforms import Pose2, matrix_from_quaternion

Array = NDArray[np.float64]

#: Resting hands keep this far from the legs, which move: m.
HAND_ROOM = 0.05
#: They go aside in steps of this, m, and no further than so many.
ASIDE, MOST_ASIDE = 0.03, 6


def rest_posture(loop: BodyLoop) -> Array:
    """Joints (n,) with the arms hanging, elbows slightly bent; the home posture where a robot has no arms."""
    body, arms = loop.body, loop.arms
    if not body.arms:
        return body.home.copy()
    body.update(np.array([0.0, 0, 0, 1, 0, 0, 0]), np.zeros(6), body.home, np.zeros(len(body.home)))
    left, right = (Pose2(float(p[0]), float(p[1])) for p in body.sole_position)
    stance = middle(left, right)
    found = body.home
    for step in range(MOST_ASIDE + 1):
        found, _ = arms.solve_reach(rest_goals(loop, stance, step * ASIDE))
        body.update(body.base_pose, np.zeros(6), found, np.zeros(len(found)))
        if hand_room(body) >= HAND_ROOM:
            break
        body.update(body.base_pose, np.zeros(6), body.home, np.zeros(len(found)))
    return found


def narrow_posture(loop: BodyLoop, rest: Array) -> tuple[Array, tuple[Outline, Outline]]:
    """Joints (n,) with the arms held in: at home or at ``rest`` (n,), whichever is narrower; and the outlines of both, arms in first."""
    body = loop.body
    found = []
    for q in (body.home, rest):
        # The legs are at home in both: a squat at rest is not what walks.
        joints = body.home.copy()
        for index in body.arms:
            joints[index] = q[index]
        body.update(np.array([0.0, 0, 0, 1, 0, 0, 0]), np.zeros(6), joints, np.zeros(len(joints)))
        found.append((joints, outline_of(body)))
    narrow, hanging = min(found, key=lambda f: f[1].whole[2]), found[1]
    return narrow[0], (narrow[1], hanging[1])


def hand_room(body: Body, most: float = 0.2) -> float:
    """Least distance m of forearms and hands from the legs in the present posture; at most ``most``."""
    m, d = body.model, body.data
    legs = {int(m.dof_bodyid[body.dofs[i]]) for leg in body.legs for i in leg}
    ends = {int(m.dof_bodyid[body.dofs[i]]) for arm in body.arms for i in arm[len(arm) // 2 :]} | {
        int(m.site_bodyid[s]) for s in body.hands
    }
    solid = [g for g in range(m.ngeom) if m.geom_contype[g] or m.geom_conaffinity[g]]
    hands = [g for g in solid if int(m.geom_bodyid[g]) in ends]
    against = [g for g in solid if int(m.geom_bodyid[g]) in legs]
    found = most
    for one in hands:
        for other in against:
            found = min(found, mujoco.mj_geomDistance(m, d, one, other, most, None))
    return found


def rest_goals(loop: BodyLoop, stance: Pose2, further: float = 0.0) -> dict[int, PalmGoal]:
    """Where the palms of free arms are: beside the hips (``further`` m more), fingers down and a little ahead."""
    body = loop.body
    goals: dict[int, PalmGoal] = {}
    floor = float(body.sole_position[:, 2].mean())
    forward = np.array([np.cos(stance.yaw), np.sin(stance.yaw), 0.0])
    left = np.array([-forward[1], forward[0], 0.0])
    centre = np.array([stance.x, stance.y, 0.0])
    for arm, side in enumerate(body.arm_sides):
        sign = 1.0 if side == "left" else -1.0
        shoulder = body.data.xanchor[body.model.dof_jntid[body.dofs[body.arms[arm][0]]]]
        aside = sign * abs(float((shoulder - centre) @ left)) + sign * (0.06 + further)
        height = max(float(shoulder[2]) - 0.9 * arm_length(body, arm), floor + 0.2)
        position = centre + 0.06 * forward + aside * left + np.array([0.0, 0.0, height])
        goals[arm] = PalmGoal(position, -sign * left, 0.35 * forward - np.array([0.0, 0.0, 0.94]))
    return goals


def arm_length(body: Body, arm: int) -> float:
    """Length m of an arm from shoulder to palm, stretched."""
    joints = body.model.dof_jntid[body.dofs[body.arms[arm]]]
    points = [body.data.xanchor[j] for j in joints] + [body.data.site_xpos[body.hands[arm]]]
    return float(sum(np.linalg.norm(b - a) for a, b in pairwise(points)))


def front_extent(body: Body) -> float:
    """How far the trunk (base and the bodies of the waist) reaches ahead of the base's origin, m, upright."""
    m = body.model
    trunk = {body.base_body} | {int(m.dof_bodyid[body.dofs[i]]) for i in body.waist}
    best = 0.0
    for geom in range(m.ngeom):
        if int(m.geom_bodyid[geom]) not in trunk or m.geom_contype[geom] == 0:
            continue
        offset = 0.0
        b = int(m.geom_bodyid[geom])
        while b != body.base_body:
            offset += float(m.body_pos[b, 0])
            b = int(m.body_parentid[b])
        if m.geom_type[geom] == mujoco.mjtGeom.mjGEOM_MESH:
            best = max(best, offset + _mesh_front(m, geom))
            continue
        size = m.geom_size[geom]
        half = float(size[0]) if m.geom_type[geom] in (mujoco.mjtGeom.mjGEOM_BOX,) else float(m.geom_rbound[geom])
        best = max(best, offset + float(m.geom_pos[geom, 0]) + half)
    return best


def _mesh_front(m: mujoco.MjModel, geom: int) -> float:
    """How far a mesh reaches ahead in its body's frame, m."""
    mesh = int(m.geom_dataid[geom])
    first = int(m.mesh_vertadr[mesh])
    turn = matrix_from_quaternion(m.geom_quat[geom])
    return float((m.mesh_vert[first : first + int(m.mesh_vertnum[mesh])] @ turn[0]).max() + m.geom_pos[geom, 0])
