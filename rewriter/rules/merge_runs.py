"""Join RUNs that follow each other.

What it does
    Makes one RUN, so one layer, of RUNs with nothing but comments and blank lines between them.

Before
    FROM debian:bookworm-slim
    RUN apt-get update && apt-get install -y curl
    # no one needs the lists any more
    RUN rm -rf /var/lib/apt/lists/*

After
    FROM debian:bookworm-slim
    RUN apt-get update && apt-get install -y curl && \\
        # no one needs the lists any more
        rm -rf /var/lib/apt/lists/*

Why it is safe
    Each body does what it did in a RUN of its own. What it leaves in its shell (a folder, a variable, an option)
    can't be seen by the next, or it is put into a subshell of its own; a failure of any part fails the whole. The
    forms and their conditions were tested on four shells (docs/how-it-works.md).

When it keeps still
    A body leaves a process running, a hard link, or an edited account, host name or shell. It is in exec form, a
    heredoc, or can't be read. Its flags differ from its neighbour's, or it has a tmpfs or a writable mount. Only the
    isolating form is right and no bytes are saved by it (`--merge all` takes it all the same). The stage is only
    copied from, so its layers are not in the image (`--merge all`). A comment for a linter stands between.
"""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.graph.model import Graph, Stage
from rewriter.graph.runs import alone, apart, joint_plan, sheds
from rewriter.rule import Finding, Scene, Still, rule
from rewriter.shell.joining import Plan, Refused
from rewriter.source.model import Comment, Instruction
from rewriter.verbs import join

_PRAGMAS = ("hadolint ", "shellcheck ", "checkov:", "trivy:", "kics-scan", "nosemgrep", "noqa", "dfopt ")
_POLICIES = {"final", "all", "saving"}


@rule()
def merge_runs(scene: Scene) -> Iterator[Finding | Still]:
    if scene.options.merge not in _POLICIES:
        return
    for stage in scene.graph.stages:
        if stage.index in scene.graph.final or scene.options.merge == "all":
            for chain in _chains(scene, stage):
                yield from _merged(scene, chain)


def _chains(scene: Scene, stage: Stage) -> Iterator[list[Instruction]]:
    """Neighbouring RUNs, two or more; one that is to be left alone parts them."""
    chain: list[Instruction] = []
    for each in stage.instructions:
        if each.keyword == "RUN" and scene.free(each):
            chain.append(each)
            continue
        if len(chain) > 1:
            yield chain
        chain = []
    if len(chain) > 1:
        yield chain


def _merged(scene: Scene, chain: list[Instruction]) -> Iterator[Finding | Still]:
    """Findings for a chain: as many of its RUNs as can be one, from the first on; then the rest in the same way."""
    group: list[Instruction] = []
    plan: Plan | None = None
    for run in chain:
        answer = _extended(scene, group, run) if group else None
        if isinstance(answer, Plan):
            group, plan = [*group, run], answer
            continue
        if answer:
            yield Still(run, f"not joined to the RUN at line {group[-1].line}: {answer}")
        if plan:
            yield _finding(scene, group, plan)
        group, plan = [run], None
    if plan:
        yield _finding(scene, group, plan)


def _extended(scene: Scene, group: list[Instruction], run: Instruction) -> Plan | str:
    """The plan for the group and one RUN more, or why there is none."""
    graph = scene.graph
    reason = alone(graph, group[-1]) or alone(graph, run) or apart(graph, group[-1], run) or _pragma(graph, run)
    if reason:
        return reason
    runs = (*group, run)
    answer = joint_plan(graph, runs)
    if isinstance(answer, Refused):
        return answer.reason
    saving = sheds(graph, runs)
    if scene.options.merge == "saving" and not saving:
        return "it saves no bytes"
    if answer.isolating and not saving and scene.options.merge != "all":
        return "it takes a subshell, and saves no bytes (--merge all joins them)"
    return answer


def _pragma(graph: Graph, run: Instruction) -> str:
    """A linter finds its comments right above an instruction only."""
    comments = [piece.text.lstrip("# ") for piece in graph.dockerfile.lead(run) if isinstance(piece, Comment)]
    return "a comment for a linter stands between" if any(text.startswith(_PRAGMAS) for text in comments) else ""


def _finding(scene: Scene, group: list[Instruction], plan: Plan) -> Finding:
    saved = None if _sheds_any(scene.graph, group) else 0
    layers = len(group) - 1
    reason = f"joins {len(group)} RUNs: {layers} layer{'s' if layers > 1 else ''} less"
    if saved is None:
        reason += ", and what a later one deletes is in none"
    return Finding(group[0], reason, join(scene.graph.dockerfile, tuple(group), plan), saved)


def _sheds_any(graph: Graph, group: list[Instruction]) -> bool:
    """Whether one of the RUNs deletes what another before it wrote."""
    return any(sheds(graph, tuple(group[:count])) for count in range(2, len(group) + 1))
