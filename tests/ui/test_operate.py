"""Operate panels show what the source delivers, nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from sim.recording import RecordedEvent
from tests.ui.run_example import PlayedSource, context, recording, scene, session
from workbench.i18n import load
from workbench.ui.icons import ICONS
from workbench.ui.live_samples import live_samples
from workbench.ui.operate.events import EventsPanel, clock_words, gathered, icon_name, severity
from workbench.ui.operate.health import JointHealthPanel
from workbench.ui.operate.live_plots import LivePlotsPanel, required_margin
from workbench.ui.operate.values import health_rows, tracking_error


def live_context(channels: tuple[str, ...] = (), simulated: bool = True):
    made = context(session(simulated=simulated))
    source = PlayedSource(recording("robot"), channels=channels)
    made.session.mode, made.session.source = "operate", source
    live_samples(made)
    return made, source


def play(made, source, *times: float) -> None:
    for time in times:
        source.time = time
        for _ in range(6):
            made.bridge.flush()


def test_loads_are_shares_of_the_limit_and_errors_are_against_the_command() -> None:
    made, source = live_context()
    play(made, source, 1.3)
    rows = {r.base: r for r in health_rows(scene().robot, live_samples(made).tails)}
    knee = rows["knee"].left
    assert knee is not None and knee.load is not None and knee.error == pytest.approx(0.01)
    assert 0.0 < knee.load <= 40.0 / scene().robot.profile.torque_limits["left_knee"] + 1e-9
    assert rows["waist_yaw"].middle is not None and rows["waist_yaw"].left is None


def test_what_is_not_delivered_is_absent(qtbot: QtBot) -> None:
    made, source = live_context(("joint.position", "foot.force"))
    play(made, source, 1.0)
    tails = live_samples(made).tails
    assert health_rows(scene().robot, tails) == [] and tracking_error(tails) is None
    panel = JointHealthPanel(made)
    qtbot.addWidget(panel)
    assert panel.empty.text.text() == made.tr("operate.waiting")
    plots = LivePlotsPanel(made)
    qtbot.addWidget(plots)
    plots.resize(600, 500)
    plots.show()
    play(made, source, 2.0)
    margin, knee, foot, error = plots.board.plots
    assert not margin.curves and not knee.curves and not error.curves
    assert list(foot.curves) == ["left", "right"]


def test_the_error_is_against_the_newest_command_before_each_measurement() -> None:
    made, source = live_context(("joint.position", "joint.command"))
    play(made, source, 3.0)
    found = tracking_error(live_samples(made).tails)
    assert found is not None
    names, t, errors = found
    assert errors.shape == (len(t), len(names)) and np.allclose(errors, 0.01)


def test_no_source_says_so_and_a_joint_can_be_chosen(qtbot: QtBot) -> None:
    made = context()
    panel = JointHealthPanel(made)
    qtbot.addWidget(panel)
    panel.resize(392, 400)
    panel.show()
    assert panel.empty.text.text() == made.tr("operate.no_source")
    source = PlayedSource(recording("robot"))
    made.session.source = source
    made.session.notify("source")
    play(made, source, 1.0)
    row = next(i for i, r in enumerate(panel.table.rows) if r.base == "knee")
    area = panel.table.half(True)
    QTest.mouseClick(panel.table, Qt.MouseButton.LeftButton, pos=area.translated(10, 24 + row * 21 + 8).topLeft().toPoint())
    assert made.session.selection.joint == "right_knee"


def test_live_plots_show_the_twin_at_the_same_moment_of_the_step(qtbot: QtBot) -> None:
    made, source = live_context()
    panel = LivePlotsPanel(made)
    qtbot.addWidget(panel)
    panel.resize(700, 560)
    panel.show()
    play(made, source, 1.0, 3.0, 4.5, 5.5)
    margin = panel.board.plots[0]
    assert list(margin.curves) == ["margin", "twin"]
    assert margin.styles["twin"].dash == "twin"
    panel.freeze.setChecked(True)
    play(made, source, 6.0)
    assert panel.board.x[1] == pytest.approx(5.5)


def test_silence_is_said_with_its_time(qtbot: QtBot) -> None:
    made, source = live_context()
    now = [1000.0]
    panel = LivePlotsPanel(made, now=lambda: now[0])
    qtbot.addWidget(panel)
    panel.resize(600, 400)
    panel.show()
    play(made, source, 1.0)
    assert panel.head.secondary.full_text() == made.tr("operate.last", seconds="20")
    source.drain = dict
    now[0] += 5.0
    play(made, source, 1.0)
    assert panel.head.secondary.full_text().startswith("No signal since ")


def test_events_are_newest_first(qtbot: QtBot) -> None:
    made, source = live_context()
    panel = EventsPanel(made)
    qtbot.addWidget(panel)
    panel.show()
    play(made, source, 3.0, 6.0)
    assert [e.code for e in panel.events() if "step_" not in e.code] == ["event.signal", "event.touchdown"]
    assert panel.model.rowCount() == len(panel.events())


def test_footsteps_in_a_row_are_counted_in_one_row_until_all_are_asked_for() -> None:
    feet = [RecordedEvent(0.5 * i, "event.touchdown", {"side": ("left", "right")[i % 2]}) for i in range(4)]
    push, tick = RecordedEvent(1.2, "event.push", {"x": 1.0}), RecordedEvent(1.3, "event.tick")
    found = gathered([*feet[:3], push, tick, feet[3]])
    assert [(e.code, e.time) for e in found] == [("event.footsteps", 1.0), ("event.push", 1.2), ("event.touchdown", 1.5)]
    assert found[0].params == {"side": "left", "count": "3"}


def test_steps_are_told_as_they_begin_and_end(qtbot: QtBot) -> None:
    made, source = live_context()
    panel = EventsPanel(made)
    qtbot.addWidget(panel)
    panel.show()
    play(made, source, *np.arange(0.0, 10.0, 0.25).tolist())
    told = [(e.code, e.params["step"]) for e in panel.events()[::-1] if "step_" in e.code]
    spans = [s for s in recording("robot").steps if s.start < 9.75]
    assert told[0] == ("event.step_started", spans[0].id)
    assert {step for code, step in told if code == "event.step_started"} == {s.id for s in spans}
    assert all(panel.words(e) != e.code for e in panel.events())


def test_without_a_source_the_simulation_tells_and_a_click_goes_there(qtbot: QtBot) -> None:
    made = context()
    panel = EventsPanel(made)
    qtbot.addWidget(panel)
    panel._go_to(panel.model.index(0))
    newest = panel.events()[0]
    assert newest.code == "event.step_ended" and made.session.playhead == pytest.approx(newest.time)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_event_the_program_makes_has_words(language: str, qtbot: QtBot) -> None:
    tr = load(language)
    for name in (
        "push",
        "fall",
        "signal",
        "touchdown",
        "reset",
        "stop_requested",
        "footsteps",
        "step_started",
        "step_ended",
        "step_failed",
    ):
        assert tr.has(f"event.{name}"), name
    panel = EventsPanel(context(language=language))
    qtbot.addWidget(panel)
    push = panel.words(RecordedEvent(1.0, "event.push", {"x": 50.0, "y": 0.0, "z": -3.25, "duration": 0.15}))
    signal = panel.words(RecordedEvent(1.0, "event.signal", {"name": "done", "value": 1.0}))
    assert "50" in push and "{" not in push and "done" in signal


def test_unknown_events_are_readable_and_have_an_icon(qtbot: QtBot) -> None:
    panel = EventsPanel(context())
    qtbot.addWidget(panel)
    odd = RecordedEvent(1.0, "event.vendor_hiccup")
    assert panel.words(odd) == "vendor hiccup"
    assert icon_name(odd) in ICONS and severity("event.fall") == "fail" and severity("event.push") == "marginal"
    assert clock_words(75.25) == "1:15.2"


def test_the_required_margin_comes_from_the_checks() -> None:
    assert required_margin(()) is None
