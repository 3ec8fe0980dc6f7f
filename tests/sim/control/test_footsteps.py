"""Footsteps reach any goal within the limits of a step, and feet never cross."""

from __future__ import annotations

import itertools
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.control.footsteps import LEFT, RIGHT, Footsteps, Progress, Waypoint, middle, side_sign
from sim.control.route import Obstacle, clearance, plan_route
from sim.robot import GaitProfile
from sim.transforms import Pose2, wrap_angle

GAIT = GaitProfile(com_height=0.65, foot_spacing=0.17)


def walk(start: Pose2, plan: Footsteps, most: int = 150) -> list[tuple[Pose2, Pose2]]:
    """Feet (left, right) after every step, from side by side at ``start`` until the plan has ended."""
    half = GAIT.foot_spacing / 2
    feet = [start @ Pose2(0.0, half, 0.0), start @ Pose2(0.0, -half, 0.0)]
    swing, progress = plan.first_swing((feet[0], feet[1])), Progress()
    out = [(feet[0], feet[1])]
    for _ in range(most):
        found = plan.step((feet[0], feet[1]), swing, progress)
        if found is None:
            break
        feet[swing], progress = found
        swing = 1 - swing
        out.append((feet[0], feet[1]))
    return out


goals = st.builds(Pose2, st.floats(-3, 3), st.floats(-3, 3), st.floats(-3.1, 3.1))


@settings(max_examples=60, deadline=None)
@given(goal=goals, speed=st.floats(0.1, 0.45))
def test_every_goal_is_reached_within_the_limits_of_a_step(goal: Pose2, speed: float) -> None:
    course = walk(Pose2(0.0, 0.0), Footsteps(GAIT, [Waypoint(goal)], speed))
    end = middle(*course[-1])
    assert end.distance(goal) < 0.006
    assert abs(wrap_angle(end.yaw - goal.yaw)) < 0.02
    for (left, right), (left2, right2) in itertools.pairwise(course):
        side = LEFT if left2 != left else RIGHT
        stance = right if side == LEFT else left
        rel = stance.inverse() @ (left2 if side == LEFT else right2)
        assert side_sign(side) * rel.y > 2 * 0.045 + 0.02, "the soles would touch"
        assert abs(rel.x) < GAIT.step_forward + 0.03
        assert abs(wrap_angle(rel.yaw)) <= GAIT.step_yaw + 1e-6


def test_route_backs_off_a_station_before_turning() -> None:
    shelf = Obstacle(Pose2(0.55, 0.0, 0.0), (0.3, 0.8))
    route = plan_route(Pose2(0.0, 0.0), Pose2(-2.0, 2.0, math.pi / 2), [shelf], True)
    away = route[0].pose
    assert route[0].strafe and away.x < 0.0 and away.yaw == 0.0
    assert clearance([shelf], away.x, away.y) >= 0.5


def test_step_back_walks_backwards() -> None:
    route = plan_route(Pose2(0.0, 0.0), Pose2(-0.4, 0.0), [], False)
    assert len(route) == 1 and route[0].strafe
