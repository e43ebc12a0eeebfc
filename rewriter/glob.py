"""Wildcards as Go's filepath.Match reads them, which COPY sources and .dockerignore are written in.

Not the shell's: a leading dot needs no dot in the pattern, `[^…]` negates and `[!…]` does not. A pattern becomes
a regular expression once, as Docker itself does it: a build context may hold a hundred thousand names.
"""
from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby

from rewriter.record import dataclass


@dataclass(frozen=True)
class One:
    """One character of the ranges, or not of them. `text`: as the pattern has it."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool
    text: str

    def takes(self, char: str) -> bool:
        """Whether the character is one of them."""
        return any(low <= char <= high for low, high in self.ranges) != self.negated


class Star:
    """Any number of characters other than a slash."""


STAR = Star()
Token = str | One | Star  # a str is that character itself


class BadPattern(ValueError):
    """A pattern that Go refuses."""


def wild(path: str) -> bool:
    """Whether BuildKit takes a COPY source, or a part of one, for a pattern."""
    bare = path.replace("\\\\", "")
    return any(char in "*?[" and bare[at - 1 : at] != "\\" for at, char in enumerate(bare))


def match(pattern: str, name: str) -> bool:
    """Whether the whole of `name` is what `pattern` says. Raises BadPattern where Go does."""
    return _compiled(pattern).fullmatch(name) is not None


def tokens(pattern: str) -> tuple[Token, ...]:
    """What `pattern` is made of. Raises BadPattern where Go does."""
    found: list[Token] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "[":
            token, at = _class(pattern, at)
        elif char == "\\":
            literal, after = _literal(pattern, at)
            token, at = One(((literal, literal),), False, pattern[at:after]), after
        else:
            token, at = _plain(char), at + 1
        found.append(token)
    return tuple(found)


def expression(parts: tuple[Token, ...]) -> str:
    """A regular expression for tokens that follow each other.

    The first place that fits after a star is taken for good, unless that star is the last: so does Go, which keeps
    the time short. It makes a difference only where a class takes a slash.
    """
    starred, found = False, ""
    groups = [(star, tuple(group)) for star, group in groupby(parts, lambda token: token is STAR)]
    for at, (star, group) in enumerate(groups):
        if not star:
            text = "".join(map(_expression, group))
            found += f"(?>[^/]*?{text})" if starred and at + 1 < len(groups) else "[^/]*" * starred + text
        starred = star
    return found + "[^/]*" * starred


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(expression(tokens(pattern)))


def _expression(token: str | One) -> str:
    if isinstance(token, str):
        return re.escape(token)
    ranges = "".join(f"{re.escape(low)}-{re.escape(high)}" for low, high in token.ranges if low <= high)
    if not ranges:  # Go takes [z-a] for no character at all
        return r"[\s\S]" if token.negated else "(?!)"
    return f"[{'^' * token.negated}{ranges}]"


def _plain(char: str) -> Token:
    if char == "*":
        return STAR
    return One((("/", "/"),), True, char) if char == "?" else char


def _class(pattern: str, start: int) -> tuple[One, int]:
    """The class that opens at `start`, and where it has ended."""
    at = start + 1
    negated = pattern[at : at + 1] == "^"
    at += negated
    ranges: list[tuple[str, str]] = []
    while not ranges or pattern[at : at + 1] != "]":
        low, at = _member(pattern, at)
        high = low
        if pattern[at : at + 1] == "-":
            high, at = _member(pattern, at + 1)
        ranges.append((low, high))
    return One(tuple(ranges), negated, pattern[start : at + 1]), at + 1


def _member(pattern: str, at: int) -> tuple[str, int]:
    """One end of a range within a class."""
    if pattern[at : at + 1] in ("", "-", "]"):
        raise BadPattern(pattern)
    return _literal(pattern, at)


def _literal(pattern: str, at: int) -> tuple[str, int]:
    """The character at `at`, or the one that a backslash there escapes."""
    at += pattern[at] == "\\"
    if at >= len(pattern):
        raise BadPattern(pattern)
    return pattern[at], at + 1
