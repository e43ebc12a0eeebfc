"""The RUNs that may take away what a COPY brings, found by the paths that they name: no other has to be read for it."""
from __future__ import annotations

from collections import defaultdict
from itertools import takewhile

from rewriter.budget import spend
from rewriter.graph.before import commands
from rewriter.graph.copies import SOMEWHERE, Copy
from rewriter.graph.model import Graph, Stage, script
from rewriter.record import dataclass
from rewriter.shell.effects import Step, steps
from rewriter.shell.filling import lasting
from rewriter.shell.model import Opaque
from rewriter.shell.paths import parents, wild
from rewriter.source.model import Instruction

# Without one of these in it, a RUN is not read: it takes nothing away that an author would name.
REMOVING = ("rm", "unlink", "mv", "find", "clean", "purge")


@dataclass(frozen=True)
class _Index:
    """RUNs by what they may take away: `at` that path, or `below` that folder. Of a pattern, the folder counts before the first wildcard."""

    at: dict[str, set[int]]
    below: dict[str, set[int]]


def removes(step: Step) -> bool:
    """Whether it takes anything away, for all that is known."""
    return step.command.name in ("rm", "unlink", "mv", "find") or bool(step.deletions)


def seen(graph: Graph, copy: Copy, run: Instruction) -> tuple[Step, ...]:
    """The commands of the RUN, with paths as those of the COPY are told."""
    body, values = script(run), graph.state(run).values
    if not copy.blind or isinstance(body, Opaque):
        return commands(graph, run)
    return () if "CDPATH" in values else steps(body, SOMEWHERE, lasting(body, values))


def removers(graph: Graph, stage: Stage, copy: Copy) -> list[Instruction]:
    """The RUNs after a COPY that may take away what is at its target, below it, or a folder above it."""
    spend()
    if copy.blind:
        return [each for each in stage.after(copy.instruction) if each.keyword == "RUN" and any(map(removes, seen(graph, copy, each)))]
    index, target = _index(graph, stage), copy.target
    found = index.below.get(target, set()).union(*(index.at.get(path, ()) for path in (target, *parents(target))))
    return [graph.dockerfile.instructions[at] for at in sorted(found) if at > copy.instruction.index]


def _index(graph: Graph, stage: Stage) -> _Index:
    question = "removers", stage.index
    if question not in graph.answers:
        index = _Index(defaultdict(set), defaultdict(set))
        for run in stage.instructions:
            for path in _taken(graph, run) if run.keyword == "RUN" else ():
                index.at[path].add(run.index)
                for folder in parents(path):
                    index.below[folder].add(run.index)
        graph.answers[question] = index
    return graph.answers[question]


def _taken(graph: Graph, run: Instruction) -> set[str]:
    """The paths that its commands may take away, as far as they are literal."""
    text = run.span.of(graph.dockerfile.text)
    found = [step for step in commands(graph, run) if removes(step)] if any(word in text for word in REMOVING) else []
    named = {path for step in found for path, word in zip(step.named[1:], step.command.words[1:]) if path and not word.raw.startswith("-")}
    return {_start(path) for path in named.union(effect.path for step in found for effect in step.effects or ())}


def _start(path: str) -> str:
    """The folder in which all is that a pattern may mean, or the path that has no wildcard."""
    return "/".join(takewhile(lambda part: not wild(part), path.split("/"))) or "/"
