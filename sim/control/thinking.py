"""Thinking that takes longer than a control period: done in slices, one a period, while the body keeps its balance.

Slices are measured in work and not by a clock, so a thought takes the same simulated time and has the same result on every
machine; none of them may take longer than a part of a control period.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")
#: Yields after every slice and returns what was thought of.
Thought = Generator[None, None, T]


def at_once(thought: Thought[T]) -> T:
    """The result of a thought for which there is time."""
    while True:
        try:
            next(thought)
        except StopIteration as end:
            found: T = end.value
            return found
