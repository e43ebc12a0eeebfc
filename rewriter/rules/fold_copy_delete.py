"""Bring a file that is copied, used and deleted into the RUN that uses it, so that no layer holds it.

What it does
    Takes out the COPY, mounts what it copied beside the RUN that deletes it, and copies it into place there. The
    author's own commands stay as they are, the delete among them. For a builder without mounts, a stage copies, uses and
    deletes, and hands on the folders that it makes, where those are all that it makes.

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
    `cp -p` (`-a` for what a stage made) of a mounted file gives the owner, mode and time that COPY gives, `mkdir -p` the folders that it makes,
    and every command finds the file where it was. The mount point lies in `/`, where every builder clears it away.
    Folders, patterns, owners, modes, URLs and archives go through a stage of their own, in which the author's own COPY
    or ADD makes of them what it always makes, and fails where it would fail. So it does not matter what they are, nor
    whether the RUN really deletes them all: what it leaves is left as before.

When it keeps still
    Something between the COPY and the RUN may read, write or list the path. The RUN does not run as root, can't be read,
    goes through `/`, or has a mount over the path. An owner is given by name, or a folder would have to be made for it.
    The base image sets a variable that is needed outside of the RUN. ADD fetches a repository.
    Without mounts: the RUN does more than fill folders that its own `mkdir` proves to be new.
"""
from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename

from rewriter.graph.copies import Copy, copy_of, size
from rewriter.graph.fates import Fate, fate
from rewriter.graph.model import Stage
from rewriter.graph.mounts import aside, covered, walker
from rewriter.handing import handed_on
from rewriter.rule import Finding, Scene, Still, rule
from rewriter.shell.model import Opaque
from rewriter.verbs import drop_for, prefixed, staged

_SECRETS = frozenset({".npmrc", ".netrc", ".pypirc", ".pgpass", ".git-credentials", ".dockercfg", ".env", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"})
_SECRET_KINDS = (".p12", ".pfx", ".jks")
_SECRET_WORDS = frozenset({"credential", "credentials", "secret", "secrets", "token", "tokens", "password", "passwords", "passwd"})


@rule()
def fold_copy_delete(scene: Scene) -> Iterator[Finding | Still]:
    if scene.target.lacks("cache that sees mounted files change"):
        yield from handed_on(scene)
        return
    graph, taken = scene.graph, _taken(scene.graph.dockerfile.text)
    for stage in scene.stages:
        for each in reversed(stage.instructions):  # so that several for one RUN come to stand in the author's order
            if each.keyword not in ("COPY", "ADD") or not scene.free(each):
                continue
            copy = copy_of(graph, each)
            if isinstance(copy, Opaque):
                continue
            found = fate(graph, stage, copy, scene.context)
            reason = found if isinstance(found, str) else _obstacle(scene, found)
            if reason or isinstance(found, str):
                if reason:
                    yield Still(each, reason + _warning(copy))
                continue
            answer = _finding(scene, found, taken)
            if isinstance(answer, Finding) and answer.edits[-1].text.lstrip().lower().startswith("from "):  # a stage: no other may have its name
                taken |= _taken(answer.edits[-1].text)
            yield answer


def _obstacle(scene: Scene, found: Fate) -> str:
    """What forbids the fold, whatever its form."""
    state = scene.graph.state(found.run)
    if not scene.free(found.run):
        return f"a comment keeps this rule off the RUN at line {scene.graph.line(found.run)}"
    if not state.root or state.shell is None:
        return f"the RUN at line {scene.graph.line(found.run)} does not run as root in a POSIX shell"
    if covered(found.run, tuple(landing.path for landing in found.landings)):
        return f"the RUN at line {scene.graph.line(found.run)} has a mount that may lie over it"
    if name := walker(found):
        return f"`{name}` in the RUN at line {scene.graph.line(found.run)} may go through `/`, and meet the mount"
    moved = any(found.found[at].command.name == "mv" for at in found.at)
    if moved and (found.copy.origin is not None or found.copy.unpacks):
        return f"the RUN at line {scene.graph.line(found.run)} moves it on, with attributes that `cp` may not keep"
    return ""


def _finding(scene: Scene, found: Fate, taken: frozenset[str]) -> Finding | Still:
    dockerfile, copy = scene.graph.dockerfile, found.copy
    stage = next(stage for stage in scene.graph.stages if found.run in stage.instructions)
    mount = aside(scene.graph, stage, found, scene.context, taken)
    if isinstance(mount, str):
        return Still(copy.instruction, mount + _warning(copy))
    edits = [*drop_for(dockerfile, copy.instruction, found.run), *prefixed(dockerfile, found.run, mount.flags, mount.commands)]
    if mount.stage:
        edits = [*edits, *staged(dockerfile, _first(scene, stage).start, copy.instruction, mount.stage, mount.target, mount.lines)]
    reason = f"the RUN at line {scene.graph.line(found.run)} deletes it: mounted for that RUN alone, it is in no layer" + _warning(copy)
    return Finding(copy.instruction, reason, tuple(edits), size(copy, scene.context))


def _first(scene: Scene, stage: Stage) -> Stage:
    """The stage, or the first of those that were put above it already: one more goes above them, in the author's order."""
    above = scene.graph.stages[stage.index - 1] if stage.index else None
    return _first(scene, above) if above and above.scratch and (above.name or "").startswith("dfopt-") else stage


def _warning(copy: Copy) -> str:
    """What to say of a file that looks like a secret: a layer keeps it, and a build context is no place for it."""
    secret = any(_secret(basename(source.rstrip("/")).lower()) for source in copy.sources)
    return "; if it is a secret, anyone who had the image could read it: change it, and use `RUN --mount=type=secret`" if secret and copy.origin is None else ""


def _secret(name: str) -> bool:
    """Whether a file of this name most likely holds one: by all of it, its end, its last word, or that before its extension."""
    ends = (each.replace("-", ".").replace("_", ".").rpartition(".")[2] for each in (name, name.rpartition(".")[0]))
    return name in _SECRETS or name.endswith(_SECRET_KINDS) or "key" in name.partition("private")[2] or any(end in _SECRET_WORDS for end in ends)


def _taken(text: str) -> frozenset[str]:
    """Names that mount points and stages of ours have in a text."""
    words = text.replace(",", " ").replace("=", " ").split()
    return frozenset(word.removeprefix("/.").removeprefix("dfopt-") for word in words if word.startswith(("/.dfopt-", "dfopt-")))

