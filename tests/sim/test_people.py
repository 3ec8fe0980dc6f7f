"""The person detector sees what its declaration says and no more; the way that is told is the way that is shown."""

from __future__ import annotations

from dataclasses import replace

import mujoco
import numpy as np
import pytest

from sim.cell import Part, Station, WorkCell, load_cell
from sim.people import PersonDetector
from sim.recording import RecordedEvent
from sim.scene import build_scene
from sim.snapshot import WAY_EVENT, way_at, way_told
from sim.transforms import Pose, Pose2
from tests.sim.examples import ROOT, h140


def person_at(x: float, y: float, *parts: Part) -> WorkCell:
    cell = load_cell(ROOT / "tests" / "bench" / "cells" / "person.toml")
    wall = Station("wall", {"en": "Wall"}, "wall", Pose2(0.0, 0.0), Pose2(0.0, 0.0), {}, parts)
    return replace(cell, walkers=(replace(cell.walkers[0], start=(x, y), leaves=100.0),), stations={"wall": wall})


def seen(cell: WorkCell, noise: float = 0.0, latency: float = 0.15) -> list[tuple[float, np.ndarray]]:
    scene = build_scene(cell, h140())
    data = scene.initial_data()
    mujoco.mj_forward(scene.model, data)
    detector = PersonDetector(scene, 1, noise, 0.1, latency, 5.0, 2.36)
    out = []
    for tick in range(100):
        data.time = 0.01 * tick
        out += [(data.time - view.time, detector.seen[view.person_id].position) for view in detector.read(data)]
    return out


def test_a_person_in_view_is_seen_at_the_declared_rate_and_latency() -> None:
    found = seen(person_at(2.0, 1.0))
    assert len(found) == 9
    for late, place in found:
        assert late == pytest.approx(0.15, abs=0.011)
        assert place == pytest.approx([2.0, 1.0], abs=1e-6)
    spread = np.std([place for _, place in seen(person_at(2.0, 1.0), noise=0.05)], axis=0)
    assert np.all(spread > 0.02) and np.all(spread < 0.1)


def test_nobody_is_seen_behind_a_wall_behind_the_back_or_beyond_the_range() -> None:
    wall = Part("box", Pose((1.0, 0.0, 0.9)), (0.05, 1.0, 0.9))
    assert seen(person_at(2.0, 0.0, wall)) == []
    assert seen(person_at(-2.0, 0.0)) == []
    assert seen(person_at(6.0, 0.0)) == []
    assert seen(person_at(2.0, 0.0))


def test_the_way_that_a_step_told_is_found_again_and_no_other() -> None:
    poses = [Pose2(0.05 * k, 0.0) for k in range(41)]
    events = (RecordedEvent(1.0, WAY_EVENT, way_told("walk-1", poses)), RecordedEvent(2.0, "event.touchdown"))
    way = way_at(events, "walk-1", 1.5)
    assert way is not None and way[0] == pytest.approx([0.0, 0.0]) and way[-1] == pytest.approx([2.0, 0.0])
    assert way_at(events, "walk-1", 0.5) is None
    assert way_at(events, "place-1", 1.5) is None
