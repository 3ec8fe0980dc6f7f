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


def seconds() -> float:
    """One start."""
    with tempfile.TemporaryDirectory() as config:
        environment = {**os.environ, "HUMANOID_WORKBENCH_CONFIG": config}
        begun = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-c", CODE, str(PROJECT)], stdout=subprocess.PIPE, text=True, env=environment
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.strip() == "interactive":
                    break
            taken = time.perf_counter() - begun
            process.wait(timeout=60)
        return taken


def main() -> None:
    """Start a few times."""
    runs = [seconds() for _ in range(4)]
    print(f"start to interactive: cold {runs[0]:.2f} s, warm {min(runs[1:]):.2f} to {max(runs[1:]):.2f} s (goal 4 s)")


if __name__ == "__main__":
    main()
