"""The ways in which commands and instructions come to stand elsewhere: in another RUN, or in a stage of their own."""
from __future__ import annotations

from rewriter.graph.model import single
from rewriter.removing import cuts
from rewriter.shell.joining import Plan
from rewriter.shell.model import Command, Word
from rewriter.source.manner import manner
from rewriter.source.model import Dockerfile, Instruction
from rewriter.source.words import words
from rewriter.text import Edit, Span, delete, insert
from rewriter.verbs import above, below, extended, own_comments, tidied


def carried(dockerfile: Dockerfile, maker: Instruction, text: str, plan: Plan, run: Instruction, command: Command, operands: tuple[Word, ...]) -> tuple[Edit, ...]:
    """Put a command at the end of the RUN `maker`; take it, or these operands of it, out of another. () where that can't be done."""
    taken, comments = _taken(run, command, operands), []
    if single(run) and not operands and cuts(run, (command.span,)) is not None:
        own = (*own_comments(dockerfile, run), *below(dockerfile, run))
        comments = [comment.text for comment in (*own, *run.comments)]
        taken = (*(delete(piece.span) for piece in (*own, run)), *tidied(dockerfile, (*own, run), whole=True))
    return (*ended(dockerfile, maker, plan, text, comments), *taken) if taken else ()


def ended(dockerfile: Dockerfile, run: Instruction, plan: Plan, text: str, comments: list[str]) -> tuple[Edit, ...]:
    """Put a command, with comments above it, at the end of a RUN, whatever its form."""
    if run.scripted:
        from rewriter.scripts import lengthened  # few are

        return lengthened(dockerfile, run, plan, text, comments)
    return extended(dockerfile, run, plan, text, comments)


def _taken(run: Instruction, command: Command, operands: tuple[Word, ...]) -> tuple[Edit, ...]:
    """Without the command, or where operands are given, without those."""
    words = command.words
    if not operands:
        return tuple(map(delete, cuts(run, (command.span,)) or ()))
    gone = [run.body.span(words[words.index(word) - 1].span.end, word.span.end) for word in operands]
    return () if any(span.overlaps(comment.span) for span in gone for comment in run.comments) else tuple(map(delete, gone))


def handed(
    dockerfile: Dockerfile, start: Instruction, copies: tuple[Instruction, ...], run: Instruction, name: str, rest: tuple[str, tuple[str, ...]]
) -> tuple[Edit, ...]:
    """Move COPYs, with a RUN, to a stage of their own on the same base; where the RUN stood, run a command and copy folders from there."""
    style, moved = manner(dockerfile), [piece for each in (*copies, run) for piece in (*own_comments(dockerfile, each), each)]
    workdirs = [each for each in dockerfile.instructions[start.index + 1 : run.index] if each.keyword == "WORKDIR"]
    command, folders = rest
    keyword, to, does = ("copy", "as", "run") if style.lower else ("COPY", "AS", "RUN")
    image = start.arguments.span(0, len(start.arguments.text.split()[0])).of(dockerfile.text)
    head = Span(start.span.start, start.arguments.at(0)).of(dockerfile.text) + f"{image} {to} {name}{style.newline}"
    text = "".join([head, *(piece.span.of(dockerfile.text) for piece in (*workdirs, *moved)), style.newline])
    lines = f"{does} {command}{style.newline}" + "".join(f"{keyword} --from={name} {folder} {folder}{style.newline}" for folder in folders)
    return (
        stage_above(dockerfile, start, text),
        *(delete(piece.span) for piece in moved if piece is not run),
        Edit(run.span, lines),
        *tidied(dockerfile, tuple(piece for piece in moved if piece is not run and piece not in own_comments(dockerfile, run)), whole=True),
    )


def staged(dockerfile: Dockerfile, start: Instruction, copy: Instruction, name: str, target: str, lines: tuple[str, ...]) -> tuple[Edit, ...]:
    """Put before a stage one of its own for a COPY, with another target, below these lines."""
    style = manner(dockerfile)
    first, to = ("from", "as") if style.lower else ("FROM", "AS")
    keyword = copy.keyword.lower() if style.lower else copy.keyword
    flags = "".join(flag.span.of(dockerfile.text) + " " for flag in copy.flags)
    sources = copy.json[:-1] if copy.json else tuple(word.text for word in words(copy.arguments)[:-1])
    paths = _array([*sources, target]) if copy.json else " ".join([*sources, target])
    bodies = "".join(Span(each.body.start, each.terminator.end).of(dockerfile.text) for each in copy.heredocs)
    said = [f"{first} scratch {to} {name}", *lines, f"{keyword} {flags}{paths}", *([bodies] if bodies else ["", ""])]
    return (stage_above(dockerfile, start, style.newline.join(said) + style.newline * bool(bodies)),)


def stage_above(dockerfile: Dockerfile, start: Instruction, text: str) -> Edit:
    """Put the text of a stage before another, with a blank line above where there would be an ARG."""
    at = above(dockerfile, start)
    close = any(each.keyword == "ARG" and each.span.end == at for each in dockerfile.instructions)
    return insert(at, manner(dockerfile).newline * close + text)


def _array(words: list[str]) -> str:
    """The words in the form that JSON has for them."""
    from json import dumps  # its import takes time, which few files need

    return dumps(words)
