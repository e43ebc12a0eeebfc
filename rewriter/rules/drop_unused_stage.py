"""Take out a stage that the last one is not made of.

What it does
    Drops a stage that nothing leads to from the last one: none is built on it, copies from it or mounts it. One that
    has a name only if this rule is asked for by name (`--select drop-unused-stage`).

Before
    FROM debian:bookworm-slim AS build
    RUN mkdir /out

    FROM debian:bookworm-slim AS docs
    COPY --from=build /out /docs

    FROM debian:bookworm-slim
    COPY --from=build /out /srv

After
    FROM debian:bookworm-slim AS build
    RUN mkdir /out

    FROM debian:bookworm-slim
    COPY --from=build /out /srv

Why it is safe
    Nothing of it gets into the image. The level is bold, since it may be what someone builds with `--target`, and since the
    classic builder and kaniko, which build every stage, fail where it fails.

When it keeps still
    It has a name, and the rule was not asked for by name. A stage is referred to by its number, which would be another.
    A variable may stand for the name of the stage. A comment keeps rules off.
"""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.graph.model import Stage
from rewriter.rule import Finding, Scene, Still
from rewriter.verbs import drop


def find(scene: Scene) -> Iterator[Finding | Still]:
    graph = scene.graph
    for stage in graph.stages:
        if stage.index in graph.used:
            continue
        if reason := _obstacle(scene, stage):
            yield Still(stage.start, reason)
            continue
        built = "" if not scene.target.lacks("skipping of unused stages") else f", though {scene.target.builder} builds it"
        edits = drop(graph.dockerfile, (stage.start, *stage.instructions))
        yield Finding(stage.start, f"nothing of this stage gets into the image{built}", edits)


def _obstacle(scene: Scene, stage: Stage) -> str:
    if stage.name and "drop-unused-stage" not in scene.options.select:
        return f"nothing of this stage gets into the image, but it may be built by its name (--target {stage.name})"
    if scene.graph.numbered:
        return "a stage is referred to by its number"
    if not all(map(scene.free, (stage.start, *stage.instructions))):
        return "a comment keeps this rule off a part of the stage"
    return ""
