"""Where soles, palms and IMU are: frames on the bodies found, from their shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.errors import SimError
from sim.robot import SIDES
from sim.robot_add.anatomy import ALONG, UP, Anatomy
from sim.robot_add.shapes import inner_rectangle
from sim.transforms import quaternion_from_matrix

Array = NDArray[np.float64]

#: What lies within this share of the robot's height from a foot's lowest point stands on the floor.
FLAT = 0.0022
#: A sole smaller than this share of the height in length or width is a point or an edge.
SMALLEST_SOLE = 0.008
#: An ankle that holds this share of a sole holds it; of one that holds less than the smaller, so much is counted on all the same.
HELD, LEAST_HELD = 0.97, 0.15
#: An own site of the model is taken where it is this near and turned this little (cosine).
SITE_NEAR, SITE_ALONG = 0.06, 0.97
#: Share of the robot's height that a hand is long at most.
LONGEST_HAND = 0.15
#: A zero posture may hold the feet tilted; so far is looked, rad.
TILTS = np.linspace(-0.8, 0.8, 81)


@dataclass(frozen=True, eq=False)
class Place:
    """A frame on a body: the model's own site (then nothing need be added) or a new one; half sizes (2,) m.

    ``pos`` (3,) m and ``quat`` (4,) wxyz are in the body's frame, ``world`` (3,) at the zero posture.
    """

    site: str
    body: str
    pos: Array
    quat: Array
    half: Array
    world: Array
    own: bool


def find_soles(anatomy: Anatomy) -> dict[str, Place]:
    """Sole frames: z up, x ahead, in the middle of the largest rectangle that touches the floor.

    Raises:
        SimError: ``robot_add.point_foot`` for a foot that touches in a point or a line.
    """
    return {side: _sole(anatomy, side) for side in SIDES}


def _sole(anatomy: Anatomy, side: str) -> Place:
    tree, foot = anatomy.tree, anatomy.legs[side].foot
    frame = np.column_stack((anatomy.forward, anatomy.left, UP))
    # Toes are locked to the foot and stand on the floor with it.
    points = tree.points(tree.below(foot), solid=True) @ frame
    tolerance = FLAT * anatomy.height
    turn, middle, half, low = _standing(points, tolerance)
    if np.min(2 * half) < SMALLEST_SOLE * anatomy.height:
        turn, middle, half, low = _tilted(points, tolerance)
    if np.min(2 * half) < SMALLEST_SOLE * anatomy.height:
        raise SimError("robot_add.point_foot", foot=tree.name(foot), length=f"{2e3 * half[0]:.0f}", width=f"{2e3 * half[1]:.0f}")
    position = frame @ turn.T @ np.array([middle[0], middle[1], low])
    return _placed(anatomy, foot, f"{side}_sole", position, frame @ turn.T, half, 0.015, fixed=(0, 2))


def _standing(points: Array, tolerance: float, turn: Array | None = None) -> tuple[Array, Array, Array, float]:
    """Rotation tried, middle (2,) and half sizes (2,) of what stands, and its height."""
    r = np.eye(3) if turn is None else turn
    turned = points @ r.T
    low = float(turned[:, 2].min())
    middle, half = inner_rectangle(turned[turned[:, 2] < low + tolerance, :2])
    return r, middle, half, low


def _tilted(points: Array, tolerance: float) -> tuple[Array, Array, Array, float]:
    """The tilt, first ahead and back, then aside, on which most of the foot stands."""
    best = _standing(points, tolerance)
    for axis in (1, 0):
        start = best[0]
        for angle in TILTS:
            vector = np.zeros(3)
            vector[axis] = angle
            found = _standing(points, tolerance, rotation(vector) @ start)
            if float(np.prod(found[2])) > float(np.prod(best[2])) * 1.02:
                best = found
    return best


def rotation(vector: Array) -> Array:
    """Rotation matrix of a rotation vector (3,), rad."""
    q = np.zeros(4)
    angle = float(np.linalg.norm(vector))
    mujoco.mju_axisAngle2Quat(q, vector / angle if angle > 0 else np.array([0.0, 0, 1]), angle)
    out = np.zeros(9)
    mujoco.mju_quat2Mat(out, q)
    return out.reshape(3, 3)


def held_by_ankles(anatomy: Anatomy, soles: Mapping[str, Place], torque: Mapping[str, float]) -> dict[str, Place]:
    """The part of each sole on which the ankle can hold the whole weight: what balance may count on.

    A weight that rests ``d`` m from an ankle's axis takes weight times ``d`` of its torque. Balance that asks for more than the
    limit does not get it, and falls where a shorter sole would have stood.

    Args:
        anatomy: The robot.
        soles: As found from shapes.
        torque: Limits by joint, N·m.
    """
    tree = anatomy.tree
    weight = 9.81 * tree.mass(tree.root)
    out = {}
    for side, sole in soles.items():
        body = int(tree.model.body(sole.body).id)
        turn = tree.data.xmat[body].reshape(3, 3) @ matrix(sole.quat)
        low, high = -sole.half, sole.half.copy()
        leg = anatomy.legs[side]
        for joint in tree.path_joints(leg.foot):
            if joint.name not in leg.joints[leg.joints.index(leg.knee) + 1 :]:
                continue
            axis = turn.T @ joint.axis
            # Turning about the sole's y axis moves the pressure along x, and the other way round.
            along = int(np.argmin(np.abs(axis[:2])))
            if abs(float(axis[1 - along])) < ALONG:
                continue
            at = float((turn.T @ (joint.anchor - sole.world))[along])
            reach = max(torque[joint.name] / weight, LEAST_HELD * float(sole.half[along]))
            low[along], high[along] = max(low[along], at - reach), min(high[along], at + reach)
        if np.any(high - low < SMALLEST_SOLE * anatomy.height) or np.all(high - low > HELD * 2 * sole.half):
            out[side] = sole  # nothing to gain
            continue
        middle = (low + high) / 2
        name = f"{side}_sole_held"
        position = sole.pos + matrix(sole.quat) @ np.array([middle[0], middle[1], 0.0])
        out[side] = Place(
            name,
            sole.body,
            position,
            sole.quat,
            (high - low) / 2,
            sole.world + turn @ np.array([middle[0], middle[1], 0.0]),
            False,
        )
    return out


def matrix(quat: Array) -> Array:
    """Rotation matrix of a quaternion (4,) wxyz."""
    out = np.zeros(9)
    mujoco.mju_quat2Mat(out, np.asarray(quat, dtype=np.float64))
    return out.reshape(3, 3)


def find_palms(anatomy: Anatomy) -> dict[str, Place]:
    """Palm frames: z out of the palm, towards the other hand; x along the fingers."""
    return {side: _palm(anatomy, side) for side in anatomy.arms}


def _palm(anatomy: Anatomy, side: str) -> Place:
    tree, arm = anatomy.tree, anatomy.arms[side]
    own = tree.points([arm.hand])
    points = own if len(own) else tree.data.xpos[arm.hand][None, :]
    joints = tree.path_joints(arm.hand, anatomy.torso)
    wrist = joints[-1].anchor
    before = next((j.anchor for j in reversed(joints) if np.linalg.norm(j.anchor - wrist) > 0.05 * anatomy.height), None)
    centre = (points.max(axis=0) + points.min(axis=0)) / 2
    along = centre - (before if before is not None else wrist)
    along = along / max(float(np.linalg.norm(along)), 1e-9)
    body = tree.data.xmat[arm.hand].reshape(3, 3)
    along = _nearest_axis(body, along)
    inward = anatomy.left * (-1.0 if side == "left" else 1.0)
    if abs(float(inward @ along)) > 0.8:
        inward = -UP  # arms held out: palms look down
    normal = inward - along * float(inward @ along)
    normal = _nearest_axis(body, normal / np.linalg.norm(normal))
    normal = normal - along * float(normal @ along)
    normal /= np.linalg.norm(normal)
    frame = np.column_stack((along, np.cross(normal, along), normal))
    local = (points - wrist) @ frame
    low, high = local.min(axis=0), local.max(axis=0)
    # Where no wrist divides hand and forearm, the hand is the end.
    low[0] = max(low[0], high[0] - LONGEST_HAND * anatomy.height)
    at = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, high[2]])
    most = 0.045 * anatomy.height / 1.4
    half = np.clip((high - low)[:2] / 4, 0.01, most)
    return _placed(anatomy, arm.hand, f"{side}_palm", wrist + frame @ at, frame, half, SITE_NEAR, fixed=(0, 2))


def _nearest_axis(body: Array, direction: Array) -> Array:
    """The direction, or the axis of the body's frame within 35 degrees of it."""
    cosines = direction @ body
    k = int(np.argmax(np.abs(cosines)))
    return np.asarray(np.sign(cosines[k]) * body[:, k]) if abs(cosines[k]) > 0.82 else direction


