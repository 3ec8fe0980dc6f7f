"""Which columns are plotted and how they share plots. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sim.robot import RobotModel
from sim.timeseries import Channel
from workbench.i18n import Translator
from workbench.ui.channel_names import channel_name, column_name, joint_name, shown_unit, side_of, without_side
from workbench.ui.plot_marks import LEFT, MORE, RIGHT, Style

Arrangement = Literal["stacked", "overlaid"]

_LEFT_COLUMNS, _RIGHT_COLUMNS = ("left",), ("right",)


@dataclass(frozen=True, slots=True)
class Column:
    """One plotted column of a channel."""

    channel: str
    column: str


@dataclass(frozen=True, slots=True)
class PlotGroup:
    """Columns that share a plot."""

    channel: Channel
    columns: tuple[str, ...]

    def title(self, tr: Translator) -> str:
        """What the plot shows: the channel, and the joint where it is one joint or a pair."""
        bare = {without_side(c) for c in self.columns}
        name = channel_name(tr, self.channel.name)
        if self.channel.name.startswith("joint.") and len(bare) == 1:
            return f"{name}, {joint_name(tr, next(iter(bare)) if len(self.columns) > 1 else self.columns[0])}"
        if len(self.columns) == 1 and len(self.channel.columns) > 1:
            return f"{name}, {column_name(tr, self.channel.name, self.columns[0])}"
        return name

    def label(self, tr: Translator, column: str) -> str:
        """The name at the end of a curve: the side where that says all, else the column."""
        side = side_of(column)
        if side and len({without_side(c) for c in self.columns}) == 1 and len(self.columns) > 1:
            return tr(f"plots.side.{side}")
        if len(self.channel.columns) == 1:
            return channel_name(tr, self.channel.name)
        return column_name(tr, self.channel.name, column)

    def styles(self) -> dict[str, Style]:
        """Left solid, right dashed; anything else by its place."""
        out: dict[str, Style] = {}
        pair = len(self.columns) == 2 and {side_of(c) for c in self.columns} == {"left", "right"}
        for i, column in enumerate(self.columns):
            if pair:
                out[column] = LEFT if side_of(column) == "left" else RIGHT
            else:
                out[column] = MORE[i % len(MORE)]
        return out

    @property
    def unit(self) -> str:
        """Shown unit."""
        return shown_unit(self.channel).unit


def groups_of(chosen: Sequence[Column], channels: Mapping[str, Channel], arrangement: Arrangement) -> list[PlotGroup]:
    """Plots for the chosen columns: stacked, one a column with left and right together; overlaid, one a channel."""
    groups: dict[tuple[str, str], list[str]] = {}
    for item in chosen:
        if item.channel not in channels or item.column not in channels[item.channel].columns:
            continue
        key = (item.channel, without_side(item.column) if arrangement == "stacked" else "")
        groups.setdefault(key, []).append(item.column)
    return [PlotGroup(channels[channel], tuple(columns)) for (channel, _), columns in groups.items()]


def default_columns(robot: RobotModel, channels: Mapping[str, Channel]) -> list[Column]:
    """What is worth seeing first: margin, foot load, knees; the first joints where there are no knees."""
    knees = [leg.knee for leg in robot.profile.legs.values()]
    wanted = [Column("balance.margin", "margin"), Column("foot.force", "left"), Column("foot.force", "right")]
    wanted += [Column("joint.torque", knee) for knee in knees] + [Column("joint.position", knee) for knee in knees]
    found = [c for c in wanted if c.channel in channels and c.column in channels[c.channel].columns]
    if found:
        return found
    return [Column(c.name, c.columns[0]) for c in list(channels.values())[:3]]


def limits_of(
    group: PlotGroup, robot: RobotModel, ranges: Mapping[str, tuple[float, float]], tr: Translator
) -> list[tuple[float, str]]:
    """Limits of a plot's joints in shown units with their words; none where the columns' limits differ."""
    factor = shown_unit(group.channel).factor
    if group.channel.name in ("joint.position", "joint.command"):
        found = {ranges[c] for c in group.columns if c in ranges}
        if len(found) == 1:
            low, high = next(iter(found))
            return [
                (low * factor, tr("plots.limit_min", value=f"{low * factor:.0f}")),
                (high * factor, tr("plots.limit_max", value=f"{high * factor:.0f}")),
            ]
    table = {
        "joint.torque": robot.profile.torque_limits,
        "joint.torque_command": robot.profile.torque_limits,
        "joint.velocity": robot.profile.velocity_limits,
    }
    limits = table.get(group.channel.name)
    if limits is not None:
        values = {limits[c] for c in group.columns if c in limits}
        if len(values) == 1:
            value = next(iter(values)) * factor
            words = tr("plots.limit", value=f"{value:.0f}")
            return [(value, words), (-value, words)]
    return []
