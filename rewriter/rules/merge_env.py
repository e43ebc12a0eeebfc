"""Make one ENV of several that stand side by side.

What it does
    Puts the pairs of neighbouring ENVs, a line each, into the first. Where the builder is one that commits every
    instruction by itself (`--builder classic` or `podman`), with `--merge all`, or if this rule is asked for by name
    (`--select merge-env`): an ENV makes no layer, so BuildKit gains nothing by it.

Before
    FROM debian:bookworm-slim
    ENV LANG=C.UTF-8
    # where the application lives
    ENV APP_HOME=/srv/app
    ENV PATH=$APP_HOME/bin:$PATH

After
    FROM debian:bookworm-slim
    ENV LANG=C.UTF-8 \\
        # where the application lives
        APP_HOME=/srv/app
    ENV PATH=$APP_HOME/bin:$PATH

Why it is safe
    All values of an ENV are expanded with the variables as they were before it, so one that uses a name that an earlier
    one sets is not joined to it. The order of the pairs stays, and so does the list in the image's settings.

When it keeps still
    A name is set twice, or used. A blank line, a comment for a linter, or an instruction that is commented out stands
    between. Quotes or escapes leave a doubt about a value.
"""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.graph.expand import named
from rewriter.graph.model import Graph
from rewriter.pairs import merged
from rewriter.rule import Finding, Scene, Still
from rewriter.source.model import Instruction


def find(scene: Scene) -> Iterator[Finding | Still]:
    yield from merged(scene, "merge-env", "ENV", _obstacle)


def _obstacle(graph: Graph, group: list[Instruction], then: Instruction) -> str:
    for each in group:
        names = {name.upper() for name, _ in graph.meanings[each.index].pairs}  # on Windows the case means nothing
        for name, value in graph.meanings[then.index].pairs:
            if name.upper() in names:
                return f"{name} is set at line {graph.line(each)}, too"
            if used := sorted(used for used in named(value) if used.upper() in names):
                return f"{name} uses {used[0]}, which line {graph.line(each)} sets"
    return ""
