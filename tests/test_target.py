"""What a file may be written with, by builder and frontend."""
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rewriter.optimize import optimize
from rewriter.options import BUILDERS, Options
from rewriter.target import Target, read_frontend, target
from test_cases import CASES


@pytest.mark.parametrize(("options", "syntax", "feature", "lacking"), [
    ({}, None, "RUN --mount", ""),
    ({}, None, "heredocs", ""),
    ({}, None, "a symbolic --chmod", "needs the frontend 1.14"),
    ({}, "docker/dockerfile:1", "a symbolic --chmod", ""),
    ({}, "docker/dockerfile", "a symbolic --chmod", ""),
    ({}, "docker.io/docker/dockerfile-upstream:master-labs", "a symbolic --chmod", ""),
    ({}, "docker/dockerfile:1.3-labs@sha256:0", "heredocs", "needs the frontend 1.4"),
    ({}, "docker/dockerfile:1.0", "RUN --mount", "needs the frontend 1.2"),
    ({}, "docker/dockerfile:experimental", "RUN --mount", "needs the frontend 1.2"),
    ({}, "docker/dockerfile@sha256:0", "RUN --mount", "needs the frontend 1.2"),
    ({"frontend": "1.1"}, None, "RUN --mount", "needs the frontend 1.2"),
    ({"frontend": "1.1"}, "docker/dockerfile:1.7", "RUN --mount", ""),
    ({"builder": "classic"}, "docker/dockerfile:1.7", "RUN --mount", "classic, which it is written for, has no RUN --mount"),
    ({"builder": "kaniko"}, None, "COPY --chown", ""),
    ({"builder": "buildah"}, None, "RUN --mount", ""),
    ({"builder": "podman"}, None, "cache that sees mounted files change", "podman, which it is written for, has no cache that sees"),
    ({"builder": "podman"}, None, "a symbolic --chmod", "podman"),
])
def test_a_feature_is_there_or_not(options: dict, syntax: str | None, feature: str, lacking: str):
    found = target(Options(**options), {"syntax": syntax} if syntax else {}).lacks(feature)
    assert lacking in found and bool(lacking) == bool(found)


@pytest.mark.parametrize(("text", "version"), [("1.4", (1, 4)), ("1", (1, 99)), ("1.10.0", (1, 10)), ("1.7-labs", (1, 7)), ("x", None), ("1.4x", None), ("1." + "9" * 5_000, None), ("", None)])
def test_a_version_is_read(text: str, version: tuple[int, int] | None):
    assert read_frontend(text) == version


@pytest.mark.parametrize("builder", BUILDERS)
def test_nothing_is_written_that_the_builder_lacks(builder: str, tmp_path: Path):
    needs = {"--mount=": "RUN --mount", "<<": "heredocs", "--chmod=": "COPY --chmod"}
    lacking = [text for text, feature in needs.items() if Target(builder).lacks(feature)]
    for number, case in enumerate(CASES if lacking else ()):
        written = replace(case, options=replace(case.options, builder=builder))
        after = written.run(case.before, tmp_path / f"context{number}").after
        assert not [text for text in lacking if after.count(text) > case.before.count(text)], case


@pytest.mark.parametrize("builder", ["classic", "kaniko"])
def test_it_says_what_the_builder_lacks(builder: str):
    outcome = optimize("FROM busybox\nCOPY a.sh /tmp/\nRUN sh /tmp/a.sh && rm /tmp/a.sh\n", Options(builder=builder))
    assert not outcome.changed and f"{builder}, which it is written for, has no RUN --mount" in outcome.kept[0].reason
