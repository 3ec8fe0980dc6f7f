"""What a scene needs before it can be drawn, made on a thread: large meshes of a robot take seconds."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pyvista as pv

from sim.cell import WorkCell
from sim.geometry import BodyShape, SceneGeometry, scene_geometry
from sim.robot import RobotModel
from sim.scene import Scene, build_scene
from workbench.ui.twin.paint import surface

#: Body -> its surfaces and the shapes they are of.
BodyParts = Mapping[int, tuple[list[pv.PolyData], list[BodyShape]]]
#: Triangles that a robot is drawn with at most, by quality tier.
ROBOT_TRIANGLES = {"low": 14_000, "high": 120_000}


@dataclass(frozen=True, slots=True, eq=False)
class Props:
    """A scene, its shapes, and the robot's surfaces with as many triangles as the machine can draw."""

    scene: Scene
    geometry: SceneGeometry
    bodies: BodyParts


def make_props(cell: WorkCell, robot: RobotModel, quality: str) -> Props:
    """Build a scene and reduce its meshes; SimError where it cannot be built."""
    scene = build_scene(cell, robot)
    geometry = scene_geometry(scene)
    return Props(scene, geometry, body_parts(geometry, quality))


def body_parts(geometry: SceneGeometry, quality: str) -> BodyParts:
    """Surfaces of the robot's bodies; ``quality`` "low" or "high" says how many triangles there may be."""
    total = sum(len(s.mesh.faces) for s in geometry.robot)
    share = min(1.0, ROBOT_TRIANGLES[quality] / max(total, 1))
    out: dict[int, tuple[list[pv.PolyData], list[BodyShape]]] = {}
    for shape in geometry.robot:
        target = None if share == 1.0 else max(60, int(len(shape.mesh.faces) * share))
        data, shapes = out.setdefault(shape.body, ([], []))
        data.append(surface(shape.mesh, target=target))
        shapes.append(shape)
    return out


class PropMaker:
    """Makes the newest props asked for. MuJoCo's compiler and VTK's filters let the window's thread go on meanwhile."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "props")
        self._coming: Future[Props] | None = None

    def ask(self, cell: WorkCell, robot: RobotModel, quality: str) -> None:
        """Begin to make; what was asked for before is dropped."""
        if self._coming is not None:
            self._coming.cancel()
        self._coming = self._thread.submit(make_props, cell, robot, quality)

    @property
    def coming(self) -> bool:
        """Asked for and not taken."""
        return self._coming is not None

    def take(self, *, wait: bool = False) -> Props | None:
        """What was asked for, once, when it is ready; None before. SimError where it could not be made."""
        coming = self._coming
        if coming is None or not (wait or coming.done()):
            return None
        self._coming = None
        return coming.result()

    def close(self) -> None:
        """Make no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)
