"""Make the virtual environment what the pinned requirements say, and the system what Qt and OpenGL need.

Standard library alone: it runs before anything is installed. Done work is recognised by a stamp and not repeated.

    python3 packaging/setup_environment.py [--tests]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".setup-stamp"
REQUIREMENTS = ROOT / "packaging" / "requirements-dev.txt"
COMPILED = VENV / ".compiled-stamp"
STAMPED = (ROOT / "packaging" / "requirements.txt", REQUIREMENTS, ROOT / "pyproject.toml")

#: Debian and Ubuntu packages; alternatives (names of other releases) after a bar.
WINDOW_PACKAGES = (
    "libgl1",
    "libegl1",
    "libglx-mesa0",
    "libgl1-mesa-dri",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-keysyms1",
    "libxcb-image0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-xkb1",
    "libxcb-randr0",
    "libxcb-sync1",
    "libxcb-xfixes0",
    "libxkbcommon-x11-0",
    "libxkbcommon0",
    "libdbus-1-3",
    "libfontconfig1",
    "libfreetype6",
    "libglib2.0-0|libglib2.0-0t64",
)
TEST_PACKAGES = ("xvfb", "xauth")


def main() -> int:
    """Set up; 0 where all is there afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", action="store_true", help="also what the tests need of the system")
    arguments = parser.parse_args()
    missing = missing_packages(WINDOW_PACKAGES + (TEST_PACKAGES if arguments.tests else ()))
    if not (VENV.is_dir() or have_venv()):
        missing.append(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    if missing and not install_packages(missing):
        return 1
    failed = install_python_packages()
    if not failed and not arguments.tests:
        compile_control_loop()
    return failed


def missing_packages(wanted: tuple[str, ...]) -> list[str]:
    """Debian packages of ``wanted`` that are not installed; none where the system is not Debian-like."""
    if not shutil.which("dpkg-query"):
        return []
    names = [name for entry in wanted for name in entry.split("|")]
    query = subprocess.run(
        ["dpkg-query", "-W", "-f=${Package} ${db:Status-Status}\n", *names], capture_output=True, text=True, check=False
    )
    installed = {line.split()[0] for line in query.stdout.splitlines() if line.endswith(" installed")}
    return [entry for entry in wanted if not installed.intersection(entry.split("|"))]


def install_packages(missing: list[str]) -> bool:
    """Install system packages where we are root; else say how."""
    if not shutil.which("apt-get") or not hasattr(os, "geteuid"):
        print("Missing on this system: " + " ".join(missing), file=sys.stderr)
        return False
    if os.geteuid() != 0:
        first = " ".join(entry.split("|")[0] for entry in missing)
        print(
            f"Some system packages are missing. Install them and try again:\n\n  sudo apt-get install {first}\n", file=sys.stderr
        )
        return False
    print("Installing system packages: " + " ".join(missing), flush=True)
    subprocess.run(["apt-get", "update", "-qq"], check=False)
    names = [known_name(entry) for entry in missing]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names], env=environment, check=False)
    if done.returncode:
        print("apt-get could not install: " + " ".join(names), file=sys.stderr)
    return done.returncode == 0


def known_name(entry: str) -> str:
    """The first alternative that this release knows."""
    names = entry.split("|")
    for name in names:
        if subprocess.run(["apt-cache", "show", name], capture_output=True, check=False).returncode == 0:
            return name
    return names[0]


def have_venv() -> bool:
    """Python can make an environment with pip in it (Debian ships that apart)."""
    return subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode == 0


def install_python_packages() -> int:
    """Create the environment where there is none and install the pinned packages and this project in it."""
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in STAMPED) + sys.version.encode()).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == digest:
        return 0
    python = venv_python()
    if not python.exists():
        print(f"Creating {VENV}", flush=True)
        venv.create(VENV, with_pip=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    print("Installing the pinned packages (about 2 GB on disk; some minutes the first time)", flush=True)
    for step in (["-r", str(REQUIREMENTS)], ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]):
        done = subprocess.run([*pip, *step], check=False)
        if done.returncode:
            print("pip could not install " + " ".join(step), file=sys.stderr)
            return done.returncode
    STAMP.write_text(digest)
    return 0


def compile_control_loop() -> None:
    """Simulate the example once after the simulation's code has changed, so that nobody waits for the compiler in the window.
    Whatever fails here, its user will see there."""
    sources = sorted((ROOT / "sim").rglob("*.py"))
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in sources) + sys.version.encode()).hexdigest()
    if COMPILED.is_file() and COMPILED.read_text() == digest:
        return
    print("Compiling the control loop (a minute or two, once)", flush=True)
    example = ROOT / "resources" / "projects" / "part_transfer"
    command = [str(venv_python()), "-m", "workbench", "simulate", str(example)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if done.returncode == 0:
        COMPILED.write_text(digest)


def venv_python() -> Path:
    """The environment's interpreter."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


if __name__ == "__main__":
    sys.exit(main())
