"""Words of an instruction's arguments, by BuildKit's rules (moby/buildkit, frontend/dockerfile/parser/line_parsers.go)."""
from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from rewriter.pattern import Pattern
from rewriter.source.model import Logical

GAP = Pattern("[\t\v\f\r ]+")
_WORD = Pattern("[^\t\v\f\r ]+")


def words(logical: Logical) -> tuple[Logical, ...]:
    """The words of COPY, ADD, VOLUME, EXPOSE or FROM in their plain form: quotes and escapes mean nothing there."""
    return tuple(logical.slice(*match.span()) for match in _WORD.finditer(logical.text))


def count(logical: Logical) -> int:
    """How many of these words there are."""
    return len(_WORD.findall(logical.text))


def quoted_words(logical: Logical, escape: str) -> tuple[Logical, ...]:
    """The words of ENV, LABEL or ARG: split at white space outside of quotes, which stay in them, as escapes do."""
    return tuple(logical.slice(*span) for span in quoted_spans(logical.text, escape))


def quoted_spans(text: str, escape: str) -> Iterator[tuple[int, int]]:
    """The offsets where these words start and end in `text`."""
    for match in _quoted(escape).finditer(text):
        start, end = match.span()
        end -= bool(match["loose"])
        if end > start:
            yield start, end


@cache
def _quoted(escape: str) -> re.Pattern[str]:
    """A word; `loose` is an escape character at the very end of the text, outside of quotes or in double ones.

    To BuildKit the characters 1C to 1F are no white space.
    """
    escape = re.escape(escape)
    double = rf'"(?:[^"{escape}]|{escape}.)*"?'
    return re.compile(rf"(?:[^\s'\"{escape}]|[\x1c-\x1f]|{escape}.|{double}|'[^']*'?)*(?P<loose>{escape}\Z)?", re.DOTALL)
