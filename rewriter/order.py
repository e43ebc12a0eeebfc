"""The rules, in the order in which they are applied, and why in that order.

First what takes most away, so that the rest has less to look at. Owners and modes go into their COPY before RUNs
are joined, so that a RUN of nothing else is gone, not joined; first the owner, since flags are written in that order.
They leave alone what is deleted in the end: a COPY without flags is folded more plainly. Deletes are brought to where
the files were made before RUNs are joined, since they then need no merge. Copies are folded after that: the RUN that
uses a copy is best joined to the one that deletes it before; once it has gone, RUNs that it parted can be joined, too.
What only tidies up comes last: by then, all that stood between has gone.
"""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.rule import Rule
from rewriter.rules.copy_with_mode import copy_with_mode
from rewriter.rules.copy_with_owner import copy_with_owner
from rewriter.rules.delete_where_created import delete_where_created
from rewriter.rules.drop_dead_copy import drop_dead_copy
from rewriter.rules.drop_mkdir import drop_mkdir
from rewriter.rules.drop_unused_stage import drop_unused_stage
from rewriter.rules.drop_workdir import drop_workdir
from rewriter.rules.fold_copy_delete import fold_copy_delete
from rewriter.rules.merge_copies import merge_copies
from rewriter.rules.merge_env import merge_env
from rewriter.rules.merge_labels import merge_labels
from rewriter.rules.merge_runs import merge_runs
from rewriter.rules.merge_runs_across import merge_runs_across

RULES: tuple[Rule, ...] = (
    drop_unused_stage,
    drop_dead_copy,
    copy_with_owner,
    copy_with_mode,
    delete_where_created,
    drop_mkdir,
    drop_workdir,
    merge_runs,
    merge_runs_across,
    fold_copy_delete,
    merge_copies,
    merge_env,
    merge_labels,
)


def passes(rules: tuple[Rule, ...]) -> Iterator[Rule]:
    """The rules in the order in which they are asked, some of them twice."""
    for rule in rules:
        yield rule
        if rule is fold_copy_delete:
            yield from (merge_runs, merge_runs_across)
