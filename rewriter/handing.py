"""For builders without mounts: a stage copies, uses and deletes, and hands on the folders that it makes."""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.graph.copies import OWN, copy_of, size
from rewriter.graph.fates import Fate, fate
from rewriter.graph.deletes import plain
from rewriter.graph.model import Stage
from rewriter.graph.mounts import free, plain_name
from rewriter.graph.outputs import apart_from, outputs
from rewriter.options import LEVELS
from rewriter.rule import Finding, Scene, Still
from rewriter.shell.model import Opaque
from rewriter.source.model import Instruction
from rewriter.moving import handed

_UNTRIED = frozenset({"kaniko"})  # what these build has not been compared


def handed_on(scene: Scene) -> Iterator[Finding | Still]:
    """For each RUN that deletes what COPYs brought, the stage that takes its place, or why there is none."""
    for stage in scene.stages:
        fates: dict[int, list[Fate]] = {}
        for each in stage.instructions:
            if each.keyword in ("COPY", "ADD") and scene.free(each) and not (stage.name or "").startswith(OWN):
                copy = copy_of(scene.graph, each)
                found = "" if isinstance(copy, Opaque) else fate(scene.graph, stage, copy, scene.context)
                if isinstance(found, Fate):
                    fates.setdefault(found.run.index, []).append(found)
                elif found:
                    yield Still(each, found)
        for found in fates.values():
            yield _handed(scene, stage, tuple(found))


def _handed(scene: Scene, stage: Stage, fates: tuple[Fate, ...]) -> Finding | Still:
    graph, run, first = scene.graph, fates[0].run, fates[0].copy.instruction
    landings = [landing for each in fates for landing in each.landings]
    made = outputs(run, fates[0].found, fates, scene.context)
    reason = _obstacle(scene, run, fates)
    if not reason:
        reason = made if isinstance(made, str) else apart_from(graph, stage, fates, made, scene.context)
    if reason:
        lacking = scene.target.lacks("RUN --mount") or scene.target.lacks("cache that sees mounted files change")
        return Still(first, f"{lacking}, and another stage can't do the work of the RUN at line {graph.line(run)}: {reason}")
    taken = frozenset((each.name or "").removeprefix(OWN) for each in graph.stages)
    name = OWN + free(plain_name(made[0]) or "files", taken)
    deleted = "rm -rf " if any(landing.tree for landing in landings) else "rm -f "
    deleted += " ".join(landing.path for landing in landings)  # what the base may have there goes, too
    edits = handed(graph.dockerfile, stage.start, tuple(each.copy.instruction for each in fates), run, name, (deleted, made))
    sizes = [size(each.copy, scene.context) for each in fates]
    saved = None if None in sizes else sum(each or 0 for each in sizes)
    reason = f"the RUN at line {graph.line(run)} deletes it: a stage does that work, and hands on what its commands are known to make, no more"
    if scene.options.builder in _UNTRIED:
        return Finding(first, f"{reason} (not tested with {scene.options.builder})", edits, saved, LEVELS[-1])
    return Finding(first, reason, edits, saved)


def _obstacle(scene: Scene, run: Instruction, fates: tuple[Fate, ...]) -> str:
    state = scene.graph.state(run)
    if not scene.free(run):
        return "a comment keeps this rule off it"
    if not state.root or state.shell is None or run.flags or run.heredocs:
        return "it does not run as root in a POSIX shell, or has flags or a heredoc"
    if scene.graph.numbered:
        return "a stage is referred to by its number, so none can be added"
    if any(each.copy.unpacks or each.copy.blind or "$" in each.copy.instruction.arguments.text for each in fates):
        return "what it needs is unpacked by ADD, or named by variables"
    landings = [landing for each in fates for landing in each.landings]
    if not all(landing.known and plain(landing.path) for landing in landings):
        return "it can't be told what is copied: give the build context"
    return ""
