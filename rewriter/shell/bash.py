"""The one place that meets bashlex: which commands stand in a body, where, and under what circumstances.

bashlex is shown one level at a time, the body's own and then each substitution's, with everything masked that
is quoted or expands, and with comments and heredocs blanked: only names and operators are left, as what it
misreads is nearly all in the rest. Its structure and positions are used; what a word means is for `words`. What
is but simple commands, in chains and groups, is read by `plain`, to the same nodes.
"""
from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from rewriter.budget import spend
from rewriter.pattern import Pattern
from rewriter.shell import plain
from rewriter.shell.model import Assignment, Command, Place, Redirect, Segment
from rewriter.shell.scanner import REDIRECT, Notes
from rewriter.shell.words import read_word
from rewriter.text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ASSIGNMENT = Pattern(r"([A-Za-z_][A-Za-z0-9_]*)=")
_LONGEST_NUMBER = 9  # of a file's descriptor, in digits

# The top level's segments, and all commands in order of their start.
Reading = tuple[tuple[Segment, ...], tuple[Command, ...]]


class _Misread(Exception):
    """bashlex fails, or says what can't be."""


def read(text: str, notes: Notes) -> Reading | None:
    """What bashlex makes of `text`, in which our own reader met `notes`; None where it fails."""
    walk = _Walk(text, notes)
    try:
        trees = walk.program(Span(0, len(text)), Place.PLAIN, needed=True)
    except (_Misread, RecursionError):
        return None
    return tuple(_segments(trees)), tuple(sorted(walk.found, key=lambda command: command.span))


