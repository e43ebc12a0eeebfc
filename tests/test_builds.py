"""Random builds: made-up Dockerfiles, built before and after, failing ones among them, and the images compared.

Forty that dfopt changes in the quick form; with DFOPT_LONG set a thousand, other ones each time. One that fails, before and
after, is tried again without the instruction at which it did. What differs is shrunk to the least Dockerfile that does; once
mended, that goes into tests/cases.
"""
from __future__ import annotations

import re
from pathlib import Path

import pytest
from builds import BUILDS, CONTEXT, Made
from conftest import examples, write_context
from hypothesis import HealthCheck, assume, given

from rewriter.folder import FolderContext
from rewriter.optimize import optimize
from rewriter.source.reading import read

_TRIES = 3


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_context(tmp_path_factory.mktemp("made") / "context", CONTEXT)


@given(BUILDS)
@examples(40, long=1000, suppress_health_check=(HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much))
def test_what_is_changed_builds_the_same_image_or_fails_as_before(same_image, folder: Path, made: Made):
    text, built = made.text, False
    for _ in range(_TRIES):
        outcome = optimize(text, made.options, FolderContext(str(folder)))
        assert not outcome.error, outcome.error
        if not outcome.changed:
            break
        result = same_image(text, outcome.after, folder)
        assert result.verdict in ("same", "both fail"), f"{text}\n{outcome.after}\n{result}"
        built = True
        if result.verdict == "same":
            break
        text = _mended(text, result.logs[0])
    assume(built)


def _mended(text: str, log: str) -> str:
    """The text without the instruction at which its build failed."""
    line = int(re.findall(r"^Dockerfile:(\d+)$", log, re.MULTILINE)[-1])
    return "".join(piece.span.of(text) for piece in read(text).pieces if not piece.line <= line <= getattr(piece, "end_line", 0))
