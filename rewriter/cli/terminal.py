"""Standard input, output and error, as bytes: what was read comes out again unharmed."""
from __future__ import annotations

import errno
import os
import sys
from functools import cache

from rewriter import files


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


class Misused(Exception):
    """What is asked for makes no sense, and why."""


class OutputFailed(Exception):
    """Standard output takes no more. The message says why; it is empty where its reader has gone."""


@cache
def standard_input() -> bytes | files.Refused:
    """All of standard input; read once, so that it can be given back."""
    return files.take(sys.stdin.buffer) if sys.stdin else files.Refused("is closed")


def give_back() -> None:
    """Put on standard output what came on standard input."""
    data = standard_input()
    while data and isinstance(data, bytes):
        put(data)
        data = files.take(sys.stdin.buffer)  # there is more where it was too large to be taken at once


def put(content: str | bytes) -> None:
    """Write to standard output, all of it. Raises OutputFailed."""
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "is closed")
        sys.stdout.buffer.write(_bytes(content))
        sys.stdout.buffer.flush()
    except OSError as failure:
        _let_go(sys.stdout)
        raise OutputFailed("" if isinstance(failure, BrokenPipeError) else files.reason(failure)) from failure


def tell(message: str) -> None:
    """Write to standard error, if anyone is there."""
    try:
        sys.stderr.buffer.write(_bytes(message))
        sys.stderr.buffer.flush()
    except (OSError, AttributeError):
        return


def coloured(stream: TextIO) -> bool:
    """Whether to use colours: NO_COLOR says no, FORCE_COLOR yes, else a terminal gets them."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def bug(failure: Exception) -> str:
    """What to say of an exception that no one foresaw. With DFOPT_DEBUG=1 its traceback is shown first."""
    if os.environ.get("DFOPT_DEBUG") == "1":
        import traceback

        tell("".join(traceback.format_exception(failure)))
    what = " ".join(f"{type(failure).__name__}: {failure}".split())
    return f"dfopt failed, and changed nothing; please report it with the file ({what[:200]})"


def _bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")


def _let_go(stream: TextIO | None) -> None:
    """Have what the stream still holds go nowhere, lest Python complains of it at exit."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, AttributeError):
        return
