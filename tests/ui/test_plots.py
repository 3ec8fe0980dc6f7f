"""Telemetry plots: decimation keeps what matters, the panel follows playhead and source."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from sim.timeseries import Channel, TimeSeries
from tests.ui.run_example import END_S, PlayedSource, context, recording, scene, session
from workbench.i18n import load
from workbench.ui.channel_names import channel_name, column_name, joint_name, shown_unit
from workbench.ui.decimation import Pyramid, thin, with_gaps
from workbench.ui.live_samples import WINDOW_S, Tail, live_samples
from workbench.ui.plots.panel import PlotsPanel
from workbench.ui.plots.selection import Column, default_columns, groups_of, limits_of
from workbench.ui.tokens import LIGHT


# --- decimation ------------------------------------------------------------------------------------------------------
@given(st.integers(10, 5000), st.integers(50, 400), st.integers(0, 2**31))
def test_thinning_keeps_the_extremes_and_the_budget(n: int, points: int, seed: int) -> None:
    y = np.random.default_rng(seed).standard_normal(n)
    x, shown = thin(np.arange(n, dtype=float), y, points)
    assert shown.max() == y.max() and shown.min() == y.min()
    assert len(shown) <= n and (n <= 2 * points or len(shown) <= points + 4)
    assert np.all(np.diff(x) >= 0)


def test_the_pyramid_keeps_a_spike_at_every_zoom() -> None:
    t = np.arange(600_000) / 1000.0
    y = np.zeros(len(t))
    y[412_345] = 7.0
    pyramid = Pyramid(t, y)
    for width in (600.0, 60.0, 6.0, 0.6):
        x, shown = pyramid.visible(412.345 - width / 2, 412.345 + width / 2, 800)
        assert shown.max() == 7.0
        assert len(x) <= 2 * 2 * 800 + 16
    assert pyramid.at(412.345) == 7.0 and np.isnan(pyramid.at(-1.0))


def test_missing_data_is_a_gap() -> None:
    t = np.concatenate([np.arange(0, 1, 0.01), np.arange(3, 4, 0.01)])
    _, y = with_gaps(t, np.ones(len(t)))
    assert np.isnan(y).sum() == 1
    x, y = Pyramid(t, np.ones(len(t))).visible(0, 4, 1000)
    hole = np.flatnonzero(np.isnan(y))
    assert len(hole) == 1 and 0.99 < x[hole[0]] < 3.0


# --- live samples ----------------------------------------------------------------------------------------------------
def test_a_tail_holds_the_last_seconds_and_begins_anew_with_time() -> None:
    channel = Channel("a", "1", ("x",))
    tail = Tail(channel)
    for k in range(60):
        t = k + np.arange(100) / 100
        tail.append(TimeSeries(channel, t, t[:, None]))
    assert tail.t[-1] == pytest.approx(59.99) and tail.t[0] >= 59.99 - WINDOW_S
    assert np.array_equal(tail.t, tail.values[:, 0])
    tail.append(TimeSeries(channel, np.array([0.0, 0.01]), np.zeros((2, 1))))
    assert tail.t.tolist() == [0.0, 0.01]


def test_the_source_is_read_once_for_all_panels(qtbot: QtBot) -> None:
    made = context()
    assert live_samples(made) is live_samples(made)
    source = PlayedSource(recording("robot"))
    made.session.source = source
    source.time = 2.0
    made.bridge.flush()
    source.time = 3.0
    made.bridge.flush()
    tail = live_samples(made).tails["foot.force"]
    assert np.allclose(np.diff(tail.t), 0.01) and tail.t[-1] == pytest.approx(3.0)


# --- choosing --------------------------------------------------------------------------------------------------------
def test_left_and_right_share_a_plot_and_limits_have_words() -> None:
    tr, robot = load("en"), scene().robot
    channels = {n: s.channel for n, s in recording().series.items()}
    columns = default_columns(robot, channels)
    stacked = groups_of(columns, channels, "stacked")
    assert [g.columns for g in stacked][1] == ("left", "right")
    assert {s.dash for s in stacked[1].styles().values()} == {"solid", "dash"}
    knee = next(g for g in stacked if g.channel.name == "joint.torque")
    limit = robot.profile.torque_limits["left_knee"]
    assert [v for v, _ in limits_of(knee, robot, {}, tr)] == [limit, -limit]
    both = [Column("joint.position", "left_knee"), Column("joint.position", "right_elbow")]
    assert len(groups_of(both, channels, "overlaid")) == 1 and len(groups_of(both, channels, "stacked")) == 2
    assert groups_of([Column("nothing", "x")], channels, "stacked") == []


@pytest.mark.parametrize(("language", "knee"), [("en", "Left knee"), ("ko", "왼 무릎")])
def test_names_are_made_of_known_words(language: str, knee: str) -> None:
    tr = load(language)
    assert joint_name(tr, "left_knee") == knee
    assert column_name(tr, "joint.position", "left_knee") == knee
    assert channel_name(tr, "some.vendor.channel") == "some.vendor.channel"
    assert shown_unit(Channel("joint.position", "rad", ())).unit == "°"


# --- panel -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def panel(qtbot: QtBot) -> PlotsPanel:
    made = PlotsPanel(context())
    qtbot.addWidget(made)
    made.resize(900, 500)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_the_cursor_follows_the_playhead_and_dragging_it_scrubs(panel: PlotsPanel) -> None:
    made, bridge = panel.context.session, panel.context.bridge
    made.set_playhead(3.0)
    bridge.flush()
    assert {p.cursor.value() for p in panel.board.plots} == {3.0}
    panel.board.plots[0].cursor.setValue(6.5)
    panel.board.plots[0].cursor.sigDragged.emit(panel.board.plots[0].cursor)
    assert made.playhead == pytest.approx(6.5)
    panel.board.scrubbed(1e9)
    assert made.playhead == pytest.approx(recording().duration)


def test_values_at_the_cursor_cover_no_curve(panel: PlotsPanel) -> None:
    """They stand in the row of the title, beside it, wherever the cursor is."""
    for time in (0.0, 4.0, recording().duration):
        panel.context.session.set_playhead(time)
        panel.context.bridge.flush()
        for plot in panel.board.plots:
            line, area = plot.box.line(), plot.item.getViewBox().geometry()
            assert line is not None and line.bottom() <= area.top()
            assert line.left() > area.left() + plot.item.titleLabel.itemRect().width()
            assert plot.box.boundingRect().contains(line)


def test_choosing_channels_makes_plots(panel: PlotsPanel) -> None:
    panel.show_columns([Column("foot.force", "left"), Column("foot.force", "right"), Column("balance.margin", "margin")])
    assert len(panel.board.plots) == 2
    assert list(panel.board.plots[0].curves) == ["left", "right"]
    x, y = panel.board.plots[0].curves["left"].getData()
    assert x[-1] == pytest.approx(END_S, abs=0.1) and y.max() == pytest.approx(450, abs=2)
    panel.show_columns([])
    assert panel.empty.isVisibleTo(panel)


def test_searching_hides_what_does_not_match(panel: PlotsPanel) -> None:
    panel.tree.search.setText("knee torque")
    shown = [item for item in panel.tree._tops() if not item.isHidden()]
    assert [item.text(0) for item in shown] == ["Joint torque"]
    visible = [c for item in shown for c in range(item.childCount()) if not item.child(c).isHidden()]
    assert len(visible) == 2
    panel.tree.search.setText("zzz")
    assert all(item.isHidden() for item in panel.tree._tops())


def test_live_shows_the_last_window_and_freezing_stops_it(panel: PlotsPanel) -> None:
    made, bridge = panel.context.session, panel.context.bridge
    source = PlayedSource(recording("robot"))
    made.mode, made.source, made.simulated = "operate", source, None
    made.notify("mode", "source", "simulation")
    for time in (2.0, 4.0, 6.0):
        source.time = time
        bridge.flush()
        bridge.flush()
    assert panel.live and panel.board.x == pytest.approx((6.0 - WINDOW_S, 6.0))
    assert not panel.board.plots[0].cursor.isVisible()
    panel.freeze.setChecked(True)
    source.time = 7.0
    bridge.flush()
    bridge.flush()
    assert panel.board.x[1] == pytest.approx(6.0)


def test_no_recording_says_what_to_do_and_words_and_colours_change_at_once(qtbot: QtBot) -> None:
    made = PlotsPanel(context(session(simulated=False)))
    qtbot.addWidget(made)
    assert made.empty.text.text() == made.context.tr("plots.empty")
    made.context.tr, made.context.tokens = load("ko"), LIGHT
    made.context.session.notify("language", "theme")
    made.context.bridge.flush()
    assert made.head.title.text() == "신호"
    assert all(made.context.tr.has(f"command.{c.id}") for c in made.commands())


def test_words_of_a_limit_follow_the_language(panel: PlotsPanel) -> None:
    panel.show_columns([Column("joint.torque", "left_knee")])
    for language in ("ko", "en"):
        panel.context.tr = load(language)
        panel.context.session.notify("language")
        panel.context.bridge.flush()
        words = {text.toPlainText().split()[0] for plot in panel.board.plots for _, text in plot._limits}
        assert words == {panel.context.tr("plots.limit").split()[0]}
