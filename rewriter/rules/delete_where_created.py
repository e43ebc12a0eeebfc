"""Bring a delete and what made its files into one RUN, though they stand apart.

What it does
    Moves the `rm`, or a whole RUN that only deletes, up to the RUN in which the files came to be; or joins the RUNs from
    that one to the one that deletes, with what stands between above or below them. So also where packages are removed.
    Where a package manager's cache is fetched anew before it is deleted, the RUN that filled it first deletes it, too; so
    also where the delete has to stay behind an `apt-get clean`.

Before
    FROM debian:bookworm-slim
    RUN apt-get update && apt-get install -y curl
    COPY app /srv/app
    RUN rm -rf /var/lib/apt/lists/*

After
    FROM debian:bookworm-slim
    RUN apt-get update && apt-get install -y curl && \\
        rm -rf /var/lib/apt/lists/*
    COPY app /srv/app

Why it is safe
    What a command passes neither reads, lists nor makes any of the paths, so it does not matter to it when they go, and
    the `rm` finds there what it would have found later. Its words are literal, so variables don't matter to it. A COPY
    changes places only with RUNs that can't see what it brings. A cache is deleted twice only where it is surely fetched
    as a whole before something needs it, and deleted after that.

When it keeps still
    Something between may use the paths, and can't be moved. USER, SHELL, or a variable by which programs are found
    changes between. The RUNs can't share a shell (see merge-runs). It is not known which RUN made the files. A folder of
    sources would come above RUNs that do without it, and have them run again with each change (`--merge all` takes that).
"""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.graph.deletes import Doomed, doomed, entirely, installers, unclaimed
from rewriter.graph.model import NEUTRAL, Stage
from rewriter.graph.volumes import in_volume
from rewriter.merging import groups
from rewriter.record import replace
from rewriter.rule import Finding, Scene, Still
from rewriter.source.model import Instruction


# Without one of these in it, a RUN is not read: it takes nothing away.
_DELETING = ("rm", "unlink", "clean", "remove", "purge", "del", "erase", "uninstall")


def find(scene: Scene) -> Iterator[Finding | Still]:
    if scene.options.merge == "off":
        return
    for stage in scene.stages:
        for run in stage.instructions:
            if run.keyword == "RUN" and scene.free(run) and any(word in run.span.of(scene.graph.dockerfile.text) for word in _DELETING):
                answers = list(_answers(scene, stage, run))
                yield from [each for each in answers if isinstance(each, Finding)][:1] or answers[:1] or _unclaimed(scene, stage, run)


def _unclaimed(scene: Scene, stage: Stage, run: Instruction) -> list[Still]:
    path = unclaimed(scene.graph, stage, run, scene.context)
    return [Still(run, f"it is not known which RUN, if any, made {path}, which it deletes")] if path else []


def _joined(scene: Scene) -> list[tuple[Instruction, ...]]:
    """RUNs of which merge-runs makes one."""
    question, answers = ("joined", scene.ignored, scene.options.merge), scene.graph.answers
    if question not in answers:
        answers[question] = [each.runs for crossed in (frozenset(), NEUTRAL) for each in groups(scene, crossed) if not isinstance(each, Still)]
    return answers[question]


def _answers(scene: Scene, stage: Stage, run: Instruction) -> Iterator[Finding | Still]:
    """What can be done, the plainest first, or why it can't."""
    pairs, installed = doomed(scene.graph, stage, run), installers(scene.graph, stage, run)
    joined = _joined(scene) if pairs or installed else []
    beside = {each.index for runs in joined if run in runs for each in runs}
    pairs = [each for each in pairs if each.maker.index not in beside and scene.free(each.maker)]
    if not scene.target.buildkit:
        pairs = [each for each in pairs if not any(in_volume(scene.graph, stage, run, path.path) for path in each.paths)]
    heavy = {each.maker.index for each in pairs if each.weighty} | {each.index for each in installed}
    makers = ({each.maker.index for each in pairs} | heavy) - beside
    if not makers:
        return
    from rewriter.deleting import brought_up, moved, repeated, together  # most RUNs make nothing that a later one deletes

    ways = [_ways(each, joined) for each in pairs]
    for each, same in zip(pairs, ways):
        for pair in same:
            if each.maker is pairs[-1].maker and (whole := entirely(scene.graph, pair)) and isinstance(found := moved(scene, stage, whole), Finding):
                yield found
            if not each.stuck:
                yield brought_up(scene, stage, pair)
    for same in ways:
        yield from repeated(scene, stage, same)
    for index in sorted(makers, reverse=True):
        if found := together(scene, stage, scene.graph.dockerfile.instructions[index], run, index in heavy):
            yield found


def _ways(pair: Doomed, joined: list[tuple[Instruction, ...]]) -> tuple[Doomed, ...]:
    """The RUNs at whose end the delete may come to stand: the maker, or one that becomes the same layer."""
    fellows = [other for runs in joined if pair.maker in runs for other in runs if pair.maker.index < other.index < pair.run.index]
    return (pair, *(replace(pair, maker=other) for other in fellows[::-1]))
