"""Comments that keep rules off."""
from __future__ import annotations

import pytest

from rewriter.source.reading import read
from rewriter.suppress import suppressions


def ignored(text: str, rule: str = "merge-runs") -> set[int]:
    return set(suppressions(read(text)).ignored(rule))


@pytest.mark.parametrize(("comment", "expected"), [
    ("# dfopt ignore=merge-runs", {1}),
    ("#dfopt ignore=merge-runs", {1}),
    ("# dfopt ignore=merge-runs;reason=it is cached", {1}),
    ("# dfopt ignore=fold-copy-delete, merge-runs ; reason=x", {1}),
    ("# dfopt ignore", {1}),
    ("# dfopt ignore=fold-copy-delete", set()),
    ("# dfopt ignored=merge-runs", set()),
    ("# not dfopt ignore=merge-runs", set()),
    ("# hadolint ignore=DL3059", {1}),
    ("# hadolint ignore=DL3008,DL3059", {1}),
    ("# hadolint ignore=DL3008", set()),
    ("# dfopt ignore=merge-runs\n# because", {1}),
    ("# dfopt ignore=merge-runs\n\n", set()),
])
def test_a_comment_above(comment: str, expected: set[int]):
    assert ignored(f"FROM busybox\n{comment}\nRUN a\nRUN b\n") == expected


def test_hadolints_comment_is_about_merging_only():
    text = "FROM busybox\n# hadolint ignore=DL3059\nRUN a\n"
    assert ignored(text, "merge-runs-across") == {1}
    assert ignored(text, "fold-copy-delete") == set()


def test_a_comment_within_an_instruction_says_nothing():
    assert ignored("FROM busybox\nRUN a && \\\n    # dfopt ignore\n    b\nRUN c\n") == set()


def test_off_and_on():
    text = "FROM busybox\nRUN a\n# dfopt off\n\nRUN b\nRUN c\n# dfopt on;reason=done\nRUN d\n"
    assert ignored(text) == {2, 3}


@pytest.mark.parametrize("comment", ["# dfopt global ignore=merge-runs", "# dfopt global ignore", "# dfopt global ignore=x,merge-runs;reason=y"])
def test_global(comment: str):
    assert ignored(f"{comment}\nFROM busybox\nRUN a\n") == ignored(f"FROM busybox\nRUN a\n{comment}\n") == {0, 1}
    assert ignored(f"{comment}\nFROM busybox\n", "some-rule") == ({0} if comment.endswith("ignore") else set())
