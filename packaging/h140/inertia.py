"""Mass properties of bodies made of uniform solids."""

from __future__ import annotations

import numpy as np
from body_plan import Body, Solid
from numpy.typing import NDArray

Array = NDArray[np.float64]


def solid_inertia(solid: Solid, mass: float) -> Array:
    """Inertia (3,) about the solid's own centre, kg·m^2 (box: full sizes; rod: radius and length along z)."""
    if solid.kind == "box":
        x, y, z = solid.size
        return mass / 12.0 * np.array([y * y + z * z, x * x + z * z, x * x + y * y])
    radius, length = solid.size
    across = mass / 12.0 * (3.0 * radius * radius + length * length)
    return np.array([across, across, mass * radius * radius / 2.0])


def mass_properties(body: Body) -> tuple[Array, Array]:
    """Centre of mass (3,) and inertia (3, 3) about it, in the body frame, by the parallel axis theorem."""
    shares = np.array([solid.share for solid in body.solids])
    masses = body.mass * shares / shares.sum()
    centres = np.array([solid.centre for solid in body.solids])
    centre = masses @ centres / body.mass
    inertia = np.zeros((3, 3))
    for solid, mass, at in zip(body.solids, masses, centres, strict=True):
        d = at - centre
        inertia += np.diag(solid_inertia(solid, float(mass))) + mass * (d @ d * np.eye(3) - np.outer(d, d))
    return centre, inertia
