"""Many Dockerfiles, each a line of JSON: what became of each is a line, too, whatever the first one holds.

`answer` is a pure function of picklable values, but for the build context that a record may name, for any engine that
spreads work over machines.
"""
from __future__ import annotations

import json
import os
from functools import lru_cache

from rewriter.folder import FolderContext
from rewriter.optimize import optimize
from rewriter.options import Options
from rewriter.outcome import Outcome

CHANGED, UNCHANGED, DECLINED, ERROR = STATUSES = ("changed", "unchanged", "declined", "error")
LONGEST = 2**28  # bytes of a line
_COMMON = 65_536  # characters: the outcomes of larger texts are not remembered


def answer(line: bytes | str, options: Options = Options(), kept: bool = False) -> dict:
    """The record that answers one line. kept: also name what was left as it is, and why."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        return _error(None, "the line is not JSON")
    if not isinstance(asked, dict) or not isinstance(asked.get("text"), str) or not isinstance(asked.get("context", ""), str):
        return _error(asked.get("id") if isinstance(asked, dict) else None, 'a record has a "text", and perhaps an "id" and a "context", a folder')
    try:
        return _told(asked.get("id"), _outcome(asked["text"], asked.get("context", ""), options), kept)
    except Exception as failure:  # one file is no reason to leave the others
        return _error(asked.get("id"), f"dfopt failed; please report it with the file ({type(failure).__name__}: {failure})"[:300])


def too_long() -> dict:
    """The record that answers a line of more than `LONGEST` bytes."""
    return _error(None, f"the line is longer than {LONGEST} bytes")


def _outcome(text: str, context: str, options: Options) -> Outcome:
    if context:
        return optimize(text, options, FolderContext(context, os.path.join(context, "Dockerfile")))
    return _remembered(text, options) if len(text) <= _COMMON else optimize(text, options)


@lru_cache(maxsize=256)
def _remembered(text: str, options: Options) -> Outcome:
    """An organisation has the same file many times."""
    return optimize(text, options)


def _told(name: object, outcome: Outcome, kept: bool) -> dict:
    if outcome.error:
        return _error(name, outcome.error, outcome.line)
    if outcome.note:
        return {"id": name, "status": DECLINED, "note": outcome.note, "line": outcome.line}
    record = {"id": name, "status": CHANGED if outcome.changed else UNCHANGED}
    if outcome.changed:
        record["text"] = outcome.after
        record["changes"] = [{"rule": each.rule, "line": each.line, "reason": each.reason, "saved": each.saved} for each in outcome.changes]
    if kept:
        record["kept"] = [{"rule": each.rule, "line": each.line, "reason": each.reason} for each in outcome.kept]
    return record | ({"higher": dict(outcome.higher)} if outcome.higher else {})


def _error(name: object, reason: str, line: int = 0) -> dict:
    return {"id": name, "status": ERROR, "error": reason, "line": line}
