"""Runs the body through every condition that it must stand, and prints the table with Wilson's intervals.

``python tests/bench/bench_body.py --rows walk,push-lateral --n 20 --processes 2 --resume out/body.jsonl``; without ``--rows`` all,
without ``--n`` as many runs as each goal is stated for. ``--list`` names the rows. ``--seeds N`` is the short check of the part
transfer alone. ``--markdown FILE`` writes the table; with ``--resume`` a run that was cut off goes on where it stopped, and the
table counts everything in the file that the present code and data gave.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sim.campaign import read_results, run_campaign
from tests.bench.body.conditions import CONDITIONS
from tests.bench.body.table import Count, by_condition, cells, count, markdown
from tests.bench.body.trial import Outcome, run_trial

Job = tuple[str, int]


def work(job: Job) -> Mapping[str, Any]:
    """One run of a condition by its name and seed."""
    name, seed = job
    stage = CONDITIONS[name].stage
    assert stage is not None
    return run_trial(name, seed, stage(seed)).data()


def version() -> str:
    """What the results depend on besides row and seed, as a short digest: results of other code or data are not counted."""
    root = Path(__file__).parents[2]
    files = [
        p for folder in ("sim", "tests/bench/body", "tests/bench/cells", "resources/robots") for p in (root / folder).rglob("*.*")
    ]
    digest = hashlib.sha256()
    for file in sorted(p for p in files if p.suffix in (".py", ".toml", ".xml")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:8]


def say(line: str) -> None:
    """A line on standard output, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def report(quiet: bool, job: str, result: Mapping[str, Any], done: int, total: int) -> None:
    """A line about one run."""
    if "error" in result:
        say(f"{done:>4}/{total} {job.partition('@')[0]:<20} ERROR {result['error']}")
        return
    outcome = Outcome.from_data(result)
    why = CONDITIONS[outcome.condition].judge(outcome)
    if quiet and not why:
        return
    say(
        f"{done:>4}/{total} {job.partition('@')[0]:<20} {'FAILED' if why else 'good':<6} {outcome.position_error * 1e3:>6.1f} mm "
        f"{outcome.yaw_error * 57.29578:>5.2f} deg {outcome.duration:>6.1f} s x{outcome.cpu_factor:<4.1f} {why}"
    )


def wanted(options: argparse.Namespace) -> list[str]:
    """Names of the rows asked for, valid or the program ends."""
    if options.seeds is not None:
        return ["part-transfer"]
    names = list(CONDITIONS) if not options.rows else [name.strip() for name in options.rows.split(",")]
    unknown = [name for name in names if name not in CONDITIONS]
    if unknown:
        raise SystemExit(f"No row {', '.join(unknown)}. Rows: {', '.join(CONDITIONS)}")
    return names


def main() -> int:
    """Print the table; exit status 1 if any goal that was run is not met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="", help="names with commas between them; all by default")
    parser.add_argument("--n", type=int, default=None, help="runs of each row; the goal's number by default")
    parser.add_argument("--first", type=int, default=1, help="first seed")
    parser.add_argument("--seeds", type=int, default=None, help="the part transfer alone, over this many seeds")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--resume", type=Path, default=None, help="JSON lines file of results, read first and appended to")
    parser.add_argument("--markdown", type=Path, default=None, help="where to write the table")
    parser.add_argument("--quiet", action="store_true", help="say nothing of good runs")
    parser.add_argument("--list", action="store_true", help="name the rows")
    options = parser.parse_args()
    if options.list:
        for row in CONDITIONS.values():
            say(
                f"{row.id:<16} <= {row.allowed:>2} of {row.runs:<4} {row.text}{'  NOT THERE: ' + row.missing if row.missing else ''}"
            )
        return 0
    names = wanted(options)
    jobs: dict[str, Job] = {}
    code = version()
    for name in names:
        row = CONDITIONS[name]
        runs = options.seeds or options.n or row.runs
        if row.stage is not None:
            jobs |= {f"{name}:{seed}@{code}": (name, seed) for seed in range(options.first, options.first + runs)}
    if options.resume is not None:
        options.resume.parent.mkdir(parents=True, exist_ok=True)
    results = run_campaign(
        jobs, work, processes=options.processes, results=options.resume, progress=partial(report, options.quiet)
    )
    everything = {**(read_results(options.resume) if options.resume is not None else {}), **results}
    sorted_out = by_condition({job: data for job, data in everything.items() if job.endswith("@" + code)})
    shown = [n for n in CONDITIONS if n in names or (options.resume is not None and n in sorted_out)]
    counts = [count(CONDITIONS[name], *sorted_out.get(name, ([], []))) for name in shown]
    show(counts)
    if options.markdown is not None:
        heading = "Randomised plant, sensor noise, 10 ms delay. Seeds from 1. `make bench-body` makes this table."
        options.markdown.write_text(markdown(counts, heading), encoding="utf-8")
    return 1 if any(c.runs and c.failures > c.condition.allowed for c in counts) else 0


def show(counts: list[Count]) -> None:
    """The table as text."""
    say(f"\n{'row':<15} {'failures':>11} {'Wilson 95 %':>12} {'goal':>12}  {'verdict':<8} {'worst error':>15}  why")
    for c in counts:
        name, _, failures, interval, goal, verdict, error, _, why = cells(c)
        say(f"{name:<15} {failures:>11} {interval:>12} {goal:>12}  {verdict:<8} {error:>15}  {why[:110]}")


if __name__ == "__main__":
    raise SystemExit(main())
