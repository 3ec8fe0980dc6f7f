"""What the timeline shows, as one value: boxes with words and marks, dependencies, the margin curve. No Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.preflight.finding import Finding, PreflightReport, Severity
from sim.recording import Recording
from workbench.plan.layout import StepBox, layout
from workbench.plan.model import Plan, Step
from workbench.plan.skills import SKILLS, TRACKS, Family
from workbench.session import Session, Simulated
from workbench.ui.wording import Wording

MARGIN_CHANNEL = "balance.margin"
_ORDER: Mapping[str, int] = {"fail": 0, "marginal": 1, "not_assessed": 2}
_SAME_S = 0.05


@dataclass(frozen=True, slots=True)
class StepView:
    """One step as drawn: displayed times in s, its words (``short`` where the label does not fit), its findings, worst first."""

    step: Step
    box: StepBox
    label: str
    short: str
    duration: str
    family: Family
    findings: tuple[Finding, ...] = ()

    @property
    def id(self) -> str:
        """The plan's step id."""
        return self.step.id

    @property
    def start(self) -> float:
        """Displayed start, s."""
        return self.box.start

    @property
    def end(self) -> float:
        """Displayed end, s."""
        return self.box.end

    @property
    def simulated(self) -> bool:
        """Its length is what the simulation took."""
        return self.box.state == "simulated"

    @property
    def estimate(self) -> float | None:
        """Displayed moment at which the estimate ends, where it differs from the simulated end; else None."""
        if self.simulated and abs(self.box.length - self.box.planned_length) >= _SAME_S:
            return self.box.start + self.box.planned_length
        return None

    @property
    def worst(self) -> Severity | None:
        """Severity of the worst finding."""
        return self.findings[0].severity if self.findings else None


@dataclass(frozen=True, slots=True, eq=False)
class MarginCurve:
    """Support margin over time: ``t`` (N,) s, ``margin`` (N,) m, finite, N >= 2; what is required (m, None unknown).

    ``short`` are the ranges (s) in which the preflight found it wanting: while walking the capture point leaves the sole at
    every step, so a low value alone is no fault.
    """

    t: NDArray[np.float64]
    margin: NDArray[np.float64]
    required: float | None
    short: tuple[tuple[float, float], ...] = ()
    top: float = field(init=False)
    """Upper end of the strip's axis, m: a round value above the curve."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "top", max(math.ceil(float(self.margin.max()) * 50.0) / 50.0, 0.04))

    def lowest(self, start: float, end: float) -> tuple[float, float] | None:
        """Time and value of the smallest margin in a range; None where the range holds no sample."""
        a, b = np.searchsorted(self.t, (start, end))
        if b <= a:
            return None
        i = int(a) + int(np.argmin(self.margin[a:b]))
        return float(self.t[i]), float(self.margin[i])


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything the static layer is painted from."""

    steps: tuple[StepView, ...] = ()
    dependencies: tuple[tuple[str, str], ...] = ()
    margin: MarginCurve | None = None
    simulated_until: float | None = None
    findings: tuple[Finding, ...] = ()
    by_id: Mapping[str, StepView] = field(default_factory=dict)
    by_track: Mapping[str, tuple[StepView, ...]] = field(default_factory=dict)

    @property
    def end(self) -> float:
        """Displayed end of the last step, s."""
        return max((s.end for s in self.steps), default=0.0)

    @property
    def boxes(self) -> tuple[StepBox, ...]:
        """The layout this scene was made from."""
        return tuple(s.box for s in self.steps)


def margin_curve(recording: Recording, report: PreflightReport | None) -> MarginCurve | None:
    """The recorded support margin, thinned to at most 100 samples a second by their minimum; None if it was not recorded."""
    series = recording.series.get(MARGIN_CHANNEL)
    if series is None or len(series.t) < 2:
        return None
    known = np.isfinite(series.values[:, 0])
    t, values = series.t[known], series.values[known, 0]
    if len(t) < 2:
        return None
    span = float(t[-1] - t[0])
    stride = max(1, int(len(t) / max(span * 100.0, 1.0)))
    if stride > 1:
        starts = np.arange(0, len(t), stride)
        t, values = t[starts], np.minimum.reduceat(values, starts)
    found = (f for f in (report.findings if report else ()) if f.code.startswith("balance") and f.start is not None)
    short = tuple((f.start, f.end if f.end is not None else f.start) for f in found if f.start is not None)
    return MarginCurve(np.ascontiguousarray(t), np.ascontiguousarray(values), required_margin(report), short)


