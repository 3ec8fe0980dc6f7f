"""One MJCF text of a file from outside and of what it includes, with its meshes found where such files are kept."""

from __future__ import annotations

import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from sim.errors import SimError
from sim.model_check import MAX_ASSET_BYTES, check_model_file, compile_apart

#: Attributes of <compiler> that name a folder, by the elements whose files lie there.
_FOLDERS = {
    "mesh": ("meshdir", "assetdir"),
    "skin": ("meshdir", "assetdir"),
    "flexcomp": ("meshdir", "assetdir"),
    "hfield": ("meshdir", "assetdir"),
    "texture": ("texturedir", "assetdir"),
}
#: What a robot's model may name beside itself lies this many folders up at most: models and meshes are often side by side.
LEVELS_UP = 2


def roots(path: Path) -> list[Path]:
    """The model's folder and those above it where its parts may lie, nearest first."""
    parents = list(path.resolve().parents)
    return parents[: LEVELS_UP + 1]


def line_of(path: Path, text: str) -> int:
    """The first line of a file that holds a text; 1 where none does, as when what it includes holds it."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((number for number, line in enumerate(lines, 1) if text in line), 1)


def gather(path: Path) -> tuple[str, int]:
    """The model as one checked text, meshes by absolute path, and how many contact entries were left out.

    A robot's file that is meant to be included names geoms of the scene it stands in; without that scene they are nobody's.

    Raises:
        SimError: As ``check_model_file`` and ``compile_apart``: it is compiled once, apart, with limits.
    """
    within = roots(path)
    check_model_file(path, within[-1], assets=False)
    tree = _with_includes(path.resolve(), path.resolve().parent)
    _find_assets(tree, path, within)
    for keyframe in tree.findall("keyframe"):
        tree.remove(keyframe)
    dangling = _drop_dangling(tree)
    text = ET.tostring(tree, encoding="unicode")
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.xml"
        whole.write_text(text, encoding="utf-8")
        compile_apart(whole, path)
    return text, dangling


def _with_includes(path: Path, base: Path) -> ET.Element:
    """The file with what it includes in its place; ``check_model_file`` has seen to it that there are no loops."""
    root = ET.parse(path).getroot()

    def expand(element: ET.Element) -> None:
        for child in list(element):
            if child.tag != "include":
                expand(child)
                continue
            at = list(element).index(child)
            element.remove(child)
            value = child.get("file", "")
            target = next(p for p in (base / value, path.parent / value) if p.is_file())
            for k, inner in enumerate(_with_includes(target.resolve(), base)):
                element.insert(at + k, inner)

    expand(root)
    return root


def _find_assets(tree: ET.Element, path: Path, within: list[Path]) -> None:
    """Absolute paths for all files, below the outermost of ``within``."""
    folders: dict[str, str] = {}
    for compiler in tree.findall("compiler"):
        for key in ("meshdir", "texturedir", "assetdir"):
            if key in compiler.attrib:
                folders[key] = compiler.attrib.pop(key)
        compiler.attrib.pop("strippath", None)
    size = 0
    for element in tree.iter():
        if element.tag not in _FOLDERS:
            continue
        folder = next((folders[k] for k in _FOLDERS[element.tag] if k in folders), "")
        for attribute, value in list(element.attrib.items()):
            if not attribute.startswith("file") or not value:
                continue
            places = [within[0] / folder / value, within[0] / value, within[0] / Path(value).name]
            # Where the model was moved away from its scene, the meshes are still beside one of the folders above.
            places += [root / "meshes" / value for root in within] + [root / "meshes" / Path(value).name for root in within]
            found = next((p.resolve() for p in places if p.is_file()), None)
            if found is None:
                raise SimError(
                    "model.file_missing",
                    file=path.name,
                    line=line_of(path, value),
                    element=element.tag,
                    value=f"{folder}/{value}".strip("/"),
                )
            if not found.is_relative_to(within[-1]):
                raise SimError(
                    "model.outside_folder",
                    file=path.name,
                    line=line_of(path, value),
                    element=element.tag,
                    attribute=attribute,
                    value=value,
                )
            size += found.stat().st_size
            if size > MAX_ASSET_BYTES:
                raise SimError(
                    "model.too_large", file=path.name, line=1, what="asset files, bytes", found=size, limit=MAX_ASSET_BYTES
                )
            element.set(attribute, str(found))


def _drop_dangling(tree: ET.Element) -> int:
    """Contact pairs and exclusions that name a geom or body which is not there are taken out; how many."""
    geoms = {g.get("name") for g in tree.iter("geom")}
    bodies = {b.get("name") for b in tree.iter("body")} | {"world"}
    count = 0
    for contact in tree.findall("contact"):
        for entry in list(contact):
            named = [(entry.get(k), geoms) for k in ("geom1", "geom2")] + [(entry.get(k), bodies) for k in ("body1", "body2")]
            if any(name is not None and name not in known for name, known in named):
                contact.remove(entry)
                count += 1
    return count
