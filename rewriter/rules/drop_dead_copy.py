"""Take out a COPY whose files are deleted before anything can read them.

What it does
    Drops the COPY, and the `rm` too where nothing can have been at the path before; else the `rm` becomes `rm -f`.
    Folders that the COPY would have made are still made.

Before
    FROM debian:bookworm-slim
    RUN mkdir /data
    COPY data.csv /data/low.csv
    RUN rm /data/low.csv

After
    FROM debian:bookworm-slim
    RUN mkdir /data

Why it is safe
    Nothing between the COPY and the `rm` looks at the path, so nothing can tell that the file was never there. A
    `mkdir` without -p proves that its folder was new, and so empty but for what came later.

When it keeps still
    Something may read, list or change the path in between; the `rm` names other paths, too; the build context lacks the
    source; the COPY is from a stage, which would no longer be built. Below /usr, /etc and the like a link of the base
    could lead what is copied elsewhere. Only with `--level bold`: an ADD fetches it, and fails if it can't.
"""
from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname

from rewriter.graph.absence import new_folder, untouched
from rewriter.graph.before import barred, renews, resets_umask
from rewriter.graph.copies import archived, copy_of, kind, missing, size
from rewriter.graph.fates import Fate, fate
from rewriter.graph.model import Graph, Stage, script
from rewriter.graph.mounts import clears
from rewriter.graph.volumes import in_volume
from rewriter.options import LEVELS
from rewriter.prefixing import prefixed
from rewriter.rule import Finding, Scene, Still
from rewriter.shell.argv import quoted
from rewriter.shell.certainty import reached
from rewriter.shell.effects import Step, keeps_off
from rewriter.shell.joining import asks_before
from rewriter.shell.model import Opaque, Place, Script, Word
from rewriter.shell.paths import within
from rewriter.shell.tools.removal import forced, takes_folders
from rewriter.text import Edit, insert
from rewriter.removing import without
from rewriter.verbs import drop_for

_SYSTEM = ("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr", "/var")


def find(scene: Scene) -> Iterator[Finding | Still]:
    graph = scene.graph
    for stage in scene.stages:
        for each in stage.instructions:
            if each.keyword not in ("COPY", "ADD") or not scene.free(each):
                continue
            copy = copy_of(graph, each)
            found = "" if isinstance(copy, Opaque) else fate(graph, stage, copy, scene.context)
            if isinstance(found, Fate) and _dead(found) and scene.free(found.run):
                if not scene.target.buildkit and (reason := in_volume(graph, stage, found.run, found.landings[0].path)):
                    yield Still(each, reason)
                    continue
                yield _finding(scene, stage, found, new_folder(graph, stage, each, found.landings[0], scene.context))


def _dead(found: Fate) -> bool:
    """Whether all is deleted by one plain `rm` of just that, before another command of the RUN can see it."""
    step = found.found[found.at[0]]
    command = step.command
    operands = [word for word in command.words[1:] if not (word.value or "").startswith("-")]
    plain = command.name == "rm" and command.silent and all(_removable(word, step, found) for word in operands) and bool(step.effects) and command.place == Place.PLAIN and len(set(found.at)) == 1 and len(operands) == len(found.landings) == 1
    body = script(found.run)
    plain = plain and isinstance(body, Script) and reached(body, command)
    before = found.found[: found.at[0]]
    linked = any(step.command.name == "ln" for step in before)  # by which it may be read under another name
    return plain and not linked and all(keeps_off(before, landing.path, landing.whole) for landing in found.landings)


def _removable(word: Word, step: Step, found: Fate) -> bool:
    """Whether `rm` can delete what the word names, as it is written: `x/.` it never does, `x/` only if it is a folder."""
    said, landing = word.value or word.raw.strip("\"'"), found.landings[0]
    whole = landing.tree and landing.known or any(effect.path != landing.path for effect in step.effects or ())
    return not said.endswith("/.") and (whole or not said.endswith("/"))


