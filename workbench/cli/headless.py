"""A project without a window: run it, and leave a recording and pictures."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from sim.recording import Recording
from sim.snapshot import Snapshot, frame_at
from workbench.cli.lines import outcome_lines
from workbench.cli.output import NO_SUCCESS, SUCCESS, Output
from workbench.cli.project_arguments import DEFAULT_SEED
from workbench.operations.simulate_ops import simulate_project, summary
from workbench.session import Session
from workbench.telemetry.mcap_file import write_recording
from workbench.ui.twin.camera import View
from workbench.ui.twin.offscreen import render_offscreen

#: Skills whose end is worth a picture: the body or the load stands elsewhere then.
_SHOWN = ("walk", "carry", "grasp", "place", "press", "pick", "put", "insert", "handover", "open_door")


def run_project(project: Path, out: Path, output: Output) -> int:
    """Simulate the project and write recording and pictures into ``out``/<project>; the exit code."""
    tr = output.tr
    output.say(tr("cli.open.no_display"))
    session, outcome = simulate_project(project, None, DEFAULT_SEED, output.progress("cli.simulate.progress"))
    data, lines = summary(outcome), outcome_lines(outcome, session, tr)
    if outcome.recording is None:
        output.result(data, lines)
        return NO_SUCCESS
    folder = (out / (session.project_folder or project).name).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "simulation.mcap"
    write_recording(outcome.recording, file)
    pictures = draw_run(session, outcome.recording, folder, output.progress("cli.open.drawing"))
    lines += [tr("cli.open.recording", path=file), *(tr("cli.open.pictures", path=p) for p in pictures)]
    output.result({**data, "recording": str(file), "pictures": [str(p) for p in pictures]}, lines)
    return SUCCESS if outcome.recording.success else NO_SUCCESS


def draw_run(session: Session, recording: Recording, folder: Path, progress: Callable[[float], None]) -> list[Path]:
    """One picture of the start and one of the end of each step that moves body or load; their paths."""
    moments = [("start", 0.0), *((s.id, s.end) for s in recording.steps if s.skill in _SHOWN and s.end is not None)]
    made = []
    for i, (name, time) in enumerate(moments):
        frame = frame_at(recording, time)
        made.append(render_offscreen(session, frame, folder / f"{i:02d}-{name}.png", view=_from_above(frame)))
        progress((i + 1) / len(moments))
    return made


def _from_above(frame: Snapshot) -> View:
    """High enough to look over what stands around the robot."""
    x, y = float(frame.base_pose[0]), float(frame.base_pose[1])
    return View((x, y, 0.6), math.radians(-122.0), math.radians(42.0), 4.0)
