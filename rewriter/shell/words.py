"""From the source of a shell word to what the shell makes of it, by POSIX's quoting rules.

What only bash would do (`{a,b}`, `$'…'`) makes a value unknown too: which shell runs the word is not asked here.
"""
from __future__ import annotations

from rewriter.pattern import Pattern
from rewriter.shell.model import Word
from rewriter.text import Span

# To every shell these stand for themselves, wherever in a word.
PLAIN = Pattern(r"[A-Za-z0-9_./:=@%+,-]+")
_EXPANDS = Pattern(r"\$[A-Za-z0-9_({@*#?$!\[-]")
BARE = Pattern(r"[^ \t\n;&|<>()'\"\\`$]+")
_PLAIN_IN_DOUBLE = Pattern(r'[^"\\`$]+')
_ENDS = frozenset(" \t\n;&|<>()")
_IN_DOUBLE = frozenset('$`"\\')
# Stands for a quoted character where only unquoted ones have a meaning.
_QUOTED = "\0"


def read_word(text: str, span: Span) -> Word:
    """The word that `span` covers in `text`."""
    raw = span.of(text)
    value, glob = _read(raw)
    return Word(span, raw, value, glob)


def literal(raw: str) -> str | None:
    """The value of the word `raw`, None where the shell would expand, substitute or split it."""
    return _read(raw)[0]


def _read(raw: str) -> tuple[str | None, bool]:
    if PLAIN.fullmatch(raw):
        return raw, False
    pieces = _pieces(raw)
    if pieces is None:
        # What an expansion gives isn't looked at: a wildcard anywhere in the source counts.
        return None, any(char in raw for char in "*?[")
    value = "".join(text for text, _ in pieces)
    bare = "".join(_QUOTED * len(text) if quoted else text for text, quoted in pieces)
    glob = _globs(bare)
    if _tilde(bare) or _braces(bare) or glob and _quoted_wildcard(value, bare):
        return None, glob
    return value, glob


def _pieces(raw: str) -> list[tuple[str, bool]] | None:
    """The word's literal parts, each with whether it is quoted; None where `raw` isn't one literal word."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    while at < len(raw):
        char = raw[at]
        if bare := BARE.match(raw, at):
            end, piece = bare.end() - 1, bare.group()
        elif char == "'":
            end = raw.find("'", at + 1)
            piece = raw[at + 1 : end] if end >= 0 else None
        elif char == '"':
            end, piece = _double(raw, at + 1)
        elif char == "\\":
            end = at + 1
            piece = None if end == len(raw) else "" if raw[end] == "\n" else raw[end]
        else:
            end, piece = at, None if char in _ENDS or char in "`$" and _special(raw, at) else char
        if piece is None:
            return None
        pieces.append((piece, char in "'\"\\"))
        at = end + 1
    return pieces


def _double(raw: str, at: int) -> tuple[int, str | None]:
    """Where the double quotes end that were opened before `at`, and what they hold; None if not literal."""
    parts = []
    while at < len(raw) and raw[at] != '"':
        if plain := _PLAIN_IN_DOUBLE.match(raw, at):
            parts.append(plain.group())
            at = plain.end()
            continue
        if raw[at] == "`" or raw[at] == "$" and _EXPANDS.match(raw, at):
            return at, None
        if raw[at] == "\\" and raw[at + 1 : at + 2] == "\n":
            at += 1
        elif raw[at] == "\\" and raw[at + 1 : at + 2] in _IN_DOUBLE:
            at += 1
            parts.append(raw[at])
        else:
            parts.append(raw[at])
        at += 1
    return at, "".join(parts) if at < len(raw) else None


def _special(raw: str, at: int) -> bool:
    return raw[at] == "`" or raw[at + 1 : at + 2] in ("'", '"') or _EXPANDS.match(raw, at) is not None


def _globs(bare: str) -> bool:
    """Whether an unquoted wildcard stands in it: a `[` that no `]` closes, as in the command `[`, is none."""
    return "*" in bare or "?" in bare or 0 <= bare.find("[") < bare.rfind("]")


def _tilde(bare: str) -> bool:
    """`~` counts at the start, and in bash after `=` and `:` too."""
    return any(char == "~" and (at == 0 or bare[at - 1] in "=:") for at, char in enumerate(bare))


def _braces(bare: str) -> bool:
    """Whether bash would expand braces: `{a,b}` or `{1..3}`, not `{}` or `{a}`."""
    within = bare[bare.find("{") + 1 : bare.rfind("}")] if "{" in bare and "}" in bare else ""
    return "," in within or ".." in within


def _quoted_wildcard(value: str, bare: str) -> bool:
    """Whether a pattern holds a quoted character that the value alone would pass off as a wildcard."""
    return any(mark == _QUOTED and char in "*?[]\\!^-" for char, mark in zip(value, bare))
