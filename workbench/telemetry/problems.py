"""Problems of a recording: short strings in ``RecordingHeader.problems`` that a translator can turn into sentences.

A problem is ``code?key=value&...`` (values percent-encoded): it travels through files unchanged and needs no language.
The sentence lies under ``problem.<code>`` in the i18n files.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode


def problem(code: str, **params: str | float) -> str:
    """Make a problem string."""
    values = {k: f"{v:.6g}" if isinstance(v, float) else str(v) for k, v in params.items()}
    return f"{code}?{urlencode(values)}" if values else code


def parse_problem(text: str) -> tuple[str, dict[str, str]]:
    """The code and the parameters of a problem string."""
    code, _, query = text.partition("?")
    return code, dict(parse_qsl(query, keep_blank_values=True))
