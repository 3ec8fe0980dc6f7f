"""User actions of the timeline and the findings that are neither one plan edit nor one view's affair."""

from __future__ import annotations

from dataclasses import replace

from sim.preflight.finding import Finding
from workbench.plan import edits
from workbench.plan.model import Plan
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
