"""A recording played again as if it were live."""

from __future__ import annotations

from workbench.api import Plugin

plugin = Plugin(
    id="log_replay",
    name={"en": "Log replay", "ko": "로그 재생"},
    log_source="plugins.log_replay.source:LogSource",
)
