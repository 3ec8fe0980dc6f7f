"""Watches who touches whom, and notes the contacts that the motion did not plan."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import mujoco
import numba
import numpy as np
from numpy.typing import NDArray

from sim.recording import ContactNote
from sim.robot import SIDES
from sim.scene import Scene

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

#: Touches of one pair closer together than this are one contact, s.
GAP_S = 0.1
#: Kinds of unplanned contacts, and their numbers; 0 is planned.
Kind = Literal["self", "cell", "load", "object"]
SELF, CELL, LOAD, OBJECT = 1, 2, 3, 4
KINDS: dict[int, Kind] = {SELF: "self", CELL: "cell", LOAD: "load", OBJECT: "object"}


class ContactWatch:
    """Planned are: soles on the floor; hands on the workpiece of the step at work; a workpiece not held on anything of
    the cell; a held workpiece on its own and on the target station while it is grasped or placed. All else is noted."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        model = scene.model
        profile = scene.robot.profile
        soles = {int(model.site_bodyid[model.site(profile.legs[s].sole_site).id]) for s in SIDES}
        hands = [int(model.site_bodyid[model.site(a.hand_site).id]) for a in profile.arms.values()]
        body = model.geom_bodyid
        self._robot = scene.is_robot_geom
        self._sole = np.array([int(b) in soles for b in body])
        self._hand = np.array([_below(model, int(b), hands) for b in body])
        self._floor = np.zeros(model.ngeom, dtype=np.bool_)
        self._floor[scene.floor_geoms] = True
        named = [o.partition(":") for o in scene.geom_owner]
        names = sorted({name for kind, _, name in named if kind in ("object", "device")})
        self._number = {name: i for i, name in enumerate(names)}
        #: number of the workpiece and of the device that each geom belongs to, -1 for none
        self._object = np.array([self._number[name] if kind == "object" else -1 for kind, _, name in named])
        self._device = np.array([self._number[name] if kind == "device" else -1 for kind, _, name in named])
        self._open: dict[tuple[int, int], ContactNote] = {}
        self._closed: list[ContactNote] = []

    def update(
        self, time: float, pairs: IntArray, forces: Array, held: str, handled: Collection[str], setting: bool, step: str
    ) -> None:
        """Take in the contacts of a moment.

        Args:
            pairs: (k, 2) geom ids. forces: (k, 3) N.
            held: workpiece in the hands, "" if none.
            handled: workpieces that the hands may touch.
            setting: the held workpiece may touch stations (it is being taken or put down).
            step: the step being executed.
        """
        may_touch = np.zeros(len(self._number), dtype=np.bool_)
        for name in handled:
            if name in self._number:
                may_touch[self._number[name]] = True
        found = unplanned(
            pairs,
            self._robot,
            self._sole,
            self._hand,
            self._floor,
            self._object,
            self._device,
            self._number.get(held, -1),
            may_touch,
            setting,
        )
        for i in found.nonzero()[0]:
            a, b = pairs[i]
            kind = KINDS[int(found[i])]
            size = float(np.linalg.norm(forces[i]))
            key = (min(int(a), int(b)), max(int(a), int(b)))
            note = self._open.get(key)
            if note is not None and time - note.end <= GAP_S:
                peak = max(note.peak_force, size)
                self._open[key] = ContactNote(note.start, time, note.kind, note.first, note.second, peak, note.step)
                continue
            if note is not None:
                self._closed.append(note)
            self._open[key] = ContactNote(time, time, kind, self._name(key[0]), self._name(key[1]), size, step)

    def doubtful(self, pairs: IntArray, holding: bool) -> IntArray:
        """Numbers of the pairs (k, 2) worth a closer look; ``holding``: a workpiece is in the hands."""
        found: IntArray = doubtful(pairs, self._robot, self._sole, self._floor, holding)
        return found

    @property
    def notes(self) -> tuple[ContactNote, ...]:
        """All notes so far, in order of their start."""
        return tuple(sorted([*self._closed, *self._open.values()], key=lambda n: n.start))

    def _name(self, geom: int) -> str:
        model = self.scene.model
        return str(model.geom(geom).name or model.body(int(model.geom_bodyid[geom])).name)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def doubtful(pairs: IntArray, robot: BoolArray, sole: BoolArray, floor: BoolArray, holding: bool) -> IntArray:
    """Numbers of the pairs (k, 2) worth a closer look: neither soles on the floor, nor, with empty hands, things on things."""
    out = np.empty(pairs.shape[0], dtype=np.int64)
    count = 0
    for i in range(pairs.shape[0]):
        a, b = pairs[i, 0], pairs[i, 1]
        if (sole[a] and floor[b]) or (sole[b] and floor[a]):
            continue
        if not (robot[a] or robot[b] or holding):
            continue
        out[count] = i
        count += 1
    return out[:count]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def unplanned(
    pairs: IntArray,
    robot: BoolArray,
    sole: BoolArray,
    hand: BoolArray,
    floor: BoolArray,
    piece: IntArray,
    device: IntArray,
    held: int,
    handled: BoolArray,
    setting: bool,
) -> IntArray:
    """Number (k,) in :data:`KINDS` of what touches in each of the pairs (k, 2); 0 where it is planned.

    Args:
        robot, sole, hand, floor: of each geom. piece, device: number of the workpiece and of the device it belongs to, or -1.
        held: the workpiece in the hands, or -1. handled: by number, what hands may touch.
        setting: the held workpiece may touch stations.
    """
    out = np.zeros(pairs.shape[0], dtype=np.int64)
    for i in range(pairs.shape[0]):
        a, b = pairs[i, 0], pairs[i, 1]
        if robot[a] and robot[b]:
            out[i] = SELF
        elif robot[a] or robot[b]:
            if robot[b]:
                a, b = b, a
            if floor[b]:
                out[i] = 0 if sole[a] else CELL
            elif device[b] >= 0:
                out[i] = 0 if hand[a] and handled[device[b]] else CELL
            elif piece[b] < 0:
                out[i] = CELL
            elif not (hand[a] and handled[piece[b]]):
                out[i] = LOAD if piece[b] == held else OBJECT
        elif held >= 0 and (piece[a] == held or piece[b] == held):
            other = b if piece[a] == held else a
            if piece[other] >= 0:
                out[i] = 0 if piece[other] == held else LOAD
            else:
                out[i] = 0 if setting else LOAD
    return out


def _below(model: mujoco.MjModel, body: int, roots: Collection[int]) -> bool:
    while body > 0:
        if body in roots:
            return True
        body = int(model.body_parentid[body])
    return False
