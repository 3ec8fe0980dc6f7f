"""The rules hold for the code, and each of them can be broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture import rules

PACKAGES = ("sim", "workbench", "plugins")


def read(repository: Path, *folders: str) -> dict[str, str]:
    """All sources of the folders."""
    files = (file for folder in folders for file in sorted((repository / folder).rglob("*.py")))
    return {file.relative_to(repository).as_posix(): file.read_text(encoding="utf-8") for file in files}


Rule = Callable[[rules.Sources], list[str]]

#: A rule and a smallest source that breaks it.
RULES: list[tuple[Rule, dict[str, str]]] = [
    (rules.qt_outside_ui, {"workbench/plan/model.py": "def f():\n    from PySide6.QtCore import QTimer\n"}),
    (rules.mujoco_outside_sim, {"workbench/ui/twin/view.py": "import mujoco\n"}),
    (rules.plugins_beside_api, {"plugins/p.py": "from workbench import session\n"}),
    (rules.panels_meeting, {"workbench/ui/a/view.py": "from workbench.ui.b import view\n", "workbench/ui/b/view.py": ""}),
    (rules.unsafe, {"workbench/x.py": "import pickle\n"}),
    (rules.unsafe, {"workbench/x.py": "y = eval('1')\n"}),
    (rules.unsafe, {"workbench/x.py": "import numpy as np\nnp.load('f', allow_pickle=True)\n"}),
    (rules.qt_objects_at_import, {"workbench/ui/x.py": "PEN: object = QtGui.QPen()\n"}),
    (rules.unfinished, {"sim/x.py": "x = 1  # " + "TODO" + "\n"}),
    (rules.too_long, {"sim/x.py": "\n" * 500}),
    (rules.too_long, {"workbench/ui/main_window.py": "\n" * 320}),
]


@pytest.mark.parametrize("rule", list(dict.fromkeys(rule for rule, _ in RULES)), ids=lambda r: r.__name__)
def test_the_code_keeps_the_rule(rule: Rule, repository: Path) -> None:
    assert rule(read(repository, *PACKAGES)) == []


@pytest.mark.parametrize(("rule", "sources"), RULES, ids=lambda v: getattr(v, "__name__", ""))
def test_the_rule_can_be_broken(rule: Rule, sources: dict[str, str]) -> None:
    assert len(rule(sources)) == 1


def test_no_robot_is_known_by_name(repository: Path) -> None:
    ids = {folder.name for folder in (repository / "resources" / "robots").iterdir()}
    assert ids
    assert rules.robots_by_name(read(repository, *PACKAGES), ids) == []
    assert rules.robots_by_name({"sim/x.py": "def f(r):\n    return r.id == 'tin_man'\n"}, {"tin_man"})


def test_no_test_waits_for_time(repository: Path) -> None:
    assert rules.waiting_tests(read(repository, "tests")) == []
    assert len(rules.waiting_tests({"tests/x.py": "time.sleep(1)\nqtbot.wait(5)\nprocess.wait()\nqtbot.waitUntil(f)\n"})) == 2


def test_files_lie_where_they_belong(repository: Path) -> None:
    found = [
        f.relative_to(repository).as_posix() for folder in ("packaging", "resources") for f in (repository / folder).rglob("*.py")
    ]
    assert rules.misplaced_files(found) == []
    assert len(rules.misplaced_files(["packaging/__init__.py", "resources/cells/make.py", "packaging/h140/generate.py"])) == 2
