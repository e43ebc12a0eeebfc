"""What must hold of every result, whatever the rules did: asked of the texts alone."""
from __future__ import annotations

import re
from collections import Counter
from functools import cache

from rewriter.graph.build import build
from rewriter.source.model import Comment, Dockerfile, Instruction, Unreadable
from rewriter.source.reading import read
from rewriter.source.words import GAP, quoted_words

OWN_STAGES = "dfopt-"  # stages that rules add are named so
_BUILDING = frozenset({"RUN", "COPY", "ADD"})
_VARIABLE = re.compile(r"\$\{?(\w+)", re.ASCII)


def fault(before: Dockerfile, after: str) -> str:
    """Why the result must not be handed out; "" where nothing speaks against it."""
    result = read(after)
    if isinstance(result, Unreadable):
        return f"the result can't be read: {result.reason}"
    if lost := _comments(before) - _comments(result):
        return f"a comment got lost: {next(iter(lost))}"
    if settings(before) != settings(result):
        return "the settings of the image changed"
    return ""


def settings(dockerfile: Dockerfile) -> list[tuple[str, str, tuple[int, ...]]]:
    """Keyword and text of all that sets anything, in order, but for stages that rules have added, and those not used.

    ENV and LABEL count pair by pair, each with how often the variables in it were set before that instruction.
    """
    found: list[tuple[str, str, tuple[int, ...]]] = []
    own = False
    times: Counter[str] = Counter()
    graph = build(dockerfile, ())
    unused = {each.index for stage in graph.stages if stage.index not in graph.used for each in (stage.start, *stage.instructions)}
    for each in dockerfile.instructions:
        if each.keyword == "FROM":
            own = each.arguments.text.split(" ")[-1].startswith(OWN_STAGES)
            times = Counter()
        if own or each.index in unused or each.keyword in _BUILDING:
            continue
        pairs = _pairs(each, dockerfile.escape) if each.keyword in ("ENV", "LABEL") else [each.logical.text]
        found += [(each.keyword, pair, tuple(times[name] for name in _VARIABLE.findall(pair))) for pair in pairs]
        if each.keyword == "ENV":
            times.update(pair.partition("=")[0] for pair in pairs)
    return found


def _pairs(instruction: Instruction, escape: str) -> list[str]:
    """The pairs of ENV or LABEL as `name=value`, in whichever form they are written."""
    said = [word.text for word in quoted_words(instruction.arguments, escape)]
    if said and "=" not in said[0]:
        said = ["=".join(GAP.split(instruction.arguments.text, maxsplit=1))]
    return [_quoting(escape).sub(_bare, text) for text in said]


@cache
def _quoting(escape: str) -> re.Pattern[str]:
    escape = re.escape(escape)
    return re.compile(rf"'(?P<single>[^']*)'|\"(?P<double>(?:[^\"{escape}]|{escape}.)*)\"|{escape}(?P<one>.)", re.DOTALL)


def _bare(match: re.Match[str]) -> str:
    """What is quoted or escaped, without that; a `$` that is meant as such keeps a backslash."""
    if match["double"] is not None:
        return re.sub(r"[\\`]([\"\\`])", r"\1", match["double"])
    return (match["single"] or match["one"] or "").replace("$", "\\$")


def _comments(dockerfile: Dockerfile) -> Counter[str]:
    outside = [piece.text for piece in dockerfile.pieces if isinstance(piece, Comment)]
    inside = [comment.text for each in dockerfile.instructions for comment in each.comments]
    lines = [line for each in dockerfile.instructions for heredoc in each.heredocs for line in heredoc.content.splitlines()]
    return Counter(text.strip() for text in outside + inside + lines if text.strip().startswith("#"))
