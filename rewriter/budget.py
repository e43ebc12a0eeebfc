"""How much work one file may be: counted in steps, not by a clock, which would decline a file on one machine and not on another.

A step is a comparison of two paths, a command looked at, or the like, some five microseconds each. The count is the running
call's own; where no one counts, there is no limit. What is remembered from a file before takes no steps, so that one file
right at the limit may go either way (docs/decisions/0010-work-is-counted.md).
"""
from __future__ import annotations

from contextvars import ContextVar

STEPS = 400_000

_left: ContextVar[list[int] | None] = ContextVar("left", default=None)


class Exhausted(Exception):
    """All steps are taken."""


class limited:
    """What is done within may take so many steps; gives a list with the number that is left."""

    def __init__(self, steps: int = STEPS) -> None:
        self._left = [steps]

    def __enter__(self) -> list[int]:
        self._token = _left.set(self._left)
        return self._left

    def __exit__(self, *failure: object) -> None:
        _left.reset(self._token)


def spend(steps: int = 1) -> None:
    """Take steps. Raises Exhausted where there are none left."""
    left = _left.get()
    if left is not None:
        left[0] -= steps
        if left[0] < 0:
            raise Exhausted
