"""Random builds: made-up Dockerfiles, built before and after, failing ones among them, and the images compared.

Forty that dfopt changes in the quick form; with DFOPT_LONG set a thousand, other ones each time. What differs is shrunk to
the least Dockerfile that does; once mended, that goes into tests/cases.
"""
from __future__ import annotations

from pathlib import Path

import pytest
from builds import BUILDS, CONTEXT, Made
from conftest import examples, write_context
from hypothesis import HealthCheck, assume, given

from rewriter.folder import FolderContext
from rewriter.optimize import optimize


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_context(tmp_path_factory.mktemp("made") / "context", CONTEXT)


@given(BUILDS)
@examples(40, long=1000, suppress_health_check=(HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much))
def test_what_is_changed_builds_the_same_image_or_fails_as_before(same_image, folder: Path, made: Made):
    outcome = optimize(made.text, made.options, FolderContext(str(folder)))
    assert not outcome.error or outcome.line, outcome.error  # an error that is dfopt's own has no line
    assume(outcome.changed)
    result = same_image(made.text, outcome.after, folder)
    assert result.verdict in ("same", "both fail"), f"{outcome.after}\n{result}"
