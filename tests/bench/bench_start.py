"""Seconds from the start of the process until the window is drawn and answers, on the example. First run: cold; then warm."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "resources" / "projects" / "part_transfer"
CODE = "import sys; from pathlib import Path; from workbench.app import run; sys.exit(run(Path(sys.argv[1]), measure_start=True))"


def seconds() -> tuple[float, float]:
    """One start: until the window answers, until 3D and plots are there too."""
    with tempfile.TemporaryDirectory() as config:
        environment = {**os.environ, "HUMANOID_WORKBENCH_CONFIG": config}
        begun = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-c", CODE, str(PROJECT)], stdout=subprocess.PIPE, text=True, env=environment
        ) as process:
            assert process.stdout is not None
            times = {line.strip(): time.perf_counter() - begun for line in process.stdout}
            process.wait(timeout=60)
        return times["interactive"], times["complete"]


def main() -> None:
    """Start a few times."""
    runs = [seconds() for _ in range(4)]
    print(f"cold: answers after {runs[0][0]:.2f} s, with 3D and plots {runs[0][1]:.2f} s")
    for name, i in (("answers", 0), ("with 3D and plots", 1)):
        times = [r[i] for r in runs[1:]]
        print(f"warm: {name} {min(times):.2f} to {max(times):.2f} s (goal 4 s)")


if __name__ == "__main__":
    main()
