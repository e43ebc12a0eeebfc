"""Comments by which an author keeps rules off: which instructions each rule must leave alone.

`# dfopt ignore=RULE,…;reason=…` in the comment lines right above an instruction (`ignore` alone: every rule),
`# dfopt global ignore=RULE,…` anywhere, `# dfopt off` … `# dfopt on`, and `# hadolint ignore=DL3059,…`, which
is how people already say: do not merge these.
"""
from __future__ import annotations

from rewriter.record import dataclass
from rewriter.source.model import Comment, Dockerfile, Instruction

_ALL = "*"
_MERGING = ("merge-runs", "merge-runs-across", "delete-where-created")
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
    if "dfopt" not in dockerfile.text and "hadolint" not in dockerfile.text:
        return Suppressions(frozenset(), {}, len(dockerfile.instructions))
    everywhere: set[str] = set()
    at: dict[int, frozenset[str]] = {}
    above: set[str] = set()
    off = False
    for piece in dockerfile.pieces:
        if isinstance(piece, Comment):
            said = piece.text.lstrip("#").split(None, 1)
            order = said[1].strip() if said[:1] == ["dfopt"] and len(said) > 1 else ""
            off = {"off": True, "on": False}.get(order.split(";")[0].strip(), off)
            if order.startswith("global "):
                everywhere |= _rules(order.removeprefix("global "))
            above |= _above(said)
            continue
        if isinstance(piece, Instruction) and (off or above):
            at[piece.index] = frozenset(above | ({_ALL} if off else set()))
        above = set()
    return Suppressions(frozenset(everywhere), at, len(dockerfile.instructions))


def _above(said: list[str]) -> set[str]:
    """The rules that a comment, of a first word and a rest, keeps off the instruction under it."""
    if len(said) < 2:
        return set()
    if said[0] == "dfopt":
        return _rules(said[1].strip())
    if said[0] == "hadolint":
        return {rule for code in _named(said[1]) for rule in _HADOLINT.get(code, ())}
    return set()


def _rules(text: str) -> set[str]:
    """The rules of `ignore=…`: all of them for `ignore` alone, none for anything else."""
    return {_ALL} if text.split(";")[0].strip() == "ignore" else _named(text)


def _named(text: str) -> set[str]:
    name, equals, value = text.split(";")[0].partition("=")
    return {each.strip() for each in value.split(",") if each.strip()} if equals and name.strip() == "ignore" else set()
