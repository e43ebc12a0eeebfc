"""Wildcards as Go's filepath.Match reads them, which COPY sources and .dockerignore are written in.

Not the shell's: a leading dot needs no dot in the pattern, `[^…]` negates and `[!…]` does not. Matching takes
time in proportion to pattern and name, whatever the pattern.
"""
from __future__ import annotations

from dataclasses import dataclass

STAR, DEEP, ALL = "*", "**/", "**"  # no slash; whole folders, perhaps none; anything


@dataclass(frozen=True)
class One:
    """One character, of the ranges or not of them. `text`: as the pattern has it."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool
    text: str

    def takes(self, char: str) -> bool:
        return any(low <= char <= high for low, high in self.ranges) != self.negated


@dataclass(frozen=True)
class Many:
    """Any number of characters: STAR, DEEP or ALL."""

    kind: str


Token = str | One | Many  # a str is that character itself


class BadPattern(ValueError):
    """A pattern that Go refuses."""


def wild(path: str) -> bool:
    """Whether BuildKit takes a COPY source, or a part of one, for a pattern."""
    tokens = path.replace("\\\\", "")
    return any(char in "*?[" and tokens[at - 1 : at] != "\\" for at, char in enumerate(tokens))


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


def match(pattern: tuple[Token, ...], name: str) -> bool:
    """Whether the whole of `name` is what `pattern` says."""
    states = _arrive(pattern, 0)
    for char in name:
        after: set[int] = set()
        for at in states:
            if at < len(pattern):
                after |= _step(pattern, at, char)
        states = after
    return len(pattern) in states


def _step(pattern: tuple[Token, ...], at: int, char: str) -> set[int]:
    """Where in `pattern` one can be after the token at `at` has taken `char`."""
    token = pattern[at]
    if isinstance(token, One):
        return _arrive(pattern, at + 1) if token.takes(char) else set()
    if isinstance(token, str):
        return _arrive(pattern, at + 1) if token == char else set()
    if token.kind == DEEP:  # once inside a folder's name, only a slash leads out
        return {at} | _arrive(pattern, at + 1) if char == "/" else {at}
    return _arrive(pattern, at) if token.kind == ALL or char != "/" else set()


def _arrive(pattern: tuple[Token, ...], at: int) -> set[int]:
    """`at`, and what lies behind the tokens there that need no character."""
    states = {at}
    while at < len(pattern) and isinstance(pattern[at], Many):
        at += 1
        states.add(at)
    return states


def _plain(char: str) -> Token:
    if char == "*":
        return Many(STAR)
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