def _finding(scene: Scene, stage: Stage, found: Fate, folder: str) -> Finding | Still:
    """`folder`: the new one above the path, which proves that nothing was there; "" for none."""
    copy, landing, state = found.copy, found.landings[0], scene.graph.state(found.run)
    if not state.root or state.shell is None:
        return Still(copy.instruction, f"the RUN at line {scene.graph.line(found.run)}, which deletes it, does not run as root in a POSIX shell")
    if copy.origin is not None:
        return Still(copy.instruction, "nothing reads it, but the stage that it is from would not be built any more")
    if missing(copy, scene.context):
        return Still(copy.instruction, "its source is not in the build context")
    if reason := barred(scene.graph, stage, copy.instruction, landing.path):
        return Still(copy.instruction, f"nothing reads it, but the build may fail with it: {reason}")
    if folder and (reason := renews(scene.graph, stage, found.run)):
        return Still(copy.instruction, f"the RUN at line {scene.graph.line(found.run)}, which deletes it, makes its WORKDIR again: {reason}")
    if archived(copy, landing.source) and not takes_folders(found.found[found.at[0]].command):
        return Still(copy.instruction, f"ADD unpacks an archive into a folder, on which the `rm` in the RUN at line {scene.graph.line(found.run)} fails")
    if not _told(scene, found):
        return Still(copy.instruction, "it can't be told whether it copies a file or a folder: give the build context")
    if not folder and any(within(landing.path, system) for system in _SYSTEM):
        return Still(copy.instruction, "a link in the base image could lead what it copies elsewhere")
    if not folder and not untouched(scene.graph, stage, copy.instruction, found.landings, scene.context):
        return Still(copy.instruction, "something may have been put at its place before, or a link that leads elsewhere")
    made = _made(scene.graph, found, folder)
    if made and (copy.owner or copy.mode or resets_umask(scene.graph, found.run)):
        return Still(copy.instruction, f"it may have to make {made}, whose owner or mode would be another")
    if made and clears(found.run, made):
        return Still(copy.instruction, f"it may have to make {made}, which a mount makes, too, and clears away if it is empty")
    body = script(found.run)
    if made and isinstance(body, Script) and asks_before(body):
        return Still(copy.instruction, f"the RUN at line {scene.graph.line(found.run)} asks what its shell did before")
    edits = _edits(scene.graph, found, folder, made)
    if not edits:
        return Still(copy.instruction, f"the `rm` in the RUN at line {scene.graph.line(found.run)} is not one of a plain chain")
    reason = f"the RUN at line {scene.graph.line(found.run)} deletes it before anything can read it"
    if copy.fetched or copy.cloned:
        return Finding(copy.instruction, f"{reason}, and nothing else tells whether it can be fetched", edits, None, LEVELS[-1])
    return Finding(copy.instruction, reason, edits, size(copy, scene.context))


def _told(scene: Scene, found: Fate) -> bool:
    """Whether the `rm` surely works on what was copied: without -r it fails on a folder, and with it the build."""
    landing, command = found.landings[0], found.found[found.at[0]].command
    named = "." in landing.source.rsplit("/", 1)[-1].strip(".")
    if found.copy.into and not landing.known:  # the content of a folder would land beside what is deleted
        return False
    return takes_folders(command) or named or kind(found.copy, landing.source, scene.context) == "file"


def _made(graph: Graph, found: Fate, folder: str) -> str:
    """The folder that the COPY may make, and the `rm` leaves; "" where it stands without."""
    root = (found.found[found.at[0]].effects or ())[0].path
    above = dirname("/".join(found.landings[0].path.split("/")[: root.count("/") + 1]))
    return "" if above in graph.state(found.run).standing or _stands(graph, found, above, folder) else above


def _edits(graph: Graph, found: Fate, folder: str, made: str) -> tuple[Edit, ...]:
    """Without the COPY; with the folders that it made; with `rm -f`, or where that had nothing to do, without `rm`."""
    dockerfile, copy, run = graph.dockerfile, found.copy.instruction, found.run
    step = found.found[found.at[0]]
    if folder and not made and (step.effects or ())[0].path == found.landings[0].path:
        return without(dockerfile, run, step.command.span, copy)
    forcing = () if forced(step.command) else (insert(run.body.at(step.command.words[0].span.end), " -f"),)
    making = prefixed(dockerfile, run, (), (f"mkdir -p {quoted(made)}",)) if made else ()
    return (*drop_for(dockerfile, copy, run), *making, *forcing)


def _stands(graph: Graph, found: Fate, path: str, folder: str) -> bool:
    """Whether the folder is there without the COPY: made before, or the RUN's own WORKDIR."""
    workdir = graph.state(found.run).workdir
    return bool(folder) and within(folder, path) or workdir is not None and within(workdir, path)
