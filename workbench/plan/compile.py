"""From a plan to a motion for one robot and one cell: names become world goals, gaps become pauses, and faults become findings.

Where each workpiece is and what the hands hold is followed symbolically, step by step. Everything found is reported at once;
there is no motion while a goal cannot be told (an unknown station, empty hands that shall place). What is only too much for the robot
(payload, reach, speed) still makes a motion, so that it can be looked at in the simulation.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sim.cell import WorkCell, Workpiece
from sim.control.estimate import estimate, way_to
from sim.control.outline import FloorPlan, floor_plan_of
from sim.control.way import NoWay
from sim.motion import Motion, SkillCommand
from sim.preflight.finding import Finding
from sim.preflight.reach import reachable
from sim.robot import RobotModel
from sim.transforms import Pose, Pose2
from workbench.plan.hand_skills import handover, insert, open_door, pick, press, put
from workbench.plan.model import Plan, Step
from workbench.plan.schedule import TOLERANCE, occupies, order, run_order
from workbench.plan.schema import plan_hash
from workbench.plan.skills import SKILLS

#: Stands for a place or load that a reported fault left open: what follows from the fault is not reported again.
_ANY = "*"
#: How far the feet may be from a station's stand for its workpieces to count as before the robot, m.
_AT_STATION = 0.15


@dataclass(frozen=True, slots=True)
class CompileResult:
    """What came of it: the motion (None where goals are unknown) and everything wrong with the plan."""

    motion: Motion | None
    findings: tuple[Finding, ...]

    @property
    def estimates(self) -> dict[str, float]:
        """Estimated length in s by step id."""
        return {c.step_id: c.estimate for c in self.motion.commands} if self.motion else {}


def compile_plan(plan: Plan, robot: RobotModel, cell: WorkCell) -> CompileResult:
    """Compile a plan. Never raises for a fault of the plan: that is what the findings are for."""
    state = _State(robot, cell)
    state.findings += _structure(plan)
    commands: list[SkillCommand | None] = []
    for step, waits, pause in run_order(plan):
        command = _command(state, step)
        commands.append(None if command is None else replace(command, after=waits, delay=pause))
    if not plan.steps:
        state.findings.append(Finding("plan.empty", "not_assessed", hint="add_step"))
    motion = None
    if plan.steps and not state.broken and all(c is not None for c in commands):
        motion = Motion(
            tuple(c for c in commands if c is not None),
            cell.robot_start,
            robot.id,
            robot.content_hash,
            cell.id,
            cell.content_hash,
            plan_hash(plan),
            dict(plan.limits),
        )
    return CompileResult(motion, tuple(state.findings))


@dataclass(slots=True)
class _State:
    """What the compiler follows along the plan: the base, where it stands, what is held, where everything lies."""

    robot: RobotModel
    cell: WorkCell
    base: Pose2 = field(init=False)
    at: str = ""
    held: str = ""
    by_hand: bool = False
    poses: dict[str, Pose] = field(init=False)
    places: dict[str, tuple[str, str]] = field(init=False)
    floor: FloorPlan = field(init=False)
    findings: list[Finding] = field(default_factory=list)
    broken: bool = False

    def __post_init__(self) -> None:
        self.base = self.cell.robot_start
        self.floor = floor_plan_of(self.cell)
        self.poses = {o: self.cell.object_start(o) for o in self.cell.objects}
        self.places = {o: (p.station, p.slot) for o, p in self.cell.objects.items()}

    def fault(self, code: str, step: Step, hint: str, *, fatal: bool = True, **params: str | float) -> None:
        """Note a failure; fatal ones leave no motion."""
        self.findings.append(Finding(f"plan.{code}", "fail", step.id, hint=hint, params=params))
        self.broken = self.broken or fatal

    def excess(
        self, code: str, step: Step, measured: float, limit: float, unit: str, hint: str, body: str = "", **params: str | float
    ) -> None:
        """Note a value beyond what the robot can do."""
        self.findings.append(
            Finding(
                f"plan.{code}", "fail", step.id, body=body, measured=measured, limit=limit, unit=unit, hint=hint, params=params
            )
        )

    def station(self, step: Step) -> str | None:
        """The step's station if it is there; else a finding."""
        wanted = str(step.parameters.get("station", ""))
        if wanted in self.cell.stations:
            return wanted
        code = "unknown_station" if wanted else "no_station"
        self.fault(code, step, "choose_station", station=wanted, valid=", ".join(self.cell.stations))
        return None

    def piece(self, step: Step) -> Workpiece | None:
        """The step's workpiece if it is there; else a finding."""
        wanted = str(step.parameters.get("object", ""))
        if wanted in self.cell.objects:
            return self.cell.objects[wanted]
        code = "unknown_object" if wanted else "no_object"
        self.fault(code, step, "choose_object", object=wanted, valid=", ".join(self.cell.objects))
        return None

    def stand_at(self, station: str) -> None:
        """Where the robot must stand by now; where it does not, that was reported, and the rest is judged as if it did."""
        if station in self.cell.stations and self.at != station:
            self.base, self.at = self.cell.station(station).stand_in_world(), station

    def place_of(self, step: Step, piece: Workpiece, station: str) -> Pose | None:
        """Where a piece comes to stand on the step's slot of a station, which then holds it; None with a finding if there is none."""
        slots = self.cell.station(station).slots
        slot = str(step.parameters.get("slot", "")) or (next(iter(slots)) if len(slots) == 1 else "")
        if slot not in slots:
            code = "unknown_slot" if slot else "no_slot"
            self.fault(code, step, "choose_slot", slot=slot, station=station, valid=", ".join(slots))
            return None
        taken = next((o for o, p in self.places.items() if p == (station, slot) and o != piece.id), "")
        if taken:
            self.fault(
                "slot_taken", step, "choose_slot", fatal=False, slot=slot, station=station, object=taken, valid=", ".join(slots)
            )
        pose = self.cell.station(station).slot_in_world(slot) @ Pose((0.0, 0.0, piece.size[2] / 2))
        self.poses[piece.id], self.places[piece.id] = pose, (station, slot)
        return pose

    def where(self, object_id: str) -> Pose:
        """Where a workpiece is; one in the hands is a forearm's length ahead of the base."""
        if object_id == self.held:
            ahead = self.base @ Pose2(0.3, 0.0, 0.0)
            return Pose.from_xyz_yaw(ahead.x, ahead.y, 0.65 * self.robot.profile.height, ahead.yaw)
        return self.poses[object_id]


