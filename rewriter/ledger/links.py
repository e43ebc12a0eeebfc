"""Links that a Dockerfile makes, by which a path may lead somewhere else."""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rewriter.ledger.bodies import Body, read_body, text_of
from rewriter.ledger.meeting import any_meet
from rewriter.ledger.model import Entry, Stage
from rewriter.ledger.places import resolved
from rewriter.ledger.removing import run_by
from rewriter.ledger.touching import paths, walked
from rewriter.shell.model import Command, Word

# They keep a second name of their files: in a cache, or where they were built.
_SHARING = frozenset({"conda", "mamba", "micromamba", "uv", "pnpm", "bun", "cargo"})
_WRITES_IN_PLACE = frozenset({"chmod", "chown", "chgrp", "setfacl", "setcap", "strip", "objcopy", "patchelf", "truncate"})


def leads_on(copy: Entry, landings: tuple[str, ...], before: Stage) -> str:
    """Whether `ln` may have made a link where a copy lands, or of a folder above: COPY goes by links as `cp` does not."""
    return linked(earlier(copy, before), landings)


def linked(entries: Iterable[Entry], paths: tuple[str, ...]) -> str:
    """Whether one of the events may make a link by which another path leads to one of these."""
    for entry in entries:
        body = read_body(text_of(entry.instruction)) if entry.keyword == "RUN" else None
        for command, folder in walked(body, entry.state.workdir) if body else ():
            if command.name == "ln" and (_leads_up(command) or any(_may_name(word, folder, path) for word in command.words[1:] for path in paths)):
                return f"{entry} makes a link that may lead to it"
            if command.name in ("cp", "mv") and any(resolved(word.value, folder) in paths for word in command.words[-1:]):
                return f"{entry} may put a link there"
    return ""


def renames(body: Body, folder: str | None, landings: tuple[str, ...]) -> bool:
    """Whether a command of a body that is run in a folder may move one of the paths, or what lies below, or make a hard link to it."""
    for command, at in walked(body, folder):
        said = [word.raw for word in command.words]
        short = "".join(word for word in said if re.fullmatch("-[A-Za-z]+", word))
        hard = "ln" in said and not ("s" in short or "--symbolic" in said) or "cp" in said and ("l" in short or "--link" in said)
        if "mv" in said or hard:
            touched = paths(command, at)
            if touched is None or any_meet(touched, landings):
                return True
    return False


def shares(body: Body, later: Iterable[Body]) -> str:
    """Whether a body may make hard links of its files, of which a later one changes one in place: apart, that parts them."""
    linking = any(said[:2] != ["cargo", "install"] for command in body.commands or () for said in run_by(command, _SHARING))
    if linking and any(any(run_by(command, _WRITES_IN_PLACE)) for each in later for command in each.commands or ()):
        return "it may make hard links to files that a later body changes in place"
    return ""


def _leads_up(command: Command) -> bool:
    """Whether the link may be one to the root, through which all is seen."""
    return any(word.raw.strip("\"'") == "/" or word.raw.strip("\"'./") == "" and ".." in word.raw for word in command.words[1:-1])


def earlier(copy: Entry, before: Stage) -> Iterator[Entry]:
    """What is done before a copy, in its stage and those that it is built on."""
    yield from before.entries[: before.entries.index(copy)]
    yield from before.below


def _may_name(word: Word, folder: str | None, landing: str) -> bool:
    """Whether what `ln` is given may be the path or a folder above, or a link of its name that comes to stand there."""
    if word.value is None or word.value.startswith("-"):
        return False
    name = word.value.rstrip("/").rpartition("/")[2]
    if folder is None and not word.value.startswith("/"):
        return name in landing.split("/")
    return any(path and path != "/" and f"{landing}/".startswith(f"{path}/") for path in (resolved(word.value, folder), resolved(name, folder)))
