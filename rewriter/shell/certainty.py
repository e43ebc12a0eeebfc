"""Whether a body that succeeds proves that a command in it did."""
from __future__ import annotations

from bisect import bisect_right

from rewriter.shell.model import LOST, Command, Place, Script, Segment
from rewriter.shell.paths import absolute
from rewriter.shell.reading import read_script

_FILE_READERS = frozenset({"cat", "unzip", "gunzip"})  # a shell does not mind being given a folder: busybox ash exits 0
_FAILURES = frozenset(map(str, range(1, 256)))  # of which a shell takes nothing away
_FINAL = frozenset({"exec", "return", "eval", ".", "source", "trap", "alias", "command", "builtin", "shopt", "enable", "kill"})


def decides(script: Script, command: Command) -> bool:
    """Whether the body surely runs the command, and fails if it fails: it is in the last `&&` chain, or under `set -e`."""
    at = _place(script, command)
    if at < 0 or not reached(script, command):
        return False
    segment = script.segments[at]
    counts = at >= _last_chain(script) or segment.operator == ";" and strict(script)
    return counts and (command.place == Place.PLAIN if segment.simple else _in_group(script, segment, command))


def heads(script: Script, command: Command) -> bool:
    """Whether it is the first of a `( … && … )`, in which nothing else is run if it fails."""
    at = _place(script, command)
    text = script.text[script.segments[at].span.start : command.span.start].strip(" ") if at >= 0 else ""
    inner = read_script(script.segments[at].span.of(script.text)[1:-1]) if text == "(" else None
    return isinstance(inner, Script) and all(segment.operator == "&&" for segment in inner.segments[:-1])


def _place(script: Script, command: Command) -> int:
    """The segment that a command stands in; -1 for one behind all of them."""
    at = bisect_right(script.segments, command.span.start, key=lambda segment: segment.span.start) - 1
    return at if at >= 0 and command.span.start < script.segments[at].span.end else -1


def _last_chain(script: Script) -> int:
    """The segment with which the `&&` chain begins whose end is that of the body; beyond the last where there is none."""
    if "last chain" not in script.answers:
        start = len(script.segments) - 1
        while start and script.segments[start - 1].operator == "&&":
            start -= 1
        script.answers["last chain"] = start if script.segments[-1].operator in ("", ";") else len(script.segments)
    return script.answers["last chain"]


def reached(script: Script, command: Command) -> bool:
    """Whether a body that gets to its end with success can't have left before the command, nor mean another by its name."""
    if "leaving" not in script.answers:
        script.answers["leaving"] = next((each.span.start for each in script.commands or () if _leaves(each)), len(script.text))
    return command.name not in script.functions and command.span.start <= script.answers["leaving"]


def _leaves(command: Command) -> bool:
    """Whether the shell may end here with success, or go on in another way. A name that is not literal may be any."""
    if command.name == "exit":
        return not command.place & LOST and not fails(command)
    if command.name == "set":
        return any(word.value in (None, "noexec") or word.value.startswith("-") and not word.value.startswith("--") and "n" in word.value for word in command.words[1:])
    return command.name is None or command.name in _FINAL


def fails(command: Command) -> bool:
    """Whether it is an `exit` with a status that tells of a failure."""
    status = command.words[1].value or "" if command.name == "exit" and len(command.words) == 2 else ""
    return status in _FAILURES


def _in_group(script: Script, segment: Segment, command: Command) -> bool:
    """Whether the segment is `{ … }` or `( … )`, which the command decides. A `set -e` in it is off left of `&&`."""
    text = segment.span.of(script.text)
    inner = read_script(text[1:-1]) if text[:1] + text[-1:] in ("{}", "()") else None
    start = command.span.start - segment.span.start - 1
    if not isinstance(inner, Script) or strict(inner) and segment.operator not in ("", ";"):
        return False
    return any(each.span.start == start and decides(inner, each) for each in inner.commands or ())


def strict(script: Script) -> bool:
    """Whether `set -e` is the first command, and nothing takes it back."""
    if "strict" not in script.answers:
        script.answers["strict"] = _strict(script)
    return bool(script.answers["strict"])


def _strict(script: Script) -> bool:
    sets = [command for command in script.commands or () if command.name == "set"]
    options = [word.value or "?" for command in sets for word in command.words[1:]]
    first = bool(script.commands) and sets[:1] == list(script.commands[:1]) and sets[0].place == Place.PLAIN
    return first and bool(options) and options[0].startswith("-e") and all(option.startswith("-") and "?" not in option for option in options)


def proves_file(script: Script, command: Command, path: str, cwd: str | None) -> bool:
    """Whether the command, which decides and is run in folder `cwd`, only works where a file is at `path`: runs it or reads it."""
    runs = "/" in (command.name or "") and absolute(command.name or "", cwd) == path
    reads = command.name in _FILE_READERS and path in [absolute(word.value or "", cwd) for word in command.words[1:2]]
    return (runs or reads) and decides(script, command)
