"""Caches of package managers that a RUN deletes, and does not need, or fetches anew: those of a RUN before it may go at once."""
from __future__ import annotations

from rewriter.graph.before import commands, linked
from rewriter.graph.bridges import bridged
from rewriter.graph.bridges import commands as bridging
from rewriter.graph.commuting import differently, meets
from rewriter.graph.context import Context
from rewriter.graph.deletes import Doomed, spares
from rewriter.graph.model import Graph, Stage, script
from rewriter.graph.mounts import covered
from rewriter.graph.runs import alone, bridged_plan
from rewriter.record import replace
from rewriter.shell.certainty import decides
from rewriter.shell.effects import Step
from rewriter.shell.joining import Refused
from rewriter.shell.model import Script
from rewriter.shell.tools import call_of
from rewriter.shell.tools.leftovers import APT, DISTRIBUTION, caches, cleaned
from rewriter.shell.tools.removal import forced
from rewriter.source.meaning import Unclear
from rewriter.source.model import Instruction

# Options with which a list of packages is still fetched as a whole.
_WHOLE = frozenset("-y -q -qq -qqy -qy -yq -yqq --yes --assume-yes --quiet --fix-missing --allow-releaseinfo-change -U -u --update --update-cache --no-progress".split())
_PARTIAL = frozenset({"-C", "--cacheonly"})


def in_caches(pair: Doomed) -> Doomed | None:
    """The part of a delete that is of such caches, if they take room, and works whether there is anything in them or not."""
    if not pair.weighty:
        return None
    if pair.step.command.name == "rm" and not forced(pair.step.command):
        return None
    mine = [path.path.startswith(DISTRIBUTION) and not path.path.startswith("/var/cache/apt") for path in pair.paths]
    if all(mine):
        return pair
    words = pair.words or tuple(word for word in pair.step.command.words[1:] if not (word.value or "").startswith("-"))
    if pair.step.command.name != "rm" or not any(mine) or len(words) != len(mine):
        return None
    return replace(pair, words=tuple(word for word, own in zip(words, mine) if own), paths=tuple(path for path, own in zip(pair.paths, mine) if own))


def refilled(graph: Graph, stage: Stage, pair: Doomed, context: Context | None) -> bool:
    """Whether nothing would miss the caches if the maker deleted them, too: what needs them next fetches them first, if anything does."""
    maker, run, paths = pair.maker, pair.run, tuple(path.path for path in pair.paths)
    if differently(graph, maker, run) or linked(graph, stage, run, paths) or covered(maker, paths) or covered(run, paths):
        return False
    if pair.step.command.name != "rm" and all(step.command.name != pair.step.command.name for step in commands(graph, maker)):
        return False
    for each in stage.between(maker, run):
        if each.keyword == "RUN":
            if (filled := _filled(each, commands(graph, each), paths)) is not None:
                return filled
        elif isinstance(graph.meanings[each.index], Unclear) or meets(graph, each, pair.paths, context):
            return False
    return _filled(run, pair.before, paths) is not False


def joinable(graph: Graph, stage: Stage, pair: Doomed) -> bool:
    """Whether the two can be made one RUN across ENV and WORKDIR: then the caches are in no layer, either."""
    found = bridged(stage, pair.run)
    if not found or found[0] is not pair.maker or alone(graph, pair.run) or alone(graph, pair.maker):
        return False
    given = bridging(graph, found[1], pair.run)
    return not isinstance(given, str) and not isinstance(bridged_plan(graph, pair.maker, pair.run, given), Refused)


def _filled(run: Instruction, found: tuple[Step, ...], paths: tuple[str, ...]) -> bool | None:
    """Whether a RUN fills them before it needs them; None where it does neither."""
    body = script(run)
    if not isinstance(body, Script) or body.commands is None:
        return False
    for step in found:
        if not all(spares(step, path) for path in paths) and not _tidies(step):
            return _fills(step, paths) and decides(body, step.command) and not run.flags
    return None


def _tidies(step: Step) -> bool:
    """Whether it is a plain `apt-get clean`: that looks at no list, and what it makes is deleted with the lists."""
    return step.command.name in APT and bool(cleaned(step.command))


def _fills(step: Step, paths: tuple[str, ...]) -> bool:
    """Whether a package manager fetches all of its lists anew, whatever it had."""
    name, said = step.command.name or "", [word.value or "?" for word in step.command.words[1:]]
    held = caches(step.command)
    if not all(any(path.startswith(cache) for cache in held) for path in paths) or call_of(step.command, step.cwd, loosely=True) is None:
        return False
    if name in APT:
        options = [word for at, word in enumerate(said) if word.startswith("-") or at and said[at - 1] == "-o"]
        return all(option in _WHOLE or option == "-o" or option.startswith("Acquire::") for option in options)
    return not _PARTIAL & set(said)
