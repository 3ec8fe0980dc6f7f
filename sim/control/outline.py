"""How much room there is: the outline of the robot with its arms and load over the floor plan, and distances to what stands there.

Legs are kept from everything; arms and load only from what is high enough for them to meet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numba
import numpy as np
from numpy.typing import NDArray

from sim.cell import WorkCell
from sim.control.body import Body
from sim.transforms import Pose, Pose2

Array = NDArray[np.float64]

#: Parts above this pass over the robot's load and arms, m.
OVERHEAD = 1.25
#: Parts lower than this pass under the hands, m.
UNDERHAND = 0.5
#: Points of an outline are this far apart, m.
SPACING = 0.04
#: An outline keeps this far from everything, m: half the distance of its points, and the localisation's error.
MARGIN = 0.03
#: The body sways over its feet by this much to either side, m; a stepping foot is this much farther ahead than one that stands.
SWAY, STRIDE = 0.04, 0.10
#: Kinds of zones that a way leads through only where there is no other.
PEOPLE = ("pedestrian",)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A rectangle on the floor plan: centre pose, half sizes (m), world; ``top``: its height over the floor, m."""

    pose: Pose2
    half: tuple[float, float]
    top: float = 2.0
    name: str = ""

    def distance(self, x: float, y: float) -> float:
        """Distance of a point to the rectangle, m; 0 inside."""
        c, s = math.cos(self.pose.yaw), math.sin(self.pose.yaw)
        dx, dy = x - self.pose.x, y - self.pose.y
        a = max(abs(c * dx + s * dy) - self.half[0], 0.0)
        b = max(abs(-s * dx + c * dy) - self.half[1], 0.0)
        return math.hypot(a, b)


@dataclass(frozen=True, slots=True)
class Outline:
    """Rectangles about the middle of the feet, m: (back, front, half width) of the legs, and of everything with arms and load."""

    legs: tuple[float, float, float]
    whole: tuple[float, float, float]
    #: (k, 3) along both edges and middle lines: x, y, 0 of the legs or 1 of the whole
    points: Array = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", np.concatenate([_edge(self.legs, 0.0), _edge(self.whole, 1.0)]))

    @property
    def radius(self) -> float:
        """Of the circle that it sweeps turning on the spot, m."""
        return max(math.hypot(max(-b, f), w) for b, f, w in (self.legs, self.whole))


def _edge(box: tuple[float, float, float], layer: float) -> Array:
    back, front, half = box
    count = max(math.ceil((front - back) / SPACING), 2)
    xs = np.linspace(back, front, count + 1)
    across = np.linspace(-half, half, max(math.ceil(2 * half / SPACING), 2) + 1)
    rows = [(float(x), y) for x in xs for y in (-half, 0.0, half)]
    rows += [(x, float(y)) for y in across[1:-1] for x in (back, front)]
    return np.array([(x, y, layer) for x, y in rows])


#: A robot of which nothing is known but that it is about as wide as a person.
PERSON_LIKE = Outline((-0.20, 0.28, 0.19), (-0.20, 0.30, 0.34))