def _placed(
    anatomy: Anatomy, group: int, name: str, position: Array, frame: Array, half: Array, near: float, fixed: tuple[int, ...]
) -> Place:
    """The model's own site where it has one just there, else a new one of that name."""
    tree = anatomy.tree
    m, d = tree.model, tree.data
    best, distance = -1, near
    for s in range(m.nsite):
        if tree.owner[int(m.site_bodyid[s])] != group:
            continue
        turn = d.site_xmat[s].reshape(3, 3)
        if all(float(turn[:, k] @ frame[:, k]) > SITE_ALONG for k in fixed):
            off = float(np.linalg.norm(d.site_xpos[s] - position))
            if off < distance and m.site(s).name:
                best, distance = s, off
    if best >= 0:
        body = int(m.site_bodyid[best])
        return Place(
            str(m.site(best).name),
            str(m.body(body).name),
            m.site_pos[best].copy(),
            m.site_quat[best].copy(),
            half,
            d.site_xpos[best].copy(),
            True,
        )
    turn = d.xmat[group].reshape(3, 3)
    taken = {str(m.site(s).name) for s in range(m.nsite)}
    while name in taken:
        name += "_found"
    pos = turn.T @ (position - d.xpos[group])
    return Place(name, tree.name(group), pos, quaternion_from_matrix(turn.T @ frame), half, position, False)
