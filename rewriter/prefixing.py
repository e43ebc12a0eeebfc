"""What is put before the body of a RUN, in the manner of the file's author: flags, and commands that run before its own."""
from __future__ import annotations

from rewriter.graph.copies import POINT
from rewriter.graph.model import script
from rewriter.shell.joining import Joint
from rewriter.shell.model import Opaque, Script
from rewriter.source.manner import manner
from rewriter.source.model import Dockerfile, Instruction
from rewriter.text import Edit, Span, insert
from rewriter.verbs import seam


def prefixed(dockerfile: Dockerfile, run: Instruction, flags: tuple[str, ...], commands: tuple[str, ...]) -> tuple[Edit, ...]:
    """Give a RUN more flags, and commands that run before its own, each failing the RUN if it fails."""
    style = manner(dockerfile, (run,))
    start, body = run.arguments.at(0), script(run)
    segments = body.segments if isinstance(body, Script) else ()
    listed = any(segment.operator == ";" for segment in segments[:-1])
    indent = listed and _continued(dockerfile, run) or style.margin
    fold = style.gap + style.escape + style.newline + indent
    strict = len(segments) > 1 and segments[0].operator == ";" and _switches_errexit_on(body)
    chained = bool(segments) and all(segment.operator == "&&" for segment in segments[:-1]) and not segments[-1].operator
    made = (strict or chained) and _made(body, commands, strict)
    behind, commands = strict + made, commands[made:]
    if strict:
        said = "".join(command + ";" + fold for command in commands)
    elif chained:
        said = "".join(command + seam(style, Joint.AND, []) for command in commands)
    else:
        said = " && ".join(commands) + " || exit 1;" + fold
    ours = [flag.span.start for flag in run.flags if f"target={POINT}" in flag.text]
    given = "".join(flag + " " * (not style.gap) + fold for flag in flags)
    at = run.arguments.at(segments[behind].span.start) if behind else start
    comment = _comment(run)
    if comment is None:
        return insert(min(ours, default=start), given), insert(at, said)
    if behind:
        return insert(comment, (indent + given).removesuffix(indent)), insert(at, said)
    lead = chained and style.lead or indent
    return insert(comment, (indent + given + said).removesuffix(lead)), insert(start, lead.lstrip())


def _comment(run: Instruction) -> int | None:
    """Where the comments start that are first in its body: they speak of what follows them."""
    flags = run.flags[-1].span.end if run.flags else run.span.start
    return next((comment.span.start for comment in run.comments if flags < comment.span.start < run.arguments.at(0)), None)


def _made(body: Script | Opaque, commands: tuple[str, ...], at: int) -> bool:
    """Whether what was put before a body, from the segment `at` on, begins with the folder with which these commands begin, too."""
    found = [segment.span.of(body.text) for segment in body.segments[at : at + 2]] if isinstance(body, Script) else []
    return len(found) == 2 and len(commands) > 1 and found[0] == commands[0] and POINT in found[1]


def _continued(dockerfile: Dockerfile, run: Instruction) -> str:
    """The white space with which the second line of its body starts; "" where there is none."""
    lines = Span(run.arguments.at(0), run.span.end).of(dockerfile.text).split("\n")[1:]
    return next((line[: len(line) - len(line.lstrip(" \t"))] for line in lines if line.strip() and not line.lstrip().startswith("#")), "")


def _switches_errexit_on(body: Script) -> bool:
    first = body.commands[0] if body.commands else None
    said = [word.value or "" for word in first.words] if first else []
    return said[:1] == ["set"] and len(said) == 2 and said[1].startswith("-e")
