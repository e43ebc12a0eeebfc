"""Which texts are worked on at all: a template, a fragment, an unknown frontend are handed back as they came."""
from __future__ import annotations

import re

from rewriter.pattern import Pattern
from rewriter.record import dataclass
from rewriter.source.lines import LONGEST
from rewriter.source.model import Dockerfile, Instruction, Unreadable
from rewriter.source.reading import read
from rewriter.source.words import count
from rewriter.target import is_known

KEYWORDS = frozenset(
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR".split()
)
_MARKS = (("{{", "}}"), ("{%", "%}"), ("<%", "%>"))
_QUOTED = Pattern(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"")
_M4 = Pattern(
    r"^(?:m4_|dnl\b|changequote|divert\(|define\(|include\(|ifdef\(|ifelse\()", re.MULTILINE,
    cues=("m4_", "dnl", "changequote", "divert(", "define(", "include(", "ifdef(", "ifelse("),
)
_SHELL_TEXTS = frozenset({"RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"})  # where Go templates are often meant for a program
_LEAST = {"COPY": 2, "ADD": 2, "RUN": 0, "CMD": 0, "ENTRYPOINT": 0}  # words without which no builder takes it; one for all others
_DEEPEST = 1_000
_CHARACTERS = 1_000_000  # the longest of a hundred thousand real files has 380,522
_LINES = 100_000
_MOST = 2_000  # instructions
_LAYERS = 400  # of one stage; Docker stacks no more than 127


@dataclass(frozen=True)
class Declined:
    """Handed back unchanged. `error`: it can't be built by anyone; else it is only not for us. `line`: 0 for the whole."""

    reason: str
    line: int = 0
    error: bool = False


def admit(text: str) -> Dockerfile | Declined:
    """The Dockerfile that `text` is, or why it is handed back."""
    if "\0" in text:
        return Declined("it is binary, or not in UTF-8: it holds NUL bytes", text.count("\n", 0, text.index("\0")) + 1, error=True)
    if not text.strip("\ufeff \t\r\n"):
        return Declined("it is empty")
    if (at := _template_at(text)) >= 0:
        return Declined("it is a template", text.count("\n", 0, at) + 1)
    if text.count("\n") > _LINES:
        return Declined(f"it has more than {_LINES} lines")
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST or len(line) * 3 > LONGEST and len(line.encode("utf-8", "surrogateescape")) > LONGEST:
            return Declined("a line is longer than BuildKit reads", number)
        if line.count("(") > _DEEPEST and _depth(line) > _DEEPEST:
            return Declined("parentheses are nested too deeply", number)
    if len(text) > _CHARACTERS:
        return Declined(f"it has more than {_CHARACTERS} characters")
    dockerfile = read(text)
    if isinstance(dockerfile, Unreadable):
        return _unreadable(text, dockerfile)
    return _declined(dockerfile) or dockerfile


def _template_at(text: str) -> int:
    """Where a text shows that it is a template: a placeholder comes first, or a line is for m4; -1 where none does."""
    first = text.lstrip()
    if first.startswith(tuple(opens for opens, _ in _MARKS)) and _holds_placeholder(first.partition("\n")[0]):
        return len(text) - len(first)
    found = _M4.found(text)
    return found.start() if found else -1


def _unreadable(text: str, found: Unreadable) -> Declined:
    """A template's text is no Dockerfile yet, whatever is wrong with it."""
    if any(map(_holds_placeholder, _QUOTED.sub("", text).split("\n"))):
        return Declined("it is a template")
    return Declined(found.reason, found.line, error=True)


def _depth(line: str) -> int:
    depth = deepest = 0
    for char in line:
        depth += (char == "(") - (char == ")")
        deepest = max(deepest, depth)
    return deepest


def _declined(dockerfile: Dockerfile) -> Declined | None:
    syntax = dockerfile.directives.get("syntax")
    if syntax is not None and not is_known(syntax):
        return Declined(f"its frontend {syntax} is unknown", 1)
    if len(dockerfile.instructions) > _MOST:
        return Declined(f"it has more than {_MOST} instructions")
    if (start := _stacked(dockerfile)) is not None:
        return Declined(f"the stage has more than {_LAYERS} RUN, COPY and ADD", start.line)
    for each in dockerfile.instructions:
        if _template(each):
            return Declined("it is a template", each.line)
    if not dockerfile.instructions:
        return Declined("it has no instructions")
    for each in dockerfile.instructions:
        if each.keyword not in KEYWORDS:
            return Declined(f"the instruction {each.keyword[:40]} is unknown", each.line)
    first = next((each for each in dockerfile.instructions if each.keyword != "ARG"), None)
    if first is None or first.keyword != "FROM":
        return Declined("it is a fragment: no FROM comes first", dockerfile.instructions[0].line)
    for each in dockerfile.instructions:
        if not _enough(each):
            return Declined(f"{each.keyword} has too few arguments", each.line, error=True)
    return None


def _stacked(dockerfile: Dockerfile) -> Instruction | None:
    """The start of a stage with too many layers."""
    start, layers = None, 0
    for each in dockerfile.instructions:
        if each.keyword == "FROM":
            start, layers = each, 0
        layers += each.keyword in ("RUN", "COPY", "ADD")
        if layers > _LAYERS:
            return start or each
    return None


def _enough(instruction: Instruction) -> bool:
    """Whether as much follows the keyword and its flags as any builder asks for."""
    least = _LEAST.get(instruction.keyword, 1)
    return not least or (count(instruction.arguments) if instruction.json is None else len(instruction.json)) >= least


def _template(instruction: Instruction) -> bool:
    text = instruction.logical.text
    if "{{" not in text and "{%" not in text and "<%" not in text:
        return False
    return _holds_placeholder(_QUOTED.sub("''", text) if instruction.keyword in _SHELL_TEXTS else text)


def _holds_placeholder(line: str) -> bool:
    return any((at := line.find(opens)) >= 0 and line.find(ends, at + 2) >= 0 for opens, ends in _MARKS)
