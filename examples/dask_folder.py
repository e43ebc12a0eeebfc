"""Answers to records of `dfopt batch`, by Dask: `dask_folder.py RECORDS.jsonl FOLDER`."""
from __future__ import annotations

import json
import sys

import dask.bag
from dask.distributed import Client

from rewriter.batch import answer

BLOCK = 2**20  # bytes of records that a task gets


def answers(records: str, folder: str) -> list[str]:
    """Write them into files of the folder; the files."""
    lines = dask.bag.read_text(records, blocksize=BLOCK).map(str.strip).filter(None)
    return lines.map(answer).map(json.dumps).to_textfiles(f"{folder}/*.jsonl")


if __name__ == "__main__":
    with Client(threads_per_worker=1):
        print(*answers(*sys.argv[1:3]), sep="\n")
