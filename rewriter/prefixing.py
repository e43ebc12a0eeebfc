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
    if run.scripted:
        return _before_script(dockerfile, run, flags, commands)
    style = manner(dockerfile, (run,))
    start, body = run.body.at(0), script(run)
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
    given = "".join(flag + " " * (not style.gap) + fold for flag in flags)
    at = run.arguments.at(segments[behind].span.start) if behind else start
    comment = _comment(run)
    if comment is None:
        return insert(_ours(run, start), given), insert(at, said)
    if behind:
        return insert(comment, (indent + given).removesuffix(indent)), insert(at, said)
    lead = chained and style.lead or indent
    return insert(comment, (indent + given + said).removesuffix(lead)), insert(start, lead.lstrip())


def _before_script(dockerfile: Dockerfile, run: Instruction, flags: tuple[str, ...], commands: tuple[str, ...]) -> tuple[Edit, ...]:
    """The same for a heredoc: lines of their own, behind a first one that is `set -e` alone, if that is there."""
    style, text, body = manner(dockerfile, (run,)), run.body.text, script(run)
    first = text.partition("\n")[0]
    strict = isinstance(body, Script) and body.segments[0].span.of(text) == first.strip() and _switches_errexit_on(body)
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    ending = ("" if strict else " || exit 1") + style.newline
    lines = [indent + command + ending for command in commands]
    start, behind = run.arguments.at(0), len(first) + 1 if strict else 0
    made = len(lines) > 1 and text[behind:].startswith(lines[0]) and POINT in text[behind + len(lines[0]) :].partition("\n")[0]
    at = behind + len(lines[0]) * made
    tabs, there = Span(run.heredocs[0].body.start, run.body.at(0)).of(dockerfile.text), run.body.at(at)
    fold = style.gap + style.escape + style.newline + style.margin
    ours = _ours(run, start)
    given = "".join(flag + fold for flag in flags)
    given = given if ours < start else given.removesuffix(fold) + " " * bool(flags)
    return insert(ours, given), insert(dockerfile.text.rindex("\n", 0, there) + 1, "".join(tabs + line for line in lines[made:]))


def _ours(run: Instruction, start: int) -> int:
    """Where our own mounts begin in a RUN, if it has some; else its arguments' start."""
    return min((flag.span.start for flag in run.flags if f"target={POINT}" in flag.text), default=start)


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
    end = run.heredocs[0].body.start if run.heredocs else run.span.end
    lines = Span(run.arguments.at(0), end).of(dockerfile.text).split("\n")[1:]
    return next((line[: len(line) - len(line.lstrip(" \t"))] for line in lines if line.strip() and not line.lstrip().startswith("#")), "")


def _switches_errexit_on(body: Script) -> bool:
    first = body.commands[0] if body.commands else None
    said = [word.value or "" for word in first.words] if first else []
    return said[:1] == ["set"] and "".join(said[1:2]).startswith("-e") and (len(said) == 2 or said[1].endswith("o") and said[2:] == ["pipefail"])
