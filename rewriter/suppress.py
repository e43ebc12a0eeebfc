"""Comments by which an author keeps rules off: which instructions each rule must leave alone.

`# dfopt ignore=RULE,…;reason=…` in the comment lines right above an instruction (`ignore` alone: every rule),
`# dfopt global ignore=RULE,…` anywhere, `# dfopt off` … `# dfopt on`, and `# hadolint ignore=DL3059,…`, which
is how people already say: do not merge these.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rewriter.source.model import Comment, Dockerfile, Instruction, Piece

_ALL = "*"
_MERGING = ("merge-runs", "merge-runs-across")
_HADOLINT = {"DL3059": _MERGING}


@dataclass(frozen=True)
class Suppressions:
    """everywhere: rules that are off in the whole file. at: by index of an instruction, the rules to keep off it."""

    everywhere: frozenset[str]
    at: dict[int, frozenset[str]]
    count: int

    def ignored(self, rule: str) -> frozenset[int]:
        """The instructions that `rule` must leave alone."""
        if {rule, _ALL} & self.everywhere:
            return frozenset(range(self.count))
        return frozenset(index for index, rules in self.at.items() if {rule, _ALL} & rules)


def suppressions(dockerfile: Dockerfile) -> Suppressions:
    """What the comments of a file keep off what."""
    everywhere: set[str] = set()
    at: dict[int, frozenset[str]] = {}
    above: set[str] = set()
    off = False
    for comment, piece in _walk(dockerfile):
        if comment is not None:
            words = comment.text.lstrip("#").split(None, 1)
            if words[:1] == ["dfopt"]:
                rest = words[1].strip() if len(words) > 1 else ""
                off = {"off": True, "on": False}.get(rest.split(";")[0].strip(), off)
                if rest.startswith("global "):
                    everywhere |= _rules(rest.removeprefix("global "))
            above |= _above(words)
        if isinstance(piece, Instruction):
            marked = above | ({_ALL} if off else set())
            if marked:
                at[piece.index] = frozenset(marked)
        if not isinstance(piece, Comment):
            above = set()
    return Suppressions(frozenset(everywhere), at, len(dockerfile.instructions))


def _walk(dockerfile: Dockerfile) -> Iterator[tuple[Comment | None, Piece]]:
    for piece in dockerfile.pieces:
        if isinstance(piece, Comment):
            yield piece, piece
        else:
            yield None, piece


def _above(words: list[str]) -> set[str]:
    """The rules that a comment keeps off the instruction under it."""
    if len(words) < 2:
        return set()
    if words[0] == "dfopt":
        return _rules(words[1].strip())
    if words[0] == "hadolint":
        return {rule for code in _named(words[1]) for rule in _HADOLINT.get(code, ())}
    return set()


def _rules(text: str) -> set[str]:
    """The rules of `ignore=…`: all of them for `ignore` alone, none for anything else."""
    return {_ALL} if text.split(";")[0].strip() == "ignore" else _named(text)


def _named(text: str) -> set[str]:
    name, equals, value = text.split(";")[0].partition("=")
    return {each.strip() for each in value.split(",") if each.strip()} if equals and name.strip() == "ignore" else set()
