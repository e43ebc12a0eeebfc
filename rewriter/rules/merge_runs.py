"""Join RUNs that follow each other.

What it does
    Makes one RUN, so one layer, of RUNs with nothing but comments and blank lines between them.

Before
    FROM debian:bookworm-slim
    RUN apt-get update && apt-get install -y curl
    # no one needs the lists any more
    RUN rm -rf /var/lib/apt/lists/*

After
    FROM debian:bookworm-slim
    RUN apt-get update && apt-get install -y curl && \\
        # no one needs the lists any more
        rm -rf /var/lib/apt/lists/*

Why it is safe
    Each body does what it did in a RUN of its own. What it leaves in its shell (a folder, a variable, an option)
    can't be seen by the next, or it is put into a subshell, from the command on that leaves it: `( cd src && make ) &&`.
    `hash -r` has the shell look anew for a program that may have come to lie elsewhere. A failure of any part fails
    the whole. The forms and their conditions were tested on four shells (docs/how-it-works.md).

When it keeps still
    A body leaves a process running, a hard link, or an edited account, host name or shell. It can't be read. It is in
    exec form, and no RUN before it shows that there is a shell, or its program may tell what a shell adds to its
    variables. The second alone is a heredoc, or the lines of the second can't be those of a script, as the first is; or
    a command reads a heredoc, and more follows. They differ in user, folder, variables, network, or in a mount that the
    other could see; one has a tmpfs or a writable bind. A subshell would switch off a `set -e` that counts, and to look
    at how it ended saves no bytes (`--merge all` does so all the same). A RUN does nothing but `cd`, `export` or the
    like, which ends with it. The stage is only copied from, so its layers are not in the image (`--merge all`). A
    comment for a linter, or an instruction that is commented out, stands between.
"""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.merging import Group, groups
from rewriter.rule import Finding, Scene, Still
from rewriter.verbs import join


def find(scene: Scene) -> Iterator[Finding | Still]:
    for found in groups(scene, crossed=frozenset()):
        yield _finding(scene, found) if isinstance(found, Group) else found


def _finding(scene: Scene, group: Group) -> Finding:
    verb = join
    if group.runs[0].scripted:
        from rewriter.scripts import concatenate as verb  # few are
    return Finding(group.runs[0], group.told, verb(scene.graph.dockerfile, group.runs, group.plan), group.saved, joins=group.runs)
