"""People are followed over noisy sightings and told early when they will be in the way."""

from __future__ import annotations

import numpy as np

from sim.control.people import Crowd, ahead_of
from sim.people import PersonSighting
from sim.transforms import Pose2

WAY = [Pose2(0.2 * k, 0.0) for k in range(12)]


def seen(crowd: Crowd, time: float, x: float, y: float) -> None:
    crowd.update({"p": PersonSighting("p", time, np.array([x, y]))}, time)


def test_who_comes_into_the_way_is_told_before_and_who_passes_far_off_is_not() -> None:
    coming, passing = Crowd(), Crowd()
    for k in range(10):
        seen(coming, 0.1 * k, 1.6, 2.8 - 0.1 * k)
        seen(passing, 0.1 * k, 0.1 * k, 2.4)
    assert coming.in_way(WAY, 0.36, 0.9) == "p"
    assert passing.in_way(WAY, 0.36, 0.9) == ""


def test_a_standing_person_does_not_seem_to_walk_by_noise() -> None:
    crowd, chance = Crowd(), np.random.default_rng(1)
    for k in range(100):
        seen(crowd, 0.1 * k, *(np.array([1.0, 1.6]) + 0.05 * chance.standard_normal(2)))
        if k > 5:
            assert crowd.in_way(WAY, 0.36, 0.1 * k) == ""


def test_old_sightings_are_forgotten() -> None:
    crowd = Crowd()
    seen(crowd, 0.0, 1.0, 0.0)
    crowd.update({}, 1.0)
    assert crowd.in_way(WAY, 0.36, 1.0) == "p"
    crowd.update({}, 3.0)
    assert crowd.in_way(WAY, 0.36, 3.0) == ""


def test_only_the_next_stretch_of_the_way_counts() -> None:
    ahead = ahead_of(WAY, Pose2(0.4, 0.05), 0.5)
    assert [round(p.x, 1) for p in ahead[1:]] == [0.6, 0.8] and ahead[0].y == 0.05
