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
        self._object = np.array([name if kind == "object" else "" for kind, _, name in named])
        self._device = np.array([name if kind == "device" else "" for kind, _, name in named])
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
        for i in doubtful(pairs, self._robot, self._sole, self._floor, bool(held)):
            a, b = pairs[i]
            kind = self._kind(int(a), int(b), held, handled, setting)
            if kind is None:
                continue
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

    @property
    def notes(self) -> tuple[ContactNote, ...]:
        """All notes so far, in order of their start."""
        return tuple(sorted([*self._closed, *self._open.values()], key=lambda n: n.start))

    def _kind(
        self, a: int, b: int, held: str, handled: Collection[str], setting: bool
    ) -> Literal["self", "cell", "load", "object"] | None:
        ra, rb = bool(self._robot[a]), bool(self._robot[b])
        if ra and rb:
            return "self"
        if ra or rb:
            robot, other = (a, b) if ra else (b, a)
            if self._floor[other]:
                return None if self._sole[robot] else "cell"
            if self._device[other]:
                return None if self._hand[robot] and self._device[other] in handled else "cell"
            piece = str(self._object[other])
            if not piece:
                return "cell"
            if self._hand[robot] and piece in handled:
                return None
            return "load" if piece == held else "object"
        if not held or held not in (self._object[a], self._object[b]):
            return None
        other = b if self._object[a] == held else a
        if self._object[other]:
            return None if self._object[other] == held else "load"
        return None if setting else "load"

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


def _below(model: mujoco.MjModel, body: int, roots: Collection[int]) -> bool:
    while body > 0:
        if body in roots:
            return True
        body = int(model.body_parentid[body])
    return False
