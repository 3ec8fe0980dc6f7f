"""A model as rigid groups of bodies joined by moving joints, at its zero posture: what anatomy is read from."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.robot_add.shapes import geom_points

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Joint:
    """A hinge or slide at the zero posture, world: axis (3,), anchor (3,) m; range rad or m (infinite where unlimited)."""

    id: int
    name: str
    axis: Array
    anchor: Array
    low: float
    high: float
    slide: bool


class BodyTree:
    """Rigid groups by the body that carries their joints; ``root`` is the base's.

    Args:
        model: The robot alone, its base with a free joint.
        root: The base body.
    """

    def __init__(self, model: mujoco.MjModel, root: int) -> None:
        self.model, self.root = model, root
        self.data = mujoco.MjData(model)
        mujoco.mj_resetData(model, self.data)
        for joint in range(model.njnt):
            # Where a range leaves out zero, its nearer end.
            if model.jnt_limited[joint] and model.jnt_type[joint] in (2, 3):
                at = int(model.jnt_qposadr[joint])
                low, high = model.jnt_range[joint]
                self.data.qpos[at] = min(max(float(self.data.qpos[at]), float(low)), float(high))
        mujoco.mj_forward(model, self.data)
        n = model.nbody
        self.owner = [0] * n
        self.joints: dict[int, list[Joint]] = {}
        self.children: dict[int, list[int]] = {}
        self.parent: dict[int, int] = {}
        for b in range(1, n):
            up = int(model.body_parentid[b])
            if b == root or model.body_dofnum[b] > 0:
                self.owner[b] = b
                self.children[b] = []
                self.joints[b] = [] if b == root else [self._joint(j) for j in self._joint_ids(b)]
                if b != root:
                    self.parent[b] = self.owner[up]
                    self.children[self.owner[up]].append(b)
            else:
                self.owner[b] = self.owner[up]
        self.solid: dict[int, Array] = {}
        self.shape: dict[int, Array] = {}
        # Floors are of the first kind of contact.
        touching = ((model.geom_contype | model.geom_conaffinity) & 1) != 0
        for b in self.children:
            own = [g for g in range(model.ngeom) if self.owner[int(model.geom_bodyid[g])] == b]
            self.shape[b] = self._points(own)
            self.solid[b] = self._points([g for g in own if touching[g]])

    def _points(self, geoms: list[int]) -> Array:
        found = [geom_points(self.model, self.data, g) for g in geoms]
        return np.vstack(found) if found else np.zeros((0, 3))

    def _joint_ids(self, body: int) -> list[int]:
        first = int(self.model.body_jntadr[body])
        return list(range(first, first + int(self.model.body_jntnum[body])))

    def _joint(self, j: int) -> Joint:
        m, d = self.model, self.data
        limited = bool(m.jnt_limited[j])
        low, high = (float(v) for v in m.jnt_range[j]) if limited else (-np.inf, np.inf)
        slide = int(m.jnt_type[j]) == int(mujoco.mjtJoint.mjJNT_SLIDE)
        return Joint(j, str(m.joint(j).name), d.xaxis[j].copy(), d.xanchor[j].copy(), low, high, slide)

    def path(self, group: int, above: int = -1) -> list[int]:
        """Groups from below ``above`` (the root if not given) down to ``group``."""
        stop = self.root if above < 0 else above
        out = []
        while group != stop and group != self.root:
            out.append(group)
            group = self.parent[group]
        return out[::-1]

    def path_joints(self, group: int, above: int = -1) -> list[Joint]:
        """Joints on that path, in order."""
        return [j for g in self.path(group, above) for j in self.joints[g]]

    def below(self, group: int) -> list[int]:
        """A group and all that hangs from it."""
        out = [group]
        for child in self.children[group]:
            out += self.below(child)
        return out

    def meeting(self, groups: list[int]) -> int:
        """The lowest group that all of them hang from (or are)."""
        lines = [[self.root, *self.path(g)] for g in groups]
        last = self.root
        for level in zip(*lines, strict=False):
            if len(set(level)) > 1:
                break
            last = level[0]
        return last

    def points(self, groups: list[int], *, solid: bool = False) -> Array:
        """Outermost points (k, 3) of groups, world; all geoms, or those that touch."""
        table = self.solid if solid else self.shape
        found = [table[g] for g in groups if len(table[g])]
        return np.vstack(found) if found else np.zeros((0, 3))

    def name(self, group: int) -> str:
        """Name of the body that carries the group's joints."""
        return str(self.model.body(group).name)

    def mass(self, group: int) -> float:
        """Mass kg of a group and all below."""
        return float(self.model.body_subtreemass[group])
