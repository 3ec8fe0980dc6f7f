"""Errors of the application: a code and parameters; the sentence is made from the i18n files by code."""

from __future__ import annotations


class WorkbenchError(Exception):
    """Something the program cannot do.

    Args:
        code: Stable identifier such as ``plan.no_such_step``; the i18n key is ``error.<code>``.
        params: What the sentence names: the culprit and what would be valid.
    """

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(f"{code}: " + ", ".join(f"{k}={v}" for k, v in params.items()))

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.code, self.params))


def _rebuild(kind: type[WorkbenchError], code: str, params: dict[str, object]) -> WorkbenchError:
    return kind(code, **params)
