"""Answers to records of `dfopt batch`, by Ray: `ray_folder.py RECORDS.jsonl FOLDER`."""
from __future__ import annotations

import json
import sys

import ray

from rewriter.batch import answer


def answered(batch: dict) -> dict:
    """A batch with a column of answers, each as a line of JSON."""
    return {"answer": [json.dumps(answer(line)) for line in batch["text"]]}


if __name__ == "__main__":
    records, folder = sys.argv[1:3]
    ray.data.read_text(records).map_batches(answered, batch_size=256).write_json(folder)
