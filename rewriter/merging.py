"""Which RUNs of a stage are made one: what the rules that join have in common."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rewriter.graph.model import Graph, Stage
from rewriter.graph.runs import alone, apart, joint_plan, sheds
from rewriter.rule import Scene, Still
from rewriter.shell.joining import Plan, Refused
from rewriter.source.model import Comment, Instruction

_PRAGMAS = ("hadolint ", "shellcheck ", "checkov:", "trivy:", "kics-scan", "nosemgrep", "noqa", "dfopt ")


@dataclass(frozen=True)
class Group:
    """RUNs that become one, two or more, in the form that `plan` gives; saved: as in `Finding`."""

    runs: tuple[Instruction, ...]
    plan: Plan
    saved: int | None

    @property
    def reason(self) -> str:
        less = len(self.runs) - 1
        told = f"joins {len(self.runs)} RUNs: {less} layer{'s' if less > 1 else ''} less"
        return told if self.saved == 0 else f"{told}, and what a later one deletes is in none"


def groups(scene: Scene, crossed: frozenset[str]) -> Iterator[Group | Still]:
    """The groups of all stages that matter, from RUNs with nothing but instructions of `crossed` between them."""
    if scene.options.merge == "off":
        return
    for stage in scene.stages:
        for chain in _chains(scene, stage, crossed):
            yield from _grouped(scene, chain)


def _chains(scene: Scene, stage: Stage, crossed: frozenset[str]) -> Iterator[list[Instruction]]:
    """RUNs that follow each other, each with something of `crossed` before it, or with nothing if that is empty.

    One that is to be left alone parts them.
    """
    chain: list[Instruction] = []
    for each in stage.instructions:
        if each.keyword in crossed:
            continue
        joins = each.keyword == "RUN" and scene.free(each)
        if chain and not (joins and (each.index - chain[-1].index > 1) == bool(crossed)):
            yield chain
            chain = []
        if joins:
            chain.append(each)
    yield chain


def _grouped(scene: Scene, chain: list[Instruction]) -> Iterator[Group | Still]:
    """As many RUNs of a chain as can be one, from the first on; then the rest in the same way."""
    runs: tuple[Instruction, ...] = ()
    plan: Plan | None = None
    for run in chain:
        answer = _extended(scene, runs, run) if runs else None
        if isinstance(answer, Plan):
            runs, plan = (*runs, run), answer
            continue
        if answer:
            yield Still(run, f"not joined to the RUN at line {scene.graph.line(runs[-1])}: {answer}")
        if plan:
            yield Group(runs, plan, _saved(scene.graph, runs))
        runs, plan = (run,), None
    if plan:
        yield Group(runs, plan, _saved(scene.graph, runs))


def _extended(scene: Scene, runs: tuple[Instruction, ...], run: Instruction) -> Plan | str:
    """The plan for the RUNs and one more, or why there is none."""
    graph, together = scene.graph, (*runs, run)
    reason = alone(graph, runs[-1]) or alone(graph, run) or apart(graph, runs[-1], run) or _pragma(graph, run)
    if reason:
        return reason
    answer = joint_plan(graph, together)
    if isinstance(answer, Refused):
        return answer.reason
    saving = sheds(graph, together)
    if scene.options.merge == "saving" and not saving:
        return "it saves no bytes"
    if answer.isolating and not saving and scene.options.merge != "all":
        return "it takes a subshell, and saves no bytes (--merge all joins them)"
    return answer


def _pragma(graph: Graph, run: Instruction) -> str:
    """A linter finds its comments right above an instruction only."""
    comments = [piece.text.lstrip("# ") for piece in graph.dockerfile.lead(run) if isinstance(piece, Comment)]
    return "a comment for a linter stands between" if any(text.startswith(_PRAGMAS) for text in comments) else ""


def _saved(graph: Graph, runs: tuple[Instruction, ...]) -> int | None:
    """None where one of the RUNs deletes what another before it wrote: how much, the text does not tell."""
    return None if any(sheds(graph, runs[:count]) for count in range(2, len(runs) + 1)) else 0
