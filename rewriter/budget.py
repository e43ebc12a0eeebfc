"""How much work one file may be: counted in steps, so that a file is declined on every machine or on none.

A step is a comparison of two paths, a command looked at, or the like, some microseconds each. No clock is asked. The
count is the running call's own; where no one counts, there is no limit.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

STEPS = 400_000  # a hundred times what the largest of ten thousand real files takes

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
