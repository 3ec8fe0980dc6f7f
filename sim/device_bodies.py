"""Buttons, doors and fixtures put into a MuJoCo model description, and their shapes to look at.

Each is a body ``device/<id>``, on a joint of the same name where it moves. The body's frame is where the work is done: the middle
of a button's cap, of a door's handle, of a fixture's upper rim; so that is what a camera sees of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.cell import WorkCell
from sim.devices import Button, Device, Door, Fixture
from sim.transforms import Pose

Array = NDArray[np.float64]

#: A button's cap stands proud of its panel by this, and reaches as far into it, m.
CAP_PROUD = 0.012
CAP_MASS = 0.03
#: Steel or plastic against rubber pads.
DEVICE_FRICTION = 0.6
_SQUARE = math.sqrt(0.5)


@dataclass(frozen=True, slots=True)
class Piece:
    """A solid of a device in its body's frame: ``box`` (half extents) or ``cylinder`` (radius, half height; upright in the pose)."""

    name: str
    shape: str
    pose: Pose
    size: tuple[float, ...]
    material: str
    moves: bool = True


def device_pose(cell: WorkCell, device: Device) -> Pose:
    """Where a device's body is when it is free, shut or empty, world."""
    at = cell.device_in_world(device.id)
    if isinstance(device, Door):
        return at @ device.handle()
    if isinstance(device, Fixture):
        return at @ Pose((0.0, 0.0, device.depth))
    return at


def moves(device: Device) -> bool:
    """Whether it is on a joint."""
    return not isinstance(device, Fixture)


def pieces(device: Device) -> tuple[Piece, ...]:
    """What a device is made of, in its body's frame."""
    if isinstance(device, Button):
        lying = Pose((-CAP_PROUD, 0.0, 0.0), (_SQUARE, 0.0, _SQUARE, 0.0))
        return (Piece("cap", "cylinder", lying, (device.radius, CAP_PROUD), device.material),)
    if isinstance(device, Door):
        return _door_pieces(device)
    return _fixture_pieces(device)


def _door_pieces(door: Door) -> tuple[Piece, ...]:
    x, y, z = door.handle().position
    leaf = Pose((-x, door.sign * door.width / 2 - y, door.height / 2 - z))
    half = door.handle_length / 2
    out = [
        Piece("leaf", "box", leaf, (door.thickness / 2, door.width / 2, door.height / 2), door.material),
        Piece("bar", "cylinder", Pose((0.0, 0.0, 0.0)), (door.handle_radius, half), "steel"),
    ]
    for name, up in (("upper", half - door.handle_radius), ("lower", door.handle_radius - half)):
        post = Pose((-door.handle_gap / 2, 0.0, up), (_SQUARE, 0.0, _SQUARE, 0.0))
        out.append(Piece(f"post_{name}", "cylinder", post, (0.8 * door.handle_radius, door.handle_gap / 2), "steel"))
    return tuple(out)


def _fixture_pieces(fixture: Fixture) -> tuple[Piece, ...]:
    (x, y), wall, low = fixture.opening, fixture.wall / 2, -fixture.depth / 2
    up = fixture.depth / 2
    c = fixture.chamfer
    out = []
    for name, along, sign in (("front", 0, 1.0), ("back", 0, -1.0), ("left", 1, 1.0), ("right", 1, -1.0)):
        inner = (x if along == 0 else y) / 2
        length = (y if along == 0 else x) / 2 + (2 * wall if along == 0 else 0.0)
        at = sign * (inner + wall)
        centre = (at, 0.0, low - c / 2) if along == 0 else (0.0, at, low - c / 2)
        half = (wall, length, up - c / 2) if along == 0 else (length, wall, up - c / 2)
        out.append(Piece(name, "box", Pose(centre), half, fixture.material))
        if c > 0.0:
            out += _chamfer(name, along, sign, inner, length, fixture)
    return tuple(out)


