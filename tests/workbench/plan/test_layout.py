"""The timeline's boxes: simulated spans where they still hold, a forecast behind the first edit."""

from __future__ import annotations

import numpy as np
import pytest

from sim.motion import Motion
from sim.recording import Recording, RecordingHeader, StepSpan
from sim.timeseries import Channel, TimeSeries
from sim.transforms import Pose2
from workbench.plan import edits
from workbench.plan.layout import layout, planned_start, planned_time
from workbench.plan.model import Plan
from workbench.session import Simulated


def plan() -> Plan:
    made = Plan("test")
    for skill in ("walk", "grasp", "carry"):
        made = edits.add_step(made, edits.new_step(made, skill, made.end + 0.5))
    return made


def simulated(of: Plan, *spans: StepSpan) -> Simulated:
    t = np.array([0.0, 25.0])
    series = {"x": TimeSeries(Channel("x", "1", ("x",)), t, np.zeros((2, 1)))}
    recording = Recording(RecordingHeader("simulation", "r", ()), series, spans)
    return Simulated(of, Motion((), Pose2(0, 0), "r", "", "c", "", ""), recording)


WALK = StepSpan("walk-1", "walk", 0.5, 8.5, True)
GRASP = StepSpan("grasp-1", "grasp", 9.0, 13.0, True)
CARRY = StepSpan("carry-1", "carry", 13.5, 20.0, False)


def test_without_a_simulation_everything_stands_as_planned() -> None:
    for box in layout(plan(), None):
        assert (box.start, box.length, box.state) == (box.planned_start, box.planned_length, "not_simulated")


def test_simulated_steps_stand_at_their_spans() -> None:
    of = plan()
    boxes = layout(of, simulated(of, WALK, GRASP, CARRY))
    assert [(b.start, b.end, b.state, b.success) for b in boxes] == [
        (0.5, 8.5, "simulated", True),
        (9.0, 13.0, "simulated", True),
        (13.5, 20.0, "simulated", False),
    ]


def test_behind_an_edit_the_boxes_are_a_forecast_from_the_simulated_end() -> None:
    of = plan()
    edited = edits.set_parameter(of, "grasp-1", "force", 60.0)
    walk, grasp, carry = layout(edited, simulated(of, WALK, GRASP, CARRY))
    assert walk.state == "simulated"
    assert (grasp.state, grasp.start, grasp.length) == ("edited", 9.0, 9.0)
    assert (carry.state, carry.start) == ("edited", pytest.approx(18.5))


def test_a_new_name_does_not_make_the_simulation_stale() -> None:
    of = plan()
    assert {b.state for b in layout(edits.rename_step(of, "walk-1", "Go"), simulated(of, WALK, GRASP, CARRY))} == {"simulated"}


def test_a_step_that_was_never_reached_is_not_simulated() -> None:
    of = plan()
    walk, grasp, carry = layout(of, simulated(of, WALK, StepSpan("grasp-1", "grasp", 9.0, None, False)))
    assert (grasp.state, grasp.end, grasp.success) == ("simulated", 25.0, False)
    assert (carry.state, carry.start) == ("not_simulated", 25.5)
    assert walk.state == "simulated"


def test_a_deleted_step_makes_what_follows_stale() -> None:
    of = plan()
    walk, carry = layout(edits.delete_steps(of, ["grasp-1"]), simulated(of, WALK, GRASP, CARRY))
    assert (walk.state, carry.state) == ("simulated", "edited")


@pytest.mark.parametrize("displayed", [14.0, 17.5])
def test_a_drag_lands_where_it_is_shown(displayed: float) -> None:
    of = plan()
    sim = simulated(of, WALK, GRASP, CARRY)
    moved = edits.move_step(of, "carry-1", planned_start(of, layout(of, sim), "carry-1", displayed))
    assert {b.step_id: b.start for b in layout(moved, sim)}["carry-1"] == pytest.approx(displayed, abs=2e-3)


def test_a_time_inside_another_step_maps_inside_it() -> None:
    of = plan()
    inside = planned_time(of, layout(of, simulated(of, WALK, GRASP, CARRY)), "walk", 11.0)
    assert of.step("grasp-1").start < inside < of.step("grasp-1").end
