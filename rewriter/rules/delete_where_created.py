"""Move a RUN that only deletes up to the RUN that made what it deletes.

What it does
    Joins a RUN of nothing but `rm` to the earlier RUN in which its files came to be, across what stands between.

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
    What stands between neither reads, lists nor makes any of the paths, so it does not matter to it when they go, and
    the `rm` finds there what it would have found later. Its words are literal, so variables don't matter to it.

When it keeps still
    Something between may use the paths. USER, SHELL, or a variable by which programs are found changes between. The two
    can't share a shell (see merge-runs). It is not known which RUN made the files.
"""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.graph.before import commands, linked
from rewriter.graph.fates import Landing, disjoint
from rewriter.graph.model import Graph, Stage
from rewriter.graph.runs import alone, joint_plan
from rewriter.rule import Finding, Scene, Still, rule
from rewriter.shell.effects import Step, touches
from rewriter.shell.joining import Refused
from rewriter.shell.tools import Act
from rewriter.source.meaning import Unclear
from rewriter.source.model import Instruction
from rewriter.verbs import chained, gather

_FINDS_PROGRAMS = ("PATH", "LD_", "HOME", "POSIXLY_CORRECT")


@rule()
def delete_where_created(scene: Scene) -> Iterator[Finding | Still]:
    if scene.options.merge == "off":
        return
    for stage in scene.stages:
        for at, run in enumerate(stage.instructions):
            if run.keyword == "RUN" and scene.free(run) and at and stage.instructions[at - 1].keyword != "RUN":
                yield from _moved(scene, stage, run)


def _moved(scene: Scene, stage: Stage, run: Instruction) -> Iterator[Finding | Still]:
    graph = scene.graph
    found = commands(graph, run)
    paths = _deleted(found) if chained(run) and not run.flags else ()
    maker = _maker(graph, stage, run, paths)
    if maker is None:
        return
    between = stage.instructions[stage.instructions.index(maker) + 1 : stage.instructions.index(run)]
    if reason := _obstacle(scene, maker, between, run, paths) or linked(graph, stage, run, tuple(path.path for path in paths)):
        yield Still(run, reason)
        return
    plan = joint_plan(graph, (maker, run))
    if isinstance(plan, Refused):
        yield Still(run, f"not joined to the RUN at line {graph.line(maker)}, which made it: {plan.reason}")
        return
    reason = f"the RUN at line {graph.line(maker)} made what this deletes: deleted there, it is in no layer"
    yield Finding(run, reason, gather(graph.dockerfile, (maker, run), plan), None)


def _deleted(found: tuple[Step, ...]) -> tuple[Landing, ...]:
    """The paths of a body of nothing but `rm`; () for any other."""
    effects = [effect for step in found for effect in step.effects or ()]
    if not effects or any(step.command.name != "rm" or step.effects is None for step in found):
        return ()
    return tuple(Landing("", effect.path, True, True, True) for effect in effects)


def _maker(graph: Graph, stage: Stage, run: Instruction, paths: tuple[Landing, ...]) -> Instruction | None:
    """The last RUN before that is known to make one of the paths, or something below one."""
    before = stage.instructions[: stage.instructions.index(run)]
    for each in reversed(before):
        if each.keyword == "RUN" and any(_makes(step, path.path) for step in commands(graph, each) for path in paths):
            return each
    return None


def _makes(step: Step, path: str) -> bool:
    return any(effect.act is Act.WRITE and touches(effect, path, tree=True) for effect in step.effects or ())


def _obstacle(scene: Scene, maker: Instruction, between: tuple[Instruction, ...], run: Instruction, paths: tuple[Landing, ...]) -> str:
    graph = scene.graph
    ours, theirs = graph.state(maker), graph.state(run)
    if not scene.free(maker):
        return f"a comment keeps this rule off the RUN at line {graph.line(maker)}"
    if reason := alone(graph, maker) or alone(graph, run):
        return f"not joined to the RUN at line {graph.line(maker)}, which made it: {reason}"
    if ours.workdir != theirs.workdir and not _absolute(commands(graph, run)):
        return "its paths are seen from another WORKDIR"
    if maker.flags or (ours.user, ours.shell) != (theirs.user, theirs.shell):
        return f"it does not run as the RUN at line {graph.line(maker)} does, which made it"
    changed = {name for name in theirs.values if name not in ours.values or theirs.values[name] != ours.values[name]}
    if any(name.startswith(_FINDS_PROGRAMS) for name in changed):
        return "a variable by which programs are found is set between"
    if any(isinstance(graph.meanings[each.index], Unclear) for each in between):
        return "a variable that can't be read is set between"
    for each in between:
        if not disjoint(graph, each, paths, scene.context):
            return f"the {each.keyword} at line {graph.line(each)} stands between, and may use or change what it deletes"
    return ""


def _absolute(found: tuple[Step, ...]) -> bool:
    return all((word.value or "").startswith(("/", "-")) for step in found for word in step.command.words[1:])
