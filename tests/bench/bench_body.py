"""Runs the part transfer over many seeds and prints the table: ``python tests/bench/bench_body.py --seeds 20 --processes 2``."""

from __future__ import annotations

import argparse
import math
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from sim.rollout import rollout
from tests.sim.examples import h140, hub_cell, part_transfer


@dataclass(frozen=True)
class Row:
    """What came of one seed; errors in m and rad, times in s. ``cpu_factor``: simulated over processor time."""

    seed: int
    success: bool
    position_error: float
    yaw_error: float
    cycle_time: float
    real_time_factor: float
    cpu_factor: float
    contacts: tuple[str, ...]
    failure: str


def run(seed: int) -> Row:
    """One seed, plant and noise drawn from it."""
    robot, cell = h140(), hub_cell()
    begun = time.process_time()
    recording = rollout(cell, robot, part_transfer(robot, cell), seed)
    spent = time.process_time() - begun
    failure = next((f"{s.id}: {s.reason or 'not ended'}" for s in recording.steps if not s.success), "")
    if recording.fell_at is not None:
        failure += f" fell at {recording.fell_at:.1f} s"
    placement = recording.placements[0]
    return Row(
        seed,
        recording.success,
        placement.position_error,
        placement.yaw_error,
        max((s.end or 0.0 for s in recording.steps), default=0.0),
        recording.duration / recording.wall_time,
        recording.duration / spent,
        tuple(f"{c.first}|{c.second} {c.start:.1f}s {c.peak_force:.0f}N" for c in recording.contacts),
        failure,
    )


def say(line: str) -> None:
    """A line on standard output, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Print the table; exit status 1 if any seed failed, missed the tolerance or touched what it should not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    say(f"{'seed':>4} {'ok':>5} {'pos mm':>7} {'yaw deg':>7} {'cycle s':>8} {'RTF':>5} {'cpu':>5}  contacts / failure")
    good = 0
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
        for row in pool.map(run, seeds):
            well = row.success and row.position_error < 0.03 and row.yaw_error < math.radians(5) and not row.contacts
            good += well
            notes = "; ".join((*([row.failure] if row.failure else []), *row.contacts[:3]))
            say(
                f"{row.seed:>4} {well!s:>5} {row.position_error * 1e3:>7.1f} {math.degrees(row.yaw_error):>7.2f} "
                f"{row.cycle_time:>8.2f} {row.real_time_factor:>5.2f} {row.cpu_factor:>5.2f}  {notes}"
            )
    say(f"{good} of {len(seeds)} good")
    return 0 if good == len(seeds) else 1


if __name__ == "__main__":
    raise SystemExit(main())
