"""Take out a WORKDIR that names the folder which it is already.

What it does
    Drops a WORKDIR if the one before it, in the same stage, names the same folder. BuildKit makes an empty layer of each.

Before
    FROM debian:bookworm-slim
    WORKDIR /srv/app
    RUN touch config
    WORKDIR /srv/app
    RUN touch data

After
    FROM debian:bookworm-slim
    WORKDIR /srv/app
    RUN touch config
    RUN touch data

Why it is safe
    The folder was made by the first, and every RUN makes it again if it is gone, so the second finds it there and changes
    nothing. What is relative to it stays so, and the image's setting is the same to the letter.

When it keeps still
    A RUN between may remove the folder or put something else in its place: then the second makes it, for its own user. A
    variable in the path is not known. The path is relative, or one ends in a slash and the other does not, which BuildKit
    keeps in the setting. The first is that of the stage that this one is built on: to say it again is how many write.
"""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.graph.before import removal
from rewriter.graph.expand import expand
from rewriter.graph.model import Graph
from rewriter.rule import Finding, Scene, Still
from rewriter.source.model import Instruction
from rewriter.verbs import drop


def find(scene: Scene) -> Iterator[Finding | Still]:
    graph = scene.graph
    for stage in scene.stages:
        first: Instruction | None = None
        between: list[Instruction] = []
        for each in stage.instructions:
            if each.keyword != "WORKDIR":
                between.append(each)
                continue
            if first and _same(graph, first, each) and scene.free(each):
                if reason := removal(graph, between, graph.state(each).workdir or "/"):
                    yield Still(each, reason)
                else:
                    yield Finding(each, f"it is the folder since line {graph.line(first)}: 1 layer less", drop(graph.dockerfile, (each,)))
            first, between = each, []


def _same(graph: Graph, first: Instruction, each: Instruction) -> bool:
    """Whether the two come to one absolute path, letter for letter, so that the setting is the same."""
    said, again = (expand(instruction.arguments.text, graph.state(instruction).values) for instruction in (first, each))
    return said is not None and said.startswith("/") and said == again
