"""What stands around the robot, put into a MuJoCo model description: floor, zones, stations, workpieces."""

from __future__ import annotations

from collections.abc import Mapping

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.cell import Part, WorkCell, Workpiece, Zone
from sim.transforms import Pose, Pose2
from sim.variation import Variation

Array = NDArray[np.float64]

# Colours for MuJoCo's own viewers and renderers; the workbench's viewport has its own table by material name.
COLOURS: Mapping[str, tuple[float, float, float, float]] = {
    "tote": (0.310, 0.498, 0.659, 1.0),
    "bench": (0.541, 0.478, 0.388, 1.0),
    "steel": (0.463, 0.506, 0.553, 1.0),
    "roller": (0.62, 0.66, 0.70, 1.0),
    "carton": (0.66, 0.56, 0.43, 1.0),
    "machine": (0.80, 0.82, 0.84, 1.0),
    "panel": (0.55, 0.60, 0.64, 1.0),
    "glass": (0.20, 0.26, 0.32, 1.0),
    "dark": (0.22, 0.26, 0.30, 1.0),
    "safety": (0.85, 0.68, 0.20, 1.0),
    "mesh": (0.50, 0.54, 0.58, 0.35),
    "aluminium": (0.70, 0.73, 0.76, 1.0),
    "concrete": (0.52, 0.55, 0.58, 1.0),
    "epoxy": (0.60, 0.63, 0.66, 1.0),
}
DEFAULT_COLOUR = (0.5, 0.53, 0.57, 1.0)


# A zone with friction of its own is a thin hard sheet on the floor, m: thick enough that a loaded sole, which sinks in a few
# tenths of a millimetre, touches the sheet alone and not the floor below; too thin to trip over.
SHEET = 0.0015
# A tote is 3 mm polypropylene with ribs: mass per wall area in kg/m^2, and the thickness its walls have in contact, m.
TOTE_WALL_DENSITY = 2.6
TOTE_WALL = 0.008


def object_start(cell: WorkCell, object_id: str, variation: Variation) -> Pose:
    """Where a workpiece's centre really is at the start, world: the cell's pose displaced by the variation."""
    piece = cell.object(object_id)
    surface = cell.station(piece.station).slot_in_world(piece.slot)
    moved = piece.offset @ variation.object_offset_of(object_id)
    return surface @ Pose.from_xyz_yaw(moved.x, moved.y, piece.size[2] / 2, moved.yaw)


def ground_height(cell: WorkCell | None, x: float, y: float) -> float:
    """Height of the floor at a point, m: zero, or the thickness of a zone's sheet there."""
    for zone in cell.zones if cell is not None else ():
        if cell is not None and _is_sheet(zone, cell):
            inside = zone.centre.inverse() @ Pose2(x, y)
            if abs(inside.x) <= zone.size[0] / 2 and abs(inside.y) <= zone.size[1] / 2:
                return SHEET
    return 0.0


def _is_sheet(zone: Zone, cell: WorkCell) -> bool:
    return zone.friction is not None and zone.friction != cell.floor_friction


def add_floor(spec: mujoco.MjSpec, cell: WorkCell | None, variation: Variation) -> dict[str, str]:
    """Floor and zones with friction of their own; material by geom name. Priority makes their friction win over the soles'."""
    width, depth = cell.floor_size if cell is not None else (10.0, 10.0)
    friction = (cell.floor_friction if cell is not None else 0.8) * variation.floor_friction_scale
    material = cell.floor_material if cell is not None else "concrete"
    spec.worldbody.add_geom(
        name="floor",
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        size=[width / 2, depth / 2, 0.1],
        friction=[friction, 0.005, 0.0001],
        condim=3,
        priority=1,
        rgba=_colour(material),
    )
    materials = {"floor": material}
    for zone in cell.zones if cell is not None else ():
        if cell is None or zone.friction is None or not _is_sheet(zone, cell):
            continue
        name = f"zone/{zone.id}"
        pose = Pose.from_xyz_yaw(zone.centre.x, zone.centre.y, SHEET - 0.05, zone.centre.yaw)
        spec.worldbody.add_geom(
            name=name,
            type=mujoco.mjtGeom.mjGEOM_BOX,
            pos=pose.position,
            quat=pose.quaternion,
            size=[zone.size[0] / 2, zone.size[1] / 2, 0.05],
            friction=[zone.friction * variation.floor_friction_scale, 0.005, 0.0001],
            condim=3,
            priority=2,
            solref=[0.01, 1.0],
            rgba=_colour(zone.material),
        )
        materials[name] = zone.material
    return materials


