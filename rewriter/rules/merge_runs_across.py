"""Join RUNs with nothing but settings between them that no RUN sees.

What it does
    Moves a RUN up to the RUN before it, across LABEL, EXPOSE, CMD, ENTRYPOINT, HEALTHCHECK, STOPSIGNAL, ONBUILD and
    MAINTAINER, and joins the two.

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
    changes nothing that they read. Their order among themselves stays. For the rest, see merge-runs.

When it keeps still
    As merge-runs; and across ENV, ARG, USER, WORKDIR, SHELL, VOLUME, COPY and ADD, which a RUN may see or change.
"""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.graph.bodies import Form, form
from rewriter.graph.model import NEUTRAL
from rewriter.merging import Group, groups
from rewriter.rule import Finding, Scene, Still, rule
from rewriter.scripts import concatenate
from rewriter.verbs import gather


@rule()
def merge_runs_across(scene: Scene) -> Iterator[Finding | Still]:
    for found in groups(scene, crossed=NEUTRAL):
        if isinstance(found, Still):
            yield found
            continue
        verb = concatenate if form(found.runs[0]) is Form.HEREDOC else gather
        edits = verb(scene.graph.dockerfile, found.runs, found.plan)
        yield Finding(found.runs[0], f"{found.reason}; no RUN sees what stands between", edits, found.saved)
