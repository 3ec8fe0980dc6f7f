"""Where commands speak: the result to standard output, progress and faults to standard error."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from workbench.errors import WorkbenchError
from workbench.i18n import Translator

#: Exit codes: it succeeded; it was done, but the outcome is no success; a fault; wrongly called.
SUCCESS, NO_SUCCESS, USAGE, FAULT, INTERRUPTED = 0, 1, 2, 3, 130
#: Least time between two lines of progress where standard error is no terminal, s.
_QUIET_PERIOD = 2.0


@dataclass(slots=True)
class Output:
    """What a command says, in the user's language.

    Args:
        tr: Words.
        as_json: One JSON object as result instead of lines.
        out, err: The streams.
    """

    tr: Translator
    as_json: bool = False
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    _shown_at: float = -math.inf
    _open_line: bool = False
    _remarked: set[str] = field(default_factory=set)

    def result(self, data: Mapping[str, Any], lines: Sequence[str]) -> None:
        """The outcome: ``data`` as JSON, or ``lines`` for people."""
        self._end_line()
        print(
            json.dumps(plain(data), ensure_ascii=False, allow_nan=False) if self.as_json else "\n".join(lines),
            file=self.out,
            flush=True,
        )

    def say(self, text: str) -> None:
        """A remark beside the result."""
        self._end_line()
        print(text, file=self.err, flush=True)

    def remark(self, key: str) -> None:
        """A remark by its i18n key, the first time."""
        if key not in self._remarked:
            self._remarked.add(key)
            self.say(self.tr(key))

    def fault(self, error: BaseException) -> None:
        """Why it could not be done: a sentence, and with JSON an object with code and sentence."""
        sentence = self.tr.error(error)
        self._end_line()
        print(self.tr("cli.fault", sentence=sentence), file=self.err, flush=True)
        if self.as_json:
            code = getattr(error, "code", type(error).__name__)
            print(
                json.dumps({"success": False, "error": {"code": code, "message": sentence}}, ensure_ascii=False),
                file=self.out,
                flush=True,
            )

    def progress(self, key: str) -> ProgressLine:
        """Tells of progress under the name ``key`` (an i18n key)."""
        return ProgressLine(self, self.tr(key))

    def show_progress(self, text: str, fraction: float) -> None:
        """One line that renews itself on a terminal, a line now and then elsewhere."""
        now = time.monotonic()
        terminal = self.err.isatty()
        if now - self._shown_at < (0.1 if terminal else _QUIET_PERIOD) and fraction < 1.0:
            return
        self._shown_at = now
        line = f"{text} {100.0 * fraction:3.0f} %"
        print(f"\r{line}" if terminal else line, end="" if terminal else "\n", file=self.err, flush=True)
        self._open_line = terminal

    def _end_line(self) -> None:
        if self._open_line:
            print(file=self.err)
            self._open_line = False


@dataclass(frozen=True, slots=True)
class ProgressLine:
    """Callable with the share done, 0..1."""

    output: Output
    text: str

    def __call__(self, fraction: float) -> None:
        self.output.show_progress(self.text, min(max(fraction, 0.0), 1.0))

    def remark(self, key: str) -> None:
        """Say once why there is no progress for a while."""
        self.output.remark(key)


def plain(value: Any) -> Any:
    """Plain JSON data: no infinity or NaN (null instead), no numpy numbers.

    Raises:
        WorkbenchError: ``cli.not_plain`` for anything that JSON cannot hold.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if hasattr(value, "item"):
        return plain(value.item())
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    raise WorkbenchError("cli.not_plain", type=type(value).__name__)
