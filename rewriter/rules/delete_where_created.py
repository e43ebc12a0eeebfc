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

from rewriter.graph.commuting import hindrance, raised, restless, strangers
from rewriter.graph.deletes import Doomed, doomed, entirely, installers, literal_text
from rewriter.graph.model import NEUTRAL, Stage, single
from rewriter.graph.refilling import in_caches, joinable, refilled
from rewriter.graph.runs import alone, joint_plan, longer_plan
from rewriter.merging import groups, pragma
from rewriter.moving import brought
from rewriter.record import replace
from rewriter.rule import Finding, Scene, Still, rule
from rewriter.shell.joining import Refused
from rewriter.source.model import Instruction
from rewriter.text import Edit
from rewriter.verbs import extended, gather


@rule()
def delete_where_created(scene: Scene) -> Iterator[Finding | Still]:
    if scene.options.merge == "off":
        return
    for stage in scene.stages:
        for run in stage.instructions:
            if run.keyword == "RUN" and scene.free(run):
                answers = list(_answers(scene, stage, run))
                yield from [each for each in answers if isinstance(each, Finding)][:1] or answers[:1]


def _joined(scene: Scene) -> list[tuple[Instruction, ...]]:
    """RUNs of which merge-runs makes one."""
    return [each.runs for crossed in (frozenset(), NEUTRAL) for each in groups(scene, crossed) if not isinstance(each, Still)]


def _answers(scene: Scene, stage: Stage, run: Instruction) -> Iterator[Finding | Still]:
    """What can be done, the plainest first, or why it can't."""
    pairs, installed = doomed(scene.graph, stage, run), installers(scene.graph, stage, run)
    joined = _joined(scene) if pairs or installed else []
    beside = {each.index for runs in joined if run in runs for each in runs}
    pairs = [each for each in pairs if each.maker.index not in beside and scene.free(each.maker)]
    ways = [_ways(each, joined) for each in pairs]
    for each, same in zip(pairs, ways):
        for pair in same:
            if each.maker is pairs[-1].maker and (whole := entirely(scene.graph, pair)) and isinstance(found := _moved(scene, stage, whole), Finding):
                yield found
            if not each.stuck:
                yield _brought(scene, stage, pair)
    for same in ways:
        yield from _repeated(scene, stage, same)
    heavy = {each.maker.index for each in pairs if each.weighty} | {each.index for each in installed}
    for index in sorted(({each.maker.index for each in pairs} | heavy) - beside, reverse=True):
        if found := _together(scene, stage, scene.graph.dockerfile.instructions[index], run, index in heavy):
            yield found


def _ways(pair: Doomed, joined: list[tuple[Instruction, ...]]) -> tuple[Doomed, ...]:
    """The RUNs at whose end the delete may come to stand: the maker, or one that becomes the same layer."""
    fellows = [other for runs in joined if pair.maker in runs for other in runs if pair.maker.index < other.index < pair.run.index]
    return (pair, *(replace(pair, maker=other) for other in fellows[::-1]))


def _moved(scene: Scene, stage: Stage, pair: Doomed) -> Finding | Still:
    """The whole RUN that only deletes, in its author's words."""
    graph, runs = scene.graph, (pair.maker, pair.run)
    reason = hindrance(graph, stage, pair, scene.context) or _unlike(scene, runs) or pragma(graph, pair.run)
    plan = Refused(0, reason) if reason else joint_plan(graph, runs)
    return _answer(scene, pair.run, pair.maker, plan if isinstance(plan, Refused) else gather(graph.dockerfile, runs, plan))


def _brought(scene: Scene, stage: Stage, pair: Doomed) -> Finding | Still:
    """One command, or some of its operands."""
    graph, text = scene.graph, literal_text(pair)
    reason = hindrance(graph, stage, pair, scene.context) or alone(graph, pair.maker) or (pragma(graph, pair.run) if single(pair.run) else "")
    reason = reason or ("" if text else "its words can't be written elsewhere")
    plan = Refused(0, reason) if reason else longer_plan(graph, pair.maker, text)
    if not isinstance(plan, Refused):
        plan = brought(graph.dockerfile, pair.maker, text, plan, pair.run, pair.step.command, pair.words) or Refused(0, "it can't be taken out of its RUN")
    return _answer(scene, pair.run, pair.maker, plan)


def _repeated(scene: Scene, stage: Stage, same: tuple[Doomed, ...]) -> Iterator[Finding]:
    """The delete of a cache in the RUN that filled it, too, where nothing needs it any more before it is fetched anew, or goes."""
    graph = scene.graph
    for pair in filter(None, map(in_caches, same if not any(joinable(graph, stage, each) for each in same) else ())):
        text = literal_text(pair)
        if text and not alone(graph, pair.maker) and refilled(graph, stage, pair, scene.context):
            plan = longer_plan(graph, pair.maker, text)
            if not isinstance(plan, Refused):
                told = f"the RUN at line {graph.line(pair.run)} deletes what this fetches, which nothing needs till then: deleted here, too, it is in no layer"
                yield Finding(pair.maker, told, extended(graph.dockerfile, pair.maker, plan, text, []), None)


def _together(scene: Scene, stage: Stage, maker: Instruction, run: Instruction, heavy: bool) -> Finding | Still | None:
    """All RUNs from the one that makes to the one that deletes. A COPY goes above them, and spoils their cache, only for what is heavy."""
    graph, start = scene.graph, stage.instructions.index(maker)
    runs = tuple(each for each in stage.instructions[start : stage.instructions.index(run) + 1] if each.keyword == "RUN")
    if all(each.keyword == "RUN" or each.keyword in NEUTRAL for each in stage.instructions[start : stage.instructions.index(run)]):
        return None  # merge-runs and merge-runs-across have decided on those
    reasons = [_unlike(scene, runs), *(strangers(graph, runs[0], then) or pragma(graph, then) for then in runs[1:])]
    up = raised(graph, stage, runs, scene.context)
    reasons += [up] if isinstance(up, str) else ["its cache would be spoilt by what stands between, for too little"] if up and not heavy else []
    if not isinstance(up, str) and scene.options.merge != "all":
        reasons.append(restless(graph, up, scene.context))
    reason = next(filter(None, reasons), "")
    plan = Refused(0, reason) if reason else joint_plan(graph, runs)
    return _answer(scene, run, maker, plan if isinstance(plan, Refused) else gather(graph.dockerfile, runs, plan, raised=up), "joined")


def _unlike(scene: Scene, runs: tuple[Instruction, ...]) -> str:
    """Why one of these RUNs can't be joined to others."""
    reasons = (alone(scene.graph, each) or ("it is a heredoc" if each.heredocs else "") or ("" if scene.free(each) else "a comment keeps this rule off it") for each in runs)
    return next(filter(None, reasons), "")


def _answer(scene: Scene, run: Instruction, maker: Instruction, edits: tuple[Edit, ...] | Refused, how: str = "deleted there") -> Finding | Still:
    line = scene.graph.line(maker)
    if isinstance(edits, Refused):
        return Still(run, f"not joined to the RUN at line {line}, which made what it deletes: {edits.reason}")
    return Finding(run, f"the RUN at line {line} made what this deletes: {how}, it is in no layer", edits, None)
