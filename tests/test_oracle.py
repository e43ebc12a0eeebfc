"""Reading Dockerfiles as BuildKit's own parser does. Skipped where the package `dockerfile`, which has it, is not installed."""
from __future__ import annotations

import pytest
from builds import MADE
from conftest import examples
from dockerfiles import DOCKERFILES, TEXTS
from hypothesis import given

from rewriter.optimize import optimize
from rewriter.options import Options
from rewriter.source.model import Dockerfile, Unreadable
from rewriter.source.reading import read

pytest.importorskip("dockerfile", reason="the package `dockerfile` is not installed")

from oracle import ours, readable, theirs


@given(TEXTS)
@examples(250, long=100_000)
def test_buildkit_sees_the_same_instructions(text: str):
    if not readable(text):
        return
    seen, dockerfile = theirs(text), read(text)
    apart = isinstance(dockerfile, Unreadable) and "takes apart" in dockerfile.reason
    if seen is None or apart:  # as a text without instructions, for one; and what BuildKit makes of odd bytes in a flag no one means
        return
    assert isinstance(dockerfile, Dockerfile), dockerfile
    assert ours(dockerfile) == seen


@given(DOCKERFILES)
@examples(150, long=50_000)
def test_what_is_read_is_what_buildkit_accepts(text: str):
    assert isinstance(read(text), Unreadable) == (theirs(text) is None)


@given(MADE)
@examples(150, long=50_000)
def test_buildkit_sees_the_same_in_results(text: str):
    outcome = optimize(text, Options(merge="all"))
    dockerfile = read(outcome.after)
    assert not outcome.changed or isinstance(dockerfile, Dockerfile) and ours(dockerfile) == theirs(outcome.after)
