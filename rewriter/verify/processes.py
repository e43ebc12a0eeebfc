"""Ending a build's processes: those of the engine's command, and what it has started and would leave behind.

Where there is no /proc, only the command itself is ended.
"""
from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

PATIENCE = 15  # seconds for a command that was told to end, until it is made to


def stop(process: int) -> None:
    """End a process and all that it started, itself first, so that it can do so in order."""
    family = [process, *_descendants(process)]
    _signal(process, signal.SIGTERM)
    end = time.monotonic() + PATIENCE
    while _runs(process) and time.monotonic() < end:
        time.sleep(0.1)
    for each in family:
        if _runs(each):
            _signal(each, signal.SIGKILL)


def with_word(word: str) -> list[int]:
    """The processes whose command line has `word` in it."""
    return [each for each in _all() if word.encode() in _read(each, "cmdline")]


def _descendants(process: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for each in _all():
        status = _read(each, "stat").rpartition(b")")[2].split()
        if len(status) > 1:
            children.setdefault(int(status[1]), []).append(each)
    found = [process]
    for each in found:
        found += children.get(each, ())
    return found[1:]


def _runs(process: int) -> bool:
    """Whether it is there and no zombie, whose parent has yet to hear of its end."""
    state = _read(process, "stat").rpartition(b")")[2].split()
    return bool(state) and state[0] != b"Z"


def _all() -> list[int]:
    return [int(each.name) for each in Path("/proc").glob("[0-9]*")]


def _read(process: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{process}/{name}").read_bytes()
    except OSError:  # it is gone, or not ours to see
        return b""


def _signal(process: int, number: int) -> None:
    with suppress(OSError):
        os.kill(process, number)
