"""Legs, feet, arms, hands, head and heading of a humanoid, found from its joints and shapes at the zero posture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.errors import SimError
from sim.robot import SIDES
from sim.robot_add.tree import BodyTree, Joint

Array = NDArray[np.float64]

#: Feet end within this share of the robot's height from its lowest point; heel and toes of one foot within the smaller.
LOW, LEVEL = 0.04, 0.01
#: An axis within this cosine of a direction counts as along it.
ALONG, INCLINED = 0.8, 0.6
FEWEST_LEG_JOINTS = 5
#: A range is one-sided if its middle is further than this share of it from zero.
ONE_SIDED = 0.15
CONVENTION = 0.15
MOST_ARM_JOINTS = 7
#: Something is to one side if it is further out than this share of the height.
ASIDE = 0.05
UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True, eq=False)
class Leg:
    """Joint names from hip to ankle, which of them is knee and ankle pitch, and the foot's body group."""

    joints: tuple[str, ...]
    knee: str
    ankle_pitch: str
    foot: int
    #: Sign of the knee's position that bends it.
    knee_sign: float


@dataclass(frozen=True, eq=False)
class Arm:
    """Joint names from shoulder to wrist, the hand's body group, finger joints of a simple gripper (else empty)."""

    joints: tuple[str, ...]
    hand: int
    fingers: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Anatomy:
    """What a model's parts are. Directions are unit vectors, world, at the zero posture; body groups are body ids.

    ``doubts``: what the votes did not settle, by key, with the guess as text.
    """

    tree: BodyTree
    forward: Array
    legs: dict[str, Leg]
    arms: dict[str, Arm]
    waist: tuple[str, ...]
    torso: int
    head: tuple[str, ...]
    head_group: int
    locked: tuple[str, ...]
    height: float
    leg_length: float
    doubts: dict[str, str]

    @property
    def ankles_roll(self) -> bool:
        """Whether the soles can stay flat while the legs lean aside."""
        return all(leg.joints[-1] != leg.ankle_pitch or leg.joints[-2] != leg.knee for leg in self.legs.values())

    @property
    def left(self) -> Array:
        """Direction (3,) to the robot's left."""
        return np.asarray(np.cross(UP, self.forward))


def find_anatomy(tree: BodyTree, forward: str = "") -> Anatomy:
    """Find what is what.

    Args:
        tree: The model.
        forward: "x", "-x", "y" or "-y" where the user has said which way it faces.

    Raises:
        SimError: ``robot_add.*`` naming what is missing or too many.
    """
    everything = list(tree.children)
    points = tree.points(everything)
    solid = tree.points(everything, solid=True)
    if not len(solid):
        raise SimError("robot_add.touches_nothing", model=tree.name(tree.root))
    low, top = float(solid[:, 2].min()), float(points[:, 2].max())
    height = top - low
    feet, meeting = find_feet(tree, low, height)
    lines = [tree.path_joints(foot, meeting) for foot in feet]
    for foot, joints in zip(feet, lines, strict=True):
        if len(joints) < FEWEST_LEG_JOINTS:
            raise SimError("robot_add.leg_short", foot=tree.name(foot), count=len(joints), fewest=FEWEST_LEG_JOINTS)
    if len(lines[0]) != len(lines[1]):
        counts = f"{tree.name(feet[0])}: {len(lines[0])}, {tree.name(feet[1])}: {len(lines[1])}"
        raise SimError("robot_add.legs_differ", joints=counts)
    across = np.mean([j.anchor for j in lines[0]], axis=0) - np.mean([j.anchor for j in lines[1]], axis=0)
    across[2] = 0.0
    if float(np.linalg.norm(across)) < 1e-3:
        raise SimError("robot_add.legs_differ", joints=f"{tree.name(feet[0])} = {tree.name(feet[1])}")
    across = _snapped(across / np.linalg.norm(across))
    knees = [_knee(tree, j, foot, across) for j, foot in zip(lines, feet, strict=True)]
    ahead, sure = _forward(tree, feet, knees, across)
    doubts = {} if sure else {"forward": _axis_name(ahead)}
    if forward:
        ahead = _named_axis(forward)
        if abs(float(ahead @ across)) > 0.5:
            raise SimError("robot_add.forward_wrong", forward=forward, across=_axis_name(across))
        doubts = {}
    left = np.cross(UP, ahead)
    order = [0, 1] if float(across @ left) > 0 else [1, 0]
    legs = {}
    for side, i in zip(SIDES, order, strict=True):
        knee, ankle, _ = knees[i]
        sign = _bend(knees[i], ahead)
        legs[side] = Leg(tuple(j.name for j in lines[i]), knee.name, ankle.name, feet[i], sign)
    hips = np.mean([line[0].anchor[2] for line in lines])
    return _upper(tree, ahead, left, legs, meeting, height, float(hips) - low, doubts)


