"""Colour tokens of both themes and the sizes everything is built from. Meanings: see ``Tokens``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ThemeName = Literal["dark", "light"]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours as #RRGGBB.

    bg0 gaps, lane plots and timeline ground, bg1 panel, bg2 field and button, bg3 bar ground and chosen tab; line hairline, ctl
    field border; tx, tx2, tx3 text to hint; ac selection, focus and primary button only, acbg its tint, onac text on it; tw the
    twin (predicted, always dashed in plots); ok, wa, fa, na verdicts with their tints; s2 left, s4 right, s3 third series;
    legs, hand, head, io fills and edges of steps.
    """

    name: ThemeName
    bg0: str
    lane: str
    bg1: str
    bg2: str
    bg3: str
    line: str
    ctl: str
    tx: str
    tx2: str
    tx3: str
    ac: str
    acbg: str
    onac: str
    tw: str
    ok: str
    okb: str
    wa: str
    wab: str
    fa: str
    fab: str
    na: str
    nab: str
    s2: str
    s3: str
    s4: str
    legs: tuple[str, str]
    hand: tuple[str, str]
    head: tuple[str, str]
    io: tuple[str, str]
    heat: tuple[str, ...]
    sky: tuple[str, str]
    floor: str
    grid_minor: str
    grid_major: str
    shadow: str
    scrim: str
    shell: str
    joint: str
    dark_part: str
    visor: str


_HEAT = ("#FFFFFF", "#EDEAF6", "#D9D2EE", "#BDB0E0", "#9A87CE", "#7A5FBE", "#5A3BA6", "#3F2382")

DARK = Tokens(
    "dark",
    *("#14181D", "#14181D", "#1B2026", "#242A32", "#2F3742", "#313944", "#6F7C8B"),
    *("#E8ECF1", "#AEB8C4", "#8793A1", "#5B9DFF", "#1F3557", "#0A1322", "#CBB5FF"),
    *("#22B894", "#17322E", "#F0B341", "#3A2F17", "#FF7B6B", "#43221F", "#CBD3DC", "#2A3038"),
    *("#56B4E9", "#E69F00", "#E691BE"),
    legs=("#2D3E55", "#5C7CA6"),
    hand=("#463E33", "#94805F"),
    head=("#2B4049", "#5E8A99"),
    io=("#353B45", "#7B8794"),
    heat=("#1B2026", *reversed(_HEAT[1:-1]), "#EDEAF6"),
    sky=("#171B21", "#2A313A"),
    floor="#2B3138",
    grid_minor="#39414A",
    grid_major="#48525D",
    shadow="#1F242A",
    scrim="#14181D",
    shell="#D5DAE0",
    joint="#59636F",
    dark_part="#39424D",
    visor="#15191E",
)

LIGHT = Tokens(
    "light",
    *("#DDE2E7", "#EBEEF1", "#F5F7F9", "#FFFFFF", "#E6EAEF", "#CDD4DB", "#717C89"),
    *("#141A20", "#434E5A", "#56616D", "#0B5FC7", "#DCE9FA", "#FFFFFF", "#55319F"),
    *("#006B56", "#D9F0EA", "#8A5A00", "#FBEBC8", "#961515", "#FADDD9", "#5A6672", "#E6EAEF"),
    *("#0072B2", "#A65E00", "#A8487E"),
    legs=("#D3E1F3", "#587CAC"),
    hand=("#EBDFCC", "#937848"),
    head=("#D3E6EC", "#47808F"),
    io=("#E3E7EC", "#76828F"),
    heat=_HEAT,
    sky=("#EEF1F4", "#C9D1DA"),
    floor="#D9DEE4",
    grid_minor="#C6CDD5",
    grid_major="#AEB8C2",
    shadow="#BCC4CD",
    scrim="#FAFBFC",
    shell="#F4F6F8",
    joint="#8C97A3",
    dark_part="#55606C",
    visor="#15191E",
)

THEMES = {"dark": DARK, "light": LIGHT}

#: Colours of cell materials in the viewport, both themes.
MATERIALS = {
    "tote": "#4F7FA8",
    "bench": "#8A7A63",
    "steel": "#76818D",
    "rubber": "#39424D",
    "carton": "#A58A62",
    "paint_yellow": "#D9A520",
}
