"""Variables in instruction words: only what is plainly `$NAME` or `${NAME}`, and known, is expanded."""
from __future__ import annotations

import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"\$(?:(?P<bare>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)\})", re.ASCII)
_NAMED = re.compile(r"\$\{?(\w+)", re.ASCII)
_QUOTING = re.compile(r"['\"\\`]")


def expand(word: str, values: Mapping[str, str | None]) -> str | None:
    """The word with its variables replaced; None where it has quotes, escapes, or anything not known in `values`."""
    if _QUOTING.search(word):
        return None
    parts, at = [], 0
    for match in _REFERENCE.finditer(word):
        value = values.get(match["bare"] or match["braced"])
        if value is None:
            return None
        parts += word[at : match.start()], value
        at = match.end()
    rest = word[at:]
    return None if "$" in "".join(parts[::2]) + rest else "".join(parts) + rest


def named(word: str) -> frozenset[str]:
    """The variables that a word without quotes and escapes refers to, in whichever form."""
    return frozenset(_NAMED.findall(word))
