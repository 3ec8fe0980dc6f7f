"""What stands around the robot, put into a MuJoCo model description: ground, stations, workpieces, walkers."""

from __future__ import annotations

from collections.abc import Mapping

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.cell import Part, Walker, WorkCell, Workpiece
from sim.terrain import Facet, terrain_of
from sim.transforms import Pose
from sim.variation import NOMINAL, Variation

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


# A tote is 3 mm polypropylene with ribs: mass per wall area in kg/m^2, and the thickness its walls have in contact, m.
TOTE_WALL_DENSITY = 2.6
TOTE_WALL = 0.008
#: Goods that lie loose in a tote: cardboard on polypropylene.
LOOSE_FRICTION = 0.3
#: The rail drive of a walker, N/m and N·s/m: stiff enough that a robot in its way does not hold it up unnoticed.
WALKER_STIFFNESS, WALKER_DAMPING = 4000.0, 1200.0


def object_start(cell: WorkCell, object_id: str, variation: Variation) -> Pose:
    """Where a workpiece's centre really is at the start, world: the cell's pose displaced by the variation."""
    piece = cell.object(object_id)
    surface = cell.station(piece.station).slot_in_world(piece.slot)
    moved = piece.offset @ variation.object_offset_of(object_id)
    return surface @ Pose.from_xyz_yaw(moved.x, moved.y, piece.size[2] / 2, moved.yaw)


def ground_height(cell: WorkCell | None, x: float, y: float, variation: Variation = NOMINAL) -> float:
    """True height of the ground at a point, m."""
    return terrain_of(cell, plan=False, variation=variation).height(x, y)


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
    number: dict[str, int] = {}
    for facet in terrain_of(cell, plan=False, variation=variation).facets:
        count = number[facet.feature] = number.get(facet.feature, -1) + 1
        name = facet.feature if facet.feature.startswith("zone/") else f"{facet.feature}/{count}"
        _add_facet(spec, name, facet)
        materials[name] = facet.material
    return materials


def _add_facet(spec: mujoco.MjSpec, name: str, facet: Facet) -> None:
    """A box whose upper face is the facet and whose foot is below the floor."""
    tilt = -float(np.arctan(facet.slope))
    thick = 0.05 + (facet.height if facet.slope == 0.0 else 0.05)
    turned = np.array([np.cos(tilt / 2), 0.0, np.sin(tilt / 2), 0.0])
    flat = Pose.from_xyz_yaw(facet.centre.x, facet.centre.y, facet.height, facet.centre.yaw)
    top = flat @ Pose((0.0, 0.0, 0.0), (float(turned[0]), 0.0, float(turned[2]), 0.0))
    middle = top @ Pose((0.0, 0.0, -thick / 2))
    spec.worldbody.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=middle.position,
        quat=middle.quaternion,
        size=[facet.half[0] / np.cos(tilt), facet.half[1], thick / 2],
        friction=[facet.friction, 0.005, 0.0001],
        condim=3,
        # Above the floor's, so that a sole at the edge of a wet patch finds the patch's friction and not the soles' own.
        priority=2,
        solref=[0.01, 1.0],
        rgba=_colour(facet.material),
    )


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
        scale = variation.object_mass_of(piece.id)
        mass = (piece.mass - piece.loose_mass) * scale
        if piece.kind == "tote":
            _add_tote(body, piece, mass)
        else:
            _add_solid(body, piece, mass)
        materials |= {geom.name: piece.material for geom in body.geoms}
        if piece.loose_mass > 0.0:
            materials |= _add_loose(spec, piece, pose, piece.loose_mass * scale)
    return materials


def loose_start(piece: Workpiece, pose: Pose) -> Pose:
    """Where a tote's loose goods lie at the start: in the middle of its floor. ``pose`` is the tote's, world."""
    return pose @ Pose((0.0, 0.0, -piece.size[2] / 2 + TOTE_WALL + 0.001 + 0.15 * piece.size[2]))


def _add_loose(spec: mujoco.MjSpec, piece: Workpiece, pose: Pose, mass: float) -> dict[str, str]:
    """A carton that lies loose in a tote, half as long and wide: body ``loose/<id>``."""
    start = loose_start(piece, pose)
    body = spec.worldbody.add_body(name=f"loose/{piece.id}", pos=start.position, quat=start.quaternion)
    body.add_freejoint(name=f"loose/{piece.id}")
    name = f"loose/{piece.id}/carton"
    body.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[0.25 * piece.size[0], 0.25 * piece.size[1], 0.15 * piece.size[2]],
        mass=mass,
        friction=[LOOSE_FRICTION, 0.01, 0.0001],
        condim=3,
        priority=2,
        rgba=_colour("carton"),
    )
    return {name: "carton"}


def add_walkers(spec: mujoco.MjSpec, cell: WorkCell) -> dict[str, str]:
    """Walkers as bodies ``walker/<id>`` on a driven rail, the joint's zero at their start; material by geom name."""
    materials: dict[str, str] = {}
    for walker in cell.walkers:
        name = f"walker/{walker.id}"
        way = rail(walker)
        body = spec.worldbody.add_body(name=name, pos=[*walker.start, walker.height / 2])
        body.add_joint(name=name, type=mujoco.mjtJoint.mjJNT_SLIDE, axis=[way[0], way[1], 0.0])
        body.add_geom(
            name=name,
            type=mujoco.mjtGeom.mjGEOM_CYLINDER,
            size=[walker.radius, walker.height / 2 - 0.01, 0.0],
            mass=walker.mass,
            friction=[0.5, 0.005, 0.0001],
            rgba=_colour(walker.material),
        )
        drive = spec.add_actuator(name=name, trntype=mujoco.mjtTrn.mjTRN_JOINT, target=name)
        drive.set_to_position(kp=WALKER_STIFFNESS, kv=WALKER_DAMPING)
        materials[name] = walker.material
    return materials


def rail(walker: Walker) -> Array:
    """Unit direction (2,) of a walker's rail, world."""
    way = np.array(walker.stop) - np.array(walker.start)
    return np.asarray(way / np.linalg.norm(way))


def walked(walker: Walker, time: float) -> float:
    """How far along its rail a walker wants to be at ``time``, m."""
    whole = float(np.linalg.norm(np.array(walker.stop) - np.array(walker.start)))
    there = walker.leaves + whole / walker.speed
    if time <= there + walker.stays:
        return min(max(time - walker.leaves, 0.0) * walker.speed, whole)
    return max(whole - (time - there - walker.stays) * walker.speed, 0.0)


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
