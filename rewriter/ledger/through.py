"""Who may come upon a mount point right in `/` without naming it."""
from __future__ import annotations

import re
from collections.abc import Iterator

from rewriter.ledger.bodies import Body
from rewriter.ledger.meeting import fits
from rewriter.ledger.model import SOMEWHERE, State
from rewriter.ledger.places import resolved
from rewriter.ledger.removing import run_by
from rewriter.ledger.touching import looped, walked
from rewriter.pattern import Pattern
from rewriter.shell.model import Command

_WALKS = frozenset({"find", "ls", "du", "chown", "chmod", "chgrp", "grep", "tree", "rm", "cp", "tar"})
_LOOK_AROUND = frozenset({"find", "ls", "du", "tree"})  # what they are given is a folder; without one, in that where they are run
_ALTERS = frozenset({"chown", "chmod", "chgrp", "rm"})  # what is gone by then they need not change
_SAYS = frozenset({"echo", "printf", "test", "[", "[["})
_TELL_MOUNTS = frozenset({"mount", "df", "findmnt"})
_OF_THE_MACHINE = frozenset({"/proc/cpuinfo", "/proc/meminfo", "/proc/version", "/proc/loadavg"})
_ROOT = ("/", "/.", "/..")
_MOUNT_TABLE = Pattern(r"mountinfo|/proc/\S*mount|/etc/mtab", cues=("mount", "mtab"))
_VARIABLE = Pattern(r"^[\"']*(~|\$\w+|\$\{\w+\})[\"']*(.*)$", re.DOTALL)


def looks_through(body: Body, state: State, mounts: str) -> str:
    """Whether a mount point whose path begins as `mounts` does may be met by a body that is run where `state` holds and does not name it."""
    folder = state.workdir
    if _MOUNT_TABLE.found(body.text):
        return "it may see the mount"
    dots = "dotglob" in body.text or "GLOBIGNORE" in body.text  # else no wildcard of the shell's fits the dot with which it begins
    rooted = any(_is_root(at) for _, at in walked(body, folder))
    if any(path and _may_match(path.partition("/")[2], mounts, dots) for path in looped(body, "/" if rooted else folder)):
        return "it may go through `/`, and meet the mount"
    for command, at in walked(body, folder):
        if any(_led(command, at, word.raw, body, state) for word in command.words[1:]) or any(_set_to(each.word.value or "", mounts) for each in command.assignments):
            return "it may go through `/`, and meet the mount"
        if any(_may_match(name, mounts, wild) for name, wild in _names(command, mounts, at, dots)) or _walks(command, at, mounts):
            return "it may go through `/`, and meet the mount"
        if any(run_by(command, _TELL_MOUNTS)) or any((word.value or word.raw).startswith("/proc") and word.value not in _OF_THE_MACHINE for word in command.words[1:]):
            return "it may see the mount"
    return ""


def goes_over(body: Body, folder: str | None, place: str) -> bool:
    """Whether a body that is run in a folder reads all of `/`, or what patterns find that fit a place."""
    outer = place.split("/")[1]
    for command, at in walked(body, folder):
        deep = command.name in _WALKS - {"ls"} or any(re.match("-[^-]*R", word.raw) for word in command.words[1:])
        at = "/-/-" if at is None or at.startswith(SOMEWHERE) else at
        if deep and command.name not in _ALTERS and _walks(command, at, "//"):
            return True
        for word in command.words[1:] if command.name not in _SAYS else ():
            first, *rest = (resolved(word.value or word.raw, at) or "").lstrip("/").split("/")
            if word.glob and (deep or len(rest) >= place.count("/") - 1) and first != outer and fits(outer, first):
                return True
    return False


def _led(command: Command, folder: str | None, raw: str, body: Body, state: State) -> bool:
    """Whether a word that begins with a variable, or a link to a folder above, may lead through `/`."""
    if command.name == "ln" and re.fullmatch(r"[\"']*(/|\.\.)[/.]*[\"']*", raw):
        return True
    match = _VARIABLE.match(raw)
    if not match or not (command.name in _LOOK_AROUND and re.fullmatch(r"[/.\"']*", match[2]) or re.match(r"/?\.[^/]*[*?[]", match[2])):
        return False
    name = match[1].strip("${}")
    if name == "~":
        name = "HOME"
    if re.search(rf"\b(for|select) {name} in\b", body.text):
        return False
    said = [each.word.value for each_command in body.commands or () for each in each_command.assignments if each.name == name]
    if not said and name == "HOME" and name not in state.values or not said and name == "PWD" and not _is_root(folder):
        return False
    return any(re.fullmatch(r"[/.]*", "/" if value is None else value) for value in said or [state.values.get(name)])


def _set_to(value: str, mounts: str) -> bool:
    """Whether a variable is given a pattern that the mount point may fit."""
    return value.startswith("/.") and _may_match(value[1:], mounts, False)


def _is_root(folder: str | None) -> bool:
    """Whether it is, or may be, `/`."""
    return folder in (None, "/") or (folder or "").startswith(SOMEWHERE)


def _names(command: Command, mounts: str, folder: str | None, dots: bool) -> Iterator[tuple[str, bool]]:
    """What the words of a command say of names right in `/`, relative ones, too, where it is run there; and whether a wildcard may fit a dot."""
    for word in command.words[1:]:
        text = _upwards(word.value or word.raw, folder)
        if text.startswith("/") and text.strip("/") and not text.startswith(mounts):
            yield text.strip("/"), dots or not word.glob or "{" in text
        elif _is_root(folder) and word.glob:
            yield text.removeprefix("./"), dots


def _upwards(word: str, folder: str | None) -> str:
    """A word that goes up by `..`, as a path; from a folder that is not known it may be one in `/`."""
    return resolved(word, folder) or resolved(word, "/") or word if ".." in word.split("/") else word


def _may_match(path: str, mounts: str, wild: bool) -> bool:
    """Whether the first name of a path is a pattern that the mount point's name may fit. wild: a wildcard may be its dot."""
    name, point = path.partition("/")[0], mounts.strip("/")
    start = re.split(r"[*?[{]", name)[0]
    return start != name and (start.startswith(point) or point.startswith(start)) and (bool(start) or wild)


def _walks(command: Command, folder: str | None, mounts: str) -> bool:
    """Whether it goes through `/`, by itself or by what it runs."""
    inner = any("cd " in word.raw for word in command.words[1:])
    for name, *words in run_by(command, _WALKS):
        operands = [_upwards(word, None if inner else folder) for word in words if not word.startswith(("-", mounts))]
        places = operands[:-1] if name == "cp" else operands
        packs = name != "tar" or any("c" in word for word in words[:1])
        here = (inner or _is_root(folder)) and (any(word in (".", "./") for word in places) or not operands and name in _LOOK_AROUND)
        if packs and (here or any(word in _ROOT for word in places)):
            return True
    return False
