"""Whether a RUN takes away what one before it brought, so that in one RUN of the two it would be in no layer."""
from __future__ import annotations

from rewriter.budget import spend
from rewriter.graph.bodies import body
from rewriter.graph.copies import SOMEWHERE
from rewriter.graph.deletes import begins
from rewriter.graph.model import Graph
from rewriter.shell.effects import Step, deletes, deleting, steps
from rewriter.shell.model import Script
from rewriter.shell.paths import wild, within
from rewriter.shell.tools import Act, Effect
from rewriter.shell.tools.files import CHANGERS
from rewriter.shell.tools.leftovers import named
from rewriter.source.model import Instruction

_CACHES = ("/var/lib/apt/lists", "/var/cache", "/var/tmp", "/var/log")
_BYTELESS = frozenset({"mkdir", "rmdir", "ln"})


def sheds(graph: Graph, runs: tuple[Instruction, ...]) -> bool:
    """Whether the last of these RUNs deletes something that one before it writes, or removes what it installs, as far as can be told."""
    question = "sheds", tuple(run.index for run in runs)
    if question not in graph.answers:
        graph.answers[question] = _sheds(graph, runs)
    return graph.answers[question]


def _sheds(graph: Graph, runs: tuple[Instruction, ...]) -> bool:
    *before, last = (_steps(graph, run) for run in runs)
    spend(sum(map(len, before)) // 2)
    left = {path for run in runs[:-1] for path in _left(graph, run)} if deleting(last) else set()
    return any(_removes(each, last) for each in before) or any(_takes(last, path) for path in left)


def _left(graph: Graph, run: Instruction) -> frozenset[str]:
    """The paths where a RUN leaves something that takes room."""
    question = "left", run
    if question not in graph.answers:
        graph.answers[question] = frozenset(effect.path for name, effect in _written(_steps(graph, run)) if name not in _BYTELESS)
    return graph.answers[question]


def undoes(graph: Graph, first: Instruction, then: Instruction) -> bool:
    """Whether the second RUN deletes a file that the first is known to write just there, or what it fetched of package lists, or removes what it installs."""
    ours, theirs = _steps(graph, first), _steps(graph, then)
    written = [effect for name, effect in _written(ours) if name not in _BYTELESS | CHANGERS]
    heavy = [each.path for each in written if not wild(each.path) and not (each.tree and each.path.count("/") == 1)]
    return _removes(ours, theirs) or any(_takes(theirs, path) for path in heavy)


def _steps(graph: Graph, run: Instruction) -> tuple[Step, ...]:
    """The commands of a RUN; a folder that the text does not tell is the same for all that stand below the same WORKDIR."""
    found, workdir = body(run), graph.state(run).workdir or SOMEWHERE
    return steps(found, workdir) if isinstance(found, Script) else ()


def _removes(found: tuple[Step, ...], later: tuple[Step, ...]) -> bool:
    """Whether packages that a body installs, and leaves, are removed by a later one that does not install them itself."""
    if not any(named(step.command, removed=True) for step in later):
        return False
    left: set[str] = set()
    for step in found:
        left = (left | named(step.command, removed=False)) - named(step.command, removed=True)
    for step in later:
        if named(step.command, removed=True) & left:
            return True
        left -= named(step.command, removed=False)
    return False


def _takes(found: tuple[Step, ...], path: str) -> bool:
    """Whether a body deletes what another wrote at the path: all of it, or of a whole tree a folder that it did not make itself."""
    return any(deletes(step, path) or _clears(step, path, found[:at]) for at, step in deleting(found))


def _written(found: tuple[Step, ...]) -> list[tuple[str, Effect]]:
    """What a body writes and does not delete itself, each with the command that does."""
    gone = deleting(found)
    return [
        (step.command.name or "", effect)
        for at, step in enumerate(found)
        for effect in step.effects or ()
        if effect.act == Act.WRITE and not any(place > at and (deletes(later, effect.path) or _clears(later, effect.path)) for place, later in gone)
    ]


def _clears(step: Step, path: str, before: tuple[Step, ...] = ()) -> bool:
    """Whether it deletes a folder below `path`, which was written as a whole tree. What packages write is in no cache."""
    if step.command.name == "mv" and any(each.effects is None for each in before):
        return False  # what is moved to its place was made just there
    return any(
        effect.tree and within(effect.path, path) and path != "/"
        and (path.count("/") > 1 or not effect.path.startswith(_CACHES))
        and (effect.path in (path, f"{path}/*") or not begins(before, effect.path))
        for effect in step.deletions
    )
