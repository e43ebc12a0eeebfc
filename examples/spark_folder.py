"""Answers to records of `dfopt batch`, by Spark: `spark-submit spark_folder.py RECORDS.jsonl FOLDER`."""
from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator

from pyspark.sql import SparkSession

from rewriter.batch import answer


def answered(lines: Iterable[str]) -> Iterator[str]:
    """The answers to a partition of records, as lines of JSON."""
    return (json.dumps(answer(line)) for line in lines if line.strip())


if __name__ == "__main__":
    records, folder = sys.argv[1:3]
    lines = SparkSession.builder.appName("dfopt").getOrCreate().sparkContext.textFile(records)
    lines.mapPartitions(answered).saveAsTextFile(folder)