def _chamfer(name: str, along: int, sign: float, inner: float, length: float, fixture: Fixture) -> list[Piece]:
    """The upper edge of a wall: a plate at 45 degrees in front of what is left of the wall."""
    c = fixture.chamfer
    rest = (fixture.wall - c) / 2
    behind = sign * (inner + c + rest)
    centre = (behind, 0.0, -c / 2) if along == 0 else (0.0, behind, -c / 2)
    half = (rest, length, c / 2) if along == 0 else (length, rest, c / 2)
    # The plate's upper face runs from the inner edge, c below the rim, to c outside of it, at the rim.
    thick = 0.35 * c
    middle = inner + c / 2 + thick * _SQUARE
    down = -c / 2 - thick * _SQUARE
    slope = c * _SQUARE
    angle = math.pi / 8
    turn = (
        (math.cos(angle), 0.0, -sign * math.sin(angle), 0.0)
        if along == 0
        else (math.cos(angle), sign * math.sin(angle), 0.0, 0.0)
    )
    plate = Pose((sign * middle, 0.0, down) if along == 0 else (0.0, sign * middle, down), turn)
    size = (slope, length, thick) if along == 0 else (length, slope, thick)
    return [
        Piece(f"{name}_rim", "box", Pose(centre), half, fixture.material),
        Piece(f"{name}_chamfer", "box", plate, size, fixture.material),
    ]


def add_devices(spec: mujoco.MjSpec, cell: WorkCell, colours: Mapping[str, tuple[float, float, float, float]]) -> dict[str, str]:
    """Devices as bodies ``device/<id>``; material by geom name."""
    materials: dict[str, str] = {}
    for device in cell.devices.values():
        name = f"device/{device.id}"
        pose = device_pose(cell, device)
        body = spec.worldbody.add_body(name=name, pos=pose.position, quat=pose.quaternion)
        solids = pieces(device)
        if isinstance(device, Button):
            body.add_joint(
                name=name,
                type=mujoco.mjtJoint.mjJNT_SLIDE,
                axis=[-1.0, 0.0, 0.0],
                range=[0.0, device.travel],
                limited=True,
                stiffness=device.stiffness,
                springref=-device.preload / device.stiffness,
                damping=4.0,
                armature=0.05,
                # The least that two milliseconds of step allow: a soft stop would let the free cap sink in by millimetres.
                solref_limit=[0.004, 1.0],
                solimp_limit=[0.98, 0.999, 0.0005, 0.5, 2.0],
                frictionloss=0.3,
            )
        elif isinstance(device, Door):
            x, y, _ = device.handle().position
            body.add_joint(
                name=name,
                type=mujoco.mjtJoint.mjJNT_HINGE,
                axis=[0.0, 0.0, -device.sign],
                pos=[-x, -y, 0.0],
                range=[0.0, device.opens],
                limited=True,
                damping=device.damping,
                frictionloss=device.friction,
            )
        if moves(device):
            # A cap goes into its panel, and a leaf lies against its frame.
            spec.add_exclude(bodyname1=name, bodyname2=f"cell/{device.station}")
        for solid in solids:
            geom = f"{name}/{solid.name}"
            box = solid.shape == "box"
            body.add_geom(
                name=geom,
                type=mujoco.mjtGeom.mjGEOM_BOX if box else mujoco.mjtGeom.mjGEOM_CYLINDER,
                pos=solid.pose.position,
                quat=solid.pose.quaternion,
                size=solid.size if box else (solid.size[0], solid.size[1], 0.0),
                mass=_mass(device, solid),
                friction=[DEVICE_FRICTION, 0.005, 0.0001],
                condim=4,
                rgba=colours.get(solid.material, (0.5, 0.53, 0.57, 1.0)),
            )
            materials[geom] = solid.material
    return materials


def _mass(device: Device, solid: Piece) -> float:
    if isinstance(device, Door):
        return device.mass if solid.name == "leaf" else 0.15
    return CAP_MASS if isinstance(device, Button) else 0.5