def add_stations(spec: mujoco.MjSpec, cell: WorkCell) -> dict[str, str]:
    """Stations as fixed bodies ``cell/<station>``; material by geom name."""
    materials: dict[str, str] = {}
    for station in cell.stations.values():
        pose = Pose.from_xyz_yaw(station.pose.x, station.pose.y, 0.0, station.pose.yaw)
        body = spec.worldbody.add_body(name=f"cell/{station.id}", pos=pose.position, quat=pose.quaternion)
        for number, part in enumerate(station.parts):
            name = f"cell/{station.id}/{part.name or number}"
            _add_part(body, name, part)
            materials[name] = part.material
    return materials


def _add_part(body: mujoco.MjsBody, name: str, part: Part) -> None:
    box = part.shape == "box"
    size = part.size if box else (part.size[0], part.size[1], 0.0)
    body.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_BOX if box else mujoco.mjtGeom.mjGEOM_CYLINDER,
        pos=part.pose.position,
        quat=part.pose.quaternion,
        size=size,
        friction=[0.6, 0.005, 0.0001],
        contype=int(part.collides),
        conaffinity=int(part.collides),
        rgba=_colour(part.material),
    )


def add_objects(spec: mujoco.MjSpec, cell: WorkCell, variation: Variation) -> dict[str, str]:
    """Workpieces as free bodies ``object/<id>``; material by geom name."""
    materials: dict[str, str] = {}
    for piece in cell.objects.values():
        pose = object_start(cell, piece.id, variation)
        body = spec.worldbody.add_body(name=f"object/{piece.id}", pos=pose.position, quat=pose.quaternion)
        body.add_freejoint(name=f"object/{piece.id}")
        mass = piece.mass * variation.object_mass_of(piece.id)
        if piece.kind == "tote":
            _add_tote(body, piece, mass)
        else:
            _add_solid(body, piece, mass)
        materials |= {geom.name: piece.material for geom in body.geoms}
    return materials


def _add_box(body: mujoco.MjsBody, piece: Workpiece, name: str, centre: Array, half: Array, mass: float) -> None:
    # Priority: a workpiece's friction is a property of its surface with rubber or steel, and is what the cell file says.
    body.add_geom(
        name=f"object/{piece.id}/{name}",
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=centre,
        size=half,
        mass=mass,
        friction=[piece.friction, 0.01, 0.0001],
        condim=4,
        priority=1,
        rgba=_colour(piece.material),
    )


def _add_solid(body: mujoco.MjsBody, piece: Workpiece, mass: float) -> None:
    if piece.kind != "cylinder":
        _add_box(body, piece, "solid", np.zeros(3), np.array(piece.size) / 2, mass)
        return
    body.add_geom(
        name=f"object/{piece.id}/solid",
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        size=[piece.size[0] / 2, piece.size[2] / 2, 0.0],
        mass=mass,
        friction=[piece.friction, 0.01, 0.0001],
        condim=4,
        priority=1,
        rgba=_colour(piece.material),
    )


def _add_tote(body: mujoco.MjsBody, piece: Workpiece, mass: float) -> None:
    """An open box: floor and four walls in contact; the rest of its mass is goods lying on its floor."""
    x, y, z = piece.size
    t = TOTE_WALL
    panels = {
        "base": ((0.0, 0.0, -z / 2 + t / 2), (x, y, t)),
        "wall_front": ((x / 2 - t / 2, 0.0, t / 2), (t, y, z - t)),
        "wall_back": ((-x / 2 + t / 2, 0.0, t / 2), (t, y, z - t)),
        "wall_left": ((0.0, y / 2 - t / 2, t / 2), (x - 2 * t, t, z - t)),
        "wall_right": ((0.0, -y / 2 + t / 2, t / 2), (x - 2 * t, t, z - t)),
    }
    volumes = {name: float(np.prod(full)) for name, (_, full) in panels.items()}
    shell = min(TOTE_WALL_DENSITY * sum(volumes.values()) / t, 0.6 * mass)
    for name, (centre, full) in panels.items():
        share = shell * volumes[name] / sum(volumes.values())
        _add_box(body, piece, name, np.array(centre), np.array(full) / 2, share)
    goods = np.array([0.80 * (x - 2 * t), 0.80 * (y - 2 * t), 0.40 * z])
    body.add_geom(
        name=f"object/{piece.id}/goods",
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=[0.0, 0.0, -z / 2 + t + goods[2] / 2],
        size=goods / 2,
        mass=mass - shell,
        contype=0,
        conaffinity=0,
        rgba=_colour("carton"),
    )


def _colour(material: str) -> tuple[float, float, float, float]:
    return COLOURS.get(material, DEFAULT_COLOUR)
