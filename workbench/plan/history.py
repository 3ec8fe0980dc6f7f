"""Undo and redo: a list of (label, plan) and a cursor. The plan is immutable, so there is no inverse code to get wrong."""

from __future__ import annotations

from workbench.plan.model import Plan

_LIMIT = 1000


class History:
    """Holds the versions of a plan.

    Args:
        plan: The first version, taken as saved.
    """

    def __init__(self, plan: Plan) -> None:
        self._entries: list[tuple[str, Plan]] = [("", plan)]
        self._cursor = 0
        self._saved: Plan | None = plan
        self._coalesce_key = ""

    @property
    def current(self) -> Plan:
        """The plan as it is now."""
        return self._entries[self._cursor][1]

    @property
    def modified(self) -> bool:
        """The current plan is not the saved one."""
        return self.current is not self._saved

    @property
    def undo_label(self) -> str:
        """Label of the edit that undo would take back, "" if none."""
        return self._entries[self._cursor][0] if self._cursor else ""

    @property
    def redo_label(self) -> str:
        """Label of the edit that redo would repeat, "" if none."""
        return self._entries[self._cursor + 1][0] if self._cursor + 1 < len(self._entries) else ""

    def push(self, label: str, plan: Plan, coalesce_key: str = "") -> None:
        """A new version. Edits in a row with the same non-empty key (one drag) become one entry."""
        if plan is self.current:
            return
        merge = bool(coalesce_key) and coalesce_key == self._coalesce_key and self._cursor > 0
        del self._entries[self._cursor + (0 if merge else 1) :]
        self._entries.append((label, plan))
        if len(self._entries) > _LIMIT:
            del self._entries[0]
        self._cursor = len(self._entries) - 1
        self._coalesce_key = coalesce_key

    def end_coalescing(self) -> None:
        """The drag is over: the next edit is its own entry."""
        self._coalesce_key = ""

    def undo(self) -> bool:
        """One version back; False at the first."""
        self._coalesce_key = ""
        if self._cursor == 0:
            return False
        self._cursor -= 1
        return True

    def redo(self) -> bool:
        """One version on; False at the last."""
        self._coalesce_key = ""
        if self._cursor + 1 >= len(self._entries):
            return False
        self._cursor += 1
        return True

    def mark_saved(self) -> None:
        """The current version is what the disk holds."""
        self._saved = self.current
