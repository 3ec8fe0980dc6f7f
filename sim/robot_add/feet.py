"""Feet as a file has them, put right: soles that are only drawn, or that are on the wrong link of one ankle."""

from __future__ import annotations

import mujoco
import numpy as np

from sim.robot_add.anatomy import LEVEL, LOW, find_feet
from sim.robot_add.shapes import geom_points
from sim.robot_add.source import Source
from sim.robot_add.tree import BodyTree
from sim.transforms import quaternion_from_matrix

_MOVABLE = {int(getattr(mujoco.mjtGeom, f"mjGEOM_{kind}")) for kind in ("SPHERE", "CAPSULE", "CYLINDER", "BOX", "ELLIPSOID")}


def give_soles(source: Source, tree: BodyTree) -> bool:
    """Where nothing that touches reaches the floor on which the robot is drawn, what is drawn there touches; whether so."""
    groups = list(tree.children)
    points, solid = tree.points(groups), tree.points(groups, solid=True)
    if not len(points):
        return False
    low, high = float(points[:, 2].min()), float(points[:, 2].max())
    floor = low + LOW * (high - low)
    if len(solid) and float(solid[:, 2].min()) < floor:
        return False
    m, d, names = tree.model, tree.data, []
    for body in range(1, m.nbody):
        elements = source.body(str(m.body(body).name)).findall("geom")
        if len(elements) != int(m.body_geomnum[body]):
            continue
        for k, element in enumerate(elements):
            found = geom_points(m, d, int(m.body_geomadr[body]) + k)
            if len(found) and float(found[:, 2].min()) < floor:
                element.set("contype", "1")
                element.set("conaffinity", "1")
                names.append(str(m.body(body).name))
    if names:
        source.note("sole_from_looks", names=", ".join(dict.fromkeys(names)))
    return bool(names)


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