def find_feet(tree: BodyTree, low: float, height: float) -> tuple[list[int], int]:
    """The two foot groups and the group that both legs hang from."""
    near = [g for g, p in tree.solid.items() if len(p) and p[:, 2].min() < low + LOW * height and len(tree.path_joints(g)) >= 3]
    if not near:
        raise SimError("robot_add.no_legs", body=tree.name(tree.root))
    meeting = tree.meeting(near)
    branches: dict[int, list[int]] = {}
    for g in near:
        line = tree.path(g, meeting)
        branches.setdefault(line[0] if line else g, []).append(g)
    if len(branches) == 1 or meeting in near:
        raise SimError("robot_add.one_leg", foot=tree.name(near[0]))
    lowest = {g: float(tree.solid[g][:, 2].min()) for g in near}
    feet = []
    for found in branches.values():
        ground = min(lowest[g] for g in found)
        feet.append(tree.meeting([g for g in found if lowest[g] < ground + LEVEL * height]))
    if len(feet) > 2:
        raise SimError("robot_add.many_legs", count=len(feet), feet=", ".join(sorted(tree.name(f) for f in feet)))
    return feet, meeting


def _knee(tree: BodyTree, joints: list[Joint], foot: int, across: Array) -> tuple[Joint, Joint, float]:
    """Knee, ankle pitch and the sign that bends the knee: the one of the middle joints across furthest from hip and foot."""
    pitch = [j for j in joints if abs(float(j.axis @ across)) > ALONG and not j.slide]
    if len(pitch) < 3:
        # Some hips pitch about an axis that is inclined by up to half a right angle.
        pitch = [j for j in joints if abs(float(j.axis @ across)) > INCLINED and not j.slide]
    if len(pitch) < 3:
        raise SimError("robot_add.no_knee", foot=tree.name(foot), found=", ".join(j.name for j in pitch) or "-")
    hip, ankle = pitch[0].anchor, pitch[-1].anchor

    def apart(j: Joint) -> float:
        return min(float(np.linalg.norm(j.anchor - hip)), float(np.linalg.norm(j.anchor - ankle)))

    knee = max(pitch[1:-1], key=apart)
    low, high = max(knee.low, -3.2), min(knee.high, 3.2)
    return knee, pitch[-1], 1.0 if high >= -low else -1.0


def _bend(found: tuple[Joint, Joint, float], ahead: Array) -> float:
    """The sign that bends the knee; where its range says nothing, the one that takes the foot back."""
    knee, ankle, sign = found
    low, high = max(knee.low, -3.2), min(knee.high, 3.2)
    if abs(low + high) > ONE_SIDED * (high - low):
        return sign
    return 1.0 if float(np.cross(knee.axis, ankle.anchor - knee.anchor) @ ahead) <= 0.0 else -1.0


def _forward(tree: BodyTree, feet: list[int], knees: list[tuple[Joint, Joint, float]], across: Array) -> tuple[Array, bool]:
    """Heading, and whether knees and feet agree on it: knees bend so that the foot goes back, toes are longer than heels."""
    candidate = np.cross(across, UP)
    knee_vote = foot_vote = 0.0
    for foot, (knee, ankle, sign) in zip(feet, knees, strict=True):
        low, high = max(knee.low, -3.2), min(knee.high, 3.2)
        back = np.cross(sign * knee.axis, ankle.anchor - knee.anchor)
        share = abs(low + high) / max(high - low, 1e-6)
        knee_vote -= share * float(np.sign(back @ candidate)) / 2
        along = (tree.points([foot], solid=True) - ankle.anchor) @ candidate
        foot_vote += float((along.max() + along.min()) / max(along.max() - along.min(), 1e-6)) / 2
    total = knee_vote + foot_vote
    agree = knee_vote * foot_vote >= 0.0 and abs(total) > 0.15
    # By convention a base looks along its x axis: that decides where knees bend both ways and the ankle is in mid foot.
    total += CONVENTION * float(np.sign(tree.data.xmat[tree.root].reshape(3, 3)[:, 0] @ candidate))
    return _snapped(candidate if total >= 0 else -candidate), bool(agree)


