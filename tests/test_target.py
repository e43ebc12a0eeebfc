"""What a file may be written with, by builder and frontend."""
from __future__ import annotations

import pytest

from rewriter.options import Options
from rewriter.target import read_frontend, target


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
    ({"builder": "podman"}, None, "a symbolic --chmod", "podman"),
])
def test_a_feature_is_there_or_not(options: dict, syntax: str | None, feature: str, lacking: str):
    found = target(Options(**options), {"syntax": syntax} if syntax else {}).lacks(feature)
    assert lacking in found and bool(lacking) == bool(found)


@pytest.mark.parametrize(("text", "version"), [("1.4", (1, 4)), ("1", (1, 99)), ("1.10.0", (1, 10)), ("1.7-labs", (1, 7)), ("x", None), ("1.4x", None), ("", None)])
def test_a_version_is_read(text: str, version: tuple[int, int] | None):
    assert read_frontend(text) == version
