"""Bind mounts that bring a copied file beside a RUN, and the commands that put it where COPY would have.

The mount point is one name in `/`: BuildKit before 0.11 (Docker 23) clears away no folder above a mount point.
"""
from __future__ import annotations

import re
from posixpath import basename, dirname, normpath

from rewriter.glob import wild
from rewriter.graph.before import marked, resets_umask, special
from rewriter.graph.context import Context, Entry
from rewriter.graph.copies import ARCHIVES, OWN, PLAIN, POINT, SOMEWHERE, Copy, any_copy_of, kind, literal, own_name, shell_text, untold, written
from rewriter.graph.definitions import definitions
from rewriter.graph.fates import Fate
from rewriter.graph.landings import Landing, enters, tells_name
from rewriter.graph.model import Graph, Stage
from rewriter.graph.presence import made, stands
from rewriter.pattern import Pattern
from rewriter.record import dataclass, replace
from rewriter.shell.filling import REFERENCE
from rewriter.shell.model import Opaque
from rewriter.shell.paths import absolute, might_meet, within
from rewriter.shell.tools.files import OF_RUNS
from rewriter.source.flags import mounted
from rewriter.source.model import Instruction

_SAFE = Pattern(r"[\w./+:@%-]+\Z", re.ASCII)  # neither a shell nor the mount's own syntax (CSV) reads anything into it
_EACH = "$(ls -A)"  # the names of all that is in a folder
_LONGEST = 200  # of 255, for what stands before it and behind
_WILD = str.maketrans("", "", "*?[]${}")
_BREAK = Pattern(r"[^a-z0-9]+")
# Folders of which bases may have others than 0755 and root, or links to them.
_UNLIKE = tuple(f"/{name}" for name in "bin dev home lib lib32 lib64 proc root run sbin sys tmp usr var".split())


@dataclass(frozen=True)
class Mount:
    """How the files of a COPY get into a RUN.

    flags: one or more `--mount=…`. folders: what makes the folders that COPY would, commands: what puts the files in place.
    stage: the name of a stage that has to be made, "" for none; it holds the same COPY with another target, below `lines`.
    """

    flags: tuple[str, ...]
    folders: tuple[str, ...]
    commands: tuple[str, ...]
    stage: str = ""
    target: str = ""
    lines: tuple[str, ...] = ()


def aside(graph: Graph, stage: Stage, fate: Fate, context: Context | None, taken: frozenset[str]) -> Mount | str:
    """The plainest way that is exact, or why there is none. `taken`: names of stages and mount points in use."""
    copy, landings = fate.copy, fate.landings
    shy = copy.blind or bool(marked(graph, stage, copy.instruction, copy.target, context))
    texts = [*(copy.sources if copy.local else ()), *(landing.path.removeprefix(SOMEWHERE) for landing in landings), copy.target.removeprefix(SOMEWHERE), copy.origin or "x"]
    if not all(_SAFE.match(text.translate(_WILD) or "x") for text in texts) or any(wild(text) for text in texts[-2:]):
        return "its paths hold characters that a mount can't name"
    partial = len(copy.sources) < len(written(copy.instruction)) - 1
    own = not graph.state(fate.run).root  # its user copies it for himself
    needed = _needed(graph, stage, copy)
    if needed and not all(each.known and not each.tree for each in landings):
        return f"the text does not tell whether a file comes to {copy.target}, or a folder"
    new = [] if partial or own or needed else _new_parents(graph, stage, fate)  # what is left of the COPY makes them
    if new and (reason := _unlike_made(graph, fate, new[0])):
        return reason
    origin = _origin(graph, copy)
    if origin == "":
        return "the stage it copies from has no name of its own"
    single = (copy.unflagged or own) and copy.local and all(literal(each.source) and each.known and each.sure and not each.tree for each in landings)
    text = shell_text(graph, copy, fate.run)
    if copy.blind and "$" in basename(text) and not _wholly(copy, landings):
        return "the variable that its target ends in may hold a folder, too, which it makes"
    folders = (f"mkdir -p {_quoted(text if _wholly(copy, landings) else dirname(text))}",) if new else ()
    if single and len(landings) <= 3:
        return _files(graph, fate, origin, folders, taken)
    if partial or own:
        return "of what it copies beside other things, or for another user than root, a mount can't be made as it is"
    bodies = tuple(each.content for each in copy.instruction.heredocs if each.expand)
    lines = definitions(graph, stage, copy.instruction, (*written(copy.instruction)[:-1], *bodies))
    if lines is None:
        return "a variable in it is set by the base image, which a stage of its own does not see"
    if graph.numbered:
        return "a stage is referred to by its number, so none can be added"
    if copy.owner and not re.fullmatch(r"\d+(:\d+)?", copy.owner):
        return "its owner is given by name, which only this stage knows"
    if _empty(copy, context):
        return "it copies an empty folder"
    keeps = any(each.path != copy.target for each in landings) or not landings[0].sure and enters(graph, stage, copy)
    found = _staged(copy, landings, text, shy, keeps, folders, taken)
    return (_misread(graph, fate, found.commands[-1], context) if isinstance(found, Mount) else found) or replace(found, lines=lines)


