"""Words: both languages say the same things, and nothing the code says is missing."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.errors import SimError
from workbench.errors import WorkbenchError
from workbench.i18n import LANGUAGES, Translator, load, read_words
from workbench.resources import resource

SPOKEN = {language: load(language) for language in LANGUAGES}


def placeholders(text: str) -> set[str]:
    """Names between braces."""
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(text) if name}


def sources(repository: Path) -> Iterator[tuple[str, ast.AST]]:
    for package in ("sim", "workbench", "plugins"):
        for file in sorted((repository / package).rglob("*.py")):
            yield file.relative_to(repository).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def raised(repository: Path) -> Iterator[tuple[str, str, set[str] | None]]:
    """Place, code and parameter names (None: not known here) of every error made with a literal code."""
    trees = list(sources(repository))
    kinds = {"SimError", "WorkbenchError"}
    for _, tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id in kinds for b in node.bases):
                kinds.add(node.name)
    for path, tree in trees:
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds and node.args):
                continue
            code = node.args[0]
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                names = None if any(k.arg is None for k in node.keywords) else {k.arg for k in node.keywords if k.arg}
                yield f"{path}:{node.lineno}", code.value, names


def test_languages_have_the_same_keys() -> None:
    english, korean = (set(SPOKEN[language].words) for language in ("en", "ko"))
    assert english - korean == set()
    assert korean - english == set()
    assert english


def test_languages_fill_the_same_placeholders() -> None:
    english, korean = SPOKEN["en"].words, SPOKEN["ko"].words
    # A particle that depends on the word before it exists in Korean alone.
    differing = {
        key: (found, wanted)
        for key in english.keys() & korean.keys()
        if (found := placeholders(korean[key]) - {"ro"}) != (wanted := placeholders(english[key]) - {"ro"})
    }
    assert differing == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_files_say_the_same_key(language: str) -> None:
    seen: dict[str, str] = {}
    twice = []
    for file in sorted(resource("i18n", language).glob("*.toml")):
        for key in read_words(file):
            if key in seen:
                twice.append(f"{key}: {seen[key]} and {file.name}")
            seen[key] = file.name
    assert twice == []


def test_korean_is_korean() -> None:
    """A sentence of three English words or more that has no Hangul in Korean was forgotten."""
    english, korean = SPOKEN["en"].words, SPOKEN["ko"].words
    bare = {key: re.sub(r"{[^}]*}", "", text) for key, text in english.items()}
    forgotten = [k for k, text in bare.items() if korean.get(k) == english[k] and len(re.findall(r"[a-z]{2,}", text)) >= 3]
    assert forgotten == []


def test_every_error_has_a_sentence(repository: Path) -> None:
    missing = sorted(
        {f"error.{code} ({place})" for place, code, _ in raised(repository) if not SPOKEN["en"].has(f"error.{code}")}
    )
    assert missing == []


def test_every_sentence_of_an_error_is_given_what_it_names(repository: Path) -> None:
    lacking = []
    for place, code, given in raised(repository):
        text = SPOKEN["en"].words.get(f"error.{code}")
        if text is not None and given is not None and (left := placeholders(text) - given):
            lacking.append(f"{place}: error.{code} names {sorted(left)}")
    assert lacking == []


def test_every_literal_key_is_there(repository: Path) -> None:
    missing = set()
    for path, tree in sources(repository):
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
                continue
            called, key = ast.unparse(node.func), node.args[0].value
            if called.rsplit(".", 1)[-1] in {"tr", "_tr"} and isinstance(key, str) and not SPOKEN["en"].has(key):
                missing.add(f"{key} ({path}:{node.lineno})")
    assert sorted(missing) == []


def test_translator_fills_and_shows_what_is_missing() -> None:
    tr = Translator("en", {"a": "{n} of {m}"})
    assert tr("a", n=1, m=2) == "1 of 2"
    assert tr("a", n=1) == "1 of {m}"
    assert tr("b") == "[b]"
    assert tr.named({"ko": "랙", "en": "Rack"}) == "Rack"
    assert tr.named({"ko": "랙"}) == "랙"


def test_errors_become_sentences() -> None:
    tr = Translator("en", {"error.x.y": "No {thing}."})
    assert tr.error(SimError("x.y", thing="robot")) == tr.error(WorkbenchError("x.y", thing="robot")) == "No robot."
    assert "boom" in tr.error(RuntimeError("boom"))


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(WorkbenchError) as caught:
        load("tlh")
    assert caught.value.code == "i18n.no_such_language"


def test_reasons_and_verdicts_are_said_in_the_language() -> None:
    korean = load("ko")
    why = WorkbenchError("project.unreadable", path="/a", reason="[Errno 13] Permission denied: '/a'")
    assert "권한" in korean.error(why) and "denied" not in korean.error(why)
    assert korean.reason("something nobody foresaw") == "something nobody foresaw"
    assert "미평가" in korean.error(WorkbenchError("project.not_verified", verdict="not_assessed"))
