"""Where the time of a simulated control period goes, and how many times faster than real it is, on one core.

    python tests/bench/bench_speed.py [walk] [part-transfer] [--seed N] [--seconds S] [--start]

Each motion runs once with a stopwatch around every part; the shares are exclusive: a part's time without that of the parts
it calls. The physics' share is what ``mj_step`` took in the very run, so the ratio of control to physics needs no second
run.
Ticks that take longer than a control period are named, for a robot has no time for them. The stopwatch itself costs some
microseconds a tick, which ``watched`` shows. ``--start`` also prints what beginning a run costs.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import mujoco

from sim.control import whole_body
from sim.control.loop import CONTROL_PERIOD
from sim.rollout import Execution
from sim.scene import build_scene
from tests.bench.body.conditions import CONDITIONS
from tests.bench.body.trial import Stage

CONTROL = ("body", "gait", "tasks", "qp assembly", "qp solve", "arms", "skills")
ORDER = ("physics", "drives", "contacts", "sensors", "estimator", *CONTROL, "watch", "recorder", "rest")
REAL_TIME_GOAL = 5.0


class Stopwatch:
    """Exclusive times of nested parts, s."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = dict.fromkeys(ORDER, 0.0)
        self.calls: dict[str, int] = dict.fromkeys(ORDER, 0)
        self._inside: list[list[Any]] = []
        self._undo: list[tuple[Any, str, Any]] = []

    def measure(self, part: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same function with its exclusive time counted as ``part``."""
        inside, spent, calls, now = self._inside, self.spent, self.calls, time.perf_counter

        def measured(*args: Any, **more: Any) -> Any:
            frame = [0.0]
            inside.append(frame)
            begun = now()
            try:
                return work(*args, **more)
            finally:
                passed = now() - begun
                inside.pop()
                spent[part] += passed - frame[0]
                calls[part] += 1
                if inside:
                    inside[-1][0] += passed

        return measured

    def put(self, part: str, owner: Any, *names: str) -> None:
        """Measure functions of a class or module in place."""
        for name in names:
            original = getattr(owner, name)
            self._undo.append((owner, name, original))
            setattr(owner, name, self.measure(part, original))

    def take_away(self) -> None:
        """Undo :meth:`put`."""
        for owner, name, original in reversed(self._undo):
            setattr(owner, name, original)
        self._undo.clear()


def watched(run: Execution, watch: Stopwatch) -> Callable[[], None]:
    """Measure the parts of a run; returns its step, measured."""
    simulator, controller = run.simulator, run.controller
    loop = controller.loop
    watch.put("physics", mujoco, "mj_step")
    watch.put("drives", simulator, "advance")
    watch.put("contacts", simulator, "contacts", "foot_forces")
    watch.put("sensors", run.sensors, "read")
    if run.estimator is not None:
        watch.put("estimator", run.estimator, "update")
    watch.put("skills", controller, "tick")
    watch.put("body", loop.body, "update")
    watch.put("gait", loop.walking, "update")
    watch.put("tasks", loop, "act", "sense")
    watch.put("qp assembly", type(loop.whole_body), "solve")
    watch.put("qp solve", whole_body.daqp, "solve")
    watch.put("arms", loop.arms, "track", "hold", "reach", "solve_reach", "relax", "look_at", "palm_pose")
    watch.put("watch", run, "_watch_contacts")
    watch.put("recorder", run, "_record")
    return watch.measure("rest", run.step)


def execute(
    stage: Stage, seed: int, seconds: float, watch: Stopwatch | None
) -> tuple[Execution, float, float, list[tuple[float, float, str]]]:
    """Run a stage; returns the run, its wall and its processor time, s, and its ticks that took longer than they simulate: processor
    time s, when, and at which step, longest first."""
    scene = build_scene(stage.cell, stage.robot, variation=stage.variation)
    run = Execution(scene, stage.motion, seed=seed, noise=stage.noise, delay=stage.delay)
    # Caches are loaded and workspaces allocated once a run, not once a tick.
    for _ in range(5):
        run.step()
    step = watched(run, watch) if watch is not None else run.step
    gc.collect()
    wall, processor = time.perf_counter(), time.process_time()
    longest: list[tuple[float, float, str]] = []
    while not run.done and run.time < seconds:
        begun = time.process_time()
        step()
        took = time.process_time() - begun
        if took > CONTROL_PERIOD:
            longest.append((took, run.time, run.controller.current_step))
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    if watch is not None:
        watch.take_away()
    return run, wall, processor, sorted(longest, reverse=True)


def measure(name: str, seed: int, seconds: float) -> bool:
    """Print the figures of one motion; whether it meets the goals."""
    stage = CONDITIONS[name].stage
    assert stage is not None
    execute(stage(seed), seed, 1.0, None)
    watch = Stopwatch()
    run, watched_wall, _, _ = execute(stage(seed), seed, seconds, watch)
    plain, wall, processor, longest = execute(stage(seed), seed, seconds, None)
    ticks = run._ticks - 5
    scale = 1e6 / ticks
    shares = {part: value * scale for part, value in watch.spent.items()}
    control, physics = sum(shares[p] for p in CONTROL), shares["physics"]
    total = sum(shares.values())
    print(f"{name}, seed {seed}: {plain.time:.1f} s simulated, {ticks} ticks, outcome {'fell' if plain.fallen else 'upright'}")
    print(
        f"  real-time factor {plain.time / wall:.2f} (processor {plain.time / processor:.2f}); watched {plain.time / watched_wall:.2f}"
    )
    for part in ORDER:
        print(
            f"  {part:<12} {shares[part]:8.1f} us a tick {100 * shares[part] / total:5.1f} %  {watch.calls[part] / ticks:5.1f} calls"
        )
    late = ", ".join(f"{1e3 * took:.0f} ms at {when:.1f} s ({step})" for took, when, step in longest[:4])
    print(f"  ticks longer than a control period: {len(longest)} of {ticks}{': ' + late if late else ''}")
    print(f"  control {control:.0f} us, physics {physics:.0f} us: control / physics {control / physics:.2f}")
    data = run.simulator.data
    print(f"  bodies {run.scene.model.nbody}, geoms {run.scene.model.ngeom}, dofs {run.scene.model.nv}, contacts now {data.ncon}")
    return plain.time / processor >= REAL_TIME_GOAL and control <= physics


def measure_start(name: str, seed: int) -> None:
    """Print what the beginning of a run costs, s: the first in a process, and the next."""
    stage_of = CONDITIONS[name].stage
    assert stage_of is not None
    for word in ("first", "second"):
        stage = stage_of(seed)
        begun = time.perf_counter()
        scene = build_scene(stage.cell, stage.robot, variation=stage.variation)
        built = time.perf_counter()
        run = Execution(scene, stage.motion, seed=seed, noise=stage.noise, delay=stage.delay)
        made = time.perf_counter()
        run.step()
        stepped = time.perf_counter()
        print(
            f"{name} start, {word}: scene {built - begun:.3f} s, execution {made - built:.3f} s, first tick {stepped - made:.3f} s"
        )


def main() -> int:
    """Measure; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("motions", nargs="*", default=["walk", "part-transfer"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60.0, help="simulated at most")
    parser.add_argument("--start", action="store_true")
    options = parser.parse_args()
    if options.start:
        for name in options.motions:
            measure_start(name, options.seed)
    met = min([measure(name, options.seed, options.seconds) for name in options.motions])
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
