"""From one step to the next by the keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from workbench.ui.timeline.scene import Scene, StepView

Direction = Literal["left", "right", "up", "down"]


def in_time(scene: Scene) -> list[StepView]:
    """All steps, earliest first."""
    return sorted(scene.steps, key=lambda v: (v.start, v.id))


def neighbour(scene: Scene, tracks: Sequence[str], current: str, direction: Direction) -> str:
    """The id of the step beside another: before or behind it on its track, or nearest in time on the next track that has any.

    Args:
        scene: what is shown.
        tracks: ids of the shown tracks from top to bottom.
        current: a step's id; with none the first step is found.
        direction: where to look.

    Returns:
        A step's id; "" if there is none in that direction.
    """
    view = scene.by_id.get(current)
    if view is None:
        found = in_time(scene)
        return found[0].id if found else ""
    track = view.box.track
    if direction in ("left", "right"):
        row = scene.by_track.get(track, ())
        at = row.index(view) + (1 if direction == "right" else -1)
        return row[at].id if 0 <= at < len(row) else ""
    if track not in tracks:
        return ""
    at = tracks.index(track)
    beyond = tracks[at + 1 :] if direction == "down" else tracks[:at][::-1]
    middle = (view.start + view.end) / 2
    for other in beyond:
        row = scene.by_track.get(other, ())
        if row:
            return min(row, key=lambda v: (_away(v, middle), v.start)).id
    return ""


def _away(view: StepView, time: float) -> float:
    """From a moment to a step, s; 0 within it."""
    return max(view.start - time, time - view.end, 0.0)
