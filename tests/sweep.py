"""Run dfopt over all Dockerfiles of folders, and say what is wrong: a crash, unrest, a text that BuildKit's parser refuses.

    python tests/sweep.py FOLDER … [--jobs N] [--merge all] [--first N]

Every file below the folders is taken for a Dockerfile, whatever its name; one whose bytes were met before is left out.
None has a build context here, so that those rules which need one keep still. Nothing is built, run or written.

For each: it is read and comes back as one of optimized, untouched, declined (a template, a fragment …) or refused. BuildKit's
own parser (the package `dockerfile`) must refuse what dfopt calls an error, see the same instructions on the same lines,
and accept the result; that must be at rest. The exit code is 1 if something is wrong with any file, which is then named.
"""
from __future__ import annotations

import argparse
import hashlib
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # this checkout, whatever is installed

from oracle import ours, readable, theirs

from rewriter.optimize import optimize
from rewriter.options import MERGE, Options
from rewriter.source.model import Unreadable
from rewriter.source.reading import read

SLOW = 0.1  # seconds


@dataclass
class Swept:
    """What came of one file. fate: one word for the whole. rules: how often each changed something.

    unconfirmed: changes that were left out as their result could not be confirmed: each is a fault of one side or the other.
    """

    path: Path
    fate: str = ""
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)
    rules: Counter[str] = field(default_factory=Counter)
    unconfirmed: list[str] = field(default_factory=list)


def swept(path: Path, options: Options) -> Swept:
    """Work on one file, and look at the result from outside."""
    result = Swept(path)
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    start = time.process_time()
    try:
        outcome = optimize(text, options)
    except Exception as failure:  # which is what the sweep is there to find
        result.fate, result.faults = "crashed", [f"{type(failure).__name__}: {failure}"]
        return result
    result.seconds = time.process_time() - start
    result.fate = "refused" if outcome.error else "declined" if outcome.note else "optimized" if outcome.changed else "untouched"
    result.rules = Counter(change.rule for change in outcome.changes)
    result.unconfirmed = [f"{kept.rule}: {kept.reason}" for kept in outcome.kept if "could not be confirmed" in kept.reason]
    if "please report" in outcome.error:
        result.faults.append(outcome.error)
    if outcome.changed and optimize(outcome.after, options).changed:
        result.faults.append("the result is not at rest")
    result.faults += _disagreements(text, outcome.after)
    return result


def _disagreements(before: str, after: str) -> Iterator[str]:
    """Where BuildKit's parser sees something else than dfopt does."""
    if not readable(before) or "\0" in before:
        return
    for name, text in {"the file": before, "the result": after}.items():
        found, seen = read(text), theirs(text)
        if isinstance(found, Unreadable):
            if seen is not None:
                yield f"BuildKit reads {name}, dfopt does not: {found.reason}"
        elif seen is None:
            if found.instructions:
                yield f"BuildKit refuses {name}"
        elif pairs := [(one, other) for one, other in zip(ours(found), seen) if one != other]:
            yield f"in {name}, dfopt sees {pairs[0][0]}, BuildKit {pairs[0][1]}"
        elif len(found.instructions) != len(seen):
            yield f"in {name}, BuildKit sees {len(seen)} instructions, dfopt {len(found.instructions)}"


def files(folders: list[Path], first: int | None) -> list[Path]:
    """The files below the folders, each content once."""
    met: dict[bytes, Path] = {}
    for path in sorted(path for folder in folders for path in folder.rglob("*")):
        if first is not None and len(met) >= first:
            break
        if path.is_file() and not path.is_symlink():
            met.setdefault(hashlib.sha256(path.read_bytes()).digest(), path)
    return list(met.values())


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    arguments.add_argument("--jobs", type=int, default=1, help="processes to share the work")
    arguments.add_argument("--merge", choices=MERGE, default=MERGE[0])
    arguments.add_argument("--first", type=int, help="no more files than this")
    chosen = arguments.parse_args()
    paths, options = files(chosen.folders, chosen.first), Options(merge=chosen.merge)
    results = []
    with ProcessPoolExecutor(chosen.jobs, get_context("spawn")) as pool:  # the Go code in the oracle does not live through a fork
        for result in pool.map(partial(swept, options=options), paths, chunksize=32):
            results.append(result)
            for fault in result.faults:
                print(f"{result.path}: {fault}", flush=True)
    report(results)
    return any(result.faults for result in results)


def report(results: list[Swept]) -> None:
    """The counts, then the times."""
    print(f"{len(results)} files:", ", ".join(f"{count} {fate}" for fate, count in Counter(each.fate for each in results).most_common()))
    for rule, count in sum((each.rules for each in results), Counter()).most_common():
        print(f"{count:8} {rule}, in {sum(rule in each.rules for each in results)} files")
    unconfirmed = Counter(re.sub(r"\d+", "N", said) for each in results for said in each.unconfirmed)
    for said, count in unconfirmed.most_common(20):
        path = next(each.path for each in results if any(re.sub(r"\d+", "N", one) == said for one in each.unconfirmed))
        print(f"{count:8} not confirmed, as in {path}: {said}")
    times = sorted(each.seconds for each in results)
    if times:
        total = sum(times)
        print(f"{total:.1f} s of CPU, {len(times) / max(total, 1e-9):.0f} files a second; half of them in {times[len(times) // 2] * 1000:.1f} ms, "
              f"99 % in {times[len(times) * 99 // 100] * 1000:.0f} ms, the slowest in {times[-1] * 1000:.0f} ms")
    for each in sorted(results, key=lambda each: -each.seconds)[:5]:
        if each.seconds > SLOW:
            print(f"{each.seconds:.2f} s: {each.path}")


if __name__ == "__main__":
    sys.exit(main())
