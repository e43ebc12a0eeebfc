"""Make one LABEL of several that stand side by side.

What it does
    Puts the pairs of neighbouring LABELs, a line each, into the first. Where the builder is one that commits every
    instruction by itself (`--builder classic` or `podman`), with `--merge all`, or if this rule is asked for by name
    (`--select merge-labels`): a LABEL makes no layer, so BuildKit gains nothing by it.

Before
    FROM debian:bookworm-slim
    LABEL org.opencontainers.image.title="shop"
    LABEL org.opencontainers.image.licenses=MIT

After
    FROM debian:bookworm-slim
    LABEL org.opencontainers.image.title="shop" \\
          org.opencontainers.image.licenses=MIT

Why it is safe
    A label sees no other label, and of two with one name the last counts, whether in one LABEL or two.

When it keeps still
    A blank line, a comment for a linter, or an instruction that is commented out stands between. Quotes or escapes leave
    a doubt about a value.
"""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.pairs import merged
from rewriter.rule import Finding, Scene, Still


def find(scene: Scene) -> Iterator[Finding | Still]:
    yield from merged(scene, "merge-labels", "LABEL", lambda graph, group, then: "")