def _misread(graph: Graph, fate: Fate, command: str, context: Context | None) -> str:
    """Why the shell of the RUN would not give the command each name for a word: it makes several of one, or has no patterns, by an option or a `set` before."""
    if _EACH in command:
        return "a name in the folder that it copies is not one word to a shell" if _parted(fate.copy, context) else ""
    shell, first = graph.state(fate.run).shell, next((step.command for step in fate.found), None)
    said = [word.raw for word in first.words] if first and first.name == "set" else []
    off = shell is not None and "noglob" in shell.options or "noglob" in said or any("f" in word for word in said if word.startswith("-"))
    return f"the shell of the RUN at line {graph.line(fate.run)} takes a pattern for a name" if off and command.split()[2].endswith("/*") else ""


def linked_apart(graph: Graph, stage: Stage, fate: Fate, context: Context | None) -> str:
    """What --link may do, on stores that have it, which nothing else does: folders above get root and 0755, and links and folders are replaced."""
    copy, folder = fate.copy, fate.copy.target if _wholly(fate.copy, fate.landings) else dirname(fate.copy.target)
    if not any(flag.name == "link" for flag in copy.instruction.flags):
        return ""
    named = copy.into or any(landing.tree for landing in fate.landings) or copy.target.endswith(PLAIN + ARCHIVES)
    if not named or copy.blind or folder.split("/")[1] not in ("opt", "srv", "etc", "") and any(within(folder, system) for system in _UNLIKE):
        return f"--link may give {folder} another owner or mode than it has, or replace it, and the RUN would not: leave --link out"
    return marked(graph, stage, copy.instruction, folder, context) and f"--link gives {folder} root and mode 0755 again, and the RUN would not: leave --link out"


def regrouped(graph: Graph, stage: Stage, fate: Fate, context: Context | None) -> str:
    """Why `cp` may make folders with a set-group-id bit, which folders in a COPY do not get; "" for no sign of it."""
    held = _held(fate.copy, context) or [None]
    deep = any(found is None or any(entry.kind == "folder" for entry in found) for found in held)
    return special(graph, stage, fate.copy.instruction, fate.copy.target, sticky=False) if deep and any(each.tree for each in fate.landings) else ""


def _parted(copy: Copy, context: Context | None) -> bool:
    """Whether a shell would read more, or something else, into a name that a folder of the context holds, or that a pattern fits."""
    fit = [context.find(source + end) for source in copy.sources if wild(source) for end in ("", "/*")] if context and copy.local else []
    return any(re.search(r"[\s*?\[]|^-", basename(entry.path)) for found in (*_held(copy, context), *fit) for entry in found or ())


def _empty(copy: Copy, context: Context | None) -> bool:
    """Whether it copies the content of a folder that has none."""
    return () in _held(copy, context)


def _held(copy: Copy, context: Context | None) -> list[tuple[Entry, ...] | None]:
    """What each folder of the context that it copies has in it, None: that can't be told."""
    if context is None or not copy.local:
        return []
    return [context.find(f"{source.rstrip('/')}/*") for source in copy.sources if kind(copy, source, context) == "folder"]


