"""`dfopt batch`: a record in, a record out, in order, whatever the record is."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import AFTER, BEFORE, QUIET, dfopt, environment

from rewriter.batch import answer
from rewriter.cli.workers import Workers


def batch(*words: str | Path, records: list = (), data: bytes | None = None) -> list[dict]:
    run = dfopt("batch", *words, stdin=data if data is not None else lines(records))
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def lines(records: list) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def test_what_became_of_each():
    records = [{"id": 1, "text": BEFORE}, {"id": "b", "text": QUIET}, {"id": None, "text": "FROM {{ x }}\n"}, {"text": "FROM a\nRUN <<E\n"}]
    changed, unchanged, declined, error = batch(records=records)
    assert changed == {
        "id": 1, "status": "changed", "text": AFTER,
        "changes": [{"rule": "merge-runs", "line": 2, "reason": "joins 2 RUNs: 1 layer less", "saved": 0}],
    }  # fmt: skip
    assert unchanged == {"id": "b", "status": "unchanged"}
    assert declined == {"id": None, "status": "declined", "note": "it is a template", "line": 1}
    assert (error["status"], error["line"]) == ("error", 2) and "does not end" in error["error"]


def test_options_and_reasons():
    text = "FROM a\nRUN cd /x\nRUN touch y\n"
    assert batch("--ignore=merge-runs", records=[{"text": BEFORE}])[0]["status"] == "unchanged"
    (kept,) = batch("-v", records=[{"text": text}])
    assert kept["kept"][0]["rule"] == "merge-runs" and kept["kept"][0]["line"] == 3


@pytest.mark.parametrize("line", ["", "{", "[]", "3", '{"text": 3}', '{"id": 4}', '{"text": "", "context": 5}', "[" * 100_000, '"\ud800"'])
def test_a_bad_record_is_an_error(line):
    assert answer(line)["status"] == "error"


def test_a_fault_of_dfopt_is_an_error_of_one_record(monkeypatch):
    monkeypatch.setattr("rewriter.batch.optimize", lambda *_: 1 / 0)
    assert answer('{"id": 7, "text": "FROM fault"}')["error"].startswith("dfopt failed; please report it")


def test_the_context_of_a_record(tmp_path):
    (tmp_path / "x.csv").write_text("1234\n")
    text = "FROM a\nRUN mkdir /d\nCOPY x.csv /d/x\nRUN rm /d/x\n"
    assert answer(json.dumps({"text": text, "context": str(tmp_path)}))["changes"][0]["saved"] == 5
    assert answer(json.dumps({"text": text, "context": str(tmp_path / "none")}))["changes"][0]["saved"] is None


def test_bytes_that_are_no_utf8_come_back():
    text = (BEFORE + "# caf").encode() + b"\xe9\n"
    (found,) = batch(records=[{"text": text.decode("utf-8", "surrogateescape")}])
    assert found["text"].encode("utf-8", "surrogateescape") == AFTER.encode() + b"# caf\xe9\n"


def test_several_processes_keep_the_order(tmp_path):
    records = [{"id": at, "text": BEFORE if at % 3 else QUIET * (at % 5)} for at in range(300)]
    one, two = batch(records=records), batch("--jobs", "2", data=lines(records) + b"nonsense\n\n")
    assert [each["id"] for each in two] == [*range(300), None] and one == two[:-1]


def test_resuming_goes_on_where_it_was_left(tmp_path):
    source, target, whole = tmp_path / "in", tmp_path / "out", tmp_path / "whole"
    source.write_bytes(lines([{"id": at, "text": BEFORE} for at in range(9)]))
    batch(source, "-o", whole)
    assert len(whole.read_bytes().splitlines()) == 9
    target.write_bytes(whole.read_bytes()[:700])  # as where the power went
    batch(source, "-o", target, "--resume")
    assert target.read_bytes() == whole.read_bytes()
    batch(source, "-o", target, "--resume")
    assert target.read_bytes() == whole.read_bytes()
    batch(source, "-o", tmp_path / "new", "--resume")
    assert (tmp_path / "new").read_bytes() == whole.read_bytes()


def test_statistics():
    run = dfopt("batch", "--statistics", stdin=lines([{"text": BEFORE}, {"text": QUIET}, {"text": BEFORE}, {}]))
    assert run.stderr.decode() == "        2  changed\n        1  unchanged\n        1  error\n        2  merge-runs\n"


def test_wrong_usage(tmp_path):
    for words, said in ((["--resume"], "--resume goes with -o"), (["--jobs", "0"], "--jobs"), ([tmp_path / "none"], "no such file"), (["--select=x"], "no rule")):
        run = dfopt("batch", *words)
        assert run.returncode == 2 and said in run.stderr.decode() and run.stderr.count(b"\n") == 1


def ends(question: int) -> int:
    if question == 5:
        os._exit(1)
    return question * 2


def test_a_record_that_ends_its_process_is_an_error_of_its_own():
    assert list(Workers(2, ends, lambda question: -question).answers(range(60))) == [-5 if at == 5 else at * 2 for at in range(60)]


def test_memory_is_flat():
    """Once its caches are full, which hold 2,048 texts, more records, all different, take no more. The large run is in docs/batch.md."""
    # The peak is that of the program itself: ru_maxrss has the parent's, too.
    code = "import sys\nfrom rewriter.cli.main import main\ntry: main()\nfinally: print(open('/proc/self/status').read(), file=sys.stderr)"
    peaks = []
    for count in (3_000, 8_000):
        data = lines([{"id": at, "text": f"FROM a:{at}\n{'# ' + 'x' * 2000}\nRUN echo {at}\n"} for at in range(count)])
        run = subprocess.run([sys.executable, "-c", code, "batch"], input=data, capture_output=True, env=environment(), timeout=120)
        assert run.stdout.count(b"\n") == count
        peaks.append(int(run.stderr.partition(b"VmHWM:")[2].split()[0]))
    assert peaks[1] - peaks[0] < 4_000, peaks


