"""Join RUNs with nothing but settings between them.

What it does
    Moves a RUN up to the RUN before it, across LABEL, EXPOSE, CMD, ENTRYPOINT, HEALTHCHECK, STOPSIGNAL, ONBUILD and
    MAINTAINER, and joins the two. Across ENV and WORKDIR, too, where it deletes what the RUN before it made, or
    removes what that installed: an `export` or a `cd` then gives it what it saw.

Before
    FROM debian:bookworm-slim
    RUN mkdir /srv/app
    EXPOSE 8080
    RUN chmod 700 /srv/app

After
    FROM debian:bookworm-slim
    RUN mkdir /srv/app && \\
        chmod 700 /srv/app
    EXPOSE 8080

Why it is safe
    What these instructions set is kept in the image's settings, where no command that builds it can see it; a RUN
    changes nothing that they read. Their order among themselves stays. An ENV has its value written out in an `export`
    behind the first body, which so does not see it, PATH with what that was as `$PATH`; a WORKDIR is made by
    `mkdir -p`, as root, and gone to. Both stand as they did after the RUN. For the rest, see merge-runs.

When it keeps still
    As merge-runs; and across ARG, USER, SHELL, VOLUME, COPY and ADD, which a RUN may see or change. Across ENV where no
    bytes are saved, a value is not known, or the shell itself goes by the variable, or is found by PATH; across WORKDIR
    where no bytes are saved, the user is not root, or the second RUN asks for its path or is a list with `;`.
"""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.graph.bridges import bridged, commands
from rewriter.graph.model import NEUTRAL
from rewriter.graph.runs import alone, bridged_plan
from rewriter.graph.shedding import undoes
from rewriter.merging import groups, lost, pragma
from rewriter.rule import Finding, Scene, Still
from rewriter.shell.joining import Refused
from rewriter.source.model import Instruction
from rewriter.verbs import gather


def find(scene: Scene) -> Iterator[Finding | Still]:
    for found in groups(scene, crossed=NEUTRAL):
        if isinstance(found, Still):
            yield found
            continue
        verb = gather
        if found.runs[0].scripted:
            from rewriter.scripts import concatenate as verb  # few are
        edits = verb(scene.graph.dockerfile, found.runs, found.plan)
        yield Finding(found.runs[0], "no RUN sees what stands between" + "; " * bool(found.told) + found.told, edits, found.saved, joins=found.runs)
    for stage in scene.stages if scene.options.merge != "off" else ():
        for run in stage.instructions:
            pair = bridged(stage, run) if run.keyword == "RUN" and scene.free(run) else None
            if pair and scene.free(pair[0]) and undoes(scene.graph, pair[0], run):
                yield _bridge(scene, pair[0], pair[1], run)


def _bridge(scene: Scene, first: Instruction, between: tuple[Instruction, ...], then: Instruction) -> Finding | Still:
    """Across ENV and WORKDIR, by commands that do in the shell what these do: only what saves bytes is worth that."""
    graph, last = scene.graph, between[-1]
    told = f"not joined to the RUN at line {graph.line(first)}, of which it deletes something: "
    reason = alone(graph, first) or alone(graph, then) or pragma(graph, then) or lost(scene, first)
    found = reason or commands(graph, between, then)
    if isinstance(found, str):
        return Still(then, told + found)
    plan = bridged_plan(graph, first, then, found)
    if isinstance(plan, Refused):
        return Still(then, told + plan.reason)
    seen = f"it sees the {last.keyword} at line {graph.line(last)} by a command of its own"
    return Finding(first, f"joins 2 RUNs, so that what the second deletes is in no layer; {seen}", gather(graph.dockerfile, (first, then), plan, found), None)
