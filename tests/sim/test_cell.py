"""Cells: what the file says is what is there; what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cell import WorkCell, load_cell
from sim.errors import SimError

HUB = Path(__file__).parents[2] / "resources" / "cells" / "hub_cell"

SMALL = """
schema = "humanoid-workbench/cell/1"
id = "small"
name = { en = "Small", ko = "작은 셀" }
[floor]
size = [4.0, 4.0]
friction = 0.8
[[stations]]
id = "table"
name = { en = "Table", ko = "탁자" }
kind = "bench"
pose = [1.0, 0.0, 3.14159265]
stand = [0.6, 0.0, 3.14159265]
  [[stations.slots]]
  id = "top"
  pose = [0.1, 0.2, 0.7]
  [[stations.parts]]
  name = "roller"
  shape = "cylinder"
  axis = "y"
  pose = [0.0, 0.0, 0.5]
  size = [0.02, 0.3]
  repeat = { count = 3, step = [0.1, 0.0, 0.0] }
[[objects]]
id = "box"
name = { en = "Box", ko = "상자" }
kind = "box"
size = [0.1, 0.1, 0.2]
mass = 1.0
friction = 0.6
station = "table"
slot = "top"
"""


@pytest.fixture(scope="module")
def hub() -> WorkCell:
    return load_cell(HUB)


def write(folder: Path, text: str) -> Path:
    path = folder / "cell.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_hub_cell_has_what_the_example_needs(hub: WorkCell) -> None:
    assert {"rack", "bench", "conveyor", "machine"} <= set(hub.stations)
    assert {zone.kind for zone in hub.zones} >= {"shared", "pedestrian", "own", "wet"}
    assert len(hub.objects) >= 2
    tote = hub.object("tote")
    assert tote.mass == 3.0
    assert 0.75 <= hub.object_start("tote").position[2] <= 0.80
    for named in (*hub.zones, *hub.stations.values(), *hub.objects.values(), hub):
        assert set(named.name) == {"en", "ko"}


@pytest.mark.parametrize("station", ["rack", "bench", "conveyor"])
def test_a_robot_standing_there_faces_the_slot_within_reach(hub: WorkCell, station: str) -> None:
    place = hub.station(station)
    stand = place.stand_in_world()
    slot = place.slot_in_world(next(iter(place.slots)))
    ahead = stand.inverse() @ type(stand)(slot.position[0], slot.position[1])
    assert 0.33 <= ahead.x <= 0.45
    assert ahead.y == pytest.approx(0.0, abs=1e-6)


def test_the_narrow_aisle_is_0_9_m_wide(hub: WorkCell) -> None:
    shelf = max(hub.station("store").pose.x + part.pose.position[0] + part.size[0] for part in hub.station("store").parts)
    fence = min(hub.station("fence").pose.x - part.size[0] for part in hub.station("fence").parts)
    assert fence - shelf == pytest.approx(0.9, abs=0.02)


def test_frames_compose(tmp_path: Path) -> None:
    cell = load_cell(write(tmp_path, SMALL))
    slot = cell.station("table").slot_in_world("top")
    assert slot.position == pytest.approx((0.9, -0.2, 0.7), abs=1e-6)
    assert cell.object_start("box").position == pytest.approx((0.9, -0.2, 0.8), abs=1e-6)
    stand = cell.station("table").stand_in_world()
    assert (stand.x, stand.y, stand.yaw) == pytest.approx((0.4, 0.0, 0.0), abs=1e-6)


def test_a_row_of_rollers_is_laid_along_its_axis(tmp_path: Path) -> None:
    parts = load_cell(write(tmp_path, SMALL)).station("table").parts
    assert [part.name for part in parts] == ["roller_1", "roller_2", "roller_3"]
    assert [part.pose.position[0] for part in parts] == pytest.approx([0.0, 0.1, 0.2])
    assert abs(parts[0].pose.matrix()[1, 2]) == pytest.approx(1.0)


def test_the_same_text_has_the_same_hash_and_another_has_not(tmp_path: Path) -> None:
    first = load_cell(write(tmp_path, SMALL)).content_hash
    assert load_cell(write(tmp_path, SMALL)).content_hash == first
    assert load_cell(write(tmp_path, SMALL.replace("mass = 1.0", "mass = 1.1"))).content_hash != first


@pytest.mark.parametrize(
    ("old", "new", "code", "culprit"),
    [
        ("cell/1", "cell/7", "cell.schema_newer", "cell/7"),
        ('slot = "top"', 'slot = "bottom"', "cell.invalid", "bottom"),
        ('shape = "cylinder"', 'shape = "cone"', "cell.invalid", "cone"),
        ("size = [0.02, 0.3]", "size = [0.02]", "cell.invalid", "roller"),
        ("count = 3", "count = 3000", "cell.invalid", "roller"),
        ("mass = 1.0", 'mass = "heavy"', "cell.invalid", "heavy"),
        ("mass = 1.0", "mass = nan", "cell.invalid", "box"),
        ("mass = 1.0", "mass = 0.0", "cell.invalid", "box"),
        ("friction = 0.8\n", "", "cell.invalid", "friction"),
        ("[floor]", "[floor", "cell.unreadable", "line"),
        ("stand = [0.6, 0.0, 3.14159265]\n", "", "cell.invalid", "field=station table, reason=stand"),
        ("mass = 1.0", "mass = -1", "cell.invalid", "field=object box, reason=mass"),
        ('id = "table"', 'id = "tab/le"', "cell.invalid", "tab/le"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, code: str, culprit: str) -> None:
    assert old in SMALL
    path = write(tmp_path, SMALL.replace(old, new, 1))
    with pytest.raises(SimError) as caught:
        load_cell(path)
    assert caught.value.code == code
    assert culprit in str(caught.value)
    assert caught.value.params["path"] == str(path)


def test_repeated_names_are_refused(tmp_path: Path) -> None:
    twice = SMALL + SMALL[SMALL.index("[[objects]]") :]
    with pytest.raises(SimError, match="box"):
        load_cell(write(tmp_path, twice))


def test_what_is_not_there_lists_what_is(hub: WorkCell) -> None:
    for ask in (hub.station, hub.object):
        with pytest.raises(SimError, match="valid=.*(rack|tote)"):
            ask("moon")
    with pytest.raises(SimError, match="valid=tote, spare"):
        hub.station("rack").slot_in_world("moon")
