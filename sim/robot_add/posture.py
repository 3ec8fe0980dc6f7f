"""The home posture: crouched, soles flat, weight over them, palms ahead of the body facing each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise, product

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.robot import SIDES
from sim.robot_add.anatomy import Anatomy
from sim.robot_add.places import Place

Array = NDArray[np.float64]

#: Bend of the knee that walking begins from, rad, and the most of its range that it may take.
KNEE, KNEE_SHARE = 0.9, 0.7
#: Feet are no nearer than this beside each other, share of leg length, and no further apart.
ROOM, WIDEST = 0.05, 0.36
ROUNDS = 60
#: Joints stay this far from their ends, rad.
RESERVE = 0.05
#: An elbow is at least this share of the arm's length below the shoulder.
LOW_ELBOW = 0.25
#: What turning a joint away from zero costs, per rad², and lying in another part, per m.
TURNED, INSIDE = 0.01, 20.0


@dataclass(frozen=True)
class Home:
    """Joint values by name, full position (nq,), feet's spacing and height of the centre of mass over the soles, m.

    ``off``: how far the centre of mass is from over the middle of the soles, m; ``tilt``: of the soles, rad.
    """

    joints: dict[str, float]
    qpos: Array
    spacing: float
    com_height: float
    off: float
    tilt: float


def find_home(model: mujoco.MjModel, anatomy: Anatomy, base: str, soles: dict[str, Place], palms: dict[str, Place]) -> Home:
    """Find it by least squares on the derived ``model``, whose base (x ahead, z up) stands upright at the origin."""
    data = mujoco.MjData(model)
    data.qpos[:7] = (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    root = int(model.body(base).id)
    for j in range(model.njnt):
        if model.jnt_limited[j]:
            low, high = model.jnt_range[j]
            at = int(model.jnt_qposadr[j])
            data.qpos[at] = min(max(float(data.qpos[at]), float(low)), float(high))
    sole = [_Frame(model, soles[s]) for s in SIDES]
    for side in SIDES:
        leg = anatomy.legs[side]
        joint = model.joint(leg.knee).id
        most = abs(float(model.jnt_range[joint][1 if leg.knee_sign > 0 else 0])) if model.jnt_limited[joint] else 3.0
        data.qpos[int(model.jnt_qposadr[joint])] = leg.knee_sign * min(KNEE, KNEE_SHARE * most)
    apart = abs(float((soles["left"].world - soles["right"].world) @ anatomy.left))
    half = max(float(soles[s].half[1]) for s in SIDES)
    length = anatomy.leg_length
    spacing = min(max(apart, 2 * half + ROOM * length), max(WIDEST * length, 2 * half + ROOM * length))
    if not anatomy.ankles_roll:
        spacing = apart  # any other would lay the soles on their edges
    names = [n for s in SIDES for n in anatomy.legs[s].joints if n != anatomy.legs[s].knee]

    def balance() -> Array:
        mujoco.mj_kinematics(model, data)
        mujoco.mj_comPos(model, data)
        places = [f.at(data) for f in sole]
        com = data.subtree_com[root]
        middle = (places[0][0] + places[1][0]) / 2
        out = [3.0 * (com[0] - middle[0]), places[0][0][0] - places[1][0][0], places[0][0][2] - places[1][0][2]]
        for (position, turn), sign in zip(places, (1.0, -1.0), strict=True):
            out += [position[1] - sign * spacing / 2, turn[2, 1], turn[2, 0], turn[1, 0]]
        return np.array(out)

    _solve(model, data, names, balance, 1e-3)
    for side, arm in anatomy.arms.items():
        _pose_arm(model, data, arm.joints, _Frame(model, palms[side]), 1.0 if side == "left" else -1.0)
    for _ in range(3):
        _solve(model, data, names, balance, 1e-3)
    mujoco.mj_forward(model, data)
    places = [f.at(data) for f in sole]
    middle = (places[0][0] + places[1][0]) / 2
    com = data.subtree_com[root]
    joints = {str(model.joint(j).name): float(data.qpos[int(model.jnt_qposadr[j])]) for j in range(1, model.njnt)}
    for arm in anatomy.arms.values():
        for finger in arm.fingers:
            joint = model.joint(finger).id
            joints[finger] = float(np.mean(model.jnt_range[joint])) if model.jnt_limited[joint] else 0.0
    tilt = max(float(np.hypot(turn[0, 2], turn[1, 2])) for _, turn in places)
    off = float(np.hypot(com[0] - middle[0], com[1] - middle[1]))
    return Home(
        {n: round(v, 4) + 0.0 for n, v in joints.items()}, data.qpos.copy(), spacing, float(com[2] - middle[2]), off, tilt
    )


class _Frame:
    """A place on a body, wherever that is."""

    def __init__(self, model: mujoco.MjModel, place: Place) -> None:
        self.body = int(model.body(place.body).id)
        self.pos = place.pos
        turn = np.zeros(9)
        mujoco.mju_quat2Mat(turn, place.quat)
        self.turn = turn.reshape(3, 3)

    def at(self, data: mujoco.MjData) -> tuple[Array, Array]:
        """Position (3,) and rotation (3, 3), world."""
        r = data.xmat[self.body].reshape(3, 3)
        return data.xpos[self.body] + r @ self.pos, r @ self.turn


def _pose_arm(model: mujoco.MjModel, data: mujoco.MjData, joints: tuple[str, ...], palm: _Frame, sign: float) -> None:
    """Upper arm down, forearm ahead: palm before the body, facing in as far as the arm allows, elbow below the shoulder.

    An arm has many postures for one palm. It is sought from several beginnings, and the one is taken that misses least, is
    turned least, and lies inside no other part.
    """
    ids = [model.joint(n).id for n in joints]
    at = np.array([int(model.jnt_qposadr[j]) for j in ids])
    mujoco.mj_kinematics(model, data)
    mujoco.mj_comPos(model, data)
    anchors = [data.xanchor[j].copy() for j in ids]
    points = [*anchors, palm.at(data)[0]]
    length = float(sum(np.linalg.norm(b - a) for a, b in pairwise(points)))
    goal = anchors[0] + length * np.array([0.42, 0.0, -0.48])
    goal[1] += sign * 0.10 * length
    bend = _elbow(points)
    elbow = ids[bend]

    def miss() -> Array:
        mujoco.mj_kinematics(model, data)
        position, turn = palm.at(data)
        rise = max(float(data.xanchor[elbow][2] - data.xanchor[ids[0]][2]) / length + LOW_ELBOW, 0.0)
        return np.concatenate(
            [
                4.0 * (position - goal) / length,
                0.3 * (turn[:, 2] + (0.0, sign, 0.0)),
                0.3 * (turn[:, 0] - (1.0, 0.0, 0.0)),
                [2.0 * rise],
            ]
        )

    begin = data.qpos[at].copy()
    best, least = begin, np.inf
    for turns in product((0.0, 0.6, -0.6), repeat=2):
        # The two first joints of the shoulder decide which of the postures is found.
        data.qpos[at] = begin
        data.qpos[at[: len(turns)]] += np.array(turns)[: len(at)]
        if model.jnt_limited[elbow] and bend >= len(turns):
            # A straight elbow is where its two ways of bending meet, and often at its end: it begins bent.
            low, high = model.jnt_range[elbow]
            data.qpos[at[bend]] = 0.5 * float(begin[bend]) + 0.25 * float(low + high)
        _solve(model, data, list(joints), miss, 3e-2)
        found = data.qpos[at].copy()
        cost = float(np.sum(miss() ** 2)) + TURNED * float(np.sum((found - begin) ** 2)) + INSIDE * _inside(model, data, ids)
        if cost < least - 1e-6:
            best, least = found, cost
    data.qpos[at] = best
    miss()


def _elbow(points: list[Array]) -> int:
    """Which of an arm's joints is the elbow: the one furthest from both its ends. ``points``: joints, then the palm."""
    return max(range(len(points) - 1), key=lambda k: min(float(np.linalg.norm(points[k] - p)) for p in (points[0], points[-1])))


