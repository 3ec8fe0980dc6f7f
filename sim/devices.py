"""Things of a cell that hands work on: buttons, doors and fixtures, as data. ``sim.device_bodies`` builds the physics from it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sim.cell_fields import distinct, finite, names, pose, positive, text
from sim.transforms import Pose

#: Which way a door opens, seen by who stands before it: its hinge is on that side.
HINGE_SIDES = ("left", "right")


@dataclass(frozen=True, slots=True)
class Button:
    """A push button with a spring.

    Args:
        station: It is fixed to. pose: Middle of the cap's face when free, x out of the panel, station frame.
        radius: Of the cap, m. travel: From free to its stop, m. switch_at: Where its contact closes, m.
        preload, force: What the spring presses back with when free and at the switching point, N.
        signal: Name of the input that tells of it; "" if the cell tells nothing.
    """

    id: str
    name: Mapping[str, str]
    station: str
    pose: Pose
    radius: float
    travel: float
    switch_at: float
    preload: float
    force: float
    signal: str = ""
    material: str = "safety"

    @property
    def stiffness(self) -> float:
        """N/m."""
        return (self.force - self.preload) / self.switch_at


@dataclass(frozen=True, slots=True)
class Door:
    """A leaf on an upright hinge with a bar handle.

    Args:
        station: It is fixed to. pose: Foot of the hinge line; x out of the machine, so that the shut leaf lies along y. Station frame.
        hinge: Side of the hinge for who stands before it; a leaf hinged right reaches to the left, which is -y in the pose's frame.
        width, height, thickness: Of the leaf, m. mass: kg.
        handle_at, handle_height: Of the middle of the bar: from the hinge, and over the foot, m.
        handle_length, handle_radius, handle_gap: Of the upright bar; its middle's distance from the leaf, m.
        opens: How far, rad. friction: Of the hinge, N·m. damping: N·m·s/rad.
    """

    id: str
    name: Mapping[str, str]
    station: str
    pose: Pose
    hinge: str
    width: float
    height: float
    thickness: float
    mass: float
    handle_at: float
    handle_height: float
    handle_length: float
    handle_radius: float
    handle_gap: float
    opens: float
    friction: float
    damping: float
    material: str = "panel"

    @property
    def sign(self) -> float:
        """y direction of the shut leaf from the hinge, in the pose's frame (whoever looks along -x has +y on the right)."""
        return -1.0 if self.hinge == "right" else 1.0

    def handle(self, angle: float = 0.0) -> Pose:
        """Middle of the handle in the pose's frame at an opening angle, rad; x out of the leaf."""
        turned = Pose.from_xyz_yaw(0.0, 0.0, 0.0, -self.sign * angle)
        return turned @ Pose((self.thickness / 2 + self.handle_gap, self.sign * self.handle_at, self.handle_height))


@dataclass(frozen=True, slots=True)
class Fixture:
    """A pocket that a part is put into from above.

    Args:
        station: It is fixed to. pose: Middle of the pocket's floor, station frame.
        opening: Full inner size along its x and y, m. depth: m. wall: thickness, m. chamfer: of the inner upper edges, m.
    """

    id: str
    name: Mapping[str, str]
    station: str
    pose: Pose
    opening: tuple[float, float]
    depth: float
    wall: float
    chamfer: float = 0.0
    material: str = "aluminium"


Device = Button | Door | Fixture


def devices_from_data(data: Mapping[str, Any], stations: Collection[str]) -> dict[str, Device]:
    """The ``buttons``, ``doors`` and ``fixtures`` of a cell file by id; ValueError or KeyError says what is wrong."""
    made: list[Device] = [_button(b, stations) for b in data.get("buttons", ())]
    made += [_door(d, stations) for d in data.get("doors", ())]
    made += [_fixture(f, stations) for f in data.get("fixtures", ())]
    distinct("device", [d.id for d in made])
    return {d.id: d for d in made}


def _head(d: Mapping[str, Any], what: str, stations: Collection[str]) -> tuple[str, str, dict[str, str], str, Pose]:
    """Where it stands in the file, id, names, station and pose."""
    here = f"{what} {text(d['id'], 'id')}"
    if d["station"] not in stations:
        raise ValueError(f"{here}: there is no station {d['station']!r}")
    return here, str(d["id"]), names(d["name"], here), str(d["station"]), pose(d["pose"])


def _button(b: Mapping[str, Any], stations: Collection[str]) -> Button:
    here, name, words, station, at = _head(b, "button", stations)
    travel = positive(b.get("travel", 0.006), here, "travel")
    switch_at = positive(b.get("switch_at", 0.7 * travel), here, "switch_at")
    preload = positive(b.get("preload", 3.0), here, "preload")
    force = positive(b.get("force", 10.0), here, "force")
    if switch_at >= travel or preload >= force:
        raise ValueError(f"{here}: switch_at must be less than travel, and preload less than force")
    radius = positive(b.get("radius", 0.018), here, "radius")
    signal = str(b.get("signal", ""))
    return Button(name, words, station, at, radius, travel, switch_at, preload, force, signal, b.get("material", "safety"))


def _door(d: Mapping[str, Any], stations: Collection[str]) -> Door:
    here, name, words, station, at = _head(d, "door", stations)
    if d.get("hinge", "left") not in HINGE_SIDES:
        raise ValueError(f"{here}: hinge must be one of {', '.join(HINGE_SIDES)}")
    width, height, thickness = (positive(v, here, "size") for v in d["size"])
    handle = d.get("handle", {})
    handle_at = positive(handle.get("at", width - 0.06), here, "handle.at")
    if handle_at > width:
        raise ValueError(f"{here}: handle.at must be at most the width of the leaf")
    opens = positive(d.get("opens", 1.6), here, "opens")
    if opens > math.pi:
        raise ValueError(f"{here}: opens must be at most {math.pi:.2f}")
    return Door(
        name,
        words,
        station,
        at,
        d.get("hinge", "left"),
        width,
        height,
        thickness,
        positive(d.get("mass", 8.0), here, "mass"),
        handle_at,
        positive(handle.get("height", height / 2), here, "handle.height"),
        positive(handle.get("length", 0.20), here, "handle.length"),
        positive(handle.get("radius", 0.010), here, "handle.radius"),
        positive(handle.get("gap", 0.055), here, "handle.gap"),
        opens,
        positive(d.get("friction", 1.0), here, "friction"),
        positive(d.get("damping", 1.0), here, "damping"),
        d.get("material", "panel"),
    )


def _fixture(f: Mapping[str, Any], stations: Collection[str]) -> Fixture:
    here, name, words, station, at = _head(f, "fixture", stations)
    x, y = finite(f["opening"], here)
    chamfer = finite([f.get("chamfer", 0.0)], here)[0]
    wall, depth = positive(f.get("wall", 0.012), here, "wall"), positive(f["depth"], here, "depth")
    if not 0.0 <= chamfer < min(wall, depth):
        raise ValueError(f"{here}: chamfer must be 0 or more, and less than wall and depth")
    return Fixture(
        name,
        words,
        station,
        at,
        (positive(x, here, "opening"), positive(y, here, "opening")),
        depth,
        wall,
        chamfer,
        f.get("material", "aluminium"),
    )
