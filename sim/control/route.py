"""The way of the feet's middle to a goal: back off a station before turning, come straight in to the next one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.control.footsteps import Waypoint
from sim.control.outline import Obstacle, obstacles_of
from sim.transforms import Pose2, wrap_angle

__all__ = ["Obstacle", "clearance", "obstacles_of", "plan_route", "turn_of"]

#: Swept by the robot turning on the spot, m: free, and with a load before its chest.
FREE_RADIUS = 0.34
LOADED_RADIUS = 0.56
SHORT = 0.8


def clearance(obstacles: Sequence[Obstacle], x: float, y: float) -> float:
    """Distance m of a point on the floor to the nearest obstacle; 10 where there is none."""
    return min((o.distance(x, y) for o in obstacles), default=10.0)


def plan_route(
    start: Pose2, goal: Pose2, obstacles: Sequence[Obstacle], loaded: bool, radius: float = 0.0
) -> tuple[Waypoint, ...]:
    """Waypoints from ``start`` to ``goal`` (middle of the feet, world).

    ``radius``: of what is swept by turning on the spot, m; 0: that of a person-like robot.
    """
    rel = start.inverse() @ goal
    distance = math.hypot(rel.x, rel.y)
    if distance < SHORT and abs(rel.yaw) < 0.35:
        return (Waypoint(goal, True),)
    radius = radius or (LOADED_RADIUS if loaded else FREE_RADIUS)
    way: list[Waypoint] = []
    here = start
    if abs(math.atan2(rel.y, rel.x)) > 0.3 or (abs(rel.yaw) > 0.3 and distance < SHORT):
        away = _clear_of(start, obstacles, radius)
        if away is not None:
            way.append(Waypoint(away, True))
            here = away
    before = _clear_of(goal, obstacles, radius)
    if before is not None:
        way.append(Waypoint(before, here.distance(before) < 0.3))
    way.append(Waypoint(goal, before is not None))
    return tuple(way)


def _clear_of(pose: Pose2, obstacles: Sequence[Obstacle], radius: float) -> Pose2 | None:
    """The nearest pose straight behind from which one may turn; None if this one does or none nearby would."""
    if clearance(obstacles, pose.x, pose.y) >= radius:
        return None
    for k in range(1, 21):
        moved = pose @ Pose2(-0.05 * k, 0.0, 0.0)
        if clearance(obstacles, moved.x, moved.y) >= radius:
            return moved
    return None


def turn_of(pose: Pose2, other: Pose2) -> float:
    """Angle between two headings, rad, not negative."""
    return abs(wrap_angle(other.yaw - pose.yaw))
