"""Ways among obstacles: what is walked keeps the outline off everything, and where there is none it is said where."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.cell import load_cell
from sim.control.footsteps import along
from sim.control.outline import FloorPlan, Obstacle, Outline, floor_plan_of
from sim.control.way import NoWay, Room, find_way, walked
from sim.robot import GaitProfile
from sim.transforms import Pose2, wrap_angle
from tests.sim.examples import ROOT

GAIT = GaitProfile(com_height=0.65, foot_spacing=0.17)
LEGS = (-0.25, 0.27, 0.185)
TIGHT, WIDE = Outline(LEGS, (-0.15, 0.33, 0.30)), Outline(LEGS, (-0.15, 0.20, 0.36))
HERE = Pose2(0.0, 0.0, 0.0)


def walls(gap: float, at: float = 1.5) -> tuple[Obstacle, ...]:
    """A wall across the way with a gap in its middle."""
    return tuple(Obstacle(Pose2(at, side * (gap / 2 + 3.0)), (0.1, 3.0)) for side in (1.0, -1.0))


def course(goal: Pose2, room: Room, start: Pose2 = HERE) -> list[Pose2]:
    """Middles of the feet along the way that is found."""
    return walked(start, find_way(start, goal, room, GAIT, 0.4, False), GAIT, 0.4)


def test_a_way_leads_through_an_aisle_a_door_and_round_a_column() -> None:
    room = Room(floor_plan_of(load_cell(ROOT / "tests" / "bench" / "cells" / "aisle.toml")), TIGHT, WIDE)
    goal = Pose2(5.5, -0.4, -math.pi / 2)
    poses = course(goal, room)
    assert poses[-1].distance(goal) < 0.006 and abs(wrap_angle(poses[-1].yaw - goal.yaw)) < 0.02
    assert all(room.fits(p, margin=0.01) for p in poses)
    assert not all(room.fits(p, wide=True) for p in poses), "the arms must be held in"


@settings(max_examples=25, deadline=None)
@given(x=st.floats(1.0, 2.2), y=st.floats(-0.8, 0.8), half=st.floats(0.05, 0.3))
def test_what_is_walked_keeps_off_an_obstacle_anywhere(x: float, y: float, half: float) -> None:
    room = Room(FloorPlan((Obstacle(Pose2(x, y), (half, half)),)), TIGHT, WIDE)
    goal = Pose2(3.5, 0.0, 0.0)
    poses = course(goal, room)
    assert poses[-1].distance(goal) < 0.006
    assert all(room.fits(p, margin=0.0) for p in poses)


def test_where_it_is_too_narrow_there_is_no_way_and_the_place_is_said() -> None:
    fence = (*walls(0.5), Obstacle(Pose2(0.0, 6.0), (9.0, 0.1)), Obstacle(Pose2(0.0, -6.0), (9.0, 0.1)))
    with pytest.raises(NoWay) as blocked:
        find_way(HERE, Pose2(3.0, 0.0), Room(FloorPlan(fence), TIGHT, WIDE), GAIT, 0.4, False)
    assert 0.8 < blocked.value.place.x < 1.5


def test_low_things_are_in_the_way_of_legs_alone() -> None:
    beside = Obstacle(Pose2(0.0, 0.40), (1.0, 0.10), top=0.3)
    assert Room(FloorPlan((beside,)), WIDE, WIDE).fits(HERE)
    assert not Room(FloorPlan((replace(beside, top=1.0),)), WIDE, WIDE).fits(HERE)


def test_areas_of_people_are_walked_round() -> None:
    area = Obstacle(Pose2(1.5, 0.0), (0.4, 1.0), top=0.0)
    poses = course(Pose2(3.0, 0.0), Room(FloorPlan((), (area,)), TIGHT, WIDE))
    assert all(area.distance(p.x, p.y) > 0.0 for p in poses)


def test_a_metre_back_or_aside_is_stepped_and_not_turned_to() -> None:
    room = Room(FloorPlan(), TIGHT, WIDE)
    for goal in (Pose2(-0.9, 0.0), Pose2(0.0, 0.5)):
        assert all(abs(p.yaw) < 0.1 for p in course(goal, room))
    assert max(abs(p.yaw) for p in course(Pose2(-3.0, 0.0), room)) > 3.0


def test_a_station_is_entered_and_left_straight() -> None:
    bench = Obstacle(Pose2(0.45, 0.0), (0.25, 0.8))
    room = Room(FloorPlan((bench,)), TIGHT, WIDE)
    poses = course(Pose2(0.0, 2.0, math.pi / 2), room)
    inside = [p for p in poses if not room.fits(p)]
    assert inside and all(abs(p.yaw) < 0.2 and abs(p.y) < 0.06 for p in inside)


def test_a_line_is_followed_from_its_nearest_point_and_straight_on_behind_its_end() -> None:
    line = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    left, ahead = along(line, 0.5, 0.1, 0.7)
    assert left == pytest.approx(1.5) and (ahead.x, ahead.y) == pytest.approx((1.0, 0.2))
    left, ahead = along(line, 1.0, 0.9, 0.3)
    assert left == pytest.approx(0.1) and (ahead.x, ahead.y) == pytest.approx((1.0, 1.2))
