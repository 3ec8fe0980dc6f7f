"""Compiling the skills of single hands: what they act on, whether the hand gets there, and what is held afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from sim.cell import WorkCell, Workpiece
from sim.device_bodies import device_pose
from sim.devices import Button, Device, Door, Fixture
from sim.motion import SkillCommand
from sim.preflight.reach import hand_reach
from sim.robot import RobotModel
from sim.transforms import Pose, Pose2
from workbench.plan.model import Step
from workbench.plan.skills import SKILLS, DeviceKind


class State(Protocol):
    """What of the compiler's state these skills need."""

    robot: RobotModel
    cell: WorkCell
    base: Pose2
    at: str
    held: str
    by_hand: bool
    poses: dict[str, Pose]
    places: dict[str, tuple[str, str]]

    def fault(self, code: str, step: Step, hint: str, *, fatal: bool = True, **params: str | float) -> None: ...
    def excess(
        self, code: str, step: Step, measured: float, limit: float, unit: str, hint: str, body: str = "", **params: str | float
    ) -> None: ...
    def stand_at(self, station: str) -> None: ...
    def piece(self, step: Step) -> Workpiece | None: ...
    def station(self, step: Step) -> str | None: ...
    def place_of(self, step: Step, piece: Workpiece, station: str) -> Pose | None: ...


def number(step: Step, name: str) -> float:
    """A number of a step, or its default."""
    spec = SKILLS[step.skill].parameter(name)
    value = step.parameters.get(name, spec.default if spec else 0.0)
    return float(value)


def hand(step: Step) -> str:
    """The hand that a step names; "" for the nearer one."""
    side = str(step.parameters.get("hand", ""))
    return side if side in ("left", "right") else ""


def devices_of(cell: WorkCell, kind: DeviceKind) -> dict[str, Device]:
    """The devices of a cell that a parameter of that kind can name."""
    kinds: dict[DeviceKind, type[Button] | type[Door] | type[Fixture]] = {"button": Button, "door": Door, "fixture": Fixture}
    return {d.id: d for d in cell.devices.values() if isinstance(d, kinds[kind])}


def device(state: State, step: Step, kind: DeviceKind) -> Device | None:
    """The step's device if it is there; else a finding. The robot must stand at its station."""
    wanted = str(step.parameters.get(kind, ""))
    valid = devices_of(state.cell, kind)
    if wanted not in valid:
        state.fault("unknown_device" if wanted else f"no_{kind}", step, "choose_device", device=wanted, valid=", ".join(valid))
        return None
    found = valid[wanted]
    if state.at not in (found.station, "*"):
        state.fault("not_at_device", step, "walk_first", device=wanted, station=found.station)
    state.stand_at(found.station)
    return found


def reach(state: State, step: Step, point: Pose, thing: str) -> None:
    """The hand's point against what the arm can reach from the stand."""
    result = hand_reach(state.robot, state.base, point, hand(step))
    if not result.ok:
        state.excess("reach_device", step, result.measured, result.limit, "m", "stand_closer", thing, device=thing)


def press(state: State, step: Step) -> SkillCommand | None:
    """Push a button until it is pressed."""
    found = _at_device(state, step, "button")
    return found and replace(found, force=number(step, "push"))


def _at_device(state: State, step: Step, kind: DeviceKind) -> SkillCommand | None:
    """What one empty hand does at a device of the cell."""
    found = device(state, step, kind)
    if found is None:
        return None
    if state.held and state.held != "*":
        state.fault("hands_full", step, "place_first", object=state.held)
    pose = device_pose(state.cell, found)
    reach(state, step, pose, found.id)
    return SkillCommand(step.id, step.skill, device=found.id, device_pose=pose, hand=hand(step), speed=number(step, "speed"))


