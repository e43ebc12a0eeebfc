"""The RUNs that are to be given the files of a COPY: the one that deletes them, those before that meet them, or both.

A RUN between that does not meet them does without. What a RUN does to a file does not reach the next one any more, so that
all but the last must leave it as it is.
"""
from __future__ import annotations

from posixpath import basename, dirname

from rewriter.graph.before import body_steps, commands
from rewriter.graph.context import Context
from rewriter.graph.copies import Copy, filed, written
from rewriter.graph.fates import Fate, between, disjoint, ending, fate, obstruction, unseen
from rewriter.graph.landings import Landing
from rewriter.graph.model import Graph, Stage, script
from rewriter.record import dataclass, replace
from rewriter.shell.certainty import decides
from rewriter.shell.effects import Step, touches
from rewriter.shell.model import Opaque, Script
from rewriter.shell.paths import STANDING, parents, wild, within
from rewriter.shell.tools import Act, Effect
from rewriter.shell.tools.leftovers import MANAGERS
from rewriter.shell.tools.removal import DELETERS
from rewriter.source.model import Instruction

_UNPACKERS = frozenset({"tar", "bsdtar", "unzip"})


@dataclass(frozen=True)
class Uses:
    """What is to have the files of a COPY: for each RUN the fate that would be theirs if it were the only one.

    end: that of the RUN that deletes, one of these unless it does nothing else with them. doubt: what is not known of these.
    """

    each: tuple[Fate, ...]
    end: Fate
    doubt: str = ""

    @property
    def apart(self) -> bool:
        """Whether the RUN that deletes does without the files."""
        return self.end not in self.each


def uses(graph: Graph, stage: Stage, copy: Copy, context: Context | None) -> Uses | str:
    """The uses of what a COPY brings; why it can't be told or done, "" where no RUN deletes it."""
    alone = fate(graph, stage, copy, context)
    end = ending(graph, stage, copy, context) if alone else ""
    if isinstance(alone, Fate) or isinstance(end, str):
        return Uses((alone,), alone) if isinstance(alone, Fate) else alone
    found: list[Fate] = []
    for each in between(stage, end):
        if reason := obstruction(graph, end, each, context, made=bool(found)):
            if each.keyword != "RUN" or not _named(end) or disjoint(graph, each, end.landings, context):  # the folders alone matter to it
                return reason
            found.append(replace(end, run=each, found=commands(graph, each), at=()))
    needed = found if _only_deletes(graph, end) else [*found, end]
    given = _given(graph, needed, end)
    if isinstance(given, Uses) and not given.doubt:
        return given
    speaking = [use for use in needed if _speaks(use) or use is end and not decided(end)]
    if not speaking or speaking == needed:
        return given
    silent = next(use for use in needed if use not in speaking)
    loosely = _given(graph, speaking, end)
    doubt = f"it is not known whether the RUN at line {graph.line(silent.run)}, which does not speak of it, uses it"
    return loosely if isinstance(loosely, str) else replace(loosely, doubt=doubt)


def partial_uses(graph: Graph, stage: Stage, copy: Copy, context: Context | None) -> Uses | str:
    """The uses of those of its sources that one RUN deletes, where others stay or go elsewhere; "" where there are none, or they can't be told apart."""
    names = {basename(source) for source in copy.sources}
    apart = copy.into and copy.local and copy.unflagged and copy.instruction.json is None and 1 < len(copy.sources) == len(names)
    if not apart or not all(filed(copy, source, context) for source in copy.sources):
        return ""
    found = {source: use for source in copy.sources if isinstance(use := uses(graph, stage, replace(copy, sources=(source,)), context), Uses)}
    last = max((use.end.run.index for use in found.values()), default=0)
    mine = tuple(source for source, use in found.items() if use.end.run.index == last)
    return uses(graph, stage, replace(copy, sources=mine), context) if mine and mine != copy.sources else ""


def _given(graph: Graph, needed: list[Fate], end: Fate) -> Uses | str:
    """What comes of giving the files to these RUNs, and to no other."""
    obstacles = [*(_unread(graph, use) for use in needed), *(_changed(graph, use) for use in needed[:-1])]
    doubts = [*(_unknown(graph, use) for use in needed[:-1]), _hidden(end) if len(needed) > 1 else ""]
    return next(filter(None, obstacles), "") or Uses(tuple(needed), end, next(filter(None, doubts), ""))


