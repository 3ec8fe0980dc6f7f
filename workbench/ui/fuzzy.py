"""Finding words by a few letters, in English and Korean (initial consonants too: "ㅅㅁ" finds 시뮬레이션)."""

from __future__ import annotations

import unicodedata

_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FIRST, _LAST, _PER_INITIAL = 0xAC00, 0xD7A3, 588


def initials(text: str) -> str:
    """The initial consonants of Hangul syllables; other letters as they are."""
    return "".join(_INITIALS[(ord(c) - _FIRST) // _PER_INITIAL] if _FIRST <= ord(c) <= _LAST else c for c in text)


def score(query: str, text: str) -> float:
    """How well ``text`` fits, 0 (not at all) to about 100. Letters must come in order; word starts and runs count more."""
    query, text = unicodedata.normalize("NFC", query).casefold().strip(), unicodedata.normalize("NFC", text).casefold()
    if not query:
        return 1.0
    best = max(_match(query, text), 0.9 * _match(query.replace(" ", ""), text))
    if any(c in _INITIALS for c in query):
        best = max(best, 0.9 * _match(query, initials(text)))
    return best


def _match(query: str, text: str) -> float:
    found = text.find(query)
    if found >= 0:
        start = found == 0 or not text[found - 1].isalnum()
        return (100.0 if start else 80.0) - min(found, 20) * 0.5 - min(len(text) - len(query), 40) * 0.1
    at, total, before = -1, 0.0, -2
    for letter in query:
        at = text.find(letter, at + 1)
        if at < 0:
            return 0.0
        starts = at == 0 or not text[at - 1].isalnum()
        total += 3.0 if starts else 2.0 if at == before + 1 else 0.5
        before = at
    return 50.0 * total / (3.0 * len(query)) if total >= 1.2 * len(query) else 0.0
