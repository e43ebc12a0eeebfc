"""Text to `Dockerfile`, without loss and by BuildKit's rules (moby/buildkit, frontend/dockerfile/parser/parser.go)."""
from __future__ import annotations

from itertools import takewhile

from rewriter.source.commands import Command, command
from rewriter.source.directives import directives
from rewriter.source.lines import Joined, Line, Refused, joined, physical, stripped
from rewriter.source.model import Blank, Directive, Dockerfile, Heredoc, Instruction, Piece, Unreadable
from rewriter.text import Span


def read(text: str, before: Dockerfile | None = None) -> Dockerfile | Unreadable:
    """The Dockerfile that `text` is; `Unreadable` where BuildKit's parser refuses it.

    A text without any instruction is read, too: it has pieces all the same. One that BuildKit since 0.22 refuses, which
    takes `<< EOF` for a heredoc, is read as those before it do. before: one of which this is an edit, so that what it
    begins with need not be read again.
    """
    try:
        return _dockerfile(text, _kept(text, before) if before else ())
    except Refused as refused:
        unreadable = Unreadable(refused.line, refused.reason)
    try:
        return _dockerfile(text, older=True) if "<<" in text else unreadable
    except Refused:
        return unreadable


def _kept(text: str, before: Dockerfile) -> tuple[Piece, ...]:
    """The pieces of another Dockerfile that this text begins with, which are the same whatever follows them.

    Not so its last, which may end only with the text; nor directives, of which there may be more; nor what `<<` may make
    a heredoc, for which the whole text is tried.
    """
    if "<<" in text or not text.startswith(before.bom):
        return ()
    same = takewhile(lambda piece: text.startswith(piece.span.of(before.text), piece.span.start), before.pieces[:-1])
    kept = tuple(same)
    return kept if kept and not isinstance(kept[-1], Directive) else ()


def _dockerfile(text: str, kept: tuple[Piece, ...] = (), *, older: bool = False) -> Dockerfile:
    bom = "\ufeff" if text.startswith("\ufeff") else ""
    start = kept[-1].span.end if kept else len(bom)
    lines = physical(text, start)
    pieces: list[Piece] = list(kept or directives(lines))
    escape = next((piece.value for piece in pieces if isinstance(piece, Directive) and piece.name == "escape"), "\\")
    at = 0 if kept else len(pieces)
    count = sum(isinstance(piece, Instruction) for piece in kept)
    while at < len(lines):
        line = lines[at]
        if line.blank:
            pieces.append(Blank(line.span, line.number))
            at += 1
        elif comment := line.comment():
            pieces.append(comment)
            at += 1
        else:
            instruction, at = _instruction(text, lines, at, escape, count, older)
            pieces.append(instruction)
            count += 1
    return Dockerfile(text, bom, escape, tuple(pieces))


def _instruction(text: str, lines: list[Line], first: int, escape: str, index: int, older: bool) -> tuple[Instruction, int]:
    """The instruction that starts in the line with index `first`, and the index of the line after it."""
    line = joined(lines, first, escape)
    try:
        parsed = command(stripped(line.logical), escape)
        opens = parsed.opens_heredocs and "<<" in line.logical.text
        heredocs, after = _heredocs(text, lines, line, older) if opens else ((), line.after)
    except ValueError as error:
        raise Refused(lines[first].number, str(error)) from None

    def instruction(part: Command, index: int) -> Instruction:
        return Instruction(
            index=index,
            keyword=part.keyword,
            span=Span(lines[first].span.start, lines[after - 1].span.end),
            line=lines[first].number,
            end_line=lines[after - 1].number,
            logical=part.logical,
            flags=part.flags,
            arguments=part.arguments,
            json=part.json,
            heredocs=heredocs,
            comments=line.comments,
            trigger=instruction(part.trigger, -1) if part.trigger else None,
        )

    return instruction(parsed, index), after


def _heredocs(text: str, lines: list[Line], line: Joined, older: bool) -> tuple[tuple[Heredoc, ...], int]:
    """The heredocs that a joined line opens, and the index of the line after their bodies.

    Raises ValueError where one does not end, or can't be told.
    """
    from rewriter.source.heredocs import delimiters  # few files have any

    heredocs, at = [], line.after
    for delimiter in delimiters(line.logical.text):
        if older and delimiter.apart:
            continue
        first = at
        while at < len(lines) and not delimiter.ends(lines[at].text):
            at += 1
        if at == len(lines):
            raise ValueError(f"the heredoc {delimiter.name} does not end")
        end = lines[at].span
        body = Span(lines[first].span.start, end.start)
        heredocs.append(Heredoc(delimiter.name, delimiter.expand, delimiter.chomp, body.of(text), body, end))
        at += 1
    return tuple(heredocs), at