def _parse(text: str, offset: int) -> list[Any]:
    """The trees of `text`, their positions moved by `offset`."""
    from rewriter.shell.grammar import bashlex  # most texts are plain

    package = bashlex()
    spend(2 * len(text))
    try:
        trees = package.parse(text)
        for tree in trees:
            package.ast.posshifter(offset).visit(tree)
        return trees
    except (
        package.errors.ParsingError,
        NotImplementedError,
        AssertionError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        raise _Misread from error


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
    """Gathers the simple commands of a text.

    `place` is that of the node; `needed`: if a command in it is skipped since another failed, the body fails.
    """

    def __init__(self, text: str, notes: Notes) -> None:
        self.text = text
        self.masks = sorted(notes.masks, key=lambda mask: (mask[0], -mask[1]))
        self.inner = sorted(notes.substitutions)
        self.blocks = notes.blocks
        self.found: list[Command] = []

    def program(self, span: Span, place: int, *, needed: bool) -> list[Any]:
        """The text's own level, or what stands in a substitution."""
        parts, at = [], span.start
        for start, end, filler in _outermost(self.masks, span):
            parts += self.text[at:start], filler * (end - start)
            at = end
        flat = "".join(parts) + self.text[at : span.end]
        spend(len(flat) // 2)
        trees = plain.read(flat, span.start) or _parse(flat, span.start) if flat.strip(" \t\n") else []
        self.level(trees, place, needed=needed)
        return trees

    def level(self, trees: list[Any], place: int, *, needed: bool) -> None:
        """The lists of one level."""
        lists = _lists(trees)
        for chain in lists:
            # Only where the last list is all `&&` does a command that it skips make the body fail.
            certain = needed and chain is lists[-1] and all(operator in ("&&", "", ";") for _, operator in chain)
            after = place | Place.BACKGROUND if chain[-1][1] == "&" else place
            for number, (node, _) in enumerate(chain):
                skipped = Place.CONDITIONAL if number and not certain else Place.PLAIN
                self.pipeline(node, after | skipped, needed=certain)

    def pipeline(self, node: Any, place: int, *, needed: bool) -> None:
        """One pipeline, or the command that it is."""
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

    def command(self, node: Any, place: int, *, needed: bool) -> None:
        """A simple command, a compound one, or a function."""
        if node.kind == "command":
            self.simple(node, place)
        elif node.kind == "function":
            self.command(node.body, place | Place.FUNCTION | Place.CONDITIONAL, needed=False)
        elif node.kind == "compound":
            self.compound(node, place, needed=needed)
            self.redirects(node.redirects, place)
        else:
            self.level([node], place, needed=needed)

    def compound(self, node: Any, place: int, *, needed: bool) -> None:
        """Braces, a subshell, `if`, a loop, or what `block` is for."""
        first = node.list[0]
        if node.pos[0] in self.blocks:
            self.block(Span(first.pos[0], node.list[-1].pos[1]), place)
        elif first.kind == "reservedword":
            inner = place | Place.SUBSHELL if first.word == "(" else place
            self.level([part for part in node.list if part.kind != "reservedword"], inner, needed=needed)
        else:
            self.chain(first, place)

    def chain(self, node: Any, place: int) -> None:
        """`if`, `while`, `until`, or `for`."""
        # for: words, then the body. if, while, until: what follows the opening word is a condition.
        condition = repeated = Place.PLAIN
        for part in node.parts:
            if part.kind == "reservedword":
                condition = Place.NEGATED if part.word in ("if", "elif", "while", "until") else Place.PLAIN
                repeated = Place.PLAIN if part.word in ("if", "for", "in") else Place.CONDITIONAL
            elif part.kind == "word":
                self.substitutions(Span(*part.pos), place)
            else:
                self.level([part], place | condition | repeated, needed=False)

    def block(self, span: Span, place: int) -> None:
        """A compound command that bashlex is not shown."""
        at = span.start
        for start, end, inner in self.blocks[span.start]:
            self.substitutions(Span(at, start), place)
            self.program(Span(start, end), place | inner, needed=False)
            at = end
        self.substitutions(Span(at, span.end), place)

    def redirects(self, nodes: list[Any], place: int) -> None:
        """Those of a compound command, as a command of their own."""
        if nodes:
            found = tuple(self.redirect(node, place) for node in nodes)
            self.found.append(Command(Span(found[0].span.start, found[-1].span.end), (), (), found, place))

    def simple(self, node: Any, place: int) -> None:
        """A command of words, assignments and redirections."""
        words, assignments, redirects = [], [], []
        for part in node.parts:
            span = Span(*part.pos)
            assigned = not words and "=" in span.of(self.text) and _ASSIGNMENT.match(span.of(self.text))
            if part.kind == "redirect":
                redirects.append(self.redirect(part, place))
                continue
            if assigned:
                value = read_word(self.text, Span(span.start + assigned.end(), span.end))
                assignments.append(Assignment(span, assigned[1], value))
            else:
                words.append(read_word(self.text, span))
            self.substitutions(span, place)
        self.found.append(Command(Span(*node.pos), tuple(words), tuple(assignments), tuple(redirects), place))

    def redirect(self, node: Any, place: int) -> Redirect:
        """One redirection."""
        span = Span(*node.pos)
        match = REDIRECT.match(self.text, span.start, span.end)
        if match is None or len(match[1]) > _LONGEST_NUMBER:
            raise _Misread
        self.substitutions(span, place)
        target = None if match[2] in ("<<", "<<-") else read_word(self.text, Span(match.end(), span.end))
        return Redirect(span, match[2], int(match[1]) if match[1] else None, target)

    def substitutions(self, span: Span, place: int) -> None:
        """The commands in the substitutions that stand in `span`."""
        for start, end, opening in _outermost(self.inner, span) if self.inner else ():
            self.program(Span(start + opening, end - 1), place | Place.SUBSTITUTION, needed=False)


def _outermost(ranges: list[Any], span: Span) -> Iterator[Any]:
    """Of sorted ranges, those in `span` that no other one in it holds."""
    at = span.start
    for number in range(bisect_left(ranges, (span.start,)), len(ranges)):
        start, end, _ = ranges[number]
        if start >= span.end:
            return
        if start >= at and end <= span.end:
            yield ranges[number]
            at = end
