"""The ground as surfaces: height, slope and friction at a point of a cell.

Two views of the same cell: what is there (``plan=False``, with the variation's tiles and patches; the physics is built from
it), and what the plan's map says (``plan=True``: nothing that the cell file does not say or says is unknown). Controllers get
the second one only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.cell import GroundFeature, WorkCell, Zone
from sim.transforms import Pose2
from sim.variation import NOMINAL, Variation

Array = NDArray[np.float64]

#: A zone with friction of its own is a thin hard sheet on the floor, m: thick enough that a loaded sole, which sinks in a few
#: tenths of a millimetre, touches the sheet alone and not the floor below; too thin to trip over.
SHEET = 0.0015
#: A sole that lies on different planes closer than this does not rock, m.
UNEVEN = 0.002
#: Nobody stands on something narrower than this, m.
NARROWEST = 0.15


@dataclass(frozen=True, slots=True)
class Facet:
    """A plane rectangle that one can see from above.

    Args:
        feature: Whose it is: ``ground/<id>`` or ``zone/<id>``.
        centre: Middle and heading, world. half: half lengths along and across, m, in the floor plan.
        height: At the middle, m. slope: dz/dx along its heading.
        standable: A foot may be put on it.
    """

    feature: str
    centre: Pose2
    half: tuple[float, float]
    height: float
    slope: float
    friction: float
    material: str
    standable: bool = True

    def height_at(self, x: float, y: float, reach: float = 0.0) -> float | None:
        """Height m at a point of the floor plan, None farther than ``reach`` m outside its edge."""
        c, s = math.cos(self.centre.yaw), math.sin(self.centre.yaw)
        dx, dy = x - self.centre.x, y - self.centre.y
        along, across = c * dx + s * dy, -s * dx + c * dy
        if abs(along) > self.half[0] + reach + 1e-9 or abs(across) > self.half[1] + reach + 1e-9:
            return None
        return self.height + self.slope * min(max(along, -self.half[0]), self.half[0])

    @property
    def normal(self) -> Array:
        """Unit normal (3,), world, upwards."""
        scale = 1.0 / math.hypot(self.slope, 1.0)
        return np.array([-self.slope * math.cos(self.centre.yaw), -self.slope * math.sin(self.centre.yaw), 1.0]) * scale


class Terrain:
    """The ground of a cell, to be asked at points (x, y) in m, world."""

    def __init__(self, facets: Sequence[Facet], friction: float, uneven: Sequence[GroundFeature] = ()) -> None:
        self.facets = tuple(facets)
        self._uneven = tuple(uneven)
        self._floor_friction = friction

    @property
    def flat(self) -> bool:
        """Nothing but the floor, all of one friction."""
        return not self.facets

    def facet(self, x: float, y: float) -> Facet | None:
        """The highest facet there; None on the bare floor."""
        best, top = None, -math.inf
        for facet in self.facets:
            z = facet.height_at(x, y)
            if z is not None and z >= top:
                best, top = facet, z
        return best

    def height(self, x: float, y: float) -> float:
        """Height of the ground, m."""
        facet = self.facet(x, y)
        z = facet.height_at(x, y) if facet is not None else None
        return z if z is not None else 0.0

    def normal(self, x: float, y: float) -> Array:
        """Unit normal (3,) of the ground, world."""
        facet = self.facet(x, y)
        return facet.normal if facet is not None else np.array([0.0, 0.0, 1.0])

    def friction(self, x: float, y: float) -> float:
        """Sliding friction of the ground."""
        facet = self.facet(x, y)
        return facet.friction if facet is not None else self._floor_friction

    def highest(self, a: tuple[float, float], b: tuple[float, float], reach: float = 0.05, spacing: float = 0.02) -> float:
        """Highest ground, m, within ``reach`` of the straight way from ``a`` to ``b``: what a swinging foot must clear."""
        if not self.facets:
            return 0.0
        count = max(math.ceil(math.hypot(b[0] - a[0], b[1] - a[1]) / spacing), 1)
        top = 0.0
        for k in range(count + 1):
            x, y = a[0] + (b[0] - a[0]) * k / count, a[1] + (b[1] - a[1]) * k / count
            for facet in self.facets:
                z = facet.height_at(x, y, reach)
                if z is not None:
                    top = max(top, z)
        return top

    def uneven(self, x: float, y: float, reach: float = 0.0) -> float:
        """How far the ground at a point may be from the map, m: in fields of tiles whose heights nobody knows."""
        most = 0.0
        for field in self._uneven:
            at = field.pose.inverse() @ Pose2(x, y)
            if abs(at.x) <= field.length / 2 + reach and abs(at.y) <= field.width / 2 + reach:
                most = max(most, field.rise)
        return most

    def holds(self, foot: Pose2, half: tuple[float, float]) -> bool:
        """Whether a sole of half lengths ``half`` m lies with all of it on one plane that one may stand on."""
        if not self.facets:
            return True
        first = self.facet(foot.x, foot.y)
        if first is not None and not first.standable:
            return False
        slope, z0 = self.normal(foot.x, foot.y), self.height(foot.x, foot.y)
        for sx in (-1.0, -0.5, 0.0, 0.5, 1.0):
            for sy in (-1.0, 0.0, 1.0):
                corner = foot @ Pose2(sx * half[0], sy * half[1])
                there = self.facet(corner.x, corner.y)
                if there is not None and not there.standable:
                    return False
                plane = z0 - (slope[0] * (corner.x - foot.x) + slope[1] * (corner.y - foot.y)) / slope[2]
                if abs(self.height(corner.x, corner.y) - plane) > UNEVEN:
                    return False
        return True


FLAT = Terrain((), 1.0)


def terrain_of(cell: WorkCell | None, *, plan: bool = True, variation: Variation = NOMINAL) -> Terrain:
    """The ground of a cell: what the plan's map says of it, or (``plan=False``) what is there in one plant."""
    if cell is None:
        return Terrain((), 0.8)
    facets = [f for zone in cell.zones for f in zone_facets(zone, cell, NOMINAL if plan else variation)]
    uneven = []
    for feature in cell.ground:
        if plan and feature.known and feature.kind == "tiles" and feature.seed is None:
            uneven.append(feature)
        elif feature.known or not plan:
            facets += feature_facets(feature, cell, NOMINAL if plan else variation)
    scale = 1.0 if plan else variation.floor_friction_scale
    return Terrain(facets, cell.floor_friction * scale, uneven)


