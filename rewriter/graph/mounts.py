"""Bind mounts that bring a copied file beside a RUN, and the commands that put it where COPY would have.

The mount point is one name in `/`: BuildKit before 0.11 (Docker 23) clears away no folder above a mount point.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from posixpath import basename, dirname, normpath

from rewriter.graph.copies import Copy, literal
from rewriter.graph.fates import Fate, Landing
from rewriter.graph.model import Graph, script
from rewriter.shell.model import Script
from rewriter.shell.paths import STANDING, absolute, might_meet, parents, within
from rewriter.source.model import Instruction

_SAFE = re.compile(r"[\w./+:@%-]+\Z", re.ASCII)  # neither a shell nor the mount's own syntax (CSV) reads anything into it
_NAME = re.compile(r"[^a-z0-9.-]+")
# Commands that are given `/` to put something there, or to go there.
_GIVEN_ROOT = frozenset({"cd", "pushd", "cp", "mv", "install", "ln", "tar", "unzip", "cpio", "rpm", "curl", "wget", "git", "test", "[", "echo"})
_LIST_MOUNTS = frozenset({"mount", "df", "findmnt", "mountpoint", "lsblk"})
_WALKERS = frozenset({"find", "ls", "du", "chown", "chmod", "chgrp", "grep", "tree", "rm", "cp", "mv"})


@dataclass(frozen=True)
class Mount:
    """How the files of a COPY get into a RUN.

    flags: one or more `--mount=…`. commands: what puts the files in place. stage: the name of a stage that has to be
    made, which holds the same COPY with the folder `/NAME/` for its target; "" for none.
    """

    flags: tuple[str, ...]
    commands: tuple[str, ...]
    stage: str


def aside(graph: Graph, fate: Fate, taken: frozenset[str]) -> Mount | str:
    """The plainest way that is exact, or why there is none. `taken`: names of stages and mount points in use."""
    copy, landings = fate.copy, fate.landings
    texts = [*copy.sources, *(landing.path for landing in landings), copy.origin or "x"]
    if not all(_SAFE.match(text) or not literal(text) and _SAFE.match(re.sub(r"[*?\[\]]", "", text)) for text in texts):
        return "its paths hold characters that a mount can't name"
    if not all(landing.known for landing in landings):
        return "it can't be told whether it copies a file or a folder: give the build context"
    new = _new_parents(graph, fate)
    if new and (copy.owner or copy.mode):
        return f"it may have to make {new[0]}, whose owner or mode would be another"
    origin = _origin(graph, copy)
    if origin == "":
        return "the stage it copies from has no name of its own"
    single = copy.owner is None and copy.mode is None and all(literal(each.source) and each.sure and not each.tree for each in landings)
    folders = [f"mkdir -p {' '.join(new)}"] if new else []
    if single and len(landings) <= 3:
        return _files(landings, origin, folders, taken)
    return _staged(graph, copy, landings, folders, taken)


def covered(run: Instruction, fate: Fate) -> bool:
    """Whether a mount that the RUN has may lie over one of the landings, or below."""
    for flag in run.flags:
        if flag.name != "mount":
            continue
        parts = dict(part.partition("=")[::2] for part in (flag.value or "").split(","))
        target = parts.get("target") or parts.get("dst") or parts.get("destination") or ""
        if parts.get("type") in ("secret", "ssh") and not target:
            continue
        if not target.startswith("/") or any(might_meet(normpath(target), landing.path) for landing in fate.landings):
            return True
    return False


def walker(fate: Fate) -> str:
    """The name of a command of the RUN that may go through the folder `/`, and so meet a mount point; "" for none."""
    body = script(fate.run)
    if isinstance(body, Script) and any(_loop(head) for head in body.text.split("for ")[1:]):
        return "for"
    for step in fate.found:
        words = [word.value or word.raw for word in step.command.words[1:]]
        if step.command.name in _LIST_MOUNTS or any(word.startswith("/proc") for word in words):
            return step.command.name or "a command"
        if any(each.word.value == "/" or _wild(each.word.raw) for each in step.command.assignments):
            return "a variable"
        below = [word for word in words if word == "/" or word.startswith(("/*", "/.", "/?", "/["))]
        operands = [word for word in words if not word.startswith("-")]
        here = step.cwd in (None, "/") and (any(word in (".", "./", "*", "./*") for word in operands) or not operands)
        if below and (step.command.name not in _GIVEN_ROOT or any(map(_wild, words))) or here and step.command.name in _WALKERS:
            return step.command.name or "a command"
        if (below or here) and step.command.name == "tar" and not _extracts(words):
            return "tar"
    return ""


def _wild(word: str) -> bool:
    """Whether the shell may find the mount point by a pattern."""
    return word.startswith("/") and any(char in word.split("/")[1] for char in "*?[")


def _loop(head: str) -> bool:
    """Whether what follows `for` goes over names in `/`: those words are no part of any command."""
    return any(word == "/" or _wild(word) for word in head.partition(";")[0].partition("\n")[0].split())


def _extracts(words: list[str]) -> bool:
    """Whether a `tar` unpacks: by its first word, or by an option."""
    short = [word for at, word in enumerate(words) if not word.startswith("--") and (at == 0 or word.startswith("-"))]
    return any("x" in word for word in short) or "--extract" in words or "--get" in words


def _new_parents(graph: Graph, fate: Fate) -> list[str]:
    """The folders that COPY may have to make: not those of any base, nor the RUN's WORKDIR, which it makes itself."""
    workdir = graph.state(fate.run).workdir
    wanted = {landing.path if landing.tree else dirname(landing.path) for landing in fate.landings}
    new = {path for path in wanted if path not in STANDING and not (workdir and within(workdir, path))}
    return sorted(path for path in new if not any(path in parents(other) for other in new))


