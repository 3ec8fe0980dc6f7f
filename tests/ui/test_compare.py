"""Comparison panels: one selection drives all four; the table sorts; what is unknown is said."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.run_example import WALK_S, context, recording, session
from workbench.comparison.compare import compare, compare_commands
from workbench.comparison.comparison import Comparison
from workbench.i18n import load
from workbench.session import NamedRecording
from workbench.ui.compare.chooser import ChooserBar
from workbench.ui.compare.heatmap import HeatmapPanel, heat_colour, on_colour
from workbench.ui.compare.overlay import OverlayPanel
from workbench.ui.compare.table import COLUMNS, JointTablePanel, row_of
from workbench.ui.compare.view import columns_of, grouped_joints, heat_of, selected_joint, worst_time
from workbench.ui.context import UiContext
from workbench.ui.tokens import DARK, LIGHT


@dataclass
class Panels:
    context: UiContext
    heat: HeatmapPanel
    table: JointTablePanel
    overlay: OverlayPanel
    chooser: ChooserBar


@pytest.fixture(scope="module")
def found():
    return compare(recording("robot", lag=0.03, bias=0.08), recording(), "position", "run", "twin")


@pytest.fixture
def panels(qtbot: QtBot, found: Comparison) -> Panels:
    made = context()
    all_of_them = Panels(made, HeatmapPanel(made), JointTablePanel(made), OverlayPanel(made), ChooserBar(made))
    for widget in (all_of_them.heat, all_of_them.table, all_of_them.overlay, all_of_them.chooser):
        qtbot.addWidget(widget)
        widget.resize(700, 44 if widget is all_of_them.chooser else 500)
        widget.show()
    made.session.mode = "compare"
    made.session.compare_pair = (NamedRecording("run", recording("robot")), NamedRecording("twin", recording()))
    made.session.comparison = found
    made.session.notify("comparison", "mode")
    made.bridge.flush()
    return all_of_them


def test_rows_are_grouped_and_every_joint_has_one(found) -> None:
    groups = grouped_joints(found, session().robot)
    assert [g for g, _ in groups] == ["legs", "body", "arms"]
    assert sorted(i for _, rows in groups for i in rows) == list(range(len(found.joint_names)))


def test_without_steps_there_is_one_column_for_the_whole_run(found) -> None:
    bare = replace(found, steps=())
    assert heat_of(bare).shape == (len(found.joint_names), 1)
    assert columns_of(bare, session(), load("en"))[0].words == "Whole run"


def test_the_worst_moment_is_found_within_the_span(found) -> None:
    time = worst_time(found, "right_knee", 0.0, WALK_S)
    i = found.joint_names.index("right_knee")
    inside = (found.time >= 0) & (found.time <= WALK_S)
    at = int(np.searchsorted(found.time, time))
    error = np.abs(found.b[:, i] - found.a[:, i])
    assert error[at] == pytest.approx(np.nanmax(error[inside]))
    assert worst_time(found, "nobody", 1.0, 2.0) == 1.0


def test_a_click_in_the_heat_map_moves_all_four(panels: Panels, found) -> None:
    grid = panels.heat.grid
    grid.repaint()
    k, column = grid.rows.index(found.joint_names.index("left_shoulder_pitch")), 1
    spot = grid.cell_rect(k, column).center().toPoint()
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=spot)
    panels.context.bridge.flush()
    made = panels.context.session
    assert made.selection.joint == "left_shoulder_pitch" and made.selection.steps == ("grasp-1",)
    assert 4.0 <= made.playhead <= 6.0
    assert grid.selected == (k, column)
    row = panels.table.proxy.mapToSource(panels.table.table.currentIndex()).row()
    assert panels.table.model.rows[row].name == "left_shoulder_pitch"
    assert panels.overlay.head.title.text().startswith("Left shoulder pitch")
    assert panels.overlay.board.plots[0].cursor.value() == pytest.approx(made.playhead)
    assert panels.overlay.board.plots[0].span.isVisible()


def test_arrow_keys_move_the_cell(panels: Panels) -> None:
    grid = panels.heat.grid
    grid.setFocus()
    panels.context.session.select_steps("walk-1")
    panels.context.bridge.flush()
    k, column = grid.selected
    QTest.keyClick(grid, Qt.Key.Key_Right)
    panels.context.bridge.flush()
    assert grid.selected == (k, column + 1)


def test_choosing_a_row_moves_the_others(panels: Panels, found) -> None:
    row = next(i for i, r in enumerate(panels.table.model.rows) if r.name == "left_knee")
    panels.table.table.setCurrentIndex(panels.table.proxy.mapFromSource(panels.table.model.index(row, 0)))
    panels.context.bridge.flush()
    assert panels.context.session.selection.joint == "left_knee"
    assert panels.heat.grid.rows[panels.heat.grid.selected[0]] == found.joint_names.index("left_knee")


def test_the_table_sorts_and_says_static(panels: Panels, found) -> None:
    table, proxy = panels.table.table, panels.table.proxy
    column = COLUMNS.index("rmse")
    table.sortByColumn(column, Qt.SortOrder.DescendingOrder)
    order = [panels.table.model.rows[proxy.mapToSource(proxy.index(i, 0)).row()].keys[column] for i in range(proxy.rowCount())]
    assert order == sorted(order, reverse=True)
    static = next(j for j in found.joints if j.is_static)
    assert row_of(static, "x", 1.0, load("en")).texts[COLUMNS.index("correlation")] == "static"
    lag = next(j for j in found.joints if j.name == "left_knee").lag_s
    assert (
        lag is not None
        and row_of(found.joints[found.joint_names.index("left_knee")], "x", 1.0, load("en")).texts[5] == f"{1000 * lag:.0f}"
    )


def test_the_largest_share_of_its_tolerance_is_shown_first(found) -> None:
    assert selected_joint(found, session()) == "right_knee"


def test_the_read_out_gives_real_twin_and_their_difference(panels: Panels, found) -> None:
    panels.context.session.select(replace(panels.context.session.selection, joint="right_knee"))
    panels.context.session.set_playhead(7.0)
    panels.context.bridge.flush()
    rows = panels.overlay.board.plots[0].box._rows
    assert [r[0] for r in rows] == ["Real", "Twin", "Residual"]
    assert rows[2][1] == f"-{np.degrees(0.08):.2f} °" and rows[2][2] == "fa"


def test_the_chooser_compares_in_the_background(panels: Panels, qtbot: QtBot) -> None:
    made = panels.context.session
    made.recordings = [NamedRecording("run 3", recording("robot", lag=0.05))]
    made.notify("recordings")
    panels.context.bridge.flush()
    names = [panels.chooser.twin.itemText(i) for i in range(panels.chooser.twin.count())]
    assert names == ["run 3", "Last simulation", "Its own commands"]
    panels.chooser.compare_pair(made.recordings[0], None)
    assert panels.chooser.busy
    qtbot.waitUntil(lambda: not panels.chooser.busy, timeout=60_000)
    assert made.comparison is not None and made.comparison.a_name == "command"
    assert made.compare_pair[0] is made.compare_pair[1]


def test_a_quantity_that_is_not_recorded_is_said_and_the_old_one_stays(panels: Panels) -> None:
    made = panels.context.session
    poor = recording("robot")
    poor = replace(poor, series={k: v for k, v in poor.series.items() if k != "joint.torque"})
    made.compare_pair = (NamedRecording("poor", poor), made.compare_pair[1])
    before = made.comparison
    panels.heat.switch.changed.emit("torque")
    assert made.comparison is before
    assert panels.heat.switch.current() == "position"
    assert "torque" in panels.heat.head.secondary.full_text()


def test_empty_words_languages_and_themes(panels: Panels) -> None:
    made = panels.context
    made.tr, made.tokens = load("ko"), LIGHT
    made.session.notify("language", "theme")
    made.bridge.flush()
    assert panels.table.head.title.text() == "관절" and panels.heat.grid.columns[0].number == "1"
    made.session.comparison = None
    made.session.notify("comparison")
    made.bridge.flush()
    for panel in (panels.heat, panels.table, panels.overlay):
        assert panel.empty.text.text() == made.tr("compare.empty")


def test_heat_colours_keep_their_numbers_readable() -> None:
    def luminance(c) -> float:
        return 0.2126 * c.redF() ** 2.2 + 0.7152 * c.greenF() ** 2.2 + 0.0722 * c.blueF() ** 2.2

    for tokens in (DARK, LIGHT):
        for value in np.linspace(1.0, 3.0, 21):
            ground = heat_colour(float(value), tokens.heat)
            light, dark = sorted((luminance(ground), luminance(on_colour(ground))), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.0


def test_commands_against_measurement_use_their_own_words(panels: Panels) -> None:
    made = panels.context.session
    made.comparison = compare_commands(recording("robot"))
    made.notify("comparison")
    panels.context.bridge.flush()
    assert [r[0] for r in panels.overlay.board.plots[0].box._rows] == ["Command", "Measured", "Residual"]
