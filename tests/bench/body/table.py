"""Outcomes counted: k of n with Wilson's 95 % interval against the goal, as text and as Markdown."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bench.body.conditions import Condition
from tests.bench.body.trial import Outcome

Z95 = 1.959964


def wilson(k: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of a share, k of n."""
    if n == 0:
        return 0.0, 1.0
    p = k / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)


@dataclass(frozen=True)
class Count:
    """A row counted. ``reasons``: why runs failed, commonest first; ``errors``: runs that broke the program."""

    condition: Condition
    runs: int
    failures: int
    reasons: tuple[tuple[str, int], ...]
    errors: int
    position_error: float
    yaw_error: float
    speed: float
    cpu_factor: float
    state: str

    @property
    def verdict(self) -> str:
        """``met`` only with the goal's whole number of runs; before that how far the runs so far speak for it."""
        c = self.condition
        if self.runs == 0:
            return f"not there: {c.missing}" if c.missing else "not run"
        if self.failures > c.allowed:
            return "NOT MET"
        return "met" if self.runs >= c.runs else "so far"


def count(condition: Condition, outcomes: Sequence[Outcome], errors: Sequence[str]) -> Count:
    """Count a row's outcomes; a run that raised counts as failed."""
    verdicts = [condition.judge(o) for o in outcomes]
    whys = Counter(_kind(v) for v in [*(v for v in verdicts if v), *errors])
    ended = [o for o in outcomes if not o.fell]
    return Count(
        condition,
        len(outcomes) + len(errors),
        sum(1 for v in verdicts if v) + len(errors),
        tuple(whys.most_common()),
        len(errors),
        max((o.position_error for o in ended if not math.isnan(o.position_error)), default=math.nan),
        max((o.yaw_error for o in ended if not math.isnan(o.yaw_error)), default=math.nan),
        _mean([o.speed for o in outcomes if not math.isnan(o.speed)]),
        _mean([o.cpu_factor for o in outcomes]),
        "/".join(sorted({o.state for o in outcomes})),
    )


def markdown(counts: Sequence[Count], heading: str) -> str:
    """The table of the issue."""
    lines = [
        heading,
        "",
        "| row | condition | failures | Wilson 95 % | goal | verdict | worst error | state | why |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += ["| " + " | ".join(cells(c)) + " |" for c in counts]
    return "\n".join(lines) + "\n"


def cells(c: Count) -> list[str]:
    """The texts of a row."""
    goal = f"<= {c.condition.allowed} of {c.condition.runs}"
    if c.runs == 0:
        return [c.condition.id, c.condition.text, "-", "-", goal, c.verdict, "-", "-", ""]
    low, high = wilson(c.failures, c.runs)
    error = "-" if math.isnan(c.position_error) else f"{c.position_error * 1e3:.0f} mm {math.degrees(c.yaw_error):.1f} deg"
    speed = "" if math.isnan(c.speed) else f"{c.speed:.2f} m/s; "
    why = speed + "; ".join(f"{n}x {reason}" for reason, n in c.reasons[:3])
    interval = f"{low * 100:.0f}-{high * 100:.0f} %"
    failures = f"{c.failures} of {c.runs}"
    return [c.condition.id, c.condition.text, failures, interval, goal, c.verdict, error, c.state, why.replace("|", "/")]


def by_condition(results: Mapping[str, Mapping[str, object]]) -> dict[str, tuple[list[Outcome], list[str]]]:
    """Results of a campaign (``condition:seed@version`` -> data) sorted by condition."""
    out: dict[str, tuple[list[Outcome], list[str]]] = {}
    for job, data in results.items():
        outcomes, errors = out.setdefault(job.rpartition(":")[0], ([], []))
        if "error" in data:
            errors.append(str(data["error"]))
        else:
            outcomes.append(Outcome.from_data(data))
    return out


def _kind(reason: str) -> str:
    """A reason without its numbers, so that like ones are counted together."""
    words = reason.split()
    return " ".join(w for w in words if not w.replace(".", "").replace("-", "").isdigit()) or reason


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan
