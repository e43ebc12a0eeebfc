"""The one place that meets bashlex: which commands stand in a body, where, and under what circumstances.

Only bashlex's structure and positions are used; what a word means is for `words`. It is imported when it is
first needed, as it computes its tables at every import.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rewriter.shell.model import Assignment, Command, Place, Redirect, Segment
from rewriter.shell.words import read_word
from rewriter.text import Span

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
_REDIRECT = re.compile(r"([0-9]*)(&>>|&>|<<<|<<-|<<|<>|<&|>>|>&|>\||<|>)[ \t]*")

# One parse: the top level's segments, and all commands in order of their start.
Reading = tuple[tuple[Segment, ...], tuple[Command, ...]]


def read(text: str) -> Reading | None:
    """What bashlex makes of `text`; None where it fails, in any of the ways in which it is known to."""
    import bashlex

    try:
        trees = bashlex.parse(text)
    except (bashlex.errors.ParsingError, NotImplementedError, AttributeError, AssertionError, LookupError, TypeError, ValueError, RecursionError):
        return None
    try:
        walk = _Walk(text)
        walk.program(trees)
        return tuple(_segments(trees)), tuple(sorted(walk.found, key=lambda command: command.span))
    except (RecursionError, AttributeError):
        return None


def _lists(trees: list[Any]) -> list[list[tuple[Any, str]]]:
    """The and-or lists of one level, each as pipelines with the operators that follow them."""
    lists: list[list[tuple[Any, str]]] = [[]]
    for number, tree in enumerate(trees):
        parts = tree.parts if tree.kind == "list" else [tree]
        for at in range(0, len(parts), 2):
            operator = parts[at + 1].op if at + 1 < len(parts) else ";" if number + 1 < len(trees) else ""
            lists[-1].append((parts[at], ";" if operator == "\n" else operator))
            if operator not in ("&&", "||"):
                lists.append([])
    return [each for each in lists if each]


def _segments(trees: list[Any]) -> Iterator[Segment]:
    for chain in _lists(trees):
        for node, operator in chain:
            yield Segment(Span(*node.pos), operator, node.kind == "command")


class _Walk:
    """Gathers the simple commands of a tree.

    `place` is that of the node; `needed`: if a command in it is skipped since another failed, the body fails.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Command] = []

    def program(self, trees: list[Any]) -> None:
        self.level(trees, Place.PLAIN, needed=True)

    def level(self, trees: list[Any], place: Place, *, needed: bool) -> None:
        """The lists of one level."""
        lists = _lists(trees)
        for chain in lists:
            # Only where the last list is all `&&` does a command that it skips make the body fail.
            certain = needed and chain is lists[-1] and all(operator in ("&&", "", ";") for _, operator in chain)
            after = place | Place.BACKGROUND if chain[-1][1] == "&" else place
            for number, (node, _) in enumerate(chain):
                skipped = Place.CONDITIONAL if number and not certain else Place.PLAIN
                self.pipeline(node, after | skipped, needed=certain)

    def pipeline(self, node: Any, place: Place, *, needed: bool) -> None:
        if node.kind != "pipeline":
            self.command(node, place, needed=needed)
            return
        members = [part for part in node.parts if part.kind not in ("pipe", "reservedword")]
        if any(part.kind == "reservedword" for part in node.parts):
            place, needed = place | Place.NEGATED, False
        if len(members) > 1:
            place |= Place.PIPELINE
        for member in members:
            self.command(member, place, needed=needed and member is members[-1])

    def command(self, node: Any, place: Place, *, needed: bool) -> None:
        if node.kind == "command":
            self.simple(node, place)
        elif node.kind == "function":
            self.command(node.body, place | Place.FUNCTION | Place.CONDITIONAL, needed=False)
        elif node.kind == "compound":
            self.compound(node, place, needed=needed)
            for redirect in node.redirects:
                self.redirect(redirect, place)
        else:
            self.level([node], place, needed=needed)

    def compound(self, node: Any, place: Place, *, needed: bool) -> None:
        first = node.list[0]
        if first.kind == "reservedword":
            inner = place | Place.SUBSHELL if first.word == "(" else place
            self.level([part for part in node.list if part.kind != "reservedword"], inner, needed=needed)
            return
        # for: words, then the body. if, while, until: what follows the opening word is a condition.
        condition = repeated = Place.PLAIN
        for part in first.parts:
            if part.kind == "reservedword":
                condition = Place.NEGATED if part.word in ("if", "elif", "while", "until") else Place.PLAIN
                repeated = Place.PLAIN if part.word in ("if", "for", "in") else Place.CONDITIONAL
            elif part.kind == "word":
                self.substitutions(part, place)
            else:
                self.level([part], place | condition | repeated, needed=False)

    def simple(self, node: Any, place: Place) -> None:
        words, assignments, redirects = [], [], []
        for part in node.parts:
            span = Span(*part.pos)
            assigned = None if words else _ASSIGNMENT.match(span.of(self.text))
            if part.kind == "redirect":
                redirects.append(self.redirect(part, place))
                continue
            if assigned:
                value = read_word(self.text, Span(span.start + assigned.end(), span.end))
                assignments.append(Assignment(span, assigned[1], value))
            else:
                words.append(read_word(self.text, span))
            self.substitutions(part, place)
        self.found.append(Command(Span(*node.pos), tuple(words), tuple(assignments), tuple(redirects), place))

    def redirect(self, node: Any, place: Place) -> Redirect:
        span = Span(*node.pos)
        match = _REDIRECT.match(self.text, span.start, span.end)
        if match is None:
            raise AttributeError("a redirection that isn't where bashlex says")
        heredoc = match[2] in ("<<", "<<-")
        target = None if heredoc else read_word(self.text, Span(match.end(), span.end))
        if hasattr(node.output, "parts") and not heredoc:
            self.substitutions(node.output, place)
        return Redirect(span, match[2], int(match[1]) if match[1] else None, target)

    def substitutions(self, word: Any, place: Place) -> None:
        for part in word.parts:
            if part.kind in ("commandsubstitution", "processsubstitution"):
                self.level([part.command], place | Place.SUBSTITUTION, needed=False)
