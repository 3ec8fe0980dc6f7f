"""How one plant differs from the nominal one: masses, centres, joint losses, friction, where things really stand."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sim.transforms import Pose2

Array = NDArray[np.float64]

_NOWHERE = Pose2(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Variation:
    """How one plant differs from the nominal one.

    A ``..._spread`` is the half width of a uniform draw for each named thing, made from ``seed`` and the thing's name
    alone, so that it does not depend on the order or number of other things. Explicit values by name win over draws.

    Args:
        seed: Seed of the draws; None draws nothing.
        mass_spread, damping_spread, joint_friction_spread, object_mass_spread: Relative half widths.
        com_spread: Half width of the shift of each robot body's centre of mass along each axis, m.
        object_xy_spread, object_yaw_spread: Half widths of the displacement of workpieces on their slots, m and rad.
        mass_scale: Factor on robot bodies' mass and inertia: one for all, or by body name.
        floor_friction_scale: Factor on the friction of floor, zones and ground features.
        zone_friction: Friction that a zone really has, whatever the cell says: a wet patch that nobody knows of. Not scaled.
        object_offset: Displacement of a workpiece on its slot, in the slot frame.
        object_mass_scale: Factor on a workpiece's mass.
        robot_start_offset: Displacement of the robot at its start, in the start frame.
    """

    seed: int | None = None
    mass_spread: float = 0.0
    com_spread: float = 0.0
    joint_friction_spread: float = 0.0
    damping_spread: float = 0.0
    object_xy_spread: float = 0.0
    object_yaw_spread: float = 0.0
    object_mass_spread: float = 0.0
    mass_scale: Mapping[str, float] | float = field(default_factory=dict)
    com_offset: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    joint_friction_scale: Mapping[str, float] | float = field(default_factory=dict)
    damping_scale: Mapping[str, float] | float = field(default_factory=dict)
    floor_friction_scale: float = 1.0
    zone_friction: Mapping[str, float] = field(default_factory=dict)
    object_offset: Mapping[str, Pose2] = field(default_factory=dict)
    object_mass_scale: Mapping[str, float] = field(default_factory=dict)
    robot_start_offset: Pose2 = field(default=_NOWHERE)

    def draw(self, kind: str, name: str, count: int = 1) -> Array:
        """Uniform numbers (count,) in [-1, 1] for a named thing; zeros without a seed."""
        if self.seed is None:
            return np.zeros(count)
        key = [self.seed, zlib.crc32(kind.encode()), zlib.crc32(name.encode())]
        return np.random.default_rng(key).uniform(-1.0, 1.0, count)

    def mass_of(self, body: str) -> float:
        """Factor on a robot body's mass."""
        return _scale(self.mass_scale, body, 1.0 + self.mass_spread * float(self.draw("mass", body)[0]))

    def com_of(self, body: str) -> Array:
        """Shift (3,) of a robot body's centre of mass, m."""
        if body in self.com_offset:
            return np.array(self.com_offset[body])
        return self.com_spread * self.draw("com", body, 3)

    def joint_friction_of(self, joint: str) -> float:
        """Factor on a joint's friction loss."""
        drawn = 1.0 + self.joint_friction_spread * float(self.draw("joint_friction", joint)[0])
        return _scale(self.joint_friction_scale, joint, drawn)

    def damping_of(self, joint: str) -> float:
        """Factor on a joint's damping."""
        return _scale(self.damping_scale, joint, 1.0 + self.damping_spread * float(self.draw("damping", joint)[0]))

    def object_offset_of(self, object_id: str) -> Pose2:
        """Displacement of a workpiece on its slot, in the slot frame."""
        if object_id in self.object_offset:
            return self.object_offset[object_id]
        x, y, yaw = self.draw("object", object_id, 3)
        return Pose2(self.object_xy_spread * x, self.object_xy_spread * y, self.object_yaw_spread * yaw)

    def object_mass_of(self, object_id: str) -> float:
        """Factor on a workpiece's mass."""
        drawn = 1.0 + self.object_mass_spread * float(self.draw("object_mass", object_id)[0])
        return _scale(self.object_mass_scale, object_id, drawn)


NOMINAL = Variation()


def draw_variation(
    seed: int,
    *,
    mass: float = 0.05,
    com: float = 0.003,
    joint_friction: float = 0.2,
    damping: float = 0.2,
    floor_friction: float = 0.1,
    zone_friction: Mapping[str, float] | None = None,
    object_xy: float = 0.02,
    object_yaw: float = 0.03,
    object_mass: float = 0.05,
) -> Variation:
    """A plant drawn from a seed: masses, centres, joint losses, floor and where the workpieces really stand.

    Args:
        seed: Any non-negative integer.
        mass, joint_friction, damping, floor_friction, object_mass: Relative half widths.
        zone_friction: What zones really have, by id; nothing is drawn.
        com, object_xy: Half widths in m. object_yaw: half width in rad.
    """
    drawn = Variation(
        seed=seed,
        mass_spread=mass,
        com_spread=com,
        joint_friction_spread=joint_friction,
        damping_spread=damping,
        object_xy_spread=object_xy,
        object_yaw_spread=object_yaw,
        object_mass_spread=object_mass,
        zone_friction=dict(zone_friction or {}),
    )
    return replace(drawn, floor_friction_scale=1.0 + floor_friction * float(drawn.draw("floor", "floor")[0]))


def _scale(given: Mapping[str, float] | float, name: str, drawn: float) -> float:
    if isinstance(given, Mapping):
        return float(given.get(name, drawn))
    return float(given)
