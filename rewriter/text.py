"""Spans of a text, edits on them, and the lines in which they lie.

Knows nothing of Docker. A text is a `str` decoded from UTF-8 with `surrogateescape`, its line ends as they
are in the file; an offset counts code points from 0, a line counts from 1.
"""
from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from rewriter.record import dataclass


@dataclass(frozen=True, order=True)
class Span:
    """The half-open range `start <= offset < end`."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """The part of `text` that the span covers."""
        return text[self.start : self.end]

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a character; an empty span overlaps what it lies strictly inside of."""
        if not len(self) or not len(other):
            return self.start < other.end and other.start < self.end
        return max(self.start, other.start) < min(self.end, other.end)


@dataclass(frozen=True, order=True)
class Edit:
    """Replace what `span` covers by `text`; an empty span inserts."""

    span: Span
    text: str


def insert(at: int, text: str) -> Edit:
    """Insert `text` before the character at offset `at`."""
    return Edit(Span(at, at), text)


def delete(span: Span) -> Edit:
    """Take out what `span` covers."""
    return Edit(span, "")


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Apply edits to `text`: by position, those at one place in the order given.

    Raises ValueError where two edits overlap, since the order in which they came would then matter.
    """
    parts, at = [], 0
    for edit in sorted(edits, key=lambda each: (each.span.start, each.span.end)):
        if edit.span.start < at:
            raise ValueError(f"edits overlap at offset {edit.span.start}")
        parts += text[at : edit.span.start], edit.text
        at = edit.span.end
    return "".join(parts) + text[at:]


class Lines:
    """The line of each offset of one text. Lines end in a line feed and nothing else, as for BuildKit."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *accumulate(len(line) + 1 for line in text.split("\n")[:-1])]

    def line(self, offset: int) -> int:
        """The line, from 1, that holds `offset`."""
        return bisect_right(self.starts, offset)
