"""A work cell: floor, zones, stations, workpieces, lights, as data. ``sim.scene`` builds the physics from it."""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.cell_fields import distinct, finite, names, one_of, positive, text
from sim.cell_fields import pose as pose_of
from sim.devices import Button, Device, Door, Fixture, devices_from_data
from sim.errors import SimError
from sim.transforms import Pose, Pose2

CELL_SCHEMA = "humanoid-workbench/cell/1"
ZONE_KINDS = ("floor", "shared", "pedestrian", "own", "wet")
WORKPIECE_KINDS = ("tote", "box", "cylinder")
GROUND_KINDS = ("tiles", "ramp", "stairs", "threshold")


@dataclass(frozen=True, slots=True)
class Zone:
    """A rectangle on the floor: centre pose (world), size (m), what it is for, friction (None: the floor's)."""

    id: str
    name: Mapping[str, str]
    kind: str
    centre: Pose2
    size: tuple[float, float]
    material: str = "concrete"
    friction: float | None = None


@dataclass(frozen=True, slots=True)
class GroundFeature:
    """Ground that is not flat. Lengths m, angles rad; ``sim.terrain`` makes surfaces of it.

    Args:
        kind: ``tiles`` (a field of tiles of random height), ``ramp``, ``stairs`` or ``threshold`` (a low bar or cable bridge).
        pose: Middle of a field of tiles or of a threshold; middle of the lower edge of a ramp or of stairs, heading up. World.
        width: Across. run: along: the edge of a tile, the length of a ramp, the depth of a tread or of a threshold.
        rise: Half range of the tiles' heights (the lowest are level with the floor); height of a ramp, of a step, of a threshold.
        count: Steps of the stairs. length: of a field of tiles.
        platform: Length of the level part at the top; ``down``: the same way down follows it.
        seed: Of the tiles' heights; None: nobody knows them, every plant has its own.
        known: Whether the plan's map has it; what it has not, the robot must stand blindly. Of tiles without a seed the map has
            the place and the range.
        friction: None: the floor's.
    """

    id: str
    name: Mapping[str, str]
    kind: str
    pose: Pose2
    width: float
    run: float
    rise: float
    count: int = 1
    length: float = 0.0
    platform: float = 0.0
    down: bool = False
    seed: int | None = None
    known: bool = True
    friction: float | None = None
    material: str = "concrete"


@dataclass(frozen=True, slots=True)
class Walker:
    """A person-like upright cylinder on a straight rail over the floor: it comes from ``start`` to ``stop`` and goes back.

    Args:
        start, stop: Where its middle waits and where it goes to, m, world.
        leaves: When it starts, s. stays: How long it stands at ``stop``, s. speed: m/s.
        radius, height: m. mass: kg.
    """

    id: str
    name: Mapping[str, str]
    start: tuple[float, float]
    stop: tuple[float, float]
    leaves: float
    stays: float
    speed: float = 1.0
    radius: float = 0.22
    height: float = 1.70
    mass: float = 75.0
    material: str = "safety"


@dataclass(frozen=True, slots=True)
class Slot:
    """A spot on a station where a workpiece's base can stand: pose in the station frame (z = surface height, m)."""

    id: str
    pose: Pose


@dataclass(frozen=True, slots=True)
class Part:
    """A static piece of a station: a box or cylinder in the station frame. ``size``: half extents, or (radius, half height)."""

    shape: str
    pose: Pose
    size: tuple[float, ...]
    material: str = "steel"
    collides: bool = True
    name: str = ""


@dataclass(frozen=True, slots=True)
class Station:
    """A place where work is done. ``stand`` is where the robot's feet centre goes, in the station frame."""

    id: str
    name: Mapping[str, str]
    kind: str
    pose: Pose2
    stand: Pose2
    slots: Mapping[str, Slot]
    parts: tuple[Part, ...]

    def stand_in_world(self) -> Pose2:
        """Where the robot stands to work here, world."""
        return self.pose @ self.stand

    def slot_in_world(self, slot_id: str) -> Pose:
        """Pose of a slot's surface point, world; SimError naming the valid slots if there is none such."""
        if slot_id not in self.slots:
            raise SimError("cell.no_such_slot", station=self.id, slot=slot_id, valid=", ".join(self.slots))
        world_from_station = Pose.from_xyz_yaw(self.pose.x, self.pose.y, 0.0, self.pose.yaw)
        return world_from_station @ self.slots[slot_id].pose


