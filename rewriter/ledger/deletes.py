"""Copies that are gone, since the first that concerns their files is a delete of just them."""
from __future__ import annotations

from collections.abc import Sequence
from posixpath import dirname

from rewriter.ledger.bodies import Body, Part, forced, read_body, takes_folders, text_of, told, words
from rewriter.ledger.crossing import archived, concerns, spreads, uses
from rewriter.ledger.matching import Block
from rewriter.ledger.meeting import meet, mounted_over, of_runs
from rewriter.ledger.model import STANDING, TARS, Entry, Stage
from rewriter.ledger.places import astray, copied, expanded, goes_to, resolved
from rewriter.ledger.removing import removes, standing
from rewriter.ledger.touching import paths, walked
from rewriter.record import dataclass
from rewriter.shell.model import Command, Place

_SYSTEM = ("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr", "/var")

_ON_FOLDERS = frozenset({"mkdir", "chmod", "chown", "chgrp", "install", "rm", "rmdir", "ls", "cd"})


@dataclass(frozen=True)
class Dead:
    """The RUN before that deletes what the copy brings, the part of its body that does, and the folder that is to be made."""

    run: int
    part: Part
    folder: str


def dead(at: int, before: Stage, block: dict[int, Block]) -> Dead | str:
    """How the copy at `at` is nothing but work for a delete, or why it is not. block: by RUN before, what it has become."""
    copy, entries = before.entries[at], before.entries
    said = copied(copy)
    if not said.target or any(flag.name not in ("chown", "chmod") for flag in copy.instruction.flags):
        return f"{copy} is not there any more"
    whole = any(source.rstrip("/").endswith(".") or "*" in source or spreads(copy, source) for source in said.sources)
    landings = (said.target,) if whole else tuple(said.landing(source) for source in said.sources)
    for index in range(at + 1, len(entries)):
        found = _delete(entries[index], landings) if entries[index].keyword == "RUN" else None
        if found and mounted_over(entries[index], landings):
            return f"{entries[index]} has a mount over what {copy} brought"
        if found and copy.keyword == "ADD" and said.remote:
            return f"{copy} fails if it can't fetch that"
        if found:
            return _buried(at, before, index, found, landings, block.get(index))
        if concerns(entries[index], landings):
            return f"{entries[index]} may use what {copy} brought"
    return f"{copy} is not there any more"


def _delete(run: Entry, landings: Sequence[str]) -> tuple[Part, Command] | None:
    """The `rm` of a RUN by which all the landings surely go, before anything else there may see them."""
    body, folder = read_body(text_of(run.instruction)), run.state.workdir
    for part in body.parts:
        inside = body.within(part)
        if not inside:
            return None
        if part.simple and inside[0].name == "rm" and inside[0].place == Place.PLAIN and all(_covered(inside[0], folder, path) for path in landings):
            return part, inside[0]
        if uses(_only(body, part), folder, tuple(landings)) or any(each.name in ("cd", "exit", "exec", "return", "ln") for each in inside):
            status = [word.value for word in inside[0].words] if inside[0].name == "exit" else []
            if not (len(status) == 2 and status[1] not in (None, "0")):
                return None
    return None


def _only(body: Body, part: Part) -> Body:
    return read_body(body.text[part.start : part.end])


def _covered(command: Command, folder: str | None, path: str) -> bool:
    """Whether the `rm` names the path, or a folder above and what is in it; with a pattern it may name more."""
    if not told(word.raw for word in command.words) or not command.silent:
        return False
    recursive = takes_folders(word.raw for word in command.words)
    for word in command.words[1:]:
        named = resolved(word.value, folder) if not word.raw.startswith("-") and not astray(word.value or "", deep=True) and not (word.value or "").endswith("/.") else None
        if named and named != "/" and meet(named, path) and (named.count("/") == path.count("/") or recursive and named.count("/") < path.count("/")):
            return True
    return False


