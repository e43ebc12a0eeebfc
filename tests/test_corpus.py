"""The corpus: what the census says of it is so. `python corpus/census.py` takes it anew, with builds."""
from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "corpus"))

import census  # noqa: E402

CENSUS = json.loads(census.CENSUS.read_text())


def test_every_file_is_in_the_census():
    assert list(CENSUS) == census.names()


@pytest.mark.parametrize("name", census.names())
def test_the_census_says_what_dfopt_does(name: str):
    found = census.outcome(name)
    assert not found.error and not found.note
    told = CENSUS[name]
    assert census.record(found) == {key: told[key] for key in ("rules", "kept")}, "python corpus/census.py takes it anew"
    assert census.optimize(found.after, context=None).error == ""
    assert told.get("verdict") == "same" or "not built" in told


def test_the_chart_is_of_the_census():
    assert census.CHART.read_text() == census.chart(CENSUS)