def pick(state: State, step: Step) -> SkillCommand | None:
    """Take a part between the fingers of one hand."""
    piece = state.piece(step)
    if piece is None:
        state.held, state.by_hand = "*", True
        return None
    if state.held and state.held != "*":
        state.fault("hands_full", step, "place_first", object=state.held)
    station = state.places[piece.id][0]
    if state.at not in (station, "*"):
        state.fault("not_at_station", step, "walk_first", object=piece.id, station=station)
    state.stand_at(station)
    gap, width = gripper_stroke(state.robot), min(piece.size[0], piece.size[1])
    if width > gap:
        state.excess(
            "too_wide", step, width, gap, "m", "choose_object", piece.id, object=piece.id, valid=", ".join(state.cell.objects)
        )
    pose = state.poses[piece.id]
    reach(state, step, pose, piece.id)
    state.held, state.by_hand, state.places[piece.id] = piece.id, True, ("", "")
    return SkillCommand(
        step.id,
        step.skill,
        object_id=piece.id,
        object_pose=pose,
        hand=hand(step),
        speed=number(step, "speed"),
        height=number(step, "height"),
        force=number(step, "grip"),
    )


def put(state: State, step: Step) -> SkillCommand | None:
    """Put the part in one hand down on a slot."""
    piece, station = state.piece(step), state.station(step)
    _takes(state, step, piece)
    state.held = ""
    if piece is None or station is None:
        return None
    if state.at not in (station, "*"):
        state.fault("not_at_place", step, "carry_first", object=piece.id, station=station)
    state.stand_at(station)
    pose = state.place_of(step, piece, station)
    if pose is None:
        return None
    reach(state, step, pose, piece.id)
    return SkillCommand(step.id, step.skill, object_id=piece.id, object_pose=pose, speed=number(step, "speed"))


def insert(state: State, step: Step) -> SkillCommand | None:
    """Put the part in one hand into a fixture."""
    piece, found = state.piece(step), device(state, step, "fixture")
    _takes(state, step, piece)
    state.held = ""
    if piece is None or not isinstance(found, Fixture):
        return None
    room = min(o - s for o, s in zip(sorted(found.opening), sorted(piece.size[:2]), strict=True))
    if room <= 0.0:
        state.fault("does_not_fit", step, "choose_device", object=piece.id, device=found.id, valid=", ".join(state.cell.fixtures))
    pose = state.cell.device_in_world(found.id) @ Pose((0.0, 0.0, piece.size[2] / 2))
    reach(state, step, pose, found.id)
    state.poses[piece.id], state.places[piece.id] = pose, (found.station, "")
    return SkillCommand(
        step.id,
        step.skill,
        object_id=piece.id,
        object_pose=pose,
        device=found.id,
        device_pose=device_pose(state.cell, found),
        speed=number(step, "speed"),
        force=number(step, "push"),
    )


def handover(state: State, step: Step) -> SkillCommand | None:
    """Give the part in one hand to the other."""
    piece = state.piece(step)
    _takes(state, step, piece)
    if piece is None:
        return None
    return SkillCommand(
        step.id, step.skill, object_id=piece.id, hand=hand(step), speed=number(step, "speed"), force=number(step, "grip")
    )


def open_door(state: State, step: Step) -> SkillCommand | None:
    """Take the handle of a door and open it."""
    found = _at_device(state, step, "door")
    return found and replace(found, value=number(step, "angle"))


def _takes(state: State, step: Step, piece: Workpiece | None) -> None:
    """What a hand gives away it must hold."""
    if piece is None or state.held == "*":
        return
    if state.held != piece.id:
        code = "wrong_load" if state.held else "hands_empty"
        state.fault(code, step, "pick_first", object=piece.id, held=state.held)
    elif not state.by_hand:
        state.fault("held_by_palms", step, "use_place", object=piece.id)


def gripper_stroke(robot: RobotModel) -> float:
    """How wide the fingers of the better gripper open, m; 0 without one."""
    grippers = [arm.gripper for arm in robot.profile.arms.values() if arm.gripper is not None]
    return max((sum(abs(o - c) for o, c in zip(g.open, g.closed, strict=True)) for g in grippers), default=0.0)
