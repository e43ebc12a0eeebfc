"""ENVs and LABELs side by side: what the rules that make one of them have in common."""
from __future__ import annotations

from collections.abc import Callable, Iterator

from rewriter.graph.model import Graph
from rewriter.merging import pragma
from rewriter.neighbours import blocks, spaced
from rewriter.rule import Finding, Scene, Still
from rewriter.source.meaning import Assignments
from rewriter.source.model import Instruction
from rewriter.text import Edit
from rewriter.verbs import pool

Obstacle = Callable[[Graph, list[Instruction], Instruction], str]


def merged(scene: Scene, rule: str, keyword: str, obstacle: Obstacle) -> Iterator[Finding | Still]:
    """One of each block of neighbours. `obstacle`: why an instruction can't be part of those before it, "" where it can."""
    if scene.options.merge in ("off", "saving"):
        return
    wanted = scene.options.merge == "all" or rule in scene.options.select or scene.target.commits_each
    found = [block for stage in scene.stages for block in blocks(scene, stage, keyword, spaced) if len(block) > 1 or wanted]
    if wanted:
        yield from (answer for block in found for answer in _grouped(scene, block, obstacle))
    elif found:
        others = ", ".join(str(scene.graph.line(block[0])) for block in found[1:])
        also = f", and those from line{'s' * (len(found) > 2)} {others} on" if others else ""
        yield Still(found[0][0], f"{len(found[0])} {keyword}s could be one{also}, which saves no layer and no bytes (--merge all joins them)")


def _grouped(scene: Scene, block: list[Instruction], obstacle: Obstacle) -> Iterator[Finding | Still]:
    graph = scene.graph
    group: list[Instruction] = []
    for each in block:
        odd = _odd(graph, each)
        reason = odd or group and (pragma(graph, each) or obstacle(graph, group, each))
        if reason and len(block) > 1:
            other = f"the {each.keyword} at line {graph.line(group[0])}" if group else "its neighbour"
            yield Still(each, f"not joined to {other}: {reason}")
        if reason:
            yield from _finding(graph, group)
            group = []
        if not odd:
            group.append(each)
    yield from _finding(graph, group)


def _odd(graph: Graph, each: Instruction) -> str:
    """Why an instruction is joined to none."""
    meaning = graph.meanings[each.index]
    if not isinstance(meaning, Assignments):
        return "its values can't be read for sure"
    if meaning.legacy and (each.comments or each.line != each.end_line or any(char in value for _, value in meaning.pairs for char in "\"\\`")):
        return "its value, written without =, is not a plain one"
    return ""


def _finding(graph: Graph, group: list[Instruction]) -> Iterator[Finding]:
    if len(group) < 2:
        return
    edits = pool(graph.dockerfile, tuple((each, _written(graph, each)) for each in group))
    yield Finding(group[0], f"joins {len(group)} {group[0].keyword}s", edits)


def _written(graph: Graph, each: Instruction) -> Edit:
    """The pairs as they stand, or where there is no `=`, with one."""
    meaning, span = graph.meanings[each.index], each.arguments.span(0, len(each.arguments.text))
    if not meaning.legacy:
        return Edit(span, span.of(graph.dockerfile.text))
    ((name, value),) = meaning.pairs
    return Edit(span, f"{name}={value}" if value.split() == [value] else f'{name}="{value}"')
