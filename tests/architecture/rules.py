"""The rules of the house that import-linter cannot say, as functions from sources to complaints."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

#: Path from the repository root -> source text.
Sources = Mapping[str, str]

QT = {"PySide6", "pyqtgraph", "pyvista", "pyvistaqt", "vtkmodules", "vtk", "qtpy"}
UNSAFE_CALLS = {"eval", "exec"}
#: 450 is the aim; a file may grow a little before it is divided where it bends.
LONGEST_FILE = 480
LONGEST_MAIN_WINDOW = 300


def imported(source: str) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything imported anywhere in a source, functions included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def qt_outside_ui(sources: Sources) -> list[str]:
    """Qt and what draws through it stays in workbench/ui."""
    return [
        f"{path}:{line} imports {name}"
        for path, source in sources.items()
        if not path.startswith("workbench/ui/") and path != "workbench/app.py"
        for line, name in imported(source)
        if name.split(".")[0] in QT
    ]


def mujoco_outside_sim(sources: Sources) -> list[str]:
    """MuJoCo stays in sim."""
    return [
        f"{path}:{line} imports {name}"
        for path, source in sources.items()
        if not path.startswith("sim/")
        for line, name in imported(source)
        if name.split(".")[0] == "mujoco"
    ]


def plugins_beside_api(sources: Sources) -> list[str]:
    """Of the application a plugin sees workbench.api alone. A simulated robot's own process stands on sim besides."""
    return [
        f"{path}:{line} imports {name}"
        for path, source in sources.items()
        if path.startswith("plugins/")
        for line, name in imported(source)
        if name.split(".")[0] == "workbench" and not (name + ".").startswith("workbench.api.")
    ]


def panels_meeting(sources: Sources) -> list[str]:
    """A folder of workbench/ui is a panel; panels meet in the session and never import each other."""
    found = []
    panels = {PurePosixPath(p).parts[2] for p in sources if p.startswith("workbench/ui/") and len(PurePosixPath(p).parts) > 3}
    for path, source in sources.items():
        parts = PurePosixPath(path).parts
        if parts[:2] != ("workbench", "ui") or len(parts) < 4:
            continue
        for line, name in imported(source):
            names = name.split(".")
            if names[:2] == ["workbench", "ui"] and len(names) > 2 and names[2] in panels - {parts[2]}:
                found.append(f"{path}:{line} imports {name}")
    return found


def unsafe(sources: Sources) -> list[str]:
    """No pickle, no eval, no exec, no arrays that unpickle, no YAML that builds objects."""
    found = []
    for path, source in sources.items():
        for line, name in imported(source):
            if name.split(".")[0] in {"pickle", "marshal", "shelve", "dill", "cloudpickle"}:
                found.append(f"{path}:{line} imports {name}")
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            if called in UNSAFE_CALLS or called in {"yaml.load", "os.system"}:
                found.append(f"{path}:{node.lineno} calls {called}")
            for keyword in node.keywords:
                risky = keyword.arg in {"allow_pickle", "shell"}
                if risky and isinstance(keyword.value, ast.Constant) and keyword.value.value is True:
                    found.append(f"{path}:{node.lineno} {keyword.arg}=True")
    return found


def robots_by_name(sources: Sources, robot_ids: set[str]) -> list[str]:
    """Nothing in the code knows a robot by name: it compares with no robot's id."""
    return [
        f"{path}:{node.lineno} knows {text!r}"
        for path, source in sources.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Compare)
        for text in (c.value for c in (node.left, *node.comparators) if isinstance(c, ast.Constant))
        if text in robot_ids
    ]


def qt_objects_at_import(sources: Sources) -> list[str]:
    """No Qt object is made when a module is imported: such objects crash when the program ends."""
    found = []
    for path, source in sources.items():
        for node in ast.parse(source).body:
            value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
            if isinstance(value, ast.Call) and re.fullmatch(r"(\w+\.)*Q[A-Z]\w*", ast.unparse(value.func)):
                found.append(f"{path}:{node.lineno} makes a {ast.unparse(value.func)}")
    return found


def unfinished(sources: Sources) -> list[str]:
    """Nothing is left for later in the code."""
    marks = re.compile(r"#.*\b(TODO|FIXME|XXX)\b|\braise NotImplementedError\b")
    return [
        f"{path}:{number} {line.strip()}"
        for path, source in sources.items()
        for number, line in enumerate(source.splitlines(), 1)
        if marks.search(line)
    ]


def too_long(sources: Sources) -> list[str]:
    """A file one can read in one sitting; the main window places panels and does nothing else."""
    found = []
    for path, source in sources.items():
        limit = LONGEST_MAIN_WINDOW if path == "workbench/ui/main_window.py" else LONGEST_FILE
        lines = source.count("\n") + 1
        if lines > limit:
            found.append(f"{path} has {lines} lines, {limit} are enough")
    return found


def waiting_tests(sources: Sources) -> list[str]:
    """Tests wait for something, never for time."""
    return [
        f"{path}:{node.lineno} {ast.unparse(node.func)}"
        for path, source in sources.items()
        if path.startswith("tests/") and not path.startswith("tests/bench/")
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and re.fullmatch(r"(time\.)?sleep|(\w+\.)*(qWait|wait)", ast.unparse(node.func))
        if ast.unparse(node.func).rsplit(".", 1)[-1] in {"sleep", "qWait"} or ast.unparse(node.func) == "qtbot.wait"
    ]


def misplaced_files(paths: list[str]) -> list[str]:
    """No package in packaging (it would shadow the library of that name), no Python in resources."""
    return [
        path
        for path in paths
        if (path.startswith("packaging/") and path.endswith("__init__.py"))
        or (path.startswith("resources/") and path.endswith(".py"))
    ]
