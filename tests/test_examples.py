"""The examples for engines that spread work: what they call is pure, and can be sent to a worker."""
from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
from command_line import AFTER, BEFORE, ROOT

from rewriter.batch import answer
from rewriter.optimize import optimize
from rewriter.options import Options

EXAMPLES = ROOT / "examples"


def test_the_functions_and_what_they_take_and_give_can_be_sent():
    for thing in (answer, optimize, Options("bold", select=("merge-runs",)), optimize(BEFORE), optimize("FROM a\nRUN <<E\n")):
        assert pickle.loads(pickle.dumps(thing)) == thing
    text = BEFORE
    assert optimize(text) == optimize(text) and text == BEFORE


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_each_has_a_page_and_parses(path: Path):
    compile(path.read_text(), path, "exec")
    page = path.with_name(path.stem.removesuffix("_folder") + ".md").read_text()
    assert path.name in page and path.name in (EXAMPLES / "README.md").read_text()


def test_dask(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.syspath_prepend(EXAMPLES)
    import dask_folder
    from dask.distributed import Client, LocalCluster

    records = tmp_path / "records.jsonl"
    records.write_text("".join(json.dumps({"id": at, "text": BEFORE}) + "\n" for at in range(50)) + "nonsense\n")
    monkeypatch.setattr(dask_folder, "BLOCK", 500)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True) as cluster, Client(cluster):
        files = dask_folder.answers(str(records), str(tmp_path / "answers"))
    found = [json.loads(line) for file in sorted(files) for line in Path(file).read_text().splitlines()]
    assert len(files) > 1 and [each["id"] for each in found] == [*range(50), None] and found[0]["text"] == AFTER