def _speaks(use: Fate) -> bool:
    """Whether a command of a RUN, but for the delete, names one of the files, or a folder of their own, or is run in that."""
    body, said = script(use.run), [step for at, step in enumerate(use.found) if at not in use.at]
    names = {basename(landing.path) for landing in use.landings} | {dirname(landing.path) for landing in use.landings} - STANDING
    texts = [step.command.span.of(body.text) for step in said] if isinstance(body, Script) else []
    return any(name in text for text in texts for name in names) or any(step.cwd in names or _inside(step, use) for step in said)


def _inside(step: Step, use: Fate) -> bool:
    """Whether a command is run in a folder that the COPY brings."""
    return step.cwd is not None and any(within(step.cwd, landing.path) for landing in use.landings)


def deleter(graph: Graph, stage: Stage, copy: Instruction) -> Instruction | None:
    """The RUN that deletes something of the name of what an instruction copies of which no more can be told."""
    *sources, target = written(copy) or ("",)
    kept = any(flag.name == "parents" for flag in copy.flags)
    names = {name for word in (*sources, target) for name in (word.split("/") if kept else [basename(word.rstrip("/"))])} - {"", ".", "..", "*", "tmp"}
    for each in stage.after(copy):
        deleting = [step for step in body_steps(graph, each) if step.command.name in DELETERS] if each.keyword == "RUN" else []
        if any(basename(word.raw.strip("\"'").rstrip("/")) in names for step in deleting for word in step.command.words[1:]):
            return each
    return None


def _named(end: Fate) -> bool:
    """Whether it is told where each file comes to be, by its name."""
    return not end.copy.blind and all(not wild(each.path) and each.path in ((end.copy.target, each.name) if each.known else (end.copy.target,)) for each in end.landings)


def _only_deletes(graph: Graph, end: Fate) -> bool:
    """Whether its RUN surely deletes the files by one command, and meets them by none before."""
    before = end.found[: end.at[0]]
    return decided(end) and (not before or unseen(graph, end.run, before, end.landings))


def decided(end: Fate) -> bool:
    """Whether its RUN surely deletes the files, by one command."""
    body, step = script(end.run), end.found[end.at[0]]
    return len(set(end.at)) == 1 and step.command.name in DELETERS and isinstance(body, Script) and decides(body, step.command)


def _unread(graph: Graph, use: Fate) -> str:
    """Why a RUN can't be given commands."""
    found = script(use.run)
    return f"the RUN at line {graph.line(use.run)} may use it, and {found.reason}" if isinstance(found, Opaque) else ""


def _changed(graph: Graph, use: Fate) -> str:
    """The command of a RUN by which the files are not as they were, or others are beside them; "" for none that is known."""
    for step in use.found:
        if step.effects is None and _inside(step, use):
            return f"{_called(step)} in the RUN at line {graph.line(use.run)} is run in it, and a later RUN would not see what that leaves there"
        acts = [effect for effect in step.effects or () if effect.act != Act.READ or step.command.name == "ln"]
        if any(_named_by(effect, landing) for effect in acts for landing in use.landings):
            return f"`{step.command.name}` in the RUN at line {graph.line(use.run)} changes it, and a later RUN would not see that"
    return ""


def _named_by(effect: Effect, landing: Landing) -> bool:
    """Whether an effect is on the files themselves, not on a folder that holds more."""
    return touches(effect, landing.path, landing.whole) and effect.path not in parents(landing.path)


def _called(step: Step) -> str:
    return f"`{step.command.name or step.command.words[0].raw}`" if step.command.words else "a command without a name"


def _unknown(graph: Graph, use: Fate) -> str:
    """The command of a RUN that may change the files, for all that is known."""
    if not use.found:
        return f"it is not known whether the RUN at line {graph.line(use.run)} changes it, for the RUNs after that"
    for step in use.found:
        if not all(spares(step, landing) for landing in use.landings):
            return f"it is not known whether {_called(step)} in the RUN at line {graph.line(use.run)} changes it, for the RUNs after that"
    return ""


def spares(step: Step, landing: Landing) -> bool:
    """Whether a command leaves a file alone that it does not name to change it. No package holds it, and no archive holds itself."""
    if step.effects is None:
        return False
    read = any(effect.act == Act.READ and effect.path == landing.path for effect in step.effects)
    harmless = step.command.name in MANAGERS or step.command.name in _UNPACKERS and read
    return harmless or not any(effect.act != Act.READ and touches(effect, landing.path, landing.whole) for effect in step.effects)


def _hidden(end: Fate) -> str:
    """What may be at one of the paths in the base image, beside what is copied there; "" for nothing."""
    place = next((landing.path for landing in end.landings if landing.tree or not landing.sure), "")
    return f"the base image may have a folder {place}, of which the second RUN would see nothing" if place else ""
