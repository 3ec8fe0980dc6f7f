"""Compiling the skills of single hands: what they act on, whether the hand gets there, and what is held afterwards."""

from __future__ import annotations

from typing import Protocol

from sim.cell import WorkCell
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

    def fault(self, code: str, step: Step, hint: str, *, fatal: bool = True, **params: str | float) -> None: ...
    def excess(
        self, code: str, step: Step, measured: float, limit: float, unit: str, hint: str, body: str = "", **params: str | float
    ) -> None: ...
    def stand_at(self, station: str) -> None: ...


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
    button = device(state, step, "button")
    if button is None:
        return None
    if state.held and state.held != "*":
        state.fault("hands_full", step, "place_first", object=state.held)
    pose = device_pose(state.cell, button)
    reach(state, step, pose, button.id)
    return SkillCommand(
        step.id,
        step.skill,
        device=button.id,
        device_pose=pose,
        hand=hand(step),
        speed=number(step, "speed"),
        force=number(step, "push"),
    )