def covered(run: Instruction, paths: tuple[str, ...]) -> bool:
    """Whether a mount that the RUN has, by a flag or as any RUN does, may lie over one of the paths, or by a flag below."""
    if any(within(path, place) for path in paths for place in OF_RUNS):
        return True
    for flag in run.flags:
        if flag.name != "mount":
            continue
        said = mounted(flag) or {}
        target = said.get("target", "")
        if said.get("type") in ("secret", "ssh") and not target:
            continue
        if not target.startswith("/") or any(untold(path) or might_meet(normpath(target), path) for path in paths):
            return True
    return False


def _unlike_made(graph: Graph, fate: Fate, folder: str) -> str:
    """Why a `mkdir` in the RUN would not make the folder that the COPY makes; "" where it does."""
    if fate.copy.owner or fate.copy.mode or resets_umask(graph, fate.run):
        return f"it may have to make {folder}, whose owner or mode would be another"
    if clears(fate.run, folder):
        return f"it may have to make {folder}, which a mount of the RUN at line {graph.line(fate.run)} makes, too, and clears away if it is empty"
    return ""


def clears(run: Instruction, folder: str) -> bool:
    """Whether a mount of the author's lies below a folder, so that BuildKit makes that for it, and takes it for its own to remove."""
    targets = [(mounted(flag) or {}).get("target", "$") for flag in run.flags if flag.name == "mount"]
    targets = [target for target in targets if not target.startswith(POINT)]
    return any(untold(target) or untold(folder) or within(normpath(target), normpath(folder)) for target in targets)


def _new_parents(graph: Graph, stage: Stage, fate: Fate) -> list[str]:
    """The folder that COPY may have to make: not one of any base or of an earlier RUN, nor the RUN's WORKDIR, which it makes itself."""
    workdir, copy = graph.state(fate.run).workdir, fate.copy
    folder = copy.target if _wholly(copy, fate.landings) else dirname(copy.target)
    there = folder in (*graph.state(fate.run).standing, SOMEWHERE) or workdir and within(workdir, folder) or made(graph, stage, copy.instruction, folder)
    return [] if there else [folder]


def _needed(graph: Graph, stage: Stage, copy: Copy) -> bool:
    """Whether the target is a folder only because the RUN fails if it is none: else a COPY of a file makes one of its name, with which `cp` is to fail, too."""
    said = any_copy_of(graph, copy.instruction)
    return copy.into and not (isinstance(said, Opaque) or said.into or stands(graph, stage, copy.instruction, copy.target))


def _wholly(copy: Copy, landings: tuple[Landing, ...]) -> bool:
    """Whether the target is a folder, in which all lands."""
    return copy.into or any(landing.tree and landing.known for landing in landings) or _spills(landings)


def _quoted(text: str) -> str:
    """The text as a shell word. What a variable holds may be anything."""
    return f'"{text}"' if "$" in text else text


def _origin(graph: Graph, copy: Copy) -> str | None:
    """What `from=` names, as a mount understands it: never a number. "" where there is nothing to name it by."""
    if copy.origin is None or not copy.origin.isdigit():
        return copy.origin
    name = next((stage.name for stage in graph.stages if str(stage.index) == copy.origin), None)
    return name if name and [stage.name for stage in graph.stages].count(name) == 1 else ""


def places(graph: Graph, fate: Fate) -> tuple[str, ...]:
    """For each landing the word by which the RUN knows its path."""
    copy, text = fate.copy, shell_text(graph, fate.copy, fate.run)
    beside = copy.into and not any(landing.tree for landing in fate.landings)
    return tuple(_quoted(normpath(f"{text.rstrip('/')}/{basename(landing.path)}") if beside else text) for landing in fate.landings)


