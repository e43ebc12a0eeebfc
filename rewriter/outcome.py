"""What optimizing a file comes to. Pure records, picklable."""
from __future__ import annotations

from rewriter.record import dataclass


@dataclass(frozen=True)
class Change:
    """One change that was made. `line` is in the input. `saved`: bytes that the image is known to shed (every layer less saves some), None: some, unknown how many.

    joins: how many RUNs have become one, if that is what it does.
    """

    rule: str
    line: int
    reason: str
    saved: int | None
    joins: int = 0


@dataclass(frozen=True)
class Kept:
    """A candidate that was left as it is, and why."""

    rule: str
    line: int
    reason: str


@dataclass(frozen=True)
class Outcome:
    """`after` is `before` unless there are changes.

    note: the file was passed through as a whole, and why (a fragment, a template, an unknown frontend …).
    error: it can't be read, or a check refused the result; `line` is 0 where no line is to blame.
    higher: for each higher level, how many more changes it would make.
    """

    before: str
    after: str
    changes: tuple[Change, ...] = ()
    kept: tuple[Kept, ...] = ()
    higher: tuple[tuple[str, int], ...] = ()
    note: str = ""
    error: str = ""
    line: int = 0

    @property
    def changed(self) -> bool:
        """Whether the result is another text."""
        return self.after != self.before