def _inside(model: mujoco.MjModel, data: mujoco.MjData, ids: list[int]) -> float:
    """How deep the arm lies in other parts, m, all contacts together."""
    mujoco.mj_kinematics(model, data)
    mujoco.mj_comPos(model, data)
    mujoco.mj_collision(model, data)
    arm: set[int] = {int(model.jnt_bodyid[j]) for j in ids}
    for b in range(model.nbody):
        if int(model.body_parentid[b]) in arm:
            arm.add(b)
    own = [c for c in data.contact if any(int(model.geom_bodyid[g]) in arm for g in c.geom)]
    return float(sum(max(-c.dist, 0.0) for c in own))


def _solve(model: mujoco.MjModel, data: mujoco.MjData, names: list[str], miss: Callable[[], Array], weight: float) -> None:
    """Damped Gauss-Newton on joint positions within their ranges; ``weight`` holds them near where they began."""
    ids = [model.joint(n).id for n in names]
    at = np.array([int(model.jnt_qposadr[j]) for j in ids])
    low = np.array([model.jnt_range[j, 0] + RESERVE if model.jnt_limited[j] else -np.inf for j in ids])
    high = np.array([model.jnt_range[j, 1] - RESERVE if model.jnt_limited[j] else np.inf for j in ids])
    low, high = np.minimum(low, high), np.maximum(low, high)
    begin = data.qpos[at].copy()
    for _ in range(ROUNDS):
        q, r = data.qpos[at].copy(), miss()
        jac = np.empty((len(r), len(q)))
        for k in range(len(q)):
            data.qpos[at[k]] = q[k] + 1e-5
            jac[:, k] = (miss() - r) / 1e-5
            data.qpos[at[k]] = q[k]
        normal, pull = jac.T @ jac + (weight**2 + 1e-6) * np.eye(len(q)), jac.T @ r + weight**2 * (q - begin)
        # What is at its end and would go further stays there, and the others are solved for without it.
        free = ~(((q <= low + 1e-9) & (pull > 0.0)) | ((q >= high - 1e-9) & (pull < 0.0)))
        step = np.zeros(len(q))
        step[free] = np.linalg.solve(normal[np.ix_(free, free)], pull[free])
        data.qpos[at] = np.clip(q - np.clip(step, -0.3, 0.3), low, high)
        if float(np.abs(step).max()) < 1e-5:
            break
    miss()
