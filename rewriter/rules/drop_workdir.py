"""Take out a WORKDIR that names the folder which it is already.

What it does
    Drops a WORKDIR if the one before it, in the same stage, names the same folder. BuildKit makes an empty layer of each.
    A comment above it stays, or goes to the first if it speaks of the working directory.

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
from rewriter.removing import drop_into
from rewriter.rule import Finding, Scene, Still
from rewriter.source.model import Dockerfile, Instruction
from rewriter.text import Edit
from rewriter.verbs import addressed, drop, own_comments

_ABOUT = ("workdir", "work dir", "working")


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
                    yield Finding(each, f"it is the folder since line {graph.line(first)}: 1 layer less", _dropped(graph.dockerfile, each, first))
            first, between = each, []


def _dropped(dockerfile: Dockerfile, gone: Instruction, first: Instruction) -> tuple[Edit, ...]:
    """Without the WORKDIR. A comment above it is about what follows, as a rule; one that speaks of the folder goes to the first."""
    own = own_comments(dockerfile, gone)
    about = len(own) == 1 and any(word in own[0].text.lower() for word in _ABOUT) and not addressed(own[0])
    return drop_into(dockerfile, (gone,), first) if about else drop(dockerfile, (gone,))


def _same(graph: Graph, first: Instruction, each: Instruction) -> bool:
    """Whether the two come to one absolute path, letter for letter, so that the setting is the same."""
    said, again = (expand(instruction.arguments.text, graph.state(instruction).values) for instruction in (first, each))
    return said is not None and said.startswith("/") and said == again
