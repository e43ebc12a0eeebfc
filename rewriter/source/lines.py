"""Physical and joined lines, by BuildKit's rules (moby/buildkit, frontend/dockerfile/parser/parser.go).

Only a line feed ends a line. White space is what Go's `unicode.IsSpace` says, which is less than `str.isspace`.
"""
from __future__ import annotations

from rewriter.pattern import Pattern
from rewriter.record import dataclass
from rewriter.source.model import Comment, Logical
from rewriter.text import Span

SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_SURROGATE = Pattern("[\ud800-\udfff]")
LONGEST = 65_535  # bytes in a line, its line feed not counted: more does not fit BuildKit's line buffer


class Refused(Exception):
    """What BuildKit's parser refuses; `read` turns it into `Unreadable`."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


@dataclass(frozen=True)
class Line:
    """One physical line: its number from 1, its span with the line end, its text without."""

    number: int
    span: Span
    text: str

    @property
    def blank(self) -> bool:
        """Whether there is nothing but white space in it."""
        return not self.text or not self.text.strip(SPACE)

    def comment(self) -> Comment | None:
        """The line as a comment, where its first character that is no white space is a `#`."""
        text = self.text.lstrip(SPACE) if "#" in self.text else ""
        return Comment(self.span, self.number, text) if text.startswith("#") else None


@dataclass(frozen=True)
class Joined:
    """Lines made one by continuations: the joined text, the comments left out of it, the index of the line after."""

    logical: Logical
    comments: tuple[Comment, ...]
    after: int


def physical(text: str, start: int) -> list[Line]:
    """The lines of `text` from offset `start` on. Raises Refused where one is longer than BuildKit reads."""
    lines, whole = [], len(text)
    for number, content in enumerate(text[start:].split("\n"), 1 + text.count("\n", 0, start)):
        length = len(content)
        end = min(start + length + 1, whole)
        if end > start:
            lines.append(Line(number, Span(start, end), content.rstrip("\r")))
        # Undecodable bytes stand in the text as one surrogate each, for which "replace" writes one byte.
        if length > LONGEST // 4 and len(content.encode("utf-8", "replace")) > LONGEST:
            raise Refused(number, f"the line is longer than the {LONGEST} bytes that BuildKit reads")
        start = end
    return lines


def joined(lines: list[Line], first: int, escape: str) -> Joined:
    """Join the line with index `first` to those that continue it.

    Comment lines and blank lines in between are left out; so is an escape character that ends the file.
    """
    alone, continues = _kept(lines[first].text, escape)
    if not continues:  # as most are
        return Joined(Logical(alone, ((0, lines[first].span.start),)), (), first + 1)
    text, runs, comments = [], [], []
    length, at = 0, first
    while continues and at < len(lines):
        line = lines[at]
        at += 1
        if line.blank:
            continue
        if comment := line.comment():
            comments.append(comment)
            continue
        kept, continues = _kept(line.text, escape)
        if kept:
            text.append(kept)
            runs.append((length, line.span.start))
            length += len(kept)
    logical = Logical("".join(text), tuple(runs) or ((0, lines[first].span.start),))
    return Joined(logical, tuple(comments), at)


def _kept(text: str, escape: str) -> tuple[str, bool]:
    """A line without its continuation character, and whether it has one; a doubled one is none."""
    bare = text.rstrip(" \t")
    if bare.endswith(escape) and not bare.endswith(escape * 2):
        return bare[:-1], True
    return text, False


def stripped(logical: Logical) -> Logical:
    """It without the white space at both ends."""
    text = logical.text
    if text == text.strip(SPACE):
        return logical
    start = len(text) - len(text.lstrip(SPACE))
    return logical.slice(start, max(start, len(text.rstrip(SPACE))))


def decoded(text: str) -> str:
    """It as Go has it: what is no character, such as a byte that is no UTF-8, is U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