def _files(graph: Graph, fate: Fate, origin: str | None, folders: tuple[str, ...], taken: frozenset[str]) -> Mount:
    flags, commands = [], []
    for landing, place in zip(fate.landings, places(graph, fate)):
        point = free(basename(landing.path), taken)
        taken |= {point}
        source = (absolute(landing.source, "/") or "/")[0 if origin else 1 :]
        start = f"from={origin}," if origin else ""
        flags.append(f"--mount=type=bind,{start}source={source},target={POINT}{point}")
        commands.append(f"cp {_option(fate.copy)} {POINT}{point} {place}")
    return Mount(tuple(flags), folders, tuple(commands))


def _staged(copy: Copy, landings: tuple[Landing, ...], text: str, shy: bool, keeps: bool, folders: tuple[str, ...], taken: frozenset[str]) -> Mount | str:
    """Through a stage with nothing but the COPY: its own rules for folders, patterns, owners and modes hold there.

    keeps: the file may come to lie in a folder that is its target, by its own name.
    """
    whole = [landing.tree and landing.known for landing in landings]
    if any(whole) and len(landings) > 1:
        return "it copies folders beside other things"
    exact = landings[0].known and tells_name(copy, copy.sources[0]) and (copy.local or keeps)
    renamed = not copy.into and not any(whole) and not _spills(landings) and not exact
    one = len(copy.sources) == 1 and not wild(copy.sources[0].partition("?")[0]) and not any(whole) and not (renamed and not copy.local) and not copy.instruction.heredocs
    name = free(one and plain_name(written(copy.instruction)[0]) or plain_name(text) or "files", taken)
    flag = f"--mount=type=bind,from={OWN}{name},source=/{name},target={POINT}{name}"
    put = _put(copy, landings, text, shy, f"{POINT}{name}", basename(copy.target) if renamed else own_name(copy.sources[0]))
    return Mount((flag,), folders, (put,), f"{OWN}{name}", f"/{name}/{basename(copy.target) if renamed else ''}")


def plain_name(path: str) -> str:
    """A name for a stage, after the last part of a path or a URL, and in the letters that names of images may have; "" where none is left."""
    last = basename(path.partition("?")[0].partition("#")[0].rstrip("/"))
    for text in (REFERENCE.sub("", last), last):
        if name := _BREAK.sub(lambda found: "." if "." in found[0] else "-", text.lower()).strip("-."):
            return name
    return ""


def _spills(landings: tuple[Landing, ...]) -> bool:
    """Whether nothing but their folder tells what comes."""
    return any(landing.path.endswith("/*") for landing in landings)


def _put(copy: Copy, landings: tuple[Landing, ...], text: str, shy: bool, point: str, name: str) -> str:
    """The command that copies what is in the stage's folder, a file by that name perhaps, to where the COPY would put it.

    shy: the target may be a folder with an owner or a mode of its own, which `cp` would change if it were given the folder itself.
    """
    known, option = all(landing.known for landing in landings), _option(copy)
    if not _wholly(copy, landings):
        return f"cp {option} {point}/{name} {_quoted(text)}" if known else f"cp -a {point}/{name} {_quoted(_folder(dirname(text)))}"
    if known and landings[0].tree and not shy:
        return f"cp -a {point}/. {_quoted(_folder(text))}"
    if known and not landings[0].tree and not any(basename(landing.name).startswith((".", "*", "?", "[")) for landing in landings):
        return f"cp {option} {point}/* {_quoted(_folder(text))}"
    seen = text if text.startswith(("/", "$")) else normpath(f"$OLDPWD/{text}")
    return f"(cd {point} && cp -a {_EACH} {_quoted(_folder(seen))})"


def _option(copy: Copy) -> str:
    """How `cp` keeps all that a single file has: what comes from the build context has no attributes but owner, mode and times."""
    return "-p" if copy.origin is None else "-a"


def _folder(text: str) -> str:
    return (text or ".").rstrip("/") + "/"


def free(name: str, taken: frozenset[str]) -> str:
    """The name, or with a number behind it, so that it is not taken; no longer than a file system lets it be."""
    name = name[:_LONGEST]
    return name if name not in taken else next(f"{name}-{count}" for count in range(2, len(taken) + 3) if f"{name}-{count}" not in taken)