def _structure(plan: Plan) -> list[Finding]:
    """Overlaps and steps before what they wait for: a plan edited here has none, a file may."""
    findings = []
    by_id = {s.id: s for s in plan.steps}
    latest: dict[str, Step] = {}
    for step in sorted(plan.steps, key=order):
        for a in step.after:
            first = by_id.get(a)
            if first is not None and step.start < first.end - TOLERANCE:
                params: dict[str, str | float] = {"other": first.name or first.id, "earliest": round(first.end, 2)}
                findings.append(Finding("plan.before_dependency", "fail", step.id, hint="move_step", params=params))
        for key in occupies(step):
            before = latest.get(key)
            if before is not None and step.start < before.end - TOLERANCE:
                params = {"other": before.name or before.id, "resource": key.split(":", 1)[1], "earliest": round(before.end, 2)}
                findings.append(Finding("plan.overlap", "fail", step.id, hint="move_step", params=params))
                break
        for key in occupies(step):
            if key not in latest or step.end > latest[key].end:
                latest[key] = step
    return findings


def _command(state: _State, step: Step) -> SkillCommand | None:
    """The command of one step, with the state moved on to behind it; None where its goal cannot be told."""
    profile = state.robot.profile
    if step.skill not in profile.capabilities:
        state.fault(
            "capability", step, "other_robot", robot=state.robot.id, skill=step.skill, valid=", ".join(profile.capabilities)
        )
        return None
    start = state.base
    build = {
        "walk": _walk,
        "carry": _walk,
        "look": _look,
        "grasp": _grasp,
        "place": _place,
        "press": press,
        "pick": pick,
        "put": put,
        "insert": insert,
        "handover": handover,
        "open_door": open_door,
        "wait": _wait,
        "signal": _signal,
    }[step.skill]
    command = build(state, step)
    if command is None:
        return None
    return replace(command, estimate=round(estimate(command, state.robot, start, obstacles=state.floor.obstacles), 3))


def _number(step: Step, name: str) -> float:
    spec = SKILLS[step.skill].parameter(name)
    value = step.parameters.get(name, spec.default if spec else 0.0)
    return float(value)