def _upper(
    tree: BodyTree,
    ahead: Array,
    left: Array,
    legs: dict[str, Leg],
    meeting: int,
    height: float,
    leg_length: float,
    doubts: dict[str, str],
) -> Anatomy:
    """Trunk, arms and head: what hangs from the base besides the legs."""
    of_legs = {g for leg in legs.values() for g in _branch(tree, leg.foot, meeting)}
    shared = [j.name for j in tree.path_joints(meeting)]
    middle = float(np.mean([tree.points([leg.foot]).mean(axis=0) @ left for leg in legs.values()]))
    rest = [g for g in tree.children if g not in of_legs and g != tree.root and not tree.children[g]]

    def offset(g: int) -> float:
        p = tree.points([g])
        centre = p.mean(axis=0) if len(p) else tree.data.xpos[g]
        return float(centre @ left) - middle

    sides = {side: [g for g in rest if sign * offset(g) > ASIDE * height] for side, sign in zip(SIDES, (1, -1), strict=True)}
    arms: dict[str, Arm] = {}
    torso = tree.root
    if sides["left"] and sides["right"]:
        torso = tree.meeting(sides["left"] + sides["right"])
        for side in SIDES:
            arms[side] = _arm(tree, torso, sides[side], height)
        if any(len(a.joints) < 3 for a in arms.values()) or tree.meeting([a.hand for a in arms.values()]) != torso:
            arms = {}
    waist = [j.name for j in tree.path_joints(torso)] if arms else []
    waist = shared + [n for n in waist if n not in shared]
    of_arms = {g for a in arms.values() for g in _branch(tree, a.hand, torso)}
    heads = [g for g in rest if g not in of_arms and abs(offset(g)) <= ASIDE * height]
    head: tuple[str, ...] = ()
    head_group = -1
    if heads:
        best = max(
            heads, key=lambda g: float(tree.points([g])[:, 2].max()) if len(tree.points([g])) else float(tree.data.xpos[g][2])
        )
        line = tree.path_joints(best, torso) if torso in tree.path(best) or torso == tree.root else tree.path_joints(best)
        names = [j.name for j in line if j.name not in waist]
        if 0 < len(names) <= 3:
            head, head_group = tuple(names), best
    kept = {n for leg in legs.values() for n in leg.joints} | set(waist) | set(head)
    kept |= {n for a in arms.values() for n in (*a.joints, *a.fingers)}
    locked = tuple(j.name for joints in tree.joints.values() for j in joints if j.name not in kept)
    return Anatomy(tree, ahead, legs, arms, tuple(waist), torso, head, head_group, locked, height, leg_length, doubts)


def _arm(tree: BodyTree, torso: int, ends: list[int], height: float) -> Arm:
    """The limb of one side that reaches furthest, down to where it branches into fingers."""
    starts = {tree.path(g, torso)[0] for g in ends}
    start = max(starts, key=lambda g: (len(tree.below(g)), tree.mass(g)))
    group, joints = start, [j.name for j in tree.joints[start]]
    while True:
        below = [c for c in tree.children[group] if tree.joints[c]]
        if not below:
            break
        largest = max(below, key=tree.mass)
        others = sum(tree.mass(c) for c in below if c != largest)
        following = tree.joints[largest]
        reach = float(np.linalg.norm(following[0].anchor - tree.joints[group][-1].anchor))
        only = len(below) == 1 or tree.mass(largest) > 4.0 * others
        if not only or following[0].slide or len(joints) + len(following) > MOST_ARM_JOINTS or reach > height / 2:
            break
        group = largest
        joints += [j.name for j in following]
    fingers: tuple[str, ...] = ()
    below = tree.children[group]
    if 1 <= len(below) <= 2 and all(len(tree.joints[c]) == 1 and not tree.children[c] for c in below):
        fingers = tuple(tree.joints[c][0].name for c in below)
    return Arm(tuple(joints), group, fingers)


def _branch(tree: BodyTree, group: int, above: int) -> list[int]:
    """All of the limb that ends in ``group``."""
    line = tree.path(group, above)
    return tree.below(line[0] if line else group)


def _snapped(direction: Array) -> Array:
    """The direction, made the world axis that it is within five degrees of."""
    axis = np.zeros(3)
    k = int(np.argmax(np.abs(direction)))
    axis[k] = np.sign(direction[k])
    return axis if float(direction @ axis) > 0.996 else direction


def _axis_name(direction: Array) -> str:
    k = int(np.argmax(np.abs(direction)))
    return ("-" if direction[k] < 0 else "") + "xyz"[k]


def _named_axis(name: str) -> Array:
    table = {"x": (1.0, 0.0), "-x": (-1.0, 0.0), "y": (0.0, 1.0), "-y": (0.0, -1.0)}
    if name not in table:
        raise SimError("robot_add.answer_wrong", key="forward", value=name, valid=", ".join(table))
    return np.array([*table[name], 0.0])
