"""User actions of the timeline and the findings that are neither one plan edit nor one view's affair."""

from __future__ import annotations

from dataclasses import replace

from sim.preflight.finding import Finding
from workbench.plan import edits
from workbench.plan.model import ParameterValue, Plan
from workbench.plan.skills import TRACKS
from workbench.session import Session


def show_finding(session: Session, finding: Finding) -> None:
    """Select a finding with its step and joint, and put the playhead on it."""
    known = {s.id for s in session.plan.steps}
    joint = finding.body if finding.body in session.robot.joint_names else session.selection.joint
    steps = (finding.step,) if finding.step in known else ()
    session.select(replace(session.selection, steps=steps, joint=joint, station="", object="", finding=finding))
    if finding.start is not None:
        session.set_playhead(finding.start)


def with_start_and_length(plan: Plan, step_id: str, start: float, length: float) -> Plan:
    """The plan with a step at another start (s) and with another length (s); EditRejected where it does not fit."""
    if length < plan.step(step_id).duration:
        return edits.move_step(edits.resize_step(plan, step_id, length), step_id, start)
    return edits.resize_step(edits.move_step(plan, step_id, start), step_id, length)


def set_start_and_length(session: Session, step_id: str, start: float, length: float) -> None:
    """A step whose start was dragged: its end stays."""
    session.apply("edit.resize", with_start_and_length(session.plan, step_id, start, length))


def step_for(plan: Plan, kind: str, thing: str, track: str, start: float) -> tuple[str, dict[str, ParameterValue]]:
    """Skill and parameters of the step that a thing of the cell means on a track.

    A workpiece is looked at by the head and grasped by the hands, or set down where they hold it already. A station is walked to,
    or carried to with full hands; on the hands' tracks what they hold is placed there.

    Args:
        plan: what comes before decides what the hands hold.
        kind: "object" or "station".
        thing: its id.
        track: where it was let go.
        start: planned moment, s.
    """
    held = held_at(plan, start)
    if kind == "object":
        if TRACKS.get(track) == "head":
            return "look", {"object": thing}
        return ("place" if held == thing else "grasp"), {"object": thing}
    if held and TRACKS.get(track) == "hand":
        return "place", {"object": held, "station": thing}
    return ("carry" if held else "walk"), {"station": thing}


def held_at(plan: Plan, start: float) -> str:
    """The workpiece in the hands at a planned moment (s), by the grasps and placings that began before; "" for none."""
    held = ""
    for step in sorted(plan.steps, key=lambda s: s.start):
        if step.start >= start:
            break
        if step.skill == "grasp":
            held = str(step.parameters.get("object", ""))
        elif step.skill == "place":
            held = ""
    return held
