""".dockerignore, read as Docker reads it: which paths of a build context a build never sees.

The rules are those of BuildKit's `ignorefile` and `patternmatcher` packages, their oddities among them: the last
pattern that fits decides, `**` takes any number of folders, `**x` takes any name that ends in x, a leading slash
means nothing, and a pattern that fits a folder fits all that is below.
"""
from __future__ import annotations

import posixpath
import re
from itertools import pairwise

from rewriter import glob
from rewriter.record import dataclass

LONGEST_LINE = 64 * 1024  # bytes, from which on Docker refuses the file
WILD = frozenset("*?[]\\")


@dataclass(frozen=True)
class Pattern:
    """One line. `exception`: it began with `!`. `lead`: its path as far as no wildcard comes, with a slash."""

    exception: bool
    lead: str
    names: re.Pattern[str]


@dataclass(frozen=True)
class Ignore:
    """The patterns of a file, in order."""

    patterns: tuple[Pattern, ...] = ()

    def look(self, path: str, above: tuple[bool, ...]) -> tuple[bool, tuple[bool, ...]]:
        """Whether `path` is left out, and which patterns fit it.

        `above` is the second result for the folder it is in, () at the top. A pattern that could not change
        the answer is not tried and counts as one that doesn't fit: what lies below is then asked anew.
        """
        left_out, fits = False, []
        for at, pattern in enumerate(self.patterns):
            fit = bool(above) and above[at]
            if not fit and pattern.exception == left_out:
                fit = pattern.names.fullmatch(path) is not None
            fits.append(fit)
            if fit:
                left_out = not pattern.exception
        return left_out, tuple(fits)

    def may_return(self, folder: str) -> bool:
        """Whether an exception could bring back something below a folder that is left out."""
        leads = [pattern.lead for pattern in self.patterns if pattern.exception]
        return any(lead.startswith(f"{folder}/") or f"{folder}/".startswith(lead) for lead in leads)


def read(text: str) -> Ignore:
    """The patterns of `text`. Raises glob.BadPattern where Docker refuses it, or where its meaning is unsure."""
    lines = text.removeprefix("\ufeff").split("\n")
    if any(len(line.encode("utf-8", "surrogateescape")) >= LONGEST_LINE for line in lines):
        raise glob.BadPattern("a line is too long")
    paths = (_from_root(line.strip()) for line in lines if line.strip() and not line.startswith("#"))
    return Ignore(tuple(_pattern(_clean(path.strip())) for path in paths))


def _from_root(line: str) -> str:
    """The line with its path cleaned and without its leading slash."""
    path = line.removeprefix("!").strip()
    path = _clean(path) if path else path
    return "!" * line.startswith("!") + (path.removeprefix("/") or path)


def _clean(path: str) -> str:
    """As Go's filepath.Clean does: no empty parts, no `.`, no `..` after a name, no slash at the end."""
    path = posixpath.normpath(path)
    return path[1:] if path.startswith("//") else path


def _pattern(text: str) -> Pattern:
    exception, path = text.startswith("!"), text.removeprefix("!")
    if not path:
        raise glob.BadPattern(text)
    parts = path.split("/")
    plain = next((at for at, part in enumerate(parts) if WILD & set(part)), len(parts))
    return Pattern(exception, "".join(f"{part}/" for part in parts[:plain]), re.compile(_expression(path)))


def _expression(path: str) -> str:
    """A pattern as a regular expression. Docker has short ways for simple ones, and they differ a little."""
    tokens = glob.tokens(path)
    if not WILD & set(path):
        return re.escape(path)
    if path.startswith("**") and not WILD & set(path[2:]) and path[2:3] != "/":
        return ".*" + re.escape(path[2:])
    if any(_unsure(token, path) for token in tokens):
        raise glob.BadPattern(path)
    found, run, at = "", 0, 0
    while at < len(tokens):
        if tokens[at : at + 2] != (glob.STAR, glob.STAR):
            at += 1
            continue
        found += _one_by_one(tokens[run:at])
        run = at = at + (3 if tokens[at + 2 : at + 3] == ("/",) else 2)
        more = "(?:.*/)?" if at < len(tokens) else ".*"
        found += more if not found.endswith(more) else ""  # the same again adds nothing but time
    return found + _one_by_one(tokens[run:])


def _one_by_one(tokens: tuple[glob.Token, ...]) -> str:
    """Tokens without `**`. Docker tries every place after a star, which matters where a class takes a slash."""
    slash = any(isinstance(token, glob.One) and token.takes("/") for token in tokens)
    return "".join(glob.expression((token,)) for token in tokens) if slash else glob.expression(tokens)


def _unsure(token: glob.Token, path: str) -> bool:
    """Whether Docker hands this to Go's regular expressions as it stands, and it means something else there."""
    if not isinstance(token, glob.One):
        return token in ("^", "|") or token == "{" and any(f"{{{digit}" in path for digit in "0123456789")
    special = token.text.startswith("[") and not set("*?[").isdisjoint(token.text[1:])
    escaped = (after for char, after in pairwise(token.text) if char == "\\")
    return special or any(low > high for low, high in token.ranges) or any(
        char.isalnum() or not char.isascii() for char in escaped
    )
