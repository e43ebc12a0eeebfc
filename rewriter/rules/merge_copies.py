"""Make one COPY of several that put files into the same folder.

What it does
    Names the files of neighbouring COPYs in the first, so that there is one layer instead of several. Where the build
    context shows that they are files, and small, and no comment parts them; all others with `--merge all`, or if this
    rule is asked for by name (`--select merge-copies`).

Before
    FROM debian:bookworm-slim
    COPY app.conf /etc/app/
    COPY log.conf /etc/app/

After
    FROM debian:bookworm-slim
    COPY app.conf log.conf /etc/app/

Why it is safe
    A COPY takes its sources one after the other, each as a COPY of its own would. Nothing runs between the two, so all
    that comes after them is built again if any of the files changes, as before.

When it keeps still
    The files are large, folders, or from a stage: what has changed would be pushed and pulled with what has not. The
    flags differ, or there is --link. A new block begins, with a comment of its own. The form is JSON. The target names the
    file (`COPY a.conf /etc/a.conf`), where a link or a folder may be already: level bold.
"""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.graph.folders import Filling, entries, filling, patterned
from rewriter.merging import pragma
from rewriter.neighbours import blocks, commented, headed
from rewriter.options import LEVELS
from rewriter.rule import Finding, Scene, Still
from rewriter.text import Edit
from rewriter.verbs import pool

_SMALL = 1_000_000  # bytes which are pushed anew as fast as a layer is looked up
_WIDE = 100  # characters that one line may have


def find(scene: Scene) -> Iterator[Finding | Still]:
    if scene.options.merge in ("off", "saving"):
        return
    starts = headed if _wanted(scene) else commented
    for stage in scene.stages:
        for keyword in ("COPY", "ADD"):
            for block in blocks(scene, stage, keyword, starts):
                fillings = [filling(scene.graph, stage, each, scene.context) for each in block]
                sure = list(_grouped(scene, [each if each and not each.named else None for each in fillings]))
                yield from sure if any(isinstance(each, Finding) for each in sure) else _grouped(scene, fillings)


def _wanted(scene: Scene) -> bool:
    """Whether all are to be joined that can be."""
    return scene.options.merge == "all" or "merge-copies" in scene.options.select


def _grouped(scene: Scene, fillings: list[Filling | None]) -> Iterator[Finding | Still]:
    """As many of a block as can be one, from the first on; then the rest in the same way."""
    group: list[Filling] = []
    for each in fillings:
        alike = bool(group) and each is not None and _kind(group[0]) == _kind(each)
        reason = _obstacle(scene, [*group, each]) if alike else ""
        if reason:
            yield Still(each.instruction, f"not joined to the {each.instruction.keyword} at line {scene.graph.line(group[0].instruction)}: {reason}")
        if reason or not alike:
            yield from _finding(scene, group)
            group = []
        if each:
            group.append(each)
    yield from _finding(scene, group)


def _kind(each: Filling) -> tuple[str, list[str]]:
    return each.place, sorted(flag.text for flag in each.instruction.flags)


def _obstacle(scene: Scene, group: list[Filling]) -> str:
    """Why the last of a group is not joined to the others."""
    graph, last = scene.graph, group[-1].instruction
    if reason := pragma(graph, last):
        return reason
    found = [entries(graph, each.instruction, scene.context) for each in group]
    if not scene.target.buildkit and any(patterned(each.instruction) and not them for each, them in zip(group, found)):
        return f"{scene.target.builder}, which it is written for, fails on a pattern alone that fits nothing"
    if _wanted(scene):
        return ""
    if None in found:
        return "it can't be told how much they copy (--merge all joins them)"
    copied = [entry for them in found for entry in them or ()]
    if any(entry.kind != "file" for entry in copied):
        return "a folder is copied, all of which would be pushed anew with the other (--merge all joins them)"
    if sum(entry.size for entry in copied) > _SMALL:
        return "they are large, and all would be pushed anew for a part of it (--merge all joins them)"
    return ""


def _finding(scene: Scene, group: list[Filling]) -> Iterator[Finding]:
    if len(group) < 2:
        return
    graph, first, last = scene.graph, group[0], group[-1]
    parts = [(each.instruction, Edit(each.sources, each.sources.of(graph.dockerfile.text))) for each in group]
    parts.append((last.instruction, Edit(last.target, first.folder)))
    named = [each for each in group if each.named]
    told = f"; not the same if the base has a link or a folder at {named[0].target.of(graph.dockerfile.text)}" if named else ""
    less = len(group) - 1
    reason = f"joins {len(group)} {first.instruction.keyword}s into {first.folder}: {less} layer{'s' if less > 1 else ''} less{told}"
    edits = pool(graph.dockerfile, tuple(parts), flat=_flat(scene, group))
    yield Finding(first.instruction, reason, edits, level=LEVELS[-1] if named else LEVELS[0])


def _flat(scene: Scene, group: list[Filling]) -> bool:
    """Whether one line does: the author has each on one, and no comment stands between."""
    dockerfile = scene.graph.dockerfile
    short = sum(len(each.sources) + 1 for each in group) + group[0].sources.start - group[0].instruction.span.start + len(group[0].folder) <= _WIDE
    plain = all(each.instruction.line == each.instruction.end_line for each in group)
    return short and plain and not any(commented(dockerfile, each.instruction) for each in group[1:])
