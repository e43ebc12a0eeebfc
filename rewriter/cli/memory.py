"""Which files have nothing left to change: remembered from run to run, so that those are answered at once.

An entry holds all that the answer depends on: the text, the options, the modules of dfopt, and whether there was a build
context. It counts only where it is the same byte for byte, so that no collision, no half-written file and no other writer
can make a wrong one. What was changed, refused, or asked the context anything is not remembered. The place is
$DFOPT_CACHE_DIR (empty: none), else dfopt in $XDG_CACHE_HOME or ~/.cache. An entry's name is one of some thousand: it
takes the place of an older one, so that there is no growth.
"""
from __future__ import annotations

import os
import sys

from rewriter.graph.context import Context, Entry, Member
from rewriter.options import LEVELS, Options
from rewriter.outcome import Outcome

LARGEST = 65_536  # bytes of an entry
_PLACES = 4093  # a prime, as the number of an entry is what its bytes, as one number, leave over
_PACKAGE = os.path.dirname(os.path.dirname(__file__))


class Watched:
    """A build context that tells whether anyone asked it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.asked = False

    def find(self, source: str) -> tuple[Entry, ...] | None:
        """As the context has it."""
        self.asked = True
        return self._context.find(source)

    def members(self, source: str) -> tuple[Member, ...] | None:
        """As the context has it."""
        self.asked = True
        return self._context.members(source)


def recall(text: str, options: Options, context: bool) -> Outcome | None:
    """The outcome for a text which is known to be left as it is; None for any other. context: whether there is one."""
    try:
        key = _key(text, options, context)
        path = _path(key)
        if path is None:
            return None
        with open(path, "rb") as file:
            entry = file.read(LARGEST + 1)
    except OSError:
        return None
    higher = _levels(entry[len(key) :]) if entry.startswith(key) else None
    return None if higher is None else Outcome(text, text, higher=higher)


def remember(outcome: Outcome, options: Options, context: bool) -> None:
    """Keep it, if it may be kept, for the next run."""
    if outcome.changed or outcome.note or outcome.error:
        return
    try:
        key = _key(outcome.before, options, context)
        if path := _path(key):
            _keep(path, key + ",".join(f"{level} {count}" for level, count in outcome.higher).encode() + b"\n")
    except OSError:
        return


def _keep(path: str, entry: bytes) -> None:
    beside = f"{path}.{os.getpid()}"
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    try:
        with open(beside, "xb") as file:
            file.write(entry)
        os.replace(beside, path)
    except OSError:
        os.unlink(beside)


def _key(text: str, options: Options, context: bool) -> bytes:
    return "\0".join([repr(options), str(context), sys.version, _modules(), text, ""]).encode("utf-8", "surrogateescape")


def _modules() -> str:
    """The size and time of each module of dfopt: another version, or an edited one, may find more."""
    found, folders = [], [_PACKAGE]
    while folders:
        for entry in os.scandir(folders.pop()):
            if entry.name.endswith(".py"):
                status = entry.stat()
                found.append(f"{entry.name} {status.st_size} {status.st_mtime_ns}")
            elif entry.name != "__pycache__" and entry.is_dir():
                folders.append(entry.path)
    return " ".join(sorted(found))


def _path(key: bytes) -> str | None:
    """Where an entry is kept; None for nowhere."""
    place = os.environ.get("DFOPT_CACHE_DIR")
    if place is None:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        place = os.path.join(base, "dfopt") if os.path.isabs(base) else ""
    return os.path.join(place, f"{int.from_bytes(key, 'big') % _PLACES:03x}") if place and len(key) < LARGEST else None


def _levels(said: bytes) -> tuple[tuple[str, int], ...] | None:
    """What an entry says of higher levels; None where it is not whole."""
    if not said.endswith(b"\n"):
        return None
    pairs = [part.split(" ") for part in said[:-1].decode("utf-8", "replace").split(",") if part]
    right = all(len(pair) == 2 and pair[0] in LEVELS and pair[1].isdecimal() for pair in pairs)
    return tuple((level, int(count)) for level, count in pairs) if right else None
