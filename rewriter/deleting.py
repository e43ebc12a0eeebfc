"""The ways in which a delete comes into the RUN that made what it deletes, or the RUNs into one."""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.graph.commuting import hindrance, raised, restless, strangers
from rewriter.graph.deletes import Doomed, literal_text
from rewriter.graph.model import NEUTRAL, Stage, single
from rewriter.graph.refilling import in_caches, joinable, refilled
from rewriter.graph.runs import alone, joint_plan, longer_plan
from rewriter.merging import pragma
from rewriter.moving import carried, ended
from rewriter.rule import Finding, Scene, Still
from rewriter.shell.joining import Refused
from rewriter.source.model import Instruction
from rewriter.text import Edit
from rewriter.verbs import gather


def moved(scene: Scene, stage: Stage, pair: Doomed) -> Finding | Still:
    """The whole RUN that only deletes, in its author's words."""
    graph, runs = scene.graph, (pair.maker, pair.run)
    reason = hindrance(graph, stage, pair, scene.context) or _unlike(scene, runs) or pragma(graph, pair.run)
    plan = Refused(0, reason) if reason else joint_plan(graph, runs)
    return _answer(scene, pair.run, pair.by, plan if isinstance(plan, Refused) else gather(graph.dockerfile, runs, plan), _where(scene, pair))


def brought_up(scene: Scene, stage: Stage, pair: Doomed) -> Finding | Still:
    """One command, or some of its operands."""
    graph, text = scene.graph, literal_text(pair)
    reason = hindrance(graph, stage, pair, scene.context) or alone(graph, pair.maker) or (pragma(graph, pair.run) if single(pair.run) else "")
    reason = reason or ("" if text else "its words can't be written elsewhere")
    plan = Refused(0, reason) if reason else longer_plan(graph, pair.maker, text)
    if not isinstance(plan, Refused):
        plan = carried(graph.dockerfile, pair.maker, text, plan, pair.run, pair.step.command, pair.words) or Refused(0, "it can't be taken out of its RUN")
    return _answer(scene, pair.run, pair.by, plan, _where(scene, pair))


def _where(scene: Scene, pair: Doomed) -> str:
    return "deleted there" if pair.maker is pair.by else f"deleted in the RUN at line {scene.graph.line(pair.maker)}, which is joined to that"


def repeated(scene: Scene, stage: Stage, same: tuple[Doomed, ...]) -> Iterator[Finding]:
    """The delete of a cache in the RUN that filled it, too, where nothing needs it any more before it is fetched anew, or goes."""
    graph = scene.graph
    for pair in filter(None, map(in_caches, same if not any(joinable(graph, stage, each) for each in same) else ())):
        text = literal_text(pair)
        if text and not alone(graph, pair.maker) and refilled(graph, stage, pair, scene.context):
            plan = longer_plan(graph, pair.maker, text)
            if not isinstance(plan, Refused):
                told = f"the RUN at line {graph.line(pair.run)} deletes what this fetches, which nothing needs till then: deleted here, too, it is in no layer"
                yield Finding(pair.maker, told, ended(graph.dockerfile, pair.maker, plan, text, []), None)


def together(scene: Scene, stage: Stage, maker: Instruction, run: Instruction, heavy: bool) -> Finding | Still | None:
    """All RUNs from the one that makes to the one that deletes. A COPY goes above them, and spoils their cache, only for what is heavy."""
    graph, between = scene.graph, stage.between(maker, run)
    runs = (maker, *(each for each in between if each.keyword == "RUN"), run)
    if all(each.keyword == "RUN" or each.keyword in NEUTRAL for each in between):
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


def _answer(scene: Scene, run: Instruction, maker: Instruction, edits: tuple[Edit, ...] | Refused, how: str) -> Finding | Still:
    line = scene.graph.line(maker)
    if isinstance(edits, Refused):
        return Still(run, f"not joined to the RUN at line {line}, which made what it deletes: {edits.reason}")
    return Finding(run, f"the RUN at line {line} made what this deletes: {how}, it is in no layer", edits, None)
