"""Chains of simple commands, as most bodies are: read without bashlex, which takes its time and adds nothing here.

A text is read where words, blanks, redirections and `&&`, `||`, `;`, `&`, `|` are all that is left of it once what is
quoted or expands is masked, and no word of it is reserved: then it can be taken in one way only.
"""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.pattern import Pattern
from rewriter.record import dataclass
from rewriter.shell.compounds import RESERVED

_WORD = r"[^\s;&|<>()'\"\\`$]+"
_TOKEN = Pattern(
    rf"[ \t]*(?:(?P<redirect>[0-9]*(?:>>|>\||>&|<&|<>|>|<)(?![<>&|])[ \t]*{_WORD})"
    rf"|(?P<word>{_WORD})|(?P<pipe>\|(?![|&]))|(?P<operator>&&|\|\||;(?![;&])|&(?!>))|(?P<end>\Z))"
)


@dataclass(frozen=True)
class Node:
    """A part of a text, named and made up as bashlex does it."""

    kind: str
    pos: tuple[int, int]
    parts: tuple[Node, ...] = ()
    op: str = ""


def read(text: str, offset: int) -> list[Node] | None:
    """The trees of `text`, their positions moved by `offset`; None where it is not so plain."""
    parts: list[Node] = []
    members: list[Node] = []
    words: list[Node] = []
    for token in _tokens(text, offset):
        if token.kind in ("word", "redirect"):
            words.append(token)
            continue
        if not words:
            complete = token.kind == "end" and not members and parts and parts[-1].op in (";", "&")
            return [_whole("list", parts)] if complete else None
        members.append(_whole("command", words))
        words = []
        if token.kind == "pipe":
            members.append(token)
            continue
        parts.append(members[0] if len(members) == 1 else _whole("pipeline", members))
        members = []
        if token.kind == "end":
            return [_whole("list", parts)]
        parts.append(token)
    return None


def _tokens(text: str, offset: int) -> Iterator[Node]:
    """Its words, redirections and operators, and its end; less of them where something else comes."""
    at = 0
    while match := _TOKEN.match(text, at):
        kind = match.lastgroup or ""
        if kind == "word" and RESERVED.fullmatch(match[kind]):
            return
        yield Node(kind, (offset + match.start(kind), offset + match.end()), op=match[kind])
        at = match.end()
        if kind == "end":
            return


def _whole(kind: str, parts: list[Node]) -> Node:
    return Node(kind, (parts[0].pos[0], parts[-1].pos[1]), tuple(parts))
