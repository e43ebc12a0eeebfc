"""ENV and LABEL pair by pair, in whichever form and with whichever quotes they are written."""
from __future__ import annotations

import re
from functools import cache

from rewriter.source.model import Instruction
from rewriter.source.words import GAP, quoted_words


def pairs(instruction: Instruction, escape: str) -> list[str]:
    """The pairs of ENV or LABEL as `name=value`, without quotes and escapes; a `$` that is meant as such keeps a backslash."""
    said = [word.text for word in quoted_words(instruction.arguments, escape)]
    if said and "=" not in said[0]:
        said = ["=".join(GAP.split(instruction.arguments.text, maxsplit=1))]
    return [_quoting(escape).sub(lambda match: _bare(match, escape), text) for text in said]


@cache
def _quoting(escape: str) -> re.Pattern[str]:
    escape = re.escape(escape)
    return re.compile(rf"'(?P<single>[^']*)'|\"(?P<double>(?:[^\"{escape}]|{escape}.)*)\"|{escape}(?P<one>.)", re.DOTALL)


def _bare(match: re.Match[str], escape: str) -> str:
    """What is quoted or escaped, without that."""
    if match["double"] is not None:
        return re.sub(rf"{re.escape(escape)}([\"{re.escape(escape)}])", r"\1", match["double"])
    return (match["single"] or match["one"] or "").replace("$", "\\$")