def _origin(graph: Graph, copy: Copy) -> str | None:
    """What `from=` names, as a mount understands it: never a number. "" where there is nothing to name it by."""
    if copy.origin is None or not copy.origin.isdigit():
        return copy.origin
    at = int(copy.origin)
    name = graph.stages[at].name if at < len(graph.stages) else None
    return name if name and [stage.name for stage in graph.stages].count(name) == 1 else ""


def _files(landings: tuple[Landing, ...], origin: str | None, folders: list[str], taken: frozenset[str]) -> Mount:
    flags, commands = [], folders
    for landing in landings:
        point = _free(basename(landing.path), taken)
        taken |= {point}
        source = (absolute(landing.source, "/") or "/")[0 if origin else 1 :]
        start = f"from={origin}," if origin else ""
        flags.append(f"--mount=type=bind,{start}source={source},target=/.dfopt-{point}")
        commands = [*commands, f"cp -p /.dfopt-{point} {landing.path}"]
    return Mount(tuple(flags), tuple(commands), "")


def _staged(graph: Graph, copy: Copy, landings: tuple[Landing, ...], folders: list[str], taken: frozenset[str]) -> Mount | str:
    """Through a stage with nothing but the COPY: its own rules for folders, patterns, owners and modes hold there."""
    if graph.numbered:
        return "a stage is referred to by its number, so none can be added"
    if copy.owner and not re.fullmatch(r"\d+(:\d+)?", copy.owner):
        return "its owner is given by name, which only this stage knows"
    if copy.instruction.keyword == "ADD":
        return "ADD may unpack what it adds"
    trees = {landing.tree for landing in landings}
    hidden = any(basename(each.path).startswith((".", "*", "?", "[")) for each in landings if not each.tree)
    if len(trees) > 1 or trees == {True} and len(copy.sources) > 1:
        return "it copies folders beside other things"
    if hidden:
        return "it can't be told which files it copies: give the build context"
    named = copy.sources[0] if len(copy.sources) == 1 and literal(copy.sources[0]) else copy.target
    name = _free(_NAME.sub("-", basename(named.rstrip("/")).lower()).strip("-.") or "files", taken)
    point, target = f"/.dfopt-{name}", copy.target
    if trees == {True}:
        put = f"cp -pR {point}/. {target}/"
    elif copy.into:
        put = f"cp -p {point}/* {target.rstrip('/')}/"
    else:
        put = f"cp -p {point}/{basename(copy.sources[0])} {target}"
    flag = f"--mount=type=bind,from=dfopt-{name},source=/{name},target={point}"
    return Mount((flag,), (*folders, put), f"dfopt-{name}")


def _free(name: str, taken: frozenset[str]) -> str:
    """The name, or with a number behind it, so that it is not taken."""
    return name if name not in taken else next(f"{name}-{count}" for count in range(2, len(taken) + 3) if f"{name}-{count}" not in taken)
