"""Words in the user's language: ``resources/i18n/<language>/*.toml`` merged; English and Korean have the same keys."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import SimError
from workbench.errors import WorkbenchError
from workbench.particles import fit_particles
from workbench.resources import resource

LANGUAGES = ("en", "ko")


@dataclass(frozen=True, slots=True)
class Translator:
    """Sentences of one language by key. A key that is not there comes back in brackets, so that it is seen and reported."""

    language: str
    words: Mapping[str, str] = field(repr=False)

    def __call__(self, key: str, /, **params: object) -> str:
        """The sentence for a key with its ``{placeholders}`` filled; an unknown placeholder stays visible."""
        text = self.words.get(key)
        if text is None:
            return f"[{key}]"
        if not params:
            return text
        filled = text.format_map(_Visible(params))
        return fit_particles(filled) if self.language == "ko" else filled

    def has(self, key: str) -> bool:
        """There is a sentence for the key."""
        return key in self.words

    def error(self, error: BaseException) -> str:
        """The sentence for an exception; for a foreign one its type and text."""
        if isinstance(error, (SimError, WorkbenchError)):
            return self(f"error.{error.code}", **error.params)
        return f"{type(error).__name__}: {error}"

    def named(self, names: Mapping[str, str]) -> str:
        """The name in this language from a mapping language -> name; English, then any, where it has none."""
        return names.get(self.language) or names.get("en") or next(iter(names.values()), "")


class _Visible(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def load(language: str) -> Translator:
    """The translator of a language ("en" or "ko"); WorkbenchError ``i18n.no_such_language`` for any other."""
    if language not in LANGUAGES:
        raise WorkbenchError("i18n.no_such_language", language=language, valid=", ".join(LANGUAGES))
    words: dict[str, str] = {}
    for file in sorted(resource("i18n", language).glob("*.toml")):
        words.update(read_words(file))
    return Translator(language, words)


def read_words(file: Path) -> dict[str, str]:
    """Flat dotted keys of one word file."""
    return dict(_flatten(tomllib.loads(file.read_text(encoding="utf-8")), ""))


def _flatten(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)
