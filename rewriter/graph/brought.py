"""The files that a COPY brings, as far as its text and the build context tell, and what is taken for granted of them."""
from __future__ import annotations

from posixpath import basename, dirname, splitext

from rewriter.graph.before import commands, earlier
from rewriter.graph.context import Context
from rewriter.graph.copies import PLAIN, Copy, any_copy_of, archived, kind, literal, told
from rewriter.graph.model import Graph, Stage, script
from rewriter.graph.presence import stands
from rewriter.record import dataclass, replace
from rewriter.shell.certainty import decides
from rewriter.shell.effects import Step
from rewriter.shell.model import Script
from rewriter.shell.paths import PROGRAMS, absolute
from rewriter.source.model import Instruction

_PLAIN_MODE = 0o644  # of what a heredoc writes
_FETCHED_MODE = 0o600  # of what ADD fetches


@dataclass(frozen=True)
class File:
    """One file that a COPY brings; with `tree` a folder and all of it. mode, size: None where they are not known."""

    path: str
    mode: int | None = None
    size: int | None = None
    tree: bool = False


@dataclass(frozen=True)
class Brought:
    """What a COPY brings. doubts: what is taken for granted, each in words for a report; folders: that, if a folder may be meant."""

    copy: Copy
    files: tuple[File, ...]
    doubts: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


def brought(graph: Graph, stage: Stage, copy: Copy, context: Context | None) -> Brought | str:
    """What a COPY brings, or why that can't be told."""
    if copy.blind:
        return "the text does not tell where it copies to"
    if not copy.into and stands(graph, stage, copy.instruction, copy.target):
        copy = replace(copy, into=True)
    if not copy.into and (other := _before(graph, stage, copy, context)):
        return f"the {other.keyword} at line {graph.line(other)} may have put a folder at {copy.target}"
    if len(copy.sources) > 1 and not copy.into:
        return "it has several sources, and a target without a slash"
    if copy.instruction.heredocs or copy.fetched:
        files = [File(copy.lands(name), _FETCHED_MODE) for name in copy.sources]
        if bodies := copy.instruction.heredocs:
            files = [File(copy.lands(each.name), _PLAIN_MODE, len(each.content.encode("utf-8", "surrogateescape"))) for each in bodies]
        return Brought(copy, tuple(files), (), _about_place(graph, stage, copy, files))
    if any(archived(copy, source) for source in copy.sources):
        return "it may unpack what it adds"
    files, doubts, folders = [], [], []
    for source in copy.sources:
        entries = context.find(source) if context and copy.origin is None and told(source) else None
        if entries == ():
            return "its source is not in the build context"
        if entries is None:
            if not literal(source) or basename(source) in ("", ".", ".."):
                return "it can't be told what it copies" + ("" if copy.origin else ": give the build context")
            files.append(File(copy.lands(source)))
            (doubts if copy.into else folders).extend(_about_kind(graph, stage, copy, source))
        for entry in entries or ():
            if entry.kind not in ("file", "folder") or entry.kind == "folder" and len(copy.sources) > 1:
                return "it copies folders beside other things"
            tree = entry.kind == "folder"
            files.append(File(copy.target if tree else copy.lands(entry.path), entry.mode, entry.size, tree))
    if copy.unpacks:
        folders.append("what it adds is no archive")
    return Brought(copy, tuple(files), tuple(doubts), (*folders, *_about_place(graph, stage, copy, files)))


def _before(graph: Graph, stage: Stage, copy: Copy, context: Context | None) -> Instruction | None:
    """An earlier COPY to the very same path of what is not known to be a file."""
    for each in earlier(graph, stage, copy.instruction):
        other = any_copy_of(graph, each) if each.keyword in ("COPY", "ADD") else None
        if isinstance(other, Copy) and other.target == copy.target and not all(kind(other, source, context) == "file" for source in other.sources):
            return each
    return None


def _about_kind(graph: Graph, stage: Stage, copy: Copy, source: str) -> tuple[str, ...]:
    """A folder's content would land where the target is: what speaks against it."""
    single = not copy.into and (dirname(copy.target) in PROGRAMS or _is_run(graph, stage, copy, copy.target))
    return () if single or source.endswith(PLAIN) else (f"{source} is a file, no folder",)


def _about_place(graph: Graph, stage: Stage, copy: Copy, files: list[File]) -> tuple[str, ...]:
    """A file lands in a folder that is at its path already: what speaks against there being one."""
    if copy.into or files[0].tree:
        return ()
    path, source = copy.target, copy.sources[0]
    telling = splitext(path)[1] and splitext(path)[1] == splitext(source)[1] or path.endswith(PLAIN)
    if telling or dirname(path) in PROGRAMS or _is_run(graph, stage, copy, path):
        return ()
    return (f"no folder is at {path} before",)


def _is_run(graph: Graph, stage: Stage, copy: Copy, path: str) -> bool:
    """Whether the image, or a RUN that would fail otherwise, runs what is at the path."""
    for each in stage.after(copy.instruction):
        if each.keyword in ("ENTRYPOINT", "CMD") and absolute(_program(each), graph.state(each).workdir) == path:
            return True
        if each.keyword == "RUN" and any(_runs(each, step, path) for step in commands(graph, each)):
            return True
    return False


def _program(instruction: Instruction) -> str:
    """The first word of CMD or ENTRYPOINT, if that is a path."""
    words = list(instruction.json or instruction.arguments.text.split())
    return words[0] if words and "/" in words[0] else ""


def _runs(run: Instruction, step: Step, path: str) -> bool:
    body = script(run)
    runs = "/" in (step.command.name or "") and absolute(step.command.name or "", step.cwd) == path
    return runs and isinstance(body, Script) and decides(body, step.command)
