"""Where the viewer stands: a point looked at, two angles and a distance. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkCamera

Array = NDArray[np.float64]

ANGLE = 34.0  # degrees from top to bottom of the picture
_MAX_ELEVATION = math.radians(89.0)


@dataclass(frozen=True, slots=True)
class View:
    """A camera: looks at ``focal`` (m, world) from ``azimuth`` (rad about z, 0: from +x) and ``elevation`` at ``distance`` m."""

    focal: tuple[float, float, float] = (0.6, 0.3, 0.72)
    azimuth: float = math.radians(-122.0)
    elevation: float = math.radians(19.0)
    distance: float = 4.6

    def eye(self) -> Array:
        """(3,) position of the camera, world."""
        c = math.cos(self.elevation)
        direction = np.array([c * math.cos(self.azimuth), c * math.sin(self.azimuth), math.sin(self.elevation)])
        return np.asarray(np.array(self.focal) + self.distance * direction)

    def orbited(self, azimuth: float, elevation: float) -> View:
        """Turned about the point looked at."""
        limited = min(max(self.elevation + elevation, math.radians(-8.0)), _MAX_ELEVATION)
        return replace(self, azimuth=self.azimuth + azimuth, elevation=limited)

    def panned(self, right: float, up: float) -> View:
        """Moved in the picture plane by metres."""
        ca, sa = math.cos(self.azimuth), math.sin(self.azimuth)
        ce, se = math.cos(self.elevation), math.sin(self.elevation)
        move = right * np.array([-sa, ca, 0.0]) + up * np.array([-se * ca, -se * sa, ce])
        f = np.array(self.focal) + move
        return replace(self, focal=(float(f[0]), float(f[1]), float(f[2])))

    def zoomed(self, factor: float) -> View:
        """Nearer (factor < 1) or farther."""
        return replace(self, distance=min(max(self.distance * factor, 0.4), 25.0))

    def looking_at(self, point: Array) -> View:
        """The same angles about another point."""
        return replace(self, focal=(float(point[0]), float(point[1]), float(point[2])))

    def towards(self, other: View, share: float) -> View:
        """Between this view (0) and another (1), the short way round."""
        turn = math.remainder(other.azimuth - self.azimuth, 2 * math.pi)
        f = np.array(self.focal) + share * (np.array(other.focal) - np.array(self.focal))
        return View(
            (float(f[0]), float(f[1]), float(f[2])),
            self.azimuth + share * turn,
            self.elevation + share * (other.elevation - self.elevation),
            self.distance * (other.distance / self.distance) ** share,
        )

    def apply(self, camera: vtkCamera, aside: float = 0.0) -> None:
        """Set VTK's camera; ``aside`` moves the point looked at to the right by that share of half the picture's width."""
        camera.SetWindowCenter(-aside, 0.0)
        camera.SetViewAngle(ANGLE)
        camera.SetFocalPoint(*self.focal)
        camera.SetPosition(*self.eye())
        steep = abs(math.sin(self.elevation)) > 0.995
        camera.SetViewUp(*((-math.cos(self.azimuth), -math.sin(self.azimuth), 0.0) if steep else (0.0, 0.0, 1.0)))
        camera.SetClippingRange(max(0.05, 0.02 * self.distance), self.distance + 40.0)


def preset(name: str, robot: Array, yaw: float, current: View) -> View:
    """A named view of the robot at ``robot`` (3,) with heading ``yaw``: front, side, top, iso or meet (face to face)."""
    focal = (float(robot[0]), float(robot[1]), 0.72)
    if name == "front":
        return View(focal, yaw, math.radians(8.0), 3.4)
    if name == "side":
        return View(focal, yaw - math.pi / 2, math.radians(8.0), 3.4)
    if name == "top":
        return View((focal[0], focal[1], 0.4), yaw + math.pi, math.radians(88.5), 5.2)
    if name == "iso":
        return View((focal[0], focal[1], 0.68), yaw - math.radians(122.0), math.radians(20.0), 3.7)
    if name == "meet":
        return View((focal[0], focal[1], 0.7), yaw - math.radians(26.0), math.radians(9.0), 2.9)
    return current


def view_from_data(data: object) -> View | None:
    """A stored view (``dataclasses.asdict``); None where it is none."""
    try:
        return View(tuple(map(float, data["focal"])), *(float(data[k]) for k in ("azimuth", "elevation", "distance")))  # type: ignore[index,arg-type]
    except (TypeError, KeyError, ValueError):
        return None


def ease_out(share: float) -> float:
    """Cubic, 0 to 1."""
    return 1.0 - (1.0 - min(max(share, 0.0), 1.0)) ** 3


def project(camera: vtkCamera, point: Array, width: int, height: int) -> tuple[float, float, float]:
    """World point -> pixels from the upper left corner, and depth along the view (negative: behind the viewer)."""
    matrix = camera.GetCompositeProjectionTransformMatrix(width / max(height, 1), -1, 1)
    m = np.array([[matrix.GetElement(i, j) for j in range(4)] for i in range(4)])
    x, y, _, w = m @ np.array([point[0], point[1], point[2], 1.0])
    if abs(w) < 1e-9:
        return 0.0, 0.0, -1.0
    return (x / w + 1) / 2 * width, (1 - y / w) / 2 * height, float(w)
