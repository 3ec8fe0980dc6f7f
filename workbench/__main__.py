"""Where the program starts: ``humanoid-workbench COMMAND`` or ``python -m workbench COMMAND``."""

from __future__ import annotations

import multiprocessing
import sys

from workbench.cli.main import main as run


def main() -> int:
    """Run the command that was asked for; its exit code."""
    multiprocessing.freeze_support()
    return run()


if __name__ == "__main__":
    sys.exit(main())
