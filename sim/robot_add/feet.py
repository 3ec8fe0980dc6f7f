"""A foot whose shapes a file has put on the link above it, though the other foot's are on the last link, is put right."""

from __future__ import annotations

import mujoco
import numpy as np

from sim.robot_add.anatomy import LEVEL, LOW, find_feet
from sim.robot_add.source import Source
from sim.robot_add.tree import BodyTree
from sim.transforms import quaternion_from_matrix

_MOVABLE = {int(getattr(mujoco.mjtGeom, f"mjGEOM_{kind}")) for kind in ("SPHERE", "CAPSULE", "CYLINDER", "BOX", "ELLIPSOID")}


def gather_foot(source: Source, tree: BodyTree) -> bool:
    """Move the sole of the shorter leg to the leg's last link, where that makes both legs alike; edits the source.

    Only where what is moved are plain shapes that stand on the floor, and the last link is drawn there. Whether something moved.
    """
    solid = tree.points(list(tree.children), solid=True)
    if not len(solid):
        return False
    low = float(solid[:, 2].min())
    height = float(tree.points(list(tree.children))[:, 2].max()) - low
    feet, meeting = find_feet(tree, low, height)
    if len(feet) != 2:
        return False
    counts = [len(tree.path_joints(foot, meeting)) for foot in feet]
    short = int(np.argmin(counts))
    missing = abs(counts[0] - counts[1])
    ends = [
        g
        for g in tree.below(feet[short])
        if missing
        and len(tree.path_joints(g, feet[short])) == missing
        and len(tree.shape[g])
        and not len(tree.solid[g])
        and float(tree.shape[g][:, 2].min()) < low + LOW * height
    ]
    if len(ends) != 1:
        return False
    names = _move(source, tree, feet[short], ends[0], low + LEVEL * height)
    if names:
        source.note("sole_moved", count=names, above=tree.name(feet[short]), foot=tree.name(ends[0]))
    return bool(names)


def _move(source: Source, tree: BodyTree, above: int, foot: int, under: float) -> int:
    """Move the plain shapes of body ``above`` that reach down to ``under`` (m, world) onto body ``foot``; how many."""
    m, d = tree.model, tree.data
    old, new = source.body(tree.name(above)), source.body(tree.name(foot))
    elements = old.findall("geom")
    first = int(m.body_geomadr[above])
    if len(elements) != int(m.body_geomnum[above]):
        return 0
    turn = d.xmat[foot].reshape(3, 3)
    count = 0
    for k, element in enumerate(elements):
        geom = first + k
        if int(m.geom_type[geom]) not in _MOVABLE or not (int(m.geom_contype[geom]) | int(m.geom_conaffinity[geom])) & 1:
            continue
        if float(d.geom_xpos[geom][2]) - float(m.geom_rbound[geom]) > under:
            continue
        for key in ("pos", "quat", "euler", "axisangle", "xyaxes", "zaxis", "fromto"):
            element.attrib.pop(key, None)
        place = turn.T @ (d.geom_xpos[geom] - d.xpos[foot])
        rotation = quaternion_from_matrix(turn.T @ d.geom_xmat[geom].reshape(3, 3))
        element.set("pos", " ".join(f"{v:.9g}" for v in place))
        element.set("quat", " ".join(f"{v:.9g}" for v in rotation))
        element.set("size", " ".join(f"{v:.9g}" for v in m.geom_size[geom]))
        old.remove(element)
        new.append(element)
        count += 1
    return count