def _walk(state: _State, step: Step) -> SkillCommand | None:
    back = _number(step, "step_back") if step.skill == "walk" else 0.0
    named = bool(step.parameters.get("station"))
    if named or not back:
        station = state.station(step)
        if station is None:
            state.at = _ANY
            return None
        target = state.cell.station(station).stand_in_world()
    else:
        station, target = state.at, state.base
    speed, fastest = _number(step, "speed"), state.robot.profile.gait.max_speed
    if speed > fastest + 1e-9:
        state.excess("speed", step, speed, fastest, "m/s", "reduce_speed", parameter="speed", value=fastest, skill=step.skill)
    held = state.held
    if step.skill == "carry" and not held:
        state.fault("nothing_to_carry", step, "grasp_first")
        state.held = _ANY
    if step.skill == "walk" and held and held != _ANY:
        state.fault("walk_with_load", step, "use_carry", object=held)
    start, state.base = state.base, target @ Pose2(-back, 0.0, 0.0)
    if not state.cell.ground:
        # A way over ramps and stairs is found in parts, on the robot.
        try:
            way_to(state.robot, start, state.base, min(speed, fastest), state.floor, step.skill == "carry")
        except NoWay as blocked:
            place = {k: f"{v:.2f} m" for k, v in (("x", blocked.place.x), ("y", blocked.place.y))}
            state.fault("no_way", step, "no_way", fatal=False, **place)
    state.at = station if back < _AT_STATION else ""
    return SkillCommand(step.id, step.skill, goal=state.base, speed=speed, object_id=held if step.skill == "carry" else "")


def _look(state: _State, step: Step) -> SkillCommand | None:
    piece = state.piece(step)
    if piece is None:
        return None
    return SkillCommand(step.id, step.skill, object_id=piece.id, target=state.where(piece.id).position)


def _grasp(state: _State, step: Step) -> SkillCommand | None:
    piece = state.piece(step)
    if piece is None:
        state.held = _ANY
        return None
    if state.held and state.held != _ANY:
        state.fault("hands_full", step, "place_first", object=state.held)
    station = state.places[piece.id][0]
    if state.at not in (station, _ANY):
        state.fault("not_at_station", step, "walk_first", object=piece.id, station=station)
    state.stand_at(station)
    payload = state.robot.profile.payload
    if piece.mass > payload > 0:
        state.excess("payload", step, piece.mass, payload, "kg", "lighter_load", piece.id, object=piece.id)
    pose = state.poses[piece.id]
    _reach(state, step, piece, pose)
    state.held, state.by_hand, state.places[piece.id] = piece.id, False, ("", "")
    return SkillCommand(
        step.id,
        step.skill,
        object_id=piece.id,
        object_pose=pose,
        speed=_number(step, "speed"),
        height=_number(step, "height"),
        force=_number(step, "force"),
    )


def _place(state: _State, step: Step) -> SkillCommand | None:
    piece, station = state.piece(step), state.station(step)
    held, state.held = state.held, ""
    if piece is None or station is None:
        return None
    if held == piece.id and state.by_hand:
        state.fault("held_by_hand", step, "use_put", object=piece.id)
    if held not in (piece.id, _ANY):
        code = "wrong_load" if held else "hands_empty"
        state.fault(code, step, "grasp_first", object=piece.id, held=held)
    if state.at not in (station, _ANY):
        state.fault("not_at_place", step, "carry_first", object=piece.id, station=station)
    state.stand_at(station)
    pose = state.place_of(step, piece, station)
    if pose is None:
        return None
    _reach(state, step, piece, pose)
    return SkillCommand(step.id, step.skill, object_id=piece.id, object_pose=pose, speed=_number(step, "speed"))


def _wait(state: _State, step: Step) -> SkillCommand | None:
    return SkillCommand(step.id, step.skill, duration=_number(step, "duration"))


def _signal(state: _State, step: Step) -> SkillCommand | None:
    text = str(step.parameters.get("name", "")).strip()
    if not text:
        state.fault("no_signal_name", step, "name_signal")
        return None
    return SkillCommand(step.id, step.skill, text=text)


def _reach(state: _State, step: Step, piece: Workpiece, pose: Pose) -> None:
    """Both hands' points on the workpiece against what the arms can reach from the stand."""
    result = reachable(state.robot, state.base, pose, piece.size, piece.mass)
    if not result.ok:
        state.excess("reach", step, result.measured, result.limit, "m", "closer_slot", piece.id, object=piece.id)