def zone_facets(zone: Zone, cell: WorkCell, variation: Variation) -> tuple[Facet, ...]:
    """The sheet of a zone whose friction is not the floor's; nothing for others."""
    said = cell.floor_friction if zone.friction is None else zone.friction
    friction = variation.zone_friction.get(zone.id)
    if friction is None:
        if said == cell.floor_friction:
            return ()
        friction = said * variation.floor_friction_scale
    half = (zone.size[0] / 2, zone.size[1] / 2)
    return (Facet(f"zone/{zone.id}", zone.centre, half, SHEET, 0.0, friction, zone.material),)


def feature_facets(feature: GroundFeature, cell: WorkCell, variation: Variation) -> tuple[Facet, ...]:
    """Surfaces of a ground feature, in the order of the way over it."""
    friction = (cell.floor_friction if feature.friction is None else feature.friction) * variation.floor_friction_scale

    def facet(start: float, length: float, low: float, high: float, *, standable: bool = True) -> Facet:
        centre = feature.pose @ Pose2(start + length / 2, 0.0)
        slope = (high - low) / length
        half = (length / 2, feature.width / 2)
        return Facet(f"ground/{feature.id}", centre, half, (low + high) / 2, slope, friction, feature.material, standable)

    if feature.kind == "tiles":
        return _tiles(feature, friction, variation)
    if feature.kind == "threshold":
        return (facet(-feature.run / 2, feature.run, feature.rise, feature.rise, standable=feature.run >= NARROWEST),)
    out: list[Facet] = []
    at, count, run, rise = 0.0, feature.count, feature.run, feature.rise
    stairs = feature.kind == "stairs"
    # The top step of the stairs is the platform, where there is one.
    treads = count - 1 if stairs and feature.platform > 0.0 else count
    for step in range(treads):
        low = rise * (step + 1) if stairs else rise * step
        out.append(facet(at, run, low, rise * (step + 1)))
        at += run
    if feature.platform > 0.0:
        out.append(facet(at, feature.platform, rise * count, rise * count))
        at += feature.platform
    for step in range(treads if feature.down else 0):
        high = rise * (count - 1 - step) if stairs and feature.platform > 0.0 else rise * (count - step)
        if stairs and feature.platform <= 0.0 and step == 0:
            continue
        out.append(facet(at, run, high, high if stairs else rise * (count - step - 1)))
        at += run
    return tuple(out)


def _tiles(feature: GroundFeature, friction: float, variation: Variation) -> tuple[Facet, ...]:
    along, across = max(round(feature.length / feature.run), 1), max(round(feature.width / feature.run), 1)
    a, b = feature.length / along, feature.width / across
    if feature.seed is not None:
        shares = np.random.default_rng(feature.seed).uniform(-1.0, 1.0, along * across)
    else:
        shares = variation.draw("tiles", feature.id, along * across)
    out = []
    for i in range(along):
        for j in range(across):
            centre = feature.pose @ Pose2((i + 0.5) * a - feature.length / 2, (j + 0.5) * b - feature.width / 2)
            height = feature.rise * (1.0 + float(shares[i * across + j]))
            out.append(Facet(f"ground/{feature.id}", centre, (a / 2, b / 2), height, 0.0, friction, feature.material))
    return tuple(out)
