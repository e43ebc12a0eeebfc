"""Which RUNs of a stage are made one: what the rules that join have in common."""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.graph.model import Graph, Stage
from rewriter.graph.runs import alone, apart, joint_plan, stage_of
from rewriter.graph.shedding import sheds
from rewriter.graph.volumes import forgotten
from rewriter.record import dataclass
from rewriter.rule import Scene, Still
from rewriter.shell.joining import Joint, Plan, Refused, Wrap
from rewriter.source.model import Comment, Instruction
from rewriter.verbs import addressed

_FORMS = {
    Wrap.SUBSHELL: "`( )` keeps a folder, a variable or an option from what follows",
    Wrap.BRACES: "`{ }` holds together what is parted by more than `&&`",
    Wrap.REHASH: "`hash -r` has the shell look again for a program that may be another now",
    Joint.CHECKED: "`[ $? -eq 0 ] || exit 1` ends it where what is before that fails",
    Joint.EXIT: "`|| exit 1` ends it where `set -e` is not on yet",
}


@dataclass(frozen=True)
class Group:
    """RUNs that become one, in the form that `plan` gives. saved: 0, or None where one deletes what another wrote."""

    runs: tuple[Instruction, ...]
    plan: Plan
    saved: int | None

    @property
    def told(self) -> str:
        """What the forms are for that an author may wonder at."""
        return "; ".join(said for form, said in _FORMS.items() if form in (*self.plan.wraps, *self.plan.joints))


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
    group: Group | None = None
    for run in chain:
        parted = scene.graph.line(run) in scene.parted
        answer = _extended(scene, group, run) if group and not parted else None
        if isinstance(answer, Group):
            group = answer
            continue
        if answer and group:
            yield Still(run, f"not joined to the RUN at line {scene.graph.line(group.runs[-1])}: {answer}")
        if group and len(group.runs) > 1:
            yield group
        group = Group((run,), Plan((), (), ()), 0)
    if group and len(group.runs) > 1:
        yield group


def _extended(scene: Scene, group: Group, run: Instruction) -> Group | str:
    """The group with one RUN more, or why there is none."""
    graph, together, last = scene.graph, (*group.runs, run), group.runs[-1]
    reason = alone(graph, last) or alone(graph, run) or apart(graph, group.runs[0], run) or pragma(graph, run) or lost(scene, last)
    if reason:
        return reason
    answer = joint_plan(graph, together)
    if isinstance(answer, Refused):
        return answer.reason
    saving = sheds(graph, together)
    if scene.options.merge == "saving" and not saving:
        return "it is not known to save bytes"
    if answer.checking and not saving and scene.options.merge != "all":
        needed = "it takes a subshell and" if Wrap.SUBSHELL in answer.wraps else "without `set -e` it takes"
        return f"{needed} a look at how the one before ended, and is not known to save bytes (--merge all joins them)"
    return Group(together, answer, None if saving else group.saved)


def lost(scene: Scene, run: Instruction) -> str:
    """Why what a RUN does may be gone as it ends, which a RUN that is joined to it would see."""
    return "" if scene.target.buildkit else forgotten(scene.graph, stage_of(scene.graph, run), run)


def pragma(graph: Graph, run: Instruction) -> str:
    """Why a comment above a RUN keeps it from coming to stand within another."""
    return next(filter(None, (addressed(piece) for piece in graph.dockerfile.lead(run) if isinstance(piece, Comment))), "")
