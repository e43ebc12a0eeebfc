"""What becomes of the files of a COPY: the RUN that deletes them, and who may meet them before."""
from __future__ import annotations

from dataclasses import dataclass, replace

from rewriter.graph.before import commands, linked, overlaid, unmade
from rewriter.graph.copies import Copy, copy_of, kind, literal
from rewriter.graph.context import Context
from rewriter.graph.model import NEUTRAL, Graph, Stage, script
from rewriter.shell.certainty import decides, proves_file
from rewriter.shell.effects import Step, deletes, keeps_off
from rewriter.shell.model import Opaque, Place, Script
from rewriter.shell.paths import STANDING, absolute, might_meet, parents, within
from rewriter.source.model import Instruction

_QUIET = NEUTRAL | {"ENV", "ARG", "USER", "SHELL", "VOLUME"}


@dataclass(frozen=True)
class Landing:
    """What one source becomes: the file at `path`, or with `tree` the folder at `path` and all of it.

    A pattern without a context leaves its wildcards in `path`. known: the source surely is what `tree` says. sure: nor
    can there be a folder at `path`, in which a file would land.
    """

    source: str
    path: str
    tree: bool
    known: bool
    sure: bool

    @property
    def whole(self) -> bool:
        """Whether there may be something below `path`."""
        return self.tree or not self.known


@dataclass(frozen=True)
class Fate:
    """A COPY all of whose landings `run` deletes, by commands that are sure to run; nothing between meets them.

    `found`: the commands of the RUN; `at`: for each landing the index in `found` of the command that deletes it.
    """

    copy: Copy
    landings: tuple[Landing, ...]
    run: Instruction
    found: tuple[Step, ...]
    at: tuple[int, ...]


def fate(graph: Graph, stage: Stage, copy: Copy, context: Context | None) -> Fate | str:
    """The fate of a COPY; where it has none that is clear, why, "" where no RUN deletes what it brings."""
    later = stage.instructions[stage.instructions.index(copy.instruction) + 1 :]
    for run in later:
        if run.keyword != "RUN":
            continue
        found = commands(graph, run)
        landings = _landings(graph, stage, copy, run, context)
        hits = [_deleted(found, landing) for landing in landings]
        if not landings or None in hits:
            continue
        reason = unmade(graph, stage, copy.instruction, copy.target) or linked(graph, stage, run, tuple(landing.path for landing in landings))
        reason = reason or _between(graph, later[: later.index(run)], (*landings, *_folders(graph, copy)), context)
        return reason or Fate(copy, landings, run, found, tuple(hit for hit in hits if hit is not None))
    return ""


def _folders(graph: Graph, copy: Copy) -> tuple[Landing, ...]:
    """The topmost folder that the COPY may have to make, where nothing may be done before it is there."""
    workdir = graph.state(copy.instruction).workdir or "/"
    above = [copy.target, *parents(copy.target)] if copy.into else parents(copy.target)
    new = [folder for folder in above if folder not in STANDING and not within(workdir, folder)]
    return tuple(Landing("", folder, True, True, True) for folder in new[-1:])


def _landings(graph: Graph, stage: Stage, copy: Copy, run: Instruction, context: Context | None) -> tuple[Landing, ...]:
    """Where the sources land, as far as the context, or how the RUN uses them, tells; () where nothing does."""
    landings = [_landing(graph, copy, source, run, context) for source in copy.sources]
    flat = [each for found in landings for each in found] if all(landings) else []
    return tuple(replace(each, sure=each.sure and not overlaid(graph, stage, copy.instruction, each.path, context)) for each in flat)


def _landing(graph: Graph, copy: Copy, source: str, run: Instruction, context: Context | None) -> tuple[Landing, ...]:
    known = kind(copy, source, context)
    if known == "file" and copy.unpacks:
        known = ""
    if known == "folder":
        return (Landing(source, copy.target, True, True, True),)
    if not literal(source):
        names = [entry.path for entry in context.find(source) or ()] if context and known else [source]
        return tuple(Landing(source, copy.lands(name), False, bool(known), bool(known)) for name in names) if copy.into else ()
    path = copy.lands(source)
    body = script(run)
    proofs = [step for step in commands(graph, run) if isinstance(body, Script) and _proves_file(body, step, path)]
    if not copy.into:
        return (Landing(source, path, False, known == "file" or bool(proofs), bool(proofs)),)
    # With a folder's content, a file of the folder's own name may land there, but hardly one with an extension.
    named = not copy.unpacks and "." in source.rsplit("/", 1)[-1].strip(".") and any(not _forced(step) for step in proofs)
    return (Landing(source, path, False, known == "file" or named, known == "file" or named),)


def _proves_file(body: Script, step: Step, path: str) -> bool:
    """Whether the RUN only succeeds where a file is at `path`: `rm` without -r, for one, deletes no folder."""
    if step.command.name == "rm" and deletes(step, path) and not _recursive(step):
        return decides(body, step.command)
    return proves_file(body, step.command, path, [absolute(word.value or "", step.cwd) for word in step.command.words])


def _recursive(step: Step) -> bool:
    return any(effect.tree for effect in step.effects or ())


def _forced(step: Step) -> bool:
    """Whether an `rm` does not mind that there is nothing at the path."""
    return any((word.value or "").startswith("-") and "f" in (word.value or "") for word in step.command.words[1:])


def _deleted(found: tuple[Step, ...], landing: Landing) -> int | None:
    """The index of the command that deletes it, if that is sure to run where the body does not fail."""
    for at, step in enumerate(found):
        if step.command.place is Place.PLAIN and deletes(step, landing.path):
            if not landing.tree or _recursive(step):
                return at
    return None


def _between(graph: Graph, between: tuple[Instruction, ...], landings: tuple[Landing, ...], context: Context | None) -> str:
    """Why what stands between can't do without the files, or may not see them come later; "" where it can."""
    for each in between:
        if not disjoint(graph, each, landings, context):
            return f"the {each.keyword} at line {graph.line(each)} stands between, and may use or change what it brings"
    return ""


def disjoint(graph: Graph, each: Instruction, landings: tuple[Landing, ...], context: Context | None) -> bool:
    """Whether an instruction neither sees nor changes any of the landings, nor the folders above them."""
    if each.keyword in _QUIET:
        return True
    if each.keyword == "RUN":
        found = commands(graph, each)
        told = " ".join(value for value in graph.state(each).values.values() if value)
        if any(landing.path in told for landing in landings):  # as a certificate or a list that a program is to use
            return False
        return bool(found) and all(keeps_off(found, landing.path, landing.whole) for landing in landings)
    if each.keyword == "WORKDIR":
        path = absolute(each.arguments.text, graph.state(each).workdir)
        return path is not None and "$" not in path and not any(might_meet(path, landing.path) for landing in landings)
    if each.keyword in ("COPY", "ADD"):
        return _lands_apart(graph, each, landings, context)
    return False


def _lands_apart(graph: Graph, each: Instruction, landings: tuple[Landing, ...], context: Context | None) -> bool:
    other = copy_of(graph, each)
    if isinstance(other, Opaque):
        return False
    for landing in landings:
        files = other.into and not other.unpacks and all(literal(name) and kind(other, name, context) == "file" for name in other.sources)
        theirs = [other.lands(name) for name in other.sources] if files else [other.target]
        if any(might_meet(path, landing.path) for path in theirs):
            return False
    return True
