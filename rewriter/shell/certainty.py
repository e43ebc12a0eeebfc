"""Whether a body that succeeds proves that a command in it did."""
from __future__ import annotations

from rewriter.shell.model import Command, Place, Script

_FILE_READERS = frozenset({"cat", "unzip", "gunzip"})  # a shell does not mind being given a folder: busybox ash exits 0


def decides(script: Script, command: Command) -> bool:
    """Whether the body surely runs the command, and fails if it fails: it is in the last `&&` chain, or under `set -e`."""
    at = next((at for at, segment in enumerate(script.segments) if segment.simple and segment.span.start <= command.span.start < segment.span.end), None)
    if at is None or command.place is not Place.PLAIN:
        return False
    after = [segment.operator for segment in script.segments[at:-1]]
    last = script.segments[-1].operator in ("", ";")
    if last and all(operator == "&&" for operator in after):
        return True
    return script.segments[at].operator == ";" and _strict(script)


def _strict(script: Script) -> bool:
    """Whether `set -e` is the first command, and nothing takes it back."""
    sets = [command for command in script.commands or () if command.name == "set"]
    options = [word.value or "?" for command in sets for word in command.words[1:]]
    first = bool(script.commands) and sets[:1] == list(script.commands[:1]) and sets[0].place is Place.PLAIN
    return first and options[0].startswith("-e") and all(option.startswith("-") and "?" not in option for option in options)


def proves_file(script: Script, command: Command, path: str, word_path: list[str | None]) -> bool:
    """Whether the command, which decides, only works where a file is at `path`: runs it or reads it.

    word_path: the absolute path that each word of the command names, None where there is none.
    """
    if not decides(script, command):
        return False
    runs = "/" in (command.name or "") and word_path[:1] == [path]
    reads = command.name in _FILE_READERS and path in word_path[1:2]
    return runs or reads
