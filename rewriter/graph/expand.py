"""Variables in words: only what is plainly `$NAME` or `${NAME}`, and known, is expanded."""
from __future__ import annotations

import re
from collections.abc import Mapping

from rewriter.pattern import Pattern
from rewriter.shell.filling import REFERENCE

_NAMED = Pattern(r"\$\{?(\w+)", re.ASCII)
_QUOTING = Pattern(r"['\"\\`]")
_LONGEST = 65_536  # characters: one that doubles itself some forty times would fill the memory


def expand(word: str, values: Mapping[str, str | None]) -> str | None:
    """The word with its variables replaced; None where it has quotes, escapes, anything not known in `values`, or gets too long."""
    if _QUOTING.search(word):
        return None
    parts, at = [], 0
    for match in REFERENCE.finditer(word):
        value = values.get(match[1] or match[2])
        if value is None:
            return None
        parts += word[at : match.start()], value
        at = match.end()
    rest = word[at:]
    if sum(map(len, parts)) > _LONGEST:
        return None
    return None if "$" in "".join(parts[::2]) + rest else "".join(parts) + rest


def named(word: str) -> frozenset[str]:
    """The variables that a word without quotes and escapes refers to, in whichever form."""
    return frozenset(_NAMED.findall(word))


def plain(word: str) -> bool:
    """Whether each `$` in it begins a plain reference."""
    return "$" not in REFERENCE.sub("", word)


def bare(word: str) -> bool:
    """Whether there is nothing else in it to expand than plain references, and no quotes."""
    return plain(word) and not _QUOTING.search(word)
