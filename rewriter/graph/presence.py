"""Proof that a folder is there, from the text alone: something before made it, and nothing took it away."""
from __future__ import annotations

from posixpath import dirname

from rewriter.graph.before import body_steps, doubtful, earlier
from rewriter.graph.copies import copy_of
from rewriter.graph.model import Graph, Stage, chained, script
from rewriter.shell.certainty import decides
from rewriter.shell.effects import Step, may_delete
from rewriter.shell.model import Opaque, Script
from rewriter.shell.paths import within
from rewriter.source.model import Instruction

# Bases that are no distribution, by a part of their name: what follows is not in them, and the first RUN makes /dev, /proc and /sys.
_BARE = ("busybox", "scratch")
_USUAL = frozenset(
    "/home /mnt /opt /srv /usr/bin /usr/lib /usr/sbin /usr/share /usr/local /usr/local/bin /usr/local/lib /usr/local/sbin /usr/local/share "
    "/var/cache /var/lib /var/log".split()
)


def stands(graph: Graph, stage: Stage, until: Instruction, folder: str) -> bool:
    """Whether a folder is there before an instruction of the stage: in any base, or by what was done since."""
    question = "stands", stage.index, until, folder
    if question not in graph.answers:
        graph.answers[question] = _stands(graph, stage, until, folder)
    return graph.answers[question]


def _stands(graph: Graph, stage: Stage, until: Instruction, folder: str) -> bool:
    there = folder in graph.state(until).standing or folder in _USUAL and not _bare(graph, stage)
    maybe = doubtful(graph, stage)
    for each in (*earlier(graph, stage, until), until):
        if each.index in maybe:
            there = there and not (each.keyword == "RUN" and any(may_delete(step, folder) for step in body_steps(graph, each)))
            continue
        if each.index < 0:  # a trigger, whose time has not come in the stage that has it
            continue
        workdir = graph.state(each).workdir
        there = there or workdir is not None and within(workdir, folder)
        if each is until:
            return there
        if each.keyword in ("COPY", "ADD"):
            other = copy_of(graph, each)
            there = there or not isinstance(other, Opaque) and not other.blind and within(other.target if other.into else dirname(other.target), folder)
        for step in body_steps(graph, each) if each.keyword == "RUN" else ():
            there = there and not may_delete(step, folder) or _makes(script(each), step, folder)
    return there


def _makes(body: Script | Opaque, step: Step, folder: str) -> bool:
    surely = step.command.name == "mkdir" and isinstance(body, Script) and decides(body, step.command)
    return surely and any(within(effect.path, folder) for effect in step.effects or ())


def made(graph: Graph, stage: Stage, until: Instruction, folder: str) -> bool:
    """Whether a RUN of the stage that can't do without it makes the folder, and no RUN takes it away."""
    there = False
    for each in stage.before(until):
        if each.keyword == "RUN":
            found = body_steps(graph, each)
            sure = chained(each) and not each.flags and any(_makes(script(each), step, folder) for step in found)
            there = (there and bool(found) or sure) and not any(may_delete(step, folder) for step in found)
    return there


def furnished(graph: Graph, stage: Stage, gone: tuple[Instruction, ...]) -> bool:
    """Whether /dev, /proc and /sys are in the image without these RUNs, as the base has them or another RUN makes them."""
    chain = (stage, *graph.ancestors(stage))
    other = any(each.keyword == "RUN" and each not in gone for above in chain for each in above.instructions)
    return other or not _bare(graph, stage)


def _bare(graph: Graph, stage: Stage) -> bool:
    """Whether the base is one of those, or may be."""
    images = [each.start.arguments.text.split()[0] for each in (stage, *graph.below(stage))]
    return any(name in image.rsplit("/", 1)[-1] for image in images for name in _BARE)
