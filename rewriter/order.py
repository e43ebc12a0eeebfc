"""The rules, in the order in which they are applied, and why in that order.

First what takes most away, so that the rest has less to look at. Owners and modes go into their COPY before RUNs
are joined, so that a RUN of nothing else is gone, not joined; first the owner, since flags are written in that order.
They leave alone what is deleted in the end: a COPY without flags is folded more plainly. Deletes are brought to where
the files were made before RUNs are joined, since they then need no merge. Copies are folded after that: the RUN that
uses a copy is best joined to the one that deletes it before; once it has gone, deletes can be brought across the place
where it stood, RUNs that it parted be joined, and another copy that these use or delete be folded.
What only tidies up comes last: by then, all that stood between has gone.
"""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.rule import Rule, rule

_COPY = "copy|add"

RULES: tuple[Rule, ...] = (
    rule("drop-unused-stage", "from", "from", level="bold"),
    rule("drop-dead-copy", _COPY, "run", tools=("mkdir", "rm")),
    rule("copy-with-owner", _COPY, "chown", tools=("chown",)),
    rule("copy-with-mode", _COPY, "chmod", tools=("chmod",)),
    rule("delete-where-created", "run", "run", tools=("rm",)),
    rule("drop-mkdir", "mkdir", "workdir", tools=("mkdir",)),
    rule("drop-workdir", "workdir"),
    rule("merge-runs", "run", "run"),
    rule("merge-runs-across", "run", "run"),
    rule("fold-copy-delete", _COPY, "run", tools=("cp", "mkdir", "rm")),
    rule("merge-copies", _COPY, _COPY),
    rule("merge-env", "env", "env"),
    rule("merge-labels", "label", "label"),
)
_FREEING = "fold-copy-delete"
_FREED = ("delete-where-created", "merge-runs", "merge-runs-across", _FREEING)
_TIMES = 3  # to ask of what has not changed costs nothing


def passes(rules: tuple[Rule, ...]) -> Iterator[Rule]:
    """The rules in the order in which they are asked, some of them several times."""
    for each in rules:
        yield each
        if each.name == _FREEING:
            yield from _TIMES * [other for other in rules if other.name in _FREED]
