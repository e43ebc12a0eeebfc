"""Let COPY give a file the owner that a later `chown` gives it.

What it does
    Takes the file out of the `chown`, and the RUN out where nothing else is left of it; the COPY gets `--chown`. With
    `--level bold`, a `chown -R` of the folder that it is copied into is left with the folder alone.

Before
    FROM debian:bookworm-slim
    RUN useradd --user-group app
    WORKDIR /etc/app
    COPY app.conf .
    RUN chown app:app app.conf

After
    FROM debian:bookworm-slim
    RUN useradd --user-group app
    WORKDIR /etc/app
    COPY --chown=app:app app.conf .

Why it is safe
    A changed owner is a second copy of the file in another layer, so this saves its size, and often a layer. The owner
    is translated: `chown 5` leaves the group, and so becomes `--chown=5:0`; `chown a.b` is an old form of `a:b`. Nothing
    between looks at the file. The folders that COPY makes would get the owner, too, so they are there before. A name that
    is not known is root to `COPY --chown`, where `chown` fails: it counts only if the file tells that it is known, or
    something else still fails.

When it keeps still
    Something between may use or replace the file, or make the user. Not all files of the COPY get one owner. The `chown`
    has a pattern, or a folder with more in it, is not run as root, or may not be run, or its failure may not count; there
    is a comment within the chain. The file is deleted in the end, or the RUN changes it in other ways, too, so that
    nothing would be saved. Only with `--level bold`: the name can only be the base image's, or the base may have a folder
    or a link at the file's place, or more in a folder.
"""
from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname

from rewriter.flagging import Candidate, candidates, finding
from rewriter.graph.absence import new_folder
from rewriter.graph.before import body_steps, overlaid
from rewriter.graph.brought import File
from rewriter.graph.landings import Landing
from rewriter.graph.presence import stands
from rewriter.rule import Finding, Scene, Still
from rewriter.shell.tools.owners import combined, dotted, names

_ROOT = frozenset({"root:root", "0:0", "root:0", "0:root", "root"})  # the last: root and his login group
_SET_ID = 0o6000


def find(scene: Scene) -> Iterator[Finding | Still]:
    for found in candidates(scene, "chown"):
        yield found if isinstance(found, Still) else _finding(scene, found)


def _finding(scene: Scene, found: Candidate) -> Finding | Still:
    copy, files, graph = found.brought.copy, found.brought.files, scene.graph
    if lacking := scene.target.lacks("COPY --chown"):
        return Still(found.at, lacking)
    before = copy.owner or (None if copy.origin else "0:0")
    owners = {combined(hit.said, before) for hit in found.hits}
    if len(owners) > 1 or len(found.changed) < len(files):
        return Still(found.at, "it copies other files, too, which don't get the same owner")
    owner = owners.pop()
    if owner is None or any(dotted(hit.said) and _account(scene, found, hit.said) for hit in found.hits):
        return Still(found.at, "no --chown has the same meaning as its `chown`")
    if any((file.mode or 0) & _SET_ID for file in files):
        return Still(found.at, "`chown` takes the set-id bit off, and --chown does not")
    plain = owner in _ROOT and before == "0:0"
    folder = found.hits[-1].folder
    if folder and not stands(graph, found.stage, found.at, folder) and not stands(graph, found.stage, found.at, dirname(folder)):
        return Still(found.at, f"it may have to make {dirname(folder)}, which would get the owner, too: make that before")
    if not folder and (path := _overlaid(scene, found)):
        return Still(found.at, f"something before may have put more than plain files at {path}")
    for file in files if not (plain or folder) else ():
        if not stands(graph, found.stage, found.at, dirname(file.path)):
            return Still(found.at, f"it may have to make {dirname(file.path)}, which would get the owner, too: make that before")
        if file.tree and stands(graph, found.stage, found.at, file.path):
            return Still(found.at, f"{file.path} is there already: `chown -R` takes along what is in it, --chown leaves it")
    maker, unproved = ("", "") if plain else _names(scene, found, owner)
    if maker:
        return Still(found.at, f"{maker} may make or change {owner}, which the COPY would not know")
    if any(hit.call.has("-H", "-L") for hit in found.hits):
        return Still(found.at, "its `chown` follows links")
    taken = (*found.brought.folders, *dict.fromkeys(doubt for file in files for doubt in _doubts(scene, found, file)))
    if plain:
        return finding(scene, found, (), f"gives it to {owner}, whose it is already", taken)
    return finding(scene, found, (("chown", owner),), f"gives it to {owner}", (*taken, *([unproved] if unproved else [])))


def _names(scene: Scene, found: Candidate, owner: str) -> tuple[str, str]:
    """What may make the user or the group only after the COPY, or make it another; and what is taken for granted of them."""
    from rewriter.graph.names import checked, known, may_come, named  # most of what is given to someone can't have a flag

    graph, (user, group), stage = scene.graph, names(owner), found.stage
    sure = known(graph, stage, found.at, user, group)
    last = found.hits[-1]
    later = stage.after(found.at)
    between, after = later[: later.index(last.run)], later[later.index(last.run) :]
    before = tuple(step for step in body_steps(graph, last.run) if step.command.span.start < last.command.span.start)
    if not named(user, group):
        return "", ""
    if maker := may_come(graph, between, before, sure):
        return maker, ""
    gone = [hit.command for hit in found.hits if hit.whole]
    left = [(run, tuple(step for step in body_steps(graph, run) if step.command not in gone)) for run in after if run.keyword == "RUN"]
    left = [(run, rest) for run, rest in left if run not in found.vanishing]
    return "", "" if sure or checked(graph, left, user, group) else f"the base image knows {owner}"


def _overlaid(scene: Scene, found: Candidate) -> str:
    """The path of a folder, or of what `chown` is to treat unlike a link, where the text may have put something before; "" for none."""
    for hit in found.hits:
        for _, file in hit.words:
            wide = file.tree or hit.call.has("-R", "-h", "--recursive", "--no-dereference")
            if wide and overlaid(scene.graph, found.stage, found.at, file.path, scene.context):
                return file.path
    return ""


def _account(scene: Scene, found: Candidate, said: str) -> bool:
    """Whether the text makes a user of this name, which has a dot in it."""
    from rewriter.graph.names import known  # few owners have one

    return known(scene.graph, found.stage, found.at, said, "")


def _doubts(scene: Scene, found: Candidate, file: File) -> Iterator[str]:
    """What is taken for granted of one file."""
    if folder := found.hits[-1].folder:
        yield f"nothing else is in {folder}"
        return
    if found.brought.copy.origin is not None:
        yield f"{file.path} has no set-id bit, which `chown` would take off"
    if file.tree and not new_folder(scene.graph, found.stage, found.at, Landing("", file.path, True, True, True), scene.context):
        yield f"no folder is at {file.path} before"
    if not file.tree and any(hit.call.has("-R", "-h", "--recursive", "--no-dereference") for hit in found.hits):
        yield f"no link is at {file.path} before"
