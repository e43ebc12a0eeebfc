"""Proof that nothing can be at a path, from the text alone: its folder was made, and so was new, and is still empty there."""
from __future__ import annotations

from rewriter.graph.before import commands, earlier
from rewriter.graph.context import Context
from rewriter.graph.fates import disjoint
from rewriter.graph.landings import Landing
from rewriter.graph.model import Graph, Stage, script
from rewriter.shell.certainty import decides
from rewriter.shell.effects import Step, keeps_off
from rewriter.shell.model import Opaque, Script
from rewriter.shell.paths import parents
from rewriter.source.model import Instruction


def new_folder(graph: Graph, stage: Stage, copy: Instruction, landing: Landing, context: Context | None) -> str:
    """The folder above `landing` that an earlier RUN of the stage made with a plain `mkdir`; "" where there is none.

    Nothing between that and the COPY may concern the landing.
    """
    before = stage.before(copy)
    for at in range(len(before) - 1, -1, -1):
        if before[at].keyword == "RUN":
            found, body = commands(graph, before[at]), script(before[at])
            for index, step in enumerate(found):
                if (folder := _made(body, step, landing.path)) and keeps_off(found[index + 1 :], landing.path, landing.whole):
                    return folder
        if not disjoint(graph, before[at], (landing,), context):
            return ""
    return ""


def _made(body: Script | Opaque, step: Step, path: str) -> str:
    """The folder above `path` that a `mkdir` makes: without -p it fails where there is one."""
    if isinstance(body, Opaque) or step.command.name != "mkdir" or step.command.options or not decides(body, step.command):
        return ""
    made = {effect.path for effect in step.effects or ()}
    return next((folder for folder in parents(path) if folder in made), "")


def untouched(graph: Graph, stage: Stage, copy: Instruction, landings: tuple[Landing, ...], context: Context | None) -> bool:
    """Whether all that is run before the COPY is known to keep off the landings, so that no link or file was put there."""
    return all(disjoint(graph, each, landings, context) for each in earlier(graph, stage, copy))