def outline_of(body: Body, load: tuple[float, float] | None = None) -> Outline:
    """The outline of a posture: of every geom that touches, as the body's picture now has them, about the middle of the feet.

    Args:
        body: Updated to the posture.
        load: Half length ahead and half width, m, of what the palms hold between them.
    """
    m, d = body.model, body.data
    (lx, ly, _), (rx, ry, _) = body.sole_position.tolist()
    yaw = math.atan2(float(body.base_rotation[1, 0]), float(body.base_rotation[0, 0]))
    c, s = math.cos(yaw), math.sin(yaw)
    cx, cy = (lx + rx) / 2, (ly + ry) / 2
    boxes = {"legs": [-0.15, 0.15, 0.1], "whole": [-0.15, 0.15, 0.1]}
    legs = {int(m.dof_bodyid[body.dofs[i]]) for side in body.legs for i in side}

    def take(name: str, x: float, y: float, hx: float, hy: float) -> None:
        box = boxes[name]
        box[:] = [min(box[0], x - hx), max(box[1], x + hx), max(box[2], abs(y) + hy)]

    for g in range(m.ngeom):
        if int(m.geom_bodyid[g]) == 0 or (m.geom_contype[g] == 0 and m.geom_conaffinity[g] == 0):
            continue
        turn = d.geom_xmat[g].reshape(3, 3)
        centre = d.geom_xpos[g] + turn @ m.geom_aabb[g, :3]
        axes = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]]) @ turn
        hx, hy, _ = (float(v) for v in np.abs(axes) @ m.geom_aabb[g, 3:])
        dx, dy = float(centre[0]) - cx, float(centre[1]) - cy
        x, y = c * dx + s * dy, -s * dx + c * dy
        take("whole", x, y, hx, hy)
        if int(m.geom_bodyid[g]) in legs:
            take("legs", x, y, hx, hy)
    if load is not None and len(body.hands) == 2:
        mid = body.hand_position.mean(axis=0)
        dx, dy = float(mid[0]) - cx, float(mid[1]) - cy
        take("whole", c * dx + s * dy, -s * dx + c * dy, *load)
    (b, f, w), (bb, ff, ww) = boxes["legs"], boxes["whole"]
    return Outline((b - STRIDE, f + STRIDE, w + SWAY), (bb, max(ff, f), ww + SWAY))


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """What one must keep off: obstacles, and areas of people that one keeps out of where there is another way."""

    obstacles: tuple[Obstacle, ...] = ()
    areas: tuple[Obstacle, ...] = ()
    #: (k, 7) of the obstacles: x, y, cos and sin of the yaw, half sizes, 1 where hands and load meet it, else 0
    array: Array = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rows = [_row(o) for o in self.obstacles]
        object.__setattr__(self, "array", np.array(rows) if rows else np.zeros((0, 7)))

    def with_people(self, people: Sequence[tuple[float, float, float]]) -> FloorPlan:
        """And with people: x, y and half width of the square that is kept free about each, m."""
        more = tuple(Obstacle(Pose2(x, y), (room, room), name="person") for x, y, room in people)
        return replace(self, obstacles=self.obstacles + more)


def _row(o: Obstacle) -> tuple[float, ...]:
    c, s = math.cos(o.pose.yaw), math.sin(o.pose.yaw)
    return (o.pose.x, o.pose.y, c, s, o.half[0], o.half[1], 1.0 if o.top >= UNDERHAND else 0.0)


def obstacles_of(cell: WorkCell | None) -> tuple[Obstacle, ...]:
    """The floor plan of a cell's solid parts, as the plan knows them."""
    out = []
    for station in cell.stations.values() if cell is not None else ():
        world_from_station = Pose.from_xyz_yaw(station.pose.x, station.pose.y, 0.0, station.pose.yaw)
        for part in station.parts:
            pose = world_from_station @ part.pose
            height = part.size[-1]
            if not part.collides or pose.position[2] - height > OVERHEAD:
                continue
            half = (part.size[0], part.size[1]) if part.shape == "box" else (part.size[0], part.size[0])
            top = pose.position[2] + height
            out.append(Obstacle(Pose2(pose.position[0], pose.position[1], pose.yaw), half, top, station.id))
    return tuple(out)


def floor_plan_of(cell: WorkCell | None) -> FloorPlan:
    """What stands on a cell's floor, and where its people walk."""
    zones = cell.zones if cell is not None else ()
    areas = tuple(Obstacle(z.centre, (z.size[0] / 2, z.size[1] / 2), 0.0, z.id) for z in zones if z.kind in PEOPLE)
    return FloorPlan(obstacles_of(cell), areas)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def gap(obstacles: Array, x: float, y: float, layer: float) -> float:
    """Distance m of a point to the nearest of the obstacles (k, 7) that concern its layer; 10 where there is none."""
    best = 100.0
    for i in range(obstacles.shape[0]):
        if obstacles[i, 6] < layer:
            continue
        dx, dy = x - obstacles[i, 0], y - obstacles[i, 1]
        c, s = obstacles[i, 2], obstacles[i, 3]
        a = max(abs(c * dx + s * dy) - obstacles[i, 4], 0.0)
        b = max(abs(-s * dx + c * dy) - obstacles[i, 5], 0.0)
        best = min(best, a * a + b * b)
    distance: float = np.sqrt(best)
    return distance


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def fits(obstacles: Array, points: Array, radius: float, margin: float, x: float, y: float, yaw: float) -> bool:
    """Whether an outline's points (k, 3) at a pose keep ``margin`` m from all obstacles. ``radius``: of its farthest point."""
    if gap(obstacles, x, y, 0.0) > radius + margin:
        return True
    c, s = np.cos(yaw), np.sin(yaw)
    for i in range(points.shape[0]):
        px, py = points[i, 0], points[i, 1]
        if gap(obstacles, x + c * px - s * py, y + s * px + c * py, points[i, 2]) < margin:
            return False
    return True