@dataclass(frozen=True, slots=True)
class Workpiece:
    """A movable thing: box-like, full ``size`` (m), mass kg, sliding friction, standing on ``station``/``slot`` at first.

    ``loose_mass``: part of the mass, kg, that lies loose in a tote and slides about in it.
    """

    id: str
    name: Mapping[str, str]
    kind: str
    size: tuple[float, float, float]
    mass: float
    friction: float
    station: str
    slot: str
    offset: Pose2 = Pose2(0.0, 0.0, 0.0)
    material: str = "tote"
    loose_mass: float = 0.0


@dataclass(frozen=True, slots=True)
class Light:
    """A lamp: position m, direction, intensity 0..1."""

    position: tuple[float, float, float]
    direction: tuple[float, float, float]
    intensity: float = 0.6


@dataclass(frozen=True, slots=True)
class WorkCell:
    """Everything around the robot. Lengths m, frame: world (x east, y north, z up, floor at 0)."""

    id: str
    name: Mapping[str, str]
    floor_size: tuple[float, float]
    floor_friction: float
    floor_material: str
    zones: tuple[Zone, ...]
    stations: Mapping[str, Station]
    objects: Mapping[str, Workpiece]
    lights: tuple[Light, ...]
    robot_start: Pose2
    content_hash: str
    path: Path | None = field(default=None, compare=False)
    ground: tuple[GroundFeature, ...] = ()
    walkers: tuple[Walker, ...] = ()
    devices: Mapping[str, Device] = field(default_factory=dict)

    def station(self, station_id: str) -> Station:
        """A station by id; SimError naming the valid ones if there is none such."""
        if station_id not in self.stations:
            raise SimError("cell.no_such_station", station=station_id, valid=", ".join(self.stations))
        return self.stations[station_id]

    def object(self, object_id: str) -> Workpiece:
        """A workpiece by id; SimError naming the valid ones if there is none such."""
        if object_id not in self.objects:
            raise SimError("cell.no_such_object", object=object_id, valid=", ".join(self.objects))
        return self.objects[object_id]

    @property
    def buttons(self) -> dict[str, Button]:
        """The devices that are pressed, by id."""
        return {d.id: d for d in self.devices.values() if isinstance(d, Button)}

    @property
    def doors(self) -> dict[str, Door]:
        """The devices that are opened, by id."""
        return {d.id: d for d in self.devices.values() if isinstance(d, Door)}

    @property
    def fixtures(self) -> dict[str, Fixture]:
        """The devices that take a part in, by id."""
        return {d.id: d for d in self.devices.values() if isinstance(d, Fixture)}

    def device_in_world(self, device_id: str) -> Pose:
        """Pose of a device (its cap's face, the foot of its hinge, the floor of its pocket), world."""
        device = self.devices[device_id]
        station = self.station(device.station).pose
        return Pose.from_xyz_yaw(station.x, station.y, 0.0, station.yaw) @ device.pose

    def object_start(self, object_id: str) -> Pose:
        """Pose of a workpiece's centre at the start, world."""
        piece = self.object(object_id)
        surface = self.station(piece.station).slot_in_world(piece.slot)
        lift = Pose.from_xyz_yaw(piece.offset.x, piece.offset.y, piece.size[2] / 2, piece.offset.yaw)
        return surface @ lift


def load_cell(path: Path) -> WorkCell:
    """Read a cell file (``cell.toml``) or the folder that holds one.

    Raises:
        SimError: ``cell.not_found``, ``cell.unreadable``, ``cell.schema_newer`` or ``cell.invalid`` (field and reason).
    """
    file = path if path.suffix == ".toml" else path / "cell.toml"
    if not file.is_file():
        raise SimError("cell.not_found", path=str(file))
    raw = file.read_bytes()
    try:
        data = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SimError("cell.unreadable", path=str(file), reason=str(error)) from error
    if data.get("schema") != CELL_SCHEMA:
        raise SimError("cell.schema_newer", path=str(file), found=str(data.get("schema")), supported=CELL_SCHEMA)
    try:
        return _cell_from_data(data, hashlib.sha256(raw).hexdigest(), file)
    except KeyError as error:
        raise SimError("cell.invalid", path=str(file), field=str(error.args[0]), reason="missing") from error
    except (TypeError, ValueError, IndexError, AttributeError) as error:
        # Messages from below begin with the thing at fault: "object tote: mass must be ...".
        culprit, colon, reason = str(error).partition(": ")
        named = (culprit, reason) if colon else (file.name, str(error))
        raise SimError("cell.invalid", path=str(file), field=named[0], reason=named[1]) from error


