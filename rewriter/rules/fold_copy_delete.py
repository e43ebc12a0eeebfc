"""Bring a file that is copied, used and deleted into the RUNs that use it, so that no layer holds it.

What it does
    Takes out the COPY, mounts what it copied beside the RUN that deletes it, and copies it into place there. The
    author's own commands stay as they are, the delete among them. Where other RUNs use it before, each has it in the
    same way, and deletes it again; a delete that has nothing left to do goes to the last of them. Of several sources,
    those that are deleted are taken out. For a builder without mounts, a stage copies, uses and deletes, and hands on
    the folders that it makes, where those are all that it makes.

Before
    FROM debian:bookworm-slim
    COPY app.deb /tmp/
    RUN dpkg -i /tmp/app.deb && rm /tmp/app.deb

After
    FROM debian:bookworm-slim
    RUN --mount=type=bind,source=app.deb,target=/.dfopt-app.deb \\
        cp -p /.dfopt-app.deb /tmp/app.deb && \\
        dpkg -i /tmp/app.deb && rm /tmp/app.deb

Why it is safe
    `cp -p` (`-a` for what a stage made) of a mounted file gives the owner, mode and time that COPY gives, `mkdir -p` the
    folders that it makes, and every command finds the file where it was. The mount point lies in `/`, where every
    builder clears it away. Folders, patterns, owners, modes, heredocs, URLs, repositories and archives go through a stage
    of their own, in which the author's own COPY or ADD makes of them what it always makes, and fails where it would
    fail. So it does not matter what they are, nor whether the RUN really deletes them all: what it leaves is left as
    before. Each RUN that may meet the file has it; all of these but the last are known to leave it as it is.

When it keeps still
    Something between that is no RUN may use or change what is copied. A RUN changes it for a later one; where that is
    only not known, it takes `--level bold`. A RUN that uses it is in exec form or a script for a program of its own, can't be read, goes through
    `/`, has a mount over the path, or is of another user than root (save where the file is his, or he only reads it). A folder would have to be
    made for an owner. The base image sets a variable that is needed outside of the RUN. --parents is given, or --link,
    and that may change folders of the base. What a stage or an archive brings is moved or linked on, with attributes
    that not every `cp` keeps. Neither the text nor the build context tells whether a file, or a folder
    comes to a target without a slash, where the base may have a folder, in which a file would come to lie.
    Without mounts: the RUN does more than fill folders that its own `mkdir` proves to be new.
"""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.folding import folded, warning
from rewriter.graph.bodies import Form, form
from rewriter.graph.copies import OWN, POINT, any_copy_of
from rewriter.graph.uses import deleter, partial_uses, uses
from rewriter.rule import Finding, Scene, Still
from rewriter.shell.model import Opaque


def find(scene: Scene) -> Iterator[Finding | Still]:
    if scene.target.lacks("cache that sees mounted files change"):
        from rewriter.handing import handed_on  # which only few builders need

        yield from handed_on(scene)
        return
    graph, taken = scene.graph, _taken(scene.graph.dockerfile.text)
    for stage in scene.stages:
        others = any(each.keyword == "RUN" and form(each) == Form.EXEC for each in stage.instructions)
        for each in reversed(stage.instructions):  # so that several for one RUN come to stand in the author's order
            if each.keyword not in ("COPY", "ADD") or not scene.free(each):
                continue
            copy = any_copy_of(graph, each)
            if isinstance(copy, Opaque):
                if run := deleter(graph, stage, each):
                    yield Still(each, f"{copy.reason}, so that it can't be told what of it the RUN at line {graph.line(run)} deletes")
                continue
            found = uses(graph, stage, copy, scene.context) or partial_uses(graph, stage, copy, scene.context)
            if not found:
                if others and (run := deleter(graph, stage, each)) and form(run) == Form.EXEC:
                    yield Still(each, f"the RUN at line {graph.line(run)}, which deletes it, is {form(run)}: files are mounted for RUNs with a shell only")
                continue
            answer = Still(each, found + warning(copy)) if isinstance(found, str) else folded(scene, stage, found, taken)
            if isinstance(answer, Finding):
                taken |= _taken(answer.stage)  # no other may have its name
            yield answer


def _taken(text: str) -> frozenset[str]:
    """Names that mount points and stages of ours have in a text."""
    words = text.replace(",", " ").replace("=", " ").split() if OWN in text else ()
    return frozenset(word.removeprefix("/.").removeprefix(OWN) for word in words if word.startswith((OWN, POINT)))
