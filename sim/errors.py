"""Errors of the simulation side. They carry a code and parameters; the sentence is made from the i18n files by code."""

from __future__ import annotations


class SimError(Exception):
    """Something the simulation cannot do.

    Args:
        code: Stable identifier such as ``robot.profile_invalid``; the i18n key is ``error.<code>``.
        params: What the sentence names: the culprit and what would be valid.
    """

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(f"{code}: " + ", ".join(f"{k}={v}" for k, v in params.items()))

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.code, self.params))


def _rebuild(kind: type[SimError], code: str, params: dict[str, object]) -> SimError:
    return kind(code, **params)


class Cancelled(Exception):
    """The caller asked for the work to stop; nothing is wrong."""
