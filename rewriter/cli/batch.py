"""`dfopt batch`: a line of JSON per Dockerfile in, a line of JSON per Dockerfile out."""
from __future__ import annotations

import gc
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

import click

from rewriter import batch, files
from rewriter.cli import terminal
from rewriter.cli.choices import CHOICES, chosen
from rewriter.cli.clicked import options
from rewriter.cli.workers import Workers

STDIN = "-"


@click.command("batch", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("records", metavar="[FILE]", default=STDIN)
@click.option("-o", "--output", default="", metavar="FILE", help="Write to FILE.  [default: standard output]")
@click.option("--resume", is_flag=True, help="Leave out the ids that FILE has already, and write behind them (with -o).")
@click.option("-j", "--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="How many processes.")
@click.option("--statistics", is_flag=True, help="At the end, say on standard error what was done.")
@options(CHOICES)
@click.option("-v", "--verbose", is_flag=True, help="Also say what was left as it is, and why.")
def command(records: str, output: str, resume: bool, jobs: int, statistics: bool, **given) -> int:
    """Rewrite many Dockerfiles: each line of FILE is a record in JSON, {"id": …, "text": …}, and each gets a line that says
    what became of it. FILE is standard input unless named.
    """
    if resume and not output:
        raise terminal.Misused("--resume goes with -o")
    ask = partial(batch.answer, options=chosen(given), kept=given["verbose"])
    counts: Counter[str] = Counter()
    try:
        done = _done(output) if resume else set()
        source = sys.stdin.buffer if records == STDIN else open(records, "rb")
        target = open(output, "ab" if resume else "wb") if output else None
    except OSError as failure:
        raise click.FileError(failure.filename or output, files.reason(failure)) from failure
    for answer in _answers(_lines(source, done), ask, jobs):
        _count(counts, answer)
        _put((json.dumps(answer) + "\n").encode(), target)
    if statistics:
        terminal.tell("".join(f"{count:9}  {what}\n" for what, count in sorted(counts.items(), key=_place)))
    return 0


def _answers(lines: Iterator[bytes], ask: partial, jobs: int) -> Iterator[dict]:
    gc.collect()
    gc.freeze()  # what was imported need not be looked through again and again
    if jobs == 1:
        yield from (ask(line) if line else batch.too_long() for line in lines)
    else:
        yield from Workers(jobs, partial(_asked, ask), _lost).answers(lines)


def _asked(ask: partial, line: bytes) -> dict:
    return ask(line) if line else batch.too_long()


def _lost(line: bytes) -> dict:
    """For a record that ends the process which works on it: for want of memory, as a rule."""
    return {"id": _id(line), "status": batch.ERROR, "error": "the process that worked on it was ended", "line": 0}


def _lines(source: BinaryIO, done: set[str]) -> Iterator[bytes]:
    """The lines that hold something, less those done; b"" for one that is too long."""
    while line := source.readline(batch.LONGEST):
        if len(line) == batch.LONGEST and not line.endswith(b"\n"):
            while (rest := source.readline(batch.LONGEST)) and not rest.endswith(b"\n"):
                pass
            yield b""
        elif line.strip() and not (done and json.dumps(_id(line)) in done):
            yield line


def _id(line: bytes) -> object:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record.get("id") if isinstance(record, dict) else None


def _done(output: str) -> set[str]:
    """The ids that a file of answers has. What is left of a line that was not finished is cut off."""
    if not os.path.exists(output):
        return set()
    done, end = set(), 0
    with open(output, "r+b") as file:
        for line in file:
            if line.endswith(b"\n"):
                end += len(line)
                done.add(json.dumps(_id(line)))
        file.truncate(end)
    return done - {"null"}


def _put(line: bytes, target: BinaryIO | None) -> None:
    if target is None:
        terminal.put(line)
        return
    try:
        target.write(line)
        target.flush()
    except OSError as failure:
        raise terminal.OutputFailed(files.reason(failure)) from failure


def _count(counts: Counter[str], answer: dict) -> None:
    counts[answer["status"]] += 1
    counts.update(change["rule"] for change in answer.get("changes", ()))


def _place(counted: tuple[str, int]) -> tuple:
    """Statuses first, then the rules that did most."""
    what, count = counted
    return (0, batch.STATUSES.index(what)) if what in batch.STATUSES else (1, -count, what)
