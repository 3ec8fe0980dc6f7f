"""A plan with a recording and a report made by arithmetic, for tests of the panels alone: no simulation runs."""

from __future__ import annotations

import numpy as np

from sim.cell import load_cell
from sim.motion import Motion
from sim.preflight.finding import CheckResult, Finding, PreflightReport
from sim.recording import Recording, RecordingHeader, StepSpan
from sim.robot import load_robot
from sim.timeseries import Channel, TimeSeries
from workbench.i18n import load
from workbench.plan.model import Plan, Step
from workbench.resources import resource
from workbench.session import Session, Simulated
from workbench.ui.context import Bridge, UiContext
from workbench.ui.tokens import THEMES, ThemeName

REQUIRED_MARGIN = 0.015


def example_plan() -> Plan:
    """A transfer from the rack to the bench with a look, a wait and a signal beside it."""
    return Plan(
        "Part transfer",
        (
            Step("look-1", "look", "head", 4.4, 1.0, {"object": "tote"}),
            Step("wait-1", "wait", "io", 0.4, 3.6, {"duration": 3.6}),
            Step("walk-1", "walk", "legs", 0.0, 7.0, {"station": "rack", "speed": 0.35, "step_back": 0.0}),
            Step(
                "grasp-1",
                "grasp",
                "both_hands",
                7.4,
                4.2,
                {"object": "tote", "speed": 0.15, "height": 0.06, "force": 50.0},
                ("look-1",),
            ),
            Step("carry-1", "carry", "legs", 11.6, 9.0, {"station": "bench", "speed": 0.3}, ("grasp-1",)),
            Step(
                "place-1",
                "place",
                "both_hands",
                20.6,
                4.0,
                {"object": "tote", "station": "bench", "slot": "drop", "speed": 0.15},
                ("carry-1",),
            ),
            Step("walk-2", "walk", "legs", 24.6, 4.0, {"station": "rack", "speed": 0.35, "step_back": 0.3}, ("place-1",)),
            Step("look-2", "look", "head", 18.0, 1.6, {"object": "tote"}),
            Step("signal-1", "signal", "io", 26.4, 1.2, {"name": "done"}, ("place-1",)),
        ),
    )


def example_recording(joint_names: tuple[str, ...]) -> Recording:
    """What a simulation could have left: spans that differ from the plan, a margin that dips during the grasp."""
    t = np.arange(0.0, 30.2, 0.002)
    margin = 0.045 + 0.006 * np.sin(2.6 * t) + 0.003 * np.sin(9.1 * t) - 0.036 * np.exp(-(((t - 9.6) / 0.9) ** 2))
    angle = 0.3 * np.sin(np.outer(t, np.linspace(0.3, 1.2, len(joint_names))))
    spans = (
        StepSpan("wait-1", "wait", 0.4, 4.0, True),
        StepSpan("walk-1", "walk", 0.0, 6.6, True),
        StepSpan("look-1", "look", 4.4, 5.4, True),
        StepSpan("grasp-1", "grasp", 7.0, 12.2, True),
        StepSpan("carry-1", "carry", 12.2, 20.6, True),
        StepSpan("look-2", "look", 18.0, 19.6, True),
        StepSpan("place-1", "place", 20.6, 24.9, True),
        StepSpan("walk-2", "walk", 24.9, 28.9, True),
        StepSpan("signal-1", "signal", 26.7, 27.9, True),
    )
    series = {
        "balance.margin": TimeSeries(Channel("balance.margin", "m", ("margin",)), t, margin[:, None]),
        "joint.position": TimeSeries(Channel("joint.position", "rad", joint_names), t, angle),
        "joint.command": TimeSeries(Channel("joint.command", "rad", joint_names), t, angle + 0.01),
        "joint.torque": TimeSeries(Channel("joint.torque", "N·m", joint_names), t, 20.0 * angle),
    }
    return Recording(RecordingHeader("simulation", "h140", joint_names), series, spans, completed=True)


def example_report(joint: str) -> PreflightReport:
    """One failure, one marginal, one not assessed; the rest passed."""
    findings = (
        Finding(
            "balance.reserve",
            "fail",
            "grasp-1",
            9.0,
            10.3,
            measured=0.006,
            limit=REQUIRED_MARGIN,
            unit="m",
            relation=">=",
            hint="stand_closer",
            params={"parameter": "speed", "value": 0.1},
        ),
        Finding("joint_torque.reserve", "marginal", "carry-1", 14.2, 16.9, body=joint, measured=109.0, limit=120.0, unit="N·m"),
        Finding("check.not_run", "not_assessed", "signal-1", 26.9, 27.6),
    )
    checks = (
        CheckResult("balance", "grasp-1", "fail", 0.006, REQUIRED_MARGIN, "m", ">="),
        CheckResult("joint_torque", "grasp-1", "pass", 71.0, 120.0, "N·m", "<=", joint),
        CheckResult("joint_position", "grasp-1", "pass", 1.1, 1.4, "rad", "<=", joint),
        CheckResult("reach", "grasp-1", "pass", 0.02, 0.05, "m", "<="),
        CheckResult("joint_torque", "carry-1", "marginal", 109.0, 120.0, "N·m", "<=", joint),
        CheckResult("balance", "carry-1", "pass", 0.031, REQUIRED_MARGIN, "m", ">="),
        CheckResult("contact", "signal-1", "not_assessed", None, None, "", "<="),
    )
    assumptions = {
        "twin_nominal": "h140 1f2e3d4c",
        "objects": "tote 3.00 kg",
        "floor_friction": "0.80",
        "state_truth": "",
        "seed": "1",
    }
    return PreflightReport("fail", findings, checks, assumptions, "0", 1, 30.2)


def example_session(*, simulated: bool = True, plan: Plan | None = None) -> Session:
    """The hub cell with the example plan, and with ``simulated`` its recording and report."""
    robot = load_robot(resource("robots", "h140"))
    cell = load_cell(next(resource("cells").glob("*/cell.toml")))
    session = Session(None, example_plan() if plan is None else plan, robot, cell)
    if simulated:
        motion = Motion((), cell.robot_start, robot.id, robot.content_hash, cell.id, cell.content_hash, "")
        session.simulated = Simulated(session.plan, motion, example_recording(robot.joint_names))
        session.report = example_report(robot.profile.legs["right"].knee)
        session.report_plan = session.plan
    return session


def example_context(session: Session, language: str = "en", theme: ThemeName = "dark") -> UiContext:
    """A context whose bridge does not tick by itself."""
    return UiContext(session, Bridge(session), load(language), THEMES[theme], reduced_motion=True)
