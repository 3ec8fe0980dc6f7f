"""Korean particles that depend on the sound before them: "토트이(가)" becomes "토트가", "랙을(를)" becomes "랙을"."""

from __future__ import annotations

import re

_FIRST, _LAST = 0xAC00, 0xD7A3
_RIEUL = 8
#: Final consonant of the digits as they are read (0 none, 8 rieul, else another).
_DIGITS = {"0": 21, "1": 8, "2": 0, "3": 16, "4": 0, "5": 0, "6": 1, "7": 8, "8": 8, "9": 0}
#: Written form -> (after a final consonant, after none).
_FORMS = {
    "이(가)": ("이", "가"),
    "을(를)": ("을", "를"),
    "은(는)": ("은", "는"),
    "와(과)": ("과", "와"),
    "(으)로": ("으로", "로"),
}
_PATTERN = re.compile(r"([가-힣0-9])([\"'”’)\]]*)(" + "|".join(re.escape(f) for f in _FORMS) + ")")


def fit_particles(text: str) -> str:
    """The text with each double form replaced by the one that fits; after letters of other scripts both stay."""
    return _PATTERN.sub(_fitted, text) if "(" in text else text


def _fitted(match: re.Match[str]) -> str:
    before, closing, form = match.groups()
    final = _DIGITS[before] if before in _DIGITS else (ord(before) - _FIRST) % 28 if _FIRST <= ord(before) <= _LAST else 0
    with_final, without = _FORMS[form]
    soft = final == 0 or (form == "(으)로" and final == _RIEUL)
    return f"{before}{closing}{without if soft else with_final}"
