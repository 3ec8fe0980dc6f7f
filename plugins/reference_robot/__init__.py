"""The reference robot: a simulated robot with other, hidden parameters, in a process of its own, reached over a real socket."""

from __future__ import annotations

from workbench.api import Plugin

plugin = Plugin(
    id="reference_robot",
    name={"en": "Reference robot", "ko": "기준 로봇"},
    schemes=("ws",),
    connection="plugins.reference_robot.client:ReferenceConnection",
    server="plugins.reference_robot.server:serve_process",
)