def required_margin(report: PreflightReport | None) -> float | None:
    """What the preflight asked of the support margin, m; None before it ran."""
    if report is None:
        return None
    asked = [c.limit for c in report.checks if c.limit is not None and c.check.startswith("balance")]
    asked += [f.limit for f in report.findings if f.limit is not None and f.code.startswith("balance")]
    return max(asked, default=None)


def build_scene(session: Session, words: Wording, plan: Plan | None = None, margin: MarginCurve | None = None) -> Scene:
    """The scene of a session, or of another version of its plan (the preview of a drag)."""
    shown = session.plan if plan is None else plan
    boxes = layout(shown, session.simulated)
    of_step = _findings_by_step(session.report, shown)
    by_step = {s.id: s for s in shown.steps}
    views = tuple(
        StepView(
            by_step[b.step_id],
            b,
            words.step(by_step[b.step_id]),
            "" if by_step[b.step_id].name else words.skill(by_step[b.step_id].skill),
            duration_text(b, words),
            TRACKS.get(b.track, "io"),
            of_step.get(b.step_id, ()),
        )
        for b in boxes
    )
    tracks: dict[str, list[StepView]] = {}
    for v in views:
        tracks.setdefault(v.box.track, []).append(v)
    ids = {v.id for v in views}
    return Scene(
        steps=views,
        dependencies=tuple((a, v.id) for v in views for a in v.step.after if a in ids),
        margin=margin,
        simulated_until=_simulated_until(views, session.simulated),
        findings=session.report.findings if session.report else (),
        by_id={v.id: v for v in views},
        by_track={k: tuple(sorted(v, key=lambda s: s.start)) for k, v in tracks.items()},
    )


def duration_text(box: StepBox, words: Wording) -> str:
    """ "2.6 s", "2.0 → 2.6 s" where the simulation differs from the estimate, "est. 3.5 s" where there is none."""
    if box.state != "simulated":
        return words.tr("timeline.estimate", seconds=f"{box.planned_length:.1f}")
    if abs(box.length - box.planned_length) >= _SAME_S:
        return f"{box.planned_length:.1f} → {box.length:.1f} s"
    return f"{box.length:.1f} s"


def step_at(scene: Scene, track: str, time: float) -> StepView | None:
    """The step shown on a track at a moment."""
    return next((s for s in scene.by_track.get(track, ()) if s.start <= time < s.end), None)


def resizable(step: Step) -> bool:
    """The step's length can be set."""
    spec = SKILLS.get(step.skill)
    return spec is not None and bool(spec.paced_by)


def edges(scene: Scene, exclude: Iterable[str], playhead: float) -> tuple[float, ...]:
    """Moments to snap to: starts and ends of the other steps, the playhead, 0."""
    gone = frozenset(exclude)
    found = {0.0, playhead}
    for s in scene.steps:
        if s.id not in gone:
            found.update((s.start, s.end))
    return tuple(found)


def _findings_by_step(report: PreflightReport | None, plan: Plan) -> dict[str, tuple[Finding, ...]]:
    found: dict[str, list[Finding]] = {}
    if report is not None:
        known = {s.id for s in plan.steps}
        for f in report.findings:
            if f.step in known:
                found.setdefault(f.step, []).append(f)
    return {k: tuple(sorted(v, key=lambda f: _ORDER[f.severity])) for k, v in found.items()}


def _simulated_until(views: tuple[StepView, ...], simulated: Simulated | None) -> float | None:
    """Where the simulated part ends; None where all that is shown is simulated or nothing ever was."""
    if simulated is None or all(v.simulated for v in views):
        return None
    done = max((v.end for v in views if v.simulated), default=0.0)
    pending = min((v.start for v in views if not v.simulated), default=done)
    return min(max(done, 0.0), pending) if pending >= done else pending
