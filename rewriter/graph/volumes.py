"""Volumes: what a RUN changes in one, builders other than BuildKit throw away as it ends; what is copied there stays."""
from __future__ import annotations

from rewriter.graph.before import commands, earlier
from rewriter.graph.model import Graph, Stage
from rewriter.shell.effects import keeps_off
from rewriter.shell.paths import absolute, might_meet
from rewriter.source.model import Instruction


def may_lie_in(volume: Instruction, path: str) -> bool:
    """Whether a path may be in one that a VOLUME names, or above it."""
    return any(folder is None or might_meet(folder, path) for folder in _folders(volume))


def in_volume(graph: Graph, stage: Stage, run: Instruction, path: str) -> str:
    """Why a path may lie in a volume as the RUN is run; "" for no sign of it."""
    found = next((each for each in earlier(graph, stage, run) if each.keyword == "VOLUME" and may_lie_in(each, path)), None)
    return f"{path} may lie in the VOLUME of line {graph.line(found)}, in which the builder keeps nothing that a RUN does" if found else ""


def forgotten(graph: Graph, stage: Stage, run: Instruction) -> str:
    """Why what a RUN does may be thrown away as it ends, which a later one that is joined to it would still see; "" where nothing is."""
    for each in earlier(graph, stage, run):
        folders = _folders(each) if each.keyword == "VOLUME" else []
        if any(folder is None or not keeps_off(commands(graph, run), folder, tree=True) for folder in folders):
            return f"it may change the VOLUME of line {graph.line(each)}, in which the builder keeps nothing that a RUN does"
    return ""


def _folders(volume: Instruction) -> list[str | None]:
    """What a VOLUME names; None for one that a variable tells."""
    return [None if "$" in word else absolute(word, "/") or "/" for word in volume.json or volume.arguments.text.split()]
