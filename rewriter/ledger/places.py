"""Where a word of the Dockerfile leads: paths, with the variables and the folder that are known there."""
from __future__ import annotations

import re
from collections.abc import Mapping
from posixpath import normpath

from rewriter.ledger.model import SOMEWHERE, Copied, Entry, State
from rewriter.pattern import Pattern
from rewriter.shell.model import Word
from rewriter.source.model import Instruction
from rewriter.source.words import words

_LONGEST_VALUE = 65_536  # characters: a variable that is set from itself may double without end
VARIABLE = Pattern(r"\$(?:(\w+)|\{(\w+)\})", re.ASCII)
NAMES = Pattern(r"\$\{?(\w+)", re.ASCII)  # of the variables in a word, in whichever form


def expanded(word: str | None, values: Mapping[str, str | None]) -> str | None:
    """The word with its variables replaced, None where it has quotes or escapes, or a variable that is not known."""
    if word is None or any(char in word for char in "'\"\\`"):
        return None
    said = [values.get(match[1] or match[2]) for match in VARIABLE.finditer(word)]
    if None in said or "$" in VARIABLE.sub("", word) or sum(len(value or "") for value in said) > _LONGEST_VALUE:
        return None
    found = iter(said)
    return VARIABLE.sub(lambda _: next(found) or "", word)


def resolved(path: str | None, folder: str | None) -> str | None:
    """An absolute path without `.` and `..`, None where it can't be told."""
    if not path or not path.startswith("/") and (folder is None or folder.startswith(SOMEWHERE) and ".." in path.split("/")):
        return None
    return "/" + normpath(path if path.startswith("/") else f"{folder}/{path}").lstrip("/")


def astray(word: str, deep: bool) -> bool:
    """Whether it leads through a folder that may not be there, or says that a file is a folder: the command fails then. deep: it is for folders."""
    plain = word.strip("\"'")
    return re.search(r"(?:^|/)(?!\.\.?/)[^/]+/+(?:\./+)*\.\.(?:/|$)", plain) is not None or not deep and plain.endswith(("/", "/."))


def goes_to(workdir: Instruction, state: State) -> str | None:
    """The folder that a WORKDIR names; None where it can't be told."""
    said = workdir.arguments.text
    if len(said) > 1 and said[0] == said[-1] == '"' or len(said) > 1 and said[0] == said[-1] == "'" and "$" not in said:
        said = said[1:-1]
    return resolved(expanded(said, state.values), state.workdir)


def below(workdir: Instruction, state: State) -> str:
    """A folder in which that of a WORKDIR lies, by what is said before the first variable."""
    known = re.split(r"[$'\"\\`]", workdir.arguments.text.lstrip("\"'"))[0]
    return (resolved(known.rpartition("/")[0], "/") or "/") if known.startswith("/") else state.workdir or state.below or "/"


def path_named(word: Word, folder: str | None) -> str | None:
    """The path that a word of a command names: where a variable ends it, with any rest; None where it can't be told."""
    if word.value is not None:
        return resolved(word.value, folder)
    bare = word.raw.strip("\"'")
    known = bare.split("$")[0].split("`")[0]
    return resolved(known.rpartition("/")[0] + "/*", None) if known.startswith("/") and known.count("/") > 1 else None


def path_of(word: str, run: Entry) -> str | None:
    """The path that a word of a RUN, as it is written, names in its WORKDIR; None where it can't be told."""
    plain = "'" in word and "$" in word
    return None if plain else resolved(expanded(word.strip("\"'"), run.state.values), run.state.workdir)


def copied(entry: Entry) -> Copied:
    """What a COPY or ADD copies to where."""
    raw = entry.text.split("\n")[len(entry.instruction.flags) :]
    raw = raw if not entry.instruction.heredocs else [word.text for word in words(entry.instruction.arguments)]
    spread = entry.instruction.flag("parents") is not None  # then files land by their whole paths
    last = expanded(raw[-1], entry.state.values) if len(raw) > 1 and not spread else None
    target = resolved(last, entry.state.workdir)
    texts = iter(each.name for each in entry.instruction.heredocs)
    if last is None or target is None or any(char in last for char in "*?["):  # which COPY takes as they are in a target
        return Copied((), "", False, False)
    written = last.endswith(("/", "/.")) or last == "."
    folder = written or len(raw) > 2 or target in (*entry.state.standing, entry.state.workdir)
    return Copied(tuple(next(texts, word) if word.startswith("<<") else expanded(word, entry.state.values) or word for word in raw[:-1]), target, folder, written)
