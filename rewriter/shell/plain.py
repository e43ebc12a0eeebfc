"""Chains of simple commands and groups of them, as most bodies are: read without bashlex, which takes its time and adds nothing here.

A text is read where words, blanks, redirections, `&&`, `||`, `;`, `&`, `|`, `( )` and `{ }` are all that is left of it once
what is quoted or expands is masked, and no command begins with another reserved word: then it can be taken in one way only.
"""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.pattern import Pattern
from rewriter.record import dataclass
from rewriter.shell.compounds import RESERVED

_WORD = r"[^\s;&|<>()'\"\\`$]+"
_TOKEN = Pattern(
    rf"[ \t]*(?:(?P<redirect>[0-9]*(?:>[>&|]?|<[>&]?)(?![<>&|])[ \t]*{_WORD})"
    rf"|(?P<word>{_WORD})|(?P<pipe>\|(?![|&]))|(?P<operator>&&|\|\||;(?![;&])|&(?!>))|(?P<parenthesis>[()])|(?P<end>\Z))"
)


@dataclass(frozen=True)
class Node:
    """A part of a text, named and made up as bashlex does it. The parts of a compound are its `list`."""

    kind: str
    pos: tuple[int, int]
    parts: tuple[Node, ...] = ()
    op: str = ""
    redirects: tuple[Node, ...] = ()

    @property
    def list(self) -> tuple[Node, ...]:
        return self.parts

    @property
    def word(self) -> str:
        return self.op


class _Unread(Exception):
    """It is not so plain."""


class _Level:
    """The commands of the text, or of a group, which `opening` begins, as far as they are read.

    words: those of the command that is being read, or the group in its place, and redirections; members: what its pipeline
    has before it; parts: the list before that.
    """

    def __init__(self, opening: Node | None) -> None:
        self.opening = opening
        self.words: list[Node] = []
        self.members: list[Node] = []
        self.parts: list[Node] = []

    def ended(self) -> bool:
        """Whether a list that is not empty has come to its end with an operator."""
        return not self.words and not self.members and bool(self.parts) and self.parts[-1].op in (";", "&")

    def command(self) -> None:
        """The command is read to its end."""
        if not self.words:
            raise _Unread
        first, *rest = self.words
        if first.kind != "compound":
            first = _whole("command", self.words)
        elif rest:
            first = Node("compound", (first.pos[0], rest[-1].pos[1]), first.parts, redirects=tuple(rest))
        self.members.append(first)
        self.words = []

    def pipeline(self) -> None:
        """The pipeline is read to its end."""
        self.command()
        self.parts.append(self.members[0] if len(self.members) == 1 else _whole("pipeline", self.members))
        self.members = []

    def whole(self) -> Node:
        """The list, which has come to its end."""
        if not self.ended():
            self.pipeline()
        return _whole("list", self.parts)


def read(text: str, offset: int) -> list[Node] | None:
    """The trees of `text`, their positions moved by `offset`; None where it is not so plain."""
    try:
        return [_read(text, offset)]
    except _Unread:
        return None


def _read(text: str, offset: int) -> Node:
    level, outer = _Level(None), list[_Level]()
    for token in _tokens(text, offset):
        kind, said = token.kind, token.op
        if kind == "redirect":
            level.words.append(token)
        elif kind == "operator":
            level.pipeline()
            level.parts.append(token)
        elif kind == "pipe":
            level.command()
            level.members.append(token)
        elif kind == "end":
            break
        elif not level.words and said in ("(", "{"):
            outer.append(level)
            level = _Level(token)
        elif said == ")" or said == "}" and not level.words:
            group = _group(level, token)
            level = outer.pop()
            level.words.append(group)
        elif kind == "word" and _continues(level.words, said):
            level.words.append(token)
        else:
            raise _Unread
    if outer:
        raise _Unread
    return level.whole()


def _continues(words: list[Node], said: str) -> bool:
    """Whether a word is but one more of a command: something else comes first there, or it is not reserved."""
    if words and words[0].kind != "redirect":
        return words[0].kind == "word"
    return said not in RESERVED


def _group(level: _Level, closing: Node) -> Node:
    """The group that ends here."""
    opening = level.opening
    if opening is None or opening.op + closing.op not in ("()", "{}"):
        raise _Unread
    if closing.op == "}" and not level.ended():
        raise _Unread
    return _whole("compound", [_bracket(opening), level.whole(), _bracket(closing)])


def _bracket(token: Node) -> Node:
    return Node("reservedword", token.pos, op=token.op)


def _tokens(text: str, offset: int) -> Iterator[Node]:
    """Its words, redirections, parentheses and operators, and its end. Raises _Unread where something else comes."""
    at = 0
    while match := _TOKEN.match(text, at):
        kind = match.lastgroup or ""
        yield Node(kind, (offset + match.start(kind), offset + match.end()), op=match[kind])
        at = match.end()
    raise _Unread


def _whole(kind: str, parts: list[Node]) -> Node:
    return Node(kind, (parts[0].pos[0], parts[-1].pos[1]), tuple(parts))
