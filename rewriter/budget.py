"""How much work one file may be: counted in steps, not by a clock, which would decline a file on one machine and not on another.

A step is a comparison of two paths, a command looked at, or the like, some five microseconds each. The count is the running
call's own; where no one counts, there is no limit. What is remembered from a file before takes no steps, so that one file
right at the limit may go either way (docs/decisions/0010-work-is-counted.md).
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

STEPS = 400_000

_left: ContextVar[list[int] | None] = ContextVar("left", default=None)


class Exhausted(Exception):
    """All steps are taken."""


@contextmanager
def limited(steps: int = STEPS) -> Iterator[list[int]]:
    """What is done within may take so many steps; gives a list with the number that is left."""
    left = [steps]
    token = _left.set(left)
    try:
        yield left
    finally:
        _left.reset(token)


def spend(steps: int = 1) -> None:
    """Take steps. Raises Exhausted where there are none left."""
    left = _left.get()
    if left is not None:
        left[0] -= steps
        if left[0] < 0:
            raise Exhausted
