"""Who may come upon the mount point of a folded COPY, one name in `/`, without naming it."""
from __future__ import annotations

import re

from rewriter.graph.copies import POINT, SOMEWHERE
from rewriter.graph.fates import Fate
from rewriter.graph.model import State, script
from rewriter.pattern import Pattern
from rewriter.shell.effects import Step
from rewriter.shell.model import Script, Word
from rewriter.shell.paths import absolute
from rewriter.shell.tools.wrappers import names_run, plain_words

# Commands that are given `/` to put something there, or to go there.
_GIVEN_ROOT = frozenset({"cd", "pushd", "cp", "mv", "install", "ln", "tar", "unzip", "cpio", "rpm", "curl", "wget", "git", "test", "[", "echo"})
_ROOTS = (None, "/", SOMEWHERE)  # folders that are `/`, or may be
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "eval"})
_DOTTED = ("dotglob", "GLOBIGNORE")  # what has a wildcard match a dot, too
_LIST_MOUNTS = frozenset({"mount", "df", "findmnt", "mountpoint", "lsblk"})
_WALKERS = frozenset({"find", "ls", "du", "chown", "chmod", "chgrp", "grep", "tree", "rm", "cp", "mv"})
_LISTERS = frozenset({"find", "ls", "du", "tree"})  # all that a variable gives them is a folder to go through
_MACHINE = ("/proc/cpuinfo", "/proc/meminfo", "/proc/version", "/proc/loadavg")  # what is told of it, and of no mount
_TELLS_MOUNTS = Pattern(r"/proc/\S*mount|mountinfo|/etc/mtab", cues=("mount", "mtab"))
_LEAD = Pattern(r"[\"']*(?:~|\$\{?(\w+)\}?)[\"']*")  # what a word may begin with that stands for a folder
_UNNAMED = frozenset("/.\"'")  # what is no name in a path


def walker(fate: Fate, state: State) -> str:
    """The name of a command of the RUN that may go through the folder `/`, and so meet a mount point; "" for none."""
    body = script(fate.run)
    if isinstance(body, Script) and (told := _TELLS_MOUNTS.found(body.text)):
        return told[0]
    rooted = any(step.cwd in _ROOTS for step in fate.found)
    dotted = isinstance(body, Script) and any(word in body.text for word in _DOTTED)
    if isinstance(body, Script) and any(_loop(head, rooted, dotted) for head in body.text.split("for ")[1:]):
        return "for"
    for step in fate.found:
        words = ["x" if not dotted and _tame(word) else _seen(step, word) for word in step.command.words[1:]]
        words = plain_words(" ".join(words)) if step.command.name in _SHELLS else words
        if names_run(step.command) & _LIST_MOUNTS or any(word.startswith("/proc") and word not in _MACHINE for word in words):
            return step.command.name or "a command"
        if any(each.word.value == "/" or _fits(each.word.value or each.word.raw, rooted, dotted) for each in step.command.assignments):
            return "a variable"
        if isinstance(body, Script) and any(_adrift(word, step, body, state, dotted) for word in step.command.words[1:]):
            return step.command.name or "a command"
        if any(_fits(_seen(step, word), step.cwd in _ROOTS, dotted) for word in step.command.words[1:] if word.glob):
            return step.command.name or "a command"
        below = [word for word in words if word.startswith("/") and _any(word.lstrip("/").partition("/")[0])]
        operands = [word for word in words if not word.startswith("-")]
        operands = operands[:-1] if step.command.name in ("cp", "mv") and not _targeted(words) else operands  # the last is where they go
        here = step.cwd in _ROOTS and (any(word in (".", "./", "*", "./*") for word in operands) or not operands)
        if below and (step.command.name not in _GIVEN_ROOT or any(_fits(word, False, dotted) for word in words)) or here and step.command.name in _WALKERS:
            return step.command.name or "a command"
        if (below or here) and step.command.name == "tar" and not _extracts(words):
            return "tar"
    return ""


def _seen(step: Step, word: Word) -> str:
    """A word, as an absolute path if it goes up by `..`: from a folder that is not known, if it is a pattern or for one that walks, to `/`."""
    text = word.value or word.raw
    if ".." not in text.split("/"):
        return text
    unknown = "/" if word.glob or step.command.name in _WALKERS else None
    return absolute(text, unknown if step.cwd in (None, SOMEWHERE) else step.cwd) or text


def _adrift(word: Word, step: Step, body: Script, state: State, dotted: bool) -> bool:
    """Whether a variable or a `..` may have the command go through `/`: alone, for one that lists, or before a pattern; or be linked to."""
    name = step.command.name
    if name == "ln" and not word.raw.startswith("-") and set(word.raw) <= _UNNAMED and ("/" in word.raw or ".." in word.raw):
        return True
    lead = _LEAD.match(word.raw) if word.value is None else None
    rest = word.raw[lead.end() :] if lead else ""
    alone = name in _LISTERS and set(rest) <= _UNNAMED
    if not lead or not alone and not (word.glob and _fits("/" + rest.lstrip("/"), False, dotted)):
        return False
    variable = lead[1] or "HOME"
    values = [each.word.value for command in body.commands for each in command.assignments if each.name == variable]
    if f"for {variable} in" in body.text:
        return False
    if not values:
        values = [state.values.get(variable, "root" if variable == "HOME" else step.cwd if variable == "PWD" else None)]
    return any(value is None or set(value) <= _UNNAMED for value in values)


def _targeted(words: list[str]) -> bool:
    return any(word.startswith("--target-directory") or word.startswith("-") and not word.startswith("--") and "t" in word for word in words)


def _any(name: str) -> bool:
    """Whether it is no name right in `/`, so that the word means `/` itself, or may be the mount point's: one spelled out is not."""
    return name in ("", ".", "..") or name[0] in "*?[{" or name[0] == "." and any(char in name for char in "*?[$`")


def _tame(word: Word) -> bool:
    """Whether the shell makes of it names, none of which begins with a dot as the mount point does."""
    first = word.raw.removeprefix("./").lstrip("/")[:1]
    return word.glob and first in ("*", "?", "[") and "{" not in word.raw and ".." not in word.raw


def _fits(word: str, rooted: bool, dotted: bool) -> bool:
    """Whether the shell may find the mount point by a pattern, perhaps a relative one: it begins with a dot, which no wildcard matches unless dotted."""
    name = (word[1:] if word.startswith("/") else word.removeprefix("./") if rooted else "").partition("/")[0]
    start = re.split(r"[*?[]", name)[0]
    return (start[:1] == "." or dotted) and start != name and (POINT[1:].startswith(start) or start.startswith(POINT[1:]))


def _loop(head: str, rooted: bool, dotted: bool) -> bool:
    """Whether what follows `for` goes over names in `/`: those words are no part of any command."""
    return any(set(word) <= _UNNAMED and word != "." or _fits(word, rooted, dotted) for word in head.partition(";")[0].partition("\n")[0].split())


def _extracts(words: list[str]) -> bool:
    """Whether a `tar` unpacks: by its first word, or by an option."""
    short = [word for at, word in enumerate(words) if not word.startswith("--") and (at == 0 or word.startswith("-"))]
    return any("x" in word for word in short) or "--extract" in words or "--get" in words