def _buried(at: int, before: Stage, index: int, found: tuple[Part, Command], landings: tuple[str, ...], block: Block | None) -> Dead | str:
    part, command = found
    copy, run = before.entries[at], before.entries[index]
    operands = [resolved(word.value, run.state.workdir) or "" for word in command.words[1:] if not word.raw.startswith("-")]
    gone = block is None or part in block.gone
    minds = not forced(word.raw for word in command.words) and (block is None or part not in block.forced)
    if not run.state.root or run.state.shell is None:
        return f"{run} does not run as root in a POSIX shell"
    if any(archived(copy, source, TARS) for source in copied(copy).sources) and not takes_folders(word.raw for word in command.words):
        return f"the delete in {run} fails where {copy} unpacks what it adds"
    if len(operands) != 1:
        return f"{run} deletes more than {copy} brought"
    if blocked := next((each for each in before.entries[:at] if each.keyword == "RUN" and _bars(each, landings)), None):
        return f"{blocked} may have put a file in the way of {copy}"
    proof = new_folder(at, before, landings)
    if gone and (not proof or operands[0] not in landings):
        return f"{run} may have deleted something else"
    if not gone and minds and not (proof and operands[0] not in landings and operands[0].count("/") < landings[0].count("/")):
        return f"the delete in {run} fails without {copy}"
    if not proof and any(meet(path, place) and path.startswith(place) for path in landings for place in _SYSTEM):
        return f"{copy} may have gone through a link of the base"
    above = dirname("/".join(landings[0].split("/")[: operands[0].count("/") + 1]))
    stands = above in standing(before, index) or proof and (above + "/").startswith(proof + "/") or run.state.workdir and (run.state.workdir + "/").startswith(above + "/")
    if not stands and any(flag.name in ("chown", "chmod") for flag in copy.instruction.flags):
        return f"{above} would have another owner or mode"
    if not stands and any(concerns(each, (above,)) for each in before.entries[at + 1 : index]):
        return f"{above} may be used before it is made"
    return Dead(index, part, "" if stands else above)


def _bars(run: Entry, landings: tuple[str, ...]) -> bool:
    """Whether a RUN names a folder above a landing for something that is not for folders alone."""
    above = {"/".join(path.split("/")[:count]) for path in landings for count in range(2, path.count("/") + 1)} - STANDING
    return any(command.name not in _ON_FOLDERS and (path.rstrip("/") or "/") in above for command, folder in walked(read_body(text_of(run.instruction)), run.state.workdir) for path in paths(command, folder) or ())


def new_folder(at: int, before: Stage, landings: tuple[str, ...]) -> str:
    """The folder above the landings that a RUN before made: without -p `mkdir` fails where there is one."""
    for entry in reversed(before.entries[:at]):
        body = read_body(text_of(entry.instruction)) if entry.keyword == "RUN" else Body("", ())
        for number, part in enumerate(body.parts):
            said = words(part) if part.first == "mkdir" else ()
            made = [resolved(word, entry.state.workdir) or "" for word in said[1:]]
            sure = all(each.operator in ("&&", "") for each in body.parts[number:]) and not any(word.startswith("-") for word in said)
            above = [path for path in made if path and all(landing.startswith(path + "/") for landing in landings)]
            rest = body.parts[number + 1 :]
            if above and sure and not any(uses(_only(body, each), entry.state.workdir, landings) for each in rest):
                return above[0]
        if concerns(entry, landings):
            return ""
    return ""


def makes_again(before: Stage, at: int) -> bool:
    """Whether a RUN does nothing but `mkdir -p` of folders that a WORKDIR makes after it, with nothing between that could tell."""
    run = before.entries[at]
    if any(each.keyword == "RUN" and "setfacl" in text_of(each.instruction) for each in (*before.entries[:at], *before.below)):
        return False  # a folder may have an ACL that `mkdir` gives on
    body = read_body(text_of(run.instruction))
    if not body.parts or not run.state.root or run.state.shell is None or run.instruction.flags or any(not part.simple or part.first != "mkdir" or part.operator in ("||", "&") for part in body.parts):
        return False
    said = [word.strip('"') for part in body.parts for word in part.text.split()[1:]]
    options = {word for word in said if word.startswith("-")}
    made = [None if astray(word, deep=True) else resolved(expanded(word, run.state.values), run.state.workdir) for word in said if not word.startswith("-")]
    plain = not any(char in body.text.replace("${", "$") for char in "{~*?[\\'") and not any(" " in path for path in made if path)
    return plain and bool(made) and not of_runs(made) and bool(options - {"-v"}) and options <= {"-p", "-pv", "-vp", "-v", "--parents"} and all(path and _made_by_workdir(before, at, path) for path in made)


def renews(before: Stage, at: int) -> bool:
    """Whether a RUN may make its WORKDIR again, which one before removed, and no WORKDIR after it does."""
    here = before.entries[at].state.workdir
    if here in (None, "/") or not any(each.keyword == "RUN" and removes(each, here, wary=True) for each in before.entries[:at]):
        return False
    return not _made_by_workdir(before, at, here)


def _made_by_workdir(before: Stage, at: int, path: str) -> bool:
    for each in before.entries[at + 1 :]:
        if each.keyword == "WORKDIR" and each.state.root:
            made = goes_to(each.instruction, each.state)
            if made and (made + "/").startswith(path.rstrip("/") + "/"):
                return True
        if concerns(each, (path,)):
            return False
    return False