def _cell_from_data(data: Mapping[str, Any], content_hash: str, path: Path) -> WorkCell:
    zones = tuple(_zone(z) for z in data.get("zones", ()))
    distinct("zone", [zone.id for zone in zones])
    made = [_station(s) for s in data.get("stations", ())]
    distinct("station", [station.id for station in made])
    stations = {station.id: station for station in made}
    pieces = [_workpiece(o, stations) for o in data.get("objects", ())]
    distinct("object", [piece.id for piece in pieces])
    objects = {piece.id: piece for piece in pieces}
    ground = tuple(_ground(g) for g in data.get("ground", ()))
    distinct("ground", [feature.id for feature in ground])
    walkers = tuple(_walker(w) for w in data.get("walkers", ()))
    devices = devices_from_data(data, stations)
    distinct("walker", [*objects, *devices, *(walker.id for walker in walkers)])
    floor = data["floor"]
    lights = tuple(_light(e, number) for number, e in enumerate(data.get("lights", ())))
    return WorkCell(
        text(data["id"], "id"),
        names(data["name"], "name"),
        (positive(floor["size"][0], "floor", "size"), positive(floor["size"][1], "floor", "size")),
        positive(floor["friction"], "floor", "friction"),
        floor.get("material", "concrete"),
        zones,
        stations,
        objects,
        lights,
        Pose2(*finite(data.get("robot_start", (0.0, 0.0, 0.0)), "robot_start")),
        content_hash,
        path,
        ground,
        walkers,
        devices,
    )


def _light(e: Mapping[str, Any], number: int) -> Light:
    name = f"lights[{number}]"
    (px, py, pz), (dx, dy, dz) = finite(e["position"], name), finite(e["direction"], name)
    return Light((px, py, pz), (dx, dy, dz), finite([e.get("intensity", 0.6)], name)[0])


def _zone(z: Mapping[str, Any]) -> Zone:
    name = f"zone {text(z['id'], 'id')}"
    friction = None if "friction" not in z else positive(z["friction"], name, "friction")
    return Zone(
        z["id"],
        names(z["name"], name),
        one_of(z["kind"], ZONE_KINDS, name),
        Pose2(*finite(z["centre"], name)),
        (positive(z["size"][0], name, "size"), positive(z["size"][1], name, "size")),
        z.get("material", "concrete"),
        friction,
    )


def _ground(g: Mapping[str, Any]) -> GroundFeature:
    here = f"ground {text(g['id'], 'id')}"
    kind = one_of(g["kind"], GROUND_KINDS, here)
    run = positive(g["run"], here, "run")
    rise = run * math.tan(positive(g["angle"], here, "angle")) if "angle" in g else positive(g["rise"], here, "rise")
    count, platform = int(g.get("count", 1)), float(g.get("platform", 0.0))
    if not 1 <= count <= 30:
        raise ValueError(f"{here}: count must be 1 to 30")
    if not (math.isfinite(platform) and platform >= 0.0):
        raise ValueError(f"{here}: platform must not be negative")
    width, length = positive(g["width"], here, "width"), float(g.get("length", 0.0))
    if kind == "tiles" and not (length > 0.0 and length * width / run**2 <= 900):
        raise ValueError(f"{here}: a field of tiles needs a length, and holds at most 900 tiles")
    return GroundFeature(
        g["id"],
        names(g["name"], here),
        kind,
        Pose2(*finite(g["pose"], here)),
        width,
        run,
        rise,
        count,
        length,
        platform,
        bool(g.get("down", False)),
        None if "seed" not in g else int(g["seed"]),
        bool(g.get("known", True)),
        None if "friction" not in g else positive(g["friction"], here, "friction"),
        g.get("material", "concrete"),
    )


