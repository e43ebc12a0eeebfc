"""The tables of the comparison with other tools are those of its results; `python benchmarks/rivals.py` takes it anew."""
from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "corpus")]

import rivals  # noqa: E402

RESULTS = json.loads(rivals.RESULTS.read_text())


def test_the_tables_are_those_of_the_results():
    for path, said in rivals.pages(RESULTS).items():
        assert rivals.BEGIN + said + rivals.END in path.read_text(), path


def test_dfopt_breaks_nothing():
    for kind in ("corpus", "traps"):
        verdicts = {name: each["tools"]["dfopt"]["verdict"] for name, each in RESULTS[kind].items() if "tools" in each}
        assert set(verdicts.values()) <= {"unchanged", "same"}, verdicts
