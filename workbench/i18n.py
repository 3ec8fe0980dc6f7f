"""Words in the user's language: ``resources/i18n/<language>/*.toml`` merged; English and Korean have the same keys."""

from __future__ import annotations

import re
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
#: What operating systems put around their words: "[Errno 2] No such file or directory: 'x'".
_AROUND = re.compile(r"^\[(?:Errno|WinError) -?\d+\] |: '.*'$")


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
            return self(f"error.{error.code}", **self._in_words(error.params))
        return f"{type(error).__name__}: {error}"

    def reason(self, text: str) -> str:
        """Why something failed, in this language where the words are known; as it came where not."""
        key = "reason." + _AROUND.sub("", text).strip(" .").lower()
        return self(key) if self.has(key) else text

    def _in_words(self, params: Mapping[str, object]) -> dict[str, object]:
        """Parameters of an error as a reader knows them: no codes, no words of the operating system."""
        out, reason, verdict = dict(params), params.get("reason"), params.get("verdict")
        if isinstance(reason, str):
            out["reason"] = self.reason(reason)
        if isinstance(verdict, str) and self.has(f"findings.verdict.{verdict}"):
            out["verdict"] = self(f"findings.verdict.{verdict}")
        return out

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