def _walker(w: Mapping[str, Any]) -> Walker:
    here = f"walker {text(w['id'], 'id')}"
    (x, y), (u, v) = finite(w["start"], here), finite(w["stop"], here)
    if math.hypot(u - x, v - y) < 0.01:
        raise ValueError(f"{here}: start and stop must differ")
    leaves, stays = finite((w["leaves"], w["stays"]), here)
    return Walker(
        w["id"],
        names(w["name"], here),
        (x, y),
        (u, v),
        leaves,
        stays,
        positive(w.get("speed", 1.0), here, "speed"),
        positive(w.get("radius", 0.22), here, "radius"),
        positive(w.get("height", 1.7), here, "height"),
        positive(w.get("mass", 75.0), here, "mass"),
        w.get("material", "safety"),
    )


def _workpiece(o: Mapping[str, Any], stations: Mapping[str, Station]) -> Workpiece:
    name = f"object {text(o['id'], 'id')}"
    if o["station"] not in stations or o["slot"] not in stations[o["station"]].slots:
        raise ValueError(f"{name}: no slot {o['slot']!r} at station {o['station']!r}")
    x, y, z = (positive(v, name, "size") for v in o["size"])
    mass, loose = positive(o["mass"], name, "mass"), float(o.get("loose_mass", 0.0))
    if not 0.0 <= loose <= 0.8 * mass or (loose > 0.0 and o["kind"] != "tote"):
        raise ValueError(f"{name}: loose_mass must be 0 to 0.8 of the mass, and needs a tote")
    return Workpiece(
        o["id"],
        names(o["name"], name),
        one_of(o["kind"], WORKPIECE_KINDS, name),
        (x, y, z),
        mass,
        positive(o["friction"], name, "friction"),
        o["station"],
        o["slot"],
        Pose2(*finite(o.get("offset", (0.0, 0.0, 0.0)), name)),
        o.get("material", "tote"),
        loose,
    )


def _station(s: Mapping[str, Any]) -> Station:
    here = f"station {text(s['id'], 'id')}"
    try:
        slots = {t["id"]: Slot(t["id"], pose_of(t["pose"])) for t in s.get("slots", ())}
        parts = tuple(part for p in s.get("parts", ()) for part in _parts(p))
        distinct("slot", [t["id"] for t in s.get("slots", ())])
        distinct("part", [part.name for part in parts if part.name])
        pose, stand = Pose2(*finite(s["pose"], "pose")), Pose2(*finite(s["stand"], "stand"))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{here}: {error}") from error
    except KeyError as error:
        raise ValueError(f"{here}: {error.args[0]} is missing in it or in one of its parts or slots") from error
    return Station(s["id"], names(s["name"], here), text(s["kind"], here), pose, stand, slots, parts)


def _parts(p: Mapping[str, Any]) -> list[Part]:
    """One part, or a row of equal ones where it says ``repeat = {count, step}``; ``axis`` lays a cylinder along x or y."""
    shape = one_of(p["shape"], ("box", "cylinder"))
    size = tuple(finite(p["size"], f"part {p.get('name', '?')}"))
    if len(size) != (3 if shape == "box" else 2) or min(size) <= 0.0:
        raise ValueError(f"part {p.get('name', '?')}: a {shape} needs {3 if shape == 'box' else 2} positive sizes")
    half = math.sqrt(0.5)
    turns = {"x": (half, 0.0, half, 0.0), "y": (half, half, 0.0, 0.0), "z": (1.0, 0.0, 0.0, 0.0)}
    laid = Pose((0.0, 0.0, 0.0), turns[one_of(p.get("axis", "z"), ("x", "y", "z"))])
    row = p.get("repeat", {"count": 1, "step": (0.0, 0.0, 0.0)})
    count = int(row["count"])
    if not 1 <= count <= 200:
        raise ValueError(f"part {p.get('name', '?')}: repeat.count must be 1 to 200")
    out = []
    for number in range(count):
        x, y, z = (float(step) * number for step in row["step"])
        name = str(p.get("name", ""))
        out.append(
            Part(
                shape,
                Pose.from_xyz_yaw(x, y, z) @ pose_of(p["pose"]) @ laid,
                size,
                p.get("material", "steel"),
                bool(p.get("collides", True)),
                f"{name}_{number + 1}" if name and count > 1 else name,
            )
        )
    return out
